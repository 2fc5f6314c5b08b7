#ifndef COMMUNIQUE_SERVICE_FEED_RESUME_TOKEN_H_
#define COMMUNIQUE_SERVICE_FEED_RESUME_TOKEN_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace communique::feed {

// The position a client keeps: the same on every replica of a store.
struct ResumeToken {
  std::string store_id;
  std::string epoch;
  int64_t revision = 0;    // everything up to here was seen
  uint64_t query = 0;      // hash of filter, shard and mode
  // Within a snapshot: its revision, and the last name seen of it.
  int64_t snapshot_revision = 0;
  std::string snapshot_name;
};

std::string MakeResumeToken(const ResumeToken& token);
// INVALID_RESUME_TOKEN when it is damaged.
absl::StatusOr<ResumeToken> ParseResumeToken(absl::string_view text);

}  // namespace communique::feed

#endif  // COMMUNIQUE_SERVICE_FEED_RESUME_TOKEN_H_
