#include "service/feed/feed.h"

#include <algorithm>
#include <optional>

#include "absl/container/flat_hash_set.h"
#include "communique/storage/v1/journal.pb.h"
#include "service/base/error.h"
#include "service/base/limits.h"
#include "service/feed/errors.h"
#include "service/store/errors.h"

namespace communique::feed {

Feed::Feed(const journal::Journal& journal, const store::Reader& reader, const base::Clock& clock,
           size_t window_bytes, const WatchLimits& limits)
    : journal_(journal),
      reader_(reader),
      clock_(clock),
      window_(window_bytes, reader.head()),
      filter_context_{reader, counters_},
      filters_(filter_context_, limits),
      watcher_context_{window_, journal, reader, clock, counters_},
      registry_(limits),
      announced_head_(reader.head()),
      dispatched_head_(reader.head()) {}

Feed::~Feed() { Stop(); }

void Feed::Start() {
  dispatcher_ = std::thread([this] { RunDispatch(); });
  evaluator_ = std::thread([this] { RunEvaluations(); });
  // Half of the processors: whoever reads the journal leaves room for the others.
  const unsigned readers = std::max(1u, std::thread::hardware_concurrency() / 2);
  for (unsigned i = 0; i < readers; ++i) readers_.emplace_back([this] { RunReads(); });
}

void Feed::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
    changed_.Signal();
    evaluations_changed_.Signal();
    reads_changed_.SignalAll();
  }
  if (dispatcher_.joinable()) dispatcher_.join();
  if (evaluator_.joinable()) evaluator_.join();
  for (std::thread& reader : readers_) {
    if (reader.joinable()) reader.join();
  }
  readers_.clear();
}

void Feed::OnCommits(const journal::CommitGroup& group) {
  window_.Add(group);
  absl::MutexLock lock(&mutex_);
  announced_head_ = group.back()->revision;
  if (!armed_.empty() && !resting_) changed_.Signal();
}

absl::StatusOr<std::unique_ptr<Watcher>> Feed::Open(const v1::WatchRequest& request,
                                                    const WatchOwner& owner) {
  if (draining()) return store::Draining();
  auto ticket = registry_.Admit(owner);
  if (!ticket.ok()) {
    counters_.refused_watches.fetch_add(1, std::memory_order_relaxed);
    return ticket.status();
  }
  // Reads see a group a moment before the window does, and what was read may be
  // watched from.
  auto spec = ResolveWatch(request, reader_, std::max(window_.head(), reader_.head()), filters_,
                           owner.principal);
  if (!spec.ok()) {
    if (absl::IsResourceExhausted(spec.status())) {
      counters_.refused_watches.fetch_add(1, std::memory_order_relaxed);
    }
    if (base::ReasonOf(spec.status()) == v1::ERROR_REASON_RESUME_TOKEN_EXPIRED) {
      counters_.expired_tokens.fetch_add(1, std::memory_order_relaxed);
    }
    return spec.status();
  }
  return std::make_unique<Watcher>(*std::move(spec), watcher_context_, *std::move(ticket));
}

bool Feed::Arm(const std::shared_ptr<Wakeable>& stream, const Watcher& watcher) {
  absl::MutexLock lock(&mutex_);
  // What was announced since waits for the next dispatch, with all the others.
  // Watchers with an end never look beyond it; they end instead of arming.
  if (draining() || watcher.position() < dispatched_head_) return false;
  const absl::Time due = watcher.checkpoint_time();
  if (due <= clock_.Steady()) return false;
  const bool first = due < std::min(armed_.first_due(), evaluating_.first_due());
  armed_.Add(stream, {due, watcher.position(), watcher.hold()});
  const bool news = announced_head_ > dispatched_head_;
  if (first || (news && armed_.size() == 1)) changed_.Signal();
  return true;
}

bool Feed::Evaluate(const std::shared_ptr<Wakeable>& stream, const Watcher& watcher) {
  absl::MutexLock lock(&mutex_);
  if (draining()) return false;
  const absl::Time due = watcher.checkpoint_time();
  if (due < std::min(armed_.first_due(), evaluating_.first_due())) changed_.Signal();
  AwaitEvaluation(stream, {due, watcher.position(), watcher.hold()});
  return true;
}

void Feed::Read(std::shared_ptr<Wakeable> stream, const Watcher& watcher) {
  absl::MutexLock lock(&mutex_);
  reads_.Push(watcher.hold()->principal(), std::move(stream));
  reads_changed_.Signal();
}

void Feed::Disarm(const std::shared_ptr<Wakeable>& stream) {
  absl::MutexLock lock(&mutex_);
  armed_.Remove(stream);
  evaluating_.Remove(stream);
}

void Feed::Drain() {
  absl::MutexLock lock(&mutex_);
  draining_.store(true, std::memory_order_release);
  changed_.Signal();
}

FeedState Feed::state() const {
  FeedState state;
  const int64_t head = window_.head();
  int64_t furthest = head;
  registry_.ForEach([&](const WatchProgress& watch) {
    switch (watch.place.load(std::memory_order_relaxed)) {
      case WatchPlace::kActive:
        ++state.active_watches;
        break;
      case WatchPlace::kLagging:
        ++state.lagging_watches;
        break;
      case WatchPlace::kSnapshot:
        ++state.snapshot_watches;
        break;
    }
    furthest = std::min(furthest, watch.position.load(std::memory_order_relaxed));
  });
  state.distinct_filters = filters_.count();
  state.filter_bytes = static_cast<int64_t>(filters_.bytes());
  state.max_lag_revisions = head - furthest;
  if (furthest < head) {
    std::optional<absl::Time> time = window_.TimeOf(furthest + 1);
    if (!time) {
      (void)journal_.Read(furthest, [&](const journal::StoredCommit& commit) {
        storage::v1::CommitHeader header;
        if (header.ParseFromArray(commit.header.data(), static_cast<int>(commit.header.size()))) {
          time = absl::FromUnixMicros(header.commit_time_us());
        }
        return false;
      });
    }
    if (time) state.max_lag = std::max(absl::ZeroDuration(), clock_.Now() - *time);
  }
  state.window_bytes = static_cast<int64_t>(window_.bytes());
  state.window_first_revision = window_.first_revision();
  return state;
}

bool Feed::TakeWoken(Woken& woken) {
  absl::MutexLock lock(&mutex_);
  while (!stopping_) {
    const absl::Time now = clock_.Steady();
    const bool news = announced_head_ > dispatched_head_ && !armed_.empty();
    if ((news && now >= rest_until_) || (draining() && !drain_dispatched_)) TakeNews(now, woken);
    while (armed_.TakeDue(now, woken) || evaluating_.TakeDue(now, woken)) {
    }
    if (!woken.empty()) return true;
    absl::Time wake =
        std::min({now + absl::Seconds(60), armed_.first_due(), evaluating_.first_due()});
    const bool rests = announced_head_ > dispatched_head_ && !armed_.empty();
    if (rests) wake = std::min(wake, rest_until_);
    resting_ = rests;
    changed_.WaitWithTimeout(&mutex_, wake - now);
    resting_ = false;
  }
  return false;
}

void Feed::TakeNews(absl::Time now, Woken& woken) {
  dispatched_head_ = announced_head_;
  drain_dispatched_ = draining();
  Woken others;
  for (const auto& [stream, waiting] : armed_.streams()) {
    const bool at_once = drain_dispatched_ || waiting.hold->filter().quick();
    (at_once ? woken : others).emplace_back(stream, waiting);
  }
  armed_.Clear();
  for (auto& [stream, waiting] : others) AwaitEvaluation(std::move(stream), std::move(waiting));
  if (drain_dispatched_) {
    for (const auto& [stream, waiting] : evaluating_.streams()) woken.emplace_back(stream, waiting);
    evaluating_.Clear();
    evaluating_by_hold_.clear();
    evaluations_.Clear();
  }
  rest_until_ = now + std::min(base::kMaxDispatchRest,
                               base::kDispatchRestPerWatcher * static_cast<int64_t>(woken.size()));
}

void Feed::RunDispatch() {
  Woken woken;
  while (TakeWoken(woken)) {
    Dispatch(woken);
    woken.clear();
  }
}

void Feed::Dispatch(const Woken& woken) {
  absl::flat_hash_set<SharedFilter*> filters;
  for (const auto& [stream, waiting] : woken) {
    if (waiting.hold->filter().quick()) filters.insert(&waiting.hold->filter());
  }
  for (SharedFilter* filter : filters) filter->BeginSharing();
  // Those first that need nothing looked at.
  for (const auto& [stream, waiting] : woken) {
    if (waiting.hold->filter().everything()) stream->Wake(false);
  }
  for (const auto& [stream, waiting] : woken) {
    if (!waiting.hold->filter().everything()) stream->Wake(false);
  }
  for (SharedFilter* filter : filters) filter->EndSharing();
}

// --- Filters that look into records ------------------------------------------

void Feed::AwaitEvaluation(std::shared_ptr<Wakeable> stream, Waiting waiting) {
  std::vector<std::shared_ptr<Wakeable>>& streams = evaluating_by_hold_[waiting.hold.get()];
  if (streams.empty()) {
    evaluations_.Push(waiting.hold->principal(), waiting.hold);
    evaluations_changed_.Signal();
  }
  streams.push_back(stream);
  evaluating_.Add(std::move(stream), std::move(waiting));
}

Feed::Hold Feed::TakeEvaluation(int64_t& from) {
  while (!evaluations_.empty()) {
    Hold hold = evaluations_.Pop();
    const auto streams = evaluating_by_hold_.find(hold.get());
    const Chunk* begun = hold->filter().unfinished();
    const Waiting* first = nullptr;
    for (const auto& stream : streams->second) {
      const Waiting* waiting = evaluating_.Find(stream);
      if (waiting == nullptr) continue;
      if (first == nullptr) first = waiting;
      // What was begun is ended first, if it is still wanted.
      if (begun == nullptr) break;
      if (waiting->position + 1 < begun->first_revision() ||
          waiting->position >= begun->last_revision()) {
        continue;
      }
      first = waiting;
      break;
    }
    if (first != nullptr) {
      from = first->position;
      return hold;
    }
    evaluating_by_hold_.erase(streams);
  }
  return nullptr;
}

std::optional<int64_t> Feed::EvaluateStep(SharedFilter& filter, int64_t from,
                                          ChangeCache& changes) {
  std::vector<ChunkRange> ranges;
  if (!window_.Read(from, window_.head(), base::kMaxWatchScanBytes, ranges)) return std::nullopt;
  const absl::Time end = clock_.Steady() + base::kMaxEvaluationStep;
  const auto late = [&] { return draining() || clock_.Steady() >= end; };
  int64_t through = from;
  for (const ChunkRange& range : ranges) {
    if (!filter.Prepare(range.chunk, changes, late)) break;
    through = range.chunk->last_revision();
    if (late()) break;
  }
  return through;
}

std::vector<std::shared_ptr<Wakeable>> Feed::TakeEvaluated(const Hold& hold, int64_t from,
                                                           std::optional<int64_t> through) {
  std::vector<std::shared_ptr<Wakeable>> taken;
  absl::MutexLock lock(&mutex_);
  const auto streams = evaluating_by_hold_.find(hold.get());
  if (streams == evaluating_by_hold_.end()) return taken;  // it drains
  std::vector<std::shared_ptr<Wakeable>> others;
  for (std::shared_ptr<Wakeable>& stream : streams->second) {
    const Waiting* waiting = evaluating_.Find(stream);
    if (waiting == nullptr) continue;
    const bool goes_on = through ? waiting->position >= from && waiting->position < *through
                                 : waiting->position <= from;
    if (goes_on) evaluating_.Remove(stream);
    (goes_on ? taken : others).push_back(std::move(stream));
  }
  if (others.empty()) {
    evaluating_by_hold_.erase(streams);
  } else {
    streams->second = std::move(others);
    evaluations_.Push(hold->principal(), hold);
  }
  return taken;
}

void Feed::RunEvaluations() {
  ChangeCache changes(reader_, base::kMaxParsedChangeBytes);
  while (true) {
    Hold hold;
    int64_t from = 0;
    {
      absl::MutexLock lock(&mutex_);
      while (!stopping_ && (hold = TakeEvaluation(from)) == nullptr && changes.bytes() == 0) {
        evaluations_changed_.Wait(&mutex_);
      }
      if (stopping_) return;
    }
    if (hold == nullptr) {
      changes.Clear();  // at rest it holds nothing
      continue;
    }
    SharedFilter& filter = hold->filter();
    filter.BeginSharing();
    const std::optional<int64_t> through = EvaluateStep(filter, from, changes);
    for (const auto& stream : TakeEvaluated(hold, from, through)) stream->Wake(false);
    filter.EndSharing();
  }
}

void Feed::RunReads() {
  while (true) {
    std::shared_ptr<Wakeable> stream;
    {
      absl::MutexLock lock(&mutex_);
      while (reads_.empty() && !stopping_) reads_changed_.Wait(&mutex_);
      if (stopping_) return;
      stream = reads_.Pop();
    }
    stream->Wake(true);
  }
}

}  // namespace communique::feed
