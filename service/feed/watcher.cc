#include "service/feed/watcher.h"

#include <utility>

#include "communique/v1/change.pb.h"
#include "service/base/limits.h"
#include "service/base/timestamp.h"
#include "service/base/wire.h"
#include "service/feed/errors.h"
#include "service/feed/resume_token.h"
#include "service/journal/errors.h"
#include "service/store/errors.h"

namespace communique::feed {
namespace {

SharedBytes Own(std::string bytes) {
  auto owner = std::make_shared<const std::string>(std::move(bytes));
  const absl::string_view view = *owner;
  return {std::move(owner), view};
}

absl::StatusOr<v1::Change> ParseChange(absl::string_view framed) {
  const absl::string_view bytes = journal::UnframeChange(framed);
  v1::Change change;
  if (bytes.empty() || !change.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return journal::DataCorrupt("journal", "a change does not parse");
  }
  return change;
}

// What entered_records says of a change.
void AddEntry(const v1::Change& change, v1::WatchResponse& tail) {
  v1::FilterEntry& entry = *tail.add_entered_records();
  entry.set_revision(change.revision());
  entry.set_name(change.name());
}

// What left_records says of it.
void AddLeave(const v1::Change& change, v1::WatchResponse& tail) {
  v1::FilterLeave& leave = *tail.add_left_records();
  leave.set_revision(change.revision());
  leave.set_name(change.name());
  *leave.mutable_kinds() = change.kinds();
}

}  // namespace

bool Watcher::Batch::full() const {
  return bytes >= base::kMaxWatchResponseBytes || scanned >= base::kMaxWatchScanBytes;
}

Watcher::Watcher(WatchSpec spec, const Window& window, const journal::Journal& journal,
                 const store::Reader& reader, const base::Clock& clock)
    : spec_(std::move(spec)), window_(window), journal_(journal), reader_(reader), clock_(clock),
      position_(spec_.start_revision),
      sent_through_(spec_.snapshot ? 0 : spec_.start_revision),
      in_snapshot_(spec_.snapshot.has_value()), snapshot_name_(spec_.snapshot_after),
      last_sent_(clock.Steady()), last_checkpoint_(clock.Steady()) {}

Step Watcher::Next() {
  if (ended_) return End(store::Draining());
  if (draining_.load(std::memory_order_acquire)) {
    ended_ = true;
    Batch farewell;
    farewell.tail.add_marks(v1::WATCH_MARK_DRAINING);
    // Position may be ahead of what was told: everything between was not asked for.
    return Send(std::move(farewell));
  }
  if (in_snapshot_) return NextSnapshotPiece();
  const int64_t head = window_.head();
  const int64_t target = spec_.until_revision ? std::min(head, *spec_.until_revision) : head;
  Batch batch;
  if (position_ < target) {
    if (absl::Status status = Gather(target, batch); !status.ok()) return End(status);
  }
  const bool at_until = spec_.until_revision && position_ == *spec_.until_revision;
  const bool caught_up = behind_ && position_ == head;
  if (fell_behind_) batch.tail.add_marks(v1::WATCH_MARK_FELL_BEHIND);
  if (caught_up) batch.tail.add_marks(v1::WATCH_MARK_CAUGHT_UP);
  // Besides changes, a client is told: that it is at the head, that the watch is
  // over, that a long stretch had nothing for it, that nothing has happened.
  const bool due = opening_ || caught_up || fell_behind_ || batch.full() ||
                   (at_until && sent_through_ < position_) ||
                   clock_.Steady() >= checkpoint_time();
  if (batch.empty() && !due) return at_until ? End(absl::OkStatus()) : Step{};
  if (batch.empty() && at_until && sent_through_ == position_ && !opening_) {
    return End(absl::OkStatus());
  }
  if (caught_up) behind_ = false;
  fell_behind_ = false;
  // A busy watch is told where the head is, too.
  if (batch.empty() || clock_.Steady() >= last_checkpoint_ + spec_.checkpoint_interval) {
    AddCheckpoint(head, batch.tail);
  }
  return Send(std::move(batch));
}

absl::Status Watcher::Gather(int64_t target, Batch& batch) {
  journal::CommitGroup commits;
  if (!window_.Read(position_, base::kMaxWatchScanBytes, commits)) {
    if (!behind_) {
      behind_ = true;
      fell_behind_ = true;
    }
    return GatherFromJournal(target, batch);
  }
  for (const auto& commit : commits) {
    if (commit->revision > target || batch.full()) break;
    for (const journal::EncodedChange& change : commit->changes) {
      const auto taken = Take(change.name, change.framed, batch);
      if (!taken.ok()) return taken.status();
      if (*taken) batch.slices.push_back({commit, change.framed});
    }
    position_ = commit->revision;
  }
  return absl::OkStatus();
}

absl::Status Watcher::GatherFromJournal(int64_t target, Batch& batch) {
  if (position_ < reader_.oldest()) return ResumeTokenExpired(position_, reader_.oldest());
  std::string gathered;
  absl::Status result;
  const absl::Status read =
      journal_.Read(position_, [&](const journal::StoredCommit& commit) {
        for (const absl::string_view framed : commit.framed_changes) {
          const auto name = base::FindBytesField(journal::UnframeChange(framed),
                                                 v1::Change::kNameFieldNumber);
          if (!name) {
            result = journal::DataCorrupt("journal", "a change has no name");
            return false;
          }
          const auto taken = Take(*name, framed, batch);
          if (!taken.ok()) {
            result = taken.status();
            return false;
          }
          if (*taken) gathered.append(framed.data(), framed.size());
        }
        position_ = commit.revision;
        return position_ < target && !batch.full();
      });
  if (!gathered.empty()) batch.slices.push_back(Own(std::move(gathered)));
  return result.ok() ? read : result;
}

absl::StatusOr<bool> Watcher::Take(absl::string_view name, absl::string_view framed,
                                   Batch& batch) const {
  batch.scanned += framed.size();
  if (!spec_.MayWant(name)) return false;
  if (spec_.filter.needs_record()) {
    const auto taken = TakeByRecord(framed, batch);
    if (!taken.ok() || !*taken) return taken;
  }
  batch.bytes += framed.size();
  return true;
}

// Entering and leaving compare the record's version before with this one, never
// with what this stream has sent.
absl::StatusOr<bool> Watcher::TakeByRecord(absl::string_view framed, Batch& batch) const {
  const auto change = ParseChange(framed);
  if (!change.ok()) return change.status();
  bool lived = false;
  bool matched = false;
  if (change->previous_revision() > 0) {
    const auto previous = reader_.FindVersion(change->name(), change->previous_revision());
    // It stood at `position_`: it is held for as long as that is.
    if (position_ < reader_.oldest()) return ResumeTokenExpired(position_, reader_.oldest());
    if (!previous.ok()) return previous.status();
    batch.scanned += previous->size();
    const auto before = ParseChange(*previous);
    if (!before.ok()) return before.status();
    lived = before->has_record();
    matched = lived && spec_.filter.Matches(before->record());
  }
  const bool matches = change->has_record() && spec_.filter.Matches(change->record());
  if (matches && lived && !matched) {
    AddEntry(*change, batch.tail);
    batch.bytes += batch.tail.entered_records().rbegin()->ByteSizeLong();
  }
  if (matches || !matched) return matches;
  // A tombstone has no body to hide: it tells by itself that the record is gone.
  if (change->has_tombstone()) return true;
  AddLeave(*change, batch.tail);
  batch.bytes += batch.tail.left_records().rbegin()->ByteSizeLong();
  return false;
}

Step Watcher::NextSnapshotPiece() {
  const store::ReadView& view = *spec_.snapshot;
  if (view.revision() < reader_.oldest()) {
    return End(ResumeTokenExpired(view.revision(), reader_.oldest()));
  }
  Batch batch;
  std::string gathered;
  std::string last_name;
  bool more = false;
  int names = 0;
  absl::Status result;
  const absl::Status read = view.Snapshot(
      snapshot_name_,
      [&](absl::string_view name) {
        if (batch.full() || ++names > base::kMaxNamesScannedPerPage) {
          more = true;
          return true;  // to be told, and stopped at
        }
        if (spec_.MayWant(name)) return true;
        last_name = std::string(name);
        return false;
      },
      [&](absl::string_view name, std::string framed) {
        if (more) return false;
        batch.scanned += framed.size();
        last_name = std::string(name);
        if (spec_.filter.needs_record()) {
          const auto change = ParseChange(framed);
          result = change.status();
          if (!result.ok()) return false;
          if (!spec_.filter.Matches(change->record())) return true;
        }
        gathered += framed;
        batch.bytes = gathered.size();
        return true;
      });
  if (!result.ok()) return End(result);
  if (!read.ok()) return End(read);
  if (!gathered.empty()) batch.slices.push_back(Own(std::move(gathered)));
  v1::SnapshotPiece& piece = *batch.tail.mutable_snapshot();
  piece.set_revision(view.revision());
  piece.set_from_name(snapshot_name_);
  if (more) {
    snapshot_name_ = last_name;
    piece.set_through_name(last_name);
  } else {
    in_snapshot_ = false;
    batch.tail.add_marks(v1::WATCH_MARK_SNAPSHOT_END);
    AddCheckpoint(window_.head(), batch.tail);
  }
  return Send(std::move(batch));
}

Step Watcher::Send(Batch batch) {
  v1::WatchResponse& tail = batch.tail;
  if (!in_snapshot_) {
    tail.set_from_revision(sent_through_);
    tail.set_through_revision(position_);
    sent_through_ = position_;
  }
  tail.set_resume_token(Token());
  opening_ = false;
  last_sent_ = clock_.Steady();
  Step step;
  step.type = Step::Type::kSend;
  step.slices = std::move(batch.slices);
  step.slices.push_back(Own(tail.SerializeAsString()));
  return step;
}

Step Watcher::End(absl::Status status) {
  Step step;
  step.type = Step::Type::kEnd;
  step.status = std::move(status);
  return step;
}

void Watcher::AddCheckpoint(int64_t head, v1::WatchResponse& tail) {
  last_checkpoint_ = clock_.Steady();
  tail.add_marks(v1::WATCH_MARK_CHECKPOINT);
  tail.set_head_revision(head);
  base::SetTimestamp(clock_.Now(), *tail.mutable_server_time());
}

std::string Watcher::Token() const {
  ResumeToken token;
  token.store_id = reader_.identity().store_id;
  token.epoch = reader_.identity().epoch;
  token.query = spec_.query;
  token.revision = in_snapshot_ ? 0 : sent_through_;
  if (in_snapshot_) {
    token.snapshot_revision = spec_.snapshot->revision();
    token.snapshot_name = snapshot_name_;
  }
  return MakeResumeToken(token);
}

}  // namespace communique::feed
