#ifndef COMMUNIQUE_SERVICE_JOURNAL_ROCKSDB_STORE_H_
#define COMMUNIQUE_SERVICE_JOURNAL_ROCKSDB_STORE_H_

#include <atomic>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "rocksdb/db.h"
#include "service/journal/high_water_mark.h"
#include "service/journal/local_store.h"

namespace communique::journal {

struct RocksDbOptions {
  std::string data_dir;
  // For tests that inject faults; null: the machine's own.
  rocksdb::Env* env = nullptr;
};

// The journal on the local disk. FORMAT.md tells what is stored how.
class RocksDbStore final : public LocalStore {
 public:
  // Opens or creates a store. DATA_LOSS when the database ends before the
  // high-water mark or disagrees with it; UNAVAILABLE when another process has
  // it open.
  static absl::StatusOr<std::unique_ptr<RocksDbStore>> Open(const RocksDbOptions& options);
  ~RocksDbStore() override;

  absl::Status Apply(const CommitGroup& group) override;
  absl::StatusOr<bool> TrimStep() override;
  absl::Status SaveLoads(
      const absl::flat_hash_map<std::string, LoadPosition>& positions) override;
  const Identity& identity() const override { return identity_; }
  int64_t head() const override { return head_.load(std::memory_order_acquire); }
  int64_t oldest() const override { return oldest_.load(std::memory_order_acquire); }
  std::string head_hash() const override;
  int64_t live_count() const override { return live_count_.load(std::memory_order_relaxed); }
  bool durable() const override { return true; }
  int64_t disk_bytes() const override;
  absl::string_view engine_name() const override { return "rocksdb"; }

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
  RocksDbStore() = default;

  absl::Status OpenDatabase(const RocksDbOptions& options);
  absl::Status Recover();
  absl::Status CreateIdentity();
  // Seeks within the history of one name.
  absl::StatusOr<std::optional<Version>> FindInHistory(rocksdb::Iterator& history,
                                                       absl::string_view name,
                                                       int64_t at_revision) const;

  // Trimming (rocksdb_trim.cc).
  struct TrimProgress {
    int64_t versions_through = 0;  // what was superseded up to here is gone
    int64_t headers_through = 0;   // headers up to here are cut to their hashes
    bool operator==(const TrimProgress&) const = default;
  };
  void PutOldest(int64_t oldest, rocksdb::WriteBatch& batch) const;
  absl::Status RecoverTrim();
  int64_t LastHeaderToCut() const;
  absl::Status TrimVersions(int64_t oldest, int& left, TrimProgress& next,
                            rocksdb::WriteBatch& batch) const;
  // Deletes what the change of a revision superseded.
  absl::Status TrimBefore(rocksdb::Iterator& history, absl::string_view name, int64_t revision,
                          rocksdb::WriteBatch& batch) const;
  absl::Status CutHeaders(int64_t last, int& left, TrimProgress& next,
                          rocksdb::WriteBatch& batch) const;

  std::string data_dir_;
  Identity identity_;
  std::unique_ptr<rocksdb::DB> db_;
  rocksdb::ColumnFamilyHandle* meta_ = nullptr;     // owned, closed before db_
  rocksdb::ColumnFamilyHandle* journal_ = nullptr;  // likewise
  rocksdb::ColumnFamilyHandle* current_ = nullptr;
  rocksdb::ColumnFamilyHandle* history_ = nullptr;
  std::unique_ptr<HighWaterMark> mark_;  // only by the thread that applies
  TrimProgress trim_progress_;           // only by the thread that trims
  std::atomic<bool> broken_{false};      // a write failed
  std::atomic<int64_t> head_{0};
  std::atomic<int64_t> oldest_{0};
  std::atomic<int64_t> live_count_{0};
  mutable absl::Mutex mutex_;
  std::string head_hash_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace communique::journal

#endif  // COMMUNIQUE_SERVICE_JOURNAL_ROCKSDB_STORE_H_
