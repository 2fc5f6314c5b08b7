#include "src/stub_factory.h"

#include <utility>

#include "absl/time/clock.h"
#include "src/backoff.h"
#include "src/call_metadata.h"
#include "src/grpc_stub.h"
#include "src/retry_budget.h"

namespace communique::internal {
namespace {

// Streams pass through every layer but the metadata: Watch and Loader resume by
// themselves and tell the observer, since only they know what progress is.
class StubDecorator : public Stub {
 public:
  explicit StubDecorator(std::shared_ptr<Stub> child) : child_(std::move(child)) {}
  std::unique_ptr<PendingCall> Start(const UnaryMethod& method, CallContext context,
                                     const google::protobuf::Message& request) override {
    return child_->Start(method, std::move(context), request);
  }
  std::unique_ptr<WatchStream> Watch(CallContext context,
                                     const v1::WatchRequest& request) override {
    return child_->Watch(std::move(context), request);
  }
  std::unique_ptr<LoadStream> Load(CallContext context) override {
    return child_->Load(std::move(context));
  }

 protected:
  Stub& child() { return *child_; }

 private:
  std::shared_ptr<Stub> child_;
};

// Streams that were refused before they began.
class FailedWatchStream final : public WatchStream {
 public:
  explicit FailedWatchStream(absl::Status status) : status_(std::move(status)) {}
  absl::StatusOr<std::optional<WatchBatch>> Read(absl::Duration) override { return status_; }
  void Cancel() override {}

 private:
  const absl::Status status_;
};

class FailedLoadStream final : public LoadStream {
 public:
  explicit FailedLoadStream(absl::Status status) : status_(std::move(status)) {}
  absl::Status Write(const v1::LoadRequest&, absl::Time) override { return status_; }
  absl::Status WritesDone(absl::Time) override { return status_; }
  absl::StatusOr<std::optional<v1::LoadResponse>> Read(absl::Time) override { return status_; }
  std::optional<v1::LoadResponse> Poll() override { return std::nullopt; }
  void Cancel() override {}

 private:
  const absl::Status status_;
};

// Says who calls, and within which trace.
class MetadataStub final : public StubDecorator {
 public:
  MetadataStub(std::shared_ptr<Stub> child, const ClientOptions& options)
      : StubDecorator(std::move(child)), metadata_(options) {}

  absl::Status Call(const UnaryMethod& method, CallContext context,
                    const google::protobuf::Message& request,
                    google::protobuf::Message* response) override {
    if (absl::Status refusal = metadata_.AddTo(context); !refusal.ok()) return refusal;
    return child().Call(method, std::move(context), request, response);
  }
  std::unique_ptr<PendingCall> Start(const UnaryMethod& method, CallContext context,
                                     const google::protobuf::Message& request) override {
    if (!metadata_.AddTo(context).ok()) return nullptr;
    return child().Start(method, std::move(context), request);
  }
  std::unique_ptr<WatchStream> Watch(CallContext context,
                                     const v1::WatchRequest& request) override {
    if (absl::Status refusal = metadata_.AddTo(context); !refusal.ok()) {
      return std::make_unique<FailedWatchStream>(std::move(refusal));
    }
    return child().Watch(std::move(context), request);
  }
  std::unique_ptr<LoadStream> Load(CallContext context) override {
    if (absl::Status refusal = metadata_.AddTo(context); !refusal.ok()) {
      return std::make_unique<FailedLoadStream>(std::move(refusal));
    }
    return child().Load(std::move(context));
  }

 private:
  CallMetadata metadata_;
};

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
    absl::Status Finish(absl::Time deadline, google::protobuf::Message* response) override {
      const absl::Status status = call_->Finish(deadline, response);
      observer_(CallEvent{.kind = CallEvent::Kind::kAttempt,
                          .method = std::string(method_),
                          .status = status,
                          .latency = absl::Now() - start_});
      return status;
    }

   private:
    const std::unique_ptr<PendingCall> call_;
    const absl::string_view method_;
    const CallObserver observer_;
    const absl::Time start_ = absl::Now();
  };

  const CallObserver observer_;
};

// The one retry loop. Every unary call may be repeated: reads change nothing,
// and a Commit always carries a request_id.
class RetryStub final : public StubDecorator {
 public:
  RetryStub(std::shared_ptr<Stub> child, const RetryOptions& options, CallObserver observer)
      : StubDecorator(std::move(child)),
        options_(options),
        observer_(std::move(observer)),
        budget_(options.budget, options.budget_per_second) {}

  absl::Status Call(const UnaryMethod& method, CallContext context,
                    const google::protobuf::Message& request,
                    google::protobuf::Message* response) override {
    Backoff backoff(options_);
    while (true) {
      const absl::Status status = child().Call(method, context, request, response);
      if (!absl::IsUnavailable(status)) return status;
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
    }
  }

 private:
  const RetryOptions options_;
  const CallObserver observer_;
  RetryBudget budget_;
};

}  // namespace

std::shared_ptr<Stub> MakeStub(const ClientOptions& options) {
  std::shared_ptr<Stub> stub = MakeGrpcStub(options);
  stub = std::make_shared<MetadataStub>(std::move(stub), options);
  if (options.observer) stub = std::make_shared<ObserverStub>(std::move(stub), options.observer);
  if (options.retry.enabled) {
    stub = std::make_shared<RetryStub>(std::move(stub), options.retry, options.observer);
  }
  return stub;
}

}  // namespace communique::internal
