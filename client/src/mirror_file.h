#ifndef COMMUNIQUE_CLIENT_SRC_MIRROR_FILE_H_
#define COMMUNIQUE_CLIENT_SRC_MIRROR_FILE_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "communique/v1/feed.pb.h"
#include "src/record_table.h"

namespace communique::internal {

// What a mirror keeps in its file.
struct MirrorState {
  // The filter and the shard, and the token to go on with.
  v1::WatchRequest request = {};
  std::int64_t revision = 0;
  RecordTable records = {};
};

// The file is 8 bytes that name the format, then frames, each a length (4 bytes,
// little-endian) and as many bytes: the request, the revision and the number of
// records (8 bytes each, little-endian), then each record in order of the names;
// last 8 bytes with the FNV-1a-64 of all that stands before.

// Writes a file beside it, syncs it, and puts it in place. The owner alone may
// read it. UNKNOWN or what the system says when it cannot be written.
absl::Status WriteMirrorFile(const std::string& path, const MirrorState& state);

// NOT_FOUND when there is none; DATA_LOSS when it is not whole.
absl::StatusOr<MirrorState> ReadMirrorFile(const std::string& path);

}  // namespace communique::internal

#endif  // COMMUNIQUE_CLIENT_SRC_MIRROR_FILE_H_
