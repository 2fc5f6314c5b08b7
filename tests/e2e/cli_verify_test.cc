// The program checks claims, and tells how current the lists are.

#include <string>

#include "absl/strings/match.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/e2e/cli_fixture.h"

namespace communique {
namespace {

using testing::CliTest;
using testing::Ended;
using ::testing::HasSubstr;
using testing::kFailure;
using testing::kNotFound;
using testing::kOk;
using testing::kUsage;
using testing::LinesOf;
using testing::ParseLines;

TEST_F(CliTest, VerifyTellsTheVerdictAndItsRows) {
  LoadArticle();
  const std::string claim = "--claim=statements/hankyoreh-2023-09-12#c-";
  const Ended contradicted = Run({"verify", claim + "ru-un-sanctions"});
  EXPECT_EQ(contradicted.exit_code, kOk) << contradicted.error;
  const auto lines = LinesOf(contradicted.output);
  ASSERT_GE(lines.size(), 5u) << contradicted.output;
  EXPECT_TRUE(absl::StartsWith(lines[0],
                               "CONTRADICTED  statements/hankyoreh-2023-09-12#c-ru-un-"
                               "sanctions: No listing and no measure of "))
      << lines[0];
  EXPECT_EQ(lines[1],
            "asked: actors/russia, by actors/un-security-council, as of 2023-09-12, as known at "
            "revision 25");
  EXPECT_TRUE(absl::StartsWith(lines[3], "HOLDS")) << lines[3];
  EXPECT_THAT(lines[4], HasSubstr("sources/un-sc-sanctions-regimes-2023-09-12#cov-states"));

  const Ended supported =
      Run({"verify", "--target=actors/north-korea", "--authority=actors/un-security-council",
           "--regime=sanctions/un-1718", "--as_of=2023-09-12", "-o", "json"});
  EXPECT_EQ(supported.exit_code, kOk) << supported.error;
  EXPECT_THAT(supported.output, HasSubstr("\"CLAIM_VERDICT_SUPPORTED\""));

  // Any verdict is an answer; as known before there was anything to know.
  const Ended early =
      Run({"verify", "--target=actors/north-korea", "--authority=actors/un-security-council",
           "--as_of=2005-01-01", "-o", "jsonl"});
  EXPECT_EQ(early.exit_code, kOk) << early.error;
  EXPECT_EQ(ParseLines<v1::VerifyClaimResponse>(early.output)[0].verdict(),
            v1::CLAIM_VERDICT_NOT_COVERED);
  EXPECT_EQ(Run({"verify", "--target=actors/north-korea", "--authority=actors/un-security-council",
                 "--known_at=0"})
                .exit_code,
            kNotFound);
  const Ended west = Run({"verify", claim + "west-sanctions"});
  EXPECT_EQ(west.exit_code, kFailure);
  EXPECT_THAT(west.error, HasSubstr("only words: \"the West\""));
}

TEST_F(CliTest, VerifyNeedsAQuestion) {
  for (const std::vector<std::string>& wrong : std::vector<std::vector<std::string>>{
           {"verify"},
           {"verify", "--target=actors/a"},
           {"verify", "--authority=actors/a"},
           {"verify", "--target=actor/a", "--authority=actors/b"},
           {"verify", "--claim=statements/a#b", "--target=actors/a"},
           {"verify", "--target=actors/a", "--authority=actors/b", "--valid_at=2020-01-01"},
           {"verify", "--target=actors/a", "--authority=actors/b", "--known_at=yesterday"}}) {
    EXPECT_EQ(Run(wrong).exit_code, kUsage) << wrong.back();
  }
  EXPECT_EQ(Run({"verify", "--target=actors/a", "--authority=actors/b", "--as_of=today"}).exit_code,
            kFailure);
}

TEST_F(CliTest, StatusShowsTheLists) {
  EXPECT_FALSE(absl::StrContains(Run({"status"}).output, "LIST"));
  LoadArticle();
  const Ended table = Run({"status"});
  EXPECT_EQ(table.exit_code, kOk) << table.error;
  const auto lines = LinesOf(table.output);
  ASSERT_GE(lines.size(), 3u);
  EXPECT_TRUE(absl::StartsWith(lines[lines.size() - 2], "LIST ")) << table.output;
  const std::string& row = lines.back();
  EXPECT_TRUE(absl::StartsWith(row,
                               "un-sc-sanctions-regimes  actors/un-security-council  "
                               "2023-09-12  "))
      << row;
  EXPECT_THAT(row, HasSubstr(" days  "));
  EXPECT_THAT(row, HasSubstr("sources/un-sc-sanctions-regimes-2023-09-12"));
  const auto status = ParseLines<v1::GetStatusResponse>(Run({"status", "-o", "jsonl"}).output);
  ASSERT_EQ(status.at(0).lists_size(), 1);
  EXPECT_EQ(status[0].lists(0).list_id(), "un-sc-sanctions-regimes");
}

}  // namespace
}  // namespace communique
