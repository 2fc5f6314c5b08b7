#ifndef COMMUNIQUE_SERVICE_FEED_CHANGES_H_
#define COMMUNIQUE_SERVICE_FEED_CHANGES_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "communique/v1/change.pb.h"
#include "service/feed/window.h"
#include "service/query/record_terms.h"
#include "service/store/reader.h"

// Stored changes, looked into.
namespace communique::feed {

absl::StatusOr<v1::Change> ParseChange(absl::string_view framed);

// Calls `visit` with each framed change of bytes that stand side by side, and the
// name of its record. DATA_LOSS when they are no such bytes.
absl::Status ForEachChange(
    absl::string_view bytes,
    absl::FunctionRef<absl::Status(absl::string_view name, absl::string_view framed)> visit);

// Takes the first framed change off bytes that stand side by side, and the name of
// its record. DATA_LOSS when they are no such bytes.
struct FramedChange {
  absl::string_view name;
  absl::string_view framed;
};
absl::StatusOr<FramedChange> TakeChange(absl::string_view& bytes);

// A change and what stood under its name before.
struct ChangeWithBefore {
  ChangeWithBefore(v1::Change the_change, v1::Change the_before, size_t read)
      : change(std::move(the_change)),
        before(std::move(the_before)),
        before_bytes(read),
        terms(change.record()),
        before_terms(before.record()) {}

  const v1::Change change;
  const v1::Change before;    // empty when nothing did
  const size_t before_bytes;  // read to know
  query::RecordTerms terms;   // of the record in each
  query::RecordTerms before_terms;
  size_t counted_bytes = 0;  // of the terms, by the cache
};

// Changes parsed, and their words gathered, once for all filters that look at them.
//
// Thread safety: one thread at a time.
class ChangeCache {
 public:
  // Keeps at most `max_bytes` and the change that was asked for last.
  explicit ChangeCache(const store::Reader& reader,
                       size_t max_bytes = std::numeric_limits<size_t>::max())
      : reader_(reader), max_bytes_(max_bytes) {}

  // The changes that are asked for next are of this chunk, which is kept alive as
  // long as they are.
  void Hold(std::shared_ptr<const Chunk> chunk);
  // Until the next call. `framed` is at one address as long as it is the same
  // change. NOT_FOUND when a trim took the version before; DATA_LOSS.
  absl::StatusOr<ChangeWithBefore*> Get(absl::string_view framed);
  void Clear();
  // Memory, as an estimate.
  size_t bytes() const { return bytes_; }
  // Changes parsed so far.
  int64_t parsed() const { return parsed_; }

 private:
  // Counts what its terms have grown by.
  void Count(ChangeWithBefore& change);

  const store::Reader& reader_;
  const size_t max_bytes_;
  std::shared_ptr<const Chunk> chunk_;
  absl::flat_hash_set<std::shared_ptr<const Chunk>> held_;
  absl::flat_hash_map<const char*, std::unique_ptr<ChangeWithBefore>> changes_;
  ChangeWithBefore* last_ = nullptr;  // its terms may have grown since it was counted
  size_t bytes_ = 0;
  int64_t parsed_ = 0;
};

}  // namespace communique::feed

#endif  // COMMUNIQUE_SERVICE_FEED_CHANGES_H_
