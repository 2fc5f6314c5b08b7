#ifndef COMMUNIQUE_SERVICE_BASE_CLOCK_H_
#define COMMUNIQUE_SERVICE_BASE_CLOCK_H_

#include <chrono>

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace communique::base {

// The wall clock, handed in wherever time is read, so that tests can jump it.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual absl::Time Now() const = 0;
  // For intervals: never set, never back. Only differences mean something. A clock
  // of tests need not tell it apart.
  virtual absl::Time Steady() const { return Now(); }
};

class RealClock final : public Clock {
 public:
  absl::Time Now() const override { return absl::Now(); }
  absl::Time Steady() const override {
    return absl::UnixEpoch() +
           absl::FromChrono(std::chrono::steady_clock::now().time_since_epoch());
  }
};

}  // namespace communique::base

#endif  // COMMUNIQUE_SERVICE_BASE_CLOCK_H_
