#ifndef COMMUNIQUE_SERVICE_FEED_STATS_H_
#define COMMUNIQUE_SERVICE_FEED_STATS_H_

#include <atomic>
#include <cstdint>

#include "absl/time/time.h"

namespace communique::feed {

// What the feed has done since it started. Written by every watcher, so each
// counter stands by itself.
struct FeedCounters {
  std::atomic<int64_t> responses_sent{0};
  std::atomic<int64_t> changes_sent{0};
  std::atomic<int64_t> bytes_sent{0};       // of responses, before the transport's framing
  std::atomic<int64_t> checkpoints_sent{0};
  std::atomic<int64_t> window_hits{0};      // reads by watchers answered from memory
  std::atomic<int64_t> window_misses{0};    // those that read the journal
  std::atomic<int64_t> fell_behind{0};      // watchers that fell out of the window
  std::atomic<int64_t> expired_tokens{0};   // watches refused or ended: RESUME_TOKEN_EXPIRED
  std::atomic<int64_t> refused_watches{0};  // for a limit of watches or their filters
  std::atomic<int64_t> evaluations{0};      // changes that a filter looked at, once for all who share it
};

// How the feed stands at one moment; what it costs grows with the watches.
struct FeedState {
  int64_t active_watches = 0;    // at the head, or fed from memory
  int64_t lagging_watches = 0;   // reading the journal
  int64_t snapshot_watches = 0;  // within a snapshot
  int64_t distinct_filters = 0;  // filters and shards that watches share
  int64_t filter_bytes = 0;      // memory of them
  // Of the watch that is furthest behind the head.
  int64_t max_lag_revisions = 0;
  absl::Duration max_lag;        // the age of the first commit that it has not sent
  int64_t window_bytes = 0;
  int64_t window_first_revision = 0;  // 0: the window is empty
};

}  // namespace communique::feed

#endif  // COMMUNIQUE_SERVICE_FEED_STATS_H_
