#ifndef COMMUNIQUE_TESTS_SUPPORT_WATCH_READER_H_
#define COMMUNIQUE_TESTS_SUPPORT_WATCH_READER_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "communique/client.h"
#include "communique/v1/change.pb.h"
#include "communique/v1/feed.pb.h"

namespace communique::testing {

// Every change after a revision up to the head, by a watch of its own.
absl::StatusOr<std::vector<v1::Change>> ReadChanges(const Client& client,
                                                    std::int64_t from_revision = 0);

// Whether the revisions of the changes are `first` to `last` without a gap, in
// order, those of one commit side by side; else which one is out of place.
absl::Status CheckDense(const std::vector<v1::Change>& changes, std::int64_t first,
                        std::int64_t last);

}  // namespace communique::testing

#endif  // COMMUNIQUE_TESTS_SUPPORT_WATCH_READER_H_
