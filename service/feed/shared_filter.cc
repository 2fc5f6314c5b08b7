#include "service/feed/shared_filter.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "communique/v1/feed.pb.h"
#include "service/base/hash.h"
#include "service/base/wire.h"
#include "service/feed/errors.h"
#include "service/feed/resume_token.h"

namespace communique::feed {
namespace {

// Of a query beside its filter: a principal's hold, and its places in maps.
constexpr size_t kKeepingBytes = 512;
// Bytes of changes, times terms, between two looks at the clock: well below a
// millisecond.
constexpr size_t kWorkBetweenLooks = 64 * 1024;

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

SharedFilter::SharedFilter(WatchQuery query, size_t text_bytes, FilterContext& context)
    : query_(std::move(query)),
      hash_(query_.Hash()),
      everything_(query_.filter.matches_all() && query_.shard_count == 1),
      bytes_(sizeof *this + query_.filter.bytes() + 2 * text_bytes + kKeepingBytes),
      context_(context) {}

SharedFilter::~SharedFilter() { context_.verdicts.Forget(*this); }

bool SharedFilter::MayWant(absl::string_view name) const {
  return (needs_record() || query_.filter.MatchesName(name)) &&
         (query_.shard_count == 1 ||
          base::Fnv1a64(name) % query_.shard_count == query_.shard_index);
}

bool SharedFilter::Matches(const v1::Record& record) const {
  query::RecordTerms terms(record);
  return query_.filter.Matches(record, terms);
}

absl::StatusOr<bool> SharedFilter::Take(absl::string_view name, absl::string_view framed,
                                        ChangeCache& changes, std::string& told,
                                        size_t& before_bytes) const {
  if (!MayWant(name)) return false;
  if (!needs_record()) return true;
  const auto found = changes.Get(framed);
  if (!found.ok()) return found.status();
  ChangeWithBefore& look = **found;
  const v1::Change& change = look.change;
  const bool lived = look.before.has_record();
  const bool matched = lived && query_.filter.Matches(look.before.record(), look.before_terms);
  const bool matches = change.has_record() && query_.filter.Matches(change.record(), look.terms);
  before_bytes += look.before_bytes;
  if (matches && lived && !matched) AddEntered(change, told);
  if (matches || !matched) return matches;
  // A tombstone has no body to hide: it tells by itself that the record is gone.
  if (change.has_tombstone()) return true;
  AddLeft(change, told);
  return false;
}

absl::StatusOr<bool> SharedFilter::Evaluate(Evaluation& evaluation, ChangeCache& changes,
                                            Late late) const {
  const Chunk& chunk = *evaluation.chunk;
  Verdict& verdict = *evaluation.verdict;
  Verdict::Commit& commit = evaluation.commit;
  const size_t cost = 1 + static_cast<size_t>(terms());  // of a byte
  size_t work = 0;
  int64_t looked_at = 0;
  bool stopped = false;
  while (!stopped && verdict.commits.size() < chunk.commit_count()) {
    const absl::string_view bytes = chunk.BytesOf(verdict.commits.size());
    absl::string_view rest = bytes.substr(evaluation.offset);
    size_t before_bytes = commit.before_bytes;
    while (!stopped && !rest.empty()) {
      const auto next = TakeChange(rest);
      if (!next.ok()) return next.status();
      ++looked_at;
      const auto taken = Take(next->name, next->framed, changes, verdict.told, before_bytes);
      if (absl::IsNotFound(taken.status())) {
        // Whoever has yet to be sent it is from before the trim.
        commit.trimmed = true;
        break;
      }
      if (!taken.ok()) return taken.status();
      if (*taken) {
        ++commit.changes;
        verdict.pieces.push_back(next->framed);
      }
      work += next->framed.size() * cost;
      if (work >= kWorkBetweenLooks) {
        work = 0;
        stopped = late();
      }
    }
    commit.before_bytes = static_cast<uint32_t>(before_bytes);
    evaluation.offset = bytes.size() - rest.size();
    if (!rest.empty() && !commit.trimmed) break;
    commit.pieces_end = static_cast<uint32_t>(verdict.pieces.size());
    commit.told_end = static_cast<uint32_t>(verdict.told.size());
    verdict.commits.push_back(std::exchange(commit, {}));
    evaluation.offset = 0;
  }
  context_.counters.evaluations.fetch_add(looked_at, std::memory_order_relaxed);
  return verdict.commits.size() == chunk.commit_count();
}

bool SharedFilter::Prepare(const std::shared_ptr<const Chunk>& chunk, ChangeCache& changes,
                           Late late) {
  Answer answer = FindVerdict(*chunk);
  const auto keep = [&] {
    absl::MutexLock lock(&mutex_);
    if (sharing_) prepared_.insert_or_assign(chunk->first_revision(), std::move(answer));
    return true;
  };
  if (!answer.ok() || *answer != nullptr) return keep();
  if (unfinished_.chunk != chunk) unfinished_ = {chunk, std::make_shared<Verdict>(), {}, 0};
  changes.Hold(chunk);
  const auto done = Evaluate(unfinished_, changes, late);
  if (done.ok() && !*done) return false;
  answer = done.ok() ? Answer(std::move(unfinished_.verdict)) : Answer(done.status());
  unfinished_ = {};
  if (answer.ok()) context_.verdicts.Keep(*this, chunk->first_revision(), *answer);
  return keep();
}

SharedFilter::Answer SharedFilter::FindVerdict(const Chunk& chunk) {
  {
    absl::MutexLock lock(&mutex_);
    const auto found = prepared_.find(chunk.first_revision());
    if (found != prepared_.end()) return found->second;
  }
  return context_.verdicts.Find(*this, chunk.first_revision());
}

SharedFilter::Answer SharedFilter::MakeVerdict(const std::shared_ptr<const Chunk>& chunk,
                                               ChangeCache& changes) {
  // Without a lock: others of this filter go on. Two may do it at once; both come
  // to the same.
  Evaluation evaluation{chunk, std::make_shared<Verdict>(), {}, 0};
  changes.Hold(chunk);
  const auto done = Evaluate(evaluation, changes, [] { return false; });
  if (!done.ok()) return done.status();
  context_.verdicts.Keep(*this, chunk->first_revision(), evaluation.verdict);
  return evaluation.verdict;
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
  prepared_.clear();
}

absl::StatusOr<FromWindow> SharedFilter::Gather(const Window& window, int64_t from, int64_t through,
                                                bool may_look, Late late) {
  {
    absl::MutexLock lock(&mutex_);
    if (shared_from_ == from && (shared_->through == through || shared_->full() || shared_->cut)) {
      return FromWindow{FromWindow::State::kGathered, shared_};
    }
  }
  std::vector<ChunkRange> ranges;
  if (!window.Read(from, through, base::kMaxWatchScanBytes, ranges)) {
    return FromWindow{FromWindow::State::kGone, nullptr};
  }
  auto gathered = std::make_shared<Gathered>();
  gathered->through = from;
  {
    SliceJoiner joiner(*gathered);
    ChangeCache changes(context_.reader, base::kMaxParsedChangeBytes);
    for (const ChunkRange& range : ranges) {
      if (gathered->full()) break;
      std::shared_ptr<const Verdict> verdict;
      if (!everything_) {
        auto found = FindVerdict(*range.chunk);
        if (found.ok() && *found == nullptr) {
          if (!quick() && !may_look) {
            gathered->cut = true;
            break;
          }
          found = MakeVerdict(range.chunk, changes);
          gathered->late = !quick() && late();
        }
        if (!found.ok()) return found.status();
        verdict = *std::move(found);
      }
      if (absl::Status status = AddRange(range, verdict.get(), joiner, *gathered); !status.ok()) {
        return status;
      }
    }
  }
  if (gathered->cut && gathered->through == from) {
    return FromWindow{FromWindow::State::kNotLookedAt, nullptr};
  }
  absl::MutexLock lock(&mutex_);
  if (sharing_) {
    shared_from_ = from;
    shared_ = gathered;
  }
  return FromWindow{FromWindow::State::kGathered, std::move(gathered)};
}

absl::Status SharedFilter::AddRange(const ChunkRange& range, const Verdict* verdict,
                                    SliceJoiner& joiner, Gathered& out) const {
  const bool late = std::exchange(out.late, false);  // what was looked at is taken
  for (size_t i = range.begin; i < range.end && !out.full(); ++i) {
    const absl::string_view bytes = range.chunk->BytesOf(i);
    out.scanned += bytes.size();
    out.through = range.chunk->RevisionOf(i);
    if (verdict == nullptr) {
      joiner.Add(range.chunk, bytes);
      out.bytes += bytes.size();
      out.changes += range.chunk->ChangesOf(i, i + 1);
      continue;
    }
    const Verdict::Commit& commit = verdict->commits[i];
    const Verdict::Commit before = i == 0 ? Verdict::Commit{} : verdict->commits[i - 1];
    if (commit.trimmed) return ResumeTokenExpired(out.through - 1, context_.reader.oldest());
    for (uint32_t piece = before.pieces_end; piece < commit.pieces_end; ++piece) {
      joiner.Add(range.chunk, verdict->pieces[piece]);
      out.bytes += verdict->pieces[piece].size();
    }
    out.told.append(verdict->told, before.told_end, commit.told_end - before.told_end);
    out.bytes += commit.told_end - before.told_end;
    out.scanned += commit.before_bytes;
    out.changes += commit.changes;
  }
  out.late = late;
  return absl::OkStatus();
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

}  // namespace communique::feed
