#include "communique/watch.h"

#include <algorithm>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "communique/errors.h"
#include "src/backoff.h"
#include "src/watch_chain.h"

namespace communique {
namespace {

using internal::WatchChain;

constexpr char kMethod[] = "FeedService/Watch";
// The checkpoint interval of a request that names none (feed.proto).
constexpr absl::Duration kDefaultCheckpointInterval = absl::Seconds(10);
// A stream that is silent for this many intervals is lost.
constexpr double kSilentIntervals = 2.5;
// What a stream may take until its first response, at the least: it may have to
// connect, or to wait for `min_revision`.
constexpr absl::Duration kOpenSilence = absl::Seconds(15);
// A stream that stood this long counts as progress, whatever it carried.
constexpr absl::Duration kStandingStream = absl::Seconds(10);
// A server that breaks the chain this often in a row will do so for ever.
constexpr int kMaxBrokenChains = 5;

// What another attempt can heal: the server is away, or something between cut
// the stream. Errors of the service itself carry an ErrorInfo; gRPC's own do not.
bool IsTransient(const absl::Status& status) {
  if (internal::IsRetryable(status)) return true;
  if (absl::IsResourceExhausted(status)) return false;
  if (!ErrorReason(status).empty()) return false;
  if (absl::IsInternal(status)) return absl::StrContains(status.message(), "RST_STREAM");
  return absl::IsUnknown(status) || absl::IsCancelled(status);
}

bool IsTokenRefusal(absl::string_view reason) {
  return reason == "RESUME_TOKEN_EPOCH" || reason == "RESUME_TOKEN_MISMATCH" ||
         reason == "INVALID_RESUME_TOKEN" || reason == "REVISION_IN_FUTURE";
}

// Of what arrived; what the server says of its own store has a reason.
bool IsBroken(const absl::Status& status, absl::string_view reason) {
  return absl::IsDataLoss(status) && reason.empty();
}

absl::Duration MaxSilence(const v1::WatchRequest& request) {
  if (!request.has_checkpoint_interval()) return kDefaultCheckpointInterval * kSilentIntervals;
  return kSilentIntervals * (absl::Seconds(request.checkpoint_interval().seconds()) +
                             absl::Nanoseconds(request.checkpoint_interval().nanos()));
}

}  // namespace

WatchEnd WatchEndOf(const absl::Status& status) {
  if (status.ok()) return WatchEnd::kNone;
  const std::string reason = ErrorReason(status);
  if (absl::IsOutOfRange(status)) return WatchEnd::kTokenExpired;
  if (IsTokenRefusal(reason)) return WatchEnd::kTokenRefused;
  if (absl::IsCancelled(status) && reason.empty()) return WatchEnd::kCancelled;
  if (IsBroken(status, reason)) return WatchEnd::kBroken;
  return IsTransient(status) ? WatchEnd::kUnreachable : WatchEnd::kRefused;
}

class Watch::Impl {
 public:
  Impl(std::shared_ptr<Connection> connection, WatchOptions options)
      : connection_(std::move(connection)),
        client_options_(connection_->options()),
        request_(std::move(options.request)),
        open_timeout_(options.open_timeout),
        max_silence_(MaxSilence(request_)),
        chain_(request_),
        backoff_(client_options_.retry),
        resume_token_(request_.resume_token()) {}

  absl::StatusOr<std::optional<WatchBatch>> Next() {
    {
      absl::MutexLock lock(&mutex_);
      next_runs_ = true;
    }
    absl::StatusOr<std::optional<WatchBatch>> result = Pull();
    absl::MutexLock lock(&mutex_);
    next_runs_ = false;
    return result;
  }

  std::string resume_token() const {
    absl::MutexLock lock(&mutex_);
    return resume_token_;
  }

  WatchStats stats() const {
    absl::MutexLock lock(&mutex_);
    WatchStats stats = stats_;
    if (cancelled_) stats.state = WatchState::kCancelled;
    return stats;
  }

  WatchEnd end() const {
    absl::MutexLock lock(&mutex_);
    return cancelled_ && end_kind_ == WatchEnd::kNone ? WatchEnd::kCancelled : end_kind_;
  }

  void Cancel() {
    absl::MutexLock lock(&mutex_);
    cancelled_ = true;
    if (stream_ != nullptr) stream_->Cancel();
  }

  absl::Status Close(absl::Duration timeout) {
    Cancel();
    absl::MutexLock lock(&mutex_);
    const auto at_rest = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return !next_runs_; };
    if (mutex_.AwaitWithTimeout(absl::Condition(&at_rest), timeout)) return absl::OkStatus();
    return absl::DeadlineExceededError("Next still runs");
  }

 private:
  absl::StatusOr<std::optional<WatchBatch>> Pull() {
    if (opening_since_ == absl::InfinitePast()) opening_since_ = absl::Now();
    while (true) {
      if (end_.has_value()) return End(*end_);
      absl::Status fault = Open();
      bool broken = false;
      if (fault.ok()) {
        absl::StatusOr<std::optional<WatchBatch>> response =
            stream_->Read(std::exchange(first_read_, false) ? std::max(max_silence_, kOpenSilence)
                                                            : max_silence_);
        if (response.ok() && !response->has_value()) {
          if (AtItsEnd()) return End(absl::OkStatus());
          fault = absl::UnavailableError("the stream ended before the watch did");
        } else if (response.ok()) {
          const WatchChain::Verdict verdict = HandOut(**response);
          if (verdict == WatchChain::Verdict::kNext) return response;
          if (verdict == WatchChain::Verdict::kRepeat) continue;
          broken = true;
          fault =
              absl::DataLossError(absl::StrCat("the chain of responses broke: ", chain_.problem()));
        } else {
          fault = response.status();
          broken = IsBroken(fault, ErrorReason(fault));
        }
      }
      if (cancelled()) return End(absl::CancelledError("the watch was cancelled"));
      if (absl::Status end = Recover(fault, broken); !end.ok()) return End(std::move(end));
    }
  }

  // Whether a stream that ends with OK may. A proxy may end one in its midst.
  bool AtItsEnd() const {
    switch (request_.until_case()) {
      case v1::WatchRequest::kUntilHead:
        return true;  // Nobody said where that is.
      case v1::WatchRequest::kUntilRevision:
        return chain_.Reaches(request_.until_revision());
      case v1::WatchRequest::UNTIL_NOT_SET:
        break;
    }
    return false;
  }

  // Opens a stream unless there is one.
  absl::Status Open() {
    const absl::Status cancelled = absl::CancelledError("the watch was cancelled");
    if (stream_ != nullptr) return this->cancelled() ? cancelled : absl::OkStatus();
    std::unique_ptr<WatchStream> stream = connection_->OpenWatch(request_);
    if (stream == nullptr) return absl::UnimplementedError("the connection opens no watch");
    absl::MutexLock lock(&mutex_);
    if (cancelled_) return cancelled;
    stats_.state = WatchState::kConnecting;
    stream_ = std::move(stream);
    first_read_ = true;
    ++attempt_;
    opened_at_ = absl::Now();
    return absl::OkStatus();
  }

  // Checks a response and, when it fits, moves on to it.
  WatchChain::Verdict HandOut(const WatchBatch& response) {
    const WatchChain::Verdict verdict = chain_.Take(response);
    absl::MutexLock lock(&mutex_);
    if (verdict == WatchChain::Verdict::kRepeat) ++stats_.repeat_count;
    if (verdict != WatchChain::Verdict::kNext) return verdict;
    stats_.state = WatchState::kStreaming;
    ++stats_.response_count;
    stats_.change_count +=
        static_cast<std::int64_t>(response.changes().size()) + response.left_records().size();
    stats_.through_revision = chain_.through_revision();
    if (response.head_revision() != 0) stats_.head_revision = response.head_revision();
    if (!response.resume_token().empty()) {
      resume_token_ = response.resume_token();
      request_.set_resume_token(resume_token_);
      if (request_.has_scope()) request_.mutable_scope()->clear_known_at();  // the token has it
    }
    // The head when the first stream opened, not when the next one does.
    if (response.until_revision() != 0 && request_.until_head()) {
      request_.set_until_revision(response.until_revision());
    }
    answered_ = true;
    if (chain_.moved()) Progress();
    return verdict;
  }

  void Progress() {
    backoff_.Reset();
    attempt_ = 1;
    broken_in_a_row_ = 0;
  }

  // After a fault: waits for the next attempt, or answers why there is none.
  absl::Status Recover(const absl::Status& fault, bool broken) {
    const absl::Duration stood = absl::Now() - opened_at_;
    ObserveEnd(fault);
    DropStream();
    {
      absl::MutexLock lock(&mutex_);
      stats_.last_fault = fault;
      if (broken) ++stats_.broken_chain_count;
    }
    if (broken) ++broken_in_a_row_;
    if (!client_options_.retry.enabled) return fault;
    if (broken ? broken_in_a_row_ >= kMaxBrokenChains : !IsTransient(fault)) return fault;
    if (answered_ && !broken && stood > kStandingStream) Progress();
    const absl::Duration delay = backoff_.Next(fault);
    if (!answered_ && absl::Now() + delay > opening_since_ + open_timeout_) return fault;
    Observe({.kind = CallEvent::Kind::kRetry,
             .method = kMethod,
             .attempt = attempt_,
             .status = fault,
             .delay = delay});
    absl::MutexLock lock(&mutex_);
    stats_.state = WatchState::kBackingOff;
    ++stats_.reconnect_count;
    if (mutex_.AwaitWithTimeout(absl::Condition(&cancelled_), delay)) {
      return absl::CancelledError("the watch was cancelled");
    }
    return absl::OkStatus();
  }

  // Ends for good; OK: the end of the request was reached.
  absl::StatusOr<std::optional<WatchBatch>> End(absl::Status end) {
    if (end.ok() && !end_.has_value()) ObserveEnd(end);
    DropStream();
    {
      absl::MutexLock lock(&mutex_);
      stats_.state = WatchState::kEnded;
      if (end_kind_ == WatchEnd::kNone) {
        end_kind_ = cancelled_               ? WatchEnd::kCancelled
                    : end.ok()               ? WatchEnd::kReached
                    : absl::IsCancelled(end) ? WatchEnd::kUnreachable  // not by us
                                             : WatchEndOf(end);
      }
    }
    end_ = std::move(end);
    if (!end_->ok()) return *end_;
    return std::nullopt;
  }

  void DropStream() {
    std::unique_ptr<WatchStream> stream;  // Destroyed without the lock.
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

  const std::shared_ptr<Connection> connection_;
  const ClientOptions client_options_;

  // Touched by Next alone. `stream_` is also read by Cancel: Next changes it
  // with the lock held and uses it without.
  v1::WatchRequest request_;
  const absl::Duration open_timeout_;
  const absl::Duration max_silence_;
  WatchChain chain_;
  internal::Backoff backoff_;
  std::unique_ptr<WatchStream> stream_;
  std::optional<absl::Status> end_;
  absl::Time opening_since_ = absl::InfinitePast();
  absl::Time opened_at_;
  bool first_read_ = true;
  bool answered_ = false;
  int attempt_ = 0;
  int broken_in_a_row_ = 0;

  mutable absl::Mutex mutex_;
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
  bool next_runs_ ABSL_GUARDED_BY(mutex_) = false;
  WatchEnd end_kind_ ABSL_GUARDED_BY(mutex_) = WatchEnd::kNone;
  std::string resume_token_ ABSL_GUARDED_BY(mutex_);
  WatchStats stats_ ABSL_GUARDED_BY(mutex_);
};

Watch::Watch(std::shared_ptr<Connection> connection, WatchOptions options)
    : impl_(std::make_shared<Impl>(std::move(connection), std::move(options))) {}
Watch::Watch(Watch&&) noexcept = default;
Watch& Watch::operator=(Watch&& other) noexcept {
  if (this != &other) {
    if (impl_ != nullptr) impl_->Cancel();
    impl_ = std::move(other.impl_);
  }
  return *this;
}
Watch::~Watch() {
  if (impl_ != nullptr) impl_->Cancel();
}

absl::StatusOr<std::optional<WatchBatch>> Watch::Next() {
  const std::shared_ptr<Impl> impl = impl_;  // Outlives a Watch destroyed meanwhile.
  return impl->Next();
}
std::string Watch::resume_token() const { return impl_->resume_token(); }
WatchStats Watch::stats() const { return impl_->stats(); }
WatchEnd Watch::end() const { return impl_->end(); }
void Watch::Cancel() { impl_->Cancel(); }
absl::Status Watch::Close(absl::Duration timeout) { return impl_->Close(timeout); }

}  // namespace communique
