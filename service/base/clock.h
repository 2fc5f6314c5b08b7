#ifndef COMMUNIQUE_SERVICE_BASE_CLOCK_H_
#define COMMUNIQUE_SERVICE_BASE_CLOCK_H_

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace communique::base {

// The wall clock, handed in wherever time is read, so that tests can jump it.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual absl::Time Now() const = 0;
};

class RealClock final : public Clock {
 public:
  absl::Time Now() const override { return absl::Now(); }
};

}  // namespace communique::base

#endif  // COMMUNIQUE_SERVICE_BASE_CLOCK_H_
