#include "service/feed/watcher.h"

#include <algorithm>
#include <utility>

#include "service/base/error.h"
#include "service/base/limits.h"
#include "service/base/timestamp.h"
#include "service/feed/changes.h"
#include "service/feed/errors.h"
#include "service/feed/resume_token.h"
#include "service/store/errors.h"

namespace communique::feed {
namespace {

// Answers whether a step has lasted long enough.
class StepTimer {
 public:
  explicit StepTimer(const base::Clock& clock)
      : clock_(clock), end_(clock.Steady() + base::kMaxReadStep) {}
  bool operator()() const { return clock_.Steady() >= end_; }

 private:
  const base::Clock& clock_;
  const absl::Time end_;
};

}  // namespace

Watcher::Watcher(WatchSpec spec, const WatcherContext& context, WatchRegistry::Ticket ticket)
    : context_(context),
      hold_(std::move(spec.hold)),
      filter_(hold_->filter()),
      checkpoint_interval_(spec.checkpoint_interval),
      until_revision_(spec.until_revision),
      snapshot_(std::move(spec.snapshot)),
      ticket_(std::move(ticket)),
      sent_through_(snapshot_ != nullptr ? 0 : spec.start_revision),
      last_sent_(context.clock.Steady()),
      last_checkpoint_(last_sent_) {
  progress_.position = spec.start_revision;
  if (snapshot_ != nullptr) MoveTo(WatchPlace::kSnapshot);
  ticket_.Attach(progress_);
}

Step Watcher::Next(bool may_read) {
  if (ended_) return End(store::Draining());
  if (draining_.load(std::memory_order_acquire)) {
    ended_ = true;
    v1::WatchResponse farewell;
    farewell.add_marks(v1::WATCH_MARK_DRAINING);
    // Position may be ahead of what was told: everything between was not asked for.
    return Send(nullptr, std::move(farewell));
  }
  if (snapshot_ == nullptr) return NextOfChanges(may_read);
  if (may_read) return NextOfSnapshot();
  Step step;
  step.type = Step::Type::kRead;
  return step;
}

Step Watcher::NextOfChanges(bool may_read) {
  const int64_t head = Head();
  const int64_t target = until_revision_ ? std::min(head, *until_revision_) : head;
  Batch batch;
  if (position() < target) {
    auto gathered = Gather(target, may_read);
    if (!gathered.ok()) return End(gathered.status());
    batch = std::move(gathered->batch);
    // Who waits long for a turn is not silent meanwhile.
    if (batch == nullptr && context_.clock.Steady() < checkpoint_time()) {
      Step step;
      step.type = gathered->first;
      return step;
    }
    if (batch != nullptr) progress_.position.store(batch->through, std::memory_order_relaxed);
  }
  const int64_t position = this->position();
  const bool nothing = batch == nullptr || batch->empty();
  const bool at_until = until_revision_ && position == *until_revision_;
  const bool caught_up = behind_ && position == head;
  const absl::Time now = context_.clock.Steady();
  // Besides changes, a client is told: that it is at the head, that the watch is
  // over, that a long stretch had nothing for it, that nothing has happened.
  const bool due = opening_ || caught_up || fell_behind_ || (batch != nullptr && batch->full()) ||
                   (at_until && sent_through_ < position) ||
                   now >= last_sent_ + checkpoint_interval_;
  if (nothing && !due) return at_until ? End(absl::OkStatus()) : Step{};
  if (nothing && at_until && sent_through_ == position && !opening_) return End(absl::OkStatus());
  v1::WatchResponse tail;
  if (std::exchange(fell_behind_, false)) tail.add_marks(v1::WATCH_MARK_FELL_BEHIND);
  if (caught_up) {
    tail.add_marks(v1::WATCH_MARK_CAUGHT_UP);
    behind_ = false;
    MoveTo(WatchPlace::kActive);
  }
  // A busy watch is told where the head is, too.
  if (nothing || now >= last_checkpoint_ + checkpoint_interval_) AddCheckpoint(head, tail);
  return Send(batch.get(), std::move(tail));
}

absl::StatusOr<Watcher::Gathering> Watcher::Gather(int64_t target, bool may_read) {
  const StepTimer timer(context_.clock);
  auto found = filter_.Gather(context_.window, position(), target, may_read, timer);
  if (!found.ok()) return found.status();
  switch (found->state) {
    case FromWindow::State::kGathered:
      context_.counters.window_hits.fetch_add(1, std::memory_order_relaxed);
      return Gathering{std::move(found->gathered)};
    case FromWindow::State::kNotLookedAt:
      return Gathering{nullptr, Step::Type::kEvaluate};
    case FromWindow::State::kGone:
      break;
  }
  if (!may_read) return Gathering{nullptr, Step::Type::kRead};
  context_.counters.window_misses.fetch_add(1, std::memory_order_relaxed);
  MoveTo(WatchPlace::kLagging);
  if (!behind_) {
    behind_ = true;
    fell_behind_ = true;
    context_.counters.fell_behind.fetch_add(1, std::memory_order_relaxed);
  }
  auto read = GatherFromJournal(target);
  if (!read.ok()) return read.status();
  return Gathering{*std::move(read)};
}

absl::StatusOr<Watcher::Batch> Watcher::GatherFromJournal(int64_t target) {
  const auto expired = [this] {
    return ResumeTokenExpired(position(), context_.reader.oldest());
  };
  if (position() < context_.reader.oldest()) return expired();
  auto gathered = std::make_shared<Gathered>();
  gathered->through = position();
  absl::Status status;
  const StepTimer timer(context_.clock);
  {
    SliceJoiner joiner(*gathered);
    const absl::Status read =
        context_.journal.Read(position(), [&](const journal::StoredCommit& commit) {
          status = filter_.GatherStored(commit, joiner, *gathered);
          gathered->late = !filter_.quick() && timer();
          return status.ok() && commit.revision < target && !gathered->full();
        });
    // A trim may have overtaken the read.
    if (position() < context_.reader.oldest()) return expired();
    if (status.ok()) status = read;
  }
  if (!status.ok()) return status;
  return gathered;
}

Step Watcher::NextOfSnapshot() {
  const store::ReadView& view = snapshot_->view;
  const auto expired = [&] {
    return view.revision() < context_.reader.oldest()
               ? ResumeTokenExpired(view.revision(), context_.reader.oldest())
               : absl::OkStatus();
  };
  if (absl::Status status = expired(); !status.ok()) return End(status);
  const StepTimer timer(context_.clock);
  Gathered batch;
  std::string gathered;
  std::string last_name;
  bool more = false;
  int names = 0;
  absl::Status result;
  const absl::Status read = view.Snapshot(
      snapshot_->after,
      [&](absl::string_view name) {
        if (batch.full() || ++names > base::kMaxNamesScannedPerPage) {
          more = true;
          return true;  // to be told, and stopped at
        }
        if (filter_.MayWant(name)) return true;
        last_name = std::string(name);
        return false;
      },
      [&](absl::string_view name, std::string framed) {
        if (more) return false;
        batch.scanned += framed.size();
        last_name = std::string(name);
        if (filter_.needs_record()) {
          const auto change = ParseChange(framed);
          result = change.status();
          if (!result.ok()) return false;
          batch.late = timer();
          if (!filter_.Matches(change->record())) return true;
        }
        gathered += framed;
        batch.bytes = gathered.size();
        ++batch.changes;
        return true;
      });
  // A trim may have overtaken the read.
  if (absl::Status status = expired(); !status.ok()) return End(status);
  if (!result.ok()) return End(result);
  if (!read.ok()) return End(read);
  if (!gathered.empty()) batch.slices.push_back(Own(std::move(gathered)));
  v1::WatchResponse tail;
  v1::SnapshotPiece& piece = *tail.mutable_snapshot();
  piece.set_revision(view.revision());
  piece.set_from_name(snapshot_->after);
  if (more) {
    snapshot_->after = last_name;
    piece.set_through_name(last_name);
  } else {
    snapshot_ = nullptr;
    MoveTo(WatchPlace::kActive);
    tail.add_marks(v1::WATCH_MARK_SNAPSHOT_END);
    AddCheckpoint(Head(), tail);
  }
  return Send(&batch, std::move(tail));
}

Step Watcher::Send(const Gathered* batch, v1::WatchResponse tail) {
  if (snapshot_ == nullptr) {
    tail.set_from_revision(sent_through_);
    tail.set_through_revision(position());
    sent_through_ = position();
    tail.set_resume_token(filter_.TokenAt(sent_through_));
  } else {
    tail.set_resume_token(SnapshotToken());
  }
  if (std::exchange(opening_, false) && until_revision_) tail.set_until_revision(*until_revision_);
  last_sent_ = context_.clock.Steady();
  std::string end = tail.SerializeAsString();
  Step step;
  step.type = Step::Type::kSend;
  size_t bytes = 0;
  if (batch != nullptr) {
    step.slices.reserve(batch->slices.size() + 1);
    step.slices = batch->slices;
    end += batch->told;
    bytes = batch->bytes - batch->told.size();
    context_.counters.changes_sent.fetch_add(batch->changes, std::memory_order_relaxed);
  }
  bytes += end.size();
  step.slices.push_back(Own(std::move(end)));
  context_.counters.responses_sent.fetch_add(1, std::memory_order_relaxed);
  context_.counters.bytes_sent.fetch_add(static_cast<int64_t>(bytes), std::memory_order_relaxed);
  return step;
}

Step Watcher::End(absl::Status status) {
  Step step;
  step.type = Step::Type::kEnd;
  if (base::ReasonOf(status) == v1::ERROR_REASON_RESUME_TOKEN_EXPIRED) {
    context_.counters.expired_tokens.fetch_add(1, std::memory_order_relaxed);
  }
  step.status = std::move(status);
  return step;
}

void Watcher::AddCheckpoint(int64_t head, v1::WatchResponse& tail) {
  last_checkpoint_ = context_.clock.Steady();
  tail.add_marks(v1::WATCH_MARK_CHECKPOINT);
  tail.set_head_revision(head);
  base::SetTimestamp(context_.clock.Now(), *tail.mutable_server_time());
  context_.counters.checkpoints_sent.fetch_add(1, std::memory_order_relaxed);
}

std::string Watcher::SnapshotToken() const {
  ResumeToken token;
  token.store_id = context_.reader.identity().store_id;
  token.epoch = context_.reader.identity().epoch;
  token.query = filter_.query_hash();
  token.snapshot_revision = snapshot_->view.revision();
  token.snapshot_name = snapshot_->after;
  return MakeResumeToken(token);
}

}  // namespace communique::feed
