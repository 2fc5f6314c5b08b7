// Trimming through the server: what readers, watchers and histories are told
// before and after, also over kills and restarts, and on the command line.

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/e2e/cli_fixture.h"
#include "tests/support/records.h"

namespace communique {
namespace {

using testing::kFailure;
using testing::kOk;
using testing::kUsage;
using testing::LinesOf;
using testing::MakeActor;
using testing::ParseLines;
using testing::Put;
using testing::TitleOf;

// "OUT_OF_RANGE REVISION_EXPIRED oldest 3".
std::string Show(const absl::Status& status) {
  const auto metadata = ErrorMetadata(status);
  const auto oldest = metadata.find("oldest_revision");
  return absl::StrCat(absl::StatusCodeToString(status.code()), " ", ErrorReason(status),
                      oldest == metadata.end() ? "" : absl::StrCat(" oldest ", oldest->second));
}

class TrimTest : public testing::CliTest {
 protected:
  // Versions of actors/a with the titles "1" to `count`, a revision each.
  void Write(int count, int size = 0) {
    for (int i = 1; i <= count; ++i) {
      Commit(Put(MakeActor("a", absl::StrCat(i, std::string(static_cast<size_t>(size), 'x')))));
    }
  }
  std::string GetAt(int64_t revision) const {
    v1::ReadScope scope;
    scope.set_known_revision(revision);
    const auto record = client_->Get("actors/a", {.scope = scope});
    return record.ok() ? TitleOf(*record) : Show(record.status());
  }
  // "revision" of each change, with "*" where it has differences.
  std::vector<std::string> History() const {
    std::vector<std::string> out;
    for (const auto& revision : client_->History("actors/a", {.include_values = true})) {
      EXPECT_TRUE(revision.ok()) << revision.status();
      if (!revision.ok()) break;
      out.push_back(
          absl::StrCat(revision->change.revision(), revision->differences.empty() ? "" : "*"));
    }
    return out;
  }
  // Reads a watch to its end: how many changes, or the error.
  std::string Follow(const v1::WatchRequest& request) const {
    Watch watch = client_->Watch({.request = request});
    int changes = 0;
    while (true) {
      const auto response = watch.Next();
      if (!response.ok()) return Show(response.status());
      if (!response->has_value()) return absl::StrCat(changes, " changes");
      changes += static_cast<int>((*response)->changes().size());
    }
  }
  static v1::WatchRequest From(int64_t revision) {
    v1::WatchRequest request;
    request.set_start_revision(revision);
    request.set_until_head(true);
    return request;
  }
};

TEST_F(TrimTest, ReadsAndHistoriesBeginAtTheOldest) {
  Write(5);
  EXPECT_EQ(GetAt(2), "2");
  const auto oldest = client_->TrimJournal(3);
  ASSERT_TRUE(oldest.ok()) << oldest.status();
  EXPECT_EQ(*oldest, 3);
  EXPECT_EQ(GetAt(2), "OUT_OF_RANGE REVISION_EXPIRED oldest 3");
  EXPECT_EQ(GetAt(3), "3");
  EXPECT_EQ(GetAt(5), "5");
  EXPECT_EQ(TitleOf(*client_->Get("actors/a")), "5");
  EXPECT_EQ(History(), (std::vector<std::string>{"5*", "4*", "3"}));
  EXPECT_EQ(client_->Status()->oldest_revision(), 3);
  EXPECT_EQ(client_->Status()->head_revision(), 6);
}

TEST_F(TrimTest, TokensFromBeforeAreExpired) {
  Write(2);
  v1::WatchRequest request = From(0);
  Watch watch = client_->Watch({.request = request});
  ASSERT_TRUE(watch.Next().ok());
  const std::string token = watch.resume_token();
  Write(2);
  ASSERT_TRUE(client_->TrimJournal(3).ok());
  v1::WatchRequest resumed;
  resumed.set_resume_token(token);
  EXPECT_EQ(Follow(resumed), "OUT_OF_RANGE RESUME_TOKEN_EXPIRED oldest 3");
  EXPECT_EQ(Follow(From(2)), "OUT_OF_RANGE RESUME_TOKEN_EXPIRED oldest 3");
  EXPECT_EQ(Follow(From(3)), "1 changes") << "the trim itself is passed over";
}

// It reads from the journal, and stands still while more is written than its
// connection and the server's window take.
TEST_F(TrimTest, ALaggingWatcherThatATrimOvertakesEndsTyped) {
  constexpr int kRecordBytes = 400'000;
  constexpr int kCommits = 200;  // 80 MB; the window holds 64 MiB
  Write(1);
  Watch watch = client_->Watch({.request = [] {
    v1::WatchRequest request;
    request.set_start_revision(0);
    return request;
  }()});
  ASSERT_TRUE(watch.Next().ok());
  Write(kCommits, kRecordBytes);
  const int64_t oldest = client_->TrimJournal(kCommits).value();
  absl::Status ended;
  while (ended.ok()) ended = watch.Next().status();
  EXPECT_EQ(Show(ended), absl::StrCat("OUT_OF_RANGE RESUME_TOKEN_EXPIRED oldest ", oldest));
}

TEST_F(TrimTest, ATrimOutlivesKillsAndRestarts) {
  Write(50);
  for (int i = 0; i < 3000; i += 500) {
    v1::CommitRequest request;
    for (int n = 0; n < 500; ++n) {
      *request.add_mutations()->mutable_put() = MakeActor(absl::StrCat("n", i + n), "first");
    }
    Commit(request);
    for (v1::Mutation& mutation : *request.mutable_mutations()) {
      *mutation.mutable_put() = MakeActor(mutation.put().name().substr(7), "second");
    }
    Commit(request);
  }
  const int64_t head = server_->Head();
  ASSERT_TRUE(client_->TrimJournal(head).ok());
  std::string hash;
  for (int i = 0; i < 3; ++i) {
    server_->Kill();  // the first time right behind the answer, while it may delete
    ASSERT_TRUE(server_->Restart().ok());
    if (i == 0) hash = client_->Status()->journal_hash();
    EXPECT_EQ(client_->Status()->oldest_revision(), head);
    EXPECT_EQ(client_->Status()->journal_hash(), hash);
    EXPECT_EQ(client_->Status()->head_revision(), head + 1);
    EXPECT_EQ(client_->Status()->record_count(), 3001);
    EXPECT_EQ(GetAt(head - 1), absl::StrCat("OUT_OF_RANGE REVISION_EXPIRED oldest ", head));
    EXPECT_EQ(GetAt(head), "50");
    int listed = 0;
    for (const auto& record :
         client_->List(v1::RECORD_KIND_ACTOR, {.filter = "display_name = second"})) {
      ASSERT_TRUE(record.ok()) << record.status();
      ++listed;
    }
    EXPECT_EQ(listed, 3000);
    EXPECT_EQ(Follow(From(head)), "0 changes");
  }
  Commit(Put(MakeActor("a", "51")));
  EXPECT_EQ(Follow(From(head)), "1 changes");
}

TEST_F(TrimTest, TheCommandPrintsTheOldest) {
  Write(4);
  EXPECT_EQ(Run({"trim"}).exit_code, kUsage);
  EXPECT_EQ(Run({"trim", "--revision=0"}).exit_code, kUsage);
  const auto beyond = Run({"trim", "--revision=9"});
  EXPECT_EQ(beyond.exit_code, kFailure);
  EXPECT_NE(beyond.error.find("REVISION_IN_FUTURE"), std::string::npos) << beyond.error;
  const auto trimmed = Run({"trim", "--revision=3"});
  EXPECT_EQ(trimmed.exit_code, kOk) << trimmed.error;
  EXPECT_EQ(LinesOf(trimmed.output), std::vector<std::string>{"3"});
  const auto again = Run({"trim", "--revision=2", "-o", "jsonl"});
  EXPECT_EQ(again.exit_code, kOk) << again.error;
  const auto answers = ParseLines<v1::TrimJournalResponse>(again.output);
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_EQ(answers[0].oldest_revision(), 3);
  EXPECT_NE(again.error.find("was trimmed before"), std::string::npos) << again.error;
}

TEST(RetentionTest, TooShortARetentionIsRefused) {
  const auto server = testing::ServerProcess::Start({.flags = {"--retention=1s"}});
  ASSERT_FALSE(server.ok());
  EXPECT_NE(std::string(server.status().message()).find("at least 1m"), std::string::npos)
      << server.status();
}

}  // namespace
}  // namespace communique
