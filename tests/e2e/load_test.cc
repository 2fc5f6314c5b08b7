// Loads that are cut short, refused, killed and taken up again.

#include <signal.h>

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "communique/client.h"
#include "communique/errors.h"
#include "gtest/gtest.h"
#include "tests/support/program.h"
#include "tests/support/records.h"
#include "tests/support/server_process.h"
#include "tests/support/watch_reader.h"

namespace communique {
namespace {

using testing::Ended;
using testing::MakeActor;
using testing::Program;
using testing::Put;
using testing::ServerProcess;

std::string Title(int line) { return absl::StrCat("Line ", line); }

// The line of a file that puts one actor of its number.
std::string Line(int number) {
  return testing::ToJsonLine(Put(MakeActor(absl::StrCat("n", number), Title(number))));
}

std::string Lines(int first, int last) {
  std::string text;
  for (int number = first; number <= last; ++number) text += Line(number);
  return text;
}

class LoadTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto server = ServerProcess::Start();
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }

  Program::Options LoadOf(const std::string& path) const {
    return {.arguments = {testing::BuiltProgram("communique"), "--endpoint=" + server_->endpoint(),
                          "--timeout=20s", "load", path}};
  }
  Ended Load(const std::string& path) const { return testing::RunProgram(LoadOf(path)); }

  // That revisions 1 to `last` are there, each the line of its number, once.
  void ExpectLines(int last) {
    EXPECT_EQ(server_->Head(), last);
    const auto changes = testing::ReadChanges(server_->MakeClient());
    ASSERT_TRUE(changes.ok()) << changes.status();
    ASSERT_EQ(changes->size(), static_cast<size_t>(last));
    for (int i = 0; i < last; ++i) {
      const v1::Change& change = (*changes)[static_cast<size_t>(i)];
      EXPECT_EQ(change.revision(), i + 1);
      EXPECT_EQ(change.name(), absl::StrCat("actors/n", i + 1));
      EXPECT_EQ(change.record().actor().display_name(), Title(i + 1));
      EXPECT_EQ(change.previous_revision(), 0);
    }
  }

  std::unique_ptr<ServerProcess> server_;
  testing::TempDir files_;
  const std::string file_ = files_ / "load.jsonl";
};

TEST_F(LoadTest, TruncatedFileIsReportedAndTheWholeOneGoesOn) {
  constexpr int kWhole = 40;
  constexpr int kCut = 25;
  const std::string whole = Lines(1, kWhole);
  testing::WriteFile(file_, Lines(1, kCut) + Line(kCut + 1).substr(0, 20));
  const Ended cut = Load(file_);
  EXPECT_EQ(cut.exit_code, 1);
  EXPECT_EQ(cut.output, absl::StrCat(kCut, " commits, ", kCut, " changes, through line ", kCut,
                                     ", revision ", kCut, "\n"));
  EXPECT_TRUE(absl::StrContains(cut.error, absl::StrCat("line ", kCut + 1))) << cut.error;
  ExpectLines(kCut);

  testing::WriteFile(file_, whole);
  const Ended completed = Load(file_);
  EXPECT_EQ(completed.exit_code, 0) << completed.error;
  EXPECT_TRUE(absl::StrContains(completed.error, absl::StrCat("goes on after line ", kCut)))
      << completed.error;
  EXPECT_EQ(completed.output,
            absl::StrCat(kWhole - kCut, " commits, ", kWhole - kCut, " changes, through line ",
                         kWhole, ", revision ", kWhole, "\n"));
  ExpectLines(kWhole);

  // A third time there is nothing to do.
  const Ended again = Load(file_);
  EXPECT_EQ(again.exit_code, 0) << again.error;
  EXPECT_TRUE(absl::StartsWith(again.output, "0 commits, 0 changes, through line 40"))
      << again.output;
  ExpectLines(kWhole);
}

TEST_F(LoadTest, TheWholeFileTwiceUnderAnotherIdChangesNothing) {
  testing::WriteFile(file_, Lines(1, 10));
  EXPECT_EQ(Load(file_).exit_code, 0);
  Program::Options again = LoadOf(file_);
  again.arguments.push_back("--load_id=another");
  const Ended ended = testing::RunProgram(again);
  EXPECT_EQ(ended.exit_code, 0) << ended.error;
  EXPECT_TRUE(absl::StartsWith(ended.output, "0 commits, 0 changes, through line 10"))
      << ended.output;
  ExpectLines(10);
}

TEST_F(LoadTest, RefusedLineEndsItThere) {
  // Blank lines count, and are skipped.
  const std::string bad = testing::ToJsonLine(Put(MakeActor("bad", "")));
  testing::WriteFile(file_, absl::StrCat(Lines(1, 10), "\n\n", bad, Lines(11, 30)));
  const Ended refused = Load(file_);
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_TRUE(absl::StrContains(refused.error, "line 13")) << refused.error;
  EXPECT_TRUE(absl::StrContains(refused.error, "display_name")) << refused.error;
  EXPECT_TRUE(absl::StrContains(refused.output, "through line 10")) << refused.output;
  ExpectLines(10);
  EXPECT_TRUE(absl::IsNotFound(server_->MakeClient().Get("actors/n11").status()));

  testing::WriteFile(file_, absl::StrCat(Lines(1, 10), "\n\n", Line(11), Lines(12, 30)));
  const Ended corrected = Load(file_);
  EXPECT_EQ(corrected.exit_code, 0) << corrected.error;
  ExpectLines(30);
}

TEST_F(LoadTest, TheSdkNamesTheRefusedLineToo) {
  Loader loader = server_->MakeClient().Load({.load_id = "sdk"});
  ASSERT_TRUE(loader.Start().ok());
  absl::Status status;
  for (int number = 1; number <= 50 && status.ok(); ++number) {
    status = loader.Write(
        number * 10, Put(MakeActor(absl::StrCat("n", number), number == 20 ? "" : Title(number))));
  }
  if (status.ok()) status = loader.Finish().status();
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  EXPECT_EQ(ErrorReason(status), "INVALID_FIELD");
  EXPECT_EQ(ErrorMetadata(status)["line"], "200");
  EXPECT_EQ(ErrorMetadata(status)["durable_line"], "190");
  EXPECT_EQ(loader.progress().durable_line, 190);
  ExpectLines(19);
}

TEST_F(LoadTest, LoadsOfTwoPrincipalsDoNotMeet) {
  for (const char* principal : {"first", "second"}) {
    Loader loader = server_->MakeClient(principal).Load({.load_id = "same"});
    const auto held = loader.Start();
    ASSERT_TRUE(held.ok()) << held.status();
    EXPECT_EQ(*held, 0) << principal;
    ASSERT_TRUE(loader.Write(1, Put(MakeActor(principal, "P"))).ok());
    EXPECT_TRUE(loader.Finish().ok());
  }
  EXPECT_EQ(server_->Head(), 2);
}

// The program is killed with the load half through; a second run completes it.
TEST_F(LoadTest, KilledLoaderGoesOn) {
  constexpr int kLines = 20'000;
  testing::WriteFile(file_, Lines(1, kLines));
  auto first = Program::Start(LoadOf(file_));
  ASSERT_TRUE(first.ok());
  ASSERT_TRUE(testing::Eventually([&] { return server_->Head() >= 500; }));
  (*first)->Signal(SIGKILL);
  EXPECT_EQ((*first)->Wait(absl::Seconds(5)), 128 + SIGKILL);
  const Ended second = Load(file_);
  EXPECT_EQ(second.exit_code, 0) << second.error;
  EXPECT_TRUE(absl::StrContains(second.error, "goes on after line")) << second.error;
  ExpectLines(kLines);
}

// The server is killed under the load, which waits for it and completes.
TEST_F(LoadTest, LoaderOutlivesAKilledServer) {
  constexpr int kLines = 20'000;
  testing::WriteFile(file_, Lines(1, kLines));
  auto loader = Program::Start(LoadOf(file_));
  ASSERT_TRUE(loader.ok());
  for (const int64_t until : {500, 5000}) {
    ASSERT_TRUE(testing::Eventually([&] { return server_->Head() >= until; }))
        << (*loader)->error();
    ASSERT_TRUE((*loader)->running()) << "the load was over before the kill";
    server_->Kill();
    ASSERT_TRUE(server_->Restart().ok());
  }
  EXPECT_EQ((*loader)->Wait(absl::Seconds(60)), 0) << (*loader)->error();
  ExpectLines(kLines);
}

// The server drains under the load, which goes on with the next one.
TEST_F(LoadTest, LoaderOutlivesADrainedServer) {
  constexpr int kLines = 20'000;
  testing::WriteFile(file_, Lines(1, kLines));
  auto loader = Program::Start(LoadOf(file_));
  ASSERT_TRUE(loader.ok());
  for (const int64_t until : {500, 5000}) {
    ASSERT_TRUE(testing::Eventually([&] { return server_->Head() >= until; }))
        << (*loader)->error();
    ASSERT_TRUE((*loader)->running()) << "the load was over before the signal";
    server_->Terminate();
    ASSERT_EQ(server_->Wait(absl::Seconds(10)), 0);
    ASSERT_TRUE(server_->Restart().ok());
  }
  EXPECT_EQ((*loader)->Wait(absl::Seconds(60)), 0) << (*loader)->error();
  ExpectLines(kLines);
}

}  // namespace
}  // namespace communique
