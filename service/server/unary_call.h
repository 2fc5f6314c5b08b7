#ifndef COMMUNIQUE_SERVICE_SERVER_UNARY_CALL_H_
#define COMMUNIQUE_SERVICE_SERVER_UNARY_CALL_H_

#include <atomic>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "google/protobuf/message_lite.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/async_unary_call.h"
#include "grpcpp/support/byte_buffer.h"
#include "service/server/open_calls.h"
#include "service/server/tag.h"

namespace communique::server {

class UnaryCall;

// One rpc of the table: how calls of it are accepted, and what answers them.
struct UnaryMethod {
  std::string name;  // "CatalogService/GetSummit"
  bool is_write = false;
  std::function<void(grpc::ServerContext*, grpc::ByteBuffer*,
                     grpc::ServerAsyncResponseWriter<grpc::ByteBuffer>*,
                     grpc::ServerCompletionQueue*, void*)>
      accept;
  // Ends in exactly one of the Finish methods of the call, now or later, on any
  // thread.
  std::function<void(UnaryCall&)> handle;
  // Whether WhyGone is told of callers that cancel, which costs an event more a call.
  bool hears_cancel = false;
  // Of the listener; set before calls are accepted.
  MethodCounters* counters = nullptr;
};

// One unary call, from being accepted to its answer having left. Deletes itself.
class UnaryCall final : public Tag {
 public:
  // Accepts the next call of the method; all outlive the queue.
  static void Accept(const UnaryMethod& method, grpc::ServerCompletionQueue& queue,
                     OpenCalls& calls);

  const std::string& principal() const { return principal_; }
  // Whose thread handles it.
  grpc::ServerCompletionQueue& queue() { return queue_; }
  // DEADLINE_EXCEEDED or CANCELLED when the caller has stopped waiting. Any thread.
  absl::Status WhyGone() const;
  // INVALID_ARGUMENT when the request does not parse.
  absl::Status Parse(google::protobuf::MessageLite& request) const;
  // For the log.
  void set_request_id(const std::string& id) { record_.request_id = id; }
  void set_revision(int64_t revision) { record_.revision = revision; }

  void Finish(const absl::Status& status);
  void Finish(const google::protobuf::MessageLite& response);
  // The answer as it goes over the wire.
  void FinishBytes(std::string response);

  void Proceed(bool ok) override;

 private:
  UnaryCall(const UnaryMethod& method, grpc::ServerCompletionQueue& queue, OpenCalls& calls)
      : method_(method),
        queue_(queue),
        calls_(calls),
        writer_(&context_),
        done_(this, &UnaryCall::OnDone) {}
  // The caller has its answer, or has gone: of methods that hear it.
  void OnDone(bool ok);
  // One of the operations has come back; after the last it deletes itself.
  void Release();
  // Counts the call, and logs it when it is of those that are logged.
  void Note(const absl::Status& status);

  const UnaryMethod& method_;
  grpc::ServerCompletionQueue& queue_;
  OpenCalls& calls_;
  OpenCalls::Ticket ticket_;
  grpc::ServerContext context_;
  grpc::ByteBuffer request_;
  grpc::ServerAsyncResponseWriter<grpc::ByteBuffer> writer_;
  std::string principal_;
  CallRecord record_;
  absl::Time begin_;
  bool accepted_ = false;
  MemberTag<UnaryCall> done_;
  std::atomic<bool> cancelled_{false};
  std::atomic<int> outstanding_{0};  // operations that have not come back
};

}  // namespace communique::server

#endif  // COMMUNIQUE_SERVICE_SERVER_UNARY_CALL_H_
