// What a filter finds: every operator on every type, and paths.
#include "service/query/filter_evaluator.h"

#include <gtest/gtest.h>

#include <string>

#include "service/query/filter.h"
#include "tests/unit/filter_fixture.h"

namespace communique::query {
namespace {

TEST(FilterEvaluatorTest, Texts) {
  const Case cases[] = {
      {"title = \"Kim meets Putin\"", true},
      {"title = \"kim meets putin\"", false},
      {"title = Kim", false},
      {"title != Kim", true},
      {"title != \"Kim meets Putin\"", false},
      {"title = \"Kim*\"", true},
      {"title = \"*Putin\"", true},
      {"title = \"*meets*\"", true},
      {"title = \"*Meets*\"", false},
      {"title = \"meets*\"", false},
      {"title = \"*meets\"", false},
      {"title = \"*\"", true},
      {"title = \"Kim\\*\"", false},
      {"title != \"Kim*\"", false},
      {"title:MEETS", true},
      {"title:\"kim meets\"", true},
      {"title:moscow", false},
      {"title < \"Kim n\"", true},
      {"title < \"Kim meets Putin\"", false},
      {"title <= \"Kim meets Putin\"", true},
      {"title > \"Kim\"", true},
      {"title >= \"Kim meets Putin\"", true},
      {"title > \"kim\"", false},  // bytes: capitals come first
      {"title:*", true},
  };
  ExpectAll(Summit("title: 'Kim meets Putin'"), cases);
}

TEST(FilterEvaluatorTest, EscapesAndStars) {
  const auto record = Summit(R"(title: "say \"*\"")");
  const Case cases[] = {
      {R"(title = "say \"\*\"")", true}, {R"(title = 'say "\*"')", true},
      {R"(title = 'say*')", true},       {R"(title = '*\*"')", true},
      {R"(title:'"\*"')", true},
  };
  ExpectAll(record, cases);
}

TEST(FilterEvaluatorTest, EnumsByFullOrShortName) {
  const Case cases[] = {
      {"state = SUMMIT_STATE_HELD", true},
      {"state = HELD", true},
      {"state = held", true},
      {"state = \"Held\"", true},
      {"state:held", true},
      {"state != held", false},
      {"state = denied", false},
      {"state != denied", true},
      {"state = UNSPECIFIED", false},
      {"format = UNSPECIFIED", true},
      {"state:*", true},
      {"format:*", false},
      {"state = STANDING", false},  // of statements
  };
  const auto record = Summit("title: 'x' state: SUMMIT_STATE_HELD");
  for (const Case& test : cases) {
    if (std::string(test.text) == "state = STANDING") {
      EXPECT_FALSE(Filter::Parse(test.text)->Matches(record));
      EXPECT_FALSE(Filter::Parse(test.text, v1::RECORD_KIND_SUMMIT).ok());
    } else {
      EXPECT_EQ(Holds(test.text, record), test.holds) << test.text;
    }
  }
}

TEST(FilterEvaluatorTest, TruthValues) {
  const Case cases[] = {
      {"transactions.secret = true", true},
      {"transactions.secret:true", true},
      {"transactions.secret = false", true},  // the other one's default counts
      {"transactions.secret != true", false},
      {"transactions.secret:*", true},
      {"violation_allegations.provision.locator:*", false},
  };
  ExpectAll(Summit("transactions { secret: true } transactions {}"), cases);
  EXPECT_FALSE(Holds("transactions.secret = false", Summit("title: 'x'")));
}

TEST(FilterEvaluatorTest, Integers) {
  const Case cases[] = {
      {"series.number = 2", true},   {"series.number = +2", true}, {"series.number:2", true},
      {"series.number != 2", false}, {"series.number < 2", false}, {"series.number < 3", true},
      {"series.number <= 2", true},  {"series.number > 2", false}, {"series.number > -5", true},
      {"series.number >= 2", true},  {"series.number:*", true},    {"revision = 7", true},
      {"revision > 6", true},        {"revision >= 8", false},     {"create_revision = 0", true},
      {"create_revision:*", false},
  };
  auto record = Summit("series { number: 2 }");
  record.set_revision(7);
  ExpectAll(record, cases);
}

TEST(FilterEvaluatorTest, Numbers) {
  const Case cases[] = {
      {"place.coordinates.latitude_degrees = -42.5", true},
      {"place.coordinates.latitude_degrees:-42.5", true},
      {"place.coordinates.latitude_degrees != -42.5", false},
      {"place.coordinates.latitude_degrees < -42", true},
      {"place.coordinates.latitude_degrees <= -42.5", true},
      {"place.coordinates.latitude_degrees > -42.5", false},
      {"place.coordinates.latitude_degrees >= -4.25e1", true},
      {"place.coordinates.longitude_degrees = 0", true},  // its message is there
      {"place.coordinates.longitude_degrees:*", false},
      {"itineraries.distance.value = 0", false},  // its message is not
      {"itineraries.distance.value != 0", true},
      {"itineraries.distance.value < 1", false},
  };
  ExpectAll(Summit("place { coordinates { latitude_degrees: -42.5 } } itineraries { id: 'k' }"),
            cases);
}

TEST(FilterEvaluatorTest, TimestampsAndDurations) {
  const Case cases[] = {
      {"create_time = 2023-09-12T01:00:00Z", true},
      {"create_time = \"2023-09-12T10:00:00+09:00\"", true},
      {"create_time:2023-09-12T01:00:00Z", true},
      {"create_time != 2023-09-12T01:00:00Z", false},
      {"create_time > 2023-09-12", true},
      {"create_time < 2023-09-13", true},
      {"create_time = 2023-09-12", false},
      {"create_time <= 2023-09-12T01:00:00.000000001Z", true},
      {"create_time >= 2023-09-12T01:00:00.000000001Z", false},
      {"create_time < 2023-09-12T01:00:00Z", false},
      {"create_time:*", true},
      {"update_time = 2023-09-12", true},
      {"update_time = 2023-09-12T00:00:00Z", true},
      {"time.tolerance = 1.5s", true},
      {"time.tolerance != 1.5s", false},
      {"time.tolerance > 1s", true},
      {"time.tolerance < 1.500000001s", true},
      {"time.tolerance >= 2s", false},
      {"time.tolerance > -3s", true},
      {"time.tolerance:*", true},
      {"announcements.time.tolerance <= 99s", false},  // unset: no value
  };
  auto record = Summit(
      "time { edtf: '2023' tolerance { seconds: 1 nanos: 500000000 } }"
      "announcements { id: 'a' time { text: 'soon' } }");
  record.mutable_create_time()->set_seconds(1694480400);
  record.mutable_update_time()->set_seconds(1694476800);
  ExpectAll(record, cases);
  record.clear_create_time();
  EXPECT_FALSE(Holds("create_time < 2023-09-13", record));
  EXPECT_TRUE(Holds("create_time != 2023-09-13", record));
}

TEST(FilterEvaluatorTest, PathsGoThroughRepeatedFieldsWithAnyMeaning) {
  const auto record = Summit(R"(
    participants { id: 'p1' actor { target: 'actors/kim' } role: PARTICIPANT_ROLE_GUEST }
    participants { id: 'p2' actor { target: 'actors/putin' } role: PARTICIPANT_ROLE_HOST }
    participants { id: 'p3' actor { text: 'a delegate' } }
    transactions { given: 'weapons' given: 'artillery shells' }
    transactions { returned: 'food' })");
  const Case cases[] = {
      {"participants.actor.target = \"actors/kim\"", true},
      {"participants.actor.target = \"actors/xi\"", false},
      {"participants.actor.target != \"actors/xi\"", true},
      {"participants.actor.target != \"actors/kim\"", false},  // NOT any
      {"participants.actor.target = \"actors/kim\" participants.role = HOST", true},
      {"any(participants, actor.target = \"actors/kim\" AND role = HOST)", false},
      {"any(participants, actor.target = \"actors/kim\" AND role = GUEST)", true},
      {"any(participants, actor.target = \"actors/putin\" role = HOST)", true},
      {"any(participants, NOT actor.target:*)", true},
      {"NOT any(participants, role = MEDIATOR)", true},
      {"any(participants.actor, text:delegate AND NOT target:*)", true},
      {"any(participants, any(evidences, id:*))", false},
      {"transactions.given = weapons", true},
      {"transactions.given:SHELLS", true},
      {"transactions.given = \"artillery*\"", true},
      {"transactions.given:*", true},
      {"transactions.given = food", false},
      {"any(transactions, given = weapons AND returned = food)", false},
      {"agenda:*", false},
      {"participants:*", true},
      {"itineraries.legs:*", false},
      {"place:*", false},
      {"summit:*", true},
      {"statement:*", false},
      {"retired_ids:*", false},
  };
  ExpectAll(record, cases);
}

TEST(FilterEvaluatorTest, NotEqualsIsNotOfEquals) {
  // Also where there is no value, and where the kind has no such field.
  const auto actor = MakeRecord("name: 'actors/a' actor { display_name: 'x' }");
  for (const char* text : {"state != HELD", "NOT state = HELD", "title != x", "summit.title != x",
                           "place.path != RU"}) {
    EXPECT_TRUE(Filter::Parse(text)->Matches(actor)) << text;
  }
  for (const char* text : {"state = HELD", "title = x", "title < x", "title >= \"\"", "title:\"\"",
                           "title = \"*\"", "summit.title:*", "place.path = \"\""}) {
    EXPECT_FALSE(Filter::Parse(text)->Matches(actor)) << text;
  }
}

TEST(FilterEvaluatorTest, Kinds) {
  const auto actor = MakeRecord("name: 'actors/a' actor { display_name: 'x' }");
  EXPECT_TRUE(Filter::Parse("kind = actor AND display_name = x")->Matches(actor));
  EXPECT_FALSE(Filter::Parse("kind = summit OR display_name = y")->Matches(actor));
  // With a kind given, another is legal and never matches.
  EXPECT_FALSE(Filter::Parse("kind = summit", v1::RECORD_KIND_ACTOR)->Matches(actor));
  EXPECT_TRUE(Filter::Parse("kind = actor", v1::RECORD_KIND_ACTOR)->Matches(actor));
  EXPECT_FALSE(Filter::Parse("summit.title = x", v1::RECORD_KIND_ACTOR)->Matches(actor));
}

TEST(FilterEvaluatorTest, ARecordWithoutBodyMatchesNothingOfOne) {
  const auto record = testing::Text<v1::Record>("name: 'summits/s'");
  for (const char* text : {"title:*", "mentions(actors/x)", "has_conflict(time)",
                           "possibly(time, *, *)", "any(participants, id:*)"}) {
    EXPECT_FALSE(Holds(text, record)) << text;
  }
}

}  // namespace
}  // namespace communique::query
