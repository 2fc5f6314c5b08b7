#ifndef COMMUNIQUE_SERVICE_FEED_SHARED_FILTER_H_
#define COMMUNIQUE_SERVICE_FEED_SHARED_FILTER_H_

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "service/feed/changes.h"
#include "service/feed/gathered.h"
#include "service/feed/stats.h"
#include "service/feed/window.h"
#include "service/journal/local_store.h"
#include "service/query/filter.h"
#include "service/store/reader.h"

namespace communique::feed {

// Which records a watch is about.
struct WatchQuery {
  query::Filter filter;
  uint64_t shard_index = 0;
  uint64_t shard_count = 1;
  std::string text;  // of the filter

  // What a resume token is bound to.
  uint64_t Hash() const;
};

// What the filters of all watches share.
struct FilterContext {
  const store::Reader& reader;
  FeedCounters& counters;
  std::atomic<size_t> verdict_bytes{0};  // kept by all of them together
};

// One filter and shard, for every watch that asks for it: what it makes of the
// window's commits is worked out once. What it makes of the journal's, each
// lagging watcher works out by itself.
//
// Entering and leaving compare a record's version before with this one, never
// with what a stream has sent: so the verdict is the same for all.
//
// Thread safety: any thread.
class SharedFilter {
 public:
  // `context` outlives this.
  SharedFilter(WatchQuery query, FilterContext& context);
  ~SharedFilter();

  uint64_t query_hash() const { return hash_; }
  // Nothing to look at: every change is sent.
  bool everything() const { return everything_; }
  bool needs_record() const { return query_.filter.needs_record(); }
  // False when its name alone says that the watch does not want a record. Where
  // the filter needs the record to tell, that is not the last word.
  bool MayWant(absl::string_view name) const;
  bool Matches(const v1::Record& record) const { return query_.filter.Matches(record); }

  // What a response is to carry of the window's commits after `from`, up to
  // `through` or until it is full; null when the first fell out of the window.
  // RESUME_TOKEN_EXPIRED when a trim took what a commit is to be compared with.
  absl::StatusOr<std::shared_ptr<const Gathered>> Gather(const Window& window, int64_t from,
                                                         int64_t through);
  // Adds a commit that the journal told; `joiner` is of `out`.
  absl::Status GatherStored(const journal::StoredCommit& commit, SliceJoiner& joiner,
                            Gathered& out) const;

  // Works out a chunk before anybody asks. `changes` may be shared with others.
  void Prepare(const std::shared_ptr<const Chunk>& chunk, ChangeCache& changes);
  // Between these two, watchers at the same place are given the same response.
  void BeginSharing();
  void EndSharing();

  // The resume token after a revision.
  std::string TokenAt(int64_t revision);

 private:
  // What is sent and told of each commit of a chunk.
  struct Verdict {
    struct Commit {
      uint32_t pieces_end = 0;  // in `pieces`
      uint32_t told_end = 0;    // in `told`
      uint32_t before_bytes = 0;  // of versions before that were looked at
      uint32_t changes = 0;
      bool trimmed = false;  // what it is to be compared with is gone
    };
    std::vector<Commit> commits;
    std::vector<absl::string_view> pieces;  // of the chunk
    std::string told;
    size_t Bytes() const;
  };

  // Whether a change is sent; who entered or left is added to `told`, what was
  // read of the version before to `before_bytes`.
  absl::StatusOr<bool> Take(absl::string_view name, absl::string_view framed, ChangeCache& changes,
                            std::string& told, size_t& before_bytes) const;
  absl::StatusOr<std::shared_ptr<const Verdict>> VerdictOf(
      const std::shared_ptr<const Chunk>& chunk, ChangeCache& changes);
  absl::StatusOr<std::shared_ptr<const Verdict>> Evaluate(const Chunk& chunk,
                                                          ChangeCache& changes) const;
  void Keep(int64_t first_revision, std::shared_ptr<const Verdict> verdict)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const WatchQuery query_;
  const uint64_t hash_;
  const bool everything_;
  FilterContext& context_;

  absl::Mutex mutex_;
  // By the chunk's first revision.
  std::map<int64_t, std::shared_ptr<const Verdict>> verdicts_ ABSL_GUARDED_BY(mutex_);
  bool sharing_ ABSL_GUARDED_BY(mutex_) = false;
  int64_t shared_from_ ABSL_GUARDED_BY(mutex_) = -1;
  std::shared_ptr<const Gathered> shared_ ABSL_GUARDED_BY(mutex_);
  int64_t token_revision_ ABSL_GUARDED_BY(mutex_) = -1;
  std::string token_ ABSL_GUARDED_BY(mutex_);
};

// The filters of the watches that are open, each once.
//
// Thread safety: any thread.
class SharedFilters {
 public:
  explicit SharedFilters(FilterContext& context) : context_(context) {}

  std::shared_ptr<SharedFilter> Get(WatchQuery query);
  int64_t count() const;

 private:
  FilterContext& context_;
  mutable absl::Mutex mutex_;
  absl::flat_hash_map<std::string, std::weak_ptr<SharedFilter>> filters_ ABSL_GUARDED_BY(mutex_);
  // Those that nobody has any more are looked for when there are this many.
  size_t clean_at_ ABSL_GUARDED_BY(mutex_) = 64;
};

}  // namespace communique::feed

#endif  // COMMUNIQUE_SERVICE_FEED_SHARED_FILTER_H_
