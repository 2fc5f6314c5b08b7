#ifndef COMMUNIQUE_LOADER_H_
#define COMMUNIQUE_LOADER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "communique/connection.h"
#include "communique/export.h"
#include "communique/v1/publish.pb.h"

namespace communique {

// How far a load has come, also over several streams.
struct LoadResult {
  // The last line that is durable; 0 when none is.
  std::int64_t durable_line = 0;
  // The newest revision that this Loader has seen; 0 when it made none.
  std::int64_t revision = 0;
  // Commits and changes acknowledged to this Loader. What was applied just
  // before a connection broke is durable and may be missing here.
  std::int64_t commit_count = 0;
  std::int64_t change_count = 0;
  std::int64_t reconnect_count = 0;
};

struct LoadOptions {
  // Names the load: 1 to 64 characters of A-Z, a-z, 0-9, '-', '_', '.', ':'.
  // The same id of the same principal goes on where it broke off. Required.
  std::string load_id = {};
  // Why, for lines that give no reason themselves.
  std::string reason = {};
  // Gives up after this long without an acknowledgement while one is due,
  // reconnects included. Only the time spent in Start, Write and Finish counts: a
  // producer may be as slow as it likes. Zero: ClientOptions.timeout.
  absl::Duration timeout = {};
  // Write waits while more than this is unacknowledged.
  std::size_t max_pending_lines = 4096;
  std::size_t max_pending_bytes = std::size_t{16} << 20;
  // Called after each acknowledgement, within Start, Write or Finish.
  std::function<void(const LoadResult&)> on_progress = {};
};

// Writes many commits at the speed of the server's disk:
//
//   communique::Loader loader = client.Load({.load_id = "articles-2023-09"});
//   absl::StatusOr<std::int64_t> held = loader.Start();
//   if (!held.ok()) return held.status();
//   for (each line, numbered from 1) {
//     if (number <= *held) continue;
//     if (absl::Status s = loader.Write(number, commit); !s.ok()) return s;
//   }
//   absl::StatusOr<communique::LoadResult> result = loader.Finish();
//
// A lost stream is opened again and the lines that were not acknowledged are
// sent again; the server does not apply a line twice. UNAVAILABLE, and
// RESOURCE_EXHAUSTED that says when (too many loads are open), is healed like that.
//
// Performance: lines are pipelined; at most `max_pending_lines` and
// `max_pending_bytes` wait in memory for their acknowledgement.
// Thread safety: one thread at a time; Cancel from any.
// Errors: a refused line ends the load with the server's error, and no later
// line is applied; which earlier lines are durable is in progress(). UNAVAILABLE
// when `timeout` passes without progress: a new Loader of the same id goes on.
// UNIMPLEMENTED when the Connection opens no loads, as a mock does not by itself.
class COMMUNIQUE_EXPORT Loader {
 public:
  // Prefer Client::Load.
  Loader(std::shared_ptr<Connection> connection, LoadOptions options);
  Loader(Loader&&) noexcept;
  Loader& operator=(Loader&&) noexcept;
  // Cancels what was not finished.
  ~Loader();

  // Opens the load and answers the last line that the server holds; 0: none.
  absl::StatusOr<std::int64_t> Start();

  // Hands over one line. Numbers rise from 1; gaps are allowed. The commit's
  // request_id must be empty. OK means taken, not yet durable.
  absl::Status Write(std::int64_t line_number, v1::CommitRequest commit);

  // Waits until every line is durable and ends the load.
  absl::StatusOr<LoadResult> Finish();

  // How far it has come; also after an error.
  LoadResult progress() const;

  // Ends the load; a call that waits returns CANCELLED at once.
  void Cancel();

 private:
  class COMMUNIQUE_NO_EXPORT Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace communique

#endif  // COMMUNIQUE_LOADER_H_
