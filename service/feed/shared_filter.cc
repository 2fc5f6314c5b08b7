#include "service/feed/shared_filter.h"

#include <algorithm>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "communique/v1/feed.pb.h"
#include "service/base/hash.h"
#include "service/base/wire.h"
#include "service/feed/errors.h"
#include "service/feed/resume_token.h"

namespace communique::feed {
namespace {

void AddEntered(const v1::Change& change, std::string& told) {
  v1::FilterEntry entry;
  entry.set_revision(change.revision());
  entry.set_name(change.name());
  base::AppendBytesField(v1::WatchResponse::kEnteredRecordsFieldNumber, entry.SerializeAsString(),
                         told);
}

void AddLeft(const v1::Change& change, std::string& told) {
  v1::FilterLeave leave;
  leave.set_revision(change.revision());
  leave.set_name(change.name());
  *leave.mutable_kinds() = change.kinds();
  base::AppendBytesField(v1::WatchResponse::kLeftRecordsFieldNumber, leave.SerializeAsString(),
                         told);
}

}  // namespace

uint64_t WatchQuery::Hash() const {
  return base::Fnv1a64(absl::StrCat(filter.fingerprint(), "/", shard_index, "/", shard_count));
}

SharedFilter::SharedFilter(WatchQuery query, FilterContext& context)
    : query_(std::move(query)), hash_(query_.Hash()),
      everything_(query_.filter.matches_all() && query_.shard_count == 1), context_(context) {}

SharedFilter::~SharedFilter() {
  for (const auto& [revision, verdict] : verdicts_) context_.verdict_bytes -= verdict->Bytes();
}

bool SharedFilter::MayWant(absl::string_view name) const {
  return (needs_record() || query_.filter.MatchesName(name)) &&
         (query_.shard_count == 1 ||
          base::Fnv1a64(name) % query_.shard_count == query_.shard_index);
}

absl::StatusOr<bool> SharedFilter::Take(absl::string_view name, absl::string_view framed,
                                        ChangeCache& changes, std::string& told,
                                        size_t& before_bytes) const {
  if (!MayWant(name)) return false;
  if (!needs_record()) return true;
  const auto found = changes.Get(framed);
  if (!found.ok()) return found.status();
  const v1::Change& change = (*found)->change;
  const bool lived = (*found)->before.has_record();
  const bool matched = lived && Matches((*found)->before.record());
  const bool matches = change.has_record() && Matches(change.record());
  before_bytes += (*found)->before_bytes;
  if (matches && lived && !matched) AddEntered(change, told);
  if (matches || !matched) return matches;
  // A tombstone has no body to hide: it tells by itself that the record is gone.
  if (change.has_tombstone()) return true;
  AddLeft(change, told);
  return false;
}

size_t SharedFilter::Verdict::Bytes() const {
  return sizeof *this + commits.capacity() * sizeof(Commit) +
         pieces.capacity() * sizeof(absl::string_view) + told.capacity() + 64;
}

absl::StatusOr<std::shared_ptr<const SharedFilter::Verdict>> SharedFilter::Evaluate(
    const Chunk& chunk, ChangeCache& changes) const {
  auto verdict = std::make_shared<Verdict>();
  verdict->commits.reserve(chunk.commit_count());
  int64_t looked_at = 0;
  for (size_t i = 0; i < chunk.commit_count(); ++i) {
    Verdict::Commit commit;
    size_t before_bytes = 0;
    const absl::Status status =
        ForEachChange(chunk.BytesOf(i), [&](absl::string_view name, absl::string_view framed) {
          ++looked_at;
          const auto taken = Take(name, framed, changes, verdict->told, before_bytes);
          if (!taken.ok()) return taken.status();
          if (!*taken) return absl::OkStatus();
          ++commit.changes;
          verdict->pieces.push_back(framed);
          return absl::OkStatus();
        });
    if (absl::IsNotFound(status)) {
      // Whoever has yet to be sent it is from before the trim.
      commit.trimmed = true;
    } else if (!status.ok()) {
      return status;
    }
    commit.pieces_end = static_cast<uint32_t>(verdict->pieces.size());
    commit.told_end = static_cast<uint32_t>(verdict->told.size());
    commit.before_bytes = static_cast<uint32_t>(before_bytes);
    verdict->commits.push_back(commit);
  }
  context_.counters.evaluations.fetch_add(looked_at, std::memory_order_relaxed);
  return verdict;
}

void SharedFilter::Keep(int64_t first_revision, std::shared_ptr<const Verdict> verdict) {
  const size_t bytes = verdict->Bytes();
  if (!verdicts_.emplace(first_revision, std::move(verdict)).second) return;
  context_.verdict_bytes += bytes;
  while (verdicts_.size() > 1 && context_.verdict_bytes > base::kMaxVerdictBytes) {
    context_.verdict_bytes -= verdicts_.begin()->second->Bytes();
    verdicts_.erase(verdicts_.begin());
  }
}

absl::StatusOr<std::shared_ptr<const SharedFilter::Verdict>> SharedFilter::VerdictOf(
    const std::shared_ptr<const Chunk>& chunk, ChangeCache& changes) {
  {
    absl::MutexLock lock(&mutex_);
    const auto found = verdicts_.find(chunk->first_revision());
    if (found != verdicts_.end()) return found->second;
  }
  // Without the lock: others of this filter go on. Two may do it at once; both
  // come to the same.
  auto verdict = Evaluate(*chunk, changes);
  if (!verdict.ok()) return verdict.status();
  absl::MutexLock lock(&mutex_);
  Keep(chunk->first_revision(), *verdict);
  return verdict;
}

void SharedFilter::Prepare(const std::shared_ptr<const Chunk>& chunk, ChangeCache& changes) {
  // What goes wrong is told to the watcher that asks.
  (void)VerdictOf(chunk, changes);
}

void SharedFilter::BeginSharing() {
  absl::MutexLock lock(&mutex_);
  sharing_ = true;
}

void SharedFilter::EndSharing() {
  absl::MutexLock lock(&mutex_);
  sharing_ = false;
  shared_from_ = -1;
  shared_ = nullptr;
}

absl::StatusOr<std::shared_ptr<const Gathered>> SharedFilter::Gather(const Window& window,
                                                                     int64_t from,
                                                                     int64_t through) {
  {
    absl::MutexLock lock(&mutex_);
    if (shared_from_ == from && (shared_->through == through || shared_->full())) return shared_;
  }
  std::vector<ChunkRange> ranges;
  if (!window.Read(from, through, base::kMaxWatchScanBytes, ranges)) return nullptr;
  auto gathered = std::make_shared<Gathered>();
  gathered->through = from;
  {
    SliceJoiner joiner(*gathered);
    ChangeCache changes(context_.reader);
    for (const ChunkRange& range : ranges) {
      if (gathered->full()) break;
      std::shared_ptr<const Verdict> verdict;
      if (!everything_) {
        changes.Clear();
        auto found = VerdictOf(range.chunk, changes);
        if (!found.ok()) return found.status();
        verdict = *std::move(found);
      }
      for (size_t i = range.begin; i < range.end && !gathered->full(); ++i) {
        const absl::string_view bytes = range.chunk->BytesOf(i);
        gathered->scanned += bytes.size();
        gathered->through = range.chunk->RevisionOf(i);
        if (verdict == nullptr) {
          joiner.Add(range.chunk, bytes);
          gathered->bytes += bytes.size();
          gathered->changes += range.chunk->ChangesOf(i, i + 1);
          continue;
        }
        const Verdict::Commit& commit = verdict->commits[i];
        const Verdict::Commit before = i == 0 ? Verdict::Commit{} : verdict->commits[i - 1];
        if (commit.trimmed) return ResumeTokenExpired(from, context_.reader.oldest());
        for (uint32_t piece = before.pieces_end; piece < commit.pieces_end; ++piece) {
          joiner.Add(range.chunk, verdict->pieces[piece]);
          gathered->bytes += verdict->pieces[piece].size();
        }
        gathered->told.append(verdict->told, before.told_end, commit.told_end - before.told_end);
        gathered->bytes += commit.told_end - before.told_end;
        gathered->scanned += commit.before_bytes;
        gathered->changes += commit.changes;
      }
    }
  }
  absl::MutexLock lock(&mutex_);
  if (sharing_) {
    shared_from_ = from;
    shared_ = gathered;
  }
  return gathered;
}

absl::Status SharedFilter::GatherStored(const journal::StoredCommit& commit, SliceJoiner& joiner,
                                        Gathered& out) const {
  ChangeCache changes(context_.reader);
  for (const absl::string_view framed : commit.framed_changes) {
    out.scanned += framed.size();
    bool taken = everything_;
    if (!everything_) {
      size_t told = out.told.size();
      const absl::Status status =
          ForEachChange(framed, [&](absl::string_view name, absl::string_view) {
            const auto answer = Take(name, framed, changes, out.told, out.scanned);
            taken = answer.ok() && *answer;
            return answer.status();
          });
      if (absl::IsNotFound(status)) {
        return ResumeTokenExpired(commit.revision - 1, context_.reader.oldest());
      }
      if (!status.ok()) return status;
      out.bytes += out.told.size() - told;
    }
    if (!taken) continue;
    joiner.AddCopy(framed);
    out.bytes += framed.size();
    ++out.changes;
  }
  out.through = commit.revision;
  return absl::OkStatus();
}

std::string SharedFilter::TokenAt(int64_t revision) {
  absl::MutexLock lock(&mutex_);
  if (token_revision_ != revision) {
    ResumeToken token;
    token.store_id = context_.reader.identity().store_id;
    token.epoch = context_.reader.identity().epoch;
    token.query = hash_;
    token.revision = revision;
    token_ = MakeResumeToken(token);
    token_revision_ = revision;
  }
  return token_;
}

std::shared_ptr<SharedFilter> SharedFilters::Get(WatchQuery query) {
  const std::string key = absl::StrCat(query.shard_index, "/", query.shard_count, "/", query.text);
  absl::MutexLock lock(&mutex_);
  std::weak_ptr<SharedFilter>& kept = filters_[key];
  auto filter = kept.lock();
  if (filter == nullptr) {
    filter = std::make_shared<SharedFilter>(std::move(query), context_);
    kept = filter;
  }
  if (filters_.size() >= clean_at_) {
    absl::erase_if(filters_, [](const auto& entry) { return entry.second.expired(); });
    clean_at_ = std::max<size_t>(64, 2 * filters_.size());
  }
  return filter;
}

int64_t SharedFilters::count() const {
  absl::MutexLock lock(&mutex_);
  return absl::c_count_if(filters_, [](const auto& entry) { return !entry.second.expired(); });
}

}  // namespace communique::feed
