// The program's questions: lists with what held and what is referred to, search.

#include <string>

#include "absl/strings/match.h"
#include "gtest/gtest.h"
#include "tests/e2e/cli_fixture.h"
#include "tests/support/records.h"

namespace communique {
namespace {

using testing::CliTest;
using testing::Ended;
using testing::Harms;
using testing::kFailure;
using testing::kOk;
using testing::LinesOf;
using testing::ParseLines;

TEST_F(CliTest, ListTellsWhatHeldAndWhatIsReferredTo) {
  LoadArticle();
  const Ended table = Run({"list", "actors", "--filter=name = \"actors/cho-tae-yong\"",
                           "--valid_at=2023-09-12", "--referenced"});
  EXPECT_EQ(table.exit_code, kOk) << table.error;
  EXPECT_TRUE(absl::StrContains(table.output, "ON 2023-09-12")) << table.output;
  EXPECT_TRUE(absl::StrContains(table.output, "in office (national-security-advisor)"))
      << table.output;
  EXPECT_TRUE(absl::StrContains(table.output, "REFERENCED")) << table.output;
  EXPECT_TRUE(absl::StrContains(table.output, "actors/south-korea")) << table.output;

  const Ended card = Run({"get", "actors/cho-tae-yong", "--valid_at=2023-09-12"});
  EXPECT_TRUE(absl::StrContains(card.output, "in office (national-security-advisor)"))
      << card.output << card.error;

  const Ended jsonl = Run({"list", "actors", "--filter=name = \"actors/cho-tae-yong\"",
                           "--referenced", "-o", "jsonl"});
  const auto lines = LinesOf(jsonl.output);
  ASSERT_GE(lines.size(), 2u) << jsonl.error;
  EXPECT_EQ(ParseLines<v1::Record>(lines[0])[0].name(), "actors/cho-tae-yong");
  EXPECT_TRUE(absl::StartsWith(lines[1], "{\"referenced_name\":{\"name\":")) << lines[1];
}

TEST_F(CliTest, Search) {
  LoadArticle();
  Commit(testing::Put(testing::MakeActor("pyongyang-ko", "평양")));
  for (const std::string text : {"평양", "Pyongyang", "pyongy"}) {
    const Ended found = Run({"search", text, "-o", "jsonl"});
    EXPECT_EQ(found.exit_code, kOk) << found.error;
    const auto results = ParseLines<v1::SearchResult>(found.output);
    ASSERT_FALSE(results.empty()) << text;
    EXPECT_FALSE(results[0].fragments().empty()) << text;
    EXPECT_FALSE(results[0].fragments(0).highlights().empty()) << text;
  }
  // Several words are one search, however they are quoted.
  const Ended words = Run({"search", "kim", "jong", "--kind=actors", "--limit=1"});
  EXPECT_EQ(words.exit_code, kOk) << words.error;
  const auto lines = LinesOf(words.output);
  ASSERT_EQ(lines.size(), 2u) << words.output;
  EXPECT_TRUE(absl::StartsWith(lines[0], "NAME")) << lines[0];
  EXPECT_TRUE(absl::StartsWith(lines[1], "actors/kim-jong-un")) << lines[1];
  EXPECT_FALSE(Harms(words.output));  // No colour where there is no terminal.
  EXPECT_EQ(Run({"search", "kim jong", "--kind=actors", "--limit=1"}).output, words.output);

  const Ended none = Run({"search", "xyzzyplugh"});
  EXPECT_EQ(none.exit_code, kOk);
  EXPECT_EQ(none.output, "");
  EXPECT_TRUE(absl::StrContains(none.error, "nothing was found")) << none.error;
  EXPECT_EQ(Run({"search", "xyzzyplugh", "-o", "json"}).output, "[]\n");
  // Before there was anything, there was nothing to find.
  EXPECT_EQ(Run({"search", "Pyongyang", "--known_at=0", "-o", "jsonl"}).output, "");
  EXPECT_EQ(Run({"search", std::string(2000, 'x')}).exit_code, kFailure);
}

}  // namespace
}  // namespace communique
