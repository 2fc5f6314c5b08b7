// Claims of sanctions: what supports them, what contradicts them, and how much has
// to be known before either is said.
#include "service/screening/claim_verifier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/screening/limits.h"
#include "tests/unit/claim_fixture.h"

namespace communique::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// --- Dates ---------------------------------------------------------------------------

// Four versions of one list; the entry stands in the first two and in no later one.
// The delisting is worked out from the versions: the last day it was listed is that
// of the last version with it, or later, and before that of the first without.
TEST_F(ClaimTest, AnEntryThatIsGoneFromALaterVersion) {
  for (const char* gone : {"[2020-11-30..2024-09-25]", "[2020-12-01..2024-09-26]"}) {
    Stand({Version("2018-10-29"), Version("2020-11-30"), Version("2024-09-26"),
           Version("2025-04-19"),
           Designation("entry-1", "ann",
                       absl::StrCat("authority { target: 'actors/council' } list_id: "
                                    "'consolidated' list_entry_id: 'RU.001' intervals { id: 'i1' "
                                    "listed_time { edtf: '2007-03-24' } delisted_time { edtf: '",
                                    gone, "' } }"))});
    EXPECT_EQ(Ask("ann", "council", "2020-06-01"), "SUPPORTED") << gone;
    EXPECT_THAT(rows_, ElementsAre("YES sanctions/entry-1#i1", "YES sources/list-2018-10-29#all",
                                   "YES sources/list-2020-11-30#all"));
    EXPECT_EQ(Ask("ann", "council", "2024-01-01"), "NOT_COVERED") << gone;
    EXPECT_THAT(rows_,
                ElementsAre("POSSIBLY sanctions/entry-1#i1", "YES sources/list-2020-11-30#all",
                            "YES sources/list-2024-09-26#all"));
    EXPECT_EQ(Ask("ann", "council", "2025-01-01"), "CONTRADICTED") << gone;
    EXPECT_THAT(rows_,
                ElementsAre("YES sources/list-2024-09-26#all", "YES sources/list-2025-04-19#all"));
    // On the days of the versions themselves.
    EXPECT_EQ(Ask("ann", "council", "2020-11-30"), "SUPPORTED") << gone;
    EXPECT_EQ(Ask("ann", "council", "2025-04-19"), "CONTRADICTED") << gone;
    // Before the first version, after the last.
    EXPECT_EQ(Ask("ann", "council", "2007-03-23"), "NOT_COVERED") << gone;
    EXPECT_EQ(Ask("ann", "council", "2025-04-20"), "NOT_COVERED") << gone;
    EXPECT_THAT(rows_, ElementsAre("NO sources/list-2025-04-19#all"));
  }
  // The first form says that the day of the version without it was no day of the
  // listing, the second leaves that open.
  EXPECT_EQ(Ask("ann", "council", "2024-09-26"), "NOT_COVERED");
  Stand({Designation("entry-1", "ann",
                     "intervals { id: 'i1' listed_time { edtf: '2007-03-24' } delisted_time { "
                     "edtf: '[2020-11-30..2024-09-25]' } }")});
  EXPECT_EQ(Ask("ann", "council", "2024-09-26"), "CONTRADICTED");
  EXPECT_EQ(Ask("ann", "council", "2020-12-01"), "NOT_COVERED");
}

TEST_F(ClaimTest, WhatBracketsADate) {
  struct Case {
    std::vector<std::string> as_of;  // of coverages that are alike but for it
    std::string date;
    bool covered;
  };
  const Case cases[] = {
      {{"2020-01-10"}, "2020-01-09", false},
      {{"2020-01-10"}, "2020-01-10", true},
      {{"2020-01-10"}, "2020-01-11", false},
      {{"2020-01-10", "2020-03-10"}, "2020-02-01", true},
      {{"2020-01-10", "2020-03-10"}, "2020-03-11", false},
      // Of a month nobody knows which day of it.
      {{"2020-01", "2020-03"}, "2020-01-31", true},
      {{"2020-01", "2020-03"}, "2020-01-30", false},
      {{"2020-01", "2020-03"}, "2020-03-01", true},
      {{"2020-01", "2020-03"}, "2020-03-02", false},
      {{"2020-01"}, "2020-01-15", false},
      {{"2020-01"}, "2020-01-31", false},
      {{"2020-01-10~", "2020-03-10"}, "2020-01-10", false},
      {{"2020-01-10~", "2020-03-10"}, "2020-01-11", true},
      // Spans.
      {{"2020-01-10/2020-03-10"}, "2020-01-09", false},
      {{"2020-01-10/2020-03-10"}, "2020-01-10", true},
      {{"2020-01-10/2020-03-10"}, "2020-03-10", true},
      {{"2020-01-10/2020-03-10"}, "2020-03-11", false},
      {{"2020-01/2020-03"}, "2020-01-30", false},
      {{"2020-01/2020-03"}, "2020-01-31", true},
      {{"2020-01/2020-03"}, "2020-03-02", false},
      {{"2020-01-10/2020-03-10", "2021-01-01"}, "2020-06-01", true},
      {{"../2020-03-10"}, "1999-01-01", true},
      {{"/2020-03-10"}, "1999-01-01", false},
      {{"2020-01-10/"}, "2020-01-11", false},
      // An open end goes as far as its commit can speak of: 2023-11-14.
      {{"2020-01-10/.."}, "2023-11-14", true},
      {{"2020-01-10/.."}, "2023-11-15", false},
      // One of two days, both of them.
      {{"[2020-01-10,2020-03-10]"}, "2020-01-10", false},
      {{"{2020-01-10,2020-03-10}"}, "2020-02-01", true},
      {{""}, "2020-01-10", false},
  };
  for (const Case& test : cases) {
    std::vector<std::string> versions;
    for (size_t i = 0; i < 2; ++i) {
      // Always both names, so that a case leaves nothing of the one before it.
      const std::string time = i < test.as_of.size() ? test.as_of[i] : test.as_of[0];
      versions.push_back(Version(time, absl::StrCat(i)));
      if (time.empty()) {
        versions.back() = absl::StrCat("name: 'sources/list-", i, "' source { title: 'L' ",
                                       CoverageOf("DESIGNATIONS", "complete: true"), " }");
      }
    }
    Stand(versions);
    EXPECT_EQ(Ask("ann", "council", test.date), test.covered ? "CONTRADICTED" : "NOT_COVERED")
        << test.as_of[0] << " on " << test.date;
  }
}

TEST_F(ClaimTest, ACoverageWithoutATimeHasThatOfItsVersion) {
  Stand(
      {"name: 'sources/v' source { title: 'V' type: SOURCE_TYPE_LIST_VERSION list_version { "
       "list_id: 'l' as_of_time { edtf: '2020-01-10' } } " +
       CoverageOf("DESIGNATIONS", "complete: true") + "}"});
  EXPECT_EQ(Ask("ann", "council", "2020-01-10"), "CONTRADICTED");
}

// --- Which coverage serves -------------------------------------------------------------

TEST_F(ClaimTest, OnlyVersionsOfOneListBracket) {
  const std::string other =
      "name: 'sources/other' source { title: 'O' type: SOURCE_TYPE_LIST_VERSION list_version { "
      "list_id: 'other' } " +
      CoverageOf("DESIGNATIONS", "complete: true as_of_time { edtf: '2020-03-10' }") + " }";
  Stand({Version("2020-01-10"), other});
  EXPECT_EQ(Ask("ann", "council", "2020-02-01"), "NOT_COVERED");
  EXPECT_THAT(rows_, ElementsAre("NO sources/list-2020-01-10#all", "NO sources/other#all"));
  // Sources that are of no list stand alone.
  Stand({Covering("a", CoverageOf("DESIGNATIONS", "complete: true as_of_time { edtf: '2019' }")),
         Covering("b", CoverageOf("DESIGNATIONS", "complete: true as_of_time { edtf: '2021' }"))});
  EXPECT_EQ(Ask("ann", "council", "2020-02-01"), "NOT_COVERED");
  Stand({Version("2020-03-10")});
  EXPECT_EQ(Ask("ann", "council", "2020-02-01"), "CONTRADICTED");
}

TEST_F(ClaimTest, WhatIsNotCompleteOrOfAnotherSubjectContradictsNothing) {
  const std::string time = "as_of_time { edtf: '2020-01-10' }";
  Stand({Covering("a", CoverageOf("DESIGNATIONS", time))});
  EXPECT_EQ(Ask("ann", "council", "2020-01-10"), "NOT_COVERED");
  EXPECT_THAT(rows_, ElementsAre("NO sources/a#all"));
  EXPECT_THAT(answer_.rows(0).explanation(), HasSubstr("not said to be complete"));
  Stand({Covering("a", CoverageOf("STATE_MEASURES", "complete: true " + time))});
  EXPECT_EQ(Ask("ann", "council", "2020-01-10"), "NOT_COVERED");
  EXPECT_EQ(Ask("ruritania", "council", "2020-01-10"), "CONTRADICTED");
  Stand({Covering("a", CoverageOf("DESIGNATIONS", "complete: true " + time))});
  EXPECT_EQ(Ask("ann", "council", "2020-01-10"), "CONTRADICTED");
  EXPECT_EQ(Ask("ann", "union", "2020-01-10"), "NOT_COVERED");
  EXPECT_THAT(rows_, IsEmpty());
  // However complete they are, lists do not name states.
  EXPECT_EQ(Ask("ruritania", "council", "2020-01-10"), "NOT_COVERED");
  EXPECT_THAT(answer_.rows(0).explanation(), HasSubstr("states are bound by measures"));
}

TEST_F(ClaimTest, WhatNobodySaidTheKindOfNeedsBoth) {
  const std::string time = "complete: true as_of_time { edtf: '2020-01-10' }";
  Stand({"name: 'actors/x' actor { display_name: 'X' }",
         "name: 'actors/bloc' actor { display_name: 'Bloc' type: ACTOR_TYPE_BLOC }",
         "name: 'actors/organ' actor { display_name: 'Organ' type: ACTOR_TYPE_GOVERNMENT }",
         "name: 'actors/ship' actor { display_name: 'Ship' type: ACTOR_TYPE_VESSEL }",
         Covering("a", CoverageOf("DESIGNATIONS", time))});
  for (const char* target : {"x", "bloc", "organ"}) {
    EXPECT_EQ(Ask(target, "council", "2020-01-10"), "NOT_COVERED") << target;
  }
  EXPECT_EQ(Ask("ship", "council", "2020-01-10"), "CONTRADICTED");
  Stand({Covering("b", CoverageOf("STATE_MEASURES", time))});
  for (const char* target : {"x", "bloc", "organ"}) {
    EXPECT_EQ(Ask(target, "council", "2020-01-10"), "CONTRADICTED") << target;
  }
}

TEST_F(ClaimTest, CoverageOfSomeRegimesSpeaksOfThoseOnly) {
  const std::string some =
      "complete: true as_of_time { edtf: '2020-01-10' } regimes { target: "
      "'sanctions/c1' }";
  Stand({Covering("a", CoverageOf("DESIGNATIONS", some))});
  EXPECT_EQ(Ask("ann", "council", "2020-01-10", "c1"), "CONTRADICTED");
  EXPECT_EQ(Ask("ann", "council", "2020-01-10", "c2"), "NOT_COVERED");
  EXPECT_EQ(Ask("ann", "council", "2020-01-10"), "NOT_COVERED") << "there may be others";
  Stand({Covering("b",
                  CoverageOf("DESIGNATIONS", "complete: true as_of_time { edtf: '2020-01-10' }"))});
  EXPECT_EQ(Ask("ann", "council", "2020-01-10", "c2"), "CONTRADICTED");
  EXPECT_EQ(Ask("ann", "council", "2020-01-10"), "CONTRADICTED");
}

// --- What holds ------------------------------------------------------------------------

TEST_F(ClaimTest, MeasuresBindStates) {
  const std::string covered =
      CoverageOf("STATE_MEASURES", "complete: true as_of_time { edtf: '2020/2021' }");
  Stand({Covering("a", covered),
         Measure("m", "ruritania", "in_force_time { edtf: '2006-10-14/2021-01-31' }")});
  EXPECT_EQ(Ask("ruritania", "council", "2020-12-31"), "SUPPORTED");
  EXPECT_EQ(rows_[0], "YES sanctions/m");
  EXPECT_EQ(answer_.rows(0).kind(), v1::VERIFICATION_ROW_KIND_MEASURE);
  EXPECT_EQ(answer_.rows(0).time().edtf(), "2006-10-14/2021-01-31");
  EXPECT_EQ(Ask("ruritania", "council", "2006-10-13"), "NOT_COVERED");
  Stand({Measure("m", "ruritania", "in_force_time { edtf: '2006-10-14/2020-06-30' }")});
  EXPECT_EQ(Ask("ruritania", "council", "2020-12-31"), "CONTRADICTED");
  EXPECT_THAT(answer_.explanation(), HasSubstr("1 listing or measure ended before"));
  // Without a time it holds possibly, unless its regime certainly does not.
  Stand({Measure("m", "ruritania", "")});
  EXPECT_EQ(Ask("ruritania", "council", "2020-12-31"), "NOT_COVERED");
  EXPECT_EQ(rows_[0], "POSSIBLY sanctions/m");
  Stand(
      {"name: 'sanctions/c1' sanction { title: 'R' regime { authority { target: "
       "'actors/council' } in_force_time { edtf: '2006/2019' } } }"});
  EXPECT_EQ(Ask("ruritania", "council", "2020-12-31"), "CONTRADICTED");
  EXPECT_EQ(Ask("ruritania", "council", "2018-12-31"), "NOT_COVERED");
}

TEST_F(ClaimTest, EachListingIsARow) {
  Stand({Designation("d", "ann",
                     "intervals { id: 'i1' listed_time { edtf: '2007' } delisted_time { edtf: "
                     "'2010' } } intervals { id: 'i2' listed_time { edtf: '2012-05' } }")});
  EXPECT_EQ(Ask("ann", "council", "2008-01-01"), "SUPPORTED");
  EXPECT_THAT(rows_, ElementsAre("YES sanctions/d#i1"));
  EXPECT_EQ(answer_.rows(0).time().edtf(), "2007/2010");
  EXPECT_TRUE(answer_.rows(0).time().has_latest_end_time());
  EXPECT_EQ(Ask("ann", "council", "2012-05-10"), "NOT_COVERED");
  EXPECT_THAT(rows_, ElementsAre("POSSIBLY sanctions/d#i2"));
  EXPECT_EQ(Ask("ann", "council", "2012-06-01"), "SUPPORTED");
  Stand({Designation("e", "ann", "")});
  EXPECT_EQ(Ask("ann", "council", "2012-06-01"), "SUPPORTED");
  EXPECT_THAT(rows_, ElementsAre("YES sanctions/d#i2", "POSSIBLY sanctions/e"));
}

TEST_F(ClaimTest, ASuspendedListingHoldsPossibly) {
  Stand({Version("2020-01-10"),
         Designation("d", "ann",
                     "intervals { id: 'i1' listed_time { edtf: '2007' } suspended: true }")});
  EXPECT_EQ(Ask("ann", "council", "2020-01-10"), "NOT_COVERED");
  EXPECT_THAT(answer_.rows(0).explanation(), HasSubstr("suspended"));
}

TEST_F(ClaimTest, WhoseADesignationIs) {
  struct Case {
    std::string authority;  // of the designation
    std::string regime;     // c1 is the Council's, u1 the Union's, w1 of words
    std::string verdict;    // on the Council
  };
  const Case cases[] = {
      {"authority { target: 'actors/council' }", "c1", "SUPPORTED"},
      {"", "c1", "SUPPORTED"},
      {"authority { text: 'the Council' }", "c1", "SUPPORTED"},
      {"authority { target: 'actors/council' }", "u1", "SUPPORTED"},
      {"authority { target: 'actors/union' }", "u1", "CONTRADICTED"},
      {"", "u1", "CONTRADICTED"},
      // The Union's, under a regime of the Council.
      {"authority { target: 'actors/union' }", "c1", "NOT_COVERED"},
      {"authority { text: 'somebody' }", "w1", "NOT_COVERED"},
      {"authority { target: 'actors/union' }", "w1", "CONTRADICTED"},
  };
  Stand({Version("2020-01-10"),
         "name: 'sanctions/w1' sanction { title: 'R' regime { authority { text: 'some' } } }"});
  for (const Case& test : cases) {
    Stand({Listed("d", "ann", test.authority, test.regime)});
    EXPECT_EQ(Ask("ann", "council", "2020-01-10"), test.verdict)
        << test.authority << " under " << test.regime;
  }
}

TEST_F(ClaimTest, OnlyTheRegimeThatIsAskedAbout) {
  Stand({Version("2020-01-10"), Listed("d", "ann")});
  EXPECT_EQ(Ask("ann", "council", "2020-01-10", "c1"), "SUPPORTED");
  EXPECT_EQ(Ask("ann", "council", "2020-01-10", "c2"), "CONTRADICTED");
  Stand(
      {"name: 'sanctions/d' sanction { title: 'D' designation { regime { text: 'some' } actor "
       "{ target: 'actors/ann' } authority { target: 'actors/council' } intervals { id: 'i1' "
       "listed_time { edtf: '2007' } } } }"});
  EXPECT_EQ(Ask("ann", "council", "2020-01-10", "c2"), "NOT_COVERED");
  EXPECT_EQ(Ask("ann", "council", "2020-01-10"), "SUPPORTED");
}

// --- Who is who ------------------------------------------------------------------------

TEST_F(ClaimTest, MergedNamesCountAsTheirSurvivors) {
  Stand({"name: 'actors/old-ann' actor { display_name: 'Old' type: ACTOR_TYPE_PERSON }",
         "name: 'actors/older-ann' actor { display_name: 'Older' type: ACTOR_TYPE_PERSON }",
         "name: 'actors/old-council' actor { display_name: 'Old' type: ACTOR_TYPE_BLOC }",
         Listed("d", "older-ann", "authority { target: 'actors/old-council' }", "u1"),
         Version("2020-01-10")});
  const int64_t before = head();
  EXPECT_EQ(Ask("ann", "council", "2020-01-10"), "CONTRADICTED");
  MergeActor("actors/older-ann", "actors/old-ann");
  EXPECT_EQ(Ask("ann", "council", "2020-01-10"), "CONTRADICTED");
  MergeActor("actors/old-ann", "actors/ann");
  const int64_t merged = MergeActor("actors/old-council", "actors/council");
  EXPECT_EQ(Ask("ann", "council", "2020-01-10"), "SUPPORTED");
  EXPECT_EQ(Ask("older-ann", "old-council", "2020-01-10"), "SUPPORTED");
  EXPECT_EQ(answer_.question().target(), "actors/ann");
  EXPECT_EQ(answer_.question().authority(), "actors/council");
  // As it was known before, again and again, and after it was undone.
  EXPECT_EQ(Ask("ann", "council", "2020-01-10", "", before), "CONTRADICTED");
  EXPECT_EQ(Ask("ann", "council", "2020-01-10", "", merged), "SUPPORTED");
  EXPECT_EQ(Ask("ann", "council", "2020-01-10", "", before), "CONTRADICTED");
  v1::CommitRequest unmerge;
  unmerge.add_mutations()->mutable_unmerge()->set_name("actors/old-ann");
  ASSERT_TRUE(Commit(unmerge).ok());
  EXPECT_EQ(Ask("ann", "council", "2020-01-10"), "CONTRADICTED");
  EXPECT_EQ(Ask("ann", "council", "2020-01-10", "", merged), "SUPPORTED");
}

TEST_F(ClaimTest, MergedAuthoritiesKeepTheirCoverage) {
  Stand({"name: 'actors/new-council' actor { display_name: 'New' type: ACTOR_TYPE_BLOC }",
         Version("2020-01-10")});
  MergeActor("actors/council", "actors/new-council");
  EXPECT_EQ(Ask("ann", "new-council", "2020-01-10"), "CONTRADICTED");
}

std::string Person(const std::string& id, const std::string& judgements) {
  return absl::StrCat("name: 'actors/", id, "' actor { display_name: '", id,
                      "' type: ACTOR_TYPE_PERSON ", judgements, " }");
}
// Ids are never used again, so each judgement has a new one.
std::string Judged(const std::string& other, const std::string& verdict) {
  static int count = 0;
  return absl::StrCat("identity_judgements { id: 'j", ++count, "' other { target: 'actors/", other,
                      "' } verdict: IDENTITY_VERDICT_", verdict, " judged_by: 'desk' } ");
}

TEST_F(ClaimTest, EntriesThatAreJudgedTheSameCount) {
  Stand({Version("2020-01-10"), Person("un-1", ""), Listed("d", "un-1")});
  EXPECT_EQ(Ask("ann", "council", "2020-01-10"), "CONTRADICTED") << "nobody linked them";
  // The target says so; the entry says so; over a third; over a merged name.
  Stand({Person("ann", Judged("un-1", "SAME"))});
  EXPECT_EQ(Ask("ann", "council", "2020-01-10"), "SUPPORTED");
  EXPECT_THAT(answer_.rows(0).explanation(),
              HasSubstr("actors/un-1, judged the same as actors/ann by desk"));
  Stand({Person("ann", ""), Person("un-1", Judged("ann", "SAME"))});
  EXPECT_EQ(Ask("ann", "council", "2020-01-10"), "SUPPORTED");
  Stand({Person("un-1", ""), Person("third", Judged("un-1", "SAME") + Judged("ann", "SAME"))});
  EXPECT_EQ(Ask("ann", "council", "2020-01-10"), "SUPPORTED");
  Stand({Person("third", Judged("un-1", "SAME")), Person("ann-2", Judged("third", "SAME"))});
  EXPECT_EQ(Ask("ann", "council", "2020-01-10"), "CONTRADICTED");
  MergeActor("actors/ann-2", "actors/ann");
  EXPECT_EQ(Ask("ann", "council", "2020-01-10"), "CONTRADICTED") << "the loser's body says nothing";
  Stand({Person("third", Judged("un-1", "SAME") + Judged("ann-2", "SAME"))});
  EXPECT_EQ(Ask("ann", "council", "2020-01-10"), "SUPPORTED") << "to a name that was merged";
}

TEST_F(ClaimTest, WhatIsNotSurelyTheSameHoldsPossibly) {
  Stand({Version("2020-01-10"), Person("un-1", ""), Listed("d", "un-1")});
  const struct {
    std::string ann, un, verdict;
  } cases[] = {
      {Judged("un-1", "DIFFERENT"), "", "CONTRADICTED"},
      {Judged("un-1", "UNSURE"), "", "NOT_COVERED"},
      {"", Judged("ann", "UNSURE"), "NOT_COVERED"},
      {Judged("un-1", "SAME"), Judged("ann", "DIFFERENT"), "NOT_COVERED"},
      {Judged("un-1", "SAME"), Judged("ann", "UNSURE"), "NOT_COVERED"},
      {Judged("un-1", "SAME") + Judged("un-1", "DIFFERENT"), "", "NOT_COVERED"},
      {Judged("un-1", "SAME"), Judged("ann", "SAME"), "SUPPORTED"},
  };
  for (const auto& test : cases) {
    Stand({Person("ann", test.ann), Person("un-1", test.un)});
    EXPECT_EQ(Ask("ann", "council", "2020-01-10"), test.verdict) << test.ann << ", " << test.un;
  }
  // Beyond an unsure entry nothing is sure, and what is known to be another is not
  // brought in by a third.
  Stand({Person("ann", Judged("third", "UNSURE")), Person("un-1", ""),
         Person("third", Judged("un-1", "SAME"))});
  EXPECT_EQ(Ask("ann", "council", "2020-01-10"), "NOT_COVERED");
  Stand({Person("ann", Judged("third", "SAME") + Judged("un-1", "DIFFERENT"))});
  EXPECT_EQ(Ask("ann", "council", "2020-01-10"), "NOT_COVERED");
}

TEST_F(ClaimTest, JudgementsThatJoinHalfTheStoreAreRefused) {
  std::vector<std::string> people;
  for (int i = 0; i < screening::kMaxJudgedEntries; ++i) {
    people.push_back(Person(absl::StrCat("p", i), Judged("ann", "SAME")));
  }
  people.pop_back();
  Stand(people);
  EXPECT_EQ(Ask("ann", "council", "2020-01-10"), "NOT_COVERED");
  Stand({Person("p-last", Judged("ann", "SAME"))});
  EXPECT_EQ(Ask("ann", "council", "2020-01-10"), "RESOURCE_EXHAUSTED SIZE_LIMIT");
}

TEST_F(ClaimTest, RowsAreCutAndCounted) {
  for (int from = 0; from <= screening::kMaxSanctionRows; from += 100) {
    std::vector<std::string> entries;
    for (int i = from; i < from + 100; ++i) entries.push_back(Listed(absl::StrCat("d", i), "ann"));
    Stand(entries);
  }
  EXPECT_EQ(Ask("ann", "council", "2020-01-10"), "SUPPORTED");
  EXPECT_EQ(answer_.rows_size(), screening::kMaxSanctionRows);
  EXPECT_THAT(answer_.explanation(), HasSubstr("100 more rows are left out"));
}

// --- Claims in place -------------------------------------------------------------------

std::string Statement(const std::string& claims, const std::string& more = "") {
  return "name: 'statements/said' statement { title: 'Said' speaker { actor { text: 'one' } } " +
         more + claims + " }";
}
std::string Claim(const std::string& id, const std::string& sanctions,
                  const std::string& more = "") {
  return absl::StrCat("claims { id: '", id, "' proposition { text: 'It is so.' sanctions { ",
                      sanctions, " } } ", more, " } ");
}

TEST_F(ClaimTest, AClaimIsReadWhereItStands) {
  const std::string who =
      "target { target: 'actors/ann' text: 'she' } authority { target: 'actors/council' } ";
  Stand({Version("2020-01-10"), Listed("d", "ann"),
         Statement(Claim("own", who + "time { edtf: '2020-01-10' }") + Claim("none", who) +
                       Claim("year", who + "time { edtf: '2020' }") +
                       Claim("words", who + "time { text: 'for years' }") +
                       Claim("regime", who + "regime { target: 'sanctions/c2' }"),
                   "time { edtf: '2007-03-24T15:24:00+09:00' } ")});
  EXPECT_EQ(AskClaim("statements/said#own"), "SUPPORTED");
  EXPECT_EQ(answer_.question().as_of_date(), "2020-01-10");
  EXPECT_EQ(answer_.question().target(), "actors/ann");
  EXPECT_EQ(answer_.pin().valid_date(), "2020-01-10");
  EXPECT_THAT(answer_.explanation(), HasSubstr("statements/said#own: Ann is under sanctions"));
  EXPECT_EQ(AskClaim("statements/said#own", "2007-03-23"), "NOT_COVERED");
  for (const char* claim : {"none", "words"}) {
    EXPECT_EQ(AskClaim(absl::StrCat("statements/said#", claim)), "SUPPORTED");
    EXPECT_EQ(answer_.question().as_of_date(), "2007-03-24") << claim;
  }
  EXPECT_EQ(AskClaim("statements/said#year"), "INVALID_ARGUMENT INVALID_FIELD");
  EXPECT_EQ(AskClaim("statements/said#year", "2020-01-10"), "SUPPORTED");
  EXPECT_EQ(AskClaim("statements/said#regime", "2020-01-10"), "CONTRADICTED");
  EXPECT_EQ(answer_.question().regime(), "sanctions/c2");
  // The answer's question is a request that is answered alike.
  const v1::VerifyClaimResponse first = answer_;
  Stand({Listed("e", "ann", "", "c2")});
  EXPECT_EQ(Ask(first.question()), "CONTRADICTED");
  EXPECT_EQ(answer_.pin().SerializeAsString(), first.pin().SerializeAsString());
}

TEST_F(ClaimTest, WhatIsNoClaimOfSanctionsIsRefused) {
  const std::string who = "target { target: 'actors/ann' } authority { target: 'actors/council' } ";
  Stand({Statement(Claim("denied", who, "polarity: POLARITY_NEGATIVE") +
                   Claim("west", "target { text: 'she' } authority { text: 'the West' }") +
                   Claim("nobody", "") +
                   Claim("no-actor",
                         "target { target: 'sanctions/c1' } authority { target: "
                         "'actors/council' }") +
                   "claims { id: 'other' proposition { text: 'It rains.' } } "
                   "segments { id: 's1' kind: SEGMENT_KIND_VERBATIM text: 'so' }")});
  const auto says = [this](const std::string& claim) {
    const std::string shown = AskClaim("statements/said#" + claim, "2020-01-10");
    return absl::StrCat(shown, ": ", status_.message());
  };
  EXPECT_THAT(says("denied"), HasSubstr("INVALID_ARGUMENT INVALID_FIELD: claim: "
                                        "statements/said#denied denies"));
  EXPECT_THAT(says("west"), HasSubstr("its target is only words: \"she\" (and 1 more)"));
  EXPECT_THAT(says("nobody"), HasSubstr("says no target (and 1 more)"));
  EXPECT_THAT(says("no-actor"), HasSubstr("its target is no actor: sanctions/c1"));
  EXPECT_THAT(says("other"), HasSubstr("is no claim of sanctions"));
  EXPECT_THAT(says("s1"), HasSubstr("INVALID_ARGUMENT INVALID_FIELD: claim: "
                                    "statements/said#s1 is no claim"));
  EXPECT_THAT(says("nothing"), HasSubstr("NOT_FOUND RECORD_NOT_FOUND"));
  EXPECT_EQ(AskClaim("statements/nobody#c1"), "NOT_FOUND RECORD_NOT_FOUND");
}

TEST_F(ClaimTest, EveryViolationIsTold) {
  v1::VerifyClaimRequest request;
  request.set_target("sanctions/c1");
  request.set_authority("who?");
  request.set_regime("actors/ann");
  request.set_as_of_date("2020-02-30");
  request.mutable_scope()->set_valid_date("2020-01-01");
  EXPECT_EQ(Ask(request), "INVALID_ARGUMENT INVALID_FIELD");
  EXPECT_EQ(base::MetadataOf(status_, "violation_count"), "5");
  EXPECT_EQ(Ask(v1::VerifyClaimRequest()), "INVALID_ARGUMENT INVALID_FIELD");
  EXPECT_EQ(base::MetadataOf(status_, "violation_count"), "2");
  request.set_claim("statements/said");
  EXPECT_EQ(Ask(request), "INVALID_ARGUMENT INVALID_FIELD");
  EXPECT_EQ(base::MetadataOf(status_, "violation_count"), "6");
}

TEST_F(ClaimTest, NamesThatAreNotThereAndRegimesThatAreNone) {
  Stand({Listed("d", "ann")});
  EXPECT_EQ(Ask("nobody", "council", "2020-01-10"), "NOT_FOUND RECORD_NOT_FOUND");
  EXPECT_EQ(Ask("ann", "nobody", "2020-01-10"), "NOT_FOUND RECORD_NOT_FOUND");
  EXPECT_EQ(Ask("ann", "council", "2020-01-10", "c9"), "NOT_FOUND RECORD_NOT_FOUND");
  EXPECT_EQ(Ask("ann", "council", "2020-01-10", "d"), "INVALID_ARGUMENT INVALID_FIELD");
  EXPECT_EQ(Ask("ann", "council", "2020-01-10", "u1"), "INVALID_ARGUMENT INVALID_FIELD");
  EXPECT_THAT(std::string(status_.message()), HasSubstr("is a regime of actors/union"));
  EXPECT_EQ(Ask("ann", "council", ""), "SUPPORTED");
  EXPECT_EQ(answer_.question().as_of_date(), "2030-01-01") << "today";
}

}  // namespace
}  // namespace communique::testing
