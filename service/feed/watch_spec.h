#ifndef COMMUNIQUE_SERVICE_FEED_WATCH_SPEC_H_
#define COMMUNIQUE_SERVICE_FEED_WATCH_SPEC_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "communique/v1/feed.pb.h"
#include "service/feed/shared_filters.h"
#include "service/store/reader.h"

namespace communique::feed {

// A snapshot that comes first, or is to be continued.
struct SnapshotStart {
  store::ReadView view;
  std::string after;  // the last name seen of it
};

// A watch as it was asked for, checked and resolved.
struct WatchSpec {
  std::shared_ptr<const FilterHold> hold;
  absl::Duration checkpoint_interval;
  std::optional<int64_t> until_revision;
  // Everything up to here was seen.
  int64_t start_revision = 0;
  std::unique_ptr<SnapshotStart> snapshot;  // null: none
};

// INVALID_ARGUMENT with every violation; the errors of resume tokens; those of
// SharedFilters::Get and Reader::Open. `head` is the newest revision that watchers
// may see.
absl::StatusOr<WatchSpec> ResolveWatch(const v1::WatchRequest& request, const store::Reader& reader,
                                       int64_t head, SharedFilters& filters,
                                       const std::string& principal);

}  // namespace communique::feed

#endif  // COMMUNIQUE_SERVICE_FEED_WATCH_SPEC_H_
