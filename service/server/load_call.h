#ifndef COMMUNIQUE_SERVICE_SERVER_LOAD_CALL_H_
#define COMMUNIQUE_SERVICE_SERVER_LOAD_CALL_H_

#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "communique/v1/publish.pb.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/async_stream.h"
#include "grpcpp/support/byte_buffer.h"
#include "service/server/open_calls.h"
#include "service/server/rpc_table.h"
#include "service/server/service.h"
#include "service/server/tag.h"

namespace communique::server {

// One load on the wire: header, then lines. Lines are handed to the store as
// they come, a bounded number at once; the state of the load is acknowledged as
// lines become durable, several with one message when the client is slow.
class LoadCall final : public Drainable, public std::enable_shared_from_this<LoadCall> {
 public:
  static void Accept(RawPublish& raw, grpc::ServerCompletionQueue& queue, Service& service,
                     OpenCalls& calls);

  // Lines that were received are finished; the stream ends UNAVAILABLE.
  void Drain() override;

 private:
  LoadCall(RawPublish& raw, grpc::ServerCompletionQueue& queue, Service& service, OpenCalls& calls);

  void OnAccepted(bool ok);
  void OnRead(bool ok);
  void OnWritten(bool ok);
  void OnFinished(bool ok);
  void HandleHeader(const v1::LoadRequest& request) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // The line to hand to the store; null when the message was refused.
  std::unique_ptr<v1::LoadLine> HandleLine(v1::LoadRequest request)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void OnCommitted(int64_t line, size_t bytes,
                   const absl::StatusOr<v1::CommitResponse>& response);
  void Refuse(absl::Status status) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Starts whatever can be started now: a read, an acknowledgement, the end.
  void Pump() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Counts the call as ended, once.
  void Count(absl::StatusCode code) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Release() ABSL_LOCKS_EXCLUDED(mutex_);

  RawPublish& raw_;
  grpc::ServerCompletionQueue& queue_;
  Service& service_;
  OpenCalls& calls_;
  MethodCounters& counters_;
  OpenCalls::Ticket ticket_;
  grpc::ServerContext context_;
  grpc::ServerAsyncReaderWriter<grpc::ByteBuffer, grpc::ByteBuffer> stream_;
  MemberTag<LoadCall> accepted_;
  MemberTag<LoadCall> read_;
  MemberTag<LoadCall> written_;
  MemberTag<LoadCall> finished_;
  std::string principal_;
  absl::Time begin_;

  absl::Mutex mutex_;
  grpc::ByteBuffer incoming_ ABSL_GUARDED_BY(mutex_);  // while reading_
  std::shared_ptr<store::LoadSession> session_ ABSL_GUARDED_BY(mutex_);
  v1::LoadResponse state_ ABSL_GUARDED_BY(mutex_);  // what is to be acknowledged
  bool unacknowledged_ ABSL_GUARDED_BY(mutex_) = false;
  int64_t last_line_ ABSL_GUARDED_BY(mutex_) = 0;  // received
  int in_flight_ ABSL_GUARDED_BY(mutex_) = 0;      // received and not durable
  size_t bytes_in_flight_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Status error_ ABSL_GUARDED_BY(mutex_);
  bool under_way_ ABSL_GUARDED_BY(mutex_) = false;  // accepted and not counted as ended
  bool reading_ ABSL_GUARDED_BY(mutex_) = false;
  bool reads_done_ ABSL_GUARDED_BY(mutex_) = false;
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool finishing_ ABSL_GUARDED_BY(mutex_) = false;
  bool over_ ABSL_GUARDED_BY(mutex_) = false;  // finished, or the client is gone
  std::shared_ptr<LoadCall> self_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace communique::server

#endif  // COMMUNIQUE_SERVICE_SERVER_LOAD_CALL_H_
