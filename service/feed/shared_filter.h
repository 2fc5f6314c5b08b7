#ifndef COMMUNIQUE_SERVICE_FEED_SHARED_FILTER_H_
#define COMMUNIQUE_SERVICE_FEED_SHARED_FILTER_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "service/base/limits.h"
#include "service/feed/changes.h"
#include "service/feed/gathered.h"
#include "service/feed/stats.h"
#include "service/feed/verdicts.h"
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
  std::string text;  // of the filter; to tell queries apart

  // What a resume token is bound to.
  uint64_t Hash() const;
};

// What the filters of all watches share.
struct FilterContext {
  const store::Reader& reader;
  FeedCounters& counters;
  Verdicts verdicts{base::kMaxVerdictBytes};
};

// Answers whether a step has lasted long enough.
using Late = absl::FunctionRef<bool()>;

// What a filter has of the window for a response.
struct FromWindow {
  enum class State {
    kGathered,
    kGone,         // the first commit fell out of the window
    kNotLookedAt,  // the filter has not looked at the first one
  };
  State state = State::kGathered;
  std::shared_ptr<const Gathered> gathered;
};

// One filter and shard, for every watch that asks for it: what it makes of the
// window's commits is worked out once. What it makes of the journal's, each
// lagging watcher works out by itself.
//
// Entering and leaving compare a record's version before with this one, never
// with what a stream has sent: so the verdict is the same for all.
//
// Thread safety: any thread, but Prepare and unfinished: one at a time.
class SharedFilter {
 public:
  // `text_bytes` are kept by whoever keeps this. `context` outlives this.
  SharedFilter(WatchQuery query, size_t text_bytes, FilterContext& context);
  ~SharedFilter();

  uint64_t query_hash() const { return hash_; }
  // Nothing to look at: every change is sent.
  bool everything() const { return everything_; }
  // So little to look at that it costs less than to wait for a turn.
  bool quick() const {
    return everything_ || (!needs_record() && terms() <= base::kMaxQuickFilterTerms);
  }
  bool needs_record() const { return query_.filter.needs_record(); }
  int64_t terms() const { return query_.filter.terms(); }
  // Memory, without verdicts.
  size_t bytes() const { return bytes_; }
  // False when its name alone says that the watch does not want a record. Where
  // the filter needs the record to tell, that is not the last word.
  bool MayWant(absl::string_view name) const;
  bool Matches(const v1::Record& record) const;

  // What a response is to carry of the window's commits after `from`, up to
  // `through` or until it is full. What a quick filter has not looked at, it does
  // here; others only if `may_look`, until they are late; else it is as far as
  // Prepare came. RESUME_TOKEN_EXPIRED when a trim took what a commit is to be
  // compared with.
  absl::StatusOr<FromWindow> Gather(const Window& window, int64_t from, int64_t through,
                                    bool may_look, Late late);
  // Adds a commit that the journal told; `joiner` is of `out`.
  absl::Status GatherStored(const journal::StoredCommit& commit, SliceJoiner& joiner,
                            Gathered& out) const;

  // Works out a chunk before anybody asks, until it is done or late; true: it is
  // done. Goes on where it stopped when it is asked for the same chunk again.
  bool Prepare(const std::shared_ptr<const Chunk>& chunk, ChangeCache& changes, Late late);
  // The chunk where Prepare stopped; null: none.
  const Chunk* unfinished() const { return unfinished_.chunk.get(); }
  // Between these two, watchers at the same place are given the same response, and
  // what was prepared is there.
  void BeginSharing();
  void EndSharing();

  // The resume token after a revision.
  std::string TokenAt(int64_t revision);

 private:
  // Looking at a chunk, as far as it came.
  struct Evaluation {
    std::shared_ptr<const Chunk> chunk;
    std::shared_ptr<Verdict> verdict;
    Verdict::Commit commit;  // the one after those of the verdict
    size_t offset = 0;       // in its bytes
  };
  using Answer = absl::StatusOr<std::shared_ptr<const Verdict>>;

  // Whether a change is sent; who entered or left is added to `told`, what was
  // read of the version before to `before_bytes`.
  absl::StatusOr<bool> Take(absl::string_view name, absl::string_view framed, ChangeCache& changes,
                            std::string& told, size_t& before_bytes) const;
  // True: it is done.
  absl::StatusOr<bool> Evaluate(Evaluation& evaluation, ChangeCache& changes, Late late) const;
  // Null: it was not looked at.
  Answer FindVerdict(const Chunk& chunk);
  Answer MakeVerdict(const std::shared_ptr<const Chunk>& chunk, ChangeCache& changes);
  // Adds some commits of a chunk; null: all of their changes.
  absl::Status AddRange(const ChunkRange& range, const Verdict* verdict, SliceJoiner& joiner,
                        Gathered& out) const;

  const WatchQuery query_;
  const uint64_t hash_;
  const bool everything_;
  const size_t bytes_;
  FilterContext& context_;
  Evaluation unfinished_;  // of Prepare

  absl::Mutex mutex_;
  bool sharing_ ABSL_GUARDED_BY(mutex_) = false;
  int64_t shared_from_ ABSL_GUARDED_BY(mutex_) = -1;
  std::shared_ptr<const Gathered> shared_ ABSL_GUARDED_BY(mutex_);
  // What was prepared since BeginSharing, by the chunk's first revision.
  std::map<int64_t, Answer> prepared_ ABSL_GUARDED_BY(mutex_);
  int64_t token_revision_ ABSL_GUARDED_BY(mutex_) = -1;
  std::string token_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace communique::feed

#endif  // COMMUNIQUE_SERVICE_FEED_SHARED_FILTER_H_
