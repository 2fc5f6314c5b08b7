#include "src/backoff.h"

#include <algorithm>
#include <optional>

#include "communique/errors.h"

namespace communique::internal {

Backoff::Backoff(const RetryOptions& options) : options_(options) { Reset(); }

absl::Duration Backoff::Next(const absl::Status& status) {
  const double share = absl::Uniform(random_, 0.0, 1.0);
  absl::Duration delay = bound_ * share;
  bound_ = std::min(bound_ * std::max(options_.multiplier, 1.0), options_.max_backoff);
  if (const std::optional<absl::Duration> asked = ErrorRetryDelay(status)) {
    delay += std::clamp(*asked, absl::ZeroDuration(), kMaxServerDelay);
  }
  return delay;
}

void Backoff::Reset() {
  // Not below a millisecond: no options make a loop that never sleeps.
  options_.max_backoff = std::max(options_.max_backoff, absl::Milliseconds(1));
  bound_ = std::clamp(options_.initial_backoff, absl::Milliseconds(1), options_.max_backoff);
}

}  // namespace communique::internal
