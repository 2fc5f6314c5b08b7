// Names and qualifiers put together (service/screening/match_score.h).

#include "service/screening/match_score.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/unit/text_proto.h"

namespace communique::screening {
namespace {

using ::testing::ElementsAre;

v1::ScreenQuery Query(const std::string& text) {
  return communique::testing::Text<v1::ScreenQuery>(text);
}

v1::Actor Target(const std::string& text) { return communique::testing::Text<v1::Actor>(text); }

MatchScore Score(double name, const std::string& query, const std::string& target,
                 v1::NameQuality quality = v1::NAME_QUALITY_STRONG) {
  return ScoreMatch({.score = name}, quality, QualifiersOf(Query(query)),
                    QualifiersOf(Target(target), ""));
}

std::vector<std::string> Features(const MatchScore& match) {
  std::vector<std::string> names;
  for (const v1::ScoreFeature& feature : match.features) names.push_back(feature.feature());
  return names;
}

constexpr char kBorn[] = R"(births { time { edtf: "1970-03-05" } })";

TEST(MatchScoreTest, WithoutQualifiersTheNameIsTheScore) {
  const MatchScore match = Score(0.9, "", "");
  EXPECT_DOUBLE_EQ(match.score, 0.9);
  EXPECT_THAT(Features(match), ElementsAre("name"));
}

TEST(MatchScoreTest, ContributionsAddUpToTheScore) {
  const MatchScore match =
      Score(0.9, R"(birth_date: "1990-01-01" region_codes: "sy" gender: "male")",
            std::string(kBorn) + R"(region_code: "IQ" gender: "Female")", v1::NAME_QUALITY_WEAK);
  EXPECT_THAT(Features(match), ElementsAre("name", "weak_name", "birth_date", "region", "gender"));
  double sum = 0;
  for (const v1::ScoreFeature& feature : match.features) {
    sum += feature.contribution();
    EXPECT_FALSE(feature.explanation().empty());
  }
  EXPECT_NEAR(sum, match.score, 1e-9);
}

TEST(MatchScoreTest, TheFurtherBirthsAreApartTheLessItIsAMatch) {
  double before = 1;
  for (const char* born :
       {"1970-03-05", "1970", "1970-09-01", "1972", "1975-01-01", "1990-01-01"}) {
    const double score = Score(0.9, std::string("birth_date: \"") + born + "\"", kBorn).score;
    EXPECT_LT(score, before) << born;
    before = score;
  }
  EXPECT_LT(before, kPossibleThreshold);
}

TEST(MatchScoreTest, FuzzyBirthsAgreeWhereTheyMayBeOne) {
  for (const char* known : {"1970~", "[1965..1975]", "197X", "1969/1971", "[1950,1970-03]"}) {
    const std::string target = std::string("births { time { edtf: \"") + known + "\" } }";
    EXPECT_GT(Score(0.9, R"(birth_date: "1970-03-05")", target).score, 0.9) << known;
    EXPECT_LT(Score(0.9, R"(birth_date: "1999-03-05")", target).score, 0.9) << known;
  }
}

TEST(MatchScoreTest, OneAccountOfTheBirthIsEnough) {
  EXPECT_GT(Score(0.9, R"(birth_date: "1970-03-05")",
                  R"(births { time { edtf: "1944" } } births { time { edtf: "1970-03-05" } })")
                .score,
            0.9);
}

TEST(MatchScoreTest, AnotherAliasesOwnBirthDoesNotCount) {
  const v1::Actor actor =
      Target(R"(births { time { edtf: "1944" } name_id: "n1" } births { time { edtf: "1970" } })");
  EXPECT_EQ(QualifiersOf(actor, "n1").births.size(), 2u);
  EXPECT_EQ(QualifiersOf(actor, "n2").births.size(), 1u);
}

TEST(MatchScoreTest, RegionGenderAndTypeMoveIt) {
  const auto moved = [](const char* query, const char* target) {
    return Score(0.9, query, target).score - 0.9;
  };
  EXPECT_GT(moved(R"(region_codes: "SY")", R"(nationalities { region_code: "SY" })"), 0);
  EXPECT_LT(moved(R"(region_codes: "SY")", R"(nationalities { region_code: "IQ" })"), 0);
  EXPECT_EQ(moved(R"(region_codes: "SY")", ""), 0);
  EXPECT_LT(moved(R"(gender: "female")", R"(gender: "Male")"), 0);
  EXPECT_EQ(moved(R"(gender: "female")", R"(gender: "unknown")"), 0);
  EXPECT_LT(moved("type: ACTOR_TYPE_PERSON", "type: ACTOR_TYPE_VESSEL"), 0);
  EXPECT_EQ(moved("type: ACTOR_TYPE_ORGANIZATION", "type: ACTOR_TYPE_GOVERNMENT"), 0);
}

TEST(MatchScoreTest, AnIdentifierDecides) {
  const char* target = R"(identifiers { type: "passport" value: "AB 123-456" })";
  EXPECT_GE(Score(0.5, R"(identifiers { value: "ab123456" })", target).score, kMatchThreshold);
  EXPECT_GE(Score(0.5, R"(identifiers { type: "passport" value: "AB123456" })", target).score,
            kMatchThreshold);
  EXPECT_GE(Score(0.5, R"(identifiers { type: "Passport" value: "AB123456" })", target).score,
            kMatchThreshold);
  EXPECT_LT(Score(0.5, R"(identifiers { type: "tax-id" value: "AB123456" })", target).score,
            kPossibleThreshold);
  EXPECT_LT(Score(0.5, R"(identifiers { value: "AB123457" })", target).score, kPossibleThreshold);
}

TEST(MatchScoreTest, WhatSpeaksForItLeadsNeverBeyondOne) {
  const MatchScore match = Score(1, R"(birth_date: "1970-03-05" region_codes: "SY")",
                                 std::string(kBorn) + R"(region_code: "SY")");
  EXPECT_DOUBLE_EQ(match.score, 1);
}

TEST(MatchScoreTest, ThresholdsDecide) {
  EXPECT_EQ(Decide(0.8, 0.8, 0.6), v1::SCREEN_DECISION_MATCH);
  EXPECT_EQ(Decide(0.79, 0.8, 0.6), v1::SCREEN_DECISION_POSSIBLE);
  EXPECT_EQ(Decide(0.6, 0.8, 0.6), v1::SCREEN_DECISION_POSSIBLE);
  EXPECT_EQ(Decide(0.59, 0.8, 0.6), v1::SCREEN_DECISION_NO_MATCH);
}

}  // namespace
}  // namespace communique::screening
