#ifndef COMMUNIQUE_SERVICE_SERVER_CALL_COUNTERS_H_
#define COMMUNIQUE_SERVICE_SERVER_CALL_COUNTERS_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "service/base/histogram.h"

namespace communique::server {

// How the calls of one method have ended. Noted once a call, without a lock.
struct MethodCounters {
  // The codes of gRPC are 0 to 16.
  static constexpr int kCodes = 17;

  MethodCounters(std::string method, bool is_stream)
      : method(std::move(method)), is_stream(is_stream) {}

  void Note(absl::StatusCode code, absl::Duration latency) {
    const int number = static_cast<int>(code);
    const int unknown = static_cast<int>(absl::StatusCode::kUnknown);
    ended[number >= 0 && number < kCodes ? number : unknown].fetch_add(
        1, std::memory_order_relaxed);
    // A stream lasts as long as its client wants: that is nobody's latency.
    if (!is_stream) duration_seconds.Observe(latency);
  }

  const std::string method;  // "CatalogService/GetSummit"
  const bool is_stream;
  std::array<std::atomic<int64_t>, kCodes> ended{};  // by absl::StatusCode
  base::Histogram duration_seconds{base::kDurationBounds};
};

// Those of all methods of one listener.
//
// Thread safety: any thread.
class CallCounters {
 public:
  // The same each time; stays where it is.
  MethodCounters& Of(absl::string_view method, bool is_stream) {
    absl::MutexLock lock(&mutex_);
    for (const auto& counters : methods_) {
      if (counters->method == method) return *counters;
    }
    methods_.push_back(std::make_unique<MethodCounters>(std::string(method), is_stream));
    return *methods_.back();
  }
  void ForEach(absl::FunctionRef<void(const MethodCounters&)> visit) const {
    absl::MutexLock lock(&mutex_);
    for (const auto& counters : methods_) visit(*counters);
  }

 private:
  mutable absl::Mutex mutex_;
  std::vector<std::unique_ptr<MethodCounters>> methods_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace communique::server

#endif  // COMMUNIQUE_SERVICE_SERVER_CALL_COUNTERS_H_
