#ifndef COMMUNIQUE_SERVICE_FEED_WATCHER_H_
#define COMMUNIQUE_SERVICE_FEED_WATCHER_H_

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "communique/v1/feed.pb.h"
#include "service/base/clock.h"
#include "service/feed/gathered.h"
#include "service/feed/shared_filters.h"
#include "service/feed/stats.h"
#include "service/feed/watch_registry.h"
#include "service/feed/watch_spec.h"
#include "service/feed/window.h"
#include "service/journal/journal.h"

namespace communique::feed {

// What a stream does next.
struct Step {
  enum class Type {
    kSend,      // send the slices, then ask again
    kWait,      // nothing to send: arm, and ask again when woken
    kRead,      // the store is to be read: ask again on a thread that may
    kEvaluate,  // the filter is to look at what comes next: ask again when it has
    kEnd,       // end the stream with `status`
  };
  Type type = Type::kWait;
  std::vector<SharedBytes> slices;  // a WatchResponse, when put side by side
  absl::Status status;
};

// What all watchers of a feed share; it outlives them.
struct WatcherContext {
  const Window& window;
  const journal::Journal& journal;
  const store::Reader& reader;
  const base::Clock& clock;
  FeedCounters& counters;
};

// One stream's side of the feed: a position, never a queue. What it holds is of
// fixed size: this object, and while a response is being made or sent about
// twice the bytes of one (SliceJoiner), which are at most kMaxWatchResponseBytes
// and one commit. A snapshot holds a name besides. Its filter, which others may
// share, has a budget of its own (SharedFilters).
//
// Thread safety: Next from one thread at a time (the stream's lock); Drain,
// position from any.
class Watcher {
 public:
  Watcher(WatchSpec spec, const WatcherContext& context, WatchRegistry::Ticket ticket);

  // `may_read`: the calling thread may read the store and look at records for some
  // milliseconds.
  Step Next(bool may_read);
  // The next step says farewell, the one after ends UNAVAILABLE.
  void Drain() { draining_.store(true, std::memory_order_release); }

  // Whether it has told all that it has to tell but changes yet to come: it may be
  // armed without asking for a step, so that what has come since the last dispatch
  // goes out with the next one.
  bool at_rest() const {
    return !behind_ && !fell_behind_ && !opening_ && !ended_ && snapshot_ == nullptr &&
           (!until_revision_ || position() < *until_revision_) &&
           !draining_.load(std::memory_order_acquire);
  }
  // Up to where everything was looked at; for arming.
  int64_t position() const { return progress_.position.load(std::memory_order_relaxed); }
  const std::shared_ptr<const FilterHold>& hold() const { return hold_; }
  // When the silence has lasted long enough, by Clock::Steady.
  absl::Time checkpoint_time() const { return last_sent_ + checkpoint_interval_; }

 private:
  using Batch = std::shared_ptr<const Gathered>;
  // Or, while there is none, what is to be done first.
  struct Gathering {
    Batch batch;
    Step::Type first = Step::Type::kSend;
  };

  // The newest revision that may be told of; not below the position, which a
  // reader of the store may have from a moment before the window has it.
  int64_t Head() const { return std::max(context_.window.head(), position()); }
  void MoveTo(WatchPlace place) { progress_.place.store(place, std::memory_order_relaxed); }
  Step NextOfSnapshot();
  Step NextOfChanges(bool may_read);
  // Changes after the position.
  absl::StatusOr<Gathering> Gather(int64_t target, bool may_read);
  absl::StatusOr<Batch> GatherFromJournal(int64_t target);
  // A response up to the position with what was gathered (null: nothing).
  Step Send(const Gathered* batch, v1::WatchResponse tail);
  Step End(absl::Status status);
  void AddCheckpoint(int64_t head, v1::WatchResponse& tail);
  std::string SnapshotToken() const;

  const WatcherContext& context_;
  const std::shared_ptr<const FilterHold> hold_;
  SharedFilter& filter_;  // of it
  const absl::Duration checkpoint_interval_;
  const std::optional<int64_t> until_revision_;
  std::unique_ptr<SnapshotStart> snapshot_;  // null once it was sent

  WatchProgress progress_;
  WatchRegistry::Ticket ticket_;   // of the above
  int64_t sent_through_;           // told to the client, inclusive
  absl::Time last_sent_;           // these two by Clock::Steady
  absl::Time last_checkpoint_;
  std::atomic<bool> draining_{false};
  bool behind_ = true;         // until the head is first reached
  bool fell_behind_ = false;   // since the last response
  bool opening_ = true;        // no response was sent yet
  bool ended_ = false;
};

}  // namespace communique::feed

#endif  // COMMUNIQUE_SERVICE_FEED_WATCHER_H_
