#ifndef COMMUNIQUE_SERVICE_FEED_WATCH_SPEC_H_
#define COMMUNIQUE_SERVICE_FEED_WATCH_SPEC_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "communique/v1/feed.pb.h"
#include "service/query/filter.h"
#include "service/store/reader.h"

namespace communique::feed {

// A watch as it was asked for, checked and resolved.
struct WatchSpec {
  query::Filter filter;
  uint64_t shard_index = 0;
  uint64_t shard_count = 1;
  // Hash of filter, shard and mode: what a token is bound to.
  uint64_t query = 0;
  absl::Duration checkpoint_interval;
  std::optional<int64_t> until_revision;
  // Everything up to here was seen.
  int64_t start_revision = 0;
  // Set when a snapshot comes first, or is to be continued.
  std::optional<store::ReadView> snapshot;
  std::string snapshot_after;  // the last name seen of it

  // Whether a record is in the watch's share.
  bool InShard(absl::string_view name) const;
  // False when its name alone says that the watch does not want a record. Where
  // the filter needs the record to tell, that is not the last word.
  bool MayWant(absl::string_view name) const;
};

// INVALID_ARGUMENT with every violation; the errors of resume tokens; those of
// Reader::Open. `head` is the newest revision that watchers may see.
absl::StatusOr<WatchSpec> ResolveWatch(const v1::WatchRequest& request,
                                       const store::Reader& reader, int64_t head);

}  // namespace communique::feed

#endif  // COMMUNIQUE_SERVICE_FEED_WATCH_SPEC_H_
