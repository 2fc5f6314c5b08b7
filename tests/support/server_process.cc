#include "tests/support/server_process.h"

#include <signal.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"

namespace communique::testing {
namespace {

constexpr absl::Duration kReadyWithin = absl::Seconds(30);
// A port may be taken for a moment, by a connection of another program.
constexpr int kStartAttempts = 5;

// The fields of the line of the log that says "ready"; empty until it is there.
google::protobuf::Struct FindReady(absl::string_view log) {
  for (const absl::string_view line : absl::StrSplit(log, '\n')) {
    google::protobuf::Struct fields;
    const google::protobuf::StringPiece json(line.data(), line.size());
    if (!google::protobuf::util::JsonStringToMessage(json, &fields).ok()) continue;
    const auto event = fields.fields().find("event");
    if (event != fields.fields().end() && event->second.string_value() == "ready") return fields;
  }
  return {};
}

}  // namespace

absl::StatusOr<std::unique_ptr<ServerProcess>> ServerProcess::Start(Options options) {
  std::unique_ptr<ServerProcess> server(new ServerProcess(std::move(options)));
  if (absl::Status status = server->StartOnce(); !status.ok()) return status;
  return server;
}

absl::Status ServerProcess::StartOnce() {
  const size_t begin = log().size();
  std::vector<std::string> arguments = {
      BuiltProgram("communiqued"),
      absl::StrCat("--data_dir=", data_dir_),
      absl::StrCat("--journal=", options_.journal),
      absl::StrCat("--listen=", endpoint_),
      absl::StrCat("--admin_listen=", admin_endpoint_),
      absl::StrCat("--drain_pause=", absl::FormatDuration(options_.drain_pause))};
  arguments.insert(arguments.end(), options_.flags.begin(), options_.flags.end());
  auto program =
      Program::Start({.arguments = std::move(arguments), .error_file = directory_ / "log"});
  if (!program.ok()) return program.status();
  program_ = *std::move(program);
  google::protobuf::Struct ready;
  Eventually(
      [&] {
        ready = FindReady(log().substr(begin));
        return ready.fields_size() > 0 || !program_->running();
      },
      kReadyWithin);
  if (ready.fields_size() == 0) {
    program_ = nullptr;
    return absl::UnavailableError(
        absl::StrCat("communiqued did not get ready; it logged: ", log().substr(begin)));
  }
  endpoint_ = ready.fields().at("listen").string_value();
  admin_endpoint_ = ready.fields().at("admin_listen").string_value();
  metrics_endpoint_ = ready.fields().at("metrics_listen").string_value();
  return absl::OkStatus();
}

void ServerProcess::Kill() {
  program_->Signal(SIGKILL);
  program_->Wait(absl::Seconds(10));
}

void ServerProcess::Terminate() { program_->Signal(SIGTERM); }

absl::Status ServerProcess::Restart() {
  absl::Status status;
  for (int attempt = 0; attempt < kStartAttempts; ++attempt) {
    status = StartOnce();
    if (status.ok()) break;
    absl::SleepFor(absl::Milliseconds(200));
  }
  return status;
}

}  // namespace communique::testing
