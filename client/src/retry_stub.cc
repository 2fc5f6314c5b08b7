#include "src/retry_stub.h"

#include <string>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/time/clock.h"
#include "src/backoff.h"
#include "src/retry_budget.h"
#include "src/stub_decorator.h"

namespace communique::internal {
namespace {

class RetryStub final : public StubDecorator, public std::enable_shared_from_this<RetryStub> {
 public:
  RetryStub(std::shared_ptr<Stub> child, const RetryOptions& options, CallObserver observer)
      : StubDecorator(std::move(child)),
        options_(options),
        observer_(std::move(observer)),
        budget_(options.budget, options.budget_per_second) {}

  absl::Status Call(const UnaryMethod& method, CallContext context,
                    const google::protobuf::Message& request,
                    google::protobuf::Message* response) override {
    return Repeat(method, context, [&](const CallContext& attempt) {
      return child().Call(method, attempt, request, response);
    });
  }

  std::unique_ptr<PendingCall> Start(const UnaryMethod& method, CallContext context,
                                     const google::protobuf::Message& request) override {
    std::unique_ptr<PendingCall> first = child().Start(method, context, request);
    if (first == nullptr) return nullptr;
    return std::make_unique<RetriedCall>(shared_from_this(), method, std::move(context), request,
                                         std::move(first));
  }

 private:
  // A call whose first attempt is under way; the others are made by who waits for it.
  class RetriedCall final : public PendingCall {
   public:
    RetriedCall(std::shared_ptr<RetryStub> stub, const UnaryMethod& method, CallContext context,
                const google::protobuf::Message& request, std::unique_ptr<PendingCall> first)
        : stub_(std::move(stub)),
          method_(method),
          context_(std::move(context)),
          request_(request.New()),
          first_(std::move(first)) {
      request_->CopyFrom(request);
    }
    absl::Status Finish(absl::Time deadline, google::protobuf::Message* response) override {
      context_.deadline = deadline;
      return stub_->Repeat(method_, context_, [&](const CallContext& attempt) {
        if (attempt.attempt == 1) return first_->Finish(deadline, response);
        return stub_->child().Call(method_, attempt, *request_, response);
      });
    }

   private:
    const std::shared_ptr<RetryStub> stub_;  // outlives its connection
    const UnaryMethod& method_;
    CallContext context_;
    const std::unique_ptr<google::protobuf::Message> request_;
    const std::unique_ptr<PendingCall> first_;
  };

  absl::Status Repeat(const UnaryMethod& method, CallContext context,
                      absl::FunctionRef<absl::Status(const CallContext& context)> attempt) {
    Backoff backoff(options_);
    absl::Status before;
    while (true) {
      const absl::Status status = attempt(context);
      // Of a deadline that passed, the attempt before knows more.
      if (absl::IsDeadlineExceeded(status)) return WithCause(status, before);
      if (!IsRetryable(status)) return status;
      const absl::Duration delay = backoff.Next(status);
      // The last error says more than a deadline that passes while asleep.
      if (absl::Now() + delay >= context.deadline || !budget_.Take(absl::Now())) return status;
      if (observer_) {
        observer_(CallEvent{.kind = CallEvent::Kind::kRetry,
                            .method = std::string(method.name),
                            .attempt = context.attempt,
                            .status = status,
                            .delay = delay});
      }
      absl::SleepFor(delay);
      ++context.attempt;
      before = status;
    }
  }

  const RetryOptions options_;
  const CallObserver observer_;
  RetryBudget budget_;
};

}  // namespace

std::shared_ptr<Stub> MakeRetryStub(std::shared_ptr<Stub> child, const RetryOptions& options,
                                    CallObserver observer) {
  return std::make_shared<RetryStub>(std::move(child), options, std::move(observer));
}

}  // namespace communique::internal
