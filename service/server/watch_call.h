#ifndef COMMUNIQUE_SERVICE_SERVER_WATCH_CALL_H_
#define COMMUNIQUE_SERVICE_SERVER_WATCH_CALL_H_

#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/async_stream.h"
#include "grpcpp/support/byte_buffer.h"
#include "service/feed/feed.h"
#include "service/server/open_calls.h"
#include "service/server/rpc_table.h"
#include "service/server/service.h"
#include "service/server/tag.h"

namespace communique::server {

// One watch on the wire. At most one write is outstanding; while it is, nothing
// is kept but the watcher's position. When it completes, or the feed wakes the
// idle stream, the watcher is asked for its next step.
class WatchCall final : public feed::Wakeable, public std::enable_shared_from_this<WatchCall> {
 public:
  // Accepts the next watch; all outlive the queue.
  static void Accept(RawFeed& raw, grpc::ServerCompletionQueue& queue, Service& service,
                     OpenCalls& calls);

  void Wake(bool may_read) override;

 private:
  WatchCall(RawFeed& raw, grpc::ServerCompletionQueue& queue, Service& service, OpenCalls& calls);

  void OnAccepted(bool ok);
  void OnWritten(bool ok);
  void OnFinished(bool ok);
  void OnDone(bool ok);
  void Open();
  // Does what can be done now: writes, arms, or finishes.
  void Pump(bool may_read) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Finish(const absl::Status& status) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Counts the call as ended, once.
  void Count(absl::StatusCode code) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Lets go of itself once nothing is outstanding.
  void Release() ABSL_LOCKS_EXCLUDED(mutex_);

  RawFeed& raw_;
  grpc::ServerCompletionQueue& queue_;
  Service& service_;
  OpenCalls& calls_;
  MethodCounters& counters_;
  OpenCalls::Ticket ticket_;
  grpc::ServerContext context_;
  grpc::ByteBuffer request_;
  grpc::ServerAsyncWriter<grpc::ByteBuffer> writer_;
  MemberTag<WatchCall> accepted_;
  MemberTag<WatchCall> written_;
  MemberTag<WatchCall> finished_;
  MemberTag<WatchCall> done_;
  std::string principal_;
  absl::Time begin_;

  // Not held while the feed's lock is waited for by Wake, which takes none.
  // Order: this, then the feed's.
  absl::Mutex mutex_;
  std::unique_ptr<feed::Watcher> watcher_ ABSL_GUARDED_BY(mutex_);
  bool under_way_ ABSL_GUARDED_BY(mutex_) = false;  // accepted and not counted as ended
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool finishing_ ABSL_GUARDED_BY(mutex_) = false;
  bool gone_ ABSL_GUARDED_BY(mutex_) = false;      // the client, or the connection
  bool done_seen_ ABSL_GUARDED_BY(mutex_) = false;
  std::shared_ptr<WatchCall> self_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace communique::server

#endif  // COMMUNIQUE_SERVICE_SERVER_WATCH_CALL_H_
