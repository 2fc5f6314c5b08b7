#ifndef COMMUNIQUE_SERVICE_JOURNAL_COMMIT_H_
#define COMMUNIQUE_SERVICE_JOURNAL_COMMIT_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

// Commits as they are stored: bytes, encoded once. FORMAT.md has the format.
namespace communique::journal {

// What stands under a name after a change.
enum class RecordState : uint8_t { kLive = 1, kDeleted = 2, kMerged = 3 };

// Where the version of a record is found.
struct Version {
  int64_t revision = 0;
  int32_t ordinal = 0;
  RecordState state = RecordState::kLive;
};

struct EncodedChange {
  std::string name;
  RecordState state = RecordState::kLive;
  std::string framed;  // a field `changes` of WatchResponse, with its tag
};

struct EncodedCommit {
  int64_t revision = 0;
  absl::Time time;
  std::string header;  // a CommitHeader
  std::string hash;    // 32 bytes, see ChainHash
  std::vector<EncodedChange> changes;
  // Change of the number of live records.
  int live_delta = 0;
  // Key and line of the load it belongs to; empty when of none.
  std::string load_key;
  int64_t load_line = 0;
  // Of a trim, which has no changes: the oldest revision from here on. 0 of others.
  int64_t trim_revision = 0;

  size_t Bytes() const;
};

// Commits that become durable together, revisions rising by one.
using CommitGroup = std::vector<std::shared_ptr<const EncodedCommit>>;

// The hash of a commit, from the hash before it (empty before the first).
std::string ChainHash(absl::string_view previous, absl::string_view header,
                      const std::vector<absl::string_view>& framed_changes);
std::string ChainHash(absl::string_view previous, const EncodedCommit& commit);

// The bytes of the Change within a framed change; empty when it is not framed.
absl::string_view UnframeChange(absl::string_view framed);

// Key of a load in the metadata.
std::string MakeLoadKey(absl::string_view principal, absl::string_view load_id);

}  // namespace communique::journal

#endif  // COMMUNIQUE_SERVICE_JOURNAL_COMMIT_H_
