#include "service/server/unary_call.h"

#include <chrono>
#include <utility>

#include "absl/time/clock.h"
#include "service/server/byte_buffer.h"
#include "service/server/caller.h"
#include "service/server/status.h"

namespace communique::server {

void UnaryCall::Accept(const UnaryMethod& method, grpc::ServerCompletionQueue& queue,
                       OpenCalls& calls) {
  auto* call = new UnaryCall(method, queue, calls);
  if (method.hears_cancel) call->context_.AsyncNotifyWhenDone(&call->done_);
  method.accept(&call->context_, &call->request_, &call->writer_, &queue, call);
}

void UnaryCall::Proceed(bool ok) {
  if (accepted_) return Release();  // the answer has left
  if (!ok) {
    // The server shuts down; the call never began, and OnDone never comes.
    delete this;
    return;
  }
  accepted_ = true;
  outstanding_ = method_.hears_cancel ? 2 : 1;
  Accept(method_, queue_, calls_);
  ticket_.Take(calls_);
  begin_ = absl::Now();
  auto principal = PrincipalOf(context_);
  if (!principal.ok()) return Finish(principal.status());
  principal_ = *std::move(principal);
  method_.handle(*this);
}

void UnaryCall::OnDone(bool) {
  cancelled_.store(context_.IsCancelled(), std::memory_order_relaxed);
  Release();
}

void UnaryCall::Release() {
  if (outstanding_.fetch_sub(1) == 1) delete this;
}

absl::Status UnaryCall::WhyGone() const {
  if (context_.deadline() < std::chrono::system_clock::now()) {
    return absl::DeadlineExceededError("the call's deadline passed while it waited for its turn");
  }
  if (cancelled_.load(std::memory_order_relaxed)) {
    return absl::CancelledError("the caller has gone");
  }
  return absl::OkStatus();
}

absl::Status UnaryCall::Parse(google::protobuf::MessageLite& request) const {
  return ParseRequest(request_, request);
}

void UnaryCall::Note(const absl::Status& status) {
  const absl::Duration latency = absl::Now() - begin_;
  method_.counters->Note(status.code(), latency);
  if (!calls_.log().Wants(status, latency, method_.is_write)) return;
  record_.method = method_.name;
  record_.is_write = method_.is_write;
  record_.status = status;
  record_.latency = latency;
  record_.principal = principal_;
  record_.peer = context_.peer();
  calls_.log().Write(record_);
}

void UnaryCall::Finish(const absl::Status& status) {
  Note(status);
  writer_.FinishWithError(ToGrpcStatus(status), this);
}

void UnaryCall::Finish(const google::protobuf::MessageLite& response) {
  FinishBytes(response.SerializeAsString());
}

void UnaryCall::FinishBytes(std::string response) {
  Note(absl::OkStatus());
  writer_.Finish(ToByteBuffer(std::move(response)), grpc::Status::OK, this);
}

}  // namespace communique::server
