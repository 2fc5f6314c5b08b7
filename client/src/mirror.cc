#include "communique/mirror.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <thread>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "communique/errors.h"
#include "communique/watch.h"
#include "src/backoff.h"
#include "src/mirror_file.h"
#include "src/record_table.h"

namespace communique {
namespace {

using internal::RecordPtr;
using internal::RecordTable;

// How long the destructor waits for the thread when it is in no handler of the
// mirror: it may be in the connection's observer.
constexpr absl::Duration kStopTimeout = absl::Seconds(1);

// The record of a change, as it came where its bytes can be read as they are.
RecordPtr StoreOf(const WatchedChange& change) {
  auto stored = std::make_shared<const internal::StoredRecord>(std::string(change.record_bytes()));
  return stored->name() == change.name() ? stored : internal::Store(change.record());
}

}  // namespace

class Mirror::Impl {
 public:
  Impl(std::shared_ptr<Connection> connection, MirrorOptions options)
      : connection_(std::move(connection)),
        options_(std::move(options)),
        backoff_(connection_->options().retry) {
    request_.set_filter(options_.filter);
    if (options_.shard.count() != 0) *request_.mutable_shard() = options_.shard;
    if (options_.checkpoint_interval != absl::ZeroDuration()) {
      const absl::Duration interval = options_.checkpoint_interval;
      const std::int64_t seconds = absl::ToInt64Seconds(interval);
      request_.mutable_checkpoint_interval()->set_seconds(seconds);
      request_.mutable_checkpoint_interval()->set_nanos(
          static_cast<std::int32_t>(absl::ToInt64Nanoseconds(interval - absl::Seconds(seconds))));
    }
  }

  // The mirror's thread.
  void Run() {
    LoadFile();
    absl::Status end = absl::OkStatus();
    while (end.ok()) end = Heal(Follow());
    {
      absl::MutexLock lock(&mutex_);
      end_ = end;
    }
    if (options_.on_end && BeginHandler()) {
      options_.on_end(end);
      EndHandler();
    }
    absl::MutexLock lock(&mutex_);
    done_ = true;
  }

  absl::Status WaitUntilSynced(absl::Duration timeout) const {
    return WaitFor([this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return synced_; },
                   "the mirror has not caught up", timeout);
  }

  absl::Status WaitForRevision(std::int64_t revision, absl::Duration timeout) const {
    return WaitFor([this, revision]() ABSL_SHARED_LOCKS_REQUIRED(
                       mutex_) { return revision_ >= revision && whole_; },
                   absl::StrCat("the mirror has not come to revision ", revision), timeout);
  }

  MirrorRecord Get(absl::string_view name) const { return internal::Parse(Find(name)); }

  RecordTable Table() const {
    absl::MutexLock lock(&mutex_);
    return table_.Share();
  }

  absl::Status status() const {
    absl::MutexLock lock(&mutex_);
    return cancelled_ && end_.ok() ? absl::CancelledError("the mirror was cancelled") : end_;
  }

  MirrorStats stats() const {
    absl::MutexLock lock(&mutex_);
    MirrorStats stats = stats_;
    stats.revision = revision_;
    stats.record_count = static_cast<std::int64_t>(table_.size());
    if (watch_ != nullptr) stats.reconnect_count += watch_->stats().reconnect_count;
    return stats;
  }

  absl::Status Save(const std::string& file) const {
    absl::MutexLock save_lock(&save_mutex_);
    internal::MirrorState state;
    {
      absl::MutexLock lock(&mutex_);
      if (!whole_) return absl::FailedPreconditionError("the mirror has no state yet");
      state = ToldState();
    }
    return internal::WriteMirrorFile(file, state);
  }

  void Cancel() {
    absl::MutexLock lock(&mutex_);
    cancelled_ = true;
    if (watch_ != nullptr) watch_->Cancel();
  }

  absl::Status Close(absl::Duration timeout) {
    Cancel();
    {
      absl::MutexLock lock(&mutex_);
      if (!mutex_.AwaitWithTimeout(absl::Condition(&done_), timeout)) {
        return absl::DeadlineExceededError("a handler still runs");
      }
      if (!whole_ || options_.file.empty()) return absl::OkStatus();
    }
    return Save(options_.file);
  }

  // Whether the thread has ended or is about to; else it is within user code.
  bool AwaitEnd(absl::Duration timeout) {
    absl::MutexLock lock(&mutex_);
    const auto settled = [this]()
                             ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return done_ || in_handler_; };
    mutex_.AwaitWithTimeout(absl::Condition(&settled), timeout);
    return done_;
  }

 private:
  template <typename Condition>
  absl::Status WaitFor(Condition holds, const std::string& what, absl::Duration timeout) const {
    absl::MutexLock lock(&mutex_);
    const auto settled = [&]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
      return holds() || !end_.ok() || cancelled_;
    };
    mutex_.AwaitWithTimeout(absl::Condition(&settled), timeout);
    if (holds()) return absl::OkStatus();
    if (cancelled_) return absl::CancelledError("the mirror was cancelled");
    if (!end_.ok()) return end_;
    std::string message = what;
    if (watch_ != nullptr) {
      const absl::Status fault = watch_->stats().last_fault;
      if (!fault.ok()) absl::StrAppend(&message, "; the last fault: ", fault.ToString());
    }
    return absl::DeadlineExceededError(message);
  }

  // Takes the state of the file, if there is a fitting one, as the first.
  void LoadFile() {
    if (options_.file.empty()) return;
    absl::StatusOr<internal::MirrorState> state = internal::ReadMirrorFile(options_.file);
    if (!state.ok() && absl::IsNotFound(state.status())) return;
    if (state.ok() &&
        (state->request.filter() != request_.filter() ||
         state->request.shard().SerializeAsString() != request_.shard().SerializeAsString())) {
      state = absl::FailedPreconditionError(
          absl::StrCat(options_.file, " is of another filter or shard"));
    }
    if (!state.ok()) {
      absl::MutexLock lock(&mutex_);
      stats_.file_status = state.status();
      return;
    }
    staging_ = std::move(state->records);
    saved_revision_ = state->revision;
    Install(state->revision, state->request.resume_token(), nullptr);
  }

  // Follows one watch to its end, which is never OK.
  absl::Status Follow() {
    v1::WatchRequest request = request_;
    bool whole;
    {
      absl::MutexLock lock(&mutex_);
      whole = whole_;
      request.set_resume_token(token_);
    }
    if (!whole || must_snapshot_ || request.resume_token().empty()) {
      staging_.emplace();
      request.set_snapshot(true);
    }
    Watch watch(connection_, {.request = std::move(request)});
    {
      absl::MutexLock lock(&mutex_);
      if (cancelled_) return absl::CancelledError("the mirror was cancelled");
      watch_ = &watch;
    }
    absl::Status end;
    while (end.ok()) {
      absl::StatusOr<std::optional<WatchBatch>> batch = watch.Next();
      if (!batch.ok()) {
        end = batch.status();
      } else if (!batch->has_value()) {
        end = absl::InternalError("a watch without an end has ended");
      } else {
        end = Apply(**batch);
        SaveIfDue();
      }
    }
    absl::MutexLock lock(&mutex_);
    watch_ = nullptr;
    stats_.reconnect_count += watch.stats().reconnect_count;
    return end;
  }

  // After a watch ended: OK when a new snapshot heals it.
  absl::Status Heal(const absl::Status& end) {
    if (Cancelled()) return absl::CancelledError("the mirror was cancelled");
    const WatchEnd why = WatchEndOf(end);
    if (why != WatchEnd::kTokenExpired && why != WatchEnd::kTokenRefused) return end;
    must_snapshot_ = true;
    absl::MutexLock lock(&mutex_);
    if (mutex_.AwaitWithTimeout(absl::Condition(&cancelled_), backoff_.Next(end))) {
      return absl::CancelledError("the mirror was cancelled");
    }
    return absl::OkStatus();
  }

  // Not OK: what came does not follow on the state, so a snapshot is needed.
  absl::Status Apply(const WatchBatch& batch) {
    if (batch.has_snapshot()) {
      if (!staging_.has_value()) return absl::OutOfRangeError("a token stood within a snapshot");
      for (const WatchedChange& change : batch.changes()) {
        if (change.has_record()) staging_->Put(Unchanged(StoreOf(change)));
      }
      Heard(batch);
      if (!batch.Has(v1::WATCH_MARK_SNAPSHOT_END)) return absl::OkStatus();
      backoff_.Reset();
      must_snapshot_ = false;
      Install(batch.through_revision(), batch.resume_token(), &batch);
    } else if (staging_.has_value()) {
      Heard(batch);  // A sign of life between two pieces.
    } else if (const std::int64_t revision = stats().revision; batch.from_revision() != revision) {
      // The watch proves its own chain; this proves that it began where the state
      // stands, which may have come from a file.
      return absl::OutOfRangeError(absl::StrCat("the mirror stands at revision ", revision,
                                                "; its token went on at revision ",
                                                batch.from_revision()));
    } else {
      ApplyChanges(batch);
    }
    return absl::OkStatus();
  }

  RecordPtr Find(absl::string_view name) const {
    absl::ReaderMutexLock lock(&mutex_);
    return table_.Find(name);
  }

  // The record that stands, if it is the same, so that the new state shares it with
  // the old one.
  RecordPtr Unchanged(RecordPtr record) const {
    RecordPtr standing = Find(record->name());
    return standing != nullptr && standing->bytes() == record->bytes() ? standing : record;
  }

  // One change: what stood, and what stands.
  struct Step {
    absl::string_view name;
    RecordPtr before = nullptr;
    RecordPtr after = nullptr;
    const WatchedChange* change = nullptr;  // null: found by comparing, or by leaving
  };

  // The state that handlers were told of, while they are told what came since. It is
  // what is saved: what they were not told of before a restart, they are after it.
  // None while they are told the first state, all of which is told after a restart.
  struct Untold {
    std::int64_t revision = 0;
    std::string token = {};
    // After a snapshot, the table before it.
    std::optional<RecordTable> table = {};
    // Else the steps since, of which the first `told` were told; the batch has their names.
    std::optional<WatchBatch> batch = {};
    std::vector<Step> steps = {};
    std::size_t told = 0;
  };

  // Puts the staged state in place and tells the difference. `end` is the last
  // response of the snapshot that it is; null: it came from the file.
  void Install(std::int64_t revision, const std::string& token, const WatchBatch* end) {
    RecordTable before, after;
    {
      absl::MutexLock lock(&mutex_);
      RecordTable standing = std::exchange(table_, *std::move(staging_));
      before = standing.Share();
      after = table_.Share();
      if (BeginTelling()) untold_->table = std::move(standing);
      revision_ = revision;
      token_ = token;
      whole_ = true;
      if (end != nullptr) {
        ++stats_.snapshot_count;
        SetSynced(*end);
      }
    }
    staging_.reset();
    std::int64_t count = 0;
    bool all = true;
    RecordTable::Compare(before, after, [&](const RecordPtr& was, const RecordPtr& is) {
      ++count;
      all = all && Tell({.name = (was != nullptr ? was : is)->name(), .before = was, .after = is});
    });
    EndTelling(all);
    absl::MutexLock lock(&mutex_);
    stats_.change_count += count;
  }

  void ApplyChanges(const WatchBatch& batch) {
    std::vector<Step> steps;
    steps.reserve(batch.changes().size() + static_cast<std::size_t>(batch.left_records().size()));
    auto left = batch.left_records().begin();
    const auto leave_before = [&](std::int64_t revision) {
      for (; left != batch.left_records().end() && left->revision() < revision; ++left) {
        steps.push_back({.name = left->name()});
      }
    };
    for (const WatchedChange& change : batch.changes()) {
      leave_before(change.revision());  // It may leave and come back within one batch.
      steps.push_back({.name = change.name(),
                       .after = change.has_record() ? StoreOf(change) : nullptr,
                       .change = &change});
    }
    leave_before(std::numeric_limits<std::int64_t>::max());
    {
      absl::MutexLock lock(&mutex_);
      for (Step& step : steps) {
        step.before = step.after != nullptr ? table_.Put(step.after) : table_.Erase(step.name);
      }
      if (BeginTelling()) {
        untold_->batch = batch;
        untold_->steps = steps;
      }
      revision_ = batch.through_revision();
      if (!batch.resume_token().empty()) token_ = batch.resume_token();
      stats_.change_count += static_cast<std::int64_t>(steps.size());
      SetHeard(batch);
      SetSynced(batch);
    }
    EndTelling(absl::c_all_of(steps, [this](const Step& step) { return Tell(step); }));
  }

  // Before the state changes. False: handlers are not told of it, or of all of it.
  bool BeginTelling() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (!options_.on_change || !whole_) return false;
    untold_ = {.revision = revision_, .token = token_};
    return true;
  }

  // False: cancelled, so that no handler may begin.
  bool Tell(const Step& step) {
    if (!options_.on_change) return true;
    if (step.before != nullptr || step.after != nullptr) {  // else it never showed
      const MirrorChange change = {.name = std::string(step.name),
                                   .before = internal::Parse(step.before),
                                   .after = internal::Parse(step.after),
                                   .change = step.change};
      if (!BeginHandler()) return false;
      options_.on_change(change);
    }
    absl::MutexLock lock(&mutex_);
    if (untold_.has_value()) ++untold_->told;
    return true;
  }

  void EndTelling(bool all) {
    absl::MutexLock lock(&mutex_);
    in_handler_ = false;
    if (all) untold_.reset();
  }

  // The state that was told whole.
  internal::MirrorState ToldState() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    internal::MirrorState state = {request_, revision_, RecordTable()};
    state.request.set_resume_token(token_);
    if (untold_.has_value()) {
      state.revision = untold_->revision;
      state.request.set_resume_token(untold_->token);
    }
    if (untold_.has_value() && untold_->table.has_value()) {
      state.records = untold_->table->Share();
      return state;
    }
    state.records = table_.Share();
    if (!untold_.has_value()) return state;
    for (std::size_t i = untold_->steps.size(); i > untold_->told; --i) {
      const Step& step = untold_->steps[i - 1];
      if (step.before != nullptr) {
        state.records.Put(step.before);
      } else {
        state.records.Erase(step.name);
      }
    }
    return state;
  }

  bool BeginHandler() {
    absl::MutexLock lock(&mutex_);
    in_handler_ = !cancelled_;
    return in_handler_;
  }
  void EndHandler() {
    absl::MutexLock lock(&mutex_);
    in_handler_ = false;
  }

  void Heard(const WatchBatch& batch) {
    absl::MutexLock lock(&mutex_);
    SetHeard(batch);
  }
  void SetHeard(const WatchBatch& batch) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    stats_.heard_at = absl::Now();
    stats_.head_revision = std::max(stats_.head_revision, batch.head_revision());
  }

  // Synced is: at the head as it was when the first state was there and the head
  // was told.
  void SetSynced(const WatchBatch& batch) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (synced_) return;
    if (!target_revision_.has_value() && batch.head_revision() > 0) {
      target_revision_ = batch.head_revision();
    }
    synced_ = batch.Has(v1::WATCH_MARK_CAUGHT_UP) ||
              (target_revision_.has_value() && revision_ >= *target_revision_) ||
              (batch.Has(v1::WATCH_MARK_CHECKPOINT) && batch.head_revision() == 0);
  }

  void SaveIfDue() {
    if (options_.file.empty() || staging_.has_value() ||
        absl::Now() - saved_at_ < options_.save_interval) {
      return;
    }
    const std::int64_t revision = stats().revision;
    if (revision == saved_revision_) return;
    const absl::Status saved = Save(options_.file);
    saved_at_ = absl::Now();
    if (saved.ok()) saved_revision_ = revision;
    absl::MutexLock lock(&mutex_);
    stats_.file_status = saved;
  }

  bool Cancelled() const {
    absl::MutexLock lock(&mutex_);
    return cancelled_;
  }

  const std::shared_ptr<Connection> connection_;
  const MirrorOptions options_;
  v1::WatchRequest request_;  // without its start

  // Touched by the mirror's thread alone.
  internal::Backoff backoff_;
  // A state that is not whole yet.
  std::optional<RecordTable> staging_;
  bool must_snapshot_ = false;
  absl::Time saved_at_ = absl::Now();
  std::int64_t saved_revision_ = -1;

  // Held while a file is written; before `mutex_`.
  mutable absl::Mutex save_mutex_;

  mutable absl::Mutex mutex_;
  // Written by the mirror's thread alone. Sharing it, or what is untold, takes the
  // lock as a writer.
  mutable RecordTable table_ ABSL_GUARDED_BY(mutex_);
  std::int64_t revision_ ABSL_GUARDED_BY(mutex_) = 0;
  std::string token_ ABSL_GUARDED_BY(mutex_);
  bool whole_ ABSL_GUARDED_BY(mutex_) = false;  // there was a state
  std::optional<std::int64_t> target_revision_ ABSL_GUARDED_BY(mutex_);
  bool synced_ ABSL_GUARDED_BY(mutex_) = false;
  Watch* watch_ ABSL_GUARDED_BY(mutex_) = nullptr;
  MirrorStats stats_ ABSL_GUARDED_BY(mutex_);
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
  bool in_handler_ ABSL_GUARDED_BY(mutex_) = false;
  mutable std::optional<Untold> untold_ ABSL_GUARDED_BY(mutex_);
  bool done_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status end_ ABSL_GUARDED_BY(mutex_);

 public:
  // The Mirror's own: joined or detached by it.
  std::thread thread_;
};

Mirror::Mirror(std::shared_ptr<Connection> connection, MirrorOptions options)
    : impl_(std::make_shared<Impl>(std::move(connection), std::move(options))) {
  impl_->thread_ = std::thread([impl = impl_] { impl->Run(); });
}
Mirror::Mirror(Mirror&&) noexcept = default;
Mirror& Mirror::operator=(Mirror&& other) noexcept {
  if (this != &other) {
    Stop();
    impl_ = std::move(other.impl_);
  }
  return *this;
}
Mirror::~Mirror() { Stop(); }

void Mirror::Stop() {
  if (impl_ == nullptr) return;
  impl_->Cancel();
  if (impl_->AwaitEnd(kStopTimeout)) {
    impl_->thread_.join();
  } else {
    impl_->thread_.detach();  // It ends when the user's code returns.
  }
  impl_.reset();
}

absl::Status Mirror::WaitUntilSynced(absl::Duration timeout) const {
  return impl_->WaitUntilSynced(timeout);
}
absl::Status Mirror::WaitForRevision(std::int64_t revision, absl::Duration timeout) const {
  return impl_->WaitForRevision(revision, timeout);
}
MirrorRecord Mirror::Get(absl::string_view name) const { return impl_->Get(name); }
std::vector<MirrorRecord> Mirror::List() const {
  return List([](const v1::Record&) { return true; });
}
std::vector<MirrorRecord> Mirror::List(absl::FunctionRef<bool(const v1::Record&)> matches) const {
  std::vector<MirrorRecord> records;
  auto candidate = std::make_shared<v1::Record>();  // used again until one matches
  impl_->Table().ForEach([&](const RecordPtr& stored) {
    if (!candidate->ParseFromString(stored->bytes()) || !matches(*candidate)) return;
    records.push_back(std::exchange(candidate, std::make_shared<v1::Record>()));
  });
  return records;
}
void Mirror::ForEach(absl::FunctionRef<void(const v1::Record&)> visit) const {
  v1::Record record;
  impl_->Table().ForEach([&](const RecordPtr& stored) {
    if (record.ParseFromString(stored->bytes())) visit(record);
  });
}
absl::Status Mirror::status() const { return impl_->status(); }
MirrorStats Mirror::stats() const { return impl_->stats(); }
absl::Status Mirror::Save(const std::string& file) const { return impl_->Save(file); }
void Mirror::Cancel() { impl_->Cancel(); }
absl::Status Mirror::Close(absl::Duration timeout) { return impl_->Close(timeout); }

}  // namespace communique
