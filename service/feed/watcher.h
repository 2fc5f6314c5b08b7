#ifndef COMMUNIQUE_SERVICE_FEED_WATCHER_H_
#define COMMUNIQUE_SERVICE_FEED_WATCHER_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "communique/v1/feed.pb.h"
#include "service/base/clock.h"
#include "service/feed/watch_spec.h"
#include "service/feed/window.h"
#include "service/journal/journal.h"

namespace communique::feed {

// Bytes that several streams send, kept alive by whoever holds them.
struct SharedBytes {
  std::shared_ptr<const void> owner;
  absl::string_view bytes;
};

// What a stream does next.
struct Step {
  enum class Type {
    kSend,  // send the slices, then ask again
    kWait,  // nothing to send: arm, and ask again when woken
    kEnd,   // end the stream with `status`
  };
  Type type = Type::kWait;
  std::vector<SharedBytes> slices;  // a WatchResponse, when put side by side
  absl::Status status;
};

// One stream's side of the feed: a position, never a queue. What it holds beside
// its filter is of fixed size: this object, and while a response is being made
// or sent at most kMaxWatchScanBytes of the window's commits and one commit more,
// which slices of them keep alive.
//
// Thread safety: Next from one thread at a time (the stream's lock); Drain from
// any.
class Watcher {
 public:
  // All outlive this.
  Watcher(WatchSpec spec, const Window& window, const journal::Journal& journal,
          const store::Reader& reader, const base::Clock& clock);

  Step Next();
  // The next step says farewell, the one after ends UNAVAILABLE.
  void Drain() { draining_.store(true, std::memory_order_release); }

  // Up to where everything was looked at; for arming.
  int64_t position() const { return position_; }
  // When the silence has lasted long enough, by Clock::Steady.
  absl::Time checkpoint_time() const { return last_sent_ + spec_.checkpoint_interval; }

 private:
  // What was gathered for one response.
  struct Batch {
    std::vector<SharedBytes> slices;
    v1::WatchResponse tail;  // who entered and who left, and what stands beside it
    size_t bytes = 0;
    size_t scanned = 0;
    // Commits are added whole, until it is full.
    bool full() const;
    bool empty() const { return slices.empty() && tail.left_records().empty(); }
  };

  Step NextSnapshotPiece();
  absl::Status Gather(int64_t target, Batch& batch);
  absl::Status GatherFromJournal(int64_t target, Batch& batch);
  // Whether a change is to be sent. Notes in the batch what was looked at, and
  // that a record entered or left.
  absl::StatusOr<bool> Take(absl::string_view name, absl::string_view framed, Batch& batch) const;
  absl::StatusOr<bool> TakeByRecord(absl::string_view framed, Batch& batch) const;
  // A response up to `position_` with what was gathered.
  Step Send(Batch batch);
  Step End(absl::Status status);
  void AddCheckpoint(int64_t head, v1::WatchResponse& tail);
  std::string Token() const;

  const WatchSpec spec_;
  const Window& window_;
  const journal::Journal& journal_;
  const store::Reader& reader_;
  const base::Clock& clock_;
  std::atomic<bool> draining_{false};

  int64_t position_;      // looked at, inclusive
  int64_t sent_through_;  // told to the client, inclusive
  bool in_snapshot_;
  std::string snapshot_name_;  // the last name that was sent of it
  bool behind_ = true;         // until the head is first reached
  bool fell_behind_ = false;   // since the last response
  bool opening_ = true;        // no response was sent yet
  bool ended_ = false;
  absl::Time last_sent_;        // these two by Clock::Steady
  absl::Time last_checkpoint_;
};

}  // namespace communique::feed

#endif  // COMMUNIQUE_SERVICE_FEED_WATCHER_H_
