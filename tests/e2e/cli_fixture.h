#ifndef COMMUNIQUE_TESTS_E2E_CLI_FIXTURE_H_
#define COMMUNIQUE_TESTS_E2E_CLI_FIXTURE_H_

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "communique/client.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"
#include "tests/support/program.h"
#include "tests/support/server_process.h"

// The program `communique` against a server of its own.
namespace communique::testing {

enum ExitCode {
  kOk = 0,
  kFailure = 1,
  kUsage = 2,
  kNotFound = 3,
  kConflict = 4,
  kUnavailable = 5,
  kInterrupted = 130,
};

inline std::vector<std::string> LinesOf(const std::string& text) {
  std::vector<std::string> lines = absl::StrSplit(text, '\n');
  if (!lines.empty() && lines.back().empty()) lines.pop_back();
  return lines;
}

template <typename Message>
std::vector<Message> ParseLines(const std::string& text) {
  std::vector<Message> messages;
  for (const std::string& line : LinesOf(text)) {
    const auto status = google::protobuf::util::JsonStringToMessage(line, &messages.emplace_back());
    EXPECT_TRUE(status.ok()) << line << ": " << status.ToString();
  }
  return messages;
}

// Whether a terminal would obey something in the text: a control character other
// than the end of a line, or one that turns the direction of writing.
inline bool Harms(const std::string& text) {
  for (const char c : text) {
    if ((static_cast<unsigned char>(c) < 0x20 && c != '\n') || c == 0x7f) return true;
  }
  return absl::StrContains(text, "\xc2\x9b") || absl::StrContains(text, "\xe2\x80\xae");
}

class CliTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto server = ServerProcess::Start();
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    client_.emplace(server_->MakeClient("desk"));
  }

  Program::Options Cli(std::vector<std::string> arguments, const std::string& input = "") const {
    arguments.insert(arguments.begin(), BuiltProgram("communique"));
    return {.arguments = std::move(arguments),
            .environment = {{"COMMUNIQUE_ENDPOINT", server_->endpoint()},
                            {"COMMUNIQUE_ADMIN_ENDPOINT", server_->admin_endpoint()},
                            {"TERM", "dumb"}},
            .input = input};
  }
  Ended Run(std::vector<std::string> arguments, const std::string& input = "") const {
    return RunProgram(Cli(std::move(arguments), input));
  }
  int64_t Commit(const v1::CommitRequest& request) {
    const auto answer = client_->Commit(request);
    EXPECT_TRUE(answer.ok()) << answer.status();
    return answer.ok() ? answer->revision() : 0;
  }

  // The data set of the article, whose commits are the revisions 1 to 25.
  void LoadArticle() {
    const Ended loaded =
        Run({"load", COMMUNIQUE_SOURCE_DIR "/deploy/data/hankyoreh-2023-09-12.jsonl"});
    ASSERT_EQ(loaded.exit_code, kOk) << loaded.error;
    ASSERT_EQ(server_->Head(), 25);
  }

  std::unique_ptr<ServerProcess> server_;
  std::optional<Client> client_;
  TempDir files_;
};

}  // namespace communique::testing

#endif  // COMMUNIQUE_TESTS_E2E_CLI_FIXTURE_H_
