#include "service/feed/feed.h"

#include <algorithm>
#include <optional>

#include "absl/container/flat_hash_set.h"
#include "communique/storage/v1/journal.pb.h"
#include "service/base/error.h"
#include "service/base/limits.h"
#include "service/feed/changes.h"
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
      filters_(filter_context_),
      watcher_context_{window_, journal, reader, clock, counters_},
      registry_(limits),
      announced_head_(reader.head()),
      dispatched_head_(reader.head()) {}

Feed::~Feed() { Stop(); }

void Feed::Start() {
  dispatcher_ = std::thread([this] { RunDispatch(); });
  // Half of the processors: whoever reads the journal leaves room for the others.
  const unsigned readers = std::max(1u, std::thread::hardware_concurrency() / 2);
  for (unsigned i = 0; i < readers; ++i) readers_.emplace_back([this] { RunReads(); });
}

void Feed::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
    changed_.Signal();
    reads_changed_.SignalAll();
  }
  if (dispatcher_.joinable()) dispatcher_.join();
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
  auto spec = ResolveWatch(request, reader_, std::max(window_.head(), reader_.head()), filters_);
  if (!spec.ok()) {
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
  const bool first = due_.empty() || due < due_.begin()->first;
  armed_[stream] = {due, watcher.filter()};
  due_.emplace(due, stream.get());
  const bool news = announced_head_ > dispatched_head_;
  if (first || (news && armed_.size() == 1)) changed_.Signal();
  return true;
}

void Feed::Read(std::shared_ptr<Wakeable> stream) {
  absl::MutexLock lock(&mutex_);
  reads_.push_back(std::move(stream));
  reads_changed_.Signal();
}

void Feed::Disarm(const std::shared_ptr<Wakeable>& stream) {
  absl::MutexLock lock(&mutex_);
  const auto found = armed_.find(stream);
  if (found == armed_.end()) return;
  due_.erase({found->second.due, stream.get()});
  armed_.erase(found);
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

bool Feed::TakeWoken(Woken& woken, int64_t& from, int64_t& through) {
  absl::MutexLock lock(&mutex_);
  while (!stopping_) {
    from = through = dispatched_head_;
    const absl::Time now = clock_.Steady();
    const bool news = announced_head_ > dispatched_head_ && !armed_.empty();
    if ((news && now >= rest_until_) || (draining() && !drain_dispatched_)) {
      through = dispatched_head_ = announced_head_;
      drain_dispatched_ = draining();
      for (const auto& [stream, armed] : armed_) woken.emplace_back(stream, armed.filter);
      rest_until_ = now + std::min(base::kMaxDispatchRest, base::kDispatchRestPerWatcher *
                                                               static_cast<int64_t>(armed_.size()));
      armed_.clear();
      due_.clear();
    }
    while (!due_.empty() && due_.begin()->first <= now) {
      // armed_ is keyed by shared pointers; an alias finds them.
      const std::shared_ptr<Wakeable> alias(std::shared_ptr<void>(), due_.begin()->second);
      const auto found = armed_.find(alias);
      woken.emplace_back(found->first, found->second.filter);
      armed_.erase(found);
      due_.erase(due_.begin());
    }
    if (!woken.empty()) return true;
    absl::Time wake = due_.empty() ? now + absl::Seconds(60) : due_.begin()->first;
    if (news) wake = std::min(wake, rest_until_);
    resting_ = news;
    changed_.WaitWithTimeout(&mutex_, wake - now);
    resting_ = false;
  }
  return false;
}

void Feed::RunDispatch() {
  Woken woken;
  int64_t from = 0;
  int64_t through = 0;
  while (TakeWoken(woken, from, through)) {
    Dispatch(woken, from, through);
    woken.clear();
  }
}

void Feed::Dispatch(const Woken& woken, int64_t from, int64_t through) {
  // A stream may end at any time, and its filter with it.
  std::vector<std::shared_ptr<SharedFilter>> filters;
  absl::flat_hash_set<const SharedFilter*> seen;
  for (const auto& [stream, filter] : woken) {
    if (seen.insert(filter.get()).second) filters.push_back(filter);
  }
  for (const auto& filter : filters) filter->BeginSharing();
  // Those first that need nothing worked out.
  for (const auto& [stream, filter] : woken) {
    if (!filter->needs_record()) stream->Wake(false);
  }
  std::vector<ChunkRange> ranges;
  if (from < through && window_.Read(from, through, base::kMaxWatchScanBytes, ranges)) {
    ChangeCache changes(reader_);
    for (const ChunkRange& range : ranges) {
      for (const auto& filter : filters) {
        if (filter->needs_record()) filter->Prepare(range.chunk, changes);
      }
      changes.Clear();
    }
  }
  for (const auto& [stream, filter] : woken) {
    if (filter->needs_record()) stream->Wake(false);
  }
  for (const auto& filter : filters) filter->EndSharing();
}

void Feed::RunReads() {
  while (true) {
    std::shared_ptr<Wakeable> stream;
    {
      absl::MutexLock lock(&mutex_);
      while (reads_.empty() && !stopping_) reads_changed_.Wait(&mutex_);
      if (stopping_) return;
      stream = std::move(reads_.front());
      reads_.pop_front();
    }
    stream->Wake(true);
  }
}

}  // namespace communique::feed
