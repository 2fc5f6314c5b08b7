// The functions of the filter language: times, places, references, words, conflicts.
#include "service/query/filter_functions.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "service/query/filter.h"
#include "tests/unit/filter_fixture.h"

namespace communique::query {
namespace {

// --- Times ------------------------------------------------------------------------

// "d" when the summit's time is definitely in the range, "p" when possibly.
std::string InRange(const std::string& time, const std::string& from, const std::string& to) {
  const auto record = Summit("time {" + time + "}");
  const std::string range = absl::StrCat("(time, ", from, ", ", to, ")");
  std::string out = Holds("definitely" + range, record) ? "d" : "";
  if (Holds("possibly" + range, record)) out += "p";
  return out;
}

TEST(FilterTimeTest, ADayInAKnownZone) {
  // Of Moscow: 2023-09-11T21:00:00Z to 2023-09-12T20:59:59Z.
  const std::string time = "edtf: '2023-09-12' time_zones: 'Europe/Moscow'";
  struct {
    const char* from;
    const char* to;
    const char* wanted;
  } cases[] = {
      {"\"2023-09-11\"", "\"2023-09-12\"", "dp"},
      {"\"2023-09-12\"", "\"2023-09-12\"", "p"},  // it begins the evening before
      {"\"2023-09-11T21:00:00Z\"", "\"2023-09-12T20:59:59Z\"", "dp"},
      {"\"2023-09-12T00:00:00+03:00\"", "\"2023-09-12T23:59:59+03:00\"", "dp"},
      {"\"2023-09-11T21:00:01Z\"", "\"2023-09-12T20:59:59Z\"", "p"},
      {"\"2023-09-11T21:00:00.5Z\"", "\"2023-09-12T20:59:59Z\"", "p"},
      {"\"2023-09-11T21:00:00Z\"", "\"2023-09-12T20:59:58Z\"", "p"},
      {"\"2023-09-11T21:00:00Z\"", "\"2023-09-12T20:59:58.9Z\"", "p"},
      {"\"2023-09-12T20:59:59Z\"", "*", "p"},
      {"\"2023-09-12T20:59:59.1Z\"", "*", ""},
      {"\"2023-09-12T21:00:00Z\"", "*", ""},
      {"*", "\"2023-09-11T21:00:00Z\"", "p"},
      {"*", "\"2023-09-11T20:59:59Z\"", ""},
      {"\"*\"", "\"2023-09-12\"", "dp"},
      {"\"2023-09-11\"", "*", "dp"},
      {"*", "*", "dp"},
      {"\"2023-09-13\"", "\"2023-09-14\"", ""},
      {"\"2023-09-01\"", "\"2023-09-10\"", ""},
  };
  for (const auto& test : cases) {
    EXPECT_EQ(InRange(time, test.from, test.to), test.wanted) << test.from << " " << test.to;
  }
}

TEST(FilterTimeTest, AnUnknownZoneWidens) {
  const std::string time = "edtf: '2023-09-12'";  // 09-11T10:00Z to 09-13T11:59:59Z
  EXPECT_EQ(InRange(time, "\"2023-09-12\"", "\"2023-09-12\""), "p");
  EXPECT_EQ(InRange(time, "\"2023-09-11\"", "\"2023-09-13\""), "dp");
  EXPECT_EQ(InRange(time, "\"2023-09-13\"", "\"2023-09-13\""), "p");
  EXPECT_EQ(InRange(time, "\"2023-09-14\"", "\"2023-09-14\""), "");
}

TEST(FilterTimeTest, OpenAndUnknownEndsAreUnbounded) {
  const std::string open = "edtf: '2023-09-12/..' time_zones: 'Z'";
  EXPECT_EQ(InRange(open, "\"2023-09-12\"", "*"), "dp");
  EXPECT_EQ(InRange(open, "\"2023-09-12\"", "\"9999-12-31\""), "p");
  EXPECT_EQ(InRange(open, "\"2050-01-01\"", "\"2050-01-01\""), "p");
  EXPECT_EQ(InRange(open, "*", "\"2023-09-11\""), "");
  const std::string unknown = "edtf: '/2023-09-12' time_zones: 'Z'";
  EXPECT_EQ(InRange(unknown, "*", "\"2023-09-12\""), "dp");
  EXPECT_EQ(InRange(unknown, "\"0001-01-01\"", "\"2023-09-12\""), "p");
  EXPECT_EQ(InRange(unknown, "\"2023-09-13\"", "*"), "");
}

TEST(FilterTimeTest, SetsAreTheirMembers) {
  for (const char* edtf : {"[2023-09-01,2023-09-20]", "{2023-09-01,2023-09-20}"}) {
    const std::string time = absl::StrCat("edtf: '", edtf, "' time_zones: 'Z'");
    EXPECT_EQ(InRange(time, "\"2023-09-01\"", "\"2023-09-20\""), "dp") << edtf;
    EXPECT_EQ(InRange(time, "\"2023-09-01\"", "\"2023-09-01\""), "p") << edtf;
    EXPECT_EQ(InRange(time, "\"2023-09-20\"", "\"2023-09-20\""), "p") << edtf;
    EXPECT_EQ(InRange(time, "\"2023-09-02\"", "\"2023-09-19\""), "") << edtf << " between them";
    EXPECT_EQ(InRange(time, "\"2023-09-21\"", "*"), "") << edtf;
  }
  // An interval, by contrast, is everything in it.
  EXPECT_EQ(
      InRange("edtf: '2023-09-01/2023-09-20' time_zones: 'Z'", "\"2023-09-02\"", "\"2023-09-19\""),
      "p");
  // The part of the day and the tolerance count for each member.
  const std::string evening =
      "edtf: '[2023-09-01,2023-09-20]' time_zones: 'Z' part_of_day: PART_OF_DAY_EVENING";
  EXPECT_EQ(InRange(evening, "\"2023-09-01T22:00:00Z\"", "\"2023-09-20T16:59:59Z\""), "");
  EXPECT_EQ(InRange(evening, "\"2023-09-01T21:59:59Z\"", "\"2023-09-20T16:59:59Z\""), "p");
  EXPECT_EQ(
      InRange(evening + " tolerance { seconds: 60 }", "\"2023-09-01T22:00:59Z\"", "\"2023-09-02\""),
      "p");
}

TEST(FilterTimeTest, WordsAloneArePossibleEverywhere) {
  EXPECT_EQ(InRange("text: 'soon'", "\"2023-09-12\"", "\"2023-09-12\""), "p");
  EXPECT_EQ(InRange("text: 'soon'", "*", "*"), "p");
  EXPECT_FALSE(Holds("possibly(time, *, *)", Summit("title: 'x'"))) << "no time at all";
  EXPECT_FALSE(Holds("definitely(time, *, *)", Summit("title: 'x'")));
}

TEST(FilterTimeTest, ThroughRepeatedFieldsAnyTimeWillDo) {
  const auto record = Summit(R"(
    itineraries { id: 'k' legs { id: 'l1' departure { edtf: '2023-09-10' time_zones: 'Z' } }
                          legs { id: 'l2' departure { edtf: '2023-09-12' time_zones: 'Z' } } })");
  const Case cases[] = {
      {"definitely(itineraries.legs.departure, \"2023-09-12\", \"2023-09-12\")", true},
      {"definitely(itineraries.legs.departure, \"2023-09-11\", \"2023-09-11\")", false},
      {"possibly(itineraries.legs.departure, \"2023-09-10\", \"2023-09-10\")", true},
      {"any(itineraries.legs, id = l1 AND definitely(departure, \"2023-09-12\", *))", false},
      {"any(itineraries.legs, id = l2 AND definitely(departure, \"2023-09-12\", *))", true},
      {"any(itineraries, any(legs, possibly(departure, *, \"2023-09-10\")))", true},
  };
  ExpectAll(record, cases);
}

TEST(FilterTimeTest, PossiblyReadsWhatIsAsserted) {
  const std::string day = "(time, \"2023-09-13\", \"2023-09-13\")";
  const auto asserted = [](const std::string& more, const std::string& path = "time") {
    return Summit(
        absl::StrCat("time { edtf: '2023-09-12' time_zones: 'Z' } assertions { path: '", path,
                     "' value { time_value { edtf: '2023-09-13' time_zones: 'Z' } }", more, "}"));
  };
  EXPECT_TRUE(Holds("possibly" + day, asserted("")));
  EXPECT_FALSE(Holds("definitely" + day, asserted("")));
  EXPECT_FALSE(Holds("possibly(time, \"2023-09-14\", *)", asserted("")));
  EXPECT_TRUE(Holds("possibly" + day, asserted("state: VALUE_STATE_KNOWN rank: RANK_NORMAL")));
  EXPECT_FALSE(Holds("possibly" + day, asserted("rank: RANK_DEPRECATED")));
  EXPECT_FALSE(Holds("possibly" + day, asserted("modality: MODALITY_DENIED")));
  EXPECT_TRUE(Holds("possibly" + day, asserted("modality: MODALITY_ALLEGED")));
  for (const char* state : {"UNKNOWN", "NOT_STATED", "NONE"}) {
    EXPECT_FALSE(Holds("possibly" + day, asserted(absl::StrCat("state: VALUE_STATE_", state))));
  }
  EXPECT_FALSE(Holds("possibly" + day, asserted("", "time.edtf")));
  EXPECT_FALSE(Holds("possibly" + day, asserted("", "tim")));
  // Only asserted, the plain field left empty.
  EXPECT_TRUE(Holds("possibly" + day,
                    Summit("assertions { path: 'time' value { time_value { text: 'soon' } } }")));
  // The ids of elements are left out.
  const auto leg = asserted("", "itineraries[kim].legs[leg-1].departure");
  const std::string departure = "itineraries.legs.departure, \"2023-09-13\", \"2023-09-13\")";
  EXPECT_TRUE(Holds("possibly(" + departure, leg));
  EXPECT_TRUE(Holds("possibly(summit." + departure, leg));
  EXPECT_FALSE(Holds("possibly(itineraries.legs.arrival, *, *)", leg));
  EXPECT_FALSE(Holds("any(itineraries.legs, possibly(departure, *, *))", leg));
  // Of the record's own kind: a statement's "time" is not a summit's.
  const auto filter = Filter::Parse("possibly(statement.time, *, *)");
  EXPECT_FALSE(filter->Matches(asserted("")));
}

// --- Places, references, words ---------------------------------------------------------

TEST(FilterFunctionTest, Within) {
  const auto record = Summit(R"(place { path: 'RU/RU-PRI/khasan' }
                                announcements { stated_place { path: 'KP' } }
                                announcements { stated_place { path: 'RUS' } })");
  const Case cases[] = {
      {"within(place, \"RU\")", true},
      {"within(place, \"RU/RU-PRI\")", true},
      {"within(place, RU/RU-PRI/khasan)", true},
      {"within(place, \"RU/RU-PR\")", false},  // whole segments
      {"within(place, \"RU/RU-PRI/khasan/station\")", false},
      {"within(place, \"KP\")", false},
      {"within(announcements.stated_place, \"KP\")", true},
      {"within(announcements.stated_place, \"RU\")", false},
      {"any(announcements, within(stated_place, \"KP\"))", true},
      {"within(outcomes.place, \"RU\")", false},
  };
  ExpectAll(record, cases);
}

TEST(FilterFunctionTest, MentionsAnyReferenceAtAnyDepth) {
  const auto record = Summit(R"(
    participants { actor { target: 'actors/kim' } position { target: 'actors/kim#leader' } }
    itineraries { legs { evidences { source { target: 'sources/h' } source_revision: 'r2'
                                     attributions { actor { target: 'actors/nyt' } } } } }
    violation_allegations { provision { source { target: 'sources/un-1718' } } }
    assertions { path: 'place' value { reference_value { target: 'actors/putin#post' } }
                 evidences { source { target: 'sources/tass' } } }
    relations { target { text: 'actors/xi' } note: 'actors/xi' })");
  const Case cases[] = {
      {"mentions(\"actors/kim\")", true},
      {"mentions(\"actors/kim#leader\")", true},
      {"mentions(\"actors/kim#other\")", false},
      {"mentions(\"actors/ki\")", false},
      {"mentions(\"actors/putin\")", true},  // by an element of it
      {"mentions(\"actors/putin#post\")", true},
      {"mentions(\"actors/putin#pos\")", false},
      {"mentions(\"sources/h\")", true},
      {"mentions(\"sources/h#r2\")", true},  // the revision that was read
      {"mentions(\"sources/h#r\")", false},
      {"mentions(\"sources/h#r1\")", false},
      {"mentions(\"actors/nyt\")", true},
      {"mentions(\"sources/un-1718\")", true},
      {"mentions(\"sources/tass\")", true},
      {"mentions(\"actors/xi\")", false},  // words only
      {"mentions(\"summits/s\")", false},  // its own name is no reference
      {"NOT mentions(\"actors/xi\") AND mentions('actors/nyt')", true},
  };
  ExpectAll(record, cases);
}

TEST(FilterFunctionTest, TextIsOfWords) {
  const auto record = Summit("title: 'Kim meets Putin'");
  EXPECT_TRUE(Holds("text(\"putin kim\")", record));
  EXPECT_TRUE(Holds("text(\"put*\")", record));
  EXPECT_FALSE(Holds("text(\"kim xi\")", record));
  EXPECT_FALSE(Filter::Parse("text(\"\")").ok());
}

// --- Conflicts ---------------------------------------------------------------------------

std::string Assertion(const std::string& value, const std::string& more = "",
                      const std::string& path = "time") {
  return absl::StrCat("assertions { path: '", path, "' ",
                      value.empty() ? "" : absl::StrCat("value {", value, "} "), more, "} ");
}
std::string Day(const std::string& edtf) {
  return absl::StrCat("time_value { edtf: '", edtf, "' time_zones: 'Z' }");
}

TEST(FilterFunctionTest, HasConflict) {
  const std::string a = Assertion(Day("2023-09-12")), b = Assertion(Day("2023-09-13"));
  const auto conflict = [](const std::string& body, const std::string& path = "time") {
    return Holds("has_conflict(" + path + ")", Summit(body));
  };
  EXPECT_FALSE(conflict("title: 'x'"));
  EXPECT_FALSE(conflict(a));
  EXPECT_FALSE(conflict(a + a)) << "they agree";
  EXPECT_TRUE(conflict(a + b));
  EXPECT_TRUE(conflict(a + a + b));
  EXPECT_FALSE(conflict(a + b, "outcomes.time")) << "of another field";
  EXPECT_TRUE(conflict(a + b, "summit.time"));
  EXPECT_FALSE(conflict(a + Assertion(Day("2023-09-13"), "rank: RANK_DEPRECATED")));
  EXPECT_FALSE(conflict(a + Assertion(Day("2023-09-13"), "state: VALUE_STATE_UNKNOWN")));
  EXPECT_FALSE(conflict(a + Assertion("", "state: VALUE_STATE_NOT_STATED")));
  EXPECT_TRUE(conflict(a + Assertion("", "state: VALUE_STATE_NONE")));
  EXPECT_TRUE(conflict(Assertion("", "state: VALUE_STATE_NONE") + a)) << "in any order";
  EXPECT_FALSE(conflict(Assertion("", "state: VALUE_STATE_NONE rank: RANK_DEPRECATED") + a));
  EXPECT_TRUE(conflict(a + Assertion(Day("2023-09-12"), "modality: MODALITY_DENIED")));
  EXPECT_TRUE(conflict(Assertion(Day("2023-09-12"), "modality: MODALITY_DENIED") + a));
  EXPECT_FALSE(conflict(a + Assertion(Day("2023-09-13"), "modality: MODALITY_DENIED")))
      << "to deny another value is to agree";
  EXPECT_FALSE(conflict(Assertion("", "state: VALUE_STATE_NONE") +
                        Assertion(Day("2023-09-13"), "modality: MODALITY_DENIED")));
  EXPECT_FALSE(conflict(Assertion("", "state: VALUE_STATE_NONE") +
                        Assertion("", "state: VALUE_STATE_NONE")));
}

TEST(FilterFunctionTest, ConflictsAreOfOneElement) {
  const std::string first = "itineraries[kim].legs[leg-1].departure";
  const std::string second = "itineraries[kim].legs[leg-2].departure";
  const std::string path = "has_conflict(itineraries.legs.departure)";
  const auto with = [&](const std::string& a, const std::string& b) {
    return Summit(Assertion(Day("2023-09-12"), "", a) + Assertion(Day("2023-09-13"), "", b));
  };
  EXPECT_TRUE(Holds(path, with(first, first)));
  EXPECT_FALSE(Holds(path, with(first, second))) << "each leg has its own departure";
  EXPECT_FALSE(Holds("has_conflict(itineraries.legs.arrival)", with(first, first)));
}

TEST(FilterFunctionTest, ValuesConflictByWhatTheySay) {
  struct {
    const char* a;
    const char* b;
    bool conflict;
  } cases[] = {
      // Times by their corners, whatever the words.
      {"time_value { edtf: '2023-09-12' time_zones: 'Z' text: 'Tuesday' }",
       "time_value { edtf: '2023-09-12' time_zones: '+00:00' }", false},
      {"time_value { edtf: '2023-09-12' time_zones: 'Z' }", "time_value { edtf: '2023-09-12' }",
       true},
      {"time_value { edtf: '2023-09-12/..' time_zones: 'Z' }",
       "time_value { edtf: '2023-09-12' time_zones: 'Z' }", true},
      {"time_value { text: 'soon' }", "time_value { text: 'soon' }", false},
      {"time_value { text: 'soon' }", "time_value { text: 'later' }", true},
      {"time_value { text: 'soon' }", "time_value { edtf: '2023' }", true},
      {"string_value: 'x'", "string_value: 'x'", false},
      {"string_value: 'x'", "string_value: 'y'", true},
      {"string_value: '1'", "int_value: 1", true},
      {"int_value: 1", "int_value: 2", true},
      {"double_value: 1.5", "double_value: 1.5", false},
      {"bool_value: true", "bool_value: false", true},
      {"enum_value: 'SUMMIT_STATE_HELD'", "enum_value: 'SUMMIT_STATE_HELD'", false},
      {"enum_value: 'SUMMIT_STATE_HELD'", "enum_value: 'SUMMIT_STATE_DENIED'", true},
      {"place_value { path: 'RU' display_name: 'Russia' }",
       "place_value { path: 'RU' display_name: 'Rossiya' }", false},
      {"place_value { path: 'RU' }", "place_value { path: 'KP' }", true},
      {"place_value { display_name: 'there' }", "place_value { display_name: 'there' }", false},
      {"place_value { display_name: 'there' }", "place_value { display_name: 'here' }", true},
      {"place_value { display_name: 'there' }", "place_value { path: 'RU' display_name: 'there' }",
       true},
      {"reference_value { target: 'actors/a' text: 'A' }", "reference_value { target: 'actors/a' }",
       false},
      {"reference_value { target: 'actors/a' }", "reference_value { target: 'actors/b' }", true},
      {"reference_value { text: 'a' }", "reference_value { text: 'b' }", true},
      {"quantity_value { value: 1 unit: 'km' }", "quantity_value { value: 1 unit: 'km' }", false},
      {"quantity_value { value: 1 unit: 'km' }", "quantity_value { value: 1 unit: 't' }", true},
      {"duration_value { iso_duration: 'P1D' }", "duration_value { iso_duration: 'P2D' }", true},
  };
  for (const auto& test : cases) {
    EXPECT_EQ(Holds("has_conflict(time)", Summit(Assertion(test.a) + Assertion(test.b))),
              test.conflict)
        << test.a << " | " << test.b;
  }
}

TEST(FilterFunctionTest, EveryKindHasAssertions) {
  for (const char* kind : {"summit", "sanction", "statement", "actor", "source"}) {
    const std::string two =
        Assertion("string_value: 'x'", "", "title") + Assertion("string_value: 'y'", "", "title");
    const auto record = MakeRecord(absl::StrCat("name: 'x' ", kind, " {", two, "}"));
    const bool has_title = std::string(kind) != "actor";
    EXPECT_EQ(Filter::Parse("has_conflict(title)")->Matches(record), has_title) << kind;
  }
}

}  // namespace
}  // namespace communique::query
