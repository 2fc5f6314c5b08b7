// Trimming of the store on disk; FORMAT.md tells what goes and what stays.
#include <algorithm>
#include <memory>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "communique/v1/change.pb.h"
#include "rocksdb/write_batch.h"
#include "service/base/hash.h"
#include "service/base/limits.h"
#include "service/base/wire.h"
#include "service/journal/keys.h"
#include "service/journal/rocksdb_store.h"
#include "service/journal/rocksdb_util.h"

namespace communique::journal {
namespace {

constexpr char kTrimKey[] = "trim";
constexpr char kTrimProgressKey[] = "trim_progress";

}  // namespace

void RocksDbStore::PutOldest(int64_t oldest, rocksdb::WriteBatch& batch) const {
  std::string value;
  base::AppendVarint(static_cast<uint64_t>(oldest), value);
  batch.Put(meta_, kTrimKey, value);
}

absl::Status RocksDbStore::RecoverTrim() {
  std::string value;
  rocksdb::Status status = db_->Get({}, meta_, kTrimKey, &value);
  if (status.IsNotFound()) return absl::OkStatus();
  if (!status.ok()) return FromRocks(status, "read the oldest revision");
  absl::string_view rest = value;
  const auto oldest = base::TakeVarint(rest);
  if (!oldest || static_cast<int64_t>(*oldest) > head()) {
    return DataCorrupt("trim", "is malformed, or beyond the head");
  }
  oldest_.store(static_cast<int64_t>(*oldest), std::memory_order_release);
  status = db_->Get({}, meta_, kTrimProgressKey, &value);
  if (status.IsNotFound()) return absl::OkStatus();
  if (!status.ok()) return FromRocks(status, "read how far a trim is");
  rest = value;
  const auto versions = base::TakeVarint(rest);
  const auto headers = base::TakeVarint(rest);
  if (!versions || !headers) return DataCorrupt("trim_progress", "is malformed");
  trim_progress_ = {static_cast<int64_t>(*versions), static_cast<int64_t>(*headers)};
  return absl::OkStatus();
}

absl::StatusOr<bool> RocksDbStore::TrimStep() {
  TrimProgress next = trim_progress_;
  rocksdb::WriteBatch batch;
  int left = base::kTrimNamesPerBatch;
  if (absl::Status status = TrimVersions(oldest(), left, next, batch); !status.ok()) return status;
  const int64_t last_header = LastHeaderToCut();
  if (absl::Status status = CutHeaders(last_header, left, next, batch); !status.ok()) {
    return status;
  }
  if (batch.Count() == 0 && next == trim_progress_) return false;
  std::string value;
  base::AppendVarint(static_cast<uint64_t>(next.versions_through), value);
  base::AppendVarint(static_cast<uint64_t>(next.headers_through), value);
  batch.Put(meta_, kTrimProgressKey, value);
  // Not synced: what a crash undoes is done again.
  if (const rocksdb::Status status = db_->Write({}, &batch); !status.ok()) {
    broken_ = true;
    return FromRocks(status, "delete what was trimmed");
  }
  trim_progress_ = next;
  return next.versions_through < oldest() || next.headers_through < last_header;
}

int64_t RocksDbStore::LastHeaderToCut() const {
  return std::min(oldest() - 1, head() - base::kRequestIdWindowRevisions);
}

absl::Status RocksDbStore::TrimVersions(int64_t oldest, int& left, TrimProgress& next,
                                        rocksdb::WriteBatch& batch) const {
  if (next.versions_through >= oldest) return absl::OkStatus();
  std::unique_ptr<rocksdb::Iterator> commits(db_->NewIterator({}, journal_));
  std::unique_ptr<rocksdb::Iterator> history(db_->NewIterator({}, history_));
  for (commits->Seek(MakeJournalKey(next.versions_through + 1, 0)); commits->Valid();
       commits->Next()) {
    const auto key = ParseJournalKey(ToView(commits->key()));
    if (!key) return DataCorrupt("journal", "a key is malformed");
    if (key->ordinal == 0) {
      // The commits before are done with. A commit is never left in the middle.
      next.versions_through = key->revision - 1;
      if (key->revision > oldest || left <= 0) return absl::OkStatus();
      continue;
    }
    --left;
    const auto name = base::FindBytesField(UnframeChange(ToView(commits->value())),
                                           v1::Change::kNameFieldNumber);
    if (!name) return DataCorrupt(absl::StrCat("commit ", key->revision), "a change has no name");
    if (absl::Status status = TrimBefore(*history, *name, key->revision, batch); !status.ok()) {
      return status;
    }
  }
  if (commits->status().ok()) next.versions_through = oldest;  // it is the head
  return FromRocks(commits->status(), "read what is trimmed");
}

absl::Status RocksDbStore::TrimBefore(rocksdb::Iterator& history, absl::string_view name,
                                      int64_t revision, rocksdb::WriteBatch& batch) const {
  std::optional<Version> versions[3];  // this one and the two before
  history.Seek(MakeHistoryKey(name, revision));
  for (std::optional<Version>& version : versions) {
    if (!history.Valid()) break;
    const auto at = ParseHistoryKey(ToView(history.key()), name);
    if (!at) break;
    version = ParseHistoryValue(*at, ToView(history.value()));
    if (!version) return DataCorrupt(name, "a history entry is malformed");
    history.Next();
  }
  if (!history.status().ok()) return FromRocks(history.status(), name);
  if (!versions[0] || versions[0]->revision != revision) {
    return DataCorrupt(name, absl::StrCat("its version of revision ", revision, " is not there"));
  }
  const auto remove = [&](const std::optional<Version>& version) {
    if (!version) return;
    batch.Delete(journal_, MakeJournalKey(version->revision, version->ordinal));
    batch.Delete(history_, MakeHistoryKey(name, version->revision));
  };
  // A tombstone keeps the body that it buried for as long as it stands.
  if (versions[0]->state == RecordState::kLive) remove(versions[1]);
  if (versions[1] && versions[1]->state != RecordState::kLive) remove(versions[2]);
  return absl::OkStatus();
}

absl::Status RocksDbStore::CutHeaders(int64_t last, int& left, TrimProgress& next,
                                      rocksdb::WriteBatch& batch) const {
  if (next.headers_through >= last || left <= 0) return absl::OkStatus();
  rocksdb::PinnableSlice value;
  for (; next.headers_through < last && left > 0; ++next.headers_through, --left) {
    const std::string key = MakeJournalKey(next.headers_through + 1, 0);
    const rocksdb::Status status = db_->Get({}, journal_, key, &value);
    const std::string what = absl::StrCat("commit ", next.headers_through + 1);
    if (!status.ok() && !status.IsNotFound()) return FromRocks(status, what);
    if (!status.ok() || value.size() < base::kSha256Bytes) {
      return DataCorrupt(what, "is not there");
    }
    batch.Put(journal_, key, rocksdb::Slice(value.data(), base::kSha256Bytes));
    value.Reset();
  }
  return absl::OkStatus();
}

}  // namespace communique::journal
