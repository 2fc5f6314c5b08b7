#ifndef COMMUNIQUE_SERVICE_JOURNAL_MEMORY_STORE_H_
#define COMMUNIQUE_SERVICE_JOURNAL_MEMORY_STORE_H_

#include <map>
#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/container/btree_map.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "service/journal/local_store.h"

namespace communique::journal {

// Everything in memory, nothing durable: for tests, and for applications that
// test against the real service in their own process.
class MemoryStore final : public LocalStore {
 public:
  MemoryStore();

  absl::Status Apply(const CommitGroup& group) override;
  absl::StatusOr<bool> TrimStep() override;
  absl::Status SaveLoads(
      const absl::flat_hash_map<std::string, LoadPosition>& positions) override;
  const Identity& identity() const override { return identity_; }
  int64_t head() const override;
  int64_t oldest() const override;
  std::string head_hash() const override;
  int64_t live_count() const override;
  bool durable() const override { return false; }
  int64_t disk_bytes() const override { return 0; }
  absl::string_view engine_name() const override { return "memory"; }

  absl::StatusOr<std::optional<Version>> Find(absl::string_view name,
                                              int64_t at_revision) const override;
  absl::StatusOr<std::string> ReadChange(int64_t revision, int32_t ordinal) const override;
  absl::Status ReadChanges(
      const std::vector<Version>& versions,
      absl::FunctionRef<bool(size_t, absl::string_view)> visit) const override;
  absl::Status ScanNames(
      absl::string_view prefix, absl::string_view after, int64_t at_revision,
      absl::FunctionRef<bool(absl::string_view, const Version&)> visit) const override;
  absl::Status ScanHistory(absl::string_view name, int64_t at_revision,
                           absl::FunctionRef<bool(const Version&)> visit) const override;
  absl::Status ReadCommits(int64_t from_exclusive,
                           absl::FunctionRef<bool(const StoredCommit&)> visit) const override;
  absl::Status ReadHeader(
      int64_t revision,
      absl::FunctionRef<void(absl::string_view, absl::string_view)> visit) const override;
  absl::StatusOr<LoadPosition> FindLoad(absl::string_view load_key) const override;

 private:
  // What was superseded by a change of `revision`, as positions in `gone`.
  void TrimBefore(const std::string& name, int64_t revision,
                  std::map<int64_t, std::vector<int32_t>>& gone)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Identity identity_;
  mutable absl::Mutex mutex_;
  // Commit of revision R is at R - 1.
  std::vector<std::shared_ptr<const EncodedCommit>> commits_ ABSL_GUARDED_BY(mutex_);
  // Versions of each name, oldest first.
  absl::btree_map<std::string, std::vector<Version>> names_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::string, LoadPosition> loads_ ABSL_GUARDED_BY(mutex_);
  int64_t live_count_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t oldest_ ABSL_GUARDED_BY(mutex_) = 0;
  // What was superseded up to here is gone; headers up to there are.
  int64_t versions_through_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t headers_through_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace communique::journal

#endif  // COMMUNIQUE_SERVICE_JOURNAL_MEMORY_STORE_H_
