#ifndef COMMUNIQUE_CLIENT_CLI_COMMANDS_H_
#define COMMUNIQUE_CLIENT_CLI_COMMANDS_H_

#include <cstddef>
#include <limits>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "cli/flags.h"
#include "cli/output.h"
#include "communique/client.h"

namespace communique::cli {

// What a command works with.
struct Session {
  const CommandLine& line;
  // The words after the command.
  std::vector<std::string> arguments;
  Output& output;
  Client client;
};

// For Command.max_arguments: any number.
inline constexpr std::size_t kAnyNumber = std::numeric_limits<std::size_t>::max();

struct Command {
  absl::string_view name;
  absl::string_view arguments;  // "NAME"
  absl::string_view summary;    // One line.
  absl::string_view details;    // For `help COMMAND`.
  std::vector<absl::string_view> flags;
  std::size_t min_arguments;
  std::size_t max_arguments;
  int (*run)(Session& session);
};

// Every command that talks to a server.
const std::vector<Command>& AllCommands();
const Command* FindCommand(absl::string_view name);

// Flags that go with every command.
const std::vector<absl::string_view>& GlobalFlags();

// Says what is wrong with the command line. Answers the exit code.
int UsageError(absl::string_view command, absl::string_view message);

// commands_read.cc
int RunGet(Session& session);
int RunList(Session& session);
// commands_verify.cc
int RunVerify(Session& session);
// commands_admin.cc
int RunStatus(Session& session);
int RunTrim(Session& session);
// commands_search.cc
int RunSearch(Session& session);
// commands_screen.cc
int RunScreen(Session& session);
// commands_history.cc
int RunHistory(Session& session);
int RunDiff(Session& session);
// commands_predictions.cc
int RunPredictions(Session& session);
// commands_publish.cc
int RunPublish(Session& session);
// commands_load.cc
int RunLoad(Session& session);
// commands_import.cc
int RunImport(Session& session);
// commands_watch.cc
int RunWatch(Session& session);

}  // namespace communique::cli

#endif  // COMMUNIQUE_CLIENT_CLI_COMMANDS_H_
