// Every example of client/examples, run against a live server as its comment says.
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "communique/client.h"
#include "gtest/gtest.h"
#include "tests/support/program.h"
#include "tests/support/records.h"
#include "tests/support/server_process.h"
#include "tests/support/temp_dir.h"

namespace communique {
namespace {

using testing::BuiltProgram;
using testing::Ended;
using testing::Eventually;
using testing::MakeActor;
using testing::Program;
using testing::Put;
using testing::RunProgram;
using testing::ServerProcess;
using testing::TempDir;

class SdkExamplesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto server = ServerProcess::Start();
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    client_.emplace(server_->MakeClient());
  }

  Program::Options Example(const std::string& name, std::vector<std::string> arguments,
                           const std::string& input = "") const {
    arguments.insert(arguments.begin(),
                     {BuiltProgram(absl::StrCat("example_", name)), server_->endpoint()});
    return {.arguments = std::move(arguments), .input = input};
  }
  Ended Run(const std::string& name, std::vector<std::string> arguments,
            const std::string& input = "") const {
    return RunProgram(Example(name, std::move(arguments), input));
  }

  int64_t Commit(const v1::CommitRequest& request) {
    const auto response = client_->Commit(request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? response->revision() : 0;
  }

  std::unique_ptr<ServerProcess> server_;
  std::optional<Client> client_;
  TempDir directory_;
};

TEST_F(SdkExamplesTest, Quickstart) {
  const Ended ended = Run("quickstart", {});
  EXPECT_EQ(ended.exit_code, 0) << ended.error;
  EXPECT_EQ(ended.output, "Ban Ki-moon stands since revision 1\nactors/ban-ki-moon\n");
}

TEST_F(SdkExamplesTest, FollowGoesOnWhereItWas) {
  const std::string token = directory_ / "token";
  Commit(Put({MakeActor("a", "A"), MakeActor("b", "B")}));
  Ended ended = Run("follow", {token, "2"});
  EXPECT_EQ(ended.exit_code, 0) << ended.error;
  EXPECT_EQ(ended.output, "1 actors/a\n1 actors/b\n");
  Commit(testing::Delete("actors/a"));
  server_->Kill();
  ASSERT_TRUE(server_->Restart().ok());
  ended = Run("follow", {token, "1"});
  EXPECT_EQ(ended.exit_code, 0) << ended.error;
  EXPECT_EQ(ended.output, "2 actors/a is gone\n");
}

TEST_F(SdkExamplesTest, FollowStartsOverWhenItsTokenExpired) {
  const std::string token = directory_ / "token";
  Commit(Put(MakeActor("a", "A")));
  ASSERT_EQ(Run("follow", {token, "1"}).exit_code, 0);
  Commit(Put(MakeActor("a", "A2")));
  const int64_t head = Commit(Put(MakeActor("a", "A3")));
  ASSERT_TRUE(client_->TrimJournal(head).ok());
  const Ended ended = Run("follow", {token, "1"});
  EXPECT_EQ(ended.exit_code, 0) << ended.error;
  EXPECT_TRUE(absl::StrContains(ended.error, "starting over")) << ended.error;
  EXPECT_EQ(ended.output, absl::StrCat(head, " actors/a\n"));
}

TEST_F(SdkExamplesTest, MirrorAnswersFromItsFile) {
  const std::string file = directory_ / "mirror";
  Commit(Put({MakeActor("a", "A"), testing::MakeSummit("s", "S")}));
  Ended ended = Run("mirror", {file}, "actors/a\nactors/x\n");
  EXPECT_EQ(ended.exit_code, 0) << ended.error;
  EXPECT_EQ(ended.output,
            "1 actors at revision 1\nactors/a: A\nactors/x: not there\n1 of them are people\n");
  Commit(Put(MakeActor("x", "X")));
  ended = Run("mirror", {file}, "actors/x\n");
  EXPECT_EQ(ended.exit_code, 0) << ended.error;
  EXPECT_EQ(ended.output, "2 actors at revision 2\nactors/x: X\n2 of them are people\n");
}

TEST_F(SdkExamplesTest, PublisherPublishesEachLineOnce) {
  Ended ended = Run("publisher", {"monday"}, "a Anna\nb Bert\n");
  EXPECT_EQ(ended.exit_code, 0) << ended.error;
  EXPECT_EQ(ended.output, "a is revision 1\nb is revision 2\n");
  ended = Run("publisher", {"monday"}, "a Anna\nb Bert\nc Carl\n");
  EXPECT_EQ(ended.output,
            "a is revision 1, as before\nb is revision 2, as before\nc is revision 3\n");
  ended = Run("publisher", {"tuesday"}, "a Anna\n");
  EXPECT_EQ(ended.output, "a was there\n");
  ended = Run("publisher", {"tuesday"}, "A! Anna\n");
  EXPECT_EQ(ended.exit_code, 1);
}

TEST_F(SdkExamplesTest, AlertTellsWhatComesAndGoes) {
  auto started = Program::Start(Example("alert", {"actor.display_name = \"Wanted\"", "3"}));
  ASSERT_TRUE(started.ok()) << started.status();
  Program& alert = **started;
  ASSERT_TRUE(Eventually([&] { return absl::StrContains(alert.output(), "watching from"); }));
  Commit(Put(MakeActor("a", "Unknown")));
  Commit(Put(MakeActor("a", "Wanted")));
  Commit(Put(MakeActor("b", "Wanted")));
  Commit(Put(MakeActor("a", "Found")));
  EXPECT_EQ(alert.Wait(absl::Seconds(20)), 0) << alert.error();
  EXPECT_EQ(alert.output(),
            "watching from revision 0\nactors/a matches now\nactors/b matches now\n"
            "actors/a matches no more\n");
}

}  // namespace
}  // namespace communique
