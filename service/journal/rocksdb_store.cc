#include "service/journal/rocksdb_store.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstring>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "communique/storage/v1/journal.pb.h"
#include "rocksdb/cache.h"
#include "rocksdb/filter_policy.h"
#include "rocksdb/listener.h"
#include "rocksdb/table.h"
#include "rocksdb/write_batch.h"
#include "service/base/hash.h"
#include "service/base/log.h"
#include "service/base/wire.h"
#include "service/journal/errors.h"
#include "service/journal/keys.h"
#include "service/journal/rocksdb_util.h"

namespace communique::journal {
namespace {

constexpr int kFormatVersion = 1;
constexpr char kIdentityKey[] = "identity";
constexpr char kLiveCountKey[] = "live_count";
constexpr char kLoadPrefix[] = "load/";
// Uncompressed blocks held in memory, for all families.
constexpr size_t kBlockCacheBytes = 256u << 20;
// Changes that one step of ReadChanges asks for.
constexpr size_t kKeysPerMultiGet = 128;
// What is written before a family's memory is flushed to a file.
constexpr size_t kWriteBufferBytes = 64u << 20;
// A block of the journal, before compression: about 16 changes. Replays cost a
// third less than with the engine's 4 KiB; a read of one change that is not in
// memory unpacks 12 KiB more.
constexpr size_t kJournalBlockBytes = 16u << 10;

// The engine's own log goes to ours, from warnings up. Its log file would lie on
// the disk that is full when it matters, and this version aborts when its own log
// cannot be written.
class EngineLog final : public rocksdb::Logger {
 public:
  EngineLog() : Logger(rocksdb::InfoLogLevel::WARN_LEVEL) {}
  using rocksdb::Logger::Logv;
  void Logv(const char* format, va_list arguments) override {
    char line[1024];
    vsnprintf(line, sizeof line, format, arguments);
    base::Log(base::LogLevel::kWarning, "rocksdb", {{"message", line}});
  }
};

// After a failed write this version resumes by itself when it thinks that it can,
// and touches the broken log again: Debian's build asserts on that and aborts
// (writable_file_writer.h). We never resume; the next start replays.
class NeverResume final : public rocksdb::EventListener {
 public:
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status,
                            bool* auto_recovery) override {
    *auto_recovery = false;
  }
};

rocksdb::Options MakeOptions(const RocksDbOptions& options) {
  rocksdb::Options result;
  result.info_log = std::make_shared<EngineLog>();
  result.listeners.push_back(std::make_shared<NeverResume>());
  result.max_bgerror_resume_count = 0;
  if (options.env != nullptr) result.env = options.env;
  result.create_if_missing = true;
  result.create_missing_column_families = true;
  // Bugs of this version: the flush-retry one needs at most 2 write buffers, and
  // more than 7 background jobs are not safe.
  result.max_write_buffer_number = 2;
  result.max_background_jobs = 2;
  result.write_buffer_size = kWriteBufferBytes;
  result.max_total_wal_size = 4 * kWriteBufferBytes;
  return result;
}

rocksdb::BlockBasedTableOptions MakeTableOptions() {
  rocksdb::BlockBasedTableOptions result;
  result.block_cache = rocksdb::NewLRUCache(kBlockCacheBytes);
  result.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  result.format_version = 5;
  return result;
}

std::string MakeLoadValue(const LoadPosition& position) {
  std::string value;
  base::AppendVarint(static_cast<uint64_t>(position.line), value);
  base::AppendVarint(static_cast<uint64_t>(position.revision), value);
  return value;
}

}  // namespace

absl::StatusOr<std::unique_ptr<RocksDbStore>> RocksDbStore::Open(const RocksDbOptions& options) {
  std::unique_ptr<RocksDbStore> store(new RocksDbStore());
  store->data_dir_ = options.data_dir;
  if (mkdir(options.data_dir.c_str(), 0755) == 0) {
    if (absl::Status status = SyncFolderOf(options.data_dir); !status.ok()) return status;
  } else if (errno != EEXIST) {
    return absl::InternalError(
        absl::StrCat("cannot create ", options.data_dir, ": ", std::strerror(errno)));
  }
  if (absl::Status status = store->OpenDatabase(options); !status.ok()) return status;
  auto mark = HighWaterMark::Open(absl::StrCat(options.data_dir, "/high_water"));
  if (!mark.ok()) return mark.status();
  store->mark_ = *std::move(mark);
  if (absl::Status status = store->Recover(); !status.ok()) return status;
  return store;
}

RocksDbStore::~RocksDbStore() {
  if (db_ == nullptr) return;
  if (broken_) {
    // Closing would write to the broken log, which aborts (see NeverResume). The
    // process ends soon; until then the folder stays locked.
    static_cast<void>(db_.release());
    return;
  }
  for (rocksdb::ColumnFamilyHandle* family : {meta_, journal_, current_, history_}) {
    if (family != nullptr) db_->DestroyColumnFamilyHandle(family);
  }
  db_->Close();
}

absl::Status RocksDbStore::OpenDatabase(const RocksDbOptions& options) {
  rocksdb::Options rocks = MakeOptions(options);
  rocksdb::BlockBasedTableOptions table = MakeTableOptions();
  rocks.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  rocksdb::ColumnFamilyOptions journal = rocks;
  table.block_size = kJournalBlockBytes;
  journal.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  const std::vector<rocksdb::ColumnFamilyDescriptor> families = {
      {rocksdb::kDefaultColumnFamilyName, rocks},
      {"journal", journal},
      {"current", rocks},
      {"history", rocks}};
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  const rocksdb::Status status =
      rocksdb::DB::Open(rocks, absl::StrCat(options.data_dir, "/db"), families, &handles, &db);
  if (status.IsIOError() && absl::StrContains(status.ToString(), "/db/LOCK: ")) {
    return absl::UnavailableError(
        absl::StrCat(options.data_dir, " is in use by another process: ", status.ToString()));
  }
  if (!status.ok()) return FromRocks(status, absl::StrCat("open ", options.data_dir));
  db_.reset(db);
  meta_ = handles[0];
  journal_ = handles[1];
  current_ = handles[2];
  history_ = handles[3];
  return absl::OkStatus();
}

absl::Status RocksDbStore::CreateIdentity() {
  storage::v1::StoreIdentity identity;
  identity.set_store_id(base::RandomHex(16));
  identity.set_epoch(base::RandomHex(8));
  identity.set_format_version(kFormatVersion);
  rocksdb::WriteOptions write;
  write.sync = true;
  return FromRocks(db_->Put(write, meta_, kIdentityKey, identity.SerializeAsString()),
                   "write the identity");
}

absl::Status RocksDbStore::Recover() {
  std::unique_ptr<rocksdb::Iterator> it(db_->NewIterator({}, journal_));
  it->SeekToLast();
  int64_t head = 0;
  if (it->Valid()) {
    const auto key = ParseJournalKey(ToView(it->key()));
    if (!key) return DataCorrupt("journal", "a key is malformed");
    head = key->revision;
  }
  if (!it->status().ok()) return FromRocks(it->status(), "read the journal");

  std::string bytes;
  rocksdb::Status status = db_->Get({}, meta_, kIdentityKey, &bytes);
  if (status.IsNotFound()) {
    // A new store; anything else in it says that this is none of ours, or cut.
    if (head != 0 || mark_->mark().revision != 0) {
      return DataCorrupt("identity", "is missing from a store that has commits");
    }
    if (absl::Status created = CreateIdentity(); !created.ok()) return created;
    status = db_->Get({}, meta_, kIdentityKey, &bytes);
  }
  if (!status.ok()) return FromRocks(status, "read the identity");
  storage::v1::StoreIdentity identity;
  if (!identity.ParseFromString(bytes)) return DataCorrupt("identity", "does not parse");
  if (identity.format_version() != kFormatVersion) {
    return absl::FailedPreconditionError(
        absl::StrCat("the store has format version ", identity.format_version(),
                     "; this server reads version ", kFormatVersion));
  }
  identity_ = {identity.store_id(), identity.epoch()};

  const HighWaterMark::Mark& mark = mark_->mark();
  if (head > 0 && mark_->created()) {
    return DataCorrupt(data_dir_, "high_water is missing from a store that has commits");
  }
  if (head < mark.revision) {
    return DataCorrupt(data_dir_, absl::StrCat("the journal ends at revision ", head, " but ",
                                               mark.revision, " was acknowledged"));
  }
  head_.store(head, std::memory_order_release);
  if (absl::Status trim = RecoverTrim(); !trim.ok()) return trim;
  std::string mark_hash, head_hash;
  const auto read_hash = [this](int64_t revision, std::string& out) {
    return revision == 0 ? absl::OkStatus()
                         : ReadHeader(revision, [&](absl::string_view, absl::string_view hash) {
                             out = std::string(hash);
                           });
  };
  if (absl::Status read = read_hash(head, head_hash); !read.ok()) {
    return DataCorrupt(absl::StrCat("commit ", head), read.message());
  }
  if (absl::Status read = read_hash(mark.revision, mark_hash); !read.ok()) {
    return DataCorrupt(absl::StrCat("commit ", mark.revision), read.message());
  }
  if (mark.revision > 0 && mark_hash != mark.hash) {
    return DataCorrupt(absl::StrCat("commit ", mark.revision),
                       "its hash is not the one that was acknowledged");
  }
  absl::MutexLock lock(&mutex_);
  head_hash_ = head_hash;

  status = db_->Get({}, meta_, kLiveCountKey, &bytes);
  if (status.ok()) {
    absl::string_view rest = bytes;
    live_count_ = static_cast<int64_t>(base::TakeVarint(rest).value_or(0));
  } else if (!status.IsNotFound()) {
    return FromRocks(status, "read the count of records");
  }
  return absl::OkStatus();
}

absl::Status RocksDbStore::Apply(const CommitGroup& group) {
  rocksdb::WriteBatch batch;
  int64_t live_count = live_count_.load(std::memory_order_relaxed);
  int64_t oldest = oldest_.load(std::memory_order_relaxed);
  std::string header;
  for (const auto& commit : group) {
    if (commit->trim_revision > oldest) {
      oldest = commit->trim_revision;
      PutOldest(oldest, batch);
    }
    header.assign(commit->hash);
    header.append(commit->header);
    batch.Put(journal_, MakeJournalKey(commit->revision, 0), header);
    int32_t ordinal = 0;
    for (const EncodedChange& change : commit->changes) {
      const Version version{commit->revision, ++ordinal, change.state};
      batch.Put(journal_, MakeJournalKey(commit->revision, ordinal), change.framed);
      batch.Put(current_, change.name, MakeCurrentValue(version));
      batch.Put(history_, MakeHistoryKey(change.name, commit->revision),
                MakeHistoryValue(ordinal, change.state));
    }
    live_count += commit->live_delta;
    if (!commit->load_key.empty()) {
      batch.Put(meta_, absl::StrCat(kLoadPrefix, commit->load_key),
                MakeLoadValue({commit->load_line, commit->revision}));
    }
  }
  std::string count;
  base::AppendVarint(static_cast<uint64_t>(live_count), count);
  batch.Put(meta_, kLiveCountKey, count);

  rocksdb::WriteOptions write;
  write.sync = true;
  if (const rocksdb::Status status = db_->Write(write, &batch); !status.ok()) {
    broken_ = true;
    return FromRocks(status, "write a group");
  }
  if (absl::Status status = mark_->Write(group.back()->revision, group.back()->hash);
      !status.ok()) {
    return status;
  }
  {
    absl::MutexLock lock(&mutex_);
    head_hash_ = group.back()->hash;
  }
  live_count_.store(live_count, std::memory_order_relaxed);
  oldest_.store(oldest, std::memory_order_release);
  head_.store(group.back()->revision, std::memory_order_release);
  return absl::OkStatus();
}

absl::Status RocksDbStore::SaveLoads(
    const absl::flat_hash_map<std::string, LoadPosition>& positions) {
  rocksdb::WriteBatch batch;
  for (const auto& [key, position] : positions) {
    batch.Put(meta_, absl::StrCat(kLoadPrefix, key), MakeLoadValue(position));
  }
  rocksdb::WriteOptions write;
  write.sync = true;
  const rocksdb::Status status = db_->Write(write, &batch);
  if (!status.ok()) broken_ = true;
  return FromRocks(status, "write the positions of loads");
}

std::string RocksDbStore::head_hash() const {
  absl::MutexLock lock(&mutex_);
  return head_hash_;
}

int64_t RocksDbStore::disk_bytes() const {
  uint64_t total = 0;
  for (rocksdb::ColumnFamilyHandle* family : {meta_, journal_, current_, history_}) {
    uint64_t bytes = 0;
    if (db_->GetIntProperty(family, rocksdb::DB::Properties::kTotalSstFilesSize, &bytes)) {
      total += bytes;
    }
  }
  rocksdb::VectorLogPtr logs;
  if (db_->GetSortedWalFiles(logs).ok()) {
    for (const auto& log : logs) total += log->SizeFileBytes();
  }
  return static_cast<int64_t>(total);
}

absl::StatusOr<std::optional<Version>> RocksDbStore::Find(absl::string_view name,
                                                          int64_t at_revision) const {
  rocksdb::PinnableSlice value;
  const rocksdb::Status status = db_->Get({}, current_, ToSlice(name), &value);
  if (status.IsNotFound()) return std::nullopt;
  if (!status.ok()) return FromRocks(status, name);
  const auto version = ParseCurrentValue(ToView(value));
  if (!version) return DataCorrupt(name, "its current entry is malformed");
  if (version->revision <= at_revision) return *version;
  std::unique_ptr<rocksdb::Iterator> history(db_->NewIterator({}, history_));
  return FindInHistory(*history, name, at_revision);
}

absl::StatusOr<std::optional<Version>> RocksDbStore::FindInHistory(rocksdb::Iterator& history,
                                                                   absl::string_view name,
                                                                   int64_t at_revision) const {
  if (at_revision < 1) return std::nullopt;  // its complement would sort first
  history.Seek(MakeHistoryKey(name, at_revision));
  if (!history.Valid()) {
    if (!history.status().ok()) return FromRocks(history.status(), name);
    return std::nullopt;
  }
  const auto revision = ParseHistoryKey(ToView(history.key()), name);
  if (!revision) return std::nullopt;
  const auto version = ParseHistoryValue(*revision, ToView(history.value()));
  if (!version) return DataCorrupt(name, "a history entry is malformed");
  return *version;
}

absl::StatusOr<std::string> RocksDbStore::ReadChange(int64_t revision, int32_t ordinal) const {
  std::string value;
  const rocksdb::Status status = db_->Get({}, journal_, MakeJournalKey(revision, ordinal), &value);
  if (status.IsNotFound()) {
    return DataCorrupt(absl::StrCat("change ", revision, "/", ordinal), "is not there");
  }
  if (!status.ok()) return FromRocks(status, absl::StrCat("change ", revision, "/", ordinal));
  return value;
}

absl::Status RocksDbStore::ReadChanges(
    const std::vector<Version>& versions,
    absl::FunctionRef<bool(size_t, absl::string_view)> visit) const {
  std::vector<std::string> keys;
  std::vector<rocksdb::Slice> slices;
  for (size_t begin = 0; begin < versions.size(); begin += kKeysPerMultiGet) {
    const size_t count = std::min(kKeysPerMultiGet, versions.size() - begin);
    keys.clear();
    slices.clear();
    for (size_t i = 0; i < count; ++i) {
      keys.push_back(MakeJournalKey(versions[begin + i].revision, versions[begin + i].ordinal));
    }
    for (const std::string& key : keys) slices.emplace_back(key);
    std::vector<rocksdb::PinnableSlice> values(count);
    std::vector<rocksdb::Status> statuses(count);
    db_->MultiGet({}, journal_, count, slices.data(), values.data(), statuses.data());
    for (size_t i = 0; i < count; ++i) {
      const Version& version = versions[begin + i];
      const std::string what = absl::StrCat("change ", version.revision, "/", version.ordinal);
      if (statuses[i].IsNotFound()) return DataCorrupt(what, "is not there");
      if (!statuses[i].ok()) return FromRocks(statuses[i], what);
      if (!visit(begin + i, ToView(values[i]))) return absl::OkStatus();
    }
  }
  return absl::OkStatus();
}

absl::Status RocksDbStore::ScanNames(
    absl::string_view prefix, absl::string_view after, int64_t at_revision,
    absl::FunctionRef<bool(absl::string_view, const Version&)> visit) const {
  std::unique_ptr<rocksdb::Iterator> names(db_->NewIterator({}, current_));
  std::unique_ptr<rocksdb::Iterator> history;
  names->Seek(ToSlice(after < prefix ? prefix : after));
  for (; names->Valid(); names->Next()) {
    const absl::string_view name = ToView(names->key());
    if (name == after && !after.empty()) continue;
    if (!absl::StartsWith(name, prefix)) break;
    auto version = ParseCurrentValue(ToView(names->value()));
    if (!version) return DataCorrupt(name, "its current entry is malformed");
    if (version->revision > at_revision) {
      if (history == nullptr) history.reset(db_->NewIterator({}, history_));
      const auto found = FindInHistory(*history, name, at_revision);
      if (!found.ok()) return found.status();
      if (!*found) continue;
      version = **found;
    }
    if (!visit(name, *version)) return absl::OkStatus();
  }
  return FromRocks(names->status(), "scan names");
}

absl::Status RocksDbStore::ScanHistory(absl::string_view name, int64_t at_revision,
                                       absl::FunctionRef<bool(const Version&)> visit) const {
  if (at_revision < 1) return absl::OkStatus();
  std::unique_ptr<rocksdb::Iterator> history(db_->NewIterator({}, history_));
  for (history->Seek(MakeHistoryKey(name, at_revision)); history->Valid(); history->Next()) {
    const auto revision = ParseHistoryKey(ToView(history->key()), name);
    if (!revision) break;
    const auto version = ParseHistoryValue(*revision, ToView(history->value()));
    if (!version) return DataCorrupt(name, "a history entry is malformed");
    if (!visit(*version)) return absl::OkStatus();
  }
  return FromRocks(history->status(), name);
}

absl::Status RocksDbStore::ReadCommits(int64_t from_exclusive,
                                       absl::FunctionRef<bool(const StoredCommit&)> visit) const {
  const int64_t last = head();
  // A replay does not push what is read by name out of the cache.
  rocksdb::ReadOptions options;
  options.fill_cache = false;
  std::unique_ptr<rocksdb::Iterator> it(db_->NewIterator(options, journal_));
  it->Seek(MakeJournalKey(from_exclusive + 1, 0));
  // Values are copied, one behind the other: an iterator's slice lasts until its
  // next step only.
  std::string values;
  std::vector<size_t> ends;
  StoredCommit commit;
  for (int64_t revision = from_exclusive + 1; revision <= last; ++revision) {
    values.clear();
    ends.clear();
    for (; it->Valid(); it->Next()) {
      const auto key = ParseJournalKey(ToView(it->key()));
      if (!key || key->revision < revision) return DataCorrupt("journal", "a key is malformed");
      if (key->revision > revision) break;
      if (key->ordinal != static_cast<int32_t>(ends.size())) {
        if (revision <= oldest()) return RevisionExpired(revision - 1, oldest());
        return DataCorrupt(absl::StrCat("commit ", revision), "changes are missing");
      }
      values.append(it->value().data(), it->value().size());
      ends.push_back(values.size());
    }
    if (!it->status().ok()) return FromRocks(it->status(), absl::StrCat("commit ", revision));
    // The iterator sees what stood when it was made: whole, if this still holds.
    if (revision <= oldest()) return RevisionExpired(revision - 1, oldest());
    if (ends.empty() || ends[0] < base::kSha256Bytes) {
      return DataCorrupt(absl::StrCat("commit ", revision), "is not there");
    }
    const absl::string_view all = values;
    commit.revision = revision;
    commit.hash = all.substr(0, base::kSha256Bytes);
    commit.header = all.substr(base::kSha256Bytes, ends[0] - base::kSha256Bytes);
    commit.framed_changes.clear();
    for (size_t i = 1; i < ends.size(); ++i) {
      commit.framed_changes.push_back(all.substr(ends[i - 1], ends[i] - ends[i - 1]));
    }
    if (!visit(commit)) return absl::OkStatus();
  }
  return absl::OkStatus();
}

absl::Status RocksDbStore::ReadHeader(
    int64_t revision, absl::FunctionRef<void(absl::string_view, absl::string_view)> visit) const {
  rocksdb::PinnableSlice value;
  const rocksdb::Status status = db_->Get({}, journal_, MakeJournalKey(revision, 0), &value);
  if (status.IsNotFound() || revision > head()) {
    return absl::NotFoundError(absl::StrCat("revision ", revision, " is not held"));
  }
  if (!status.ok()) return FromRocks(status, absl::StrCat("commit ", revision));
  const absl::string_view bytes = ToView(value);
  if (bytes.size() < base::kSha256Bytes) {
    return DataCorrupt(absl::StrCat("commit ", revision), "is cut short");
  }
  visit(bytes.substr(base::kSha256Bytes), bytes.substr(0, base::kSha256Bytes));
  return absl::OkStatus();
}

absl::StatusOr<LoadPosition> RocksDbStore::FindLoad(absl::string_view load_key) const {
  std::string value;
  const rocksdb::Status status =
      db_->Get({}, meta_, absl::StrCat(kLoadPrefix, load_key), &value);
  if (status.IsNotFound()) return LoadPosition{};
  if (!status.ok()) return FromRocks(status, "read a load's position");
  absl::string_view rest = value;
  const auto line = base::TakeVarint(rest);
  const auto revision = base::TakeVarint(rest);
  if (!line || !revision) return DataCorrupt("load", "its position is malformed");
  return LoadPosition{static_cast<int64_t>(*line), static_cast<int64_t>(*revision)};
}

}  // namespace communique::journal
