// What a change did: which paths, and which kinds.
#include "service/domain/diff.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_join.h"
#include "service/base/limits.h"
#include "tests/unit/text_proto.h"

namespace communique::domain {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::Text;

template <typename Body>
std::vector<std::string> Paths(const std::string& before, const std::string& after,
                               size_t limit = base::kMaxChangedPaths) {
  return ChangedPaths(Text<Body>(before), Text<Body>(after), limit);
}

// "CREATED LISTED"; an empty `before` is none.
std::string Kinds(const std::string& before, const std::string& after, bool correction = false) {
  const auto old = Text<v1::Record>(before);
  return absl::StrJoin(
      ChangeKinds(before.empty() ? nullptr : &old, Text<v1::Record>(after), correction), " ",
      [](std::string* out, v1::ChangeKind kind) {
        out->append(v1::ChangeKind_Name(kind).substr(12));
      });
}

// --- Paths -------------------------------------------------------------------------

TEST(DiffTest, NothingChanged) {
  EXPECT_THAT(Paths<v1::Summit>("title: 'a' place { path: 'RU' }", "title: 'a' place { path: 'RU' }"),
              IsEmpty());
}

TEST(DiffTest, FieldsAreNamedInTheirOrder) {
  EXPECT_THAT(Paths<v1::Summit>("title: 'a' state: SUMMIT_STATE_REPORTED",
                                "title: 'b' type: SUMMIT_TYPE_VISIT"),
              ElementsAre("title", "type", "state"));
}

TEST(DiffTest, ValuesAreNamedWhole) {
  EXPECT_THAT(Paths<v1::Summit>("time { edtf: '2023' } place { path: 'RU' }",
                                "time { edtf: '2024' } place { path: 'KP' }"),
              ElementsAre("time", "place"));
}

TEST(DiffTest, OtherMessagesAreLookedInto) {
  EXPECT_THAT(Paths<v1::Summit>("series { display_name: 'x' number: 1 }",
                                "series { display_name: 'x' number: 2 }"),
              ElementsAre("series.number"));
  EXPECT_THAT(Paths<v1::Summit>("", "series { number: 2 }"), ElementsAre("series"));
  EXPECT_THAT(Paths<v1::Summit>("series {}", ""), ElementsAre("series"));
}

TEST(DiffTest, ElementsAreNamedByTheirIds) {
  EXPECT_THAT(
      Paths<v1::Summit>("itineraries { id: 'k' legs { id: 'a' manner: 'x' } legs { id: 'b' } }",
                        "itineraries { id: 'k' legs { id: 'a' manner: 'y' } legs { id: 'c' } }"),
      ElementsAre("itineraries[k].legs[a].manner", "itineraries[k].legs[c]",
                  "itineraries[k].legs[b]"));
}

TEST(DiffTest, AnotherOrderIsAChangeOfTheList) {
  EXPECT_THAT(Paths<v1::Actor>("names { id: 'a' } names { id: 'b' }",
                               "names { id: 'b' } names { id: 'a' }"),
              ElementsAre("names"));
}

TEST(DiffTest, ElementsWithoutIdsAreNamedAsTheirList) {
  EXPECT_THAT(Paths<v1::Actor>("names { id: 'a' }", "names { id: 'a' } names { text: 'x' }"),
              ElementsAre("names"));
  EXPECT_THAT(Paths<v1::Sanction>("regime { aliases: 'a' }", "regime { aliases: 'b' }"),
              ElementsAre("regime.aliases"));
}

TEST(DiffTest, ADetailOfAnotherKindIsBoth) {
  EXPECT_THAT(Paths<v1::Sanction>("regime {}", "measure {}"), ElementsAre("regime", "measure"));
}

TEST(DiffTest, BeyondTheLimitTopLevelFieldsAreNamed) {
  std::string few, many;
  for (int i = 0; i < 100; ++i) few += absl::StrCat("names { id: 'n", i, "' } ");
  many = few + "names { id: 'more' }";
  EXPECT_EQ(Paths<v1::Actor>("", few).size(), 100u);
  EXPECT_THAT(Paths<v1::Actor>("gender: 'm'", many + " gender: 'f'"),
              ElementsAre("names", "gender"));
}

TEST(DiffTest, EveryPathThatChangedLeadsSomewhereElse) {
  // Each path is the only one: what lies outside it is the same.
  for (const auto& [before, after] : {std::pair("title: 'a'", "title: ''"),
                                      std::pair("agenda { id: 'a' }", "agenda { id: 'a' text: 'x' }"),
                                      std::pair("evidences { note: 'a' }", "")}) {
    EXPECT_EQ(Paths<v1::Summit>(before, after).size(), 1u) << before;
    EXPECT_EQ(Paths<v1::Summit>(after, before).size(), 1u) << after;
  }
}

// --- Kinds ------------------------------------------------------------------------

TEST(ChangeKindsTest, CreatedAndUpdated) {
  EXPECT_EQ(Kinds("", "actor { display_name: 'a' }"), "CREATED");
  EXPECT_EQ(Kinds("actor { display_name: 'a' }", "actor { display_name: 'b' }"), "UPDATED");
}

TEST(ChangeKindsTest, Status) {
  EXPECT_EQ(Kinds("summit { state: SUMMIT_STATE_REPORTED }", "summit { state: SUMMIT_STATE_HELD }"),
            "UPDATED STATUS_CHANGED");
  EXPECT_EQ(Kinds("summit { state: SUMMIT_STATE_HELD }",
                  "summit { title: 'x' state: SUMMIT_STATE_HELD }"),
            "UPDATED");
  EXPECT_EQ(Kinds("", "summit { state: SUMMIT_STATE_HELD }"), "CREATED");
}

std::string Listed(const std::string& intervals) {
  return "sanction { designation { " + intervals + " } }";
}

TEST(ChangeKindsTest, Listings) {
  const std::string open = "intervals { id: '1' listed_time { text: 'x' } } ";
  const std::string closed =
      "intervals { id: '1' listed_time { text: 'x' } delisted_time { text: 'y' } } ";
  const std::string again = "intervals { id: '2' } ";
  const std::string again_closed = "intervals { id: '2' delisted_time { text: 'z' } } ";
  struct {
    std::string before, after, kinds;
  } cases[] = {
      {"", Listed(open), "CREATED LISTED"},
      {"", Listed(""), "CREATED"},
      {"", Listed(closed), "CREATED LISTED DELISTED"},
      {"", Listed(closed + again), "CREATED LISTED DELISTED RELISTED"},
      {Listed(""), Listed(open), "UPDATED LISTED"},
      {Listed(open), Listed(open + "reason: 'r'"), "UPDATED"},
      {Listed(open), Listed(closed), "UPDATED DELISTED"},
      {Listed(closed), Listed(closed + again), "UPDATED RELISTED"},
      {Listed(open), Listed(closed + again), "UPDATED DELISTED RELISTED"},
      {Listed(closed + again), Listed(closed + again_closed), "UPDATED DELISTED"},
      {Listed(closed), Listed(closed + "reason: 'r'"), "UPDATED"},
      {"sanction { regime {} }", Listed(open), "UPDATED LISTED"},
  };
  for (const auto& test : cases) {
    EXPECT_EQ(Kinds(test.before, test.after), test.kinds) << test.before << " to " << test.after;
  }
}

TEST(ChangeKindsTest, CorrectionsAndRetractions) {
  const std::string standing = "statement { state: STATEMENT_STATE_STANDING }";
  const std::string corrected = "statement { state: STATEMENT_STATE_CORRECTED }";
  const std::string retracted = "statement { state: STATEMENT_STATE_RETRACTED }";
  EXPECT_EQ(Kinds("actor {}", "actor { gender: 'm' }", true), "UPDATED CORRECTED");
  EXPECT_EQ(Kinds(standing, corrected), "UPDATED STATUS_CHANGED CORRECTED");
  EXPECT_EQ(Kinds(standing, corrected, true), "UPDATED STATUS_CHANGED CORRECTED") << "told once";
  EXPECT_EQ(Kinds(corrected, "statement { title: 'x' state: STATEMENT_STATE_CORRECTED }"),
            "UPDATED");
  EXPECT_EQ(Kinds(corrected, retracted), "UPDATED STATUS_CHANGED RETRACTED");
  EXPECT_EQ(Kinds("", retracted), "CREATED RETRACTED");
}

}  // namespace
}  // namespace communique::domain
