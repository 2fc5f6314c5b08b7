#ifndef COMMUNIQUE_SERVICE_STORE_MERGED_NAMES_H_
#define COMMUNIQUE_SERVICE_STORE_MERGED_NAMES_H_

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "service/journal/local_store.h"
#include "service/query/candidate_index.h"
#include "service/store/commit_listener.h"
#include "service/store/reader.h"

namespace communique::store {

// Whether a change merged an actor into another, or took that back.
bool IsMergeOfActor(const journal::EncodedChange& change);

// Which actors were merged into which at one revision: references keep the name
// that they were written with, so whoever looks for those to a survivor asks for
// every name that leads there.
//
// Thread safety: never changes.
class Merges {
 public:
  // An actor that was merged away.
  struct Loser {
    std::string name;
    std::string successor;     // what it was merged into, which may have been merged on
    int64_t revision = 0;      // of the merge
    query::VersionPlace body;  // its last version, which is kept as long as the merge stands
  };

  // In order of names.
  const std::vector<Loser>& losers() const { return losers_; }
  // Null for a name that was not merged away.
  const Loser* Find(absl::string_view name) const;
  // Where a name leads; itself when it was not merged away.
  absl::string_view SurvivorOf(absl::string_view name) const;
  // A name and all that lead to it, the name itself first, then in order.
  std::vector<std::string> NamesOf(const std::string& survivor) const;

 private:
  friend class MergedNames;
  explicit Merges(std::vector<Loser> losers);

  std::vector<Loser> losers_;
  absl::flat_hash_map<absl::string_view, std::vector<const Loser*>> by_successor_;
};

using MergesPtr = std::shared_ptr<const Merges>;

// The actors whose names lead elsewhere, or from elsewhere, than they did: those
// at either end of every merge and unmerge between the two.
absl::flat_hash_set<std::string> NamesThatMoved(const Merges& before, const Merges& after,
                                                int64_t before_revision);

// The merges of any revision.
//
// Performance: a scan over the names of all actors at the first call and after
// each merge or unmerge of one; a look-up otherwise. For revisions older than the
// process a scan for each, of which a few are kept. One scan at a time: not for the
// thread of a completion queue.
// Thread safety: any thread.
class MergedNames final : public CommitListener {
 public:
  // `local` outlives this. To be told of commits before the index is, so that no
  // view is open at a revision whose merges are not known of.
  explicit MergedNames(const journal::LocalStore& local) : local_(local), start_(local.head()) {}

  absl::StatusOr<MergesPtr> At(int64_t revision) const;
  // How often it was scanned.
  int64_t scans() const { return scans_.load(std::memory_order_relaxed); }

  void OnCommits(const journal::CommitGroup& group) override;

 private:
  // What stood from a revision on stands until the next merge; nothing earlier
  // than this process is told apart, so there each revision has its own.
  int64_t KeyOf(int64_t revision) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Null: not held.
  MergesPtr FindHeld(int64_t key) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::StatusOr<MergesPtr> Scan(int64_t revision) const;

  const journal::LocalStore& local_;
  const int64_t start_;  // the head when the process started
  mutable std::atomic<int64_t> scans_{0};
  // Held while it is scanned, and taken before mutex_.
  mutable absl::Mutex scanning_ ABSL_ACQUIRED_BEFORE(mutex_);
  mutable absl::Mutex mutex_;
  // Rising: those since start_ that merged or unmerged an actor.
  std::vector<int64_t> merge_revisions_ ABSL_GUARDED_BY(mutex_);
  // The ones used last, by key; the latest in front.
  mutable std::deque<std::pair<int64_t, MergesPtr>> held_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace communique::store

#endif  // COMMUNIQUE_SERVICE_STORE_MERGED_NAMES_H_
