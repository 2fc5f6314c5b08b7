// Forecasts on the data set of the article: one joined row each, and their score.

#include <map>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/struct.pb.h"
#include "gtest/gtest.h"
#include "tests/e2e/cli_fixture.h"
#include "tests/support/records.h"

namespace communique {
namespace {

using google::protobuf::Struct;
using testing::Ended;
using testing::Harms;
using testing::kOk;
using testing::kUsage;
using testing::LinesOf;
using testing::ParseLines;

constexpr char kHankyoreh[] = "statements/hankyoreh-2023-09-12";

class PredictionsTest : public testing::CliTest {
 protected:
  void SetUp() override {
    CliTest::SetUp();
    if (!HasFatalFailure()) LoadArticle();
  }

  // The rows by "statement#id".
  std::map<std::string, Struct> Rows(std::vector<std::string> flags) const {
    flags.insert(flags.begin(), "predictions");
    flags.insert(flags.end(), {"-o", "jsonl"});
    const Ended ended = Run(flags);
    EXPECT_EQ(ended.exit_code, kOk) << ended.error;
    std::map<std::string, Struct> rows;
    for (const Struct& row : ParseLines<Struct>(ended.output)) {
      rows[absl::StrCat(Field(row, "statement"), "#", Field(row, "prediction"))] = row;
    }
    return rows;
  }
  static std::string Field(const Struct& row, const std::string& key) {
    const auto found = row.fields().find(key);
    EXPECT_NE(found, row.fields().end()) << key << " is not there";
    return found == row.fields().end() ? "" : found->second.string_value();
  }

  // Says that the arms deal, on which two speakers differ, did not come.
  void ResolveTheArmsDeal(v1::ResolutionOutcome outcome) {
    auto record = client_->Get(kHankyoreh);
    ASSERT_TRUE(record.ok()) << record.status();
    for (v1::Question& question : *record->mutable_statement()->mutable_questions()) {
      if (question.id() != "q-arms-deal") continue;
      question.mutable_resolution()->set_outcome(outcome);
      question.mutable_resolution()->mutable_known_time()->set_edtf("2023-09-17");
    }
    v1::Record body;
    body.set_name(kHankyoreh);
    *body.mutable_statement() = record->statement();
    Commit(testing::Put(body));
  }
};

TEST_F(PredictionsTest, OneJoinedRowForEach) {
  const auto rows = Rows({});
  EXPECT_EQ(rows.size(), 15u);
  const Struct& own = rows.at("statements/cho-tae-yong-2023-09-11#p-this-year");
  EXPECT_EQ(Field(own, "speaker"), "actors/cho-tae-yong");
  EXPECT_EQ(Field(own, "speaker_name"), "Cho Tae-yong");
  EXPECT_EQ(Field(own, "role"), "national security advisor");
  EXPECT_EQ(Field(own, "question"), "Xi Jinping visits South Korea by the end of 2023.");
  EXPECT_EQ(Field(own, "polarity"), "NEGATIVE");
  EXPECT_EQ(Field(own, "words"), "may not");
  EXPECT_EQ(Field(own, "scale"), "POSSIBLE");
  EXPECT_EQ(Field(own, "outcome"), "");
  EXPECT_EQ(own.fields().at("horizon").struct_value().fields().at("edtf").string_value(),
            "../2023-12-31");

  // Two who answer one question of a third.
  for (const std::string speaker : {"wi-sung-lac", "jeh-sung-hoon"}) {
    const Struct& shared = rows.at(absl::StrCat("statements/", speaker, "-2023-09-12#p-deal"));
    EXPECT_EQ(Field(shared, "question"),
              "North Korea and Russia strike a deal on arms at their second meeting.");
    EXPECT_EQ(Field(shared, "question_target"), absl::StrCat(kHankyoreh, "#q-arms-deal"));
    EXPECT_EQ(shared.fields().at("horizon").struct_value().fields().at("text").string_value(),
              "at the upcoming summit");
  }

  // Nobody is named.
  const Struct& experts = rows.at("statements/experts-2023-09-12#p-watershed");
  EXPECT_EQ(Field(experts, "speaker"), "");
  EXPECT_EQ(Field(experts, "speaker_name"), "Experts");
  EXPECT_EQ(Field(experts, "condition"), "The meeting is held.");

  const Struct& resolved = rows.at("statements/projections-2023-09-12#p-date");
  EXPECT_EQ(Field(resolved, "outcome"), "TRUE");
  EXPECT_EQ(resolved.fields().at("occurred").struct_value().fields().at("edtf").string_value(),
            "2023-09-13");
}

TEST_F(PredictionsTest, OfOneSpeaker) {
  const auto rows = Rows({"--speaker=actors/wi-sung-lac"});
  EXPECT_EQ(rows.size(), 3u);
  for (const auto& [name, row] : rows) EXPECT_EQ(Field(row, "speaker"), "actors/wi-sung-lac");
  EXPECT_TRUE(Rows({"--speaker=actors/never"}).empty());
}

TEST_F(PredictionsTest, ResolvedOnlyAndAsItWasKnown) {
  EXPECT_EQ(Rows({"--resolved"}).size(), 2u);
  // Before the meeting was known to have been held, nothing was.
  EXPECT_EQ(Rows({"--known_at=24"}).size(), 15u);
  EXPECT_TRUE(Rows({"--resolved", "--known_at=24"}).empty());
  EXPECT_TRUE(Rows({"--known_at=15"}).empty());
  // A question is resolved once, and with it every answer.
  ResolveTheArmsDeal(v1::RESOLUTION_OUTCOME_FALSE);
  const auto rows = Rows({"--resolved"});
  EXPECT_EQ(rows.size(), 4u);
  EXPECT_EQ(Field(rows.at("statements/wi-sung-lac-2023-09-12#p-deal"), "outcome"), "FALSE");
  EXPECT_EQ(Field(rows.at("statements/jeh-sung-hoon-2023-09-12#p-deal"), "outcome"), "FALSE");
  EXPECT_EQ(Rows({"--resolved", "--known_at=25"}).size(), 2u);
}

TEST_F(PredictionsTest, AsATable) {
  const Ended table = Run({"predictions", "--speaker=actors/jeh-sung-hoon"});
  EXPECT_EQ(table.exit_code, kOk) << table.error;
  const auto lines = LinesOf(table.output);
  ASSERT_EQ(lines.size(), 4u);
  EXPECT_TRUE(absl::StartsWith(lines[0], "PREDICTION")) << lines[0];
  EXPECT_TRUE(absl::StartsWith(lines[1], "statements/jeh-sung-hoon-2023-09-12#p-deal")) << lines[1];
  EXPECT_TRUE(absl::StrContains(lines[1], "seems low")) << lines[1];
  EXPECT_TRUE(absl::StrContains(lines[1], "unlikely")) << lines[1];
  EXPECT_FALSE(Harms(table.output));
  const Ended none = Run({"predictions", "--known_at=0"});
  EXPECT_EQ(none.exit_code, kOk);
  EXPECT_EQ(none.output, "");
  EXPECT_TRUE(absl::StrContains(none.error, "no predictions")) << none.error;
  EXPECT_EQ(Run({"predictions", "--known_at=0", "-o", "json"}).output, "[]\n");
}

// LIKELY is 0.7857 and UNLIKELY 0.2143 in the shipped table.
TEST_F(PredictionsTest, AreScored) {
  ResolveTheArmsDeal(v1::RESOLUTION_OUTCOME_FALSE);
  const Ended jsonl = Run({"predictions", "--brier=communique-ordinal", "-o", "jsonl"});
  EXPECT_EQ(jsonl.exit_code, kOk) << jsonl.error;
  std::map<std::string, Struct> scores;
  for (const Struct& score : ParseLines<Struct>(jsonl.output)) {
    EXPECT_EQ(Field(score, "table"), "communique-ordinal");
    EXPECT_EQ(score.fields().at("table_version").number_value(), 1);
    scores[Field(score, "of") == "all" ? "all" : Field(score, "speaker")] = score;
  }
  const auto mean = [&](const std::string& of) {
    return scores[of].fields().at("mean_score").number_value();
  };
  const auto count = [&](const std::string& of) {
    return scores[of].fields().at("count").number_value();
  };
  EXPECT_NEAR(mean("actors/wi-sung-lac"), 0.7857 * 0.7857, 1e-6);
  EXPECT_NEAR(mean("actors/jeh-sung-hoon"), 0.2143 * 0.2143, 1e-6);
  EXPECT_NEAR(mean("actors/the-hankyoreh"), 0.7857 * 0.7857, 1e-6);  // "headed to" Vladivostok
  EXPECT_NEAR(mean("all"), (2 * 0.7857 * 0.7857 + 0.2143 * 0.2143) / 3, 1e-6);
  EXPECT_EQ(count("all"), 3);
  EXPECT_EQ(count("actors/cho-tae-yong"), 0);
  EXPECT_TRUE(scores["actors/cho-tae-yong"].fields().at("mean_score").has_null_value());
  const auto& left_out = scores["all"].fields().at("left_out").struct_value().fields();
  EXPECT_EQ(left_out.at("open").number_value(), 11);
  EXPECT_EQ(left_out.at("no_number").number_value(), 1);  // the projections, which gave no scale

  const Ended table = Run({"predictions", "--brier=communique-ordinal"});
  EXPECT_EQ(LinesOf(table.output)[0], "table: communique-ordinal version: 1");
  EXPECT_TRUE(absl::StartsWith(LinesOf(table.output).back(), "all ")) << table.output;
}

TEST_F(PredictionsTest, AreScoredWithATableOfOnesOwn) {
  const std::string path = files_ / "desk.txt";
  testing::WriteFile(path,
                     "# Ours.\ntable: desk version: 3\nwords \"PROJECTIONS\" 0.5\n"
                     "scale LIKELY 1\n");
  const Ended table = Run({"predictions", "--resolved", "--brier=" + path});
  EXPECT_EQ(table.exit_code, kOk) << table.error;
  const auto lines = LinesOf(table.output);
  EXPECT_EQ(lines[0], "table: desk version: 3");
  EXPECT_TRUE(absl::StrContains(lines.back(), "0.6250")) << lines.back();  // (0.25 + 1) / 2
  // What the table says nothing about is left out.
  testing::WriteFile(path, "table: desk version: 4\n");
  const Ended nothing = Run({"predictions", "--resolved", "--brier=" + path});
  EXPECT_TRUE(absl::EndsWith(LinesOf(nothing.output).back(), "2 no number")) << nothing.output;

  testing::WriteFile(path, "table: desk version: 3\n\nscale LIKELY 70%\n");
  const Ended malformed = Run({"predictions", "--brier=" + path});
  EXPECT_EQ(malformed.exit_code, kUsage);
  EXPECT_EQ(malformed.output, "");
  EXPECT_TRUE(absl::StrContains(malformed.error, "desk.txt: line 3: ")) << malformed.error;
}

}  // namespace
}  // namespace communique
