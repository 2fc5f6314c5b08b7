#ifndef COMMUNIQUE_MIRROR_H_
#define COMMUNIQUE_MIRROR_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "communique/connection.h"
#include "communique/export.h"
#include "communique/v1/feed.pb.h"
#include "communique/v1/record.pb.h"
#include "communique/watch_batch.h"

namespace communique {

// A record of a mirror. It never changes; hold it as long as you like.
using MirrorRecord = std::shared_ptr<const v1::Record>;

// What happened to one name in a mirror.
struct MirrorChange {
  std::string name = {};
  MirrorRecord before = {};  // what was; null: it was not in the mirror
  MirrorRecord after = {};   // what is; null: it is gone, or left the filter
  // What the service told: kinds, paths, principal, reason, tombstone. Null when it
  // was found by comparing snapshots or when the record left the filter. Valid
  // within the handler.
  const WatchedChange* change = nullptr;
};

struct MirrorOptions {
  // Which records (AIP-160, over every kind); empty: all.
  std::string filter = {};
  // A share of them; unset: all.
  v1::Shard shard = {};
  // The longest silence of the server; zero: its default.
  absl::Duration checkpoint_interval = {};

  // Told of each change, in order, after it shows in Get and List. Of the first
  // state, also of one from a file, each record is told as one that came. Called
  // in the mirror's thread: while it runs, the mirror does not move on.
  std::function<void(const MirrorChange&)> on_change = {};
  // Told once, when the mirror stops for good without having been cancelled. From
  // then on it answers what it had.
  std::function<void(const absl::Status&)> on_end = {};

  // Starts from this file when it is there, whole and of the same filter and
  // shard. Written by Save and Close, and every `save_interval` in which something
  // changed. Empty: none.
  std::string file = {};
  absl::Duration save_interval = absl::Minutes(5);
};

struct MirrorStats {
  // The mirror holds the state of this revision; 0 before the first state.
  std::int64_t revision = 0;
  // The head of the journal as it was last told.
  std::int64_t head_revision = 0;
  std::int64_t record_count = 0;
  // Differences that came, those between snapshots included.
  std::int64_t change_count = 0;
  // Snapshots taken whole: 1 for a start without a file; each further one means
  // that a token had expired or was refused.
  std::int64_t snapshot_count = 0;
  std::int64_t reconnect_count = 0;
  // When the server was last heard, at least every checkpoint interval.
  absl::Time heard_at = absl::InfinitePast();
  // What was wrong with the file when it was last read or written.
  absl::Status file_status = {};
};

// A local copy of the records that match a filter, kept current:
//
//   communique::Mirror mirror = client.Mirror({.filter = "kind = sanction"});
//   if (absl::Status s = mirror.WaitUntilSynced(absl::Seconds(30)); !s.ok()) return s;
//   communique::MirrorRecord regime = mirror.Get("sanctions/un-1718");  // null: not there
//   auto matches = mirror.List([](const communique::v1::Record& record) {
//     return record.sanction().has_designation();
//   });
//
// It takes a snapshot and follows the changes. Over restarts of the server and
// faults of the network it goes on where it was. When its token has expired (it
// was away for longer than the journal reaches back) or the store was restored
// or replaced, it takes a new snapshot by itself and tells the difference as
// changes. What it answers is always the state of one revision: a commit shows
// as a whole, and a snapshot when it is complete.
//
// A merged record is gone from the mirror; its survivor has its own name.
//
// Performance: a record is kept as its bytes, at about 100 bytes more than its
// serialised size, and parsed when it is asked for: of 1 KiB, Get takes about 7
// microseconds, List and ForEach 3 for each record of the mirror. Neither waits for
// the network, nor for a handler. A new snapshot shares with the old state what did
// not change.
// Thread safety: all methods from any thread; moving and destroying at rest. The
// mirror has one thread. Handlers run in it, without locks held: they may call
// every method but Close.
// Errors: UNAVAILABLE and lost connections heal, unless retries are off
// (RetryOptions). What cannot heal (a refused filter, missing rights) ends the
// mirror: status(), on_end.
class COMMUNIQUE_EXPORT Mirror {
 public:
  // Prefer Client::Mirror. Starts at once.
  Mirror(std::shared_ptr<Connection> connection, MirrorOptions options);
  Mirror(Mirror&&) noexcept;
  Mirror& operator=(Mirror&&) noexcept;
  // Cancels, and waits for no handler. Does not save.
  ~Mirror();

  // Waits until the mirror has a state and has caught up with the head as it was
  // when it got there. DEADLINE_EXCEEDED after `timeout`, with the last fault; the
  // mirror goes on trying. The error that ended it, if one did.
  absl::Status WaitUntilSynced(absl::Duration timeout) const;

  // Waits until a revision shows, such as that of a commit of one's own. One that
  // changes nothing in the mirror shows with the next change that does, or the next
  // checkpoint: up to MirrorOptions.checkpoint_interval later.
  absl::Status WaitForRevision(std::int64_t revision, absl::Duration timeout) const;

  // The record of a name; null when it is not in the mirror.
  MirrorRecord Get(absl::string_view name) const;

  // Visits every record, in order of the names, all of one revision, without keeping
  // more than one in memory. `visit` runs in the calling thread, without locks held.
  void ForEach(absl::FunctionRef<void(const v1::Record&)> visit) const;

  // Every record, or those for which `matches` is true, in order of the names, all
  // of one revision. `matches` runs in the calling thread, without locks held.
  std::vector<MirrorRecord> List() const;
  std::vector<MirrorRecord> List(absl::FunctionRef<bool(const v1::Record&)> matches) const;

  // OK while it follows; else why it ended.
  absl::Status status() const;

  MirrorStats stats() const;

  // Writes the state of one revision, with its place in the feed, to a file, which
  // is replaced as a whole. While handlers are told of changes, it is the state that
  // they were told of, so that a start from the file tells the rest. Runs in the
  // calling thread; the mirror goes on. FAILED_PRECONDITION before the first state.
  absl::Status Save(const std::string& file) const;

  // Stops following; no handler begins any more. Get and List go on answering.
  void Cancel();

  // Cancels, waits until no handler runs, and writes MirrorOptions.file, if set.
  // DEADLINE_EXCEEDED when a handler still runs after `timeout`: nothing is saved.
  absl::Status Close(absl::Duration timeout);

 private:
  class COMMUNIQUE_NO_EXPORT Impl;
  void Stop();
  std::shared_ptr<Impl> impl_;
};

}  // namespace communique

#endif  // COMMUNIQUE_MIRROR_H_
