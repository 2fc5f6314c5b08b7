#ifndef COMMUNIQUE_CLIENT_SRC_RETRY_BUDGET_H_
#define COMMUNIQUE_CLIENT_SRC_RETRY_BUDGET_H_

#include <algorithm>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace communique::internal {

// How many retries the calls of a connection may make together: a bucket that
// starts full, gives one for each retry and fills with time.
//
// Thread safety: all methods may be called from any thread.
class RetryBudget {
 public:
  RetryBudget(double size, double per_second)
      : size_(size), per_second_(per_second), left_(size) {}

  // Takes one; false when there is none.
  bool Take(absl::Time now) {
    absl::MutexLock lock(&mutex_);
    if (now > filled_at_) {
      if (filled_at_ != absl::InfinitePast()) {
        left_ = std::min(size_, left_ + per_second_ * absl::ToDoubleSeconds(now - filled_at_));
      }
      filled_at_ = now;
    }
    if (left_ < 1) return false;
    left_ -= 1;
    return true;
  }

 private:
  const double size_;
  const double per_second_;
  absl::Mutex mutex_;
  double left_ ABSL_GUARDED_BY(mutex_);
  absl::Time filled_at_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
};

}  // namespace communique::internal

#endif  // COMMUNIQUE_CLIENT_SRC_RETRY_BUDGET_H_
