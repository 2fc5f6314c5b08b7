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
    v1::WatchResponse tail;
    tail.add_marks(v1::WATCH_MARK_DRAINING);
    // Position may be ahead of what was told: everything between was not asked for.
    return Send({}, std::move(tail));
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
  v1::WatchResponse tail;
  if (fell_behind_) tail.add_marks(v1::WATCH_MARK_FELL_BEHIND);
  if (caught_up) tail.add_marks(v1::WATCH_MARK_CAUGHT_UP);
  // Besides changes, a client is told: that it is at the head, that the watch is
  // over, that a long stretch had nothing for it, that nothing has happened.
  const bool due = opening_ || caught_up || fell_behind_ || batch.full() ||
                   (at_until && sent_through_ < position_) ||
                   clock_.Steady() >= checkpoint_time();
  if (batch.slices.empty() && !due) return at_until ? End(absl::OkStatus()) : Step{};
  if (batch.slices.empty() && at_until && sent_through_ == position_ && !opening_) {
    return End(absl::OkStatus());
  }
  if (caught_up) behind_ = false;
  fell_behind_ = false;
  // A busy watch is told where the head is, too.
  if (batch.slices.empty() ||
      clock_.Steady() >= last_checkpoint_ + spec_.checkpoint_interval) {
    AddCheckpoint(head, tail);
  }
  return Send(std::move(batch), std::move(tail));
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
      batch.scanned += change.framed.size();
      if (!spec_.Wants(change.name)) continue;
      batch.bytes += change.framed.size();
      batch.slices.push_back({commit, change.framed});
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
          batch.scanned += framed.size();
          const auto name = base::FindBytesField(journal::UnframeChange(framed),
                                                 v1::Change::kNameFieldNumber);
          if (!name) {
            result = journal::DataCorrupt("journal", "a change has no name");
            return false;
          }
          if (!spec_.Wants(*name)) continue;
          gathered.append(framed.data(), framed.size());
        }
        batch.bytes = gathered.size();
        position_ = commit.revision;
        return position_ < target && !batch.full();
      });
  if (!gathered.empty()) batch.slices.push_back(Own(std::move(gathered)));
  return result.ok() ? read : result;
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
  const absl::Status read = view.Snapshot(
      snapshot_name_,
      [&](absl::string_view name) {
        if (batch.full() || ++names > base::kMaxNamesScannedPerPage) {
          more = true;
          return true;  // to be told, and stopped at
        }
        if (spec_.Wants(name)) return true;
        last_name = std::string(name);
        return false;
      },
      [&](absl::string_view name, std::string framed) {
        if (more) return false;
        gathered += framed;
        batch.bytes = gathered.size();
        last_name = std::string(name);
        return true;
      });
  if (!read.ok()) return End(read);
  if (!gathered.empty()) batch.slices.push_back(Own(std::move(gathered)));
  v1::WatchResponse tail;
  v1::SnapshotPiece& piece = *tail.mutable_snapshot();
  piece.set_revision(view.revision());
  piece.set_from_name(snapshot_name_);
  if (more) {
    snapshot_name_ = last_name;
    piece.set_through_name(last_name);
  } else {
    in_snapshot_ = false;
    tail.add_marks(v1::WATCH_MARK_SNAPSHOT_END);
    AddCheckpoint(window_.head(), tail);
  }
  return Send(std::move(batch), std::move(tail));
}

Step Watcher::Send(Batch batch, v1::WatchResponse tail) {
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
