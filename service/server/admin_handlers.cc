#include "communique/v1/admin.pb.h"
#include "service/base/timestamp.h"
#include "service/screening/list_versions.h"
#include "service/server/handlers.h"
#include "service/server/version.h"
#include "service/store/errors.h"

namespace communique::server {
namespace {

absl::Status AddLists(Service& service, v1::GetStatusResponse& response) {
  const auto lists = service.lists().AtHead();
  if (!lists.ok()) return lists.status();
  for (const v1::ListStatus& list : **lists) {
    v1::ListStatus& added = *response.add_lists();
    added = list;
    if (const auto age = screening::AgeOf(list, service.clock().Now())) {
      added.mutable_age()->set_seconds(absl::ToInt64Seconds(*age));
    }
  }
  return absl::OkStatus();
}

}  // namespace

void HandleGetStatus(Service& service, UnaryCall& call) {
  v1::GetStatusRequest request;
  if (absl::Status status = call.Parse(request); !status.ok()) return call.Finish(status);
  const auto view = service.reader().Open({});
  if (!view.ok()) return call.Finish(view.status());
  const journal::LocalStore& local = service.local();
  const absl::Status health = service.store().health();
  v1::GetStatusResponse response;
  response.set_store_id(local.identity().store_id);
  response.set_epoch(local.identity().epoch);
  response.set_head_revision(view->revision());
  response.set_oldest_revision(local.oldest());
  if (view->revision() > 0) *response.mutable_head_time() = view->pin().revision_time();
  response.set_journal_hash(view->pin().journal_hash());
  response.set_record_count(local.live_count());
  response.set_watch_count(service.feed().watch_count());
  response.set_state(service.draining() ? v1::SERVER_STATE_DRAINING
                     : !health.ok()     ? v1::SERVER_STATE_JOURNAL_STOPPED
                                        : v1::SERVER_STATE_SERVING);
  response.set_state_reason(std::string(health.message()));
  base::SetTimestamp(service.start_time(), *response.mutable_start_time());
  response.set_server_version(kServerVersion);
  response.set_journal_engine(std::string(local.engine_name()));
  response.set_durability(local.durable() ? v1::DURABILITY_SYNCED : v1::DURABILITY_MEMORY);
  response.set_disk_bytes(local.disk_bytes());
  response.set_index_bytes(service.index().memory_bytes());
  response.set_index_version_count(service.index().version_count());
  response.set_unindexed_version_count(service.index().unindexed_count());
  if (absl::Status status = AddLists(service, response); !status.ok()) return call.Finish(status);
  call.Finish(response);
}

void HandleTrimJournal(Service& service, UnaryCall& call) {
  v1::TrimJournalRequest request;
  if (absl::Status status = call.Parse(request); !status.ok()) return call.Finish(status);
  service.store().Trim(request.revision(), call.principal(),
                       [&call](absl::StatusOr<int64_t> oldest) {
                         if (!oldest.ok()) return call.Finish(oldest.status());
                         v1::TrimJournalResponse response;
                         response.set_oldest_revision(*oldest);
                         call.Finish(response);
                       });
}

void HandleNotImplemented(absl::string_view rpc, UnaryCall& call) {
  call.Finish(store::NotImplemented(rpc));
}

}  // namespace communique::server
