#include "service/server/access_log.h"

#include "absl/strings/str_cat.h"
#include "service/base/log.h"

namespace communique::server {
namespace {

// A call that takes longer is worth a line.
constexpr absl::Duration kSlowCall = absl::Milliseconds(500);
// One of so many reads that are neither slow nor wrong is logged.
constexpr uint64_t kReadSample = 1000;

}  // namespace

bool AccessLog::Wants(const absl::Status& status, absl::Duration latency, bool is_write) {
  return !status.ok() || latency >= kSlowCall || is_write ||
         reads_.fetch_add(1, std::memory_order_relaxed) % kReadSample == 0;
}

void AccessLog::Write(const CallRecord& call) {
  const bool slow = call.latency >= kSlowCall;
  using absl::StatusCode;
  const StatusCode code = call.status.code();
  const bool ours = code == StatusCode::kInternal || code == StatusCode::kDataLoss ||
                    code == StatusCode::kUnknown;
  base::Log(ours   ? base::LogLevel::kError
            : slow ? base::LogLevel::kWarning
                   : base::LogLevel::kInfo,
            "call",
            {{"method", std::string(call.method)},
             {"code", absl::StatusCodeToString(code)},
             {"latency_ms", absl::StrCat(absl::ToDoubleMilliseconds(call.latency))},
             {"principal", call.principal},
             {"peer", call.peer},
             {"request_id", call.request_id},
             {"revision", call.revision == 0 ? "" : absl::StrCat(call.revision)},
             {"error", std::string(call.status.message())}});
}

}  // namespace communique::server
