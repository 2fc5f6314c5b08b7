#include "communique/loader.h"

#include <algorithm>
#include <deque>
#include <optional>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "communique/errors.h"
#include "src/backoff.h"

namespace communique {
namespace {
constexpr char kMethod[] = "PublishService/Load";
}  // namespace

class Loader::Impl {
 public:
  Impl(std::shared_ptr<Connection> connection, LoadOptions options)
      : connection_(std::move(connection)),
        client_options_(connection_->options()),
        options_(std::move(options)),
        backoff_(client_options_.retry) {
    if (options_.timeout == absl::ZeroDuration()) options_.timeout = client_options_.timeout;
  }
  ~Impl() {
    if (stream_ != nullptr) ObserveEnd(absl::CancelledError("the load was given up"));
  }

  absl::StatusOr<std::int64_t> Start() {
    if (started_) return absl::FailedPreconditionError("the load was started before");
    started_ = true;
    const Attendance attendance(*this);
    NothingDue();
    if (absl::Status status = Heal(Open()); !status.ok()) return Fail(std::move(status));
    return result_.durable_line;
  }

  absl::Status Write(std::int64_t line_number, v1::CommitRequest commit) {
    if (absl::Status status = CheckWritable(line_number, commit); !status.ok()) return status;
    last_line_ = line_number;
    const Attendance attendance(*this);
    if (absl::Status status = CatchUp(); !status.ok()) return Fail(std::move(status));
    v1::LoadRequest request;
    request.mutable_line()->set_number(line_number);
    *request.mutable_line()->mutable_commit() = std::move(commit);
    const std::size_t size = request.ByteSizeLong();
    if (pending_.empty()) NothingDue();
    // Waits for room first, so that one line may always be under way.
    while (!pending_.empty() && (pending_.size() >= options_.max_pending_lines ||
                                 pending_bytes_ + size > options_.max_pending_bytes)) {
      if (absl::Status status = Heal(TakeAnswer()); !status.ok()) return Fail(std::move(status));
    }
    pending_.push_back({std::move(request), size});
    pending_bytes_ += size;
    if (absl::Status status = Heal(SendPending()); !status.ok()) return Fail(std::move(status));
    TakeWhatIsThere();
    return absl::OkStatus();
  }

  absl::StatusOr<LoadResult> Finish() {
    if (!started_) return absl::FailedPreconditionError("the load was not started");
    if (!end_.ok()) return end_;
    if (finished_) return result_;
    const Attendance attendance(*this);
    NothingDue();
    while (!drained_) {
      absl::Status status = SendPending();
      if (status.ok()) status = Drain();
      if (absl::Status healed = Heal(std::move(status)); !healed.ok()) {
        return Fail(std::move(healed));
      }
    }
    finished_ = true;
    DropStream();
    return result_;
  }

  LoadResult progress() const { return result_; }

  void Cancel() {
    absl::MutexLock lock(&mutex_);
    cancelled_ = true;
    if (stream_ != nullptr) stream_->Cancel();
  }

 private:
  struct Pending {
    v1::LoadRequest request;
    std::size_t size;
  };

  // That somebody is in a call of the loader: only then its stream is worked.
  class Attendance {
   public:
    explicit Attendance(Impl& loader) : loader_(loader) {
      loader_.absent_ += absl::Now() - loader_.left_at_;
    }
    ~Attendance() { loader_.left_at_ = absl::Now(); }

   private:
    Impl& loader_;
  };

  absl::Status CheckWritable(std::int64_t line_number, const v1::CommitRequest& commit) const {
    if (!started_ || finished_) {
      return absl::FailedPreconditionError("Write goes between Start and Finish");
    }
    if (!end_.ok()) return end_;
    if (line_number <= last_line_) {
      return absl::InvalidArgumentError(
          absl::StrCat("line ", line_number, " after line ", last_line_));
    }
    if (!commit.request_id().empty()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "line ", line_number, " has a request_id; in a load its number does that work"));
    }
    return absl::OkStatus();
  }

  // One attempt to open a stream and to learn what the server holds.
  absl::Status Open() {
    std::unique_ptr<LoadStream> stream = connection_->OpenLoad();
    if (stream == nullptr) return absl::UnimplementedError("the connection opens no loads");
    {
      absl::MutexLock lock(&mutex_);
      if (cancelled_) return absl::CancelledError("the load was cancelled");
      stream_ = std::move(stream);
    }
    ++attempt_;
    opened_at_ = absl::Now();
    sent_ = 0;
    commits_before_ = result_.commit_count;
    changes_before_ = result_.change_count;
    v1::LoadRequest request;
    request.mutable_header()->set_load_id(options_.load_id);
    request.mutable_header()->set_reason(options_.reason);
    if (absl::Status status = stream_->Write(request, Deadline()); !status.ok()) return status;
    return TakeAnswer();
  }

  // Sends what is pending and was not sent on this stream.
  absl::Status SendPending() {
    while (sent_ < pending_.size()) {
      if (absl::Status status = stream_->Write(pending_[sent_].request, Deadline()); !status.ok()) {
        return status;
      }
      ++sent_;
      TakeWhatIsThere();
    }
    return absl::OkStatus();
  }

  // What came while nobody was here. An acknowledgement that is overdue, though
  // the producer took longer than the timeout, is waited for at once: so a
  // silent server is found before `max_pending_lines` wait for it.
  absl::Status CatchUp() {
    TakeWhatIsThere();
    if (pending_.empty() || absl::Now() < due_since_ + options_.timeout) return absl::OkStatus();
    return Heal(TakeAnswer());
  }

  void TakeWhatIsThere() {
    while (std::optional<v1::LoadResponse> answer = stream_->Poll()) Acknowledge(*answer);
  }

  absl::Status TakeAnswer() {
    absl::StatusOr<std::optional<v1::LoadResponse>> answer = stream_->Read(Deadline());
    if (!answer.ok()) return answer.status();
    if (!answer->has_value()) return absl::UnavailableError("the server ended the load early");
    Acknowledge(**answer);
    return absl::OkStatus();
  }

  // Half-closes and reads to the end. OK: everything is durable.
  absl::Status Drain() {
    if (absl::Status status = stream_->WritesDone(Deadline()); !status.ok()) return status;
    while (true) {
      absl::StatusOr<std::optional<v1::LoadResponse>> answer = stream_->Read(Deadline());
      if (!answer.ok()) return answer.status();
      if (!answer->has_value()) break;
      Acknowledge(**answer);
    }
    if (!pending_.empty()) {
      return absl::UnavailableError("the server ended the load before all lines were durable");
    }
    drained_ = true;
    return absl::OkStatus();
  }

  void Acknowledge(const v1::LoadResponse& answer) {
    while (!pending_.empty() && pending_.front().request.line().number() <= answer.durable_line()) {
      pending_bytes_ -= pending_.front().size;
      pending_.pop_front();
      if (sent_ > 0) --sent_;
    }
    if (answer.durable_line() > result_.durable_line) {  // Else it is no progress.
      result_.durable_line = answer.durable_line();
      NothingDue();
      attempt_ = 1;
      before_ = absl::OkStatus();
      backoff_.Reset();
    }
    result_.revision = std::max(result_.revision, answer.revision());
    result_.commit_count = commits_before_ + answer.commit_count();
    result_.change_count = changes_before_ + answer.change_count();
    if (options_.on_progress) options_.on_progress(result_);
  }

  // Turns a transport fault into a new stream on which everything pending was
  // sent again; hands out what cannot be healed.
  absl::Status Heal(absl::Status status) {
    while (!status.ok()) {
      if (stream_ != nullptr) {
        TakeWhatIsThere();  // Answers that came before the fault still count.
        ObserveEnd(status);
        DropStream();
      }
      if (cancelled()) return absl::CancelledError("the load was cancelled");
      // Nobody here cancelled it: a server that shuts down resets what it did not take.
      const bool transient = internal::IsRetryable(status) ||
                             (absl::IsCancelled(status) && ErrorReason(status).empty());
      if (!transient || !client_options_.retry.enabled) return status;
      const absl::Duration delay = backoff_.Next(status);
      if (absl::Now() + delay >= Deadline()) return internal::WithCause(status, before_);
      Observe({.kind = CallEvent::Kind::kRetry,
               .method = kMethod,
               .attempt = attempt_,
               .status = status,
               .delay = delay});
      ++result_.reconnect_count;
      before_ = status;
      {
        absl::MutexLock lock(&mutex_);
        if (mutex_.AwaitWithTimeout(absl::Condition(&cancelled_), delay)) {
          return absl::CancelledError("the load was cancelled");
        }
      }
      status = Open();
      if (status.ok()) status = SendPending();
    }
    return status;
  }

  absl::Status Fail(absl::Status status) {
    DropStream();
    end_ = std::move(status);
    return end_;
  }

  void DropStream() {
    std::unique_ptr<LoadStream> stream;  // Destroyed without the lock.
    absl::MutexLock lock(&mutex_);
    stream = std::move(stream_);
  }

  void ObserveEnd(const absl::Status& status) const {
    Observe({.kind = CallEvent::Kind::kAttempt,
             .method = kMethod,
             .attempt = attempt_,
             .status = status,
             .latency = absl::Now() - opened_at_});
  }

  void Observe(const CallEvent& event) const {
    if (client_options_.observer) client_options_.observer(event);
  }

  bool cancelled() const {
    absl::MutexLock lock(&mutex_);
    return cancelled_;
  }

  void NothingDue() {
    due_since_ = absl::Now();
    absent_ = absl::ZeroDuration();
  }

  // When to give up. The time that a producer takes is not held against the server.
  absl::Time Deadline() const { return due_since_ + absent_ + options_.timeout; }

  const std::shared_ptr<Connection> connection_;
  const ClientOptions client_options_;
  LoadOptions options_;
  internal::Backoff backoff_;

  // Touched by the loading thread alone. `stream_` is also read by Cancel: the
  // loading thread changes it with the lock held and uses it without.
  std::unique_ptr<LoadStream> stream_;
  std::deque<Pending> pending_;  // Not acknowledged; the first `sent_` were sent.
  std::size_t sent_ = 0;
  std::size_t pending_bytes_ = 0;
  std::int64_t last_line_ = 0;
  absl::Time due_since_;              // Since when an acknowledgement is due.
  absl::Duration absent_;             // How much of the time since then nobody was in a call.
  absl::Time left_at_ = absl::Now();  // When the last call ended.
  absl::Time opened_at_;
  absl::Status before_;  // Why the last stream since the last progress was lost.
  int attempt_ = 0;
  bool started_ = false;
  bool drained_ = false;
  bool finished_ = false;
  absl::Status end_;
  LoadResult result_;
  // What earlier streams acknowledged; a stream counts from 0.
  std::int64_t commits_before_ = 0;
  std::int64_t changes_before_ = 0;

  mutable absl::Mutex mutex_;
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
};

Loader::Loader(std::shared_ptr<Connection> connection, LoadOptions options)
    : impl_(std::make_shared<Impl>(std::move(connection), std::move(options))) {}
Loader::Loader(Loader&&) noexcept = default;
Loader& Loader::operator=(Loader&& other) noexcept {
  if (this != &other) {
    if (impl_ != nullptr) impl_->Cancel();
    impl_ = std::move(other.impl_);
  }
  return *this;
}
Loader::~Loader() {
  if (impl_ != nullptr) impl_->Cancel();
}

absl::StatusOr<std::int64_t> Loader::Start() { return impl_->Start(); }
absl::Status Loader::Write(std::int64_t line_number, v1::CommitRequest commit) {
  return impl_->Write(line_number, std::move(commit));
}
absl::StatusOr<LoadResult> Loader::Finish() { return impl_->Finish(); }
LoadResult Loader::progress() const { return impl_->progress(); }
void Loader::Cancel() { impl_->Cancel(); }

}  // namespace communique
