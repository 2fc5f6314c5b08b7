#ifndef COMMUNIQUE_SERVICE_BASE_HISTOGRAM_H_
#define COMMUNIQUE_SERVICE_BASE_HISTOGRAM_H_

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/time/time.h"
#include "absl/types/span.h"

namespace communique::base {

// Upper bounds for how long something took, in seconds, inclusive.
inline constexpr double kDurationBounds[] = {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005,
                                             0.01,   0.025,   0.05,   0.1,   0.25,   0.5,
                                             1,      2.5,     5,      10};

// How often a quantity fell into each of a fixed list of ranges. Observing takes
// no lock; a snapshot that is taken meanwhile may have a value's count without
// its share of the sum.
//
// Thread safety: any thread.
class Histogram {
 public:
  struct Snapshot {
    // One more than there are bounds: the last is of what is above them all.
    std::vector<int64_t> counts;
    double sum = 0;
  };

  // `bounds` rise and outlive this.
  explicit Histogram(absl::Span<const double> bounds)
      : bounds_(bounds), counts_(new std::atomic<int64_t>[bounds.size() + 1]()) {}

  void Observe(double value) {
    const auto bound = std::lower_bound(bounds_.begin(), bounds_.end(), value);
    counts_[bound - bounds_.begin()].fetch_add(1, std::memory_order_relaxed);
    sum_.fetch_add(value, std::memory_order_relaxed);
  }
  // A clock that was set back makes no negative sum.
  void Observe(absl::Duration duration) {
    Observe(std::max(0.0, absl::ToDoubleSeconds(duration)));
  }

  absl::Span<const double> bounds() const { return bounds_; }
  Snapshot Read() const {
    Snapshot snapshot;
    for (size_t i = 0; i <= bounds_.size(); ++i) {
      snapshot.counts.push_back(counts_[i].load(std::memory_order_relaxed));
    }
    snapshot.sum = sum_.load(std::memory_order_relaxed);
    return snapshot;
  }

 private:
  const absl::Span<const double> bounds_;
  const std::unique_ptr<std::atomic<int64_t>[]> counts_;
  std::atomic<double> sum_{0};
};

}  // namespace communique::base

#endif  // COMMUNIQUE_SERVICE_BASE_HISTOGRAM_H_
