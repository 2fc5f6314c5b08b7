#ifndef COMMUNIQUE_SERVICE_SERVER_ACCESS_LOG_H_
#define COMMUNIQUE_SERVICE_SERVER_ACCESS_LOG_H_

#include <atomic>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace communique::server {

// What is known of a call when it ends.
struct CallRecord {
  absl::string_view method;  // "CatalogService/GetSummit"
  bool is_write = false;
  absl::Status status;
  absl::Duration latency;
  std::string principal;
  std::string peer;
  std::string request_id;
  int64_t revision = 0;  // of a write that was applied
};

// Logs errors, slow calls, writes, and one read in a thousand.
//
// Thread safety: any thread.
class AccessLog {
 public:
  // Whether a call that ended so is logged; asked once for a call, before its
  // record is put together.
  bool Wants(const absl::Status& status, absl::Duration latency, bool is_write);
  void Write(const CallRecord& call);

 private:
  std::atomic<uint64_t> reads_{0};
};

}  // namespace communique::server

#endif  // COMMUNIQUE_SERVICE_SERVER_ACCESS_LOG_H_
