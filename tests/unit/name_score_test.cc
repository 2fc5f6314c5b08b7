// Two names scored: which tokens align and how, what is left over, and what must hold
// of every score (service/screening/name_score.h).

#include "service/screening/name_score.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "service/query/name_keys.h"
#include "service/screening/match_score.h"

namespace communique::screening {
namespace {

using query::AnalyzeName;
using query::NameSubject;

NameScore Compare(absl::string_view query, absl::string_view target,
                  NameSubject subject = NameSubject::kPerson) {
  return ScoreNames(AnalyzeName(query, {.subject = subject}),
                    AnalyzeName(target, {.subject = subject}), EvenWeights(), subject);
}

double Score(absl::string_view query, absl::string_view target,
             NameSubject subject = NameSubject::kPerson) {
  return Compare(query, target, subject).score;
}

// "query=name method", for each alignment.
std::vector<std::string> Alignments(absl::string_view query, absl::string_view target,
                                    NameSubject subject = NameSubject::kPerson) {
  std::vector<std::string> alignments;
  for (const Alignment& alignment : Compare(query, target, subject).alignments) {
    alignments.push_back(absl::StrCat(alignment.query_token, "=", alignment.name_token, " ",
                                      NameOf(alignment.method)));
  }
  return alignments;
}

struct Pair {
  const char* query;
  const char* target;
  NameSubject subject = NameSubject::kPerson;
};

TEST(NameScoreTest, OneNameWrittenTwiceIsAMatch) {
  for (const Pair& pair : std::vector<Pair>{
           {"Tariq Mansoor al-Basri", "AL-BASRI, Tariq Mansur"},
           {"Tariq Mansur al-Basri", "طارق منصور البصري"},
           {"Abdulkarim Yousef", "Abd al-Karim Yusuf"},
           {"Nooruddin Saleh", "Nur al-Din Salih"},
           {"Yevgeniy Petrovich Sokolov", "Евгений Петрович СОКОЛОВ"},
           {"Serhiy Bondarenko", "Sergey Bondarenko"},
           {"Ri Myong Su", "Lee Myung-soo"},
           {"Ri Myong Su", "리명수"},
           {"Wang Xiaoming", "王小明"},
           {"Xiaoming Wang", "Wang Xiao Ming"},
           {"Bob Harrington", "Robert Harrington"},
           {"Dr. Helena Vogel", "Helena Vogel"},
           {"HelenaVogel", "Helena Vogel"},
           {"Hel ena Vogel", "Helena Vogel"},
           {"Helena Vogle", "Helena Vogel"},
           {"OOO Polyarnaya Zvezda", "Polyarnaya Zvezda LLC", NameSubject::kOrganization},
           {"Nordwind Aktiengesellschaft", "Nordwind AG", NameSubject::kOrganization},
           {"Brigade Thirty-One", "Brigade 31", NameSubject::kOrganization},
           {"MV Blue Heron 7", "Blue Heron 7", NameSubject::kVessel},
       }) {
    EXPECT_GE(Score(pair.query, pair.target, pair.subject), kMatchThreshold)
        << pair.query << " | " << pair.target;
  }
}

TEST(NameScoreTest, NamesThatDifferInOnePersonsPartAreNoMatch) {
  for (const Pair& pair : std::vector<Pair>{
           {"Karim al-Basri", "Tariq al-Basri"},
           {"Tariq Mansur Salih al-Basri", "Tariq Mansur Salih al-Halabi"},
           {"Sergey Petrovich Orlov", "Sergey Ivanovich Orlov"},
           {"Kim Song Min", "Kim Song Chol"},
           {"Helena Vogel", "Helena Brandt"},
           {"R. Harrington", "Thomas Harrington"},
           {"Brigade 31", "Brigade 32", NameSubject::kOrganization},
           {"Nordwind Shipping", "Nordwind Aviation", NameSubject::kOrganization},
       }) {
    EXPECT_LT(Score(pair.query, pair.target, pair.subject), kMatchThreshold)
        << pair.query << " | " << pair.target;
  }
}

TEST(NameScoreTest, AlignmentsSayHowTokensWereFoundAlike) {
  using ::testing::ElementsAre;
  EXPECT_THAT(Alignments("Helena Vogel", "VOGEL Helena"),
              ElementsAre("helena=helena same", "vogel=vogel same"));
  EXPECT_THAT(Alignments("Helana Fogel", "Helena Vogel"),
              ElementsAre("helana=helena phonetic", "fogel=vogel phonetic"));
  EXPECT_THAT(Alignments("Hexlena Vogel", "Helena Vogel"),
              ElementsAre("hexlena=helena edited", "vogel=vogel same"));
  EXPECT_THAT(Alignments("H. Vogel", "Helena Vogel"),
              ElementsAre("h=helena initial", "vogel=vogel same"));
  EXPECT_THAT(Alignments("Bob Vogel", "Robert Vogel"),
              ElementsAre("bob=robert variant", "vogel=vogel same"));
  EXPECT_THAT(Alignments("Annalena Vogel", "Anna Lena Vogel"),
              ElementsAre("annalena=anna lena joined", "vogel=vogel same"));
  EXPECT_THAT(Alignments("Helena Vogel", "Vogel Brandt"),
              ElementsAre("helena= left over", "vogel=vogel same", "=brandt left over"));
}

TEST(NameScoreTest, TheBestSetOfAlignmentsIsTaken) {
  // Greedy would give "anna" to "anna" and leave "anne" with "annika" alone.
  EXPECT_GT(Score("Anna Anne Vogel", "Anne Anna Vogel"), 0.99);
}

TEST(NameScoreTest, RareTokensCountMore) {
  class Weights : public TokenWeights {
   public:
    double WeightOf(const query::NameToken& token) const override {
      return token.text == "ali" ? kMinTokenWeight : 1;
    }
  };
  const auto score = [](absl::string_view query) {
    return ScoreNames(AnalyzeName(query, {}), AnalyzeName("Ali Zubayri", {}), Weights()).score;
  };
  EXPECT_GT(score("Karim Zubayri"), score("Ali Karimov"));
}

TEST(NameScoreTest, RarityFallsWithHolders) {
  EXPECT_DOUBLE_EQ(RarityWeight(0, 10'000), 1);
  EXPECT_GT(RarityWeight(10, 10'000), RarityWeight(1000, 10'000));
  EXPECT_GE(RarityWeight(10'000, 10'000), kMinTokenWeight);
  EXPECT_DOUBLE_EQ(RarityWeight(5, 0), 1);
}

// ---- What holds of every name.

std::vector<std::string> MadeUpNames() {
  static constexpr const char* kParts[] = {
      "Tariq", "al-Basri", "Mansur", "Petrovich", "Орлов",     "Сергей", "منصور",
      "Vogel", "Helena",   "LLC",    "Kim",       "Song",      "Min",    "小明",
      "42",    "X.",       "Brandt", "Abdullah",  "Nooruddin", "Trading"};
  std::mt19937 random(7);
  std::vector<std::string> names;
  for (int i = 0; i < 120; ++i) {
    std::vector<std::string> parts;
    for (size_t n = 1 + random() % 5; n > 0; --n)
      parts.push_back(kParts[random() % std::size(kParts)]);
    names.push_back(absl::StrJoin(parts, " "));
  }
  return names;
}

TEST(NameScorePropertyTest, TheSameNameScoresOneInAnyOrder) {
  std::mt19937 random(11);
  for (const std::string& name : MadeUpNames()) {
    const query::AnalyzedName analyzed = AnalyzeName(name, {});
    EXPECT_DOUBLE_EQ(ScoreNames(analyzed, analyzed, EvenWeights()).score, 1) << name;
    query::AnalyzedName shuffled = analyzed;
    for (query::NameReading& reading : shuffled.readings) {
      std::shuffle(reading.tokens.begin(), reading.tokens.end(), random);
    }
    EXPECT_DOUBLE_EQ(ScoreNames(analyzed, shuffled, EvenWeights()).score, 1) << name;
  }
}

TEST(NameScorePropertyTest, ScoresAreWithinBoundsAndTheSameHoweverAsked) {
  const std::vector<std::string> names = MadeUpNames();
  for (const std::string& one : names) {
    for (const std::string& other : names) {
      const query::AnalyzedName query = AnalyzeName(one, {});
      const query::AnalyzedName target = AnalyzeName(other, {});
      const NameScore score = ScoreNames(query, target, EvenWeights());
      ASSERT_TRUE(score.score >= 0 && score.score <= 1) << one << " | " << other;
      ASSERT_DOUBLE_EQ(score.score, ScoreOnly(query, target, EvenWeights()))
          << one << " | " << other;
    }
  }
}

TEST(NameScorePropertyTest, WithoutOneOfItsTokensANameScoresNoMore) {
  for (const std::string& name : MadeUpNames()) {
    const query::AnalyzedName whole = AnalyzeName(name, {});
    query::AnalyzedName less = whole;
    if (less.readings.size() != 1 || less.readings[0].tokens.size() < 2) continue;
    double before = 1;
    while (less.readings[0].tokens.size() > 1) {
      less.readings[0].tokens.pop_back();
      const double score = ScoreNames(less, whole, EvenWeights()).score;
      EXPECT_LE(score, before + 1e-9) << name;
      before = score;
    }
  }
}

TEST(NameScorePropertyTest, HostileNamesAreScoredToo) {
  std::string letters;
  std::string alike;
  for (int i = 0; i < 10'000; ++i) {
    absl::StrAppend(&letters, "a ");
    absl::StrAppend(&alike, "annalenah", i % 7, " ");
  }
  for (const std::string& name : {letters, alike, std::string(100'000, 'x')}) {
    const double score = Score(name, name);
    EXPECT_TRUE(score >= 0 && score <= 1);
    EXPECT_FALSE(std::isnan(Score(name, "Helena Vogel")));
    EXPECT_LE(query::CandidateKeys(AnalyzeName(name, {})).size(), query::kMaxNameKeys);
  }
}

// ---- Keys.

bool ShareAKey(absl::string_view one, absl::string_view other) {
  const std::vector<std::string> keys = query::CandidateKeys(AnalyzeName(one, {}));
  for (const std::string& key : query::CandidateKeys(AnalyzeName(other, {}))) {
    if (std::find(keys.begin(), keys.end(), key) != keys.end()) return true;
  }
  return false;
}

TEST(NameKeysTest, NamesThatAreOneShareAKey) {
  for (const Pair& pair : std::vector<Pair>{
           {"Zubayri", "Zubairi"},
           {"Zubayri", "Zubayli"},
           {"Zubayri", "Zubayrti"},
           {"Zubayri", "Zuabyri"},
           {"Zubayri", "زبيري"},
           {"Brandt", "Bradnt"},
           {"Xiaoming", "小明"},
           {"Annalena", "Anna Lena"},
           {"Bob", "Robert"},
           {"Орлов", "Orlov"},
           {"31", "thirty one"},
           {"Ri Myong", "Lee Myung"},
       }) {
    EXPECT_TRUE(ShareAKey(pair.query, pair.target)) << pair.query << " | " << pair.target;
  }
  EXPECT_FALSE(ShareAKey("Helena Vogel", "Tariq Mansur"));
}

TEST(NameKeysTest, AKeyOfATokenIsAmongTheKeysOfItsName) {
  for (const std::string& name : MadeUpNames()) {
    const query::AnalyzedName analyzed = AnalyzeName(name, {});
    const std::vector<std::string> keys = query::CandidateKeys(analyzed);
    EXPECT_THAT(keys, ::testing::Not(::testing::IsEmpty())) << name;
    EXPECT_LE(keys.size(), query::kMaxNameKeys);
  }
}

}  // namespace
}  // namespace communique::screening
