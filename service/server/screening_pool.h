#ifndef COMMUNIQUE_SERVICE_SERVER_SCREENING_POOL_H_
#define COMMUNIQUE_SERVICE_SERVER_SCREENING_POOL_H_

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "service/base/error.h"
#include "service/base/limits.h"
#include "service/screening/screener.h"
#include "service/server/unary_call.h"
#include "service/server/work_pool.h"

namespace communique::server {

// The screener, and the threads that screen and verify. Principals take turns.
//
// Thread safety: any thread.
class ScreeningPool {
 public:
  // `reader` and `merged` outlive this.
  ScreeningPool(const store::Reader& reader, const store::MergedNames& merged, int threads)
      : screener_(reader, merged),
        threads_(static_cast<size_t>(std::max(threads, 1))),
        pool_(threads, {base::kMaxWaitingScreenings, base::kMaxWaitingScreeningBytes,
                        base::kMaxWaitingScreeningNames}) {}

  const screening::Screener& screener() const { return screener_; }
  // Of one thread of the pool, which alone uses it.
  screening::ScreeningThread& thread(size_t i) { return threads_[i]; }

  // Takes the work of a call, or finishes the call as RESOURCE_EXHAUSTED and counts
  // it. `names`: about as many as it costs to screen.
  void Submit(UnaryCall& call, std::unique_ptr<Work> work, size_t bytes, size_t names) {
    const Admission admission = pool_.Submit(std::move(work), call.principal(), bytes, names);
    if (admission == Admission::kTaken) return;
    refused_.fetch_add(1, std::memory_order_relaxed);
    call.Finish(TooManyScreenings(admission == Admission::kOwnerFull));
  }
  void Drain() { pool_.Drain(); }
  int64_t waiting() const { return static_cast<int64_t>(pool_.waiting()); }
  int64_t refused() const { return refused_.load(std::memory_order_relaxed); }

 private:
  static absl::Status TooManyScreenings(bool of_principal) {
    const std::string subject =
        of_principal ? "waiting screenings of a principal" : "waiting screenings";
    absl::Status status = base::MakeError(
        absl::StatusCode::kResourceExhausted, v1::ERROR_REASON_CALL_LIMIT,
        absl::StrCat("too many ", subject, ": wait for answers before asking for more"),
        {{"limit", "waiting screenings"}, {"of", of_principal ? "principal" : "server"}});
    base::AddQuotaViolation(
        status, subject,
        absl::StrCat("at most ", base::kMaxWaitingScreenings, " calls, ",
                     base::kMaxWaitingScreeningBytes, " bytes, ", base::kMaxWaitingScreeningNames,
                     " names in all; half of it for one principal"));
    base::AddRetryInfo(status, base::kScreeningRetryDelay);
    return status;
  }

  screening::Screener screener_;
  std::vector<screening::ScreeningThread> threads_;
  std::atomic<int64_t> refused_{0};
  WorkPool pool_;  // its threads use the others, so they end first
};

}  // namespace communique::server

#endif  // COMMUNIQUE_SERVICE_SERVER_SCREENING_POOL_H_
