// What a valid record is: one row for each rule.
#include "service/domain/validate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "google/rpc/error_details.pb.h"
#include "service/base/limits.h"
#include "tests/unit/text_proto.h"

namespace communique::domain {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::Text;

// Bodies that break no rule; `more` is added to them.
std::string Summit(const std::string& more) {
  return "name: 'summits/x' summit { title: 'T' type: SUMMIT_TYPE_VISIT " + more + " }";
}
std::string Regime(const std::string& more) {
  return "name: 'sanctions/x' sanction { title: 'T' regime { authority { text: 'UN' } " + more +
         " } }";
}
std::string Sanction(const std::string& detail) {
  return "name: 'sanctions/x' sanction { title: 'T' " + detail + " }";
}
std::string Designation(const std::string& more) {
  return Sanction("designation { regime { target: 'sanctions/un' } actor { target: 'actors/a' } " +
                  more + " }");
}
std::string Statement(const std::string& more) {
  return "name: 'statements/x' statement { title: 'T' speaker { actor { text: 'someone' } } " +
         more + " }";
}
std::string Actor(const std::string& more) {
  return "name: 'actors/x' actor { display_name: 'A' type: ACTOR_TYPE_PERSON " + more + " }";
}
std::string Source(const std::string& more) {
  return "name: 'sources/x' source { title: 'T' type: SOURCE_TYPE_ARTICLE " + more + " }";
}

// Every violation, "path: what is wrong".
std::vector<std::string> Problems(v1::Record& record, const std::string& prefix = "") {
  base::Violations violations;
  ValidateRecord(record, prefix, violations);
  google::rpc::BadRequest bad;
  bad.ParseFromString(base::DetailOf(violations.ToStatus(), "google.rpc.BadRequest"));
  std::vector<std::string> out;
  for (const auto& one : bad.field_violations()) {
    out.push_back(one.field() + ": " + one.description());
  }
  return out;
}
std::vector<std::string> Problems(const std::string& text) {
  auto record = Text<v1::Record>(text);
  return Problems(record);
}

struct Row {
  std::string record;
  std::string path;
  std::string what;
};

void ExpectRefused(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    EXPECT_THAT(Problems(row.record),
                ElementsAre(::testing::AllOf(::testing::StartsWith(row.path + ": "),
                                             HasSubstr(row.what))))
        << row.record;
  }
}

void ExpectValid(const std::vector<std::string>& records) {
  for (const std::string& record : records) EXPECT_THAT(Problems(record), IsEmpty()) << record;
}

TEST(ValidateTest, TheSmallestRecordsAreValid) {
  ExpectValid({"name: 'summits/x' summit { title: 'T' }", "name: 'sources/x' source { title: 'T' }",
               "name: 'actors/x' actor { display_name: 'A' }", Summit(""), Regime(""), Designation(""), Statement(""), Actor(""), Source(""),
               Sanction("measure { regime { target: 'sanctions/un' } }")});
}

TEST(ValidateTest, TheEnvelope) {
  ExpectRefused({
      {"actor { display_name: 'A' type: ACTOR_TYPE_STATE }", "name", "\"\" is required"},
      {"name: 'actors/A' actor { display_name: 'A' type: ACTOR_TYPE_STATE }", "name",
       "malformed id"},
      {"name: 'actors/a'", "", "has no body"},
      {"name: 'summits/a' actor { display_name: 'A' type: ACTOR_TYPE_STATE }", "name",
       "is of summits but the body is of kind actor"},
  });
}

TEST(ValidateTest, WhatTheServerKeepsIsCleared) {
  auto record = Text<v1::Record>(
      "revision: 5 create_revision: 4 create_time { seconds: 1 } update_time { seconds: 1 } "
      "etag: 'e' retired_ids: 'r' redirected_from: 'actors/b' computed_states { state: 's' } "
      "pin { revision: 3 } " + Actor(""));
  EXPECT_THAT(Problems(record), IsEmpty());
  EXPECT_EQ(record.SerializeAsString(), Text<v1::Record>(Actor("")).SerializeAsString());
}

TEST(ValidateTest, PathsBeginWithThePrefix) {
  auto record = Text<v1::Record>("name: 'actors/a' actor { type: ACTOR_TYPE_STATE }");
  EXPECT_THAT(Problems(record, "mutations[3].put"),
              ElementsAre("mutations[3].put.actor.display_name: is required"));
}

TEST(ValidateTest, WhatIsRequired) {
  ExpectRefused({
      {"name: 'summits/x' summit { type: SUMMIT_TYPE_CALL }", "summit.title", "required"},
      {Summit("transitions { id: 't' }"), "summit.transitions[t].to_state", "required"},
      {"name: 'sanctions/x' sanction { regime { authority { text: 'UN' } } }", "sanction.title",
       "required"},
      {Sanction(""), "sanction", "is one of regime, measure, designation"},
      {Sanction("regime {}"), "sanction.regime.authority", "required"},
      {Sanction("measure {}"), "sanction.measure.regime", "required"},
      {Sanction("designation { actor { text: 'a' } }"), "sanction.designation.regime", "required"},
      {Sanction("designation { regime { text: 'r' } }"), "sanction.designation.actor", "required"},
      {"name: 'statements/x' statement { speaker {} }", "statement.title", "required"},
      {"name: 'statements/x' statement { title: 'T' }", "statement.speaker", "required"},
      {Statement("segments { text: 'x' }"), "statement.segments[0].kind", "required"},
      {Statement("segments { id: 's' kind: SEGMENT_KIND_VERBATIM }"),
       "statement.segments[s].text", "required"},
      {Statement("claims { id: 'c' }"), "statement.claims[c].proposition", "required"},
      {Statement("claims { id: 'c' proposition { text: 'p' } resolution {} }"),
       "statement.claims[c].resolution.outcome", "required"},
      {Statement("questions { id: 'q' }"), "statement.questions[q].proposition", "required"},
      {Statement("questions { id: 'q' proposition { text: 'p' } resolution {} }"),
       "statement.questions[q].resolution.outcome", "required"},
      {Statement("predictions { id: 'p' proposition { text: 'p' } resolution {} }"),
       "statement.predictions[p].resolution.outcome", "required"},
      {Statement("stances { id: 's' kind: STANCE_KIND_DENIES }"), "statement.stances[s].target",
       "required"},
      {Statement("stances { id: 's' target { text: 't' } }"), "statement.stances[s].kind",
       "required"},
      {"name: 'actors/x' actor { type: ACTOR_TYPE_STATE }", "actor.display_name", "required"},
      {Actor("names { id: 'n' }"), "actor.names[0].text", "required"},
      {Actor("identifiers { type: 'passport' }"), "actor.identifiers[0].value", "required"},
      {Actor("relations { id: 'r' }"), "actor.relations[r].actor", "required"},
      {"name: 'sources/x' source { type: SOURCE_TYPE_REPORT }", "source.title", "required"},
      {"name: 'sources/x' source { title: 'T' type: SOURCE_TYPE_LIST_VERSION }",
       "source.list_version", "required"},
      {Actor("evidences { note: 'x' }"), "actor.evidences[0].source", "required"},
      {Statement("claims { id: 'c' proposition {} }"), "statement.claims[c].proposition.text",
       "kept in words"},
  });
}

TEST(ValidateTest, ElementsThatMustBeNamed) {
  const std::vector<Row> rows = {
      {Summit("transitions { to_state: SUMMIT_STATE_HELD }"), "summit.transitions[0].id", ""},
      {Summit("participants {}"), "summit.participants[0].id", ""},
      {Summit("agenda {}"), "summit.agenda[0].id", ""},
      {Summit("announcements {}"), "summit.announcements[0].id", ""},
      {Summit("outcomes {}"), "summit.outcomes[0].id", ""},
      {Summit("itineraries {}"), "summit.itineraries[0].id", ""},
      {Summit("itineraries { id: 'i' legs {} }"), "summit.itineraries[i].legs[0].id", ""},
      {Summit("sub_events {}"), "summit.sub_events[0].id", ""},
      {Summit("relations {}"), "summit.relations[0].id", ""},
      {Statement("claims { proposition { text: 'p' } }"), "statement.claims[0].id", ""},
      {Statement("questions { proposition { text: 'p' } }"), "statement.questions[0].id", ""},
      {Statement("predictions { proposition { text: 'p' } }"), "statement.predictions[0].id", ""},
      {Statement("stances { target { text: 't' } kind: STANCE_KIND_DENIES }"),
       "statement.stances[0].id", ""},
      {Actor("positions {}"), "actor.positions[0].id", ""},
      {Actor("relations { actor { text: 'a' } }"), "actor.relations[0].id", ""},
      {Actor("identity_judgements {}"), "actor.identity_judgements[0].id", ""},
      {Source("revisions {}"), "source.revisions[0].id", ""},
      {Source("media {}"), "source.media[0].id", ""},
      {Designation("intervals {}"), "sanction.designation.intervals[0].id", ""},
  };
  for (const Row& row : rows) {
    EXPECT_THAT(Problems(row.record), ElementsAre(row.path + ": is required")) << row.record;
  }
}

TEST(ValidateTest, IdsAreWellFormedAndOnce) {
  ExpectRefused({
      {Actor("names { id: 'N' text: 'x' }"), "actor.names[N].id", "must be 1 to 128"},
      {Actor("names { id: 'a' text: 'x' } names { id: 'a' text: 'y' }"), "actor.names[a].id",
       "\"a\" is already the id of actor.names[a]"},
      {Actor("names { id: 'a' text: 'x' } positions { id: 'a' }"), "actor.positions[a].id",
       "\"a\" is already the id of actor.names[a]"},
  });
  ExpectValid({Actor("names { text: 'x' } names { text: 'y' }")});
}

TEST(ValidateTest, Values) {
  ExpectRefused({
      {Summit("state: 99"), "summit.state", "99 is no value of SummitState"},
      {Sanction("designation { regime { text: 'r' } actor { text: 'a' } measure_types: [1, 77] }"),
       "sanction.designation.measure_types[1]", "77 is no value of MeasureType"},
      {Statement("language_code: 'english language'"), "statement.language_code", "BCP-47"},
      {Statement("original_language_code: '1x'"), "statement.original_language_code", "BCP-47"},
      {Statement("language_code: 'e'"), "statement.language_code", "BCP-47"},
      {Statement("language_code: 'en-'"), "statement.language_code", "BCP-47"},
      {Statement("language_code: 'en-abcdefghi'"), "statement.language_code", "BCP-47"},
      {Actor("region_code: 'kp'"), "actor.region_code", "ISO 3166-1"},
      {Actor("region_code: 'PRK'"), "actor.region_code", "ISO 3166-1"},
      {Regime("region_codes: 'KP' region_codes: 'K1'"), "sanction.regime.region_codes[1]",
       "ISO 3166-1"},
      {Actor("description: 'a\\000b'"), "actor.description", "NUL"},
      {Regime("aliases: 'a' aliases: '\\000'"), "sanction.regime.aliases[1]", "NUL"},
      {Actor("relations { id: 'r' actor { text: 'a' } share_percent: 101 }"),
       "actor.relations[r].share_percent", "0 to 100"},
      {Actor("relations { id: 'r' actor { text: 'a' } share_percent: -1 }"),
       "actor.relations[r].share_percent", "0 to 100"},
      {Summit("itineraries { id: 'i' distance { value: inf } }"),
       "summit.itineraries[i].distance.value", "not finite"},
      {Summit("series { number: -1 }"), "summit.series.number", "negative"},
      {Source("revisions { id: 'r' length: -1 }"), "source.revisions[r].length", "negative"},
      {Actor("evidences { source { text: 's' } selectors { start_offset: 5 end_offset: 4 } }"),
       "actor.evidences[0].selectors[0]", "before start_offset"},
      {Actor("evidences { source { text: 's' } selectors { start_offset: -1 end_offset: 4 } }"),
       "actor.evidences[0].selectors[0]", "negative"},
  });
  ExpectValid({Statement("language_code: 'zh-Hant-TW'"), Statement("language_code: 'ko'"),
               Actor("region_code: 'KP'"),
               Actor("relations { id: 'r' actor { text: 'a' } share_percent: 100 }")});
}

TEST(ValidateTest, ReferencesAndPlaces) {
  ExpectRefused({
      {Source("publisher {}"), "source.publisher", "needs a target, text or both"},
      {Source("publisher { target: 'yonhap' }"), "source.publisher.target", "{collection}/{id}"},
      {Source("publisher { target: 'actors/a#' }"), "source.publisher.target", "{collection}/{id}"},
      {Summit("place {}"), "summit.place", "needs display_name, path or both"},
      {Summit("place { path: 'RU//khasan' }"), "summit.place.path", "empty segment"},
      {Summit("place { path: '/RU' }"), "summit.place.path", "empty segment"},
      {Summit("place { path: 'RU/kha san' }"), "summit.place.path", "segments are made of"},
      {Summit("place { path: 'RU' borders: 'KP/' }"), "summit.place.borders", "empty segment"},
      {Summit("place { path: 'RU' coordinates { latitude_degrees: 90.5 } }"),
       "summit.place.coordinates", "latitude is -90 to 90"},
      {Summit("place { path: 'RU' coordinates { longitude_degrees: -181 } }"),
       "summit.place.coordinates", "longitude"},
      {Summit("place { path: 'RU' coordinates { precision_meters: -1 } }"),
       "summit.place.coordinates", "precision"},
      {Sanction("measure { regime { target: 'actors/a' } }"), "sanction.measure.regime",
       "must refer to one of sanctions"},
      {Sanction("designation { regime { target: 'actors/a' } actor { text: 'a' } }"),
       "sanction.designation.regime", "must refer to one of sanctions"},
      {Sanction("designation { regime { text: 'r' } actor { target: 'sources/a' } }"),
       "sanction.designation.actor", "must refer to one of actors"},
  });
  ExpectValid({Summit("place { path: 'RU/RU-PRI/khasan' borders: 'KP' "
                      "coordinates { latitude_degrees: -90 longitude_degrees: 180 } }"),
               Source("publisher { target: 'actors/yonhap#desk' }"),
               Source("publisher { text: 'the West' }")});
}

TEST(ValidateTest, TimesAndDurations) {
  ExpectRefused({
      {Summit("time {}"), "summit.time", "needs text, edtf or both"},
      {Summit("time { edtf: '2023-13' }"), "summit.time.edtf", ""},
      {Summit("itineraries { id: 'i' duration {} }"), "summit.itineraries[i].duration",
       "needs text, iso_duration or both"},
      {Summit("itineraries { id: 'i' duration { iso_duration: '20h' } }"),
       "summit.itineraries[i].duration.iso_duration", "ISO 8601"},
      {Summit("itineraries { id: 'i' legs { id: 'l' departure { edtf: '2023-09-13' } "
              "arrival { edtf: '2023-09-10' } } }"),
       "summit.itineraries[i].legs[l]", "departs after it arrives"},
  });
  ExpectValid({Summit("itineraries { id: 'i' duration { iso_duration: 'PT20H' } }"),
               Summit("itineraries { id: 'i' legs { id: 'l' departure { edtf: '2023-09-13' } "
                      "arrival { edtf: '2023-09-12' } } }")});  // of unknown zones
}

TEST(ValidateTest, IdsThatPointWithinTheRecord) {
  ExpectRefused({
      {Summit("transitions { id: 't' to_state: SUMMIT_STATE_HELD announcement_id: 'a' }"),
       "summit.transitions[t].announcement_id", "names no announcement"},
      {Summit("agenda { id: 'a' transaction_id: 't' }"), "summit.agenda[a].transaction_id",
       "names no transaction"},
      {Summit("sub_events { id: 's' leg_id: 'l' }"), "summit.sub_events[s].leg_id", "names no leg"},
      {Actor("births { name_id: 'n' }"), "actor.births[0].name_id", "names no name"},
  });
  ExpectValid(
      {Summit("announcements { id: 'a' } "
              "transitions { id: 't' to_state: SUMMIT_STATE_HELD announcement_id: 'a' }"),
       Summit("transactions { id: 't' } agenda { id: 'a' transaction_id: 't' }"),
       Summit("itineraries { id: 'i' legs { id: 'l' } } sub_events { id: 's' leg_id: 'l' }"),
       Actor("names { id: 'n' text: 'x' } births { name_id: 'n' }")});
}

TEST(ValidateTest, ListingIntervals) {
  const std::string first =
      "intervals { id: 'i1' listed_time { edtf: '2016-03-02' } delisted_time { edtf: '2018-01-05' } }";
  ExpectRefused({
      {Designation("intervals { id: 'i' listed_time { edtf: '2020-02' } "
                   "delisted_time { edtf: '2019' } }"),
       "sanction.designation.intervals[i]", "delisted before it is listed"},
      {Designation("intervals { id: 'i1' } intervals { id: 'i2' }"),
       "sanction.designation.intervals[i2]", "still open"},
      {Designation(first + " intervals { id: 'i2' listed_time { edtf: '2017-01-01' } }"),
       "sanction.designation.intervals[i2]", "before the previous interval has ended"},
  });
  ExpectValid({Designation(first + " intervals { id: 'i2' listed_time { edtf: '2018-01-05' } }")});
}

TEST(ValidateTest, WordsAndPredictions) {
  ExpectRefused({
      {Statement("segments { kind: SEGMENT_KIND_OMISSION text: 'x' }"),
       "statement.segments[0].text", "must be empty in an omission"},
      {Statement("predictions { id: 'p' }"), "statement.predictions[p]",
       "either a question or a proposition"},
      {Statement("predictions { id: 'p' question { text: 'q' } proposition { text: 'p' } }"),
       "statement.predictions[p]", "either a question or a proposition"},
      {Statement("predictions { id: 'p' question { text: 'q' } "
                 "resolution { outcome: RESOLUTION_OUTCOME_TRUE } }"),
       "statement.predictions[p].resolution", "resolved once"},
  });
  ExpectValid({Statement("segments { kind: SEGMENT_KIND_OMISSION }")});
}

TEST(ValidateTest, UnknownFieldsAreRefusedWhereTheyAre) {
  auto record = Text<v1::Record>(Actor("names { id: 'n' text: 'x' }"));
  v1::ActorName& name = *record.mutable_actor()->mutable_names(0);
  name.GetReflection()->MutableUnknownFields(&name)->AddVarint(999, 1);
  EXPECT_THAT(Problems(record), ElementsAre("actor.names[n]: has a field of number 999, which "
                                            "this server does not know"));
  auto envelope = Text<v1::Record>(Actor(""));
  envelope.GetReflection()->MutableUnknownFields(&envelope)->AddVarint(998, 1);
  EXPECT_THAT(Problems(envelope), ElementsAre(HasSubstr("number 998")));
}

TEST(ValidateTest, EveryViolationIsToldAtOnce) {
  EXPECT_THAT(Problems("name: 'BAD' actor { region_code: 'x' names { id: 'N' } relations { } }"),
              ElementsAre(HasSubstr("name: "), HasSubstr("actor.names[N].id: "),
                          HasSubstr("actor.region_code: "), HasSubstr("actor.relations[0].id: "),
                          HasSubstr("actor.display_name: "), HasSubstr("actor.names[0].text: "),
                          HasSubstr(".actor: is required")));
}

// --- Assertions --------------------------------------------------------------------

const char kPreferred[] = "rank: RANK_PREFERRED ";

TEST(AssertionsTest, WhatAgreesIsValid) {
  ExpectValid({
      Actor("assertions { path: 'display_name' value { string_value: 'A' } rank: RANK_PREFERRED }"),
      Actor("assertions { path: 'display_name' value { string_value: 'A' } rank: RANK_PREFERRED } "
            "assertions { path: 'display_name' value { string_value: 'B' } }"),
      Actor("assertions { path: 'type' value { enum_value: 'ACTOR_TYPE_PERSON' } "
            "rank: RANK_PREFERRED }"),
      Actor("assertions { path: 'gender' value { string_value: 'm' } }"),
      Actor("assertions { path: 'gender' state: VALUE_STATE_UNKNOWN rank: RANK_PREFERRED }"),
      Summit("time { edtf: '2023-09-12' } assertions { path: 'time' "
             "value { time_value { edtf: '2023-09-12' } } rank: RANK_PREFERRED }"),
      Summit("itineraries { id: 'i' legs { id: 'l' manner: 'slowly' } } "
             "assertions { path: 'itineraries[i].legs[l].manner' "
             "value { string_value: 'slowly' } rank: RANK_PREFERRED }"),
      Summit("series { number: 3 } assertions { path: 'series.number' value { int_value: 3 } "
             "rank: RANK_PREFERRED }"),
      Actor("relations { id: 'r' actor { text: 'a' } share_percent: 50 } assertions { "
            "path: 'relations[r].share_percent' value { double_value: 50 } rank: RANK_PREFERRED }"),
      Statement("translated: true assertions { path: 'translated' value { bool_value: true } "
                "rank: RANK_PREFERRED }"),
  });
}

TEST(AssertionsTest, WhatDoesNotIsRefused) {
  const std::string preferred = kPreferred;
  ExpectRefused({
      {Actor("assertions { path: 'nonsense' value { string_value: 'x' } }"),
       "actor.assertions[0].path", "Actor has no field \"nonsense\""},
      {Actor("assertions { id: 'as' path: 'names[zz].text' value { string_value: 'x' } }"),
       "actor.assertions[as].path", "has no element \"zz\""},
      {Actor("assertions { path: 'gender' state: VALUE_STATE_KNOWN }"),
       "actor.assertions[0].value", "required when the state is KNOWN"},
      {Actor("assertions { path: 'gender' state: VALUE_STATE_UNKNOWN "
             "value { string_value: 'x' } }"),
       "actor.assertions[0].value", "must be unset when the state is not KNOWN"},
      {Actor("names { text: 'x' } assertions { path: 'names' value { string_value: 'x' } }"),
       "actor.assertions[0].path", "leads to no single value"},
      {Source("framing: FRAMING_QUESTION list_version { list_id: 'x' } "
              "assertions { path: 'list_version' value { string_value: 'x' } }"),
       "source.assertions[0].path", "leads to no single value"},
      {Actor("assertions { path: 'gender' value { int_value: 3 } }"), "actor.assertions[0].value",
       "must be a string_value"},
      {Actor("assertions { path: 'type' value { enum_value: 'ROBOT' } }"),
       "actor.assertions[0].value.enum_value", "is no value of ActorType"},
      {Actor("assertions { path: 'display_name' value { string_value: 'A' } " + preferred +
             "} assertions { path: 'display_name' value { string_value: 'A' } " + preferred + "}"),
       "actor.assertions[1].rank", "a second preferred value"},
      {Actor("assertions { path: 'display_name' value { string_value: 'B' } " + preferred + "}"),
       "actor.display_name", "differs from its preferred assertion (actor.assertions[0])"},
      {Actor("assertions { path: 'gender' value { string_value: 'm' } " + preferred + "}"),
       "actor.gender", "differs from its preferred assertion"},
      {Actor("gender: 'm' assertions { path: 'gender' state: VALUE_STATE_NOT_STATED " + preferred +
             "}"),
       "actor.gender", "must be unset: the preferred assertion gives no value"},
      {Actor("gender: 'm' assertions { path: 'gender' value { string_value: 'm' } }"),
       "actor.gender", "must be unset: none of its assertions is preferred"},
      {Summit("time { edtf: '2023-09-12' } assertions { path: 'time' "
              "value { time_value { edtf: '2023-09-13' } } " + preferred + "}"),
       "summit.time", "differs from its preferred assertion"},
  });
}

TEST(AssertionsTest, EveryKindHasThem) {
  const std::string differs = "assertions { path: 'title' value { string_value: 'U' } "
                              "rank: RANK_PREFERRED }";
  ExpectRefused({{Summit(differs), "summit.title", "differs"},
                 {Statement(differs), "statement.title", "differs"},
                 {Source(differs), "source.title", "differs"},
                 {Sanction("regime { authority { text: 'UN' } } " + differs), "sanction.title",
                  "differs"}});
}

TEST(AssertionsTest, BrokenValuesAreNotCompared) {
  EXPECT_THAT(Problems(Actor("region_code: 'x' assertions { path: 'region_code' "
                             "value { string_value: 'y' } rank: RANK_PREFERRED }")),
              ElementsAre(HasSubstr("ISO 3166-1")));
}

TEST(AssertionsTest, NumbersAreComparedWhole) {
  ExpectRefused({{Actor("relations { id: 'r' actor { text: 'a' } share_percent: 33.3333331 } assertions { "
                        "path: 'relations[r].share_percent' value { double_value: 33.3333339 } rank: RANK_PREFERRED }"),
                  "actor.relations[r].share_percent", "differs"}});
}

TEST(AssertionsTest, ZeroAndFalseCanBePreferred) {
  ExpectValid({Statement("assertions { path: 'translated' value { bool_value: false } rank: RANK_PREFERRED }"),
               Actor("relations { id: 'r' actor { text: 'a' } } assertions { path: 'relations[r].share_percent' "
                     "value { double_value: 0 } rank: RANK_PREFERRED }")});
}

// "name#element#revision" is no reference.
TEST(ValidateTest, ARevisionOfEvidenceIsAnIdOfItsSource) {
  ExpectRefused({{Actor("evidences { source { target: 'sources/s' } source_revision: 'BAD ID!' }"),
                  "actor.evidences[0].source_revision", "is no id"},
                 {Actor("evidences { source { target: 'sources/s#r1' } source_revision: 'r1' }"),
                  "actor.evidences[0].source.target", "names an element"}});
}

}  // namespace
}  // namespace communique::domain
