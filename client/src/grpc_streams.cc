#include "src/grpc_streams.h"

#include <grpcpp/client_context.h>
#include <grpcpp/completion_queue.h>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "src/grpc_context.h"
#include "src/status.h"

namespace communique::internal {
namespace {

// What may be under way on a stream, as bits; also the tags on the queue.
enum Operation : std::uintptr_t { kStart = 1, kRead = 2, kWrite = 4, kFinish = 8 };

void* Tag(Operation operation) { return reinterpret_cast<void*>(std::uintptr_t{operation}); }

// A queue with the operations that wait on it.
class OperationQueue {
 public:
  ~OperationQueue() {
    queue_.Shutdown();
    void* tag;
    bool ok;
    while (queue_.Next(&tag, &ok)) continue;
  }

  grpc::CompletionQueue* queue() { return &queue_; }
  void* Begin(Operation operation) {
    pending_ |= operation;
    return Tag(operation);
  }
  bool pending(std::uintptr_t operations) const { return (pending_ & operations) != 0; }

  struct Event {
    Operation operation = kStart;
    bool ok = false;
    bool timed_out = false;
  };
  // Waits for any operation to complete.
  Event Next(absl::Time deadline) {
    void* tag = nullptr;
    Event event;
    const auto status = deadline == absl::InfiniteFuture()
                            ? (queue_.Next(&tag, &event.ok) ? grpc::CompletionQueue::GOT_EVENT
                                                            : grpc::CompletionQueue::SHUTDOWN)
                            : queue_.AsyncNext(&tag, &event.ok, ToGrpc(deadline));
    if (status != grpc::CompletionQueue::GOT_EVENT) {
      event.timed_out = true;
      return event;
    }
    event.operation = static_cast<Operation>(reinterpret_cast<std::uintptr_t>(tag));
    pending_ &= ~static_cast<std::uintptr_t>(event.operation);
    return event;
  }

 private:
  grpc::CompletionQueue queue_;
  std::uintptr_t pending_ = 0;
};

absl::Status SilenceError(absl::Duration silence) {
  return absl::UnavailableError(
      absl::StrCat("the server was silent for ", absl::FormatDuration(silence)));
}

// The bytes of a message, in one piece.
std::string BytesOf(const grpc::ByteBuffer& buffer) {
  std::string bytes;
  std::vector<grpc::Slice> slices;
  if (!buffer.Dump(&slices).ok()) return bytes;
  bytes.reserve(buffer.Length());
  for (const grpc::Slice& slice : slices) {
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return bytes;
}

// Reads one message ahead: the transport fetches it while the one before it is
// looked into.
class GrpcWatchStream final : public WatchStream {
 public:
  GrpcWatchStream(FeedStub& stub, const CallContext& context, v1::WatchRequest request,
                  absl::Duration connect_wait, std::shared_ptr<ConnectFault> fault)
      : fault_(std::move(fault)),
        connect_deadline_(connect_wait == absl::ZeroDuration() ? absl::InfiniteFuture()
                                                               : absl::Now() + connect_wait),
        request_(std::move(request)) {
    static const auto* const method =
        new std::string(absl::StrCat("/", v1::FeedService::service_full_name(), "/Watch"));
    Apply(context, context_);
    context_.set_wait_for_ready(connect_wait != absl::ZeroDuration());
    stream_ = stub.PrepareCall(&context_, *method, operations_.queue());
    stream_->StartCall(operations_.Begin(kStart));
  }

  ~GrpcWatchStream() override {
    context_.TryCancel();
    while (operations_.pending(kStart | kWrite | kRead)) operations_.Next(absl::InfiniteFuture());
    if (!finished_) Finish().IgnoreError();
  }

  absl::StatusOr<std::optional<WatchBatch>> Read(absl::Duration max_silence) override {
    if (finished_) return absl::FailedPreconditionError("the stream has ended");
    const absl::Time deadline = absl::Now() + max_silence;
    bool silent = false;
    bool unreachable = false;
    while (alive_ && operations_.pending(kStart | kWrite | kRead)) {
      const bool connecting = operations_.pending(kStart);
      const OperationQueue::Event event = operations_.Next(
          silent ? absl::InfiniteFuture()
                 : std::min(deadline, connecting ? connect_deadline_ : absl::InfiniteFuture()));
      if (event.timed_out) {
        unreachable = connecting;
        silent = true;  // The cancelled operation still has to come back.
        context_.TryCancel();
      } else {
        Take(event);
      }
    }
    if (alive_) {
      absl::StatusOr<WatchBatch> batch = WatchBatch::Parse(BytesOf(message_));
      if (!batch.ok()) return Fail(batch.status());
      stream_->Read(&message_, operations_.Begin(kRead));
      return std::optional<WatchBatch>(*std::move(batch));
    }
    const absl::Status status = Finish();
    if (unreachable) return fault_->NotReached();
    if (silent) return SilenceError(max_silence);
    if (!status.ok()) return status;
    return std::nullopt;
  }

  void Cancel() override { context_.TryCancel(); }

 private:
  // Goes on from an operation: the start, the request, then one message after another.
  void Take(const OperationQueue::Event& event) {
    if (event.operation == kWrite) return;  // Of a failed one the read knows why.
    alive_ = event.ok;
    if (alive_ && event.operation == kStart) {
      stream_->Write(request_, grpc::WriteOptions().set_last_message(), operations_.Begin(kWrite));
      stream_->Read(&message_, operations_.Begin(kRead));
    }
  }

  absl::Status Fail(absl::Status status) {
    context_.TryCancel();
    Finish().IgnoreError();
    return status;
  }

  absl::Status Finish() {
    finished_ = true;
    grpc::Status status;
    stream_->Finish(&status, operations_.Begin(kFinish));
    while (operations_.pending(kFinish)) operations_.Next(absl::InfiniteFuture());
    return fault_->Take(FromGrpc(status));
  }

  const std::shared_ptr<ConnectFault> fault_;
  const absl::Time connect_deadline_;
  const v1::WatchRequest request_;
  grpc::ClientContext context_;
  OperationQueue operations_;
  std::unique_ptr<grpc::ClientAsyncReaderWriter<v1::WatchRequest, grpc::ByteBuffer>> stream_;
  grpc::ByteBuffer message_;  // the one that is read
  bool alive_ = true;
  bool finished_ = false;
};

class GrpcLoadStream final : public LoadStream {
 public:
  GrpcLoadStream(v1::PublishService::StubInterface& stub, const CallContext& context,
                 bool wait_for_ready, std::shared_ptr<ConnectFault> fault)
      : fault_(std::move(fault)) {
    Apply(context, context_);
    context_.set_wait_for_ready(wait_for_ready);
    stream_ = stub.PrepareAsyncLoad(&context_, operations_.queue());
    stream_->StartCall(operations_.Begin(kStart));
  }

  ~GrpcLoadStream() override {
    context_.TryCancel();
    if (!finished_) Finish().IgnoreError();
  }

  absl::Status Write(const v1::LoadRequest& request, absl::Time deadline) override {
    if (absl::Status status = Await(kStart, deadline); !status.ok()) return status;
    stream_->Write(request, operations_.Begin(kWrite));
    return Await(kWrite, deadline);
  }

  absl::Status WritesDone(absl::Time deadline) override {
    if (absl::Status status = Await(kStart, deadline); !status.ok()) return status;
    stream_->WritesDone(operations_.Begin(kWrite));
    // The server may end before this is done: no fault, the next Read says how.
    while (operations_.pending(kWrite) && !broken_) {
      if (absl::Status status = Step(deadline); !status.ok()) return status;
    }
    return absl::OkStatus();
  }

  absl::StatusOr<std::optional<v1::LoadResponse>> Read(absl::Time deadline) override {
    while (answers_.empty() && !finished_ && !broken_) {
      if (absl::Status status = Step(deadline); !status.ok()) return status;
    }
    if (!answers_.empty()) return Poll();
    if (finished_) return absl::FailedPreconditionError("the stream has ended");
    if (absl::Status status = Finish(); !status.ok()) return status;
    return std::optional<v1::LoadResponse>();
  }

  std::optional<v1::LoadResponse> Poll() override {
    while (!finished_ && !broken_) {
      const OperationQueue::Event event = operations_.Next(absl::InfinitePast());
      if (event.timed_out) break;
      Take(event);
    }
    if (answers_.empty()) return std::nullopt;
    std::optional<v1::LoadResponse> answer = std::move(answers_.front());
    answers_.pop_front();
    return answer;
  }

  void Cancel() override { context_.TryCancel(); }

 private:
  // Waits until an operation is done. Answers are taken in meanwhile, so that a
  // server that waits for us to read them goes on to read us.
  absl::Status Await(Operation operation, absl::Time deadline) {
    while (operations_.pending(operation) && !finished_ && !broken_) {
      if (absl::Status status = Step(deadline); !status.ok()) return status;
    }
    if (!broken_ && !finished_) return absl::OkStatus();
    if (finished_) return absl::FailedPreconditionError("the stream has ended");
    absl::Status status = Finish();
    // The server ended with OK while we were still writing.
    return status.ok() ? absl::UnavailableError("the server ended the stream") : status;
  }

  absl::Status Step(absl::Time deadline) {
    const OperationQueue::Event event = operations_.Next(deadline);
    if (!event.timed_out) {
      Take(event);
      return absl::OkStatus();
    }
    const bool reached = !operations_.pending(kStart);
    context_.TryCancel();
    Finish().IgnoreError();
    if (!reached) return fault_->NotReached();
    return absl::UnavailableError("the server did not answer in time");
  }

  void Take(const OperationQueue::Event& event) {
    if (!event.ok) {
      broken_ = true;  // Finish knows why; a read that ends is no failure yet.
      return;
    }
    if (event.operation == kRead) answers_.push_back(std::move(answer_));
    if (event.operation == kStart || event.operation == kRead) {
      stream_->Read(&answer_, operations_.Begin(kRead));
    }
  }

  absl::Status Finish() {
    finished_ = true;
    // A failed write ends a stream only after what the server said was read.
    while (operations_.pending(kStart | kRead | kWrite)) {
      const OperationQueue::Event event = operations_.Next(absl::InfiniteFuture());
      if (event.ok && event.operation == kRead) {
        answers_.push_back(std::move(answer_));
        stream_->Read(&answer_, operations_.Begin(kRead));
      }
    }
    grpc::Status status;
    stream_->Finish(&status, operations_.Begin(kFinish));
    while (operations_.pending(kFinish)) operations_.Next(absl::InfiniteFuture());
    return fault_->Take(FromGrpc(status));
  }

  const std::shared_ptr<ConnectFault> fault_;
  grpc::ClientContext context_;
  OperationQueue operations_;
  std::unique_ptr<grpc::ClientAsyncReaderWriterInterface<v1::LoadRequest, v1::LoadResponse>>
      stream_;
  v1::LoadResponse answer_;
  std::deque<v1::LoadResponse> answers_;
  bool broken_ = false;
  bool finished_ = false;
};

}  // namespace

std::unique_ptr<WatchStream> MakeWatchStream(FeedStub& stub, const CallContext& context,
                                             const v1::WatchRequest& request,
                                             absl::Duration connect_wait,
                                             std::shared_ptr<ConnectFault> fault) {
  return std::make_unique<GrpcWatchStream>(stub, context, request, connect_wait, std::move(fault));
}

std::unique_ptr<LoadStream> MakeLoadStream(v1::PublishService::StubInterface& stub,
                                           const CallContext& context, bool wait_for_ready,
                                           std::shared_ptr<ConnectFault> fault) {
  return std::make_unique<GrpcLoadStream>(stub, context, wait_for_ready, std::move(fault));
}

}  // namespace communique::internal
