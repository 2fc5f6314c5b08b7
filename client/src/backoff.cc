#include "src/backoff.h"

#include <algorithm>
#include <optional>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "communique/errors.h"

namespace communique::internal {

bool IsRetryable(const absl::Status& status) {
  return absl::IsUnavailable(status) ||
         (absl::IsResourceExhausted(status) && ErrorRetryDelay(status).has_value());
}

absl::Status WithCause(const absl::Status& status, const absl::Status& before) {
  if (before.ok() || status.message() == before.message()) return status;
  absl::Status result(status.code(),
                      absl::StrCat(status.message(), "; the attempt before: ", before.message()));
  status.ForEachPayload(
      [&](absl::string_view url, const absl::Cord& payload) { result.SetPayload(url, payload); });
  return result;
}

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
