#ifndef COMMUNIQUE_SERVICE_JOURNAL_EMBEDDED_JOURNAL_H_
#define COMMUNIQUE_SERVICE_JOURNAL_EMBEDDED_JOURNAL_H_

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "service/journal/journal.h"

namespace communique::journal {

// The journal of one machine: deciding a group is the LocalStore's own batch.
class EmbeddedJournal final : public Journal {
 public:
  // `store` outlives this.
  explicit EmbeddedJournal(LocalStore& store) : store_(store) {}

  absl::Status Append(const CommitGroup& group) override;
  int64_t head() const override { return store_.head(); }
  int64_t oldest() const override { return store_.oldest(); }
  absl::Status Read(int64_t from_exclusive,
                    absl::FunctionRef<bool(const StoredCommit&)> visit) const override {
    return store_.ReadCommits(from_exclusive, visit);
  }
  bool WaitForMore(int64_t revision, absl::Time deadline) const override;
  absl::Status health() const override;

 private:
  LocalStore& store_;
  mutable absl::Mutex mutex_;
  absl::Status stopped_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace communique::journal

#endif  // COMMUNIQUE_SERVICE_JOURNAL_EMBEDDED_JOURNAL_H_
