#include "service/journal/memory_store.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "service/base/hash.h"
#include "service/base/limits.h"
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
    oldest_ = std::max(oldest_, commit->trim_revision);
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

absl::StatusOr<bool> MemoryStore::TrimStep() {
  absl::MutexLock lock(&mutex_);
  std::map<int64_t, std::vector<int32_t>> gone;  // ordinals, by revision
  int left = base::kTrimNamesPerBatch;
  for (; versions_through_ < oldest_ && left > 0; ++versions_through_) {
    const auto commit = commits_[versions_through_];
    for (const EncodedChange& change : commit->changes) {
      TrimBefore(change.name, commit->revision, gone);
      --left;
    }
  }
  for (const auto& [revision, ordinals] : gone) {
    // Readers may hold the commit, so it is replaced.
    auto trimmed = std::make_shared<EncodedCommit>(*commits_[revision - 1]);
    for (const int32_t ordinal : ordinals) trimmed->changes[ordinal - 1].framed.clear();
    commits_[revision - 1] = std::move(trimmed);
  }
  const int64_t last_header =
      std::min(oldest_ - 1,
               static_cast<int64_t>(commits_.size()) - base::kRequestIdWindowRevisions);
  for (; headers_through_ < last_header && left > 0; ++headers_through_, --left) {
    auto cut = std::make_shared<EncodedCommit>(*commits_[headers_through_]);
    cut->header.clear();
    commits_[headers_through_] = std::move(cut);
  }
  return versions_through_ < oldest_ || headers_through_ < last_header;
}

void MemoryStore::TrimBefore(const std::string& name, int64_t revision,
                             std::map<int64_t, std::vector<int32_t>>& gone) {
  std::vector<Version>& versions = names_[name];
  const auto at = std::find_if(versions.begin(), versions.end(), [&](const Version& version) {
    return version.revision == revision;
  });
  // A tombstone keeps the body that it buried for as long as it stands.
  const bool keeps_previous = at->state != RecordState::kLive;
  const auto end = at - (keeps_previous && at != versions.begin() ? 1 : 0);
  for (auto it = versions.begin(); it != end; ++it) gone[it->revision].push_back(it->ordinal);
  versions.erase(versions.begin(), end);
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

int64_t MemoryStore::oldest() const {
  absl::ReaderMutexLock lock(&mutex_);
  return oldest_;
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
      ordinal > static_cast<int32_t>(commits_[revision - 1]->changes.size()) ||
      commits_[revision - 1]->changes[ordinal - 1].framed.empty()) {  // trimmed
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
      if (revision <= oldest_) return RevisionExpired(revision - 1, oldest_);
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
