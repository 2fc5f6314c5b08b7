#include "cli/help.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "cli/terminal.h"

namespace communique::cli {
namespace {

constexpr std::size_t kHelpColumn = 34;  // Where the help of a flag begins.

std::string FlagLines(const std::vector<absl::string_view>& names) {
  std::string out;
  for (const absl::string_view name : names) {
    const Flag& flag = *FindFlag(name);
    const std::string left =
        absl::StrCat("  --", flag.name, flag.value.empty() ? "" : "=", flag.value);
    const std::string next_line = "\n" + std::string(kHelpColumn, ' ');
    absl::StrAppend(&out, Pad(left, kHelpColumn - 2), "  ",
                    absl::StrReplaceAll(flag.help, {{"\n", next_line}}), "\n");
  }
  return out;
}

}  // namespace

std::string GeneralHelp() {
  std::string out =
      "Reads, writes and watches the records of a Communiqué service.\n"
      "\n"
      "Usage: communique [FLAGS] COMMAND [ARGUMENTS]\n"
      "\n"
      "Commands:\n";
  for (const Command& command : AllCommands()) {
    absl::StrAppend(&out, "  ", Pad(command.name, 13), command.summary, "\n");
  }
  absl::StrAppend(
      &out, "  help         Show help, also of one command: communique help watch\n",
      "  version      Show the version.\n",
      "\nFlags of every command (before or after it, as --flag=value or --flag value):\n",
      FlagLines(GlobalFlags()),
      "\nExit codes: 0 ok, 1 failure, 2 usage, 3 not found, 4 conflict, 5 unavailable or\n"
      "timeout, 6 denied, 7 integrity, 130 interrupted.\n");
  return out;
}

std::string CommandHelp(const Command& command) {
  return absl::StrCat(command.summary, "\n\nUsage: communique [FLAGS] ", command.name,
                      command.arguments.empty() ? "" : " ", command.arguments, "\n\n",
                      command.details, command.flags.empty() ? "" : "\nFlags:\n",
                      FlagLines(command.flags), "\nFlags of every command:\n",
                      FlagLines(GlobalFlags()));
}

}  // namespace communique::cli
