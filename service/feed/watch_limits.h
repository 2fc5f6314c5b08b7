#ifndef COMMUNIQUE_SERVICE_FEED_WATCH_LIMITS_H_
#define COMMUNIQUE_SERVICE_FEED_WATCH_LIMITS_H_

#include <cstdint>

#include "service/base/limits.h"

namespace communique::feed {

// How many watches may be open at once.
struct WatchLimits {
  int64_t total = base::kMaxWatches;
  int64_t per_principal = base::kMaxWatchesPerPrincipal;
  int64_t per_connection = base::kMaxWatchesPerConnection;
};

}  // namespace communique::feed

#endif  // COMMUNIQUE_SERVICE_FEED_WATCH_LIMITS_H_
