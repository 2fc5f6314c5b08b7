#ifndef COMMUNIQUE_SERVICE_QUERY_CANDIDATE_INDEX_H_
#define COMMUNIQUE_SERVICE_QUERY_CANDIDATE_INDEX_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "communique/v1/record.pb.h"
#include "service/base/limits.h"
#include "service/query/bitmap.h"
#include "service/query/filter.h"
#include "service/query/index_segment.h"
#include "service/query/text_query.h"

// Which versions may match, at every revision.
//
// The index numbers versions, not records: what it knows of a version never
// changes, but for the revision that superseded it. A version is alive at R when
// it was written at or before R and not superseded at or before R, so one index
// answers every revision. It only narrows: the filter's evaluator decides, and a
// version whose terms are not worked out yet is a candidate for everything.
namespace communique::query {

class CandidateIndex;

// Versions that FindBest looks at to find those that share the most terms with a
// query; the terms that most versions have are left out first.
inline constexpr size_t kMaxTermVisits = 500'000;

// Where a version is found, and of which record it is.
struct VersionPlace {
  int64_t revision = 0;
  int32_t ordinal = 0;
  std::string name;
  friend bool operator==(const VersionPlace&, const VersionPlace&) = default;
};

// A term that a query asks by, and how much it counts.
struct WeightedTerm {
  uint64_t term = 0;
  double weight = 0;
};

// A version that has some of them. `overlap` is the sum of what these count, each
// the more the fewer versions that are alive have it.
struct TermMatch {
  VersionPlace place;
  double overlap = 0;
};

// A version that may match, and what the index knows of it. Keeps its segment.
class Candidate {
 public:
  int64_t revision() const { return (*versions_)[id_].revision; }
  int32_t ordinal() const { return (*versions_)[id_].ordinal; }
  absl::string_view name() const { return versions_->name(id_); }
  // Whether `time()` is known already.
  bool indexed() const { return indexed_; }
  int64_t time() const { return (*versions_)[id_].time; }  // VersionTerms::time

 private:
  friend class Candidates;
  Candidate(const VersionTable* versions, uint32_t id, bool indexed)
      : versions_(versions), id_(id), indexed_(indexed) {}
  const VersionTable* versions_;
  uint32_t id_;
  bool indexed_;
};

// What a filter left. Valid as long as it lives.
class Candidates {
 public:
  // Every live version at the revision, in the order of their numbers (so of
  // their revisions).
  void ForEach(absl::FunctionRef<void(Candidate)> visit) const;
  // The same from the newest on, until `visit` returns false.
  void ForEachNewestFirst(absl::FunctionRef<bool(Candidate)> visit) const;
  int64_t Count() const;

  // Whether the index left anything out at all.
  bool narrowed() const { return narrowed_; }
  // Whether the index left nothing in that it could not decide: then Count is
  // that of the matches, but for versions that are not indexed().
  bool exact() const { return exact_; }

 private:
  friend class CandidateIndex;
  struct Part {
    std::shared_ptr<const void> segment;
    const VersionTable* versions = nullptr;
    const std::atomic<int64_t>* superseded = nullptr;
    uint32_t size = 0;
    uint32_t indexed = 0;
    bool all = false;
    Bitmap ids;  // unless all; the versions that are not indexed are in it
  };
  bool Alive(const Part& part, uint32_t id) const;
  void Place(size_t place, Part part);

  std::vector<Part> parts_;
  int64_t revision_ = 0;
  v1::RecordKind kind_ = v1::RECORD_KIND_UNSPECIFIED;  // UNSPECIFIED: all
  bool narrowed_ = false;
  bool exact_ = true;
};

// Numbering is one thread's (the writer's), in the journal's order, and so is
// adding terms (the indexer's), in the order of numbers; readers are any.
class CandidateIndex {
 public:
  // `store_id` and `epoch` are what the files are bound to. Tests make the
  // segments smaller.
  CandidateIndex(std::string store_id, std::string epoch,
                 uint32_t segment_versions = kSegmentVersions,
                 size_t segment_bytes = base::kMaxOpenSegmentBytes);

  // Takes over the segments of a folder, from the first on, as far as they are
  // whole, of this store and on its journal (`hash_at` answers the chain's hash
  // at a revision; empty: not held). The others are deleted, and those that were
  // half written; other files are left alone. Before anything else. New ones are
  // saved there.
  absl::Status OpenFolder(const std::string& folder,
                          absl::FunctionRef<std::string(int64_t revision)> hash_at);

  // The last change that is numbered; what follows in the journal is to be added.
  IndexPosition position() const;
  // Everything up to this revision is numbered. Reads go no further.
  int64_t head() const { return head_.load(std::memory_order_acquire); }
  void SetHead(int64_t revision) { head_.store(revision, std::memory_order_release); }

  // Numbers one change (framed as stored), or notes what it buried.
  void Number(IndexPosition position, absl::string_view framed);
  // The terms of the oldest version that has none.
  void AddTerms(const VersionTerms& terms);
  // Seals the segments that are full and indexed, and saves them where there is
  // a folder. `hash_at` as above. On the indexer's thread.
  void SealFull(absl::FunctionRef<std::string(int64_t revision)> hash_at);

  const TermHasher& hasher() const { return hasher_; }
  int64_t version_count() const;  // numbered, alive or not
  int64_t unindexed_count() const;
  // Of segments and maps.
  int64_t memory_bytes() const;

  // What may match at a revision, which must be at most head(). A kind narrows
  // too. `filter` null: everything.
  Candidates Find(const FilterNode* filter, v1::RecordKind kind, int64_t revision) const;
  // What holds every word, in texts of the weights up to each: three sets, each
  // without those before it.
  std::vector<Candidates> FindText(const TextQuery& query, int64_t revision) const;
  // How many records of a kind are alive at a revision.
  int64_t CountLive(v1::RecordKind kind, int64_t revision) const;

  // The rest is of terms alone, and says nothing of versions that have none yet:
  // first it is waited, up to `timeout`, until those up to the revision have them.
  // False when they do not.
  bool WaitUntilIndexed(int64_t revision, absl::Duration timeout) const;
  // The versions alive at a revision that have the most of some terms, best first,
  // then in the journal's order; at most `limit`. The answer is the same after any
  // later commit, restart or re-indexing. The terms that most versions have are
  // left out beyond kMaxTermVisits versions in all, so it costs at most about
  // that many steps; the rarest is always asked.
  std::vector<TermMatch> FindBest(absl::Span<const WeightedTerm> terms, int64_t revision,
                                  size_t limit) const;
  // The first `limit` versions alive at a revision that have a term, in the
  // journal's order.
  std::vector<VersionPlace> FindWith(uint64_t term, int64_t revision, size_t limit) const;
  // How many versions alive at a revision have a term; at most `limit` are counted.
  int64_t CountWith(uint64_t term, int64_t revision, int64_t limit) const;

 private:
  // One segment, open or sealed, with what changes of its versions.
  struct Block {
    std::unique_ptr<OpenSegment> open;
    bool closed = false;  // takes no more versions though it is not full
    std::shared_ptr<const SealedSegment> sealed;
    std::unique_ptr<std::atomic<int64_t>[]> superseded;

    const VersionTable& versions() const {
      return sealed ? sealed->versions() : open->versions();
    }
    uint32_t size() const { return sealed ? sealed->size() : open->size(); }
    bool full() const { return sealed != nullptr || closed || open->full(); }
    uint32_t indexed() const { return sealed ? sealed->size() : open->indexed(); }
    // Versions up to a revision: they rise.
    uint32_t CountUpTo(int64_t revision) const;
    bool Alive(uint32_t id, int64_t revision) const {
      return superseded[id].load(std::memory_order_relaxed) > revision;
    }
    uint32_t CountTerm(uint64_t term, uint32_t end) const {
      return sealed ? sealed->CountTerm(term, end) : open->CountTerm(term, end);
    }
    void CopyTerm(uint64_t term, uint32_t end, std::vector<uint16_t>& out) const {
      return sealed ? sealed->CopyTerm(term, end, out) : open->CopyTerm(term, end, out);
    }
    VersionPlace PlaceOf(uint32_t id) const;
  };
  using BlockPtr = std::shared_ptr<Block>;

  BlockPtr NewBlock() const;
  // The number + 1 of the version of a name that a revision wrote; 0: none.
  uint32_t FindNumber(absl::string_view name, int64_t revision) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Supersede(uint32_t previous, int64_t revision) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Candidates::Part MakePart(const BlockPtr& block) const ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  template <typename Use>
  void ForEachSegment(int64_t revision, const Use& use) const;
  void Save(size_t number, const SealedSegment& segment) const;
  // The blocks that have versions up to a revision.
  std::vector<BlockPtr> BlocksUpTo(int64_t revision) const ABSL_SHARED_LOCKS_REQUIRED(mutex_);

  const std::string store_id_;
  const std::string epoch_;
  const uint32_t segment_versions_;
  const size_t segment_bytes_;
  TermHasher hasher_;
  std::string folder_;  // empty: nothing is saved
  std::atomic<int64_t> head_{0};

  mutable absl::Mutex mutex_;
  std::vector<BlockPtr> blocks_ ABSL_GUARDED_BY(mutex_);
  IndexPosition position_ ABSL_GUARDED_BY(mutex_);
  size_t first_open_ ABSL_GUARDED_BY(mutex_) = 0;     // blocks before it are sealed
  size_t first_unindexed_ ABSL_GUARDED_BY(mutex_) = 0;  // blocks before it are indexed
};

}  // namespace communique::query

#endif  // COMMUNIQUE_SERVICE_QUERY_CANDIDATE_INDEX_H_
