#ifndef COMMUNIQUE_CLIENT_SRC_READ_FILE_H_
#define COMMUNIQUE_CLIENT_SRC_READ_FILE_H_

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace communique::internal {

// Reads a small file whole. The error has the system's own words;
// RESOURCE_EXHAUSTED for a file of more than `max_bytes`.
absl::StatusOr<std::string> ReadFile(const std::string& path, std::size_t max_bytes);

// OK when `path` can be opened and is no folder.
absl::Status CheckReadable(const std::string& path);

}  // namespace communique::internal

#endif  // COMMUNIQUE_CLIENT_SRC_READ_FILE_H_
