#ifndef COMMUNIQUE_SERVICE_STORE_INDEXER_H_
#define COMMUNIQUE_SERVICE_STORE_INDEXER_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "service/journal/local_store.h"
#include "service/query/candidate_index.h"
#include "service/store/commit_listener.h"

namespace communique::store {

// Keeps the candidate index current: numbers each version on the writer's thread,
// which is cheap, and works out its terms on one of its own. Until then the
// version is a candidate for every filter, so answers are whole at any time.
//
// When more than kMaxUnindexedBytes wait, the writer waits with them: loading
// goes no faster than indexing.
class Indexer final : public CommitListener {
 public:
  // Both outlive this.
  Indexer(const journal::LocalStore& local, query::CandidateIndex& index)
      : local_(local), index_(index) {}
  ~Indexer() override;

  // Takes over the segments of `folder` (empty: none are kept), indexes what
  // follows them in the journal, and starts the thread.
  absl::Status Start(const std::string& folder);
  void Stop();

  void OnCommits(const journal::CommitGroup& group) override;
  // Waits until every version has its terms.
  void WaitUntilIndexed() const;

 private:
  absl::Status CatchUp();
  // Numbers and indexes what stands at the oldest revision and lies beyond `from`:
  // the commits that wrote it are no longer whole.
  absl::Status IndexOldest(query::IndexPosition from);
  void Run();
  // Adds the terms of a live change.
  void Index(absl::string_view framed);
  void Seal();
  std::string HashAt(int64_t revision) const;

  const journal::LocalStore& local_;
  query::CandidateIndex& index_;

  mutable absl::Mutex mutex_;
  std::deque<std::shared_ptr<const journal::EncodedCommit>> waiting_ ABSL_GUARDED_BY(mutex_);
  size_t waiting_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  bool idle_ ABSL_GUARDED_BY(mutex_) = true;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace communique::store

#endif  // COMMUNIQUE_SERVICE_STORE_INDEXER_H_
