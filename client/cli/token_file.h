#ifndef COMMUNIQUE_CLIENT_CLI_TOKEN_FILE_H_
#define COMMUNIQUE_CLIENT_CLI_TOKEN_FILE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace communique::cli {

// Reads a resume token; empty when there is no such file.
absl::StatusOr<std::string> ReadTokenFile(const std::string& path);

// Replaces the file at once: a crash leaves the old token or the new one.
absl::Status WriteTokenFile(const std::string& path, absl::string_view token);

}  // namespace communique::cli

#endif  // COMMUNIQUE_CLIENT_CLI_TOKEN_FILE_H_
