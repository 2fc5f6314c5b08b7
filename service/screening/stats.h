#ifndef COMMUNIQUE_SERVICE_SCREENING_STATS_H_
#define COMMUNIQUE_SERVICE_SCREENING_STATS_H_

#include <atomic>
#include <cstdint>

#include "service/base/histogram.h"

namespace communique::screening {

// What screening has done since the process started. Each counter stands by itself.
struct ScreenCounters {
  std::atomic<int64_t> queries{0};                       // answered
  std::atomic<int64_t> matches{0};                       // of them, decided MATCH
  std::atomic<int64_t> possibles{0};                     // of them, decided POSSIBLE
  std::atomic<int64_t> candidates{0};                    // versions that the index found
  std::atomic<int64_t> scored{0};                        // of them those that were targets
  base::Histogram query_seconds{base::kDurationBounds};  // of each query, without waiting
};

}  // namespace communique::screening

#endif  // COMMUNIQUE_SERVICE_SCREENING_STATS_H_
