#ifndef COMMUNIQUE_CLIENT_SRC_WATCH_CHAIN_H_
#define COMMUNIQUE_CLIENT_SRC_WATCH_CHAIN_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "communique/v1/feed.pb.h"
#include "communique/watch_batch.h"

namespace communique::internal {

// Proves that a watch misses nothing: each response begins where the one handed
// out before it ended. Pieces of a snapshot chain by name, all else by revision.
// Survives reconnects, since a token resumes after the response it came with.
class WatchChain {
 public:
  // From what `request` says about its start; a token or `now` says nothing, so
  // the first response is taken as it is.
  explicit WatchChain(const v1::WatchRequest& request);

  enum class Verdict {
    kNext,    // Fits; it is now the last one.
    kRepeat,  // Was handed out before: drop it.
    kBroken,  // A gap or a contradiction; see `problem`.
  };
  Verdict Take(const WatchBatch& response);

  // What was wrong with the last response that broke the chain.
  const std::string& problem() const { return problem_; }
  std::int64_t through_revision() const { return through_revision_.value_or(0); }
  // Whether everything up to a revision was handed out, as far as is known.
  bool Reaches(std::int64_t revision) const {
    return !in_snapshot_ && through_revision_.value_or(revision) >= revision;
  }
  // Whether the last response that was taken moved the position.
  bool moved() const { return moved_; }

 private:
  Verdict TakePiece(const WatchBatch& response);
  Verdict TakeChanges(const WatchBatch& response);
  Verdict Broken(std::string problem);

  // Where the feed stands; unset while not known.
  std::optional<std::int64_t> through_revision_;
  // Where a snapshot stands; unset while not known. Only while in one.
  bool in_snapshot_ = false;
  bool maybe_snapshot_ = false;
  std::optional<std::int64_t> snapshot_revision_;
  std::optional<std::string> through_name_;
  std::string problem_;
  bool moved_ = false;
};

}  // namespace communique::internal

#endif  // COMMUNIQUE_CLIENT_SRC_WATCH_CHAIN_H_
