#include "service/server/unary_call.h"

#include <utility>

#include "absl/time/clock.h"
#include "service/server/byte_buffer.h"
#include "service/server/caller.h"
#include "service/server/status.h"

namespace communique::server {

void UnaryCall::Accept(const UnaryMethod& method, grpc::ServerCompletionQueue& queue,
                       OpenCalls& calls) {
  auto* call = new UnaryCall(method, queue, calls);
  method.accept(&call->context_, &call->request_, &call->writer_, &queue, call);
}

void UnaryCall::Proceed(bool ok) {
  if (accepted_ || !ok) {
    // The answer has left, or the server shuts down.
    delete this;
    return;
  }
  accepted_ = true;
  Accept(method_, queue_, calls_);
  ticket_.Take(calls_);
  begin_ = absl::Now();
  auto principal = PrincipalOf(context_);
  if (!principal.ok()) return Finish(principal.status());
  principal_ = *std::move(principal);
  method_.handle(*this);
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
