// The one writer: what a commit does, what it is refused for, and what holds
// when many come at once, when the clock jumps and when the disk fails.
#include "service/store/event_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

#include "google/rpc/error_details.pb.h"
#include "service/base/limits.h"
#include "tests/unit/store_fixture.h"
#include "tests/unit/text_proto.h"

namespace communique::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class EventStoreTest : public StoreTest {
 protected:
  v1::CommitRequest If(const std::string& id,
                       const std::function<void(v1::Precondition&)>& condition,
                       v1::CommitRequest request = Put("z")) {
    v1::Precondition& precondition = *request.add_preconditions();
    precondition.set_name("sources/" + id);
    condition(precondition);
    return request;
  }
  std::string Etag(const std::string& id) const { return Record(id).etag(); }
  // Every violation of the last commit, "field: description".
  std::vector<std::string> Violations() const {
    google::rpc::BadRequest bad;
    bad.ParseFromString(base::DetailOf(last_.status(), "google.rpc.BadRequest"));
    std::vector<std::string> out;
    for (const auto& violation : bad.field_violations()) out.push_back(violation.field());
    return out;
  }
  // Every violated precondition of the last commit, "TYPE subject".
  std::vector<std::string> Failures() const {
    google::rpc::PreconditionFailure failure;
    failure.ParseFromString(base::DetailOf(last_.status(), "google.rpc.PreconditionFailure"));
    std::vector<std::string> out;
    for (const auto& violation : failure.violations()) {
      out.push_back(absl::StrCat(violation.type(), " ", violation.subject()));
    }
    return out;
  }
  // The answers of proposals that become one group.
  std::vector<std::string> DoTogether(const std::vector<v1::CommitRequest>& requests) {
    local_.Hold();
    Pending first;
    store_->Commit(Put("first", {.title = absl::StrCat(head())}), "alice", first.Callback());
    local_.WaitUntilHeld();
    std::vector<Pending> waiting(requests.size());
    for (size_t i = 0; i < requests.size(); ++i) {
      store_->Commit(requests[i], "alice", waiting[i].Callback());
    }
    local_.Release();
    std::vector<std::string> answers;
    for (Pending& pending : waiting) answers.push_back(Show(pending.Wait()));
    return answers;
  }
};

// --- What a commit does -----------------------------------------------------

TEST_F(EventStoreTest, CreateTakesTheNextRevision) {
  EXPECT_EQ(Do(Create("a")), "revision 1");
  EXPECT_EQ(Do(Create("b")), "revision 2");
  EXPECT_EQ(Get("a"), "a");
  EXPECT_EQ(memory_.live_count(), 2);
}

TEST_F(EventStoreTest, CreateOfATakenNameIsRefused) {
  Do(Create("a"));
  EXPECT_EQ(Do(Create("a", {.title = "other"})), "ALREADY_EXISTS RECORD_EXISTS");
  EXPECT_EQ(Metadata("name"), "sources/a");
  EXPECT_EQ(Metadata("current_etag"), Etag("a"));
  EXPECT_EQ(head(), 1);
}

TEST_F(EventStoreTest, CreateRevivesADeletedName) {
  Do(Create("a"));
  Do(Delete("a"));
  EXPECT_EQ(Do(Create("a", {.title = "again"})), "revision 3");
}

TEST_F(EventStoreTest, PutCreatesAndReplaces) {
  EXPECT_EQ(Do(Put("a", {.title = "one"})), "revision 1");
  EXPECT_EQ(Do(Put("a", {.title = "two"})), "revision 2");
  EXPECT_EQ(Get("a"), "two");
  EXPECT_EQ(Record("a").create_revision(), 1);
  EXPECT_EQ(memory_.live_count(), 1);
}

TEST_F(EventStoreTest, AChangeSaysWhatItDid) {
  Do(Put("a", {.title = "one"}));
  v1::CommitRequest request = Put("a", {.title = "two", .elements = {"r1"}});
  request.set_reason("a typo");
  Do(request, "bob");
  const v1::Change change = Change(2);
  EXPECT_EQ(change.principal(), "bob");
  EXPECT_EQ(change.reason(), "a typo");
  EXPECT_EQ(change.previous_revision(), 1);
  EXPECT_THAT(change.kinds(), ElementsAre(v1::CHANGE_KIND_UPDATED));
  EXPECT_THAT(change.paths(), ElementsAre("title", "revisions[r1]"));
  EXPECT_EQ(change.record().etag(), Etag("a"));
}

TEST_F(EventStoreTest, UpdateChangesWhatTheMaskNames) {
  Do(Put("a", {.title = "one", .elements = {"r1"}}));
  EXPECT_EQ(Do(Update("a", {.title = "two"}, "title")), "revision 2");
  EXPECT_EQ(Get("a"), "two");
  EXPECT_EQ(Record("a").source().revisions_size(), 1);
}

TEST_F(EventStoreTest, UpdateOfNothingIsNotFound) {
  EXPECT_EQ(Do(Update("a", {}, "")), "NOT_FOUND RECORD_NOT_FOUND");
}

TEST_F(EventStoreTest, UpdateThatLeavesAnInvalidRecordIsRefused) {
  Do(Put("a"));
  EXPECT_EQ(Do(Update("a", {.title = ""}, "title")), "INVALID_ARGUMENT INVALID_FIELD");
  EXPECT_THAT(Violations(), ElementsAre("mutations[0].update.record.source.title"));
}

TEST_F(EventStoreTest, DeleteLeavesATombstone) {
  Do(Put("a"));
  v1::CommitRequest request = Delete("a");
  request.set_reason("a duplicate");
  EXPECT_EQ(Do(request), "revision 2");
  EXPECT_EQ(Get("a"), "NOT_FOUND RECORD_DELETED");
  const v1::Tombstone tombstone = Change(2).tombstone();
  EXPECT_EQ(tombstone.cause(), v1::TOMBSTONE_CAUSE_DELETED);
  EXPECT_EQ(tombstone.reason(), "a duplicate");
  EXPECT_EQ(tombstone.last_revision(), 1);
  EXPECT_EQ(memory_.live_count(), 0);
  EXPECT_EQ(last_->results(0).etag(), "");
}

TEST_F(EventStoreTest, DeleteOfWhatIsGoneTellsItsTombstone) {
  EXPECT_EQ(Do(Delete("a")), "NOT_FOUND RECORD_NOT_FOUND");
  Do(Put("a"));
  Do(Delete("a"));
  EXPECT_EQ(Do(Delete("a")), "NOT_FOUND RECORD_DELETED");
  v1::Tombstone tombstone;
  tombstone.ParseFromString(base::DetailOf(last_.status(), "communique.v1.Tombstone"));
  EXPECT_EQ(tombstone.revision(), 2);
}

TEST_F(EventStoreTest, ARetractionIsADeleteOfItsOwnKind) {
  Do(Put("a"));
  v1::CommitRequest request = Delete("a");
  request.mutable_mutations(0)->mutable_delete_()->set_cause(v1::TOMBSTONE_CAUSE_RETRACTED);
  Do(request);
  EXPECT_THAT(Change(2).kinds(), ElementsAre(v1::CHANGE_KIND_RETRACTED));
}

TEST_F(EventStoreTest, PutRevivesADeletedName) {
  Do(Put("a"));
  Do(Delete("a"));
  EXPECT_EQ(Do(Put("a")), "revision 3");
  const v1::Change change = Change(3);
  EXPECT_THAT(change.kinds(), ElementsAre(v1::CHANGE_KIND_CREATED));
  EXPECT_EQ(change.previous_revision(), 2);
  EXPECT_EQ(change.record().create_revision(), 3);
}

TEST_F(EventStoreTest, ServerFieldsInAPutAreNotTaken) {
  v1::CommitRequest request = Put("a");
  v1::Record& record = *request.mutable_mutations(0)->mutable_put();
  record.set_revision(77);
  record.set_create_revision(78);
  record.add_retired_ids("r9");
  record.set_redirected_from("sources/x");
  Do(request);
  EXPECT_EQ(Record("a").revision(), 1);
  EXPECT_EQ(Record("a").create_revision(), 1);
  EXPECT_THAT(Record("a").retired_ids(), IsEmpty());
  EXPECT_EQ(Record("a").redirected_from(), "");
}

TEST_F(EventStoreTest, RekeyNamesItsSuccessor) {
  Do(Put("a"));
  EXPECT_EQ(Do(All({Rekey("a", "b"), Put("b")})), "revision 2");
  EXPECT_THAT(Change(2).kinds(), ElementsAre(v1::CHANGE_KIND_REKEYED));
  EXPECT_EQ(Change(2).tombstone().successor(), "sources/b");
  EXPECT_EQ(Get("a"), "NOT_FOUND RECORD_DELETED");
}

TEST_F(EventStoreTest, RekeyToNothingIsRefused) {
  Do(Put("a"));
  EXPECT_EQ(Do(Rekey("a", "b")), "FAILED_PRECONDITION REFERENCE_NOT_FOUND");
  EXPECT_EQ(Do(Rekey("a", "a")), "FAILED_PRECONDITION REFERENCE_NOT_FOUND");
  EXPECT_EQ(Get("a"), "a");
}

TEST_F(EventStoreTest, ACommitIsAllOrNothing) {
  Do(Put("a"));
  EXPECT_EQ(Do(All({Put("b"), Delete("a"), Create("a"), Delete("c")})),
            "INVALID_ARGUMENT INVALID_FIELD");  // two mutations of one name
  EXPECT_EQ(Do(All({Put("b"), Delete("a"), Delete("c")})), "NOT_FOUND RECORD_NOT_FOUND");
  EXPECT_EQ(Get("a"), "a");
  EXPECT_EQ(Get("b"), "NOT_FOUND RECORD_NOT_FOUND");
  EXPECT_EQ(head(), 1);
}

// --- Nothing changes ----------------------------------------------------------

TEST_F(EventStoreTest, TheSameBytesAgainTakeNoRevision) {
  Do(Put("a"));
  const int applies = local_.applies();
  EXPECT_EQ(Do(Put("a")), "revision 1 (no change)");
  EXPECT_EQ(last_->results(0).etag(), Etag("a"));
  EXPECT_EQ(Do(Update("a", {.title = "a"}, "title")), "revision 1 (no change)");
  EXPECT_EQ(local_.applies(), applies);
}

TEST_F(EventStoreTest, OnlyWhatChangesIsInTheCommit) {
  Do(All({Put("a"), Put("b")}));
  EXPECT_EQ(Do(All({Put("a"), Put("b", {.title = "new"})})), "revision 2");
  EXPECT_FALSE(last_->results(0).changed());
  EXPECT_TRUE(last_->results(1).changed());
  EXPECT_EQ(Change(2).name(), "sources/b");
  EXPECT_FALSE(memory_.ReadChange(2, 2).ok());
}

TEST_F(EventStoreTest, AnEmptyStoreStandsAtNothing) {
  EXPECT_EQ(Do(ValidateOnly(Put("a"))), "revision 0");
  EXPECT_FALSE(last_->has_commit_time());
}

TEST_F(EventStoreTest, ValidateOnlyChecksAndAppliesNothing) {
  Do(Put("a"));
  EXPECT_EQ(Do(ValidateOnly(Put("b"))), "revision 1");
  EXPECT_TRUE(last_->results(0).changed());
  EXPECT_EQ(last_->results(0).etag(), "") << "a version that never stands has no etag";
  EXPECT_EQ(Do(ValidateOnly(Create("a"))), "ALREADY_EXISTS RECORD_EXISTS");
  EXPECT_EQ(Do(ValidateOnly(Put("c", {.cites = {"b"}}))),
            "FAILED_PRECONDITION REFERENCE_NOT_FOUND");
  EXPECT_EQ(head(), 1);
}

// --- Preconditions ------------------------------------------------------------

TEST_F(EventStoreTest, AnEtagMustBeTheOneThatStands) {
  Do(Put("a", {.title = "one"}));
  const std::string old = Etag("a");
  EXPECT_EQ(Do(Put("a", {.title = "two"}, old)), "revision 2");
  EXPECT_EQ(Do(Put("a", {.title = "three"}, old)), "ABORTED ETAG_MISMATCH");
  EXPECT_EQ(Metadata("current_etag"), Etag("a"));
  EXPECT_EQ(Metadata("current_revision"), "2");
  EXPECT_EQ(Metadata("wanted"), old);
  EXPECT_THAT(Failures(), ElementsAre("ETAG sources/a"));
  EXPECT_EQ(Do(Update("a", {.title = "x"}, "title", old)), "ABORTED ETAG_MISMATCH");
  EXPECT_EQ(Do(Delete("a", old)), "ABORTED ETAG_MISMATCH");
  EXPECT_EQ(Do(Put("new", {}, old)), "ABORTED ETAG_MISMATCH") << "nothing stands there";
  EXPECT_EQ(Metadata("current_revision"), "0");
  EXPECT_EQ(Do(Delete("a", Etag("a"))), "revision 3");
}

TEST_F(EventStoreTest, AnEtagIsCheckedEvenWhenNothingWouldChange) {
  Do(Put("a"));
  EXPECT_EQ(Do(Put("a", {}, "stale")), "ABORTED ETAG_MISMATCH");
}

TEST_F(EventStoreTest, EachPreconditionHolds) {
  Do(Put("a"));
  EXPECT_EQ(Do(If("a", [&](auto& p) { p.set_etag(Etag("a")); }, Put("1"))), "revision 2");
  EXPECT_EQ(Do(If("a", [](auto& p) { p.set_revision(1); }, Put("2"))), "revision 3");
  EXPECT_EQ(Do(If("a", [](auto& p) { p.set_must_exist(true); }, Put("3"))), "revision 4");
  EXPECT_EQ(Do(If("b", [](auto& p) { p.set_must_not_exist(true); }, Put("4"))), "revision 5");
}

TEST_F(EventStoreTest, EachPreconditionFails) {
  Do(Put("a"));
  Do(Put("gone"));
  Do(Delete("gone"));
  EXPECT_EQ(Do(If("a", [](auto& p) { p.set_etag("x"); })), "ABORTED ETAG_MISMATCH");
  EXPECT_EQ(Do(If("a", [](auto& p) { p.set_revision(2); })), "ABORTED REVISION_MISMATCH");
  EXPECT_THAT(Failures(), ElementsAre("REVISION sources/a"));
  EXPECT_EQ(Metadata("current_revision"), "1");
  EXPECT_EQ(Do(If("b", [](auto& p) { p.set_must_exist(true); })), "NOT_FOUND RECORD_NOT_FOUND");
  EXPECT_EQ(Do(If("gone", [](auto& p) { p.set_must_exist(true); })), "NOT_FOUND RECORD_DELETED");
  EXPECT_EQ(Do(If("gone", [](auto& p) { p.set_revision(2); })), "ABORTED REVISION_MISMATCH");
  EXPECT_EQ(Do(If("a", [](auto& p) { p.set_must_not_exist(true); })),
            "ALREADY_EXISTS RECORD_EXISTS");
  EXPECT_EQ(head(), 3);
}

TEST_F(EventStoreTest, PreconditionsAreAboutTheStateBeforeTheCommit) {
  EXPECT_EQ(Do(If("a", [](auto& p) { p.set_must_not_exist(true); }, Put("a"))), "revision 1");
  EXPECT_EQ(Do(If("a", [](auto& p) { p.set_must_exist(true); }, Delete("a"))), "revision 2");
}

TEST_F(EventStoreTest, EveryViolationIsToldAtOnce) {
  v1::CommitRequest request = All({Put("a", {.title = ""}), Delete("B")});
  request.add_mutations();
  request.set_request_id("with space");
  request.set_reason(std::string(base::kMaxReasonBytes + 1, 'x'));
  request.add_preconditions()->set_name("nothing");
  v1::Precondition& precondition = *request.add_preconditions();
  precondition.set_name("sources/a");
  precondition.set_must_exist(false);
  EXPECT_EQ(Do(request), "INVALID_ARGUMENT INVALID_FIELD");
  EXPECT_THAT(Violations(),
              ElementsAre("request_id", "reason", "mutations[0].put.source.title",
                          "mutations[1].delete.name", "mutations[2]", "preconditions[0].name",
                          "preconditions[0]", "preconditions[1].must_exist"));
}

TEST_F(EventStoreTest, RulesOfMutationsThatHaveNoBody) {
  struct Case {
    v1::CommitRequest request;
    std::string field;
  };
  std::vector<Case> cases;
  cases.push_back({v1::CommitRequest(), "mutations"});
  cases.push_back({Delete(""), "mutations[0].delete.name"});
  v1::CommitRequest successor = Rekey("a", "b");
  successor.mutable_mutations(0)->mutable_delete_()->set_cause(v1::TOMBSTONE_CAUSE_DELETED);
  cases.push_back({successor, "mutations[0].delete.successor"});
  v1::CommitRequest merged = Delete("a");
  merged.mutable_mutations(0)->mutable_delete_()->set_cause(v1::TOMBSTONE_CAUSE_MERGED);
  cases.push_back({merged, "mutations[0].delete.cause"});
  v1::CommitRequest unknown = Delete("a");
  unknown.mutable_mutations(0)->mutable_delete_()->set_cause(static_cast<v1::TombstoneCause>(99));
  cases.push_back({unknown, "mutations[0].delete.cause"});
  v1::CommitRequest other_kind = Rekey("a", "b");
  other_kind.mutable_mutations(0)->mutable_delete_()->set_successor("actors/b");
  cases.push_back({other_kind, "mutations[0].delete.successor"});
  v1::CommitRequest merge_kind = Merge("a", "b");
  merge_kind.mutable_mutations(0)->mutable_merge()->set_into("actors/b");
  cases.push_back({merge_kind, "mutations[0].merge.into"});
  cases.push_back({Unmerge("A"), "mutations[0].unmerge.name"});
  cases.push_back({If("a", [](auto& p) { p.set_revision(0); }), "preconditions[0].revision"});
  cases.push_back({If("a", [](auto& p) { p.set_etag(""); }), "preconditions[0].etag"});
  cases.push_back({If("a", [](auto& p) { p.set_must_not_exist(false); }),
                   "preconditions[0].must_not_exist"});
  for (const Case& test : cases) {
    EXPECT_EQ(Do(test.request), "INVALID_ARGUMENT INVALID_FIELD") << test.field;
    EXPECT_THAT(Violations(), ElementsAre(test.field));
  }
  EXPECT_EQ(head(), 0);
}

TEST_F(EventStoreTest, SizesHaveLimits) {
  v1::CommitRequest many;
  for (int i = 0; i <= base::kMaxMutationsPerCommit; ++i) {
    many.MergeFrom(Put(absl::StrCat("s", i)));
  }
  EXPECT_EQ(Do(many), "RESOURCE_EXHAUSTED SIZE_LIMIT");
  EXPECT_EQ(Metadata("limit"), "mutations");
  many.mutable_mutations()->RemoveLast();
  EXPECT_EQ(Do(many), "revision 1");
  EXPECT_EQ(Do(Put("a", {.title = std::string(base::kMaxRecordBytes, 'x')})),
            "RESOURCE_EXHAUSTED SIZE_LIMIT");
  EXPECT_EQ(Metadata("limit"), "bytes of a record");
  const Doc large{.title = std::string(base::kMaxRecordBytes - 1000, 'x')};
  EXPECT_EQ(Do(All({Put("a", large), Put("b", large), Put("c", large)})),
            "RESOURCE_EXHAUSTED SIZE_LIMIT");
  EXPECT_EQ(Metadata("limit"), "bytes");
  EXPECT_EQ(Do(Put("a", large)), "revision 2");
}

TEST_F(EventStoreTest, AnUpdateCannotGrowARecordBeyondItsLimit) {
  Do(Put("a"));
  EXPECT_EQ(Do(Update("a", {.title = std::string(base::kMaxRecordBytes, 'x')}, "title")),
            "RESOURCE_EXHAUSTED SIZE_LIMIT");
}

// --- Request ids ----------------------------------------------------------------

TEST_F(EventStoreTest, ARepeatIsAnsweredAsTheFirstWas) {
  const v1::CommitRequest request = WithId("1", All({Put("a"), Put("b")}));
  const auto first = Commit(request);
  Do(Put("a", {.title = "later"}));
  auto again = Commit(request);
  EXPECT_EQ(Show(again), "revision 1 (replayed)");
  again->set_replayed(false);
  EXPECT_EQ(again->SerializeAsString(), first->SerializeAsString());
  EXPECT_EQ(Get("a"), "later");
}

TEST_F(EventStoreTest, ARepeatIsRecognisedAfterARestart) {
  const v1::CommitRequest request = WithId("1", All({Put("a"), Put("b"), Put("c")}));
  Do(Put("c"));
  const auto first = Commit(request);
  Restart();
  auto again = Commit(request);
  EXPECT_EQ(Show(again), "revision 2 (replayed)");
  again->set_replayed(false);
  EXPECT_EQ(again->SerializeAsString(), first->SerializeAsString());
  EXPECT_EQ(Do(WithId("1", Put("other"))), "INVALID_ARGUMENT REQUEST_ID_REUSED");
}

TEST_F(EventStoreTest, ARequestIdWithAnotherPayloadIsRefused) {
  Do(WithId("1", Put("a")));
  EXPECT_EQ(Do(WithId("1", Put("a", {.title = "b"}))), "INVALID_ARGUMENT REQUEST_ID_REUSED");
  EXPECT_EQ(Metadata("request_id"), "1");
  EXPECT_EQ(Metadata("revision"), "1");
  v1::CommitRequest reasoned = WithId("1", Put("a"));
  reasoned.set_reason("why");
  EXPECT_EQ(Do(reasoned), "INVALID_ARGUMENT REQUEST_ID_REUSED");
}

TEST_F(EventStoreTest, RequestIdsAreOfTheirPrincipal) {
  Do(WithId("1", Put("a")), "alice");
  EXPECT_EQ(Do(WithId("1", Put("b")), "bob"), "revision 2");
}

TEST_F(EventStoreTest, ARefusedCommitLeavesItsRequestIdFree) {
  EXPECT_EQ(Do(WithId("1", Delete("a"))), "NOT_FOUND RECORD_NOT_FOUND");
  EXPECT_EQ(Do(WithId("1", Put("a"))), "revision 1");
}

TEST_F(EventStoreTest, ValidateOnlyLeavesItsRequestIdFree) {
  EXPECT_EQ(Do(ValidateOnly(WithId("1", Put("a")))), "revision 0");
  EXPECT_EQ(Do(WithId("1", Put("a"))), "revision 1");
}

TEST_F(EventStoreTest, ACommitThatChangedNothingIsRemembered) {
  Do(Put("a"));
  EXPECT_EQ(Do(WithId("1", Put("a"))), "revision 1 (no change)");
  Do(Put("a", {.title = "later"}));
  EXPECT_EQ(Do(WithId("1", Put("a"))), "revision 1 (no change) (replayed)");
  EXPECT_EQ(Get("a"), "later");
}

TEST_F(EventStoreTest, ARepeatWithinOneGroupIsApplied) {
  const v1::CommitRequest request = WithId("1", Put("a"));
  EXPECT_THAT(DoTogether({request, request, WithId("1", Put("b"))}),
              ElementsAre("revision 2", "revision 2 (replayed)",
                          "INVALID_ARGUMENT REQUEST_ID_REUSED"));
}

// --- References -----------------------------------------------------------------

TEST_F(EventStoreTest, AReferenceMustLeadSomewhere) {
  EXPECT_EQ(Do(Put("a", {.cites = {"b", "c#r1"}})), "FAILED_PRECONDITION REFERENCE_NOT_FOUND");
  EXPECT_THAT(Failures(), ElementsAre("REFERENCE sources/b", "REFERENCE sources/c#r1"));
  EXPECT_EQ(Metadata("missing_count"), "2");
  EXPECT_EQ(head(), 0);
}

TEST_F(EventStoreTest, ReferencesWithinOneCommitCount) {
  EXPECT_EQ(Do(All({Put("a", {.cites = {"b#r1"}}), Put("b", {.cites = {"a"}, .elements = {"r1"}})})),
            "revision 1");
}

TEST_F(EventStoreTest, AReferenceToWhatTheCommitDeletesIsMissing) {
  Do(Put("b"));
  EXPECT_EQ(Do(All({Put("a", {.cites = {"b"}}), Delete("b")})),
            "FAILED_PRECONDITION REFERENCE_NOT_FOUND");
}

TEST_F(EventStoreTest, AReferenceToAnElementNeedsTheElement) {
  Do(Put("b", {.elements = {"r1"}}));
  EXPECT_EQ(Do(Put("a", {.cites = {"b#r2"}})), "FAILED_PRECONDITION REFERENCE_NOT_FOUND");
  EXPECT_THAT(std::string(last_.status().message()), HasSubstr("no element"));
  EXPECT_EQ(Do(Put("a", {.cites = {"b#r1"}})), "revision 2");
}

TEST_F(EventStoreTest, OnlyNewReferencesAreChecked) {
  Do(Put("b"));
  Do(Put("a", {.cites = {"b"}}));
  Do(Delete("b"));
  EXPECT_EQ(Do(Put("a", {.title = "new", .cites = {"b"}})), "revision 4");
  EXPECT_EQ(Do(Put("c", {.cites = {"b"}})), "FAILED_PRECONDITION REFERENCE_NOT_FOUND");
  EXPECT_THAT(std::string(last_.status().message()), HasSubstr("deleted"));
}

TEST_F(EventStoreTest, AReferenceToAMergedNameCountsAsItsSurvivor) {
  Do(All({Put("b", {.elements = {"old"}}), Put("c", {.elements = {"r1"}})}));
  Do(Merge("b", "c"));
  EXPECT_EQ(Do(Put("a", {.cites = {"b", "b#r1"}})), "revision 3");
  EXPECT_EQ(Do(Put("d", {.cites = {"b#old"}})), "FAILED_PRECONDITION REFERENCE_NOT_FOUND");
}

TEST_F(EventStoreTest, AnEvidenceNamesARevisionOfItsSource) {
  Do(Put("b", {.elements = {"r1"}}));
  v1::CommitRequest request = Put("a");
  v1::Evidence& evidence =
      *request.mutable_mutations(0)->mutable_put()->mutable_source()->add_evidences();
  evidence.mutable_source()->set_target("sources/b");
  evidence.set_source_revision("r2");
  EXPECT_EQ(Do(request), "FAILED_PRECONDITION REFERENCE_NOT_FOUND");
  evidence.set_source_revision("r1");
  EXPECT_EQ(Do(request), "revision 2");
}

// --- Elements -------------------------------------------------------------------

TEST_F(EventStoreTest, AnElementsIdIsNeverUsedAgain) {
  Do(Put("a", {.elements = {"r1", "r2"}}));
  Do(Put("a", {.elements = {"r2"}}));
  EXPECT_THAT(Record("a").retired_ids(), ElementsAre("r1"));
  EXPECT_EQ(Do(Put("a", {.elements = {"r1", "r2"}})), "INVALID_ARGUMENT INVALID_FIELD");
  EXPECT_THAT(Violations(), ElementsAre("mutations[0]"));
  Do(Put("a", {.title = "later", .elements = {"r2"}}));
  EXPECT_THAT(Record("a").retired_ids(), ElementsAre("r1")) << "kept from version to version";
}

TEST_F(EventStoreTest, AnElementsIdIsNotUsedAgainAfterARevival) {
  Do(Put("a", {.elements = {"r1", "r2"}}));
  Do(Put("a", {.elements = {"r2"}}));
  Do(Delete("a"));
  EXPECT_EQ(Do(Put("a", {.elements = {"r1"}})), "INVALID_ARGUMENT INVALID_FIELD");
  EXPECT_EQ(Do(Put("a", {.elements = {"r2"}})), "revision 4");
  EXPECT_THAT(Record("a").retired_ids(), ElementsAre("r1"));
}

// --- Merges ---------------------------------------------------------------------

TEST_F(EventStoreTest, AMergedNameAnswersItsSurvivor) {
  Do(All({Put("a"), Put("b", {.title = "b"})}));
  EXPECT_EQ(Do(Merge("a", "b")), "revision 2");
  EXPECT_EQ(Get("a"), "b");
  EXPECT_THAT(Change(2).kinds(), ElementsAre(v1::CHANGE_KIND_MERGED));
  EXPECT_EQ(memory_.live_count(), 1);
}

TEST_F(EventStoreTest, AMergedNameIsNeverWrittenAgain) {
  Do(All({Put("a"), Put("b")}));
  Do(Merge("a", "b"));
  const std::string merged = "FAILED_PRECONDITION NAME_MERGED";
  EXPECT_EQ(Do(Put("a", {.title = "x"})), merged);
  EXPECT_EQ(Do(Create("a", {.title = "x"})), merged);
  EXPECT_EQ(Do(Update("a", {.title = "x"}, "title")), merged);
  EXPECT_EQ(Do(Delete("a")), merged);
  EXPECT_EQ(Do(Merge("a", "b")), merged);
  EXPECT_EQ(Metadata("successor"), "sources/b");
  EXPECT_EQ(Do(All({Put("c"), Merge("c", "a")})), "INVALID_ARGUMENT INVALID_FIELD");
  Do(Put("c"));
  EXPECT_EQ(Do(Merge("c", "a")), merged);
}

TEST_F(EventStoreTest, AMergeNeedsBothRecords) {
  Do(Put("a"));
  EXPECT_EQ(Do(Merge("a", "b")), "NOT_FOUND RECORD_NOT_FOUND");
  EXPECT_EQ(Do(Merge("b", "a")), "NOT_FOUND RECORD_NOT_FOUND");
  Do(Put("b"));
  Do(Delete("b"));
  EXPECT_EQ(Do(Merge("a", "b")), "NOT_FOUND RECORD_DELETED");
}

TEST_F(EventStoreTest, MergesMakeNoCycle) {
  Do(All({Put("a"), Put("b"), Put("c")}));
  const std::string cycle = "FAILED_PRECONDITION MERGE_CYCLE";
  EXPECT_EQ(Do(Merge("a", "a")), cycle);
  EXPECT_EQ(Do(All({Merge("a", "b"), Merge("b", "a")})), cycle) << "within one commit";
  EXPECT_EQ(Do(All({Merge("a", "b"), Merge("b", "c"), Merge("c", "a")})), cycle);
  EXPECT_EQ(head(), 1);
  Do(Merge("a", "b"));
  Do(Merge("b", "c"));
  EXPECT_EQ(Do(Merge("c", "a")), cycle);
  EXPECT_THAT(Failures(), ElementsAre("MERGE_CYCLE sources/c"));
  EXPECT_EQ(Get("a"), "a");
}

TEST_F(EventStoreTest, AMergeCanBeUndone) {
  Do(All({Put("a", {.title = "mine"}), Put("b")}));
  const int64_t created = Record("a").create_revision();
  Do(Merge("a", "b"));
  EXPECT_EQ(Do(Unmerge("a")), "revision 3");
  EXPECT_EQ(Get("a"), "mine");
  EXPECT_THAT(Change(3).kinds(), ElementsAre(v1::CHANGE_KIND_UNMERGED));
  EXPECT_EQ(Record("a").revision(), 3);
  EXPECT_EQ(Record("a").create_revision(), created);
  EXPECT_EQ(Record("a").etag(), last_->results(0).etag());
  EXPECT_EQ(memory_.live_count(), 2);
  EXPECT_EQ(Do(Merge("b", "a")), "revision 4") << "the other way round";
}

TEST_F(EventStoreTest, OnlyAMergeCanBeUndone) {
  Do(Put("a"));
  EXPECT_EQ(Do(Unmerge("a")), "FAILED_PRECONDITION NOT_MERGED");
  EXPECT_EQ(Do(Unmerge("b")), "NOT_FOUND RECORD_NOT_FOUND");
  Do(Delete("a"));
  EXPECT_EQ(Do(Unmerge("a")), "NOT_FOUND RECORD_DELETED");
}

// --- Times and groups -------------------------------------------------------------

TEST_F(EventStoreTest, CommitTimesRiseUnderAClockThatJumpsBack) {
  Do(Put("a", {.title = "1"}));
  clock_.Advance(-absl::Hours(1));
  Do(Put("a", {.title = "2"}));
  Restart();
  Do(Put("a", {.title = "3"}));
  const auto micros = [this](int64_t revision) {
    const v1::Change change = Change(revision);
    return change.commit_time().seconds() * 1'000'000 + change.commit_time().nanos() / 1000;
  };
  EXPECT_EQ(micros(2), micros(1) + 1);
  EXPECT_EQ(micros(3), micros(2) + 1) << "also over a restart";
}

TEST_F(EventStoreTest, ManyThreadsGetDenseRevisionsAndFewSyncs) {
  constexpr int kThreads = 8;
  constexpr int kEach = 200;
  std::vector<std::vector<int64_t>> revisions(kThreads);
  std::vector<std::thread> threads;
  local_.Hold();  // so that they meet
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      std::vector<Pending> pending(kEach);
      for (int i = 0; i < kEach; ++i) {
        store_->Commit(Put(absl::StrCat("t", t, "-", i)), "alice", pending[i].Callback());
      }
      for (Pending& answer : pending) {
        ASSERT_TRUE(answer.Wait().ok());
        revisions[t].push_back(answer.Wait()->revision());
      }
    });
  }
  local_.WaitUntilHeld();
  absl::SleepFor(absl::Milliseconds(50));
  local_.Release();
  for (std::thread& thread : threads) thread.join();
  std::vector<int64_t> all;
  for (const auto& one : revisions) {
    EXPECT_TRUE(std::is_sorted(one.begin(), one.end())) << "in the order in which they were sent";
    all.insert(all.end(), one.begin(), one.end());
  }
  std::sort(all.begin(), all.end());
  ASSERT_EQ(all.size(), kThreads * kEach);
  for (size_t i = 0; i < all.size(); ++i) EXPECT_EQ(all[i], static_cast<int64_t>(i) + 1);
  EXPECT_LT(local_.applies(), kThreads * kEach / 10);
}

TEST_F(EventStoreTest, ALaterProposalOfAGroupSeesTheEarlierAcceptedOnes) {
  EXPECT_THAT(DoTogether({Create("a"), Create("a"), Put("b", {.cites = {"a"}}), Delete("a"),
                          Put("c", {.cites = {"a"}}), Create("a", {.title = "new"})}),
              ElementsAre("revision 2", "ALREADY_EXISTS RECORD_EXISTS", "revision 3", "revision 4",
                          "FAILED_PRECONDITION REFERENCE_NOT_FOUND", "revision 5"));
  EXPECT_EQ(local_.applies(), 2);
  EXPECT_EQ(Get("a"), "new");
}

TEST_F(EventStoreTest, ARefusedProposalOfAGroupLeavesNothingToLaterOnes) {
  EXPECT_THAT(DoTogether({All({Put("a"), Delete("missing")}), Put("b", {.cites = {"a"}}),
                          ValidateOnly(Put("v")), Put("c", {.cites = {"v"}}), Put("d")}),
              ElementsAre("NOT_FOUND RECORD_NOT_FOUND", "FAILED_PRECONDITION REFERENCE_NOT_FOUND",
                          "revision 1", "FAILED_PRECONDITION REFERENCE_NOT_FOUND", "revision 2"));
}

TEST_F(EventStoreTest, ANoOpOfAGroupAnswersTheRevisionItRestsOn) {
  EXPECT_THAT(DoTogether({Put("a"), Put("a")}),
              ElementsAre("revision 2", "revision 2 (no change)"));
}

// --- Failures ---------------------------------------------------------------------

TEST_F(EventStoreTest, AFailingStoreStopsTheJournalAndReadsGoOn) {
  Do(Put("a"));
  local_.FailWith(absl::InternalError("disk on fire"));
  EXPECT_EQ(Do(Put("b")), "UNAVAILABLE JOURNAL_STOPPED");
  EXPECT_THAT(std::string(last_.status().message()), HasSubstr("disk on fire"));
  local_.FailWith(absl::OkStatus());
  EXPECT_EQ(Do(Put("c")), "UNAVAILABLE JOURNAL_STOPPED") << "also when the disk is well again";
  EXPECT_FALSE(store_->health().ok());
  EXPECT_EQ(local_.applies(), 2) << "nothing is tried again";
  EXPECT_EQ(Get("a"), "a");
  EXPECT_EQ(Get("b"), "NOT_FOUND RECORD_NOT_FOUND");
}

// A repeat of what failed used to end the process: its answer was remembered, and
// was in no group any more.
TEST_F(EventStoreTest, ARepeatAfterTheJournalStoppedIsUnavailableToo) {
  local_.FailWith(absl::InternalError("disk on fire"));
  const v1::CommitRequest request = WithId("1", Put("a"));
  EXPECT_EQ(Do(request), "UNAVAILABLE JOURNAL_STOPPED");
  EXPECT_EQ(Do(request), "UNAVAILABLE JOURNAL_STOPPED");
  EXPECT_EQ(Do(WithId("1", Put("b"))), "UNAVAILABLE JOURNAL_STOPPED");
  Restart();
  EXPECT_EQ(Do(request), "revision 1") << "it was never applied";
}

TEST_F(EventStoreTest, WhatRestsOnAFailedGroupFailsToo) {
  Do(Put("a"));
  local_.Hold();
  Pending first, changed, unchanged, refused;
  store_->Commit(Put("first"), "alice", first.Callback());
  local_.WaitUntilHeld();
  local_.FailWith(absl::InternalError("disk on fire"), /*after_held=*/true);
  store_->Commit(Put("b"), "alice", changed.Callback());
  store_->Commit(Put("a"), "alice", unchanged.Callback());
  store_->Commit(Create("a"), "alice", refused.Callback());
  local_.Release();
  EXPECT_EQ(Show(first.Wait()), "revision 2");
  EXPECT_EQ(Show(changed.Wait()), "UNAVAILABLE JOURNAL_STOPPED");
  EXPECT_EQ(Show(unchanged.Wait()), "UNAVAILABLE JOURNAL_STOPPED");
  EXPECT_EQ(Show(refused.Wait()), "ALREADY_EXISTS RECORD_EXISTS");
}

TEST_F(EventStoreTest, AStoppedStoreRefusesAndFinishesWhatWaits) {
  local_.Hold();
  Pending waiting, late;
  store_->Commit(Put("a"), "alice", waiting.Callback());
  local_.WaitUntilHeld();
  std::thread stopper([this] { store_->Stop(); });
  local_.Release();
  stopper.join();
  EXPECT_EQ(Show(waiting.Wait()), "revision 1");
  store_->Commit(Put("b"), "alice", late.Callback());
  EXPECT_EQ(Show(late.Wait()), "UNAVAILABLE DRAINING");
}

// --- Loads ------------------------------------------------------------------------

class LoadTest : public EventStoreTest {
 protected:
  std::string Line(int64_t number, const v1::CommitRequest& request) {
    Pending pending;
    store_->CommitLine(session_, number, request, pending.Callback());
    last_ = pending.Wait();
    return Show(last_);
  }
  int64_t HeldLine() const { return store_->FindLoad(*session_)->line; }
  void Reconnect() {
    session_ = std::make_shared<store::LoadSession>("alice", "load-1", "imported");
  }

  std::shared_ptr<store::LoadSession> session_ =
      std::make_shared<store::LoadSession>("alice", "load-1", "imported");
};

TEST_F(LoadTest, ALineAlreadyHeldIsNotAppliedAgain) {
  EXPECT_EQ(Line(1, Put("a")), "revision 1");
  EXPECT_EQ(Line(3, Put("b")), "revision 2");
  EXPECT_EQ(Change(1).reason(), "imported");
  Restart();
  Reconnect();
  EXPECT_EQ(HeldLine(), 3);
  EXPECT_EQ(Line(3, Put("b", {.title = "other"})), "revision 2 (no change)");
  EXPECT_EQ(Get("b"), "a");
  EXPECT_EQ(Line(4, Put("c")), "revision 3");
}

TEST_F(LoadTest, TheFirstRefusedLineBreaksTheLoad) {
  EXPECT_EQ(Line(1, Put("a")), "revision 1");
  EXPECT_EQ(Line(2, Delete("missing")), "NOT_FOUND RECORD_NOT_FOUND");
  EXPECT_EQ(Metadata("line"), "2");
  EXPECT_EQ(Line(3, Put("b")).substr(0, 7), "ABORTED");
  EXPECT_EQ(head(), 1);
  Reconnect();
  EXPECT_EQ(Line(2, Put("b")), "revision 2");
}

TEST_F(LoadTest, AnInvalidLineIsRefusedWithItsNumber) {
  EXPECT_EQ(Line(7, Put("a", {.title = ""})), "INVALID_ARGUMENT INVALID_FIELD");
  EXPECT_EQ(Metadata("line"), "7");
  EXPECT_EQ(Line(8, Put("b")).substr(0, 7), "ABORTED");
}

TEST_F(LoadTest, ALineHasNoRequestIdAndIsNotOnlyValidated) {
  EXPECT_EQ(Line(1, WithId("1", Put("a"))), "INVALID_ARGUMENT INVALID_FIELD");
  Reconnect();
  EXPECT_EQ(Line(1, ValidateOnly(Put("a"))), "INVALID_ARGUMENT INVALID_FIELD");
}

TEST_F(LoadTest, LoadsAreOfTheirPrincipal) {
  Line(5, Put("a"));
  session_ = std::make_shared<store::LoadSession>("bob", "load-1", "");
  EXPECT_EQ(HeldLine(), 0);
  EXPECT_EQ(Line(1, Put("b")), "revision 2");
}

TEST_F(EventStoreTest, AnElementLeftOutOfARevivalIsRetired) {
  Do(Put("a", {.elements = {"r1"}}));
  Do(Delete("a"));
  Do(Put("a"));
  EXPECT_EQ(Do(Put("a", {.title = "x", .elements = {"r1"}})), "INVALID_ARGUMENT INVALID_FIELD");
}

TEST_F(EventStoreTest, AMaskThroughAnUnsetMessageChangesNothing) {
  v1::CommitRequest put, update;
  *put.add_mutations()->mutable_put() = Text<v1::Record>("name: 'summits/a' summit { title: 'T' }");
  Do(put);
  for (const char* path : {"series.number", "place.path"}) {
    *update.add_mutations()->mutable_update() = Text<v1::UpdateMutation>(absl::StrCat(
        "record { name: 'summits/a' summit {} } update_mask { paths: '", path, "' }"));
    EXPECT_EQ(Do(update), "revision 1 (no change)") << path;
    update.Clear();
  }
}

// The body that an unmerge restores may be of the same group.
TEST_F(EventStoreTest, AnUnmergeSeesTheVersionsOfItsGroup) {
  Do(Put("a", {.title = "old"}));
  Do(Put("b"));
  local_.Hold();
  Pending first, newer, merged, unmerged;
  store_->Commit(Put("first"), "alice", first.Callback());
  local_.WaitUntilHeld();
  store_->Commit(Put("a", {.title = "newer"}), "alice", newer.Callback());
  store_->Commit(Merge("a", "b"), "alice", merged.Callback());
  store_->Commit(Unmerge("a"), "alice", unmerged.Callback());
  local_.Release();
  EXPECT_EQ(Show(unmerged.Wait()), "revision 6");
  EXPECT_EQ(Get("a"), "newer");
}

TEST_F(EventStoreTest, ASurvivorMayNotGoInTheCommitOfItsMerge) {
  Do(Put("a"));
  Do(Put("b"));
  v1::CommitRequest request = Merge("a", "b");
  *request.add_mutations() = Delete("b").mutations(0);
  EXPECT_EQ(Do(request), "NOT_FOUND RECORD_DELETED");
  EXPECT_EQ(Get("a"), "a");
}

TEST_F(EventStoreTest, EveryBadUpdateOfACommitIsTold) {
  Do(Put("a"));
  Do(Put("b"));
  v1::CommitRequest request;
  for (const char* name : {"sources/a", "sources/b"}) {
    v1::UpdateMutation& update = *request.add_mutations()->mutable_update();
    update.mutable_record()->set_name(name);
    update.mutable_record()->mutable_source();
    update.mutable_update_mask()->add_paths("title");
  }
  EXPECT_EQ(Do(request), "INVALID_ARGUMENT INVALID_FIELD");
  EXPECT_THAT(Violations(), ElementsAre("mutations[0].update.record.source.title",
                                        "mutations[1].update.record.source.title"));
}

// Little requests that change large records: the group ends by what it stores.
TEST_F(EventStoreTest, AGroupIsLimitedByWhatItStores) {
  const std::string large(400'000, 'x');
  for (const char* id : {"a", "b", "c"}) Do(Put(id, {.title = large}));
  const int before = local_.applies();
  local_.Hold();
  Pending first;
  store_->Commit(Put("first"), "alice", first.Callback());
  local_.WaitUntilHeld();
  std::vector<Pending> pending(30);
  for (size_t i = 0; i < pending.size(); ++i) {
    v1::CommitRequest request;
    for (const char* name : {"sources/a", "sources/b", "sources/c"}) {
      v1::UpdateMutation& update = *request.add_mutations()->mutable_update();
      update.mutable_record()->set_name(name);
      update.mutable_record()->mutable_source()->set_subtitle(absl::StrCat(i));
    }
    store_->Commit(request, "alice", pending[i].Callback());
  }
  local_.Release();
  for (size_t i = 0; i < pending.size(); ++i) {
    EXPECT_EQ(Show(pending[i].Wait()), absl::StrCat("revision ", 5 + i));
  }
  // 30 x 1.2 MB are no fewer than four groups of 8 MiB and a commit.
  EXPECT_GE(local_.applies() - before, 1 + 4);
}

TEST_F(LoadTest, ALineThatChangedNothingIsHeldToo) {
  EXPECT_EQ(Line(1, Put("a")), "revision 1");
  EXPECT_EQ(Line(2, Put("a")), "revision 1 (no change)");
  Restart();
  Reconnect();
  EXPECT_EQ(HeldLine(), 2);
  Do(Put("a", {.title = "of another"}));
  EXPECT_EQ(Line(2, Put("a")), "revision 2 (no change)") << "it was acknowledged";
  EXPECT_EQ(Get("a"), "of another");
}

}  // namespace
}  // namespace communique::testing
