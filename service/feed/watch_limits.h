#ifndef COMMUNIQUE_SERVICE_FEED_WATCH_LIMITS_H_
#define COMMUNIQUE_SERVICE_FEED_WATCH_LIMITS_H_

#include <cstdint>

#include "service/base/limits.h"

namespace communique::feed {

// How many watches may be open at once, and what their filters may take.
struct WatchLimits {
  int64_t total = base::kMaxWatches;
  int64_t per_principal = base::kMaxWatchesPerPrincipal;
  int64_t per_connection = base::kMaxWatchesPerConnection;
  int64_t filter_bytes = base::kMaxWatchFilterBytes;
  int64_t filter_bytes_per_principal = base::kMaxWatchFilterBytesPerPrincipal;
  int64_t filter_terms_per_principal = base::kMaxWatchFilterTermsPerPrincipal;
};

}  // namespace communique::feed

#endif  // COMMUNIQUE_SERVICE_FEED_WATCH_LIMITS_H_
