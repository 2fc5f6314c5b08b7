// The command line of Communiqué: takes the line apart, makes the client, runs
// the command.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "cli/commands.h"
#include "cli/flags.h"
#include "cli/help.h"
#include "cli/interrupt.h"
#include "cli/output.h"
#include "cli/terminal.h"
#include "communique/client.h"

namespace communique::cli {
namespace {

std::string Environment(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr || *value == '\0' ? otherwise : value;
}

// HOST:PORT, [::1]:PORT, or a scheme of gRPC's ("unix:/run/x", "dns:///x").
bool IsEndpoint(const std::string& endpoint) {
  if (endpoint.find("unix:") == 0 || endpoint.find("://") != std::string::npos) return true;
  const std::size_t colon = endpoint.rfind(':');
  int port = 0;
  return colon != std::string::npos && colon > 0 &&
         absl::SimpleAtoi(endpoint.substr(colon + 1), &port) && port > 0 && port < 65536 &&
         endpoint.find("://") == std::string::npos;
}

// What the flags say about the client.
absl::StatusOr<ClientOptions> ClientOptionsOf(const CommandLine& line) {
  ClientOptions options;
  options.endpoint = line.Has("endpoint") ? line.Get("endpoint")
                                          : Environment("COMMUNIQUE_ENDPOINT", "127.0.0.1:7400");
  options.admin_endpoint = line.Has("admin_endpoint")
                               ? line.Get("admin_endpoint")
                               : Environment("COMMUNIQUE_ADMIN_ENDPOINT", "127.0.0.1:7401");
  for (const std::string& endpoint : {options.endpoint, options.admin_endpoint}) {
    if (!IsEndpoint(endpoint)) {
      return absl::InvalidArgumentError(
          absl::StrCat("\"", Escape(endpoint), "\" is not HOST:PORT, such as 127.0.0.1:7400"));
    }
  }
  options.principal = line.Get("principal");
  options.user_agent = "communique-cli/" COMMUNIQUE_VERSION;
  const absl::StatusOr<absl::Duration> timeout = line.GetDuration("timeout", options.timeout);
  if (!timeout.ok()) return timeout.status();
  options.timeout = *timeout;
  options.observer = [verbose = line.Has("verbose"),
                      quiet_until = absl::InfinitePast()](const CallEvent& event) mutable {
    if (verbose && event.kind == CallEvent::Kind::kAttempt) {
      Say(absl::StrCat(event.method, ": attempt ", event.attempt, " ",
                       absl::StatusCodeToString(event.status.code()), " after ",
                       absl::FormatDuration(absl::Trunc(event.latency, absl::Microseconds(1)))));
    }
    // Whoever waits is told why, and not with every attempt.
    if (event.kind != CallEvent::Kind::kRetry || (!verbose && absl::Now() < quiet_until)) return;
    quiet_until = absl::Now() + absl::Seconds(10);
    Say(absl::StrCat(Escape(event.status.message()), "; trying again"));
  };
  return options;
}

absl::StatusOr<Format> FormatOf(const CommandLine& line) {
  const std::string format = line.Has("output") ? line.Get("output") : "table";
  if (format == "table") return Format::kTable;
  if (format == "json") return Format::kJson;
  if (format == "jsonl") return Format::kJsonl;
  return absl::InvalidArgumentError(
      absl::StrCat("-o is table, json or jsonl, not \"", Escape(format), "\""));
}

int Print(const std::string& text) {
  std::fputs(text.c_str(), stdout);
  return std::fflush(stdout) == 0 ? kOk : kFailure;
}

int NoSuchCommand(const std::string& name) {
  std::vector<std::string> names = {"help", "version"};
  for (const Command& command : AllCommands()) names.emplace_back(command.name);
  const std::string nearest = Nearest(name, names);
  return UsageError(
      "", absl::StrCat("no command \"", Escape(name), "\"",
                       nearest.empty() ? "" : absl::StrCat("; did you mean ", nearest, "?")));
}

int Help(const std::vector<std::string>& words) {
  if (words.empty()) return Print(GeneralHelp());
  if (words[0] == "help" || words[0] == "version") return Print(GeneralHelp());
  const Command* command = FindCommand(words[0]);
  return command == nullptr ? NoSuchCommand(words[0]) : Print(CommandHelp(*command));
}

// A flag that belongs to another command.
absl::Status CheckFlags(const CommandLine& line, const Command& command) {
  for (const auto& [flag, value] : line.flags()) {
    if (absl::c_linear_search(GlobalFlags(), flag) || absl::c_linear_search(command.flags, flag)) {
      continue;
    }
    return absl::InvalidArgumentError(absl::StrCat("--", flag, " does not go with ", command.name));
  }
  return absl::OkStatus();
}

int Run(const std::vector<std::string>& arguments) {
  const absl::StatusOr<CommandLine> line = CommandLine::Parse(arguments);
  if (!line.ok()) return UsageError("", line.status().message());
  if (line->Has("version") || (!line->words().empty() && line->words()[0] == "version")) {
    return Print("communique " COMMUNIQUE_VERSION "\n");
  }
  std::vector<std::string> words = line->words();
  if (words.empty()) {
    if (line->Has("help")) return Print(GeneralHelp());
    std::fputs(GeneralHelp().c_str(), stderr);
    return kUsage;
  }
  const std::string name = words[0];
  words.erase(words.begin());
  if (name == "help") return Help(words);
  if (line->Has("help")) return Help({name});
  const Command* command = FindCommand(name);
  if (command == nullptr) return NoSuchCommand(name);
  if (absl::Status status = CheckFlags(*line, *command); !status.ok()) {
    return UsageError(name, status.message());
  }
  if (words.size() < command->min_arguments) {
    return UsageError(name, absl::StrCat(name, " needs ", command->arguments));
  }
  if (words.size() > command->max_arguments) {
    return UsageError(
        name, absl::StrCat(name, " does not take \"", Escape(words[command->max_arguments]), "\""));
  }
  const absl::StatusOr<Format> format = FormatOf(*line);
  if (!format.ok()) return UsageError(name, format.status().message());
  absl::StatusOr<ClientOptions> options = ClientOptionsOf(*line);
  if (!options.ok()) return UsageError(name, options.status().message());

  Output output(*format, WantsColor(STDOUT_FILENO));
  const bool of_operator = name == "status" || name == "trim";
  const std::string asked = of_operator ? options->admin_endpoint : options->endpoint;
  Session session{*line, std::move(words), output, Client(MakeConnection(*std::move(options)))};
  const int code = command->run(session);
  if (code == kUnavailable) Say(absl::StrCat("asked ", Escape(asked)));
  return code;
}

}  // namespace
}  // namespace communique::cli

int main(int argc, char** argv) {
  communique::cli::TakeSignals();
  return communique::cli::Run(std::vector<std::string>(argv + 1, argv + argc));
}
