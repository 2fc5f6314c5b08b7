#ifndef COMMUNIQUE_CLIENT_CLI_SCOPE_H_
#define COMMUNIQUE_CLIENT_CLI_SCOPE_H_

#include "absl/status/statusor.h"
#include "cli/flags.h"
#include "communique/v1/read_scope.pb.h"

namespace communique::cli {

// What --known_at and --valid_at say.
absl::StatusOr<v1::ReadScope> ScopeOf(const CommandLine& line);

}  // namespace communique::cli

#endif  // COMMUNIQUE_CLIENT_CLI_SCOPE_H_
