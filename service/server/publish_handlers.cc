#include <utility>

#include "communique/v1/publish.pb.h"
#include "service/server/handlers.h"

namespace communique::server {

void HandleCommit(Service& service, UnaryCall& call) {
  v1::CommitRequest request;
  if (absl::Status status = call.Parse(request); !status.ok()) return call.Finish(status);
  call.set_request_id(request.request_id());
  service.store().Commit(std::move(request), call.principal(),
                         [&call](absl::StatusOr<v1::CommitResponse> response) {
                           if (!response.ok()) return call.Finish(response.status());
                           call.set_revision(response->revision());
                           call.Finish(*response);
                         });
}

}  // namespace communique::server
