#include "service/store/indexer.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "communique/v1/change.pb.h"
#include "service/base/limits.h"
#include "service/base/log.h"
#include "service/base/wire.h"
#include "service/journal/errors.h"

namespace communique::store {
namespace {

// Catching up that takes longer is told of, with how far it is.
constexpr absl::Duration kProgressInterval = absl::Seconds(5);

// While catching up, how often it is looked whether a segment is full.
constexpr int64_t kVersionsPerSeal = 1024;

bool IsLive(absl::string_view framed) {
  return base::FindBytesField(journal::UnframeChange(framed), v1::Change::kRecordFieldNumber)
      .has_value();
}

}  // namespace

Indexer::~Indexer() { Stop(); }

absl::Status Indexer::Start(const std::string& folder) {
  if (!folder.empty()) {
    absl::Status opened =
        index_.OpenFolder(folder, [this](int64_t revision) { return HashAt(revision); });
    if (!opened.ok()) return opened;
  }
  if (absl::Status status = CatchUp(); !status.ok()) return status;
  thread_ = std::thread([this] { Run(); });
  return absl::OkStatus();
}

void Indexer::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

absl::Status Indexer::CatchUp() {
  const query::IndexPosition from = index_.position();
  if (from.revision <= local_.oldest()) {
    if (absl::Status status = IndexOldest(from); !status.ok()) return status;
  }
  const int64_t head = local_.head();
  absl::Time told = absl::Now();
  int64_t since_seal = 0;
  // A segment may end within a commit.
  const absl::Status read = local_.ReadCommits(
      std::max(local_.oldest(), from.revision - 1), [&](const journal::StoredCommit& commit) {
        int32_t ordinal = 0;
        for (const absl::string_view framed : commit.framed_changes) {
          const query::IndexPosition position{commit.revision, ++ordinal};
          if (position <= from) continue;
          index_.Number(position, framed);
          if (!IsLive(framed)) continue;
          Index(framed);
          if (++since_seal >= kVersionsPerSeal) {
            since_seal = 0;
            Seal();
          }
        }
        if (absl::Now() - told > kProgressInterval) {
          told = absl::Now();
          base::Log(base::LogLevel::kInfo, "indexing",
                    {{"revision", absl::StrCat(commit.revision)}, {"of", absl::StrCat(head)}});
        }
        return true;
      });
  Seal();
  index_.SetHead(head);
  return read;
}

absl::Status Indexer::IndexOldest(query::IndexPosition from) {
  struct Standing {
    query::IndexPosition position;
    std::string name;
    bool live;
    int64_t previous = 0;  // the version that the index holds for alive
  };
  const int64_t oldest = local_.oldest();
  std::vector<Standing> beyond;
  absl::Status status = local_.ScanNames(
      "", "", oldest, [&](absl::string_view name, const journal::Version& version) {
        const query::IndexPosition position{version.revision, version.ordinal};
        if (position > from) {
          beyond.push_back({position, std::string(name),
                            version.state == journal::RecordState::kLive});
        }
        return true;
      });
  if (!status.ok()) return status;
  std::sort(beyond.begin(), beyond.end(),
            [](const Standing& a, const Standing& b) { return a.position < b.position; });
  // Versions between what the index holds and what stands may be gone, so a
  // change's own previous_revision may lead nowhere.
  absl::flat_hash_map<absl::string_view, Standing*> by_name;
  for (Standing& standing : beyond) by_name[standing.name] = &standing;
  index_.Find(nullptr, v1::RECORD_KIND_UNSPECIFIED, from.revision)
      .ForEach([&](const query::Candidate& candidate) {
        const auto found = by_name.find(candidate.name());
        if (found != by_name.end()) found->second->previous = candidate.revision();
      });
  int64_t since_seal = 0;
  for (const Standing& standing : beyond) {
    if (!standing.live && standing.previous == 0) continue;
    v1::Change told;
    told.set_name(standing.name);
    told.set_previous_revision(standing.previous);
    if (standing.live) told.mutable_record();
    std::string framed;
    base::AppendBytesField(1, told.SerializeAsString(), framed);
    index_.Number(standing.position, framed);
    if (!standing.live) continue;
    const auto stored =
        local_.ReadChange(standing.position.revision, standing.position.ordinal);
    if (!stored.ok()) return stored.status();
    Index(*stored);
    if (++since_seal >= kVersionsPerSeal) {
      since_seal = 0;
      Seal();
    }
  }
  return absl::OkStatus();
}

void Indexer::OnCommits(const journal::CommitGroup& group) {
  size_t bytes = 0;
  for (const auto& commit : group) {
    int32_t ordinal = 0;
    for (const journal::EncodedChange& change : commit->changes) {
      index_.Number({commit->revision, ++ordinal}, change.framed);
      bytes += change.framed.size();
    }
  }
  index_.SetHead(group.back()->revision);
  const auto has_room = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return waiting_bytes_ < base::kMaxUnindexedBytes || stopping_;
  };
  absl::MutexLock lock(&mutex_);
  mutex_.Await(absl::Condition(&has_room));
  waiting_.insert(waiting_.end(), group.begin(), group.end());
  waiting_bytes_ += bytes;
}

void Indexer::Run() {
  const auto has_work = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return !waiting_.empty() || stopping_;
  };
  while (true) {
    std::shared_ptr<const journal::EncodedCommit> commit;
    {
      absl::MutexLock lock(&mutex_);
      idle_ = waiting_.empty();
      mutex_.Await(absl::Condition(&has_work));
      // What waits still is worked out at the next start.
      if (stopping_) return;
      idle_ = false;
      commit = std::move(waiting_.front());
      waiting_.pop_front();
    }
    size_t bytes = 0;
    for (const journal::EncodedChange& change : commit->changes) {
      bytes += change.framed.size();
      if (change.state == journal::RecordState::kLive) Index(change.framed);
    }
    Seal();
    absl::MutexLock lock(&mutex_);
    waiting_bytes_ -= bytes;
  }
}

void Indexer::Index(absl::string_view framed) {
  const auto bytes =
      base::FindBytesField(journal::UnframeChange(framed), v1::Change::kRecordFieldNumber);
  v1::Record record;
  // A body that does not parse matches no filter, and reading it tells so.
  if (!bytes || !record.ParseFromArray(bytes->data(), static_cast<int>(bytes->size()))) {
    record.Clear();
  }
  index_.AddTerms(query::TermsOf(record, index_.hasher()));
}

void Indexer::Seal() {
  index_.SealFull([this](int64_t revision) { return HashAt(revision); });
}

std::string Indexer::HashAt(int64_t revision) const {
  std::string result;
  const absl::Status read =
      local_.ReadHeader(revision, [&result](absl::string_view, absl::string_view hash) {
        result = std::string(hash);
      });
  return read.ok() ? result : "";
}

void Indexer::WaitUntilIndexed() const {
  const auto done = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return waiting_.empty() && idle_;
  };
  absl::MutexLock lock(&mutex_);
  mutex_.Await(absl::Condition(&done));
}

}  // namespace communique::store
