#ifndef COMMUNIQUE_CLIENT_SRC_BACKOFF_H_
#define COMMUNIQUE_CLIENT_SRC_BACKOFF_H_

#include "absl/random/random.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "communique/options.h"

namespace communique::internal {

// A delay that a server asks for is not followed further than this.
inline constexpr absl::Duration kMaxServerDelay = absl::Seconds(60);

// Whether a repeat may heal it: the server did not take the call or a repeat is
// safe (UNAVAILABLE), or a limit is reached for the moment (RESOURCE_EXHAUSTED
// with a RetryInfo; without one, a repeat would meet the same limit).
bool IsRetryable(const absl::Status& status);

// `status`, and in its message why the attempt before it failed: a deadline
// that passed says nothing of what kept the call from its answer. Nothing is
// added to itself, or when `before` is OK.
absl::Status WithCause(const absl::Status& status, const absl::Status& before);

// Exponential back-off with full jitter. Not thread-safe.
class Backoff {
 public:
  explicit Backoff(const RetryOptions& options);

  // The wait after `status`: random up to the bound, which then grows, and on
  // top of it what the server's RetryInfo asks for.
  absl::Duration Next(const absl::Status& status);

  // Begins again with the first bound.
  void Reset();

 private:
  RetryOptions options_;
  absl::Duration bound_;
  absl::BitGen random_;
};

}  // namespace communique::internal

#endif  // COMMUNIQUE_CLIENT_SRC_BACKOFF_H_
