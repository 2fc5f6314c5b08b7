#include "tests/support/watch_reader.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"

namespace communique::testing {

absl::StatusOr<std::vector<v1::Change>> ReadChanges(const Client& client,
                                                    std::int64_t from_revision) {
  v1::WatchRequest request;
  request.set_start_revision(from_revision);
  request.set_until_head(true);
  Watch watch = client.Watch({.request = request, .open_timeout = absl::Seconds(15)});
  std::vector<v1::Change> changes;
  while (true) {
    auto response = watch.Next();
    if (!response.ok()) return response.status();
    if (!response->has_value()) return changes;
    for (const WatchedChange& change : (*response)->changes()) changes.push_back(change);
  }
}

absl::Status CheckDense(const std::vector<v1::Change>& changes, std::int64_t first,
                        std::int64_t last) {
  std::int64_t revision = first - 1;
  for (const v1::Change& change : changes) {
    if (change.revision() != revision && change.revision() != revision + 1) {
      return absl::DataLossError(
          absl::StrCat("revision ", change.revision(), " came after ", revision));
    }
    revision = change.revision();
  }
  if (revision == last) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat("the last was ", revision, ", not ", last));
}

}  // namespace communique::testing
