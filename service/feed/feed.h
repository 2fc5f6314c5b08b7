#ifndef COMMUNIQUE_SERVICE_FEED_FEED_H_
#define COMMUNIQUE_SERVICE_FEED_FEED_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "communique/v1/feed.pb.h"
#include "service/base/clock.h"
#include "service/feed/changes.h"
#include "service/feed/shared_filters.h"
#include "service/feed/stats.h"
#include "service/feed/turns.h"
#include "service/feed/waiting_streams.h"
#include "service/feed/watch_limits.h"
#include "service/feed/watch_registry.h"
#include "service/feed/watcher.h"
#include "service/feed/window.h"
#include "service/journal/journal.h"
#include "service/store/commit_listener.h"
#include "service/store/reader.h"

namespace communique::feed {

// The fan-out of commits to watchers. One thread wakes, once for each group that
// became durable, the streams that wait; after many of them it rests a moment, and
// takes what came meanwhile together. A stream that is still sending is not
// touched, and finds what is new when its write completes. So a slow stream
// costs the others and the writer nothing.
//
// Streams whose filter looks into records are woken when it has. A thread of its
// own does that, a step of kMaxEvaluationStep at a time, and principals take turns:
// so a costly filter keeps nobody waiting but its own principal's. Likewise take
// turns, on other threads, streams whose next step reads the store, because they
// lag or begin with a snapshot.
//
// Thread safety: any thread.
class Feed final : public store::CommitListener {
 public:
  // All outlive this.
  Feed(const journal::Journal& journal, const store::Reader& reader, const base::Clock& clock,
       size_t window_bytes, const WatchLimits& limits = {});
  ~Feed() override;

  void Start();
  void Stop();

  void OnCommits(const journal::CommitGroup& group) override;

  // A watcher at its start; it counts until Close. Errors: see ResolveWatch;
  // RESOURCE_EXHAUSTED when too many are open; UNAVAILABLE while draining.
  absl::StatusOr<std::unique_ptr<Watcher>> Open(const v1::WatchRequest& request,
                                                const WatchOwner& owner);

  // Wakes `stream` when the head passes its position, a checkpoint is due, or the
  // feed drains: once, then it is armed anew. False when there is something to
  // do already: ask for the next step.
  bool Arm(const std::shared_ptr<Wakeable>& stream, const Watcher& watcher);
  // Wakes `stream` when its filter has looked at what comes after its position, a
  // checkpoint is due, or the feed drains. False when it drains already.
  bool Evaluate(const std::shared_ptr<Wakeable>& stream, const Watcher& watcher);
  // Wakes `stream` on a thread that may read the store, when its turn comes.
  void Read(std::shared_ptr<Wakeable> stream, const Watcher& watcher);
  // The stream has ended: it is not woken any more, but for a Read.
  void Disarm(const std::shared_ptr<Wakeable>& stream);

  // Tells every watcher that the server drains, those that open later too.
  void Drain();
  bool draining() const { return draining_.load(std::memory_order_acquire); }
  int64_t watch_count() const { return registry_.count(); }
  const FeedCounters& counters() const { return counters_; }
  FeedState state() const;
  int64_t head() const { return window_.head(); }

 private:
  using Woken = std::vector<std::pair<std::shared_ptr<Wakeable>, Waiting>>;
  using Hold = std::shared_ptr<const FilterHold>;

  void RunDispatch();
  // Waits for something to wake for; false when the feed stops.
  bool TakeWoken(Woken& woken);
  // Everybody who waits for news: `woken` is who can be told at once, the others
  // wait for their filters.
  void TakeNews(absl::Time now, Woken& woken) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  static void Dispatch(const Woken& woken);

  void RunEvaluations();
  void AwaitEvaluation(std::shared_ptr<Wakeable> stream, Waiting waiting)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // The next whose turn it is, and the position that its filter is to look on from;
  // null when there is nobody.
  Hold TakeEvaluation(int64_t& from) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Looks at chunks after `from` until a step is over; up to where it came, or
  // nullopt when the first fell out of the window.
  std::optional<int64_t> EvaluateStep(SharedFilter& filter, int64_t from, ChangeCache& changes);
  // Whom it has something for; the others go on waiting.
  std::vector<std::shared_ptr<Wakeable>> TakeEvaluated(const Hold& hold, int64_t from,
                                                       std::optional<int64_t> through);
  void RunReads();

  const journal::Journal& journal_;
  const store::Reader& reader_;
  const base::Clock& clock_;
  Window window_;
  FeedCounters counters_;
  FilterContext filter_context_;
  SharedFilters filters_;
  WatcherContext watcher_context_;
  WatchRegistry registry_;
  std::atomic<bool> draining_{false};

  mutable absl::Mutex mutex_;
  WaitingStreams armed_ ABSL_GUARDED_BY(mutex_);       // for news
  WaitingStreams evaluating_ ABSL_GUARDED_BY(mutex_);  // for their filters
  // The latter by whose filter it is, in order; some have gone on since. Each of
  // these is waiting for its turn, or has it.
  absl::flat_hash_map<const FilterHold*, std::vector<std::shared_ptr<Wakeable>>> evaluating_by_hold_
      ABSL_GUARDED_BY(mutex_);
  Turns<Hold> evaluations_ ABSL_GUARDED_BY(mutex_);
  int64_t announced_head_ ABSL_GUARDED_BY(mutex_);   // by OnCommits
  int64_t dispatched_head_ ABSL_GUARDED_BY(mutex_);  // everybody was woken for it
  bool drain_dispatched_ ABSL_GUARDED_BY(mutex_) = false;
  // When it may dispatch again, and whether it waits for that, so that nobody need
  // signal it.
  absl::Time rest_until_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  bool resting_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  absl::CondVar changed_;
  absl::CondVar evaluations_changed_;
  Turns<std::shared_ptr<Wakeable>> reads_ ABSL_GUARDED_BY(mutex_);
  absl::CondVar reads_changed_;
  std::thread dispatcher_;
  std::thread evaluator_;
  std::vector<std::thread> readers_;
};

}  // namespace communique::feed

#endif  // COMMUNIQUE_SERVICE_FEED_FEED_H_
