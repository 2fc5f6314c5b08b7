#ifndef COMMUNIQUE_SERVICE_FEED_CHANGES_H_
#define COMMUNIQUE_SERVICE_FEED_CHANGES_H_

#include <cstddef>
#include <memory>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "communique/v1/change.pb.h"
#include "service/store/reader.h"

// Stored changes, looked into.
namespace communique::feed {

absl::StatusOr<v1::Change> ParseChange(absl::string_view framed);

// Calls `visit` with each framed change of bytes that stand side by side, and the
// name of its record. DATA_LOSS when they are no such bytes.
absl::Status ForEachChange(
    absl::string_view bytes,
    absl::FunctionRef<absl::Status(absl::string_view name, absl::string_view framed)> visit);

// A change and what stood under its name before.
struct ChangeWithBefore {
  v1::Change change;
  v1::Change before;        // empty when nothing did
  size_t before_bytes = 0;  // read to know
};

// Changes parsed once for all filters that look at them.
//
// Thread safety: one thread at a time.
class ChangeCache {
 public:
  explicit ChangeCache(const store::Reader& reader) : reader_(reader) {}

  // `framed` is at one address as long as it is the same change. NOT_FOUND when
  // a trim took the version before; DATA_LOSS.
  absl::StatusOr<const ChangeWithBefore*> Get(absl::string_view framed);
  void Clear() { changes_.clear(); }

 private:
  const store::Reader& reader_;
  absl::flat_hash_map<const char*, std::unique_ptr<const ChangeWithBefore>> changes_;
};

}  // namespace communique::feed

#endif  // COMMUNIQUE_SERVICE_FEED_CHANGES_H_
