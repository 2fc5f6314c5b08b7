#ifndef COMMUNIQUE_SERVICE_BASE_TIMESTAMP_H_
#define COMMUNIQUE_SERVICE_BASE_TIMESTAMP_H_

#include <cstdint>

#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"

// Commit times are whole microseconds since 1970-01-01T00:00:00Z.
namespace communique::base {

inline void SetTimestamp(int64_t unix_micros, google::protobuf::Timestamp& out) {
  out.set_seconds(unix_micros / 1'000'000);
  out.set_nanos(static_cast<int32_t>(unix_micros % 1'000'000) * 1000);
}

inline void SetTimestamp(absl::Time time, google::protobuf::Timestamp& out) {
  SetTimestamp(absl::ToUnixMicros(time), out);
}

}  // namespace communique::base

#endif  // COMMUNIQUE_SERVICE_BASE_TIMESTAMP_H_
