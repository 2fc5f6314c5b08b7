#ifndef COMMUNIQUE_SERVICE_FEED_VERDICTS_H_
#define COMMUNIQUE_SERVICE_FEED_VERDICTS_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"

namespace communique::feed {

class SharedFilter;

// What a filter makes of a chunk: what is sent and told of each of its commits.
struct Verdict {
  struct Commit {
    uint32_t pieces_end = 0;    // in `pieces`
    uint32_t told_end = 0;      // in `told`
    uint32_t before_bytes = 0;  // of versions before that were looked at
    uint32_t changes = 0;
    bool trimmed = false;  // what it is to be compared with is gone
  };
  std::vector<Commit> commits;
  std::vector<absl::string_view> pieces;  // of the chunk
  std::string told;

  // Memory, with what it costs to keep.
  size_t Bytes() const;
};

// The verdicts of all filters, kept for the watchers that ask later: at most
// `max_bytes` together. Beyond, those of the oldest revisions go, whosesoever they
// are, and are worked out again when asked for.
//
// Thread safety: any thread.
class Verdicts {
 public:
  explicit Verdicts(size_t max_bytes) : max_bytes_(max_bytes) {}

  // Of the chunk that begins with a revision; null when it is not kept.
  std::shared_ptr<const Verdict> Find(const SharedFilter& filter, int64_t first_revision) const;
  void Keep(const SharedFilter& filter, int64_t first_revision,
            std::shared_ptr<const Verdict> verdict);
  // All of a filter.
  void Forget(const SharedFilter& filter);
  size_t bytes() const;

 private:
  using OfFilter = std::map<int64_t, std::shared_ptr<const Verdict>>;

  void EraseOldest() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const size_t max_bytes_;
  mutable absl::Mutex mutex_;
  absl::flat_hash_map<const SharedFilter*, OfFilter> filters_ ABSL_GUARDED_BY(mutex_);
  std::set<std::pair<int64_t, const SharedFilter*>> order_ ABSL_GUARDED_BY(mutex_);  // the same
  size_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace communique::feed

#endif  // COMMUNIQUE_SERVICE_FEED_VERDICTS_H_
