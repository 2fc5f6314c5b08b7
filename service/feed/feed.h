#ifndef COMMUNIQUE_SERVICE_FEED_FEED_H_
#define COMMUNIQUE_SERVICE_FEED_FEED_H_

#include <memory>
#include <set>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "communique/v1/feed.pb.h"
#include "service/base/clock.h"
#include "service/feed/stats.h"
#include "service/feed/watch_limits.h"
#include "service/feed/watcher.h"
#include "service/feed/window.h"
#include "service/journal/journal.h"
#include "service/store/commit_listener.h"
#include "service/store/reader.h"

namespace communique::feed {

// A stream that can be woken: something may have come for its watcher.
class Wakeable {
 public:
  virtual ~Wakeable() = default;
  // On the feed's dispatch thread, without its lock. Must not block.
  virtual void Wake() = 0;
};

// The fan-out of commits to watchers. One thread wakes, once for each group that
// became durable, the streams that wait; a stream that is still sending is not
// touched, and finds what is new when its write completes. So a slow stream
// costs the others and the writer nothing.
//
// Thread safety: any thread.
class Feed final : public store::CommitListener {
 public:
  // All outlive this.
  Feed(const journal::Journal& journal, const store::Reader& reader, const base::Clock& clock,
       size_t window_bytes);
  ~Feed() override;

  void Start();
  void Stop();

  void OnCommits(const journal::CommitGroup& group) override;

  // A watcher at its start; it counts until Close. Errors: see ResolveWatch;
  // RESOURCE_EXHAUSTED when too many are open; UNAVAILABLE while draining.
  absl::StatusOr<std::unique_ptr<Watcher>> Open(const v1::WatchRequest& request);

  // Wakes `stream` when the head passes its position, a checkpoint is due, or the
  // feed drains: once, then it is armed anew. False when there is something to
  // do already: ask for the next step.
  bool Arm(const std::shared_ptr<Wakeable>& stream, const Watcher& watcher);
  // The stream has ended.
  void Close(const std::shared_ptr<Wakeable>& stream);

  // Tells every watcher that the server drains, those that open later too.
  void Drain();
  bool draining() const;
  int64_t watch_count() const;
  const FeedCounters& counters() const { return counters_; }
  FeedState state() const;
  int64_t head() const { return window_.head(); }

 private:
  void RunDispatch();

  const journal::Journal& journal_;
  const store::Reader& reader_;
  const base::Clock& clock_;
  Window window_;
  FeedCounters counters_;

  mutable absl::Mutex mutex_;
  absl::flat_hash_map<std::shared_ptr<Wakeable>, absl::Time> armed_ ABSL_GUARDED_BY(mutex_);
  // The same by the time a checkpoint is due.
  std::set<std::pair<absl::Time, Wakeable*>> due_ ABSL_GUARDED_BY(mutex_);
  int64_t watch_count_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t announced_head_ ABSL_GUARDED_BY(mutex_);   // by OnCommits
  int64_t dispatched_head_ ABSL_GUARDED_BY(mutex_);  // everybody was woken for it
  bool draining_ ABSL_GUARDED_BY(mutex_) = false;
  bool drain_dispatched_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  absl::CondVar changed_;
  std::thread dispatcher_;
};

}  // namespace communique::feed

#endif  // COMMUNIQUE_SERVICE_FEED_FEED_H_
