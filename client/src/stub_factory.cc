#include "src/stub_factory.h"

#include <utility>

#include "absl/time/clock.h"
#include "src/check_options.h"
#include "src/grpc_stub.h"
#include "src/metadata_stub.h"
#include "src/retry_stub.h"
#include "src/stub_decorator.h"

namespace communique::internal {
namespace {

// Tells the observer of each attempt.
class ObserverStub final : public StubDecorator {
 public:
  ObserverStub(std::shared_ptr<Stub> child, CallObserver observer)
      : StubDecorator(std::move(child)), observer_(std::move(observer)) {}

  absl::Status Call(const UnaryMethod& method, CallContext context,
                    const google::protobuf::Message& request,
                    google::protobuf::Message* response) override {
    const absl::Time start = absl::Now();
    const int attempt = context.attempt;
    const absl::Status status = child().Call(method, std::move(context), request, response);
    observer_(CallEvent{.kind = CallEvent::Kind::kAttempt,
                        .method = std::string(method.name),
                        .attempt = attempt,
                        .status = status,
                        .latency = absl::Now() - start});
    return status;
  }
  std::unique_ptr<PendingCall> Start(const UnaryMethod& method, CallContext context,
                                     const google::protobuf::Message& request) override {
    std::unique_ptr<PendingCall> call = child().Start(method, std::move(context), request);
    if (call == nullptr) return nullptr;
    return std::make_unique<ObservedCall>(std::move(call), method.name, observer_);
  }

 private:
  class ObservedCall final : public PendingCall {
   public:
    ObservedCall(std::unique_ptr<PendingCall> call, absl::string_view method,
                 const CallObserver& observer)
        : call_(std::move(call)), method_(method), observer_(observer) {}
    ~ObservedCall() override {
      if (!finished_) Observe(absl::CancelledError("nobody came for the answer"));
    }
    absl::Status Finish(absl::Time deadline, google::protobuf::Message* response) override {
      finished_ = true;
      const absl::Status status = call_->Finish(deadline, response);
      Observe(status);
      return status;
    }

   private:
    void Observe(const absl::Status& status) const {
      observer_(CallEvent{.kind = CallEvent::Kind::kAttempt,
                          .method = std::string(method_),
                          .status = status,
                          .latency = absl::Now() - start_});
    }

    const std::unique_ptr<PendingCall> call_;
    const absl::string_view method_;
    const CallObserver observer_;
    const absl::Time start_ = absl::Now();
    bool finished_ = false;
  };

  const CallObserver observer_;
};

}  // namespace

std::shared_ptr<Stub> MakeStub(const ClientOptions& options) {
  absl::Status refusal = CheckOptions(options);
  std::shared_ptr<Stub> stub = MakeGrpcStub(refusal.ok() ? options : ClientOptions());
  stub = MakeMetadataStub(std::move(stub), options, std::move(refusal));
  if (options.observer) stub = std::make_shared<ObserverStub>(std::move(stub), options.observer);
  if (options.retry.enabled) {
    stub = MakeRetryStub(std::move(stub), options.retry, options.observer);
  }
  return stub;
}

}  // namespace communique::internal
