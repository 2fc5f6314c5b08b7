#ifndef COMMUNIQUE_SERVICE_SERVER_SCREENING_POOL_H_
#define COMMUNIQUE_SERVICE_SERVER_SCREENING_POOL_H_

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "service/screening/screener.h"
#include "service/server/work_pool.h"

namespace communique::server {

// Screenings that wait or are under way, and the bytes of their requests; more are
// refused as RESOURCE_EXHAUSTED.
inline constexpr size_t kMaxWaitingScreenings = 256;
inline constexpr size_t kMaxWaitingScreeningBytes = size_t{64} << 20;

// The screener, and the threads that it works on.
//
// Thread safety: any thread.
class ScreeningPool {
 public:
  // `reader` and `merged` outlive this.
  ScreeningPool(const store::Reader& reader, const store::MergedNames& merged, int threads)
      : screener_(reader, merged),
        threads_(static_cast<size_t>(std::max(threads, 1))),
        pool_(threads, kMaxWaitingScreenings, kMaxWaitingScreeningBytes) {}

  const screening::Screener& screener() const { return screener_; }
  // Of one thread of the pool, which alone uses it.
  screening::ScreeningThread& thread(size_t i) { return threads_[i]; }

  // False, and counted: too much waits.
  bool Submit(std::unique_ptr<Work> work, size_t bytes) {
    if (pool_.Submit(std::move(work), bytes)) return true;
    refused_.fetch_add(1, std::memory_order_relaxed);
    return false;
  }
  void Drain() { pool_.Drain(); }
  int64_t waiting() const { return static_cast<int64_t>(pool_.waiting()); }
  int64_t refused() const { return refused_.load(std::memory_order_relaxed); }

 private:
  screening::Screener screener_;
  std::vector<screening::ScreeningThread> threads_;
  std::atomic<int64_t> refused_{0};
  WorkPool pool_;  // its threads use the others, so they end first
};

}  // namespace communique::server

#endif  // COMMUNIQUE_SERVICE_SERVER_SCREENING_POOL_H_
