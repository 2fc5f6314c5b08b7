// Tables of numbers for words of likelihood, and the score made with them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "cli/brier.h"
#include "tests/support/temp_dir.h"

namespace communique::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

constexpr char kTable[] =
    "# What the desk means.\n"
    "\n"
    "  table: desk-2.a version: 12  \r\n"
    "scale LIKELY 0.75\n"
    "scale\tEVEN\t.5\n"
    "words \"Very  High\" 0.9\n"
    "words \"so-called \"sure\"\" 1\n"
    "words \"never\" 0\n";

TEST(BrierTableTest, IsParsed) {
  const auto table = BrierTable::Parse(kTable);
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_EQ(table->name(), "desk-2.a");
  EXPECT_EQ(table->version(), 12);
  EXPECT_EQ(table->Probability("", v1::LIKELIHOOD_LIKELY), 0.75);
  EXPECT_EQ(table->Probability("", v1::LIKELIHOOD_EVEN), 0.5);
  EXPECT_EQ(table->Probability("never", v1::LIKELIHOOD_UNSPECIFIED), 0);
  EXPECT_EQ(table->Probability("so-called \"SURE\"", v1::LIKELIHOOD_UNSPECIFIED), 1);
  // Words win over the scale, whatever their case and the space around them.
  EXPECT_EQ(table->Probability(" very  HIGH ", v1::LIKELIHOOD_LIKELY), 0.9);
  // Other words fall back on it.
  EXPECT_EQ(table->Probability("very high", v1::LIKELIHOOD_LIKELY), 0.75);
  EXPECT_EQ(table->Probability("very high", v1::LIKELIHOOD_REMOTE), std::nullopt);
  EXPECT_EQ(table->Probability("", v1::LIKELIHOOD_UNSPECIFIED), std::nullopt);
}

TEST(BrierTableTest, WhatIsWrongIsToldWithItsLine) {
  struct Case {
    std::string text;
    std::string message;
  };
  const std::string head = "table: t version: 1\n";
  const std::vector<Case> cases = {
      {"", "line 1: the table has no"},
      {"# nothing\n# at all\n", "line 3: the table has no"},
      {"scale LIKELY 0.7\n", "line 1: a table begins with"},
      {"table: t\n", "line 1: a table begins with"},
      {"\n\ntable: t version: 0\n", "line 3: a table begins with"},
      {"table: t version: 1.5\n", "line 1: a table begins with"},
      {"table: a/b version: 1\n", "line 1: a table begins with"},
      {"table: t version: 1 x\n", "line 1: a table begins with"},
      {head + "scale LIKELY 1.01\n", "line 2: \"1.01\" is not a number from 0 to 1"},
      {head + "scale LIKELY -0.1\n", "line 2: \"-0.1\" is not"},
      {head + "scale LIKELY nan\n", "line 2: \"nan\" is not"},
      {head + "scale LIKELY inf\n", "line 2: \"inf\" is not"},
      {head + "scale LIKELY 70%\n", "line 2: \"70%\" is not"},
      {head + "scale LIKELY\n", "line 2: an entry is"},
      {head + "scale LIKELY 0.5 0.6\n", "line 2: an entry is"},
      {head + "scale PROBABLE 0.5\n", "line 2: there is no likelihood \"PROBABLE\""},
      {head + "scale UNSPECIFIED 0.5\n", "line 2: there is no likelihood"},
      {head + "scale LIKELIHOOD_LIKELY 0.5\n", "line 2: there is no likelihood"},
      {head + "scale EVEN 0.5\n\nscale EVEN 0.5\n", "line 4: EVEN is given twice"},
      {head + "words \"high\" 0.8\nwords \"HIGH\" 0.8\n", "line 3: \"high\" is given twice"},
      {head + "words high 0.8\n", "line 2: an entry is"},
      {head + "words \"high\n", "line 2: an entry is"},
      {head + "words \" \" 0.8\n", "line 2: words are empty"},
      {head + "words \"\" 0.8\n", "line 2: an entry is"},
      {head + "words \"high\"\n", "line 2: \"\" is not a number"},
      {head + "words \"high\" x\n", "line 2: \"x\" is not a number"},
      {head + "wordsy \"high\" 0.8\n", "line 2: an entry is"},
      {head + "table: u version: 1\n", "line 2: an entry is"},
      {head + "\x1b[2J\n", "line 2: an entry is"},
  };
  for (const Case& c : cases) {
    const auto table = BrierTable::Parse(c.text);
    ASSERT_TRUE(absl::IsInvalidArgument(table.status())) << c.text;
    EXPECT_TRUE(absl::StartsWith(table.status().message(), c.message))
        << c.text << "\n" << table.status();
    EXPECT_FALSE(absl::StrContains(table.status().message(), "\x1b"));
  }
}

TEST(BrierTableTest, TheShippedOneHoldsTheMiddlesOfSevenParts) {
  const auto table = FindBrierTable("communique-ordinal");
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_EQ(table->version(), 1);
  for (int step = v1::LIKELIHOOD_REMOTE; step <= v1::LIKELIHOOD_ALMOST_CERTAIN; ++step) {
    const auto number = table->Probability("", static_cast<v1::Likelihood>(step));
    ASSERT_TRUE(number.has_value()) << step;
    EXPECT_NEAR(*number, (2 * step - 1) / 14.0, 0.00005) << step;
  }
}

TEST(BrierTableTest, AFileIsFoundByItsPath) {
  testing::TempDir directory;
  const std::string path = directory / "desk.txt";
  std::ofstream(path) << kTable;
  const auto table = FindBrierTable(path);
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_EQ(table->name(), "desk-2.a");

  std::ofstream(path) << "table: t version: 1\nscale LIKELY 2\n";
  const auto malformed = FindBrierTable(path);
  EXPECT_TRUE(absl::StrContains(malformed.status().message(), "desk.txt: line 2: "))
      << malformed.status();
  std::ofstream(path) << "table: t version: 1\n" << std::string(1 << 20, '#');
  EXPECT_TRUE(absl::StrContains(FindBrierTable(path).status().message(), "at most 1 MiB"));
  // A name that nothing has, and a folder.
  for (const std::string& name : {directory / "none", directory / ""}) {
    EXPECT_TRUE(absl::StrContains(FindBrierTable(name).status().message(), "neither the table"))
        << FindBrierTable(name).status();
  }
}

PredictionRow Row(const std::string& speaker, v1::Likelihood scale, v1::ResolutionOutcome outcome,
                  v1::Polarity polarity = v1::POLARITY_POSITIVE) {
  PredictionRow row;
  row.speaker = speaker;
  row.scale = scale;
  row.outcome = outcome;
  row.polarity = polarity;
  return row;
}

class BrierScoreTest : public ::testing::Test {
 protected:
  const BrierTable table_ = *BrierTable::Parse("table: t version: 1\nscale LIKELY 0.75\n"
                                               "scale REMOTE 0.25\nwords \"sure\" 1\n");
};

TEST_F(BrierScoreTest, IsTheSquaredDistanceToWhatHappened) {
  struct Case {
    v1::Likelihood scale;
    v1::Polarity polarity;
    v1::ResolutionOutcome outcome;
    double score;
  };
  using enum v1::Likelihood;
  const std::vector<Case> cases = {
      {LIKELIHOOD_LIKELY, v1::POLARITY_POSITIVE, v1::RESOLUTION_OUTCOME_TRUE, 0.0625},
      {LIKELIHOOD_LIKELY, v1::POLARITY_POSITIVE, v1::RESOLUTION_OUTCOME_FALSE, 0.5625},
      {LIKELIHOOD_LIKELY, v1::POLARITY_UNSPECIFIED, v1::RESOLUTION_OUTCOME_TRUE, 0.0625},
      // "Likely not": right when the proposition is false.
      {LIKELIHOOD_LIKELY, v1::POLARITY_NEGATIVE, v1::RESOLUTION_OUTCOME_FALSE, 0.0625},
      {LIKELIHOOD_LIKELY, v1::POLARITY_NEGATIVE, v1::RESOLUTION_OUTCOME_TRUE, 0.5625},
      {LIKELIHOOD_REMOTE, v1::POLARITY_POSITIVE, v1::RESOLUTION_OUTCOME_FALSE, 0.0625},
  };
  for (const Case& c : cases) {
    const BrierScores scores = ScoreOf({Row("actors/a", c.scale, c.outcome, c.polarity)}, table_);
    ASSERT_EQ(scores.all.count, 1);
    EXPECT_DOUBLE_EQ(*scores.all.mean(), c.score)
        << c.scale << " " << c.polarity << " " << c.outcome;
  }
}

TEST_F(BrierScoreTest, IsAMeanForEachSpeakerAndForAll) {
  PredictionRow sure = Row("actors/b", v1::LIKELIHOOD_REMOTE, v1::RESOLUTION_OUTCOME_TRUE);
  sure.words = "Sure";  // 1, whatever the scale says
  sure.speaker_name = "B";
  const BrierScores scores =
      ScoreOf({sure, Row("actors/a", v1::LIKELIHOOD_LIKELY, v1::RESOLUTION_OUTCOME_TRUE),
               Row("actors/a", v1::LIKELIHOOD_LIKELY, v1::RESOLUTION_OUTCOME_FALSE)},
              table_);
  ASSERT_EQ(scores.speakers.size(), 2u);
  EXPECT_EQ(scores.speakers[0].speaker, "actors/a");
  EXPECT_EQ(scores.speakers[0].count, 2);
  EXPECT_DOUBLE_EQ(*scores.speakers[0].mean(), 0.3125);
  EXPECT_EQ(scores.speakers[1].speaker_name, "B");
  EXPECT_DOUBLE_EQ(*scores.speakers[1].mean(), 0);
  EXPECT_EQ(scores.all.count, 3);
  EXPECT_DOUBLE_EQ(*scores.all.mean(), 0.625 / 3);
}

TEST_F(BrierScoreTest, WhatSaysNeitherYesNorNoIsLeftOutAndCounted) {
  std::vector<PredictionRow> rows = {
      Row("actors/a", v1::LIKELIHOOD_EVEN, v1::RESOLUTION_OUTCOME_TRUE),
      Row("actors/a", v1::LIKELIHOOD_UNSPECIFIED, v1::RESOLUTION_OUTCOME_FALSE)};
  for (const auto outcome :
       {v1::RESOLUTION_OUTCOME_UNSPECIFIED, v1::RESOLUTION_OUTCOME_PARTLY,
        v1::RESOLUTION_OUTCOME_AMBIGUOUS, v1::RESOLUTION_OUTCOME_VOID,
        v1::RESOLUTION_OUTCOME_UNRESOLVABLE}) {
    rows.push_back(Row("actors/a", v1::LIKELIHOOD_LIKELY, outcome));
  }
  const BrierScores scores = ScoreOf(rows, table_);
  EXPECT_EQ(scores.all.count, 0);
  EXPECT_EQ(scores.all.mean(), std::nullopt);
  EXPECT_THAT(scores.all.left_out,
              ElementsAre(Pair("ambiguous", 1), Pair("no number", 2), Pair("open", 1),
                          Pair("partly", 1), Pair("unresolvable", 1), Pair("void", 1)));
}

TEST_F(BrierScoreTest, WhoeverHasNoRecordIsToldApartByWords) {
  PredictionRow experts = Row("", v1::LIKELIHOOD_LIKELY, v1::RESOLUTION_OUTCOME_TRUE);
  experts.speaker_name = "experts";
  PredictionRow officials = experts;
  officials.speaker_name = "officials";
  EXPECT_EQ(ScoreOf({experts, officials, experts}, table_).speakers.size(), 2u);
}

}  // namespace
}  // namespace communique::cli
