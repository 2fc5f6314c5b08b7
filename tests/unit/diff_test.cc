// What a change did: which paths, and which kinds.
#include "service/domain/diff.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

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

// --- Values ------------------------------------------------------------------------

// "title: "a" -> "b"" a line; an empty `before` or `after` is none.
template <typename Body>
std::vector<std::string> Values(const std::optional<std::string>& before,
                                const std::optional<std::string>& after,
                                size_t limit = base::kMaxChangedPaths) {
  const auto old_body = Text<Body>(before.value_or("")), new_body = Text<Body>(after.value_or(""));
  std::vector<std::string> lines;
  for (const auto& difference : Differences(before ? &old_body : nullptr,
                                            after ? &new_body : nullptr, limit)) {
    lines.push_back(absl::StrCat(difference.path(), ": ", difference.old_json(), " -> ",
                                 difference.new_json()));
  }
  return lines;
}

TEST(DifferencesTest, ScalarsInJson) {
  EXPECT_THAT(Values<v1::Summit>("title: 'a \\'b\\' \"c\"\\n' state: SUMMIT_STATE_REPORTED",
                                 "title: '평양' type: SUMMIT_TYPE_VISIT"),
              ElementsAre(R"(title: "a 'b' \"c\"\n" -> "평양")", R"(type:  -> "SUMMIT_TYPE_VISIT")",
                          R"(state: "SUMMIT_STATE_REPORTED" -> )"));
  EXPECT_THAT(Values<v1::Statement>("", "translated: true"), ElementsAre("translated:  -> true"));
  EXPECT_THAT(Values<v1::Source>("list_version { entry_count: 5 }",
                                 "list_version { entry_count: 9007199254740993 }"),
              ElementsAre(R"(list_version.entry_count: "5" -> "9007199254740993")"));
  EXPECT_THAT(Values<v1::Summit>("series { number: -1 }", "series { number: 2 }"),
              ElementsAre("series.number: -1 -> 2"));
  EXPECT_THAT(
      Values<v1::Actor>("relations { id: 'r' share_percent: 0.5 }", "relations { id: 'r' }"),
      ElementsAre("relations[r].share_percent: 0.5 -> "));
}

TEST(DifferencesTest, MessagesAreObjects) {
  EXPECT_THAT(
      Values<v1::Summit>("time { edtf: '2023' earliest_begin_time { seconds: 0 } }",
                         "time { edtf: '2024' part_of_day: PART_OF_DAY_NOON } series {}"),
      ElementsAre(R"(time: {"edtf":"2023","earliest_begin_time":"1970-01-01T00:00:00Z"} -> )"
                  R"({"edtf":"2024","part_of_day":"PART_OF_DAY_NOON"})",
                  "series:  -> {}"));
  EXPECT_THAT(Values<v1::Sanction>("regime {}", "measure { sector: 'x' }"),
              ElementsAre("regime: {} -> ", R"(measure:  -> {"sector":"x"})"));
}

TEST(DifferencesTest, ListsAreArraysAndTheirElementsObjects) {
  EXPECT_THAT(Values<v1::Sanction>("regime { aliases: 'a' }", "regime { aliases: ['b', 'c'] }"),
              ElementsAre(R"(regime.aliases: ["a"] -> ["b","c"])"));
  EXPECT_THAT(Values<v1::Sanction>("regime { aliases: 'a' }", "regime {}"),
              ElementsAre(R"(regime.aliases: ["a"] -> )"));
  EXPECT_THAT(
      Values<v1::Actor>("positions { id: 'p1' title: 'x' } positions { id: 'p2' title: ']' }",
                        "positions { id: 'p2' title: '}' } positions { id: 'p3' title: 'z' }"),
      ElementsAre(R"(positions[p2].title: "]" -> "}")",
                  R"(positions[p3]:  -> {"id":"p3","title":"z"})",
                  R"(positions[p1]: {"id":"p1","title":"x"} -> )"));
  EXPECT_THAT(Values<v1::Actor>("positions { id: 'a' } positions { id: 'b' title: 'y' }",
                                "positions { id: 'a' }"),
              ElementsAre(R"(positions[b]: {"id":"b","title":"y"} -> )"));
  EXPECT_THAT(Values<v1::Actor>("names { id: 'a' } names { id: 'b' }",
                                "names { id: 'b' } names { id: 'a' }"),
              ElementsAre(R"(names: [{"id":"a"},{"id":"b"}] -> [{"id":"b"},{"id":"a"}])"));
}

TEST(DifferencesTest, ComingAndGoingNameTopLevelFields) {
  const std::string body = "title: 'a' place { path: 'RU' } agenda { id: 'x' } agenda { id: 'y' }";
  EXPECT_THAT(Values<v1::Summit>(std::nullopt, body),
              ElementsAre(R"(title:  -> "a")", R"(place:  -> {"path":"RU"})",
                          R"(agenda:  -> [{"id":"x"},{"id":"y"}])"));
  EXPECT_THAT(Values<v1::Summit>(body, std::nullopt),
              ElementsAre(R"(title: "a" -> )", R"(place: {"path":"RU"} -> )",
                          R"(agenda: [{"id":"x"},{"id":"y"}] -> )"));
  EXPECT_THAT(Values<v1::Summit>(std::nullopt, std::nullopt), IsEmpty());
}

TEST(DifferencesTest, BeyondTheLimitTopLevelFieldsAreNamed) {
  EXPECT_THAT(Values<v1::Actor>("gender: 'm'",
                                "names { id: 'a' } names { id: 'b' } end_time {} gender: 'f'", 2),
              ElementsAre(R"(names:  -> [{"id":"a"},{"id":"b"}])", "end_time:  -> {}",
                          R"(gender: "m" -> "f")"));
}

TEST(DifferencesTest, ThePathsAreThoseOfTheChange) {
  for (const auto& [before, after] :
       {std::pair("title: 'a'", "title: 'b' place {}"),
        std::pair("agenda { id: 'a' } evidences {}", "agenda { id: 'a' text: 'x' }"),
        std::pair("itineraries { id: 'k' legs { id: 'a' } }",
                  "itineraries { id: 'k' legs { id: 'b' } legs {} }")}) {
    const auto old_body = Text<v1::Summit>(before), new_body = Text<v1::Summit>(after);
    std::vector<std::string> paths;
    for (const auto& difference : Differences(&old_body, &new_body, 100)) {
      paths.push_back(difference.path());
    }
    EXPECT_EQ(paths, ChangedPaths(old_body, new_body, 100));
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
