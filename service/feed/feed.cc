#include "service/feed/feed.h"

#include <vector>

#include "service/base/limits.h"
#include "service/feed/errors.h"
#include "service/store/errors.h"

namespace communique::feed {

Feed::Feed(const journal::Journal& journal, const store::Reader& reader, const base::Clock& clock,
           size_t window_bytes)
    : journal_(journal), reader_(reader), clock_(clock), window_(window_bytes, reader.head()),
      announced_head_(reader.head()), dispatched_head_(reader.head()) {}

Feed::~Feed() { Stop(); }

void Feed::Start() {
  dispatcher_ = std::thread([this] { RunDispatch(); });
}

void Feed::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
    changed_.Signal();
  }
  if (dispatcher_.joinable()) dispatcher_.join();
}

void Feed::OnCommits(const journal::CommitGroup& group) {
  window_.Add(group);
  absl::MutexLock lock(&mutex_);
  announced_head_ = group.back()->revision;
  if (!armed_.empty()) changed_.Signal();
}

absl::StatusOr<std::unique_ptr<Watcher>> Feed::Open(const v1::WatchRequest& request) {
  {
    absl::MutexLock lock(&mutex_);
    if (draining_) return store::Draining();
    if (watch_count_ >= base::kMaxWatches) return TooManyWatches(base::kMaxWatches);
    ++watch_count_;
  }
  auto spec = ResolveWatch(request, reader_, window_.head());
  if (!spec.ok()) {
    absl::MutexLock lock(&mutex_);
    --watch_count_;
    return spec.status();
  }
  return std::make_unique<Watcher>(*std::move(spec), window_, journal_, reader_, clock_);
}

bool Feed::Arm(const std::shared_ptr<Wakeable>& stream, const Watcher& watcher) {
  absl::MutexLock lock(&mutex_);
  if (draining_ || watcher.position() < announced_head_) {
    // Watchers with an end never look beyond it; they end instead of arming.
    return false;
  }
  const absl::Time due = watcher.checkpoint_time();
  if (due <= clock_.Steady()) return false;
  const bool first = due_.empty() || due < due_.begin()->first;
  armed_[stream] = due;
  due_.emplace(due, stream.get());
  if (first) changed_.Signal();
  return true;
}

void Feed::Close(const std::shared_ptr<Wakeable>& stream) {
  absl::MutexLock lock(&mutex_);
  --watch_count_;
  const auto found = armed_.find(stream);
  if (found == armed_.end()) return;
  due_.erase({found->second, stream.get()});
  armed_.erase(found);
}

void Feed::Drain() {
  absl::MutexLock lock(&mutex_);
  draining_ = true;
  changed_.Signal();
}

bool Feed::draining() const {
  absl::MutexLock lock(&mutex_);
  return draining_;
}

int64_t Feed::watch_count() const {
  absl::MutexLock lock(&mutex_);
  return watch_count_;
}

FeedState Feed::state() const {
  FeedState state;
  state.active_watches = watch_count();
  return state;
}

void Feed::RunDispatch() {
  std::vector<std::shared_ptr<Wakeable>> woken;
  while (true) {
    woken.clear();
    {
      absl::MutexLock lock(&mutex_);
      while (true) {
        if (stopping_) return;
        const bool everybody = announced_head_ > dispatched_head_ ||
                               (draining_ && !drain_dispatched_);
        if (everybody) {
          dispatched_head_ = announced_head_;
          drain_dispatched_ = draining_;
          for (auto& [stream, due] : armed_) woken.push_back(stream);
          armed_.clear();
          due_.clear();
          if (!woken.empty()) break;
          continue;
        }
        const absl::Time now = clock_.Steady();
        while (!due_.empty() && due_.begin()->first <= now) {
          // armed_ is keyed by shared pointers; an alias finds them.
          const std::shared_ptr<Wakeable> alias(std::shared_ptr<void>(), due_.begin()->second);
          const auto found = armed_.find(alias);
          woken.push_back(found->first);
          armed_.erase(found);
          due_.erase(due_.begin());
        }
        if (!woken.empty()) break;
        changed_.WaitWithTimeout(&mutex_,
                                 due_.empty() ? absl::Seconds(60) : due_.begin()->first - now);
      }
    }
    for (const auto& stream : woken) stream->Wake();
  }
}

}  // namespace communique::feed
