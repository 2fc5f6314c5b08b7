#ifndef COMMUNIQUE_WATCH_H_
#define COMMUNIQUE_WATCH_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "communique/connection.h"
#include "communique/export.h"
#include "communique/v1/feed.pb.h"
#include "communique/watch_batch.h"

namespace communique {

struct WatchOptions {
  // Where to start, where to end, the filter, the shard, the checkpoint
  // interval and the scope; see feed.proto. The default is everything from now.
  v1::WatchRequest request = {};
  // How long to try until the first response; then Next answers the last error.
  // Once there was a response, a watch reconnects for ever.
  absl::Duration open_timeout = absl::InfiniteDuration();
};

enum class WatchState {
  kIdle,        // Next was not called yet.
  kConnecting,  // A stream is open and has not answered yet.
  kStreaming,   // Responses come.
  kBackingOff,  // The stream was lost; Next waits before it reconnects.
  kEnded,       // The end was reached, or a permanent error.
  kCancelled,
};

// Why a watch ended.
enum class WatchEnd {
  kNone,          // It has not ended.
  kReached,       // The end of the request was reached.
  kCancelled,     // Cancel, Close or the destructor.
  kTokenExpired,  // OUT_OF_RANGE: older than what is held. Begin with a snapshot.
  kTokenRefused,  // Of another store, epoch, filter or shard, or damaged. The same.
  kRefused,       // Another error that no repeat heals: the filter, missing rights.
  kBroken,        // DATA_LOSS: the server kept breaking the chain.
  kUnreachable,   // `open_timeout` passed, or retries are off and the stream was lost.
};

// What a status of Watch::Next says; kNone for OK.
COMMUNIQUE_EXPORT WatchEnd WatchEndOf(const absl::Status& status);

struct WatchStats {
  WatchState state = WatchState::kIdle;
  // Why the last stream was lost; OK before the first loss.
  absl::Status last_fault = {};
  std::int64_t reconnect_count = 0;
  // Times that a response did not fit to the one before it, or was malformed.
  std::int64_t broken_chain_count = 0;
  // Responses that were dropped since they had been handed out before.
  std::int64_t repeat_count = 0;
  std::int64_t response_count = 0;
  std::int64_t change_count = 0;
  // Everything up to this revision was handed out; 0 before the first
  // response and within a snapshot.
  std::int64_t through_revision = 0;
  // The head of the journal as of the last checkpoint.
  std::int64_t head_revision = 0;
};

// A stream of changes that heals itself. Pull it:
//
//   communique::Watch watch = client.Watch({.request = request});
//   while (true) {
//     auto batch = watch.Next();
//     if (!batch.ok()) return batch.status();         // cannot go on
//     if (!batch->has_value()) break;                 // `until` was reached
//     for (const auto& change : (*batch)->changes()) Handle(change);
//     Store((*batch)->resume_token());                // only now
//   }
//
// When a stream is lost or falls silent, Next reconnects with the token of the
// last response it handed out, for ever, with back-off. It checks that the
// responses chain, within a stream and over reconnects: a gap is never handed
// out. What cannot heal ends the watch at once: a refused request, an expired
// token (OUT_OF_RANGE with the metadata `oldest_revision`: begin again with a
// snapshot), missing rights; end() says which. Five broken chains in a row
// without progress end it with DATA_LOSS.
//
// A start at `now` is where the head is when the first Next reaches the server;
// the first response is a checkpoint that says where.
//
// Performance: no thread runs in the background. One response is read ahead, as
// bytes; who does not call Next costs the server nothing but its place. A response
// has up to 2 MiB and a commit. Changes are parsed when they are looked into
// (watch_batch.h), so passing them on to other threads spreads that work.
// Thread safety: Next from one thread at a time; Cancel, Close and the accessors
// from any. Moving and destroying need the Watch to be at rest: join first.
// Errors: as above, with the details of errors.h; CANCELLED after Cancel. The
// first error is answered again by each later Next.
class COMMUNIQUE_EXPORT Watch {
 public:
  // Prefer Client::Watch.
  Watch(std::shared_ptr<Connection> connection, WatchOptions options);
  Watch(Watch&&) noexcept;
  Watch& operator=(Watch&&) noexcept;
  // Cancels. Waits for no thread of the user's.
  ~Watch();

  // Waits for the next response; nothing when the end of the request was
  // reached, and ever after.
  absl::StatusOr<std::optional<WatchBatch>> Next();

  // The token of the last response handed out; before it, the one of the
  // request, or empty. Store it when what the response carried is dealt with.
  std::string resume_token() const;

  WatchStats stats() const;

  // Why it ended; kNone while it has not.
  WatchEnd end() const;

  // Ends the watch; a Next that waits returns CANCELLED at once.
  void Cancel();

  // Cancels and waits until no Next runs; DEADLINE_EXCEEDED when one still does
  // after `timeout` (it is then within the observer).
  absl::Status Close(absl::Duration timeout);

 private:
  class COMMUNIQUE_NO_EXPORT Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace communique

#endif  // COMMUNIQUE_WATCH_H_
