#ifndef COMMUNIQUE_SERVICE_SERVER_PROCESS_STATS_H_
#define COMMUNIQUE_SERVICE_SERVER_PROCESS_STATS_H_

#include <cstdint>

namespace communique::server {

// This process as /proc tells it; zeros for what cannot be read.
struct ProcessStats {
  double cpu_seconds = 0;         // user and system
  double start_time_seconds = 0;  // since 1970, as far as the clock was right at boot
  int64_t resident_bytes = 0;
  int64_t virtual_bytes = 0;
  int64_t threads = 0;
  int64_t open_fds = 0;
  int64_t max_fds = 0;
};

ProcessStats ReadProcessStats();

}  // namespace communique::server

#endif  // COMMUNIQUE_SERVICE_SERVER_PROCESS_STATS_H_
