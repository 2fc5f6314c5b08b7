#ifndef COMMUNIQUE_SERVICE_STORE_MERGED_NAMES_H_
#define COMMUNIQUE_SERVICE_STORE_MERGED_NAMES_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "service/journal/local_store.h"
#include "service/store/commit_listener.h"
#include "service/store/reader.h"

namespace communique::store {

// Whether a change merged an actor into another, or took that back.
bool IsMergeOfActor(const journal::EncodedChange& change);

// Which actors were merged into which: references keep the name that they were
// written with, so whoever looks for those to a survivor asks for every name that
// leads there.
//
// Performance: a scan over the names of all actors at the first call and after
// each merge or unmerge of one; a look-up otherwise. For older revisions a scan
// for each change of revision.
// Thread safety: any thread.
class MergedNames final : public CommitListener {
 public:
  // `local` outlives this. To be told of commits before the index is, so that no
  // view is open at a revision whose merges are not known of.
  explicit MergedNames(const journal::LocalStore& local)
      : local_(local), last_merge_(local.head()) {}

  // The name of a live actor and all that lead to it at the view's revision, the
  // name itself first, then in order.
  absl::StatusOr<std::vector<std::string>> NamesOf(const ReadView& view,
                                                   const std::string& survivor) const;

  void OnCommits(const journal::CommitGroup& group) override;

 private:
  // What stood at one revision.
  struct Merges {
    int64_t revision = 0;
    absl::flat_hash_map<std::string, std::vector<std::string>> losers;  // by successor
  };
  using MergesPtr = std::shared_ptr<const Merges>;

  absl::StatusOr<MergesPtr> MergesAt(int64_t revision) const;
  absl::StatusOr<MergesPtr> Scan(int64_t revision) const;

  const journal::LocalStore& local_;
  // The newest revision that merged or unmerged an actor; nothing earlier than
  // this process is told apart from its head.
  std::atomic<int64_t> last_merge_;
  mutable absl::Mutex mutex_;
  // Stands from its revision on, until last_merge_ passes it.
  mutable MergesPtr newest_ ABSL_GUARDED_BY(mutex_);
  // Of one older revision: the one that was asked for last.
  mutable MergesPtr older_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace communique::store

#endif  // COMMUNIQUE_SERVICE_STORE_MERGED_NAMES_H_
