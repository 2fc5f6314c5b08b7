// Names screened through the SDK: who is a target when, what is left out, what is
// grouped, what an answer explains, and that it can be proven.

#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/e2e/screening_fixture.h"
#include "tests/support/server_process.h"

namespace communique::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

TEST_P(ScreeningTest, AnEmptyStoreMatchesNobody) {
  const auto server = StartServer(GetParam());
  const auto answer = server->MakeClient().Screen(Ask({"Ostap Vrenzky"}));
  ASSERT_TRUE(answer.ok()) << answer.status();
  ASSERT_EQ(answer->results_size(), 1);
  EXPECT_THAT(answer->results(0).matches(), IsEmpty());
  EXPECT_EQ(answer->results(0).decision(), v1::SCREEN_DECISION_NO_MATCH);
  EXPECT_EQ(answer->pin().revision(), 0);
  EXPECT_EQ(answer->pin().valid_date(), "");
  EXPECT_THAT(answer->list_versions(), IsEmpty());
}

TEST_P(ScreeningTest, AMatchIsExplained) {
  const int64_t revision = CommitTarget("vrenzky", {"Ostap Vrenzky", "Kazimir Dolmatov"});
  CommitTarget("other", {"Ludmila Brankovane"});
  v1::ScreenRequest request = Ask({"Kazimir Dolmatof"});
  request.mutable_queries(0)->set_query_id("row 7");
  request.mutable_queries(0)->set_gender("male");
  const v1::ScreenResponse answer = Screen(request);
  ASSERT_EQ(Actors(answer), "actors/vrenzky");
  const v1::ScreenResult& result = answer.results(0);
  EXPECT_EQ(result.query_id(), "row 7");
  EXPECT_EQ(result.query().SerializeAsString(), request.queries(0).SerializeAsString());
  const v1::ScreenMatch& match = result.matches(0);
  EXPECT_EQ(match.decision(), result.decision());
  EXPECT_NE(match.decision(), v1::SCREEN_DECISION_NO_MATCH);
  EXPECT_EQ(match.display_name(), "Ostap Vrenzky");
  EXPECT_EQ(match.matched_name(), "Kazimir Dolmatov");
  EXPECT_EQ(match.matched_name_quality(), v1::NAME_QUALITY_STRONG);
  EXPECT_EQ(match.query_name(), "Kazimir Dolmatof");
  EXPECT_THAT(match.designations(), ElementsAre("sanctions/north-vrenzky"));
  EXPECT_EQ(match.listed(), v1::HOLDS_YES);
  EXPECT_EQ(match.revision(), revision);
  EXPECT_GT(match.score(), 0.7);
  EXPECT_LT(match.score(), 1);
  ASSERT_FALSE(match.features().empty());
  EXPECT_EQ(match.features(0).feature(), "name");
  ASSERT_EQ(match.token_alignments_size(), 2);
  EXPECT_EQ(match.token_alignments(0).query_token(), "kazimir");
  EXPECT_EQ(match.token_alignments(0).name_token(), "kazimir");
  EXPECT_EQ(match.token_alignments(0).method(), "same");
  EXPECT_EQ(match.token_alignments(1).query_token(), "dolmatof");
  EXPECT_NE(match.token_alignments(1).method(), "same");

  // Only the same tokens come to 1.
  EXPECT_EQ(Screen(Ask({"Dolmatov Kazimir"})).results(0).matches(0).score(), 1);
}

TEST_P(ScreeningTest, OnlyDesignatedActorsAreTargets) {
  Commit({Actor("free", {"Ostap Vrenzky"})});
  EXPECT_EQ(Found("Ostap Vrenzky"), "");
  Commit({Designation("free")});
  EXPECT_EQ(Found("Ostap Vrenzky"), "actors/free");
  EXPECT_EQ(Found("Marguerite Zoellinger"), "");
}

// Namesakes that nobody designated do not crowd the targets out.
TEST_P(ScreeningTest, ManyNamesakesHideNoTarget) {
  std::vector<v1::Record> namesakes;
  for (int i = 0; i < 300; ++i) {
    namesakes.push_back(Actor(absl::StrCat("namesake-", i), {"Ostap Vrenzky"}));
  }
  Commit(namesakes);
  CommitTarget("target", {"Ostap Vrenzky"});
  EXPECT_EQ(Found("Ostap Vrenzky"), "actors/target");
}

TEST_P(ScreeningTest, EveryNameIsAskedWeakOnesToo) {
  v1::Record actor = Actor("vrenzky", {"Ostap Vrenzky", "Oskar Lindqvist-Baum"});
  actor.mutable_actor()->mutable_names(1)->set_quality(v1::NAME_QUALITY_WEAK);
  Commit({actor, Designation("vrenzky")});
  const v1::ScreenResponse answer = Screen(Ask({"Oskar Lindqvist-Baum"}));
  ASSERT_EQ(Actors(answer), "actors/vrenzky");
  const v1::ScreenMatch& match = answer.results(0).matches(0);
  EXPECT_EQ(match.matched_name_quality(), v1::NAME_QUALITY_WEAK);
  std::vector<std::string> features;
  for (const v1::ScoreFeature& feature : match.features()) features.push_back(feature.feature());
  EXPECT_THAT(features, ElementsAre("name", "weak_name"));
  EXPECT_LT(match.score(), 1);
}

TEST_P(ScreeningTest, ANameThatWasTakenOutLaterIsFoundThen) {
  const int64_t before = CommitTarget("vrenzky", {"Ostap Vrenzky", "Kazimir Dolmatov"});
  const int64_t after = CommitTarget("vrenzky", {"Ostap Vrenzky"});
  EXPECT_EQ(FoundAt("Kazimir Dolmatov", before - 1), "");
  EXPECT_EQ(FoundAt("Kazimir Dolmatov", before), "actors/vrenzky");
  EXPECT_EQ(FoundAt("Kazimir Dolmatov", after), "");
  EXPECT_EQ(Found("Kazimir Dolmatov"), "");
  Commit(Delete("sanctions/north-vrenzky"));
  EXPECT_EQ(Found("Ostap Vrenzky"), "");
  EXPECT_EQ(FoundAt("Ostap Vrenzky", after), "actors/vrenzky");
}

TEST_P(ScreeningTest, ATargetIsListedAtTheDate) {
  Commit({Actor("vrenzky", {"Ostap Vrenzky"}),
          Designation("vrenzky", "north", "2019-05-06", "2021-02-03")});
  EXPECT_EQ(FoundOn("Ostap Vrenzky", "2019-05-05"), "");
  EXPECT_EQ(FoundOn("Ostap Vrenzky", "2019-05-06"), "actors/vrenzky");
  EXPECT_EQ(FoundOn("Ostap Vrenzky", "2021-02-03"), "actors/vrenzky");
  EXPECT_EQ(FoundOn("Ostap Vrenzky", "2021-02-04"), "");
  EXPECT_EQ(Found("Ostap Vrenzky"), "");  // at the commit's time
  v1::ScreenRequest request = Ask({"Ostap Vrenzky"});
  request.set_include_delisted(true);
  v1::ScreenResponse answer = Screen(request);
  ASSERT_EQ(Actors(answer), "actors/vrenzky");
  EXPECT_EQ(answer.results(0).matches(0).listed(), v1::HOLDS_NO);
  // Where the year alone is known, it may be.
  Commit({Designation("vrenzky", "north", "2019", "2021")});
  request.clear_include_delisted();
  request.mutable_scope()->set_valid_date("2021-06-30");
  answer = Screen(request);
  ASSERT_EQ(Actors(answer), "actors/vrenzky");
  EXPECT_EQ(answer.results(0).matches(0).listed(), v1::HOLDS_POSSIBLY);
  EXPECT_EQ(answer.pin().valid_date(), "2021-06-30");
}

TEST_P(ScreeningTest, AuthoritiesAndRegimesNarrow) {
  CommitTarget("vrenzky", {"Ostap Vrenzky"});
  Commit({Designation("vrenzky", "south")});
  CommitTarget("vrenzki", {"Ostap Vrenzki"});
  // Whose designation it is, the regime says where itself it does not.
  v1::Record designation = Designation("lind", "south");
  designation.mutable_sanction()->mutable_designation()->clear_authority();
  Commit({Actor("lind", {"Oskar Lindqvist"}), designation});
  v1::ScreenRequest request = Ask({"Ostap Vrenzky", "Oskar Lindqvist"});
  EXPECT_THAT(Screen(request).results(0).matches(0).designations(),
              ElementsAre("sanctions/north-vrenzky", "sanctions/south-vrenzky"));
  request.add_authorities("actors/south");
  v1::ScreenResponse answer = Screen(request);
  ASSERT_EQ(Actors(answer), "actors/vrenzky");
  EXPECT_EQ(Actors(answer, 1), "actors/lind");
  EXPECT_THAT(answer.results(0).matches(0).designations(), ElementsAre("sanctions/south-vrenzky"));
  request.clear_authorities();
  request.add_regimes("sanctions/north-regime");
  answer = Screen(request);
  EXPECT_EQ(Actors(answer), "actors/vrenzky actors/vrenzki");
  EXPECT_EQ(Actors(answer, 1), "");
  request.add_authorities("actors/south");  // both have to hold of one designation
  EXPECT_EQ(Found(request), "");
}

TEST_P(ScreeningTest, OnlyWhatChangedSinceARevision) {
  const int64_t first = CommitTarget("vrenzky", {"Ostap Vrenzky"});
  const int64_t second = CommitTarget("vrenzki", {"Ostap Vrenzki"});
  v1::ScreenRequest request = Ask({"Ostap Vrenzky"});
  request.set_changed_since_revision(first - 1);
  EXPECT_EQ(Found(request), "actors/vrenzky actors/vrenzki");
  request.set_changed_since_revision(first);
  EXPECT_EQ(Found(request), "actors/vrenzki");
  request.set_changed_since_revision(second);
  EXPECT_EQ(Found(request), "");
  // A designation that changed is a target that changed.
  Commit({Designation("vrenzky", "north", "2018-01-01")});
  EXPECT_EQ(Found(request), "actors/vrenzky");
}

TEST_P(ScreeningTest, ExcludedActorsAreLeftOut) {
  CommitTarget("vrenzky", {"Ostap Vrenzky"});
  CommitTarget("vrenzki", {"Ostap Vrenzki"});
  v1::ScreenRequest request = Ask({"Ostap Vrenzky"});
  request.add_excluded_actors("actors/vrenzky");
  request.add_excluded_actors("actors/nobody");
  EXPECT_EQ(Found(request), "actors/vrenzki");
  request.add_excluded_actors("actors/vrenzki");
  EXPECT_EQ(Found(request), "");
}

TEST_P(ScreeningTest, AMergedNameIsItsSurvivor) {
  CommitTarget("loser", {"Ostap Vrenzky"});
  const int64_t before = Commit({Actor("survivor", {"Kazimir Dolmatov"})});
  const int64_t merged = Commit(Merge("actors/loser", "actors/survivor"));
  // The designation still says the name that it was written with, and so does the list.
  EXPECT_EQ(FoundAt("Kazimir Dolmatov", before), "");
  EXPECT_EQ(Found("Kazimir Dolmatov"), "actors/survivor");
  EXPECT_EQ(Found("Ostap Vrenzky"), "actors/survivor");
  EXPECT_EQ(FoundAt("Ostap Vrenzky", before), "actors/loser");
  v1::ScreenRequest request = Ask({"Kazimir Dolmatov", "Ostap Vrenzky"});
  request.add_excluded_actors("actors/loser");
  EXPECT_EQ(Found(request), "");
  EXPECT_EQ(Actors(Screen(request), 1), "");
  v1::CommitRequest unmerge;
  unmerge.add_mutations()->mutable_unmerge()->set_name("actors/loser");
  Commit(unmerge);
  EXPECT_EQ(Found("Kazimir Dolmatov"), "");
  EXPECT_EQ(Found("Ostap Vrenzky"), "actors/loser");
  EXPECT_EQ(FoundAt("Kazimir Dolmatov", merged), "actors/survivor");
  EXPECT_EQ(FoundAt("Ostap Vrenzky", merged), "actors/survivor");
}

// Over several merges, with what is known of each, and said whose name it was.
TEST_P(ScreeningTest, WhoWasMergedAwayIsFoundByAllItsNames) {
  v1::Record listed = Actor("zz-a", {"Vladislav Kropotkinov", "Ostap Vrenzky"});
  listed.mutable_actor()->add_births()->mutable_time()->set_edtf("1950-02-03");
  v1::Identifier& passport = *listed.mutable_actor()->add_identifiers();
  passport.set_type("passport");
  passport.set_value("PX-44 0917");
  Commit({listed, Designation("zz-a"), Actor("zz-b", {"Marguerite Zoellinger"}),
          Actor("zz-c", {"Kazimir Dolmatov"})});
  Commit(Merge("actors/zz-a", "actors/zz-b"));
  EXPECT_EQ(Found("Vladislav Kropotkinov"), "actors/zz-b");
  Commit(Merge("actors/zz-b", "actors/zz-c"));
  v1::ScreenRequest request = Ask({"Vladislav Kropotkinof", "Marguerite Zoellinger"});
  request.mutable_queries(0)->set_birth_date("1950-02-03");
  const v1::ScreenResponse answer = Screen(request);
  ASSERT_EQ(Actors(answer), "actors/zz-c");
  EXPECT_EQ(Actors(answer, 1), "actors/zz-c");
  const v1::ScreenMatch& match = answer.results(0).matches(0);
  EXPECT_EQ(match.matched_name(), "Vladislav Kropotkinov");
  EXPECT_EQ(match.display_name(), "Kazimir Dolmatov");
  EXPECT_THAT(match.designations(), ElementsAre("sanctions/north-zz-a"));
  std::vector<std::string> features;
  for (const v1::ScoreFeature& feature : match.features()) features.push_back(feature.feature());
  EXPECT_THAT(features, ElementsAre("name", "birth_date", "merged_name"));
  EXPECT_THAT(match.features(2).explanation(), ::testing::HasSubstr("actors/zz-a"));
  // Its identifier, with a name of the survivor that is hardly the same.
  request = Ask({"Kasimir Dolmatow"});
  const double by_name = Screen(request).results(0).matches(0).score();
  request.mutable_queries(0)->add_identifiers()->set_value("px440917");
  EXPECT_GT(Screen(request).results(0).matches(0).score(), by_name);
  // Like any other answer it can be asked for again.
  v1::ScreenRequest again = answer.options();
  for (const v1::ScreenResult& result : answer.results()) *again.add_queries() = result.query();
  CommitTarget("zz-d", {"Vladislav Kropotkinov"});
  Commit(Merge("actors/zz-d", "actors/zz-c"));
  EXPECT_EQ(Screen(again).SerializeAsString(), answer.SerializeAsString());
}

// A rescreening sees whom a merge, a judgement or a regime has made a target.
TEST_P(ScreeningTest, ChangesThatLeaveTheActorAsItWas) {
  CommitTarget("listed", {"Ostap Vrenzky"});
  CommitTarget("other", {"Oskar Lindqvist"});
  v1::Record designation = Designation("regimes-own", "north");
  designation.mutable_sanction()->mutable_designation()->clear_authority();
  const int64_t before = Commit({Actor("survivor", {"Kazimir Dolmatov"}), designation,
                                 Actor("regimes-own", {"Marguerite Zoellinger"})});
  const auto since = [&](int64_t revision, const std::string& name) {
    v1::ScreenRequest request = Ask({name});
    request.set_changed_since_revision(revision);
    return Found(request);
  };
  EXPECT_EQ(since(before, "Kazimir Dolmatov"), "");
  const int64_t merged = Commit(Merge("actors/listed", "actors/survivor"));
  EXPECT_EQ(since(before, "Kazimir Dolmatov"), "actors/survivor");
  EXPECT_EQ(since(before, "Ostap Vrenzky"), "actors/survivor");
  EXPECT_EQ(since(merged, "Kazimir Dolmatov"), "");
  // The survivor of an unmerge has changed too, where it is still a target.
  Commit({Designation("survivor")});
  v1::CommitRequest unmerge;
  unmerge.add_mutations()->mutable_unmerge()->set_name("actors/listed");
  const int64_t kept = Commit({MakeActor("nobody", "Nobody")});
  const int64_t unmerged = Commit(unmerge);
  EXPECT_EQ(since(kept, "Ostap Vrenzky"), "actors/listed");
  EXPECT_EQ(since(kept, "Kazimir Dolmatov"), "actors/survivor");
  EXPECT_EQ(since(unmerged, "Kazimir Dolmatov"), "");

  // Somebody says that they are one: both groups have changed, and again when not.
  EXPECT_EQ(since(unmerged, "Oskar Lindqvist"), "");
  v1::Record judging = Actor("survivor", {"Kazimir Dolmatov"});
  v1::IdentityJudgement& judgement = *judging.mutable_actor()->add_identity_judgements();
  judgement.set_id("j1");
  judgement.mutable_other()->set_target("actors/other");
  judgement.set_verdict(v1::IDENTITY_VERDICT_SAME);
  const int64_t judged = Commit({judging});
  EXPECT_EQ(since(unmerged, "Oskar Lindqvist"), "actors/other+actors/survivor");
  EXPECT_EQ(since(judged, "Oskar Lindqvist"), "");
  const int64_t parted = Commit({Actor("survivor", {"Kazimir Dolmatov"})});
  EXPECT_EQ(since(judged, "Oskar Lindqvist"), "actors/other");
  EXPECT_EQ(since(parted, "Oskar Lindqvist"), "");

  // The regime is another authority's now.
  v1::ScreenRequest request = Ask({"Marguerite Zoellinger"});
  request.add_authorities("actors/south");
  request.set_changed_since_revision(parted);
  EXPECT_EQ(Found(request), "");
  v1::Record regime = Authority("north")[1];
  regime.mutable_sanction()->mutable_regime()->mutable_authority()->set_target("actors/south");
  Commit({regime});
  EXPECT_EQ(Found(request), "actors/regimes-own");
}

TEST_P(ScreeningTest, ASuspendedListingOnlyPossiblyHolds) {
  v1::Record designation = Designation("vrenzky");
  designation.mutable_sanction()->mutable_designation()->mutable_intervals(0)->set_suspended(true);
  Commit({Actor("vrenzky", {"Ostap Vrenzky"}), designation});
  const v1::ScreenResponse answer = Screen(Ask({"Ostap Vrenzky"}));
  ASSERT_EQ(Actors(answer), "actors/vrenzky");
  EXPECT_EQ(answer.results(0).matches(0).listed(), v1::HOLDS_POSSIBLY);
}

// What many have in common hides nobody who has the name.
TEST_P(ScreeningTest, CommonIdentifiersHideNoName) {
  v1::ScreenRequest request = Ask({"Ostap Kazimir Vrenzky"});
  for (int i = 0; i < 10; ++i) {
    const std::string value = absl::StrCat("COMMON-", 1000 + i);
    request.mutable_queries(0)->add_identifiers()->set_value(value);
    std::vector<v1::Record> records;
    for (int n = 0; n < 20; ++n) {
      const std::string id = absl::StrCat("bearer-", i, "-", n);
      v1::Record bearer = Actor(id, {absl::StrCat("Marguerite Zoellinger ", i, " ", n)});
      v1::Identifier& identifier = *bearer.mutable_actor()->add_identifiers();
      identifier.set_type("registration");
      identifier.set_value(value);
      records.push_back(bearer);
      records.push_back(Designation(id));
    }
    Commit(records);
  }
  CommitTarget("vrenzky", {"Ostap Kazimir Vrenzky"});
  EXPECT_EQ(Found(request), "actors/vrenzky");
}

v1::Record Judging(v1::Record actor, const std::string& other, v1::IdentityVerdict verdict) {
  v1::IdentityJudgement& judgement = *actor.mutable_actor()->add_identity_judgements();
  judgement.set_id(absl::StrCat("j", actor.actor().identity_judgements_size()));
  judgement.mutable_other()->set_target("actors/" + other);
  judgement.set_verdict(verdict);
  return actor;
}

TEST_P(ScreeningTest, EntriesThatAreJudgedTheSameAreOneMatch) {
  CommitTarget("a", {"Ostap Vrenzky"});
  CommitTarget("b", {"Ostap Vrenzki"});
  CommitTarget("c", {"Marguerite Zoellinger"});
  CommitTarget("d", {"Ostap Vrenskij"});
  EXPECT_EQ(Found("Ostap Vrenzky"), "actors/a actors/b actors/d");
  // a is b, says b; b is c, says b; d is another, says d.
  Commit({Judging(Judging(Actor("b", {"Ostap Vrenzki"}), "a", v1::IDENTITY_VERDICT_SAME), "c",
                  v1::IDENTITY_VERDICT_SAME)});
  Commit({Judging(Actor("d", {"Ostap Vrenskij"}), "a", v1::IDENTITY_VERDICT_DIFFERENT)});
  v1::ScreenResponse answer = Screen(Ask({"Ostap Vrenzky", "Marguerite Zoellinger"}));
  EXPECT_EQ(Actors(answer), "actors/a+actors/b+actors/c actors/d");
  const v1::ScreenMatch& match = answer.results(0).matches(0);
  EXPECT_GT(match.members(0).score(), 0.7);
  EXPECT_EQ(match.members(0).display_name(), "Ostap Vrenzki");
  EXPECT_THAT(match.members(0).designations(), ElementsAre("sanctions/north-b"));
  EXPECT_EQ(match.members(1).score(), 0);
  // From the other end, over two steps.
  EXPECT_EQ(Actors(answer, 1), "actors/c+actors/a+actors/b");
  // A group counts as one, and has only what the request leaves.
  v1::ScreenRequest request = Ask({"Ostap Vrenzky"});
  request.set_max_matches(1);
  EXPECT_EQ(Found(request), "actors/a+actors/b+actors/c");
  request.add_excluded_actors("actors/b");
  EXPECT_EQ(Found(request), "actors/a+actors/c");
}

TEST_P(ScreeningTest, QualifiersMoveTheScore) {
  v1::Record older = Actor("older", {"Ostap Vrenzky"});
  older.mutable_actor()->add_births()->mutable_time()->set_edtf("1950-02-03");
  v1::Record younger = Actor("younger", {"Ostap Vrenzky"});
  younger.mutable_actor()->add_births()->mutable_time()->set_edtf("1980-07-08");
  Commit({older, Designation("older"), younger, Designation("younger")});
  v1::ScreenRequest request = Ask({"Ostap Vrenzky"});
  EXPECT_EQ(Found(request), "actors/older actors/younger");  // alike, so by name
  request.mutable_queries(0)->set_birth_date("1980-07-08");
  const v1::ScreenResponse answer = Screen(request);
  ASSERT_GE(answer.results(0).matches_size(), 1);
  EXPECT_EQ(answer.results(0).matches(0).actor(), "actors/younger");
  if (answer.results(0).matches_size() == 2) {
    EXPECT_LT(answer.results(0).matches(1).score(), answer.results(0).matches(0).score());
  }
}

// An identifier brings up whoever has it, though others share more of the name.
TEST_P(ScreeningTest, AnIdentifierFindsItsBearer) {
  std::vector<v1::Record> records;
  for (int i = 0; i < 150; ++i) {
    const std::string id = absl::StrCat("many-", i);
    records.push_back(Actor(id, {"Ostap Kazimir Vrenzky"}));
    records.push_back(Designation(id));
  }
  v1::Record bearer = Actor("bearer", {"Ostap Kazimir Lindqvist"});
  v1::Identifier& passport = *bearer.mutable_actor()->add_identifiers();
  passport.set_type("passport");
  passport.set_value("PX-44 0917");
  records.push_back(bearer);
  records.push_back(Designation("bearer"));
  Commit(records);
  v1::ScreenRequest request = Ask({"Ostap Kazimir Vrenzky"});
  request.mutable_queries(0)->add_identifiers()->set_value("px440917");
  request.set_max_matches(100);
  const v1::ScreenResponse answer = Screen(request);
  std::vector<std::string> actors;
  for (const v1::ScreenMatch& match : answer.results(0).matches()) actors.push_back(match.actor());
  EXPECT_THAT(actors, ::testing::Contains("actors/bearer"));
}

TEST_P(ScreeningTest, ABatchIsAnsweredInItsOrder) {
  std::vector<v1::Record> records;
  for (int i = 0; i < 100; ++i) {
    const std::string id = absl::StrCat("n", i);
    records.push_back(Actor(id, {absl::StrCat("Ostap Vrenzky ", i)}));
    records.push_back(Designation(id));
  }
  Commit(records);
  v1::ScreenRequest request;
  for (int i = 0; i < 100; ++i) {
    v1::ScreenQuery& query = *request.add_queries();
    query.set_query_id(absl::StrCat("q", i));
    query.add_names(absl::StrCat("Ostap Vrenzky ", i));
  }
  request.set_max_matches(1);
  const v1::ScreenResponse answer = Screen(request);
  ASSERT_EQ(answer.results_size(), 100);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(answer.results(i).query_id(), absl::StrCat("q", i));
    EXPECT_EQ(Actors(answer, i), absl::StrCat("actors/n", i));
  }
}

TEST_P(ScreeningTest, ThresholdsDecide) {
  CommitTarget("vrenzky", {"Ostap Vrenzky"});
  v1::ScreenRequest request = Ask({"Ostap Vrenzki"});
  const double score = Screen(request).results(0).matches(0).score();
  request.set_threshold(score);
  EXPECT_EQ(Screen(request).results(0).decision(), v1::SCREEN_DECISION_MATCH);
  request.set_threshold(score + 0.001);
  EXPECT_EQ(Screen(request).results(0).decision(), v1::SCREEN_DECISION_POSSIBLE);
  request.set_possible_threshold(score + 0.001);
  EXPECT_EQ(Screen(request).results(0).decision(), v1::SCREEN_DECISION_NO_MATCH);
  EXPECT_EQ(Found(request), "");
  // A lower one lowers what is shown, too.
  request.set_threshold(0.2);
  request.clear_possible_threshold();
  EXPECT_EQ(Screen(request).options().possible_threshold(), 0.2);
}

v1::Record ListVersion(const std::string& id, const std::string& date, bool whole) {
  v1::Record record = MakeSource(id, "List of " + date);
  v1::ListVersion& version = *record.mutable_source()->mutable_list_version();
  version.mutable_authority()->set_target("actors/north");
  version.set_list_id("north-list");
  version.mutable_as_of_time()->set_edtf(date);
  version.mutable_as_of_time()->add_time_zones("Z");
  if (whole) {
    v1::Coverage& coverage = *record.mutable_source()->add_coverages();
    coverage.set_id("c1");
    coverage.mutable_authority()->set_target("actors/north");
    coverage.set_subject(v1::COVERAGE_SUBJECT_DESIGNATIONS);
    *coverage.mutable_as_of_time() = version.as_of_time();
    coverage.set_complete(true);
  }
  return record;
}

TEST_P(ScreeningTest, TheNewestWholeVersionsOfListsAreNamed) {
  Commit({ListVersion("north-1", "2023-01-02", true)});
  const int64_t second = Commit({ListVersion("north-2", "2023-05-06", true)});
  Commit({ListVersion("north-3", "2023-09-10", false)});
  EXPECT_THAT(Screen(Ask({"Ostap Vrenzky"})).list_versions(), ElementsAre("sources/north-2"));
  v1::ScreenRequest request = Ask({"Ostap Vrenzky"});
  request.mutable_scope()->set_known_revision(second - 1);
  EXPECT_THAT(Screen(request).list_versions(), ElementsAre("sources/north-1"));
  Commit({ListVersion("north-3", "2023-09-10", true)});
  EXPECT_THAT(Screen(Ask({"Ostap Vrenzky"})).list_versions(), ElementsAre("sources/north-3"));
}

// Asked again with what it echoes, an answer is the same, bytes and all.
TEST_P(ScreeningTest, AnAnswerCanBeProven) {
  std::vector<v1::Record> records;
  for (int i = 0; i < 60; ++i) {
    const std::string id = absl::StrCat("n", i);
    records.push_back(Actor(id, {absl::StrCat("Ostap ", i % 7 == 0 ? "Vrenzky" : "Dolmatov"),
                                 absl::StrCat("Kazimir ", i)}));
    records.push_back(Designation(id, i % 2 == 0 ? "north" : "south"));
  }
  Commit(records);
  v1::ScreenRequest request = Ask({"Ostap Vrenzky", "Kazimir Dolmatov", "Vrenski Ostap"});
  request.set_max_matches(20);
  request.add_authorities("actors/north");
  const v1::ScreenResponse first = Screen(request);
  ASSERT_FALSE(first.results(0).matches().empty());
  EXPECT_EQ(first.algorithm_version(), "communique-names-2");
  EXPECT_EQ(first.pin().revision(), first.options().scope().known_revision());
  EXPECT_EQ(first.pin().valid_date(), first.options().scope().valid_date());
  EXPECT_NE(first.pin().valid_date(), "");
  EXPECT_NE(first.pin().journal_hash(), "");
  EXPECT_GT(first.options().threshold(), first.options().possible_threshold());
  EXPECT_EQ(first.options().max_matches(), 20);
  EXPECT_EQ(first.options().queries_size(), 0);

  v1::ScreenRequest again = first.options();
  for (const v1::ScreenResult& result : first.results()) *again.add_queries() = result.query();
  EXPECT_EQ(Screen(again).SerializeAsString(), first.SerializeAsString());
  // Later commits change how rare tokens are, who is listed, and what there is.
  for (int i = 0; i < 40; ++i) CommitTarget(absl::StrCat("later-", i), {"Ostap Vrenzky"});
  Commit(Delete("sanctions/north-n0"));
  Commit({Actor("n14", {"Somebody Else"})});
  EXPECT_EQ(Screen(again).SerializeAsString(), first.SerializeAsString());
  EXPECT_NE(Screen(request).SerializeAsString(), first.SerializeAsString());
}

// Calls at once, short ones between batches: each gets its own answer.
TEST_P(ScreeningTest, CallsAtOnceAreAnsweredAlike) {
  std::vector<v1::Record> records;
  for (int i = 0; i < 50; ++i) {
    const std::string id = absl::StrCat("n", i);
    records.push_back(Actor(id, {absl::StrCat("Ostap Vrenzky ", i)}));
    records.push_back(Designation(id));
  }
  Commit(records);
  v1::ScreenRequest batch;
  for (int i = 0; i < 50; ++i) batch.add_queries()->add_names(absl::StrCat("Vrenzky ", i));
  const std::string wanted_batch = Screen(batch).SerializeAsString();
  const std::string wanted_one = Screen(Ask({"Ostap Vrenzky 17"})).SerializeAsString();
  std::vector<std::thread> threads;
  for (int t = 0; t < 6; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 5; ++i) {
        const bool one = t % 2 == 0;
        EXPECT_EQ(Screen(one ? Ask({"Ostap Vrenzky 17"}) : batch).SerializeAsString(),
                  one ? wanted_one : wanted_batch);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

// The index is worked out again at a start, with another key for its terms; a trim
// takes what was superseded, and what stood then is answered alike.
TEST(ScreeningProcessTest, ARestartAndATrimChangeNoAnswer) {
  auto server = ServerProcess::Start();
  ASSERT_TRUE(server.ok()) << server.status();
  const Client client = (*server)->MakeClient();
  const auto commit = [&](const std::vector<v1::Record>& records) {
    v1::CommitRequest request;
    for (const v1::Record& record : records) *request.add_mutations()->mutable_put() = record;
    const auto answer = client.Commit(request);
    ASSERT_TRUE(answer.ok()) << answer.status();
  };
  commit(Authority("north"));
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 20; ++i) {
      const std::string id = absl::StrCat("n", i);
      commit({Actor(id, {absl::StrCat("Ostap ", i % 3 == round ? "Vrenzky" : "Dolmatov")}),
              Designation(id)});
    }
  }
  v1::ScreenRequest request;
  request.add_queries()->add_names("Ostap Vrenzki");
  request.set_max_matches(50);
  const auto first = client.Screen(request);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_GE(first->results(0).matches_size(), 6);
  v1::ScreenRequest again = first->options();
  *again.add_queries() = first->results(0).query();
  ASSERT_TRUE(client.Screen(request).ok());
  (*server)->Kill();
  ASSERT_TRUE((*server)->Restart().ok());
  const auto second = client.Screen(again);
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->SerializeAsString(), first->SerializeAsString());
  ASSERT_TRUE(client.TrimJournal(first->pin().revision()).ok());
  commit({Actor("later", {"Ostap Vrenzky"}), Designation("later")});
  (*server)->Kill();
  ASSERT_TRUE((*server)->Restart().ok());
  const auto third = client.Screen(again);
  ASSERT_TRUE(third.ok()) << third.status();
  EXPECT_EQ(third->SerializeAsString(), first->SerializeAsString());
}

INSTANTIATE_TEST_SUITE_P(Servers, ScreeningTest,
                         ::testing::Values(ServerKind::kInProcess, ServerKind::kProcess),
                         [](const auto& info) { return ServerKindName(info.param); });

}  // namespace
}  // namespace communique::testing
