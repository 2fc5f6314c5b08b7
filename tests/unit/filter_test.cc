// The filter language: its grammar, which names and values are known, and where a
// mistake is.
#include "service/query/filter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <malloc.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "service/base/error.h"
#include "service/base/limits.h"

namespace communique::query {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// The error of a text, "" when it has none: "17: what was expected".
std::string ErrorOf(absl::string_view text, v1::RecordKind kind = v1::RECORD_KIND_UNSPECIFIED) {
  const auto filter = Filter::Parse(text, kind);
  if (filter.ok()) return "";
  EXPECT_EQ(filter.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(base::ReasonOf(filter.status()), v1::ERROR_REASON_INVALID_FILTER);
  const std::string position = base::MetadataOf(filter.status(), "position");
  const std::string prefix = absl::StrCat("filter: at byte ", position, ": ");
  EXPECT_THAT(std::string(filter.status().message()), StartsWith(prefix));
  return absl::StrCat(position, ": ", absl::StripPrefix(filter.status().message(), prefix));
}

// Which of four records match: "s a ab p" for summits/s, actors/a, actors/ab,
// sources/p; or the error. By name alone and by the record, which must agree.
std::string Matching(absl::string_view text) {
  const auto filter = Filter::Parse(text);
  if (!filter.ok()) return ErrorOf(text);
  EXPECT_FALSE(filter->needs_record()) << text;
  std::string out;
  for (const char* name : {"summits/s", "actors/a", "actors/ab", "sources/p"}) {
    v1::Record record;
    record.set_name(name);
    EXPECT_EQ(filter->Matches(record), filter->MatchesName(name)) << text;
    if (filter->MatchesName(name)) {
      absl::StrAppend(&out, out.empty() ? "" : " ",
                      std::vector<std::string>(absl::StrSplit(name, '/'))[1]);
    }
  }
  return out;
}

struct Case {
  std::string text;
  std::string wanted;
};

TEST(FilterTest, Terms) {
  const Case cases[] = {
      {"", "s a ab p"},
      {"  \t\n", "s a ab p"},
      {"kind = actor", "a ab"},
      {"kind=actor", "a ab"},
      {"kind = \"actor\"", "a ab"},
      {"kind = 'actor'", "a ab"},
      {"kind = ACTOR", "a ab"},
      {"kind = Actor", "a ab"},
      {"kind = RECORD_KIND_ACTOR", "a ab"},
      {"kind = record_kind_actor", "a ab"},
      {"kind:actor", "a ab"},
      {"kind:*", "s a ab p"},
      {"kind != actor", "s p"},
      {"name = \"actors/a\"", "a"},
      {"name = actors/a", "a"},
      {"name != \"actors/a\"", "s ab p"},
      {"name = \"actors/*\"", "a ab"},
      {"name = actors/*", "a ab"},
      {"name = \"actors/a*\"", "a ab"},
      {"name = \"actors/ab*\"", "ab"},
      {"name = \"*b\"", "ab"},
      {"name = \"*s/a*\"", "a ab"},
      {"name != \"*s/a*\"", "s p"},
      {"name = \"*\"", "s a ab p"},
      {"name = *", "s a ab p"},
      {"name = \"actors\\/a\"", "a"},
      {"name:*", "s a ab p"},
      {"name:CTORS/A", "a ab"},
      {"name:\"\"", "s a ab p"},
      {"name < \"actors/ab\"", "a"},
      {"name <= \"actors/ab\"", "a ab"},
      {"name > \"actors/ab\"", "s p"},
      {"name >= \"actors/ab\"", "s ab p"},
      {"NOT kind = actor", "s p"},
      {"-kind = actor", "s p"},
      {"- kind = actor", "s p"},
      {"NOT kind != actor", "a ab"},
      {"NOT NOT kind = actor", "a ab"},
      {"NOT -kind = actor", "a ab"},
      {"NOT(kind = actor)", "s p"},
      {"(kind = actor)", "a ab"},
      {"((kind = actor))", "a ab"},
      {"( kind = actor )", "a ab"},
      {"-(kind = actor)", "s p"},
      {"name='actors/a'kind='actor'", "a"},  // a quotation ends by itself
  };
  for (const Case& test : cases) EXPECT_EQ(Matching(test.text), test.wanted) << test.text;
}

TEST(FilterTest, OrBindsTighterThanAnd) {
  const Case cases[] = {
      // (a AND s) OR p would be p.
      {"kind = actor AND kind = summit OR kind = source", ""},
      {"kind = source OR kind = actor AND name = \"actors/a\"", "a"},
      {"kind = source OR (kind = actor AND name = \"actors/a\")", "a p"},
      {"kind = summit OR kind = source OR kind = actor", "s a ab p"},
      {"kind = actor AND name = \"actors/ab\"", "ab"},
      {"kind = actor name = \"actors/ab\"", "ab"},  // a sequence is AND
      {"kind = actor -name = \"actors/ab\"", "a"},
      {"kind = actor OR kind = source NOT name = actors/a", "ab p"},
      {"kind = actor (name = actors/a OR name = sources/p)", "a"},
      {"NOT kind = actor OR name = \"actors/a\"", "s a p"},  // NOT binds tightest
      {"kind = actor AND NOT (name = \"actors/a\" OR name = \"actors/ab\")", ""},
  };
  for (const Case& test : cases) EXPECT_EQ(Matching(test.text), test.wanted) << test.text;
}

TEST(FilterTest, SyntaxErrorsSayWhatWasExpectedAndWhere) {
  const std::string term = "a field, a function, NOT or \"(\" was expected";
  const std::string end = "AND, OR or the end was expected";
  const Case cases[] = {
      {"kind = ", "7: a value was expected after ="},
      {"kind = )", "7: a value was expected after ="},
      {"kind == actor", "6: a value was expected after ="},
      {"kind !", "5: != was expected"},
      {"kind ! actor", "5: != was expected"},
      {"name = \"actors/a", "7: the quotation that begins here is not closed"},
      {"name = 'actors/a\"", "7: the quotation that begins here is not closed"},
      {"name = \"actors/a\\\"", "7: the quotation that begins here is not closed"},
      {"(kind = actor", "13: AND, OR or \")\" was expected"},
      {"(kind = actor, kind = summit)", "13: AND, OR or \")\" was expected"},
      {"kind = actor)", "12: " + end},
      {"kind = actor, kind = summit", "12: " + end},
      {"kind = actor AND", "16: " + term},
      {"OR kind = actor", "0: " + term},
      {"AND kind = actor", "0: " + term},
      {"kind = actor OR OR kind = summit", "16: " + term},
      {"kind = actor AND AND kind = summit", "17: " + term},
      {"()", "1: " + term},
      {"NOT", "3: " + term},
      {"-", "1: " + term},
      {"= actor", "0: " + term},
      {": actor", "0: " + term},
      {"within(place", "12: \",\" or \")\" was expected"},
      {"within(place,", "13: " + term},
      {"within(place,)", "13: " + term},
      {".name = x", "0: the name of a field was expected"},
      {"name. = x", "5: the name of a field was expected"},
      {"summit..title = x", "7: the name of a field was expected"},
      // Bytes, of the text as it was sent.
      {"   kind !", "8: != was expected"},
      {"name:\"\xed\x8f\x89\" kind !", "16: != was expected"},
  };
  for (const Case& test : cases) EXPECT_EQ(ErrorOf(test.text), test.wanted) << test.text;
}

TEST(FilterTest, ABareWordIsSentToText) {
  const std::string what =
      "a comparison was expected (field = value); to search for words write text(\"";
  const Case cases[] = {
      {"pyongyang", "0: " + what + "pyongyang\")"},
      {"\"Kim Jong Un\"", "0: " + what + "Kim Jong Un\")"},
      {"kind = actor kim", "13: " + what + "kim\")"},
      {"kind", "0: " + what + "kind\")"},
      {"NOT kind", "4: " + what + "kind\")"},
      {"\xed\x8f\x89\xec\x96\x91", "0: " + what + "\xed\x8f\x89\xec\x96\x91\")"},
  };
  for (const Case& test : cases) EXPECT_EQ(ErrorOf(test.text), test.wanted) << test.text;
}

TEST(FilterTest, UnknownFieldsAreToldWithWhatIsKnown) {
  const auto summit = [](absl::string_view text) { return ErrorOf(text, v1::RECORD_KIND_SUMMIT); };
  EXPECT_EQ(
      summit("colour = red"),
      "0: unknown field \"colour\" of Summit; known are kind, name, title, type, format, "
      "state, transitions, time, place, series, participants, agenda, announcements, outcomes, "
      "itineraries, relations, transactions, violation_allegations, sub_events, assertions "
      "and 12 more");
  EXPECT_THAT(summit("kind = summit AND titel = x"),
              StartsWith("18: unknown field \"titel\" of Summit (did you mean title?); known are"));
  EXPECT_THAT(summit("nmae = x"), StartsWith("0: unknown field \"nmae\" of Summit; known"));
  EXPECT_EQ(summit("time.txt = x"),
            "5: unknown field \"txt\" of FuzzyTime (did you mean text?); known are text, edtf, "
            "part_of_day, time_zones, anchor_date, tolerance, earliest_begin_time, "
            "latest_begin_time, earliest_end_time, latest_end_time");
  EXPECT_EQ(summit("title.x = y"), "6: title is a text and has no fields");
  EXPECT_EQ(summit("state.x.y = z"), "6: state is an enum and has no fields");
  EXPECT_EQ(
      summit("summit.place.pth = z"),
      "13: unknown field \"pth\" of Place (did you mean path?); known are display_name, names, "
      "path, coordinates, borders, type");
  // Another kind's fields are unknown; without a kind they are not.
  EXPECT_THAT(summit("posted_time:*"), StartsWith("0: unknown field"));
  EXPECT_EQ(ErrorOf("posted_time:*"), "");
  EXPECT_THAT(ErrorOf("colour = red"),
              StartsWith("0: unknown field \"colour\"; known are kind, name, title, "));
  EXPECT_THAT(ErrorOf("time.txt = red"), StartsWith("5: unknown field \"txt\" of FuzzyTime"));
  // What only answers have.
  EXPECT_EQ(ErrorOf("pin.revision = 1"), "0: pin is not stored: only answers have it");
  EXPECT_THAT(ErrorOf("redirected_from:*"), HasSubstr("only answers have it"));
  EXPECT_THAT(ErrorOf("computed_states:*"), HasSubstr("only answers have it"));
}

TEST(FilterTest, WrongTypesAreToldWithWhatWasExpected) {
  const auto summit = [](absl::string_view text) { return ErrorOf(text, v1::RECORD_KIND_SUMMIT); };
  const Case cases[] = {
      {"state = robot",
       "8: state is an enum: one of UNSPECIFIED, SPECULATED, REPORTED, ANNOUNCED, UNDER_WAY, HELD, "
       "POSTPONED, MOVED, CANCELLED, DENIED, INTENDED was expected, not \"robot\""},
      {"format = bilaterl",
       "9: format is an enum: one of UNSPECIFIED, BILATERAL, TRILATERAL, MULTILATERAL (did you "
       "mean "
       "BILATERAL?) was expected, not \"bilaterl\""},
      {"state > HELD", "6: state is an enum: =, != or : was expected, not >"},
      {"transactions.secret = yes",
       "22: transactions.secret is a truth value: true or false was expected, not \"yes\""},
      {"transactions.secret >= true",
       "20: transactions.secret is a truth value: =, != or : was expected, not >="},
      {"series.number = x",
       "16: series.number is an integer: an integer from -2147483648 to 2147483647 was expected, "
       "not \"x\""},
      {"series.number = 2147483648",
       "16: series.number is an integer: an integer from -2147483648 to 2147483647 was expected, "
       "not \"2147483648\""},
      {"series.number = 1.5",
       "16: series.number is an integer: an integer from -2147483648 to 2147483647 was expected, "
       "not \"1.5\""},
      {"revision = 9223372036854775808",
       "11: revision is an integer: an integer from -9223372036854775808 to 9223372036854775807 "
       "was "
       "expected, not \"9223372036854775808\""},
      {"itineraries.distance.value = nan",
       "29: itineraries.distance.value is a number: a finite number such as 12 or 0.5 was "
       "expected, "
       "not \"nan\""},
      {"create_time > yesterday",
       "14: create_time is a Timestamp: a date (2023-09-12) or an RFC 3339 timestamp "
       "(2023-09-12T10:00:00Z) was expected, not \"yesterday\""},
      {"time.tolerance > 10",
       "17: time.tolerance is a Duration: a duration such as 10s or 1.5s was expected, not \"10\""},
      {"time = 2023-09-12",
       "5: time is a FuzzyTime and compares with nothing: use definitely(time, ...), "
       "possibly(time, "
       "...) or time.edtf"},
      {"place:Pyongyang",
       "5: place is a Place and compares with nothing: use within(place, ...) or "
       "place.display_name"},
      {"participants.actor = \"actors/x\"",
       "19: participants.actor is a Reference and compares with nothing: use "
       "participants.actor.target, participants.actor.text or mentions(...)"},
      {"series = x",
       "7: series is a Series and compares with nothing: compare one of its fields: display_name, "
       "number"},
      {"title < \"Kim*\"", "8: * is for = and !=, not <"},
      {"title:\"Kim*\"", "6: : means contains already: write title:Kim, or title = \"Kim*\""},
      {"state = HELD*",
       "8: state is an enum: a value without * was expected; state:* asks whether it is set"},
      {"name = actors", "7: \"actors\" must have the form {collection}/{id}"},
      {"name = robots/x",
       "7: \"robots/x\" names an unknown kind; collections are summits, sanctions, statements, "
       "actors, sources"},
      {"kind = robot",
       "7: \"robot\" is no kind; kinds are summit, sanction, statement, actor, source"},
      {"kind = unspecified",
       "7: \"unspecified\" is no kind; kinds are summit, sanction, statement, actor, source"},
      {"kind = a*", "7: \"a*\" is no kind; kinds are summit, sanction, statement, actor, source"},
      {"kind > actor", "5: =, != or : was expected after kind, not >"},
  };
  for (const Case& test : cases) EXPECT_EQ(summit(test.text), test.wanted) << test.text;
  // Without a kind, what each would have taken.
  EXPECT_EQ(
      ErrorOf("state = robot"),
      "8: state is an enum: one of UNSPECIFIED, SPECULATED, REPORTED, ANNOUNCED, UNDER_WAY, "
      "HELD, POSTPONED, MOVED, CANCELLED, DENIED, INTENDED was expected, not \"robot\"; or "
      "state is an enum: one of UNSPECIFIED, STANDING, CORRECTED, RETRACTED was expected, not "
      "\"robot\"");
}

TEST(FilterTest, MistakesInCalls) {
  const auto summit = [](absl::string_view text) { return ErrorOf(text, v1::RECORD_KIND_SUMMIT); };
  const std::string bound =
      "a date (\"2023-09-12\"), an RFC 3339 timestamp (\"2023-09-12T10:00:00Z\") or * was expected";
  const std::string place = "a containment path was expected, such as \"RU/RU-PRI\"";
  const std::string target =
      "a name was expected, such as \"actors/x\", or one of its elements, \"actors/x#id\"";
  const Case cases[] = {
      {"now()",
       "0: unknown function \"now\"; known are definitely, possibly, within, mentions, text, any, "
       "has_conflict"},
      {"posibly(time, *, *)",
       "0: unknown function \"posibly\" (did you mean possibly?); known are definitely, possibly, "
       "within, mentions, text, any, has_conflict"},
      {"definitely(time, \"2023-09-12\")",
       "0: definitely() is called so: definitely(field, \"2023-09-12\", \"2023-09-14\")"},
      {"text()", "0: text() is called so: text(\"words\")"},
      {"definitely(\"time\", *, *)",
       "11: the path of a field was expected, without quotation marks, in definitely()"},
      {"definitely(time = 1, *, *)",
       "11: the path of a field was expected, without quotation marks, in definitely()"},
      {"definitely(place, *, *)", "11: definitely() takes a FuzzyTime, and place is a Place"},
      {"possibly(title, *, *)", "9: possibly() takes a FuzzyTime, and title is a text"},
      {"possibly(time, soon, *)", "15: " + bound},
      {"possibly(time, *, \"2023-09\")", "18: " + bound},
      {"possibly(time, \"2023-02-30\", *)", "15: " + bound},
      {"possibly(time, \"2023-09-12T10:00:00\", *)", "15: " + bound},
      {"possibly(time, \"2023-09-12T25:00:00Z\", *)", "15: " + bound},
      {"possibly(time, \"2023-09-12 10:00:00Z\", *)", "15: " + bound},
      {"possibly(time, \"0000-01-01\", *)", "15: " + bound},
      {"possibly(time, (series.number = 1), *)", "16: " + bound},
      {"possibly(time, \"2023-09-13\", \"2023-09-12\")", "15: the range begins after its end"},
      {"possibly(time, \"2023-09-13T00:00:00Z\", \"2023-09-12T23:59:59Z\")",
       "15: the range begins after its end"},
      {"within(time, \"RU\")", "7: within() takes a Place, and time is a FuzzyTime"},
      {"within(place, \"\")", "14: " + place},
      {"within(place, \"RU/\")", "14: " + place},
      {"within(place, \"/RU\")", "14: " + place},
      {"within(place, \"RU*\")", "14: " + place},
      {"mentions(kim)", "9: " + target},
      {"mentions(\"actors/x#\")", "9: " + target},
      {"mentions(\"actors/*\")", "9: " + target},
      {"mentions(kind = actor)", "9: a text in quotation marks was expected"},
      {"any(title, text = x)", "4: any() takes a list of messages, and title is a text"},
      {"any(time, text:*)", "4: any() takes a list of messages, and time is a FuzzyTime"},
      {"any(transactions.given, x = y)",
       "4: any() takes a list of messages, and transactions.given is one of values: compare it by "
       "itself"},
      {"any(participants, colour = red)",
       "18: unknown field \"colour\" of Participation; known are id, actor, role, on_behalf_of, "
       "position, modality, evidences"},
      {"any(participants, kind = actor)",
       "18: unknown field \"kind\" of Participation; known are id, actor, role, "
       "on_behalf_of, position, modality, evidences"},
      {"any(participants, mentions(\"actors/x\"))",
       "18: mentions() is about the whole record: it cannot stand within any()"},
      {"any(participants, text(\"x\"))",
       "18: text() is about the whole record: it cannot stand within any()"},
      {"any(participants, has_conflict(role))",
       "18: has_conflict() is about the whole record: it cannot stand within any()"},
      {"any(participants, host)",
       "18: a comparison was expected (field = value); to search for words write text(\"host\")"},
      {"has_conflict(revision)",
       "13: a field that assertions are about was expected: revision is not in a body"},
  };
  for (const Case& test : cases) EXPECT_EQ(summit(test.text), test.wanted) << test.text;
  EXPECT_THAT(summit("possibly(tme, *, *)"),
              StartsWith("9: unknown field \"tme\" of Summit (did you mean time?)"));
}

TEST(FilterTest, WhatIsLegal) {
  for (const char* text : {
           "title = \"x\"",
           "summit.title = x",
           "state = HELD",
           "type = PERSON",
           "revision > 3",
           "create_time > 2023-09-12T10:00:00Z",
           "retired_ids = x",
           "summit:*",
           "create_time = 2023-09-12",
           "participants.actor.target = \"actors/x\"",
           "definitely(time, 2023-09-12, \"2023-09-14\")",
           "possibly(time, \"*\", *)",
           "definitely(time, \"2023-09-12T10:00:00.5+09:00\", *)",
           "definitely(itineraries.legs.departure, *, *)",
           "within(place, RU/RU-PRI)",
           "within(itineraries.legs.origin, \"RU\")",
           "mentions(actors/x)",
           "mentions(\"actors/x#id\")",
           "text(\"one two*\")",
           "any(participants, role = HOST)",
           "any(names, kind = ALIAS)",  // a field of the element, not the record's kind
           "any(itineraries, any(legs, mode = TRAIN) AND traveller.target:*)",
           "any(itineraries.legs.evidences, source.target:x)",
           "has_conflict(time)",
           "any(itineraries.legs, possibly(departure, *, *) OR within(origin, KP))",
           "has_conflict(itineraries.legs.departure)",
           "time.tolerance >= 1.5s",
       }) {
    EXPECT_EQ(ErrorOf(text), "") << text;
  }
}

std::string Repeat(const std::string& text, int times) {
  return absl::StrJoin(std::vector<std::string>(static_cast<size_t>(times), text), "");
}

TEST(FilterTest, NestingHasALimit) {
  constexpr int kMax = base::kMaxFilterDepth;
  const std::string too_deep = absl::StrCat("nested deeper than ", kMax, " levels");
  const auto nested = [](int depth) {
    return Repeat("(", depth) + "kind = actor" + Repeat(")", depth);
  };
  EXPECT_EQ(Matching(nested(kMax)), "a ab");
  EXPECT_EQ(ErrorOf(nested(kMax + 1)), absl::StrCat(kMax + 1, ": ", too_deep));
  EXPECT_THAT(ErrorOf(nested(3000)), HasSubstr(too_deep));
  EXPECT_EQ(Matching(Repeat("NOT ", kMax) + "kind = actor"), "a ab");
  EXPECT_EQ(Matching(Repeat("-", kMax - 1) + "kind = actor"), "s p");
  EXPECT_THAT(ErrorOf(Repeat("NOT ", kMax + 1) + "kind = actor"), HasSubstr(too_deep));
  EXPECT_THAT(ErrorOf(Repeat("-", 8000) + "kind = actor"), HasSubstr(too_deep));
  EXPECT_THAT(ErrorOf(Repeat("-(", kMax / 2 + 1) + "kind = actor"), HasSubstr(too_deep));
  const auto any = [](int depth) {
    return "any(claims, " + Repeat("(", depth - 1) + "id:*" + Repeat(")", depth - 1) + ")";
  };
  EXPECT_EQ(ErrorOf(any(kMax)), "");
  EXPECT_THAT(ErrorOf(any(kMax + 1)), HasSubstr(too_deep));
  EXPECT_THAT(ErrorOf(Repeat("f(", 3000)), HasSubstr(too_deep));
}

TEST(FilterTest, TermsHaveALimit) {
  constexpr int kMax = base::kMaxFilterTerms;
  EXPECT_EQ(Matching(Repeat("kind=actor ", kMax)), "a ab");
  EXPECT_EQ(ErrorOf(Repeat("kind=actor ", kMax + 1)),
            absl::StrCat(11 * kMax, ": more than ", kMax, " terms"));
  // A call is one term, and each comparison in an any() is another.
  EXPECT_EQ(ErrorOf(Repeat("possibly(time,*,*) ", kMax)), "");
  EXPECT_THAT(ErrorOf(Repeat("possibly(time,*,*) ", kMax + 1)), HasSubstr("more than"));
  EXPECT_EQ(ErrorOf("any(claims," + Repeat("id:* ", kMax - 1) + ")"), "");
  EXPECT_THAT(ErrorOf("any(claims," + Repeat("id:* ", kMax) + ")"), HasSubstr("more than"));
}

TEST(FilterTest, LengthHasALimit) {
  const std::string prefix = "name = \"actors/", suffix = "*\"";
  const auto sized = [&](size_t size) {
    return prefix + std::string(size - prefix.size() - suffix.size(), 'x') + suffix;
  };
  EXPECT_EQ(Matching(sized(base::kMaxFilterBytes)), "");
  EXPECT_EQ(ErrorOf(sized(base::kMaxFilterBytes + 1)), "8192: longer than 8192 bytes");
  EXPECT_EQ(ErrorOf(std::string(base::kMaxFilterBytes + 1, ' ')), "8192: longer than 8192 bytes");
}

TEST(FilterTest, FiltersOfOneTextAreOneQuery) {
  const auto print = [](absl::string_view text) { return Filter::Parse(text)->fingerprint(); };
  EXPECT_EQ(print("kind = actor"), print(" kind = actor "));
  EXPECT_NE(print("kind = actor"), print("kind = source"));
  EXPECT_EQ(print(""), Filter().fingerprint());
  EXPECT_TRUE(Filter::Parse("")->matches_all());
  EXPECT_FALSE(Filter::Parse("kind = actor")->matches_all());
}

TEST(FilterTest, WhatTheNameDecidesNeedsNoRecord) {
  const auto needs = [](absl::string_view text) { return Filter::Parse(text)->needs_record(); };
  EXPECT_FALSE(needs(""));
  EXPECT_FALSE(needs("kind = actor AND NOT (name:x OR name = \"actors/*\")"));
  for (const char* text : {"title = x", "revision = 1", "kind = actor OR state = HELD",
                           "mentions(actors/x)", "text(x)", "NOT summit:*"}) {
    EXPECT_TRUE(needs(text)) << text;
  }
}

// What the index reads.
TEST(FilterTest, ALeafHasATargetForEachKindInWhichItTypes) {
  const auto targets = [](absl::string_view text,
                          v1::RecordKind kind = v1::RECORD_KIND_UNSPECIFIED) {
    const auto filter = Filter::Parse(text, kind);
    EXPECT_TRUE(filter.ok()) << filter.status();
    if (!filter.ok()) return std::string();
    return absl::StrJoin(
        filter->root()->targets, " ", [](std::string* out, const FilterTarget& target) {
          absl::StrAppend(out,
                          absl::StrJoin(target.path, ".", [](std::string* o, const auto* field) {
                            o->append(field->name());
                          }));
        });
  };
  EXPECT_EQ(targets("title = x"), "summit.title sanction.title statement.title source.title");
  EXPECT_EQ(targets("title = x", v1::RECORD_KIND_SOURCE), "source.title");
  EXPECT_EQ(targets("state = HELD"), "summit.state");
  EXPECT_EQ(targets("state = UNSPECIFIED"), "summit.state statement.state");
  EXPECT_EQ(targets("source.title = x"), "source.title");
  EXPECT_EQ(targets("possibly(time, *, *)"), "summit.time statement.time");
  EXPECT_EQ(targets("any(relations, type = FOLLOWS)"), "summit.relations");
  EXPECT_EQ(targets("any(relations, id:*)"), "summit.relations actor.relations");
  EXPECT_EQ(targets("revision > 1"), "revision");
}

// ---- What a filter costs.

TEST(FilterTest, ItsTermsAreCountedWithinElementsToo) {
  EXPECT_EQ(Filter::Parse("")->terms(), 0);
  EXPECT_EQ(Filter::Parse("kind = actor")->terms(), 1);
  EXPECT_EQ(Filter::Parse("NOT (kind = actor OR text(\"a b\")) title = x")->terms(), 3);
  EXPECT_EQ(Filter::Parse("any(segments, kind = VERBATIM AND text:\"a\") title = x")->terms(), 4);
}

TEST(FilterTest, ItsMemoryIsCountedAsTheAllocatorDoes) {
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
  GTEST_SKIP() << "a sanitizer has an allocator of its own";
#else
  const auto many = [](absl::string_view term) {
    std::string text;
    for (int i = 0; i < 100; ++i) {
      absl::StrAppend(&text, i == 0 ? "" : " OR ",
                      absl::StrReplaceAll(term, {{"#", absl::StrCat(i)}}));
    }
    return text;
  };
  for (const std::string& text :
       {many("text(\"word#\")"), many("text(\"some word of thirty letters #\")"),
        many("title = \"title#\""), many("mentions(\"actors/someone-with-a-name-#\")"),
        many("name = \"sources/#\""), many("any(segments, text:\"t#\")"),
        many("possibly(time, \"2016-01-01\", \"2020-12-31\")"), std::string("title = x")}) {
    ASSERT_TRUE(Filter::Parse(text).ok()) << text;  // and what is made once is made
    constexpr size_t kCount = 100;
    std::vector<Filter> filters;
    filters.reserve(kCount);
    const size_t before = mallinfo2().uordblks;
    for (size_t i = 0; i < kCount; ++i) filters.push_back(*Filter::Parse(text));
    const double actual = static_cast<double>(mallinfo2().uordblks - before) / kCount;
    const double counted = static_cast<double>(filters[0].bytes());
    EXPECT_GT(counted, 0.9 * actual) << text.substr(0, 60);
    EXPECT_LT(counted, 1.1 * actual) << text.substr(0, 60);
  }
#endif
}

}  // namespace
}  // namespace communique::query
