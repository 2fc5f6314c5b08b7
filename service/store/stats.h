#ifndef COMMUNIQUE_SERVICE_STORE_STATS_H_
#define COMMUNIQUE_SERVICE_STORE_STATS_H_

#include <array>
#include <atomic>
#include <cstdint>

#include "communique/v1/error.pb.h"
#include "service/base/histogram.h"

namespace communique::store {

// Commits in one group, inclusive upper bounds.
inline constexpr double kGroupCommitsBounds[] = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512};

// What the writer has done since it started. Each counter stands by itself.
struct StoreCounters {
  std::atomic<int64_t> commits{0};         // that took a revision, durably
  std::atomic<int64_t> changes{0};         // in them
  std::atomic<int64_t> commit_bytes{0};    // of them, as stored
  // Answered without a revision: nothing changed, or validate_only.
  std::atomic<int64_t> unchanged{0};
  std::atomic<int64_t> replayed{0};        // answered as their request id was before
  // Refused, by v1::ErrorReason.
  std::array<std::atomic<int64_t>, v1::ErrorReason_ARRAYSIZE> refused{};
  std::atomic<int64_t> waiting{0};         // proposals in the queue now
  base::Histogram group_commits{kGroupCommitsBounds};     // of each group that was appended
  base::Histogram append_seconds{base::kDurationBounds};  // until a group is durable and applied
  // From a proposal to its answer, refused or not.
  base::Histogram commit_seconds{base::kDurationBounds};

  void Refuse(v1::ErrorReason reason) {
    const bool known = reason >= 0 && reason < v1::ErrorReason_ARRAYSIZE;
    refused[known ? reason : 0].fetch_add(1, std::memory_order_relaxed);
  }
};

}  // namespace communique::store

#endif  // COMMUNIQUE_SERVICE_STORE_STATS_H_
