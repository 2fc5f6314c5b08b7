#ifndef COMMUNIQUE_SERVICE_FEED_WAITING_STREAMS_H_
#define COMMUNIQUE_SERVICE_FEED_WAITING_STREAMS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "service/feed/shared_filters.h"

namespace communique::feed {

// A stream that can be woken: something may have come for its watcher.
class Wakeable {
 public:
  virtual ~Wakeable() = default;
  // On a thread of the feed, without its lock. Must not block, but to read the
  // store where `may_read` says that the thread is there for it.
  virtual void Wake(bool may_read) = 0;
};

// A stream that waits, as its watcher stood when it began to.
struct Waiting {
  absl::Time due;  // for a checkpoint, by Clock::Steady
  int64_t position = 0;
  std::shared_ptr<const FilterHold> hold;
};

// Streams that wait, and when each is due.
//
// Thread safety: none of its own.
class WaitingStreams {
 public:
  using Streams = absl::flat_hash_map<std::shared_ptr<Wakeable>, Waiting>;

  bool empty() const { return streams_.empty(); }
  size_t size() const { return streams_.size(); }
  const Streams& streams() const { return streams_; }
  // InfiniteFuture when nothing waits.
  absl::Time first_due() const {
    return due_.empty() ? absl::InfiniteFuture() : due_.begin()->first;
  }
  // Null when it does not wait.
  const Waiting* Find(const std::shared_ptr<Wakeable>& stream) const {
    const auto found = streams_.find(stream);
    return found == streams_.end() ? nullptr : &found->second;
  }

  void Add(std::shared_ptr<Wakeable> stream, Waiting waiting) {
    Remove(stream);
    due_.emplace(waiting.due, stream.get());
    streams_.emplace(std::move(stream), std::move(waiting));
  }
  void Remove(const std::shared_ptr<Wakeable>& stream) {
    const auto found = streams_.find(stream);
    if (found == streams_.end()) return;
    due_.erase({found->second.due, stream.get()});
    streams_.erase(found);
  }
  void Clear() {
    streams_.clear();
    due_.clear();
  }
  // Moves the one that is due first to `out`, if it is by now.
  bool TakeDue(absl::Time now, std::vector<std::pair<std::shared_ptr<Wakeable>, Waiting>>& out) {
    if (first_due() > now) return false;
    // The map is keyed by shared pointers; an alias finds them.
    const std::shared_ptr<Wakeable> alias(std::shared_ptr<void>(), due_.begin()->second);
    const auto found = streams_.find(alias);
    out.emplace_back(found->first, found->second);
    streams_.erase(found);
    due_.erase(due_.begin());
    return true;
  }

 private:
  Streams streams_;
  std::set<std::pair<absl::Time, Wakeable*>> due_;  // the same
};

}  // namespace communique::feed

#endif  // COMMUNIQUE_SERVICE_FEED_WAITING_STREAMS_H_
