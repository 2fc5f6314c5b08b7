// What holds on a date: each rule with the days on which it turns.
#include "service/domain/valid_states.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "service/base/error.h"
#include "tests/unit/text_proto.h"

namespace communique::domain {
namespace {

using testing::Text;

// "listed[a] YES, listed NO"
std::string States(const std::string& record, const std::string& date) {
  const auto day = ParseValidDate(date);
  EXPECT_TRUE(day.ok()) << day.status();
  return absl::StrJoin(
      StatesAt(Text<v1::Record>(record), *day), ", ",
      [](std::string* out, const v1::ComputedState& state) {
        absl::StrAppend(out, state.state(),
                        state.element_id().empty() ? "" : "[" + state.element_id() + "]", " ",
                        v1::Holds_Name(state.holds()).substr(6));
      });
}

// One value, and what holds of it on some days.
struct Rule {
  std::string value;
  struct Day {
    std::string date, holds;
  };
  std::vector<Day> days;
};

// `record` has a `$` where the value goes; `state` is what is looked at.
void Check(const std::string& record, const std::string& state, const std::vector<Rule>& rules) {
  for (const Rule& rule : rules) {
    const std::string text = std::string(record).replace(record.find('$'), 1, rule.value);
    for (const Rule::Day& day : rule.days) {
      EXPECT_EQ(States(text, day.date), state + " " + day.holds) << text << " on " << day.date;
    }
  }
}

// --- Times -------------------------------------------------------------------------

TEST(ValidStatesTest, ATimeAsAnInterval) {
  Check("actor { positions { id: 'p' $ } }", "in_office[p]",
        {
            // From day to day: both count.
            {"time { edtf: '2018-10-29/2018-10-31' }",
             {{"2018-10-28", "NO"},
              {"2018-10-29", "YES"},
              {"2018-10-31", "YES"},
              {"2018-11-01", "NO"}}},
            // From month to month: somewhere in each.
            {"time { edtf: '2018-10/2019-02' }",
             {{"2018-09-30", "NO"},
              {"2018-10-01", "POSSIBLY"},
              {"2018-10-30", "POSSIBLY"},
              {"2018-10-31", "YES"},
              {"2019-02-01", "YES"},
              {"2019-02-02", "POSSIBLY"},
              {"2019-02-28", "POSSIBLY"},
              {"2019-03-01", "NO"}}},
            // One date is something that begins and ends within it.
            {"time { edtf: '2018-10-29' }",
             {{"2018-10-28", "NO"}, {"2018-10-29", "YES"}, {"2018-10-30", "NO"}}},
            {"time { edtf: '2018' }",
             {{"2017-12-31", "NO"},
              {"2018-01-01", "POSSIBLY"},
              {"2018-07-01", "POSSIBLY"},
              {"2018-12-31", "POSSIBLY"},
              {"2019-01-01", "NO"}}},
            // An open end has not come; an unknown one may have, but not before the begin.
            {"time { edtf: '2018-10-29/..' }",
             {{"2018-10-28", "NO"}, {"2018-10-29", "YES"}, {"2500-01-01", "YES"}}},
            {"time { edtf: '2018-10-29/' }",
             {{"2018-10-28", "NO"}, {"2018-10-29", "YES"}, {"2018-10-30", "POSSIBLY"}}},
            // It was always so; it began some time.
            {"time { edtf: '../2018-10-29' }",
             {{"0001-01-01", "YES"}, {"2018-10-29", "YES"}, {"2018-10-30", "NO"}}},
            {"time { edtf: '/2018-10-29' }",
             {{"0001-01-01", "POSSIBLY"}, {"2018-10-28", "POSSIBLY"}, {"2018-10-29", "YES"},
              {"2018-10-30", "NO"}}},
            // One of two days; both.
            {"time { edtf: '[2018-10-29,2018-10-31]' }",
             {{"2018-10-28", "NO"},
              {"2018-10-29", "POSSIBLY"},
              {"2018-10-31", "POSSIBLY"},
              {"2018-11-01", "NO"}}},
            {"time { edtf: '{2018-10-29,2018-10-31}' }",
             {{"2018-10-28", "NO"}, {"2018-10-30", "YES"}, {"2018-11-01", "NO"}}},
            {"time { edtf: '[2018-10-29..]' }",
             {{"2018-10-28", "NO"}, {"2018-10-29", "POSSIBLY"}, {"2500-01-01", "POSSIBLY"}}},
            {"time { edtf: '{2018-10-29..}' }",
             {{"2018-10-28", "NO"}, {"2018-10-29", "YES"}, {"2500-01-01", "YES"}}},
            // Words without a date, and no time at all.
            {"time { text: 'for years' }",
             {{"0001-01-01", "POSSIBLY"}, {"2500-01-01", "POSSIBLY"}}},
            {"", {{"2018-10-29", "POSSIBLY"}}},
        });
}

TEST(ValidStatesTest, TheDateIsOnTheTimesOwnCalendar) {
  const std::vector<Rule::Day> first_day = {{"2018-10-28", "NO"}, {"2018-10-29", "YES"}};
  Check("actor { positions { id: 'p' time { $ } } }", "in_office[p]",
        {
            {"edtf: '2018-10-29/..' time_zones: 'Pacific/Kiritimati'", first_day},
            {"edtf: '2018-10-29/..' time_zones: '-12:00'", first_day},
            {"edtf: '2018-10-29/..'", first_day},
            // 14:30 of the 28th, and 09:30 of the 30th, in UTC.
            {"edtf: '2018-10-29T00:30:00+10:00'", first_day},
            {"edtf: '2018-10-29T23:30:00-10:00'",
             {{"2018-10-28", "NO"}, {"2018-10-29", "YES"}, {"2018-10-30", "NO"}}},
            // The night of a day is that day.
            {"edtf: '2018-10-29' part_of_day: PART_OF_DAY_NIGHT",
             {{"2018-10-28", "NO"}, {"2018-10-29", "YES"}, {"2018-10-30", "NO"}}},
            // A tolerance of an hour reaches into the days beside, one of a day over them.
            {"edtf: '2018-10-29' tolerance { seconds: 3600 }",
             {{"2018-10-27", "NO"},
              {"2018-10-28", "POSSIBLY"},
              {"2018-10-29", "POSSIBLY"},
              {"2018-10-30", "POSSIBLY"},
              {"2018-10-31", "NO"}}},
            {"edtf: '2018-10-29' tolerance { nanos: 1 }",
             {{"2018-10-27", "NO"}, {"2018-10-28", "POSSIBLY"}}},
            {"edtf: '2018-10-29/2018-11-29' tolerance { seconds: 86400 }",
             {{"2018-10-27", "NO"},
              {"2018-10-29", "POSSIBLY"},
              {"2018-10-30", "YES"},
              {"2018-11-28", "YES"},
              {"2018-11-29", "POSSIBLY"},
              {"2018-12-01", "NO"}}},
        });
}

// --- Sanctions ---------------------------------------------------------------------

// How a listing is closed that was worked out from a list's versions: the entry
// stands in that of 30 November 2020 and is gone from that of 26 September 2024.
// Since the day of a delisting counts as listed, its last day lies between the one
// and the day before the other.
TEST(ValidStatesTest, AListingThatEndedBetweenTwoVersions) {
  const auto listed = [](const std::string& gone, const std::string& date) {
    return States("sanction { designation { intervals { id: 'a' listed_time { edtf: '2007-03-24' } "
                  "delisted_time { edtf: '" + gone + "' } } } }",
                  date);
  };
  const std::string yes = "listed[a] YES, listed YES";
  const std::string possibly = "listed[a] POSSIBLY, listed POSSIBLY";
  const std::string no = "listed[a] NO, listed NO";
  EXPECT_EQ(listed("[2020-11-30..2024-09-25]", "2020-11-30"), yes);
  EXPECT_EQ(listed("[2020-11-30..2024-09-25]", "2020-12-01"), possibly);
  EXPECT_EQ(listed("[2020-11-30..2024-09-25]", "2024-09-25"), possibly);
  EXPECT_EQ(listed("[2020-11-30..2024-09-25]", "2024-09-26"), no);
  // Of versions on two days that follow each other.
  EXPECT_EQ(listed("[2020-11-30..2020-11-30]", "2020-11-30"), yes);
  EXPECT_EQ(listed("2020-11-30", "2020-11-30"), yes);
  EXPECT_EQ(listed("2020-11-30", "2020-12-01"), no);
  // From the day after the one to the day of the other: a day too many at each end.
  EXPECT_EQ(listed("[2020-12-01..2024-09-26]", "2020-12-01"), yes);
  EXPECT_EQ(listed("[2020-12-01..2024-09-26]", "2024-09-26"), possibly);
  EXPECT_EQ(listed("[2020-12-01..2024-09-26]", "2024-09-27"), no);
}

TEST(ValidStatesTest, Listed) {
  const std::string record =
      "sanction { designation {"
      "  intervals { id: 'a' listed_time { edtf: '2018-10-29' } delisted_time { edtf: '2020-03' } }"
      "  intervals { id: 'b' listed_time { edtf: '2021-05' } }"
      "} }";
  const struct {
    std::string date, states;
  } days[] = {
      {"2018-10-28", "listed[a] NO, listed[b] NO, listed NO"},
      {"2018-10-29", "listed[a] YES, listed[b] NO, listed YES"},
      {"2020-03-01", "listed[a] YES, listed[b] NO, listed YES"},
      {"2020-03-02", "listed[a] POSSIBLY, listed[b] NO, listed POSSIBLY"},
      {"2020-03-31", "listed[a] POSSIBLY, listed[b] NO, listed POSSIBLY"},
      {"2020-04-01", "listed[a] NO, listed[b] NO, listed NO"},
      {"2021-05-01", "listed[a] NO, listed[b] POSSIBLY, listed POSSIBLY"},
      {"2021-05-31", "listed[a] NO, listed[b] YES, listed YES"},
      {"2500-01-01", "listed[a] NO, listed[b] YES, listed YES"},
  };
  for (const auto& day : days) EXPECT_EQ(States(record, day.date), day.states) << day.date;
}

// Since when it is suspended, nobody says.
TEST(ValidStatesTest, ASuspendedListing) {
  const std::string record =
      "sanction { designation { intervals {"
      "  id: 'a' suspended: true listed_time { edtf: '2018-10-29' } } } }";
  EXPECT_EQ(States(record, "2018-10-28"), "listed[a] NO, listed NO");
  EXPECT_EQ(States(record, "2018-10-30"), "listed[a] POSSIBLY, listed POSSIBLY");
}

TEST(ValidStatesTest, ListedAtTimesNotKnown) {
  const struct {
    std::string intervals, date, states;
  } cases[] = {
      {"intervals { id: 'a' }", "2020-01-01", "listed[a] POSSIBLY, listed POSSIBLY"},
      {"intervals { id: 'a' delisted_time { edtf: '2020' } }", "2019-12-31",
       "listed[a] POSSIBLY, listed POSSIBLY"},
      {"intervals { id: 'a' delisted_time { edtf: '2020' } }", "2021-01-01",
       "listed[a] NO, listed NO"},
      {"intervals { id: 'a' listed_time { edtf: '2018-10-29' } delisted_time { text: 'later' } }",
       "2018-10-29", "listed[a] YES, listed YES"},
      {"intervals { id: 'a' listed_time { edtf: '2018-10-29' } delisted_time { text: 'later' } }",
       "2018-10-30", "listed[a] POSSIBLY, listed POSSIBLY"},
      // One possible, one certain; one possible, one over.
      {"intervals { id: 'a' } intervals { id: 'b' listed_time { edtf: '2018' } }", "2019-01-01",
       "listed[a] POSSIBLY, listed[b] YES, listed YES"},
      {"intervals { id: 'a' } intervals { id: 'b' listed_time { edtf: '2018' } }", "2017-01-01",
       "listed[a] POSSIBLY, listed[b] NO, listed POSSIBLY"},
      {"", "2019-01-01", "listed POSSIBLY"},
  };
  for (const auto& test : cases) {
    EXPECT_EQ(States("sanction { designation { " + test.intervals + " } }", test.date), test.states)
        << test.intervals << " on " << test.date;
  }
}

TEST(ValidStatesTest, InForce) {
  const std::vector<Rule> rules = {
      {"in_force_time { edtf: '2006-10-14/..' }", {{"2006-10-13", "NO"}, {"2006-10-14", "YES"}}},
      {"in_force_time { edtf: '2006-10-14/2010-01-01' }",
       {{"2010-01-01", "YES"}, {"2010-01-02", "NO"}}},
      {"", {{"2006-10-14", "POSSIBLY"}}},
  };
  Check("sanction { regime { $ } }", "in_force", rules);
  Check("sanction { measure { $ } }", "in_force", rules);
  Check("source { instrument { $ } }", "in_force", rules);
}

TEST(ValidStatesTest, InForceByTheInstrumentsState) {
  const std::string open = "in_force_time { edtf: '2006-10-14/..' } state: INSTRUMENT_STATE_";
  const std::string ended =
      "in_force_time { edtf: '2006-10-14/2010-01-01' } state: INSTRUMENT_STATE_";
  Check("source { instrument { $ } }", "in_force",
        {
            {open + "ADOPTED", {{"2008-01-01", "YES"}}},
            {open + "REPEALED", {{"2006-10-13", "NO"}, {"2008-01-01", "POSSIBLY"}}},
            {ended + "REPEALED", {{"2008-01-01", "YES"}, {"2010-01-02", "NO"}}},
            {open + "DRAFT", {{"2008-01-01", "NO"}}},
            {open + "REJECTED", {{"2008-01-01", "NO"}}},
            {open + "VETOED", {{"2008-01-01", "NO"}}},
            {"state: INSTRUMENT_STATE_VETOED", {{"2008-01-01", "NO"}}},
        });
}

// --- Actors ------------------------------------------------------------------------

TEST(ValidStatesTest, InOfficeByThePositionsState) {
  const std::string open = "time { edtf: '2015-01-01/..' } state: POSITION_STATE_";
  const std::string ended = "time { edtf: '2015-01-01/2019-01-01' } state: POSITION_STATE_";
  Check("actor { positions { id: 'p' $ } }", "in_office[p]",
        {
            {open + "CURRENT", {{"2014-12-31", "NO"}, {"2018-01-01", "YES"}}},
            {open + "FORMER", {{"2014-12-31", "NO"}, {"2018-01-01", "POSSIBLY"}}},
            {ended + "FORMER", {{"2018-01-01", "YES"}, {"2019-01-02", "NO"}}},
            {open + "DESIGNATE", {{"2014-12-31", "NO"}, {"2018-01-01", "YES"}}},
            {"state: POSITION_STATE_CURRENT", {{"2018-01-01", "POSSIBLY"}}},
            {"state: POSITION_STATE_FORMER", {{"2018-01-01", "POSSIBLY"}}},
            {"state: POSITION_STATE_DESIGNATE", {{"2018-01-01", "POSSIBLY"}}},
        });
}

TEST(ValidStatesTest, Related) {
  const std::string since = "time { edtf: '2015-01-01/..' } modality: MODALITY_";
  Check("actor { relations { id: 'r' $ } }", "related[r]",
        {
            {"time { edtf: '2015-01-01/..' }", {{"2014-12-31", "NO"}, {"2015-01-01", "YES"}}},
            {"", {{"2015-01-01", "POSSIBLY"}}},
            {since + "ASSERTED", {{"2015-01-01", "YES"}}},
            {since + "CONFIRMED", {{"2015-01-01", "YES"}}},
            {since + "ALLEGED", {{"2014-12-31", "NO"}, {"2015-01-01", "POSSIBLY"}}},
            {since + "DENIED", {{"2014-12-31", "NO"}, {"2015-01-01", "POSSIBLY"}}},
        });
}

TEST(ValidStatesTest, PositionsComeBeforeRelations) {
  EXPECT_EQ(States("actor { relations { id: 'r' } positions { id: 'p' } positions { id: 'q' } }",
                   "2020-01-01"),
            "in_office[p] POSSIBLY, in_office[q] POSSIBLY, related[r] POSSIBLY");
}

// --- Summits -----------------------------------------------------------------------

TEST(ValidStatesTest, UnderWayByTheSummitsState) {
  const std::string day = "time { edtf: '2023-09-13' } state: SUMMIT_STATE_";
  const struct {
    std::string state, before, then, without_time;
  } rows[] = {
      {"UNSPECIFIED", "NO", "YES", "POSSIBLY"},    {"SPECULATED", "NO", "POSSIBLY", "POSSIBLY"},
      {"REPORTED", "NO", "POSSIBLY", "POSSIBLY"},  {"INTENDED", "NO", "POSSIBLY", "POSSIBLY"},
      {"ANNOUNCED", "NO", "POSSIBLY", "POSSIBLY"}, {"UNDER_WAY", "NO", "YES", "POSSIBLY"},
      {"HELD", "NO", "YES", "POSSIBLY"},           {"MOVED", "NO", "YES", "POSSIBLY"},
      {"POSTPONED", "NO", "NO", "NO"},             {"CANCELLED", "NO", "NO", "NO"},
      {"DENIED", "NO", "NO", "NO"},
  };
  for (const auto& row : rows) {
    Check("summit { $ }", "under_way",
          {{day + row.state, {{"2023-09-12", row.before}, {"2023-09-13", row.then}}},
           {"state: SUMMIT_STATE_" + row.state, {{"2023-09-13", row.without_time}}}});
  }
}

TEST(ValidStatesTest, TransitionsHoldUntilTheNext) {
  const std::string record =
      "summit { time { edtf: '2023-09-13' } state: SUMMIT_STATE_HELD"
      "  transitions { id: 't1' to_state: SUMMIT_STATE_REPORTED time { edtf: '2023-09-04' } }"
      "  transitions { id: 't2' to_state: SUMMIT_STATE_ANNOUNCED time { edtf: '2023-09-11' } }"
      "  transitions { id: 't3' to_state: SUMMIT_STATE_UNDER_WAY"
      "                time { edtf: '2023-09-12/2023-09-17' } } }";
  const struct {
    std::string date, under_way, reported, announced, state_under_way;
  } days[] = {
      {"2023-09-03", "NO", "NO", "NO", "NO"},   {"2023-09-04", "NO", "YES", "NO", "NO"},
      {"2023-09-10", "NO", "YES", "NO", "NO"},  {"2023-09-11", "NO", "YES", "YES", "NO"},
      {"2023-09-12", "NO", "NO", "YES", "YES"}, {"2023-09-13", "YES", "NO", "NO", "YES"},
      {"2023-10-13", "NO", "NO", "NO", "YES"},
  };
  for (const auto& day : days) {
    EXPECT_EQ(States(record, day.date),
              absl::StrCat("under_way ", day.under_way, ", state.reported[t1] ", day.reported,
                           ", state.announced[t2] ", day.announced, ", state.under_way[t3] ",
                           day.state_under_way))
        << day.date;
  }
}

TEST(ValidStatesTest, TransitionsAtTimesNotKnown) {
  const std::string record =
      "summit {"
      "  transitions { id: 't1' to_state: SUMMIT_STATE_REPORTED time { edtf: '2023-09-04' } }"
      "  transitions { id: 't2' to_state: SUMMIT_STATE_ANNOUNCED }"
      "  transitions { id: 't3' to_state: 99 time { edtf: '2023-10' } } }";
  EXPECT_EQ(States(record, "2023-09-03"),
            "under_way POSSIBLY, state.reported[t1] NO, state.announced[t2] POSSIBLY, "
            "state.99[t3] NO");
  EXPECT_EQ(States(record, "2023-09-05"),
            "under_way POSSIBLY, state.reported[t1] POSSIBLY, state.announced[t2] POSSIBLY, "
            "state.99[t3] NO");
  EXPECT_EQ(States(record, "2023-11-01"),
            "under_way POSSIBLY, state.reported[t1] POSSIBLY, state.announced[t2] NO, "
            "state.99[t3] YES");
}

TEST(ValidStatesTest, TheBeginOfTheNextTransitionEndsOne) {
  const std::string record =
      "summit { state: SUMMIT_STATE_CANCELLED"
      "  transitions { id: 't1' to_state: SUMMIT_STATE_REPORTED time { edtf: '2023-08-01' } }"
      "  transitions { id: 't2' to_state: SUMMIT_STATE_UNDER_WAY time { edtf: '2023-09/2023-11' } }"
      "}";
  const struct {
    std::string date, reported, under_way;
  } days[] = {
      {"2023-09-01", "YES", "POSSIBLY"},
      {"2023-09-02", "POSSIBLY", "POSSIBLY"},
      {"2023-09-30", "POSSIBLY", "YES"},
      {"2023-10-01", "NO", "YES"},
  };
  for (const auto& day : days) {
    EXPECT_EQ(States(record, day.date),
              absl::StrCat("under_way NO, state.reported[t1] ", day.reported,
                           ", state.under_way[t2] ", day.under_way))
        << day.date;
  }
}

TEST(ValidStatesTest, WhatHasNoStates) {
  for (const std::string record : {"", "statement { time { edtf: '2023' } }",
                                   "source { posted_time { edtf: '2023' } }", "sanction {}"}) {
    EXPECT_EQ(States(record, "2023-01-01"), "") << record;
  }
}

// --- Dates -------------------------------------------------------------------------

TEST(ValidDateTest, Dates) {
  for (const std::string text : {"2023-09-12", "0001-01-01", "9999-12-31", "2024-02-29"}) {
    const auto day = ParseValidDate(text);
    ASSERT_TRUE(day.ok()) << text;
    EXPECT_EQ(absl::FormatCivilTime(*day), std::string(text).erase(0, text.find_first_not_of('0')))
        << text;
  }
}

TEST(ValidDateTest, OtherThingsAreRefused) {
  for (const std::string text :
       {"", "2023", "2023-09", "2023-9-12", "2023-09-12T00:00:00Z", "2023-09-12 ", " 2023-09-12",
        "2023-02-29", "2023-13-01", "2023-00-01", "2023-01-00", "2023-09-31", "0000-01-01",
        "+123-01-01", "-123-01-01", "2023-+1-01", "2023- 1-01", "2023/09/12", "12-09-2023",
        "20230912", "today", "2023-09-1x"}) {
    const auto day = ParseValidDate(text);
    EXPECT_EQ(day.status().code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_EQ(base::ReasonOf(day.status()), v1::ERROR_REASON_INVALID_FIELD) << text;
    EXPECT_THAT(std::string(day.status().message()), ::testing::HasSubstr("scope.valid_date"));
  }
}

}  // namespace
}  // namespace communique::domain
