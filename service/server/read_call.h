#ifndef COMMUNIQUE_SERVICE_SERVER_READ_CALL_H_
#define COMMUNIQUE_SERVICE_SERVER_READ_CALL_H_

#include <memory>
#include <string>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "communique/v1/record.pb.h"
#include "service/base/error.h"
#include "service/base/hash.h"
#include "service/base/limits.h"
#include "service/query/page_token.h"
#include "service/server/service.h"
#include "service/server/unary_call.h"
#include "service/store/reader.h"

// What the reading rpcs share: names and page sizes are checked, a view is
// opened, a page token is bound to its query and pins the view.
namespace communique::server {

// Runs `run` on the thread of the call's queue, soon. Not after Finish.
void RunOnQueue(UnaryCall& call, absl::AnyInvocable<void()> run);

// Runs `read(view, request)` on the view of the request's scope, after its
// `min_revision` came. The request lives as long as it takes.
template <typename Request, typename Read>
void WithView(Service& service, UnaryCall& call, std::shared_ptr<Request> request, Read read) {
  const int64_t min_revision = request->scope().min_revision();
  auto run = [&service, &call, request = std::move(request), read = std::move(read)]() mutable {
    auto view = service.reader().Open(request->scope());
    if (!view.ok()) return call.Finish(view.status());
    read(*std::move(view), *request);
  };
  if (min_revision <= service.reader().head()) return run();
  service.waiters().Wait(min_revision, base::kMinRevisionWait,
                         [&call, run = std::move(run)]() mutable {
                           RunOnQueue(call, std::move(run));
                         });
}

// Adds a violation of `name` unless it is well-formed and of the kind
// (UNSPECIFIED: any).
void CheckName(const std::string& name, v1::RecordKind kind, base::Violations& violations);

int PageSize(int asked, base::Violations& violations);

// The page that a paged request asks for, of one query: everything in the request
// but the page.
class PageOf {
 public:
  // INVALID_ARGUMENT (INVALID_PAGE_TOKEN) for a token that is not of this query.
  template <typename Request>
  static absl::StatusOr<PageOf> Parse(const Service& service, absl::string_view rpc,
                                      const Request& request) {
    Request query = request;
    query.clear_page_size();
    query.clear_page_token();
    return Parse(service, base::Fnv1a64(std::string(rpc) + "/" + query.SerializeAsString()),
                 request.page_token());
  }

  bool first() const { return token_.epoch.empty(); }
  const std::string& after() const { return token_.after; }
  const std::string& after_key() const { return token_.after_key; }
  // Every page sees the revision of the first one.
  absl::StatusOr<store::ReadView> Pin(const Service& service, store::ReadView view) const;
  // Where the page after this one goes on.
  std::string Next(const store::ReadView& view, std::string after,
                   std::string after_key = "") const;

 private:
  static absl::StatusOr<PageOf> Parse(const Service& service, uint64_t query,
                                      const std::string& token);
  uint64_t query_ = 0;
  std::string epoch_;
  query::PageToken token_;
};

}  // namespace communique::server

#endif  // COMMUNIQUE_SERVICE_SERVER_READ_CALL_H_
