#ifndef COMMUNIQUE_SERVICE_STORE_PLANNER_H_
#define COMMUNIQUE_SERVICE_STORE_PLANNER_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "communique/v1/publish.pb.h"
#include "service/journal/commit.h"
#include "service/store/state_overlay.h"

namespace communique::store {

// What a proposal becomes, if it changes anything.
struct PlanInput {
  int64_t revision = 0;
  absl::Time commit_time;
  std::string principal;
  std::string epoch;          // goes into etags
  std::string previous_hash;  // of revision - 1
  std::string request_digest;
  std::string load_id;        // empty when the commit is of no load
  int64_t load_line = 0;
};

struct Plan {
  // Null when nothing changes: the commit takes no revision.
  std::shared_ptr<const journal::EncodedCommit> commit;
  // Its results are filled in; revision and time too, when there is a commit.
  v1::CommitResponse response;
};

// Checks a prepared commit (commit_rules.h) against the state it lands on and
// works out what it does, down to the bytes to store. On success the overlay
// holds the state afterwards, still to be accepted; on an error nothing. Takes the
// records out of the request.
absl::StatusOr<Plan> PlanCommit(v1::CommitRequest& request, const PlanInput& input,
                                StateOverlay& state);

// The etag of a version (AIP-154).
std::string MakeEtag(absl::string_view epoch, int64_t revision);

}  // namespace communique::store

#endif  // COMMUNIQUE_SERVICE_STORE_PLANNER_H_
