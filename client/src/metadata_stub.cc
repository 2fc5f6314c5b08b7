#include "src/metadata_stub.h"

#include <optional>
#include <string>
#include <utility>

#include "src/call_metadata.h"
#include "src/stub_decorator.h"

namespace communique::internal {
namespace {

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

// What a call that carried a token hands the server's judgement of it to.
// Shared with calls under way, which may outlive the connection.
class Verdict {
 public:
  Verdict(std::shared_ptr<CallMetadata> metadata, std::string token)
      : metadata_(std::move(metadata)), token_(std::move(token)) {}

  absl::Status Judge(absl::Status status) {
    if (status.ok() && std::exchange(taken_, true)) return status;  // a stream goes on
    return metadata_->Judge(token_, std::move(status));
  }

 private:
  const std::shared_ptr<CallMetadata> metadata_;
  const std::string token_;
  bool taken_ = false;
};

class JudgedCall final : public PendingCall {
 public:
  JudgedCall(std::unique_ptr<PendingCall> call, Verdict verdict)
      : call_(std::move(call)), verdict_(std::move(verdict)) {}
  absl::Status Finish(absl::Time deadline, google::protobuf::Message* response) override {
    return verdict_.Judge(call_->Finish(deadline, response));
  }

 private:
  const std::unique_ptr<PendingCall> call_;
  Verdict verdict_;
};

class JudgedWatchStream final : public WatchStream {
 public:
  JudgedWatchStream(std::unique_ptr<WatchStream> stream, Verdict verdict)
      : stream_(std::move(stream)), verdict_(std::move(verdict)) {}
  absl::StatusOr<std::optional<WatchBatch>> Read(absl::Duration max_silence) override {
    auto batch = stream_->Read(max_silence);
    if (absl::Status status = verdict_.Judge(batch.status()); !status.ok()) return status;
    return batch;
  }
  void Cancel() override { stream_->Cancel(); }

 private:
  const std::unique_ptr<WatchStream> stream_;
  Verdict verdict_;
};

class JudgedLoadStream final : public LoadStream {
 public:
  JudgedLoadStream(std::unique_ptr<LoadStream> stream, Verdict verdict)
      : stream_(std::move(stream)), verdict_(std::move(verdict)) {}
  // That a message was sent says nothing yet.
  absl::Status Write(const v1::LoadRequest& request, absl::Time deadline) override {
    return JudgeError(stream_->Write(request, deadline));
  }
  absl::Status WritesDone(absl::Time deadline) override {
    return JudgeError(stream_->WritesDone(deadline));
  }
  absl::StatusOr<std::optional<v1::LoadResponse>> Read(absl::Time deadline) override {
    auto answer = stream_->Read(deadline);
    if (absl::Status status = verdict_.Judge(answer.status()); !status.ok()) return status;
    return answer;
  }
  std::optional<v1::LoadResponse> Poll() override { return stream_->Poll(); }
  void Cancel() override { stream_->Cancel(); }

 private:
  absl::Status JudgeError(absl::Status status) {
    return status.ok() ? status : verdict_.Judge(std::move(status));
  }

  const std::unique_ptr<LoadStream> stream_;
  Verdict verdict_;
};

class MetadataStub final : public StubDecorator {
 public:
  MetadataStub(std::shared_ptr<Stub> child, const ClientOptions& options, absl::Status refusal)
      : StubDecorator(std::move(child)),
        metadata_(std::make_shared<CallMetadata>(options, std::move(refusal))) {}

  absl::Status Call(const UnaryMethod& method, CallContext context,
                    const google::protobuf::Message& request,
                    google::protobuf::Message* response) override {
    const absl::StatusOr<std::string> token = metadata_->AddTo(context, CallKind::kUnary);
    if (!token.ok()) return token.status();
    absl::Status status = child().Call(method, std::move(context), request, response);
    return metadata_->Judge(*token, std::move(status));
  }

  std::unique_ptr<PendingCall> Start(const UnaryMethod& method, CallContext context,
                                     const google::protobuf::Message& request) override {
    absl::StatusOr<std::string> token = metadata_->AddTo(context, CallKind::kUnary);
    if (!token.ok()) return nullptr;
    auto call = child().Start(method, std::move(context), request);
    return call == nullptr ? nullptr : Judged<JudgedCall>(std::move(call), *std::move(token));
  }

  std::unique_ptr<WatchStream> Watch(CallContext context,
                                     const v1::WatchRequest& request) override {
    absl::StatusOr<std::string> token = metadata_->AddTo(context, CallKind::kStream);
    if (!token.ok()) return std::make_unique<FailedWatchStream>(token.status());
    auto stream = child().Watch(std::move(context), request);
    return Judged<JudgedWatchStream>(std::move(stream), *std::move(token));
  }

  std::unique_ptr<LoadStream> Load(CallContext context) override {
    absl::StatusOr<std::string> token = metadata_->AddTo(context, CallKind::kStream);
    if (!token.ok()) return std::make_unique<FailedLoadStream>(token.status());
    auto stream = child().Load(std::move(context));
    return Judged<JudgedLoadStream>(std::move(stream), *std::move(token));
  }

 private:
  // The call itself when there is nothing to judge.
  template <typename JudgedType, typename Call>
  std::unique_ptr<Call> Judged(std::unique_ptr<Call> call, std::string token) {
    if (token.empty()) return call;
    return std::make_unique<JudgedType>(std::move(call), Verdict(metadata_, std::move(token)));
  }

  const std::shared_ptr<CallMetadata> metadata_;
};

}  // namespace

std::shared_ptr<Stub> MakeMetadataStub(std::shared_ptr<Stub> child, const ClientOptions& options,
                                       absl::Status refusal) {
  return std::make_shared<MetadataStub>(std::move(child), options, std::move(refusal));
}

}  // namespace communique::internal
