#include "service/journal/memory_store.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "service/base/hash.h"
#include "service/journal/errors.h"

namespace communique::journal {
namespace {

// Names that one lock of a scan looks at. The visitor runs without the lock.
constexpr int kNamesPerLock = 256;

const Version* VersionAt(const std::vector<Version>& versions, int64_t at_revision) {
  for (auto it = versions.rbegin(); it != versions.rend(); ++it) {
    if (it->revision <= at_revision) return &*it;
  }
  return nullptr;
}

}  // namespace

MemoryStore::MemoryStore() : identity_{base::RandomHex(16), base::RandomHex(8)} {}

absl::Status MemoryStore::Apply(const CommitGroup& group) {
  absl::MutexLock lock(&mutex_);
  for (const auto& commit : group) {
    commits_.push_back(commit);
    live_count_ += commit->live_delta;
    int32_t ordinal = 0;
    for (const EncodedChange& change : commit->changes) {
      names_[change.name].push_back({commit->revision, ++ordinal, change.state});
    }
    if (!commit->load_key.empty()) {
      loads_[commit->load_key] = {commit->load_line, commit->revision};
    }
  }
  return absl::OkStatus();
}

absl::Status MemoryStore::SaveLoads(
    const absl::flat_hash_map<std::string, LoadPosition>& positions) {
  absl::MutexLock lock(&mutex_);
  for (const auto& [key, position] : positions) loads_[key] = position;
  return absl::OkStatus();
}

int64_t MemoryStore::head() const {
  absl::ReaderMutexLock lock(&mutex_);
  return static_cast<int64_t>(commits_.size());
}

std::string MemoryStore::head_hash() const {
  absl::ReaderMutexLock lock(&mutex_);
  return commits_.empty() ? "" : commits_.back()->hash;
}

int64_t MemoryStore::live_count() const {
  absl::ReaderMutexLock lock(&mutex_);
  return live_count_;
}

absl::StatusOr<std::optional<Version>> MemoryStore::Find(absl::string_view name,
                                                         int64_t at_revision) const {
  absl::ReaderMutexLock lock(&mutex_);
  const auto found = names_.find(name);
  if (found == names_.end()) return std::nullopt;
  const Version* version = VersionAt(found->second, at_revision);
  if (version == nullptr) return std::nullopt;
  return *version;
}

absl::StatusOr<std::string> MemoryStore::ReadChange(int64_t revision, int32_t ordinal) const {
  absl::ReaderMutexLock lock(&mutex_);
  if (revision < 1 || revision > static_cast<int64_t>(commits_.size()) || ordinal < 1 ||
      ordinal > static_cast<int32_t>(commits_[revision - 1]->changes.size())) {
    return DataCorrupt(absl::StrCat("change ", revision, "/", ordinal), "is not there");
  }
  return commits_[revision - 1]->changes[ordinal - 1].framed;
}

absl::Status MemoryStore::ReadChanges(
    const std::vector<Version>& versions,
    absl::FunctionRef<bool(size_t, absl::string_view)> visit) const {
  for (size_t i = 0; i < versions.size(); ++i) {
    const auto framed = ReadChange(versions[i].revision, versions[i].ordinal);
    if (!framed.ok()) return framed.status();
    if (!visit(i, *framed)) break;
  }
  return absl::OkStatus();
}

absl::Status MemoryStore::ScanNames(
    absl::string_view prefix, absl::string_view after, int64_t at_revision,
    absl::FunctionRef<bool(absl::string_view, const Version&)> visit) const {
  std::string last(after);
  bool inclusive = last < prefix;
  if (inclusive) last = std::string(prefix);
  while (true) {
    std::vector<std::pair<std::string, Version>> found;
    bool more = false;
    {
      absl::ReaderMutexLock lock(&mutex_);
      auto it = inclusive ? names_.lower_bound(last) : names_.upper_bound(last);
      for (int seen = 0; it != names_.end() && absl::StartsWith(it->first, prefix); ++it) {
        if (++seen > kNamesPerLock) {
          more = true;
          break;
        }
        last = it->first;
        if (const Version* version = VersionAt(it->second, at_revision)) {
          found.emplace_back(it->first, *version);
        }
      }
    }
    inclusive = false;
    for (const auto& [name, version] : found) {
      if (!visit(name, version)) return absl::OkStatus();
    }
    if (!more) return absl::OkStatus();
  }
}

absl::Status MemoryStore::ScanHistory(absl::string_view name, int64_t at_revision,
                                      absl::FunctionRef<bool(const Version&)> visit) const {
  std::vector<Version> versions;
  {
    absl::ReaderMutexLock lock(&mutex_);
    const auto found = names_.find(name);
    if (found != names_.end()) versions = found->second;
  }
  for (auto it = versions.rbegin(); it != versions.rend(); ++it) {
    if (it->revision <= at_revision && !visit(*it)) break;
  }
  return absl::OkStatus();
}

absl::Status MemoryStore::ReadCommits(int64_t from_exclusive,
                                      absl::FunctionRef<bool(const StoredCommit&)> visit) const {
  for (int64_t revision = from_exclusive + 1;; ++revision) {
    std::shared_ptr<const EncodedCommit> commit;
    {
      absl::ReaderMutexLock lock(&mutex_);
      if (revision > static_cast<int64_t>(commits_.size())) return absl::OkStatus();
      commit = commits_[revision - 1];
    }
    StoredCommit stored{commit->revision, commit->header, commit->hash, {}};
    for (const EncodedChange& change : commit->changes) {
      stored.framed_changes.push_back(change.framed);
    }
    if (!visit(stored)) return absl::OkStatus();
  }
}

absl::Status MemoryStore::ReadHeader(
    int64_t revision, absl::FunctionRef<void(absl::string_view, absl::string_view)> visit) const {
  std::shared_ptr<const EncodedCommit> commit;
  {
    absl::ReaderMutexLock lock(&mutex_);
    if (revision < 1 || revision > static_cast<int64_t>(commits_.size())) {
      return absl::NotFoundError(absl::StrCat("revision ", revision, " is not held"));
    }
    commit = commits_[revision - 1];
  }
  visit(commit->header, commit->hash);
  return absl::OkStatus();
}

absl::StatusOr<LoadPosition> MemoryStore::FindLoad(absl::string_view load_key) const {
  absl::ReaderMutexLock lock(&mutex_);
  const auto found = loads_.find(load_key);
  return found == loads_.end() ? LoadPosition{} : found->second;
}

}  // namespace communique::journal
