// What an import has to do, without a server: plans are applied to what is held,
// as a store would, and made anew.

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "importers/plan.h"
#include "importers/version.h"

namespace communique::importers {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A list of entries that are written in a line each.
class PlanTest : public ::testing::Test {
 protected:
  static ParsedList NewList(const std::string& date) {
    ParsedList list;
    list.list_id = "moon";
    list.prefix = "m";
    list.title = "Moon's list";
    list.authority = "actors/moon";
    list.as_of_date = date;
    return list;
  }

  static ListEntry Entry(const std::string& key, const std::vector<std::string>& programmes = {""},
                         const std::vector<std::string>& related = {}) {
    ListEntry entry;
    entry.key = key;
    entry.locator = absl::StrCat("entry ", key);
    entry.actor.set_display_name(absl::StrCat("Entry ", key));
    for (const std::string& programme : programmes) {
      EntryDesignation designation;
      designation.suffix = programme;
      designation.regime_id = absl::StrCat("moon", programme);
      entry.designations.push_back(std::move(designation));
    }
    for (const std::string& other : related) {
      EntryRelation relation;
      relation.other_key = other;
      relation.relation.set_type(v1::ACTOR_RELATION_TYPE_OWNED_BY);
      entry.relations.push_back(std::move(relation));
    }
    return entry;
  }

  // Imports a list whole; what each pass did, and the counts.
  std::string Import(const ParsedList& list) {
    const InputFiles files = {{.name = "f", .bytes = {}, .sha256 = list.as_of_date}};
    const auto choice = ChooseVersion(list, files, held_);
    EXPECT_TRUE(choice.ok()) << choice.status();
    if (!choice.ok()) return "";
    Apply(BeginVersion(list, files, *choice, held_));
    const VersionStep step = MakeStep(list, *choice, held_);
    std::vector<std::string> done;
    for (const RelationPass pass : {RelationPass::kEarlier, RelationPass::kAll}) {
      Plan plan = MakePlan(list, step, held_, pass);
      for (std::size_t i = 0; i < plan.commits.size(); ++i) {
        done.push_back(
            absl::StrCat(WordOf(plan.differences[i].kind), " ", plan.differences[i].key));
        Apply(plan.commits[i]);
      }
      EXPECT_THAT(MakePlan(list, step, held_, pass).commits, IsEmpty()) << "nothing is left to do";
    }
    const VersionCounts counts = CountVersion(list, step, held_);
    Apply(EndVersion(list, counts, held_.versions.at(choice->name)));
    return absl::StrCat(absl::StrJoin(done, ", "), "; +", counts.added, " -", counts.removed, " ~",
                        counts.rekeyed);
  }

  void Apply(const v1::CommitRequest& commit) {
    for (const v1::Mutation& mutation : commit.mutations()) {
      if (mutation.has_delete_()) {
        held_.designations.erase(mutation.delete_().name());
        held_.records.erase(mutation.delete_().name());
        held_.tombstones[mutation.delete_().name()].set_name(mutation.delete_().name());
        continue;
      }
      const v1::Record& record = mutation.has_create() ? mutation.create() : mutation.put();
      const std::string& name = record.name();
      if (record.has_source()) {
        held_.versions[name] = record;
      } else if (record.has_sanction() && record.sanction().has_designation()) {
        held_.designations[name] = record;
      } else {
        held_.records[name] = record;
      }
    }
  }

  const v1::Designation& Held(const std::string& name) {
    return held_.designations.at(name).sanction().designation();
  }

  HeldList held_;
};

TEST_F(PlanTest, RelationsToLaterEntriesComeInASecondPass) {
  ParsedList list = NewList("2020-01-01");
  list.entries = {Entry("1", {""}, {"2"}), Entry("2", {""}, {"1", "9"})};
  EXPECT_EQ(Import(list), "added 1, added 2, changed 1; +2 -0 ~0");
  EXPECT_EQ(held_.records["actors/m-1"].actor().relations(0).actor().target(), "actors/m-2");
  const v1::Actor& second = held_.records["actors/m-2"].actor();
  EXPECT_EQ(second.relations(0).actor().target(), "actors/m-1");
  EXPECT_EQ(second.relations(1).actor().text(), "9");
}

TEST_F(PlanTest, ARunThatWasCutOffWritesTheSameRelationsInTheSamePasses) {
  ParsedList list = NewList("2020-01-01");
  list.entries = {Entry("1", {""}, {"2", "3"}), Entry("2"), Entry("3")};
  const InputFiles files = {{.name = "f", .bytes = {}, .sha256 = list.as_of_date}};
  const auto choice = ChooseVersion(list, files, held_);
  Apply(BeginVersion(list, files, *choice, held_));
  const VersionStep step = MakeStep(list, *choice, held_);
  Plan plan = MakePlan(list, step, held_, RelationPass::kEarlier);
  Apply(plan.commits[0]);
  Apply(plan.commits[1]);
  // Cut off here: entry 2 is there, but the relation to it has to wait for 3.
  plan = MakePlan(list, step, held_, RelationPass::kEarlier);
  ASSERT_EQ(plan.differences.size(), 1u);
  EXPECT_EQ(plan.differences[0].key, "3");
}

TEST_F(PlanTest, ProgrammesComeAndGoWithoutTheEntryBeingAddedOrRemoved) {
  ParsedList list = NewList("2020-01-01");
  list.entries = {Entry("1", {"a", "b"}), Entry("2", {"a"})};
  EXPECT_EQ(Import(list), "added 1, added 2; +2 -0 ~0");
  list.as_of_date = "2021-01-01";
  list.entries = {Entry("1", {"a", "c"}), Entry("2", {"c"})};
  EXPECT_EQ(Import(list), "changed 1, changed 2; +0 -0 ~0");
  EXPECT_EQ(Held("sanctions/m-1-b").intervals(0).delisted_time().edtf(),
            "[2020-01-01..2020-12-31]");
  EXPECT_FALSE(Held("sanctions/m-1-a").intervals(0).has_delisted_time());
  list.as_of_date = "2022-01-01";
  list.entries = {Entry("1", {"a", "b", "c"})};
  EXPECT_EQ(Import(list), "changed 1, removed 2; +0 -1 ~0");
  EXPECT_EQ(Held("sanctions/m-1-b").intervals(1).listed_time().edtf(), "[2021-01-02..2022-01-01]");
}

TEST_F(PlanTest, AnEntryThatCannotBeStoredIsNamedBeforeAnythingIsWritten) {
  ParsedList list = NewList("2020-01-01");
  list.entries = {Entry("1"), Entry("2", {"a", "b", "c"})};
  const auto check = [&] {
    const VersionStep step = MakeStep(list, VersionChoice{.name = "sources/moon-1"}, held_);
    return CheckSizes(MakePlan(list, step, held_, RelationPass::kAll));
  };
  const auto remarks = [&](std::size_t designation, std::size_t size) {
    // A text stands twice: as the value, and as what the list says it is.
    list.entries[1].designations[designation].designation.set_remarks(std::string(size / 2, 'x'));
  };
  remarks(0, 500'000);
  EXPECT_TRUE(check().ok()) << check();
  remarks(0, 530'000);
  EXPECT_TRUE(absl::IsInvalidArgument(check()));
  EXPECT_THAT(std::string(check().message()), HasSubstr("entry 2 (Entry 2) makes a record of 53"));
  for (std::size_t i = 0; i < 3; ++i) remarks(i, 400'000);
  EXPECT_THAT(std::string(check().message()), HasSubstr("makes a commit of 120"));
}

TEST_F(PlanTest, ADelistingThatTheListStatesIsTaken) {
  ParsedList list = NewList("2020-01-01");
  list.entries = {Entry("1"), Entry("2")};
  Import(list);
  list.as_of_date = "2021-01-01";
  list.entries[0].designations[0].stated_delisted_time.set_edtf("2020-07-01");
  Import(list);
  EXPECT_EQ(Held("sanctions/m-1").intervals(0).delisted_time().edtf(), "2020-07-01");
  // Gone afterwards: the date that was stated stays.
  list.as_of_date = "2022-01-01";
  list.entries = {Entry("2")};
  Import(list);
  EXPECT_EQ(Held("sanctions/m-1").intervals(0).delisted_time().edtf(), "2020-07-01");
  // And back.
  list.as_of_date = "2023-01-01";
  list.entries = {Entry("1"), Entry("2")};
  EXPECT_EQ(Import(list), "relisted 1; +1 -0 ~0");
  EXPECT_EQ(Held("sanctions/m-1").intervals_size(), 2);
}

TEST_F(PlanTest, WhatAValueRestsOnIsRenewedInPlace) {
  ParsedList list = NewList("2020-01-01");
  list.entries = {Entry("1")};
  v1::ActorName* name = list.entries[0].actor.add_names();
  name->set_text("One");
  name->add_evidences()->add_provisions()->set_locator("2020/1");
  Import(list);
  const v1::ActorName before = held_.records["actors/m-1"].actor().names(0);
  EXPECT_EQ(before.evidences(0).provisions(0).locator(), "2020/1");
  list.as_of_date = "2021-01-01";
  EXPECT_EQ(Import(list), "; +0 -0 ~0");
  list.as_of_date = "2022-01-01";
  name->mutable_evidences(0)->mutable_provisions(0)->set_locator("2022/7");
  EXPECT_EQ(Import(list), "changed 1; +0 -0 ~0");
  const v1::ActorName& after = held_.records["actors/m-1"].actor().names(0);
  EXPECT_EQ(after.id(), before.id());
  ASSERT_EQ(after.evidences_size(), 1);
  EXPECT_EQ(after.evidences(0).provisions(0).locator(), "2022/7");
  EXPECT_EQ(after.evidences(0).source().target(), "sources/moon-2022-01-01");
}

TEST_F(PlanTest, AVersionThatWasBegunAndNeverEndedLeavesNoFalseTimes) {
  ParsedList list = NewList("2020-01-01");
  list.entries = {Entry("1")};
  Import(list);
  // The version of 2021 has entry 2 and no 1; only so much of it is written.
  ParsedList begun = NewList("2021-01-01");
  begun.entries = {Entry("2")};
  const InputFiles files = {{.name = "f", .bytes = {}, .sha256 = "2021"}};
  const auto choice = ChooseVersion(begun, files, held_);
  Apply(BeginVersion(begun, files, *choice, held_));
  const Plan plan = MakePlan(begun, MakeStep(begun, *choice, held_), held_, RelationPass::kAll);
  for (const v1::CommitRequest& commit : plan.commits) Apply(commit);
  // Older than one that was begun.
  ParsedList older = NewList("2020-06-01");
  older.entries = {Entry("1")};
  EXPECT_THAT(std::string(ChooseVersion(older, {{.name = "f", .bytes = {}, .sha256 = "o"}}, held_)
                              .status()
                              .message()),
              HasSubstr("the import of a newer one has begun"));
  // The version of 2022 has 1 again and no 2.
  list.as_of_date = "2022-01-01";
  Import(list);
  EXPECT_EQ(Held("sanctions/m-1").intervals(0).delisted_time().edtf(), "[2020-01-01..2020-12-31]");
  EXPECT_EQ(Held("sanctions/m-1").intervals(1).listed_time().edtf(), "[2021-01-02..2022-01-01]");
  EXPECT_EQ(Held("sanctions/m-2").intervals(0).delisted_time().edtf(), "[2021-01-01..2021-12-31]");
}

TEST_F(PlanTest, TwoEntriesWithOneReferenceAreNoRekey) {
  ParsedList list = NewList("2020-01-01");
  list.entries = {Entry("1"), Entry("2")};
  for (ListEntry& entry : list.entries) entry.reference = "R";
  Import(list);
  list.as_of_date = "2021-01-01";
  list.entries = {Entry("3")};
  list.entries[0].reference = "R";
  EXPECT_EQ(Import(list), "added 3, removed 1, removed 2; +1 -2 ~0");
}

TEST_F(PlanTest, AReferenceThatTwoNewEntriesHaveIsNoRekey) {
  ParsedList list = NewList("2020-01-01");
  list.entries = {Entry("1")};
  list.entries[0].reference = "R";
  Import(list);
  list.as_of_date = "2021-01-01";
  list.entries = {Entry("2"), Entry("3")};
  for (ListEntry& entry : list.entries) entry.reference = "R";
  EXPECT_EQ(Import(list), "added 2, added 3, removed 1; +2 -1 ~0");
}

TEST_F(PlanTest, AListWhoseNameBeginsAlikeIsAnotherList) {
  ParsedList list = NewList("2020-01-01");
  list.entries = {Entry("1")};
  list.entries[0].actor.add_names()->set_text("One");
  Import(list);
  v1::Record& held = held_.records["actors/m-1"];
  v1::ActorName* other = held.mutable_actor()->add_names();
  other->set_text("Uno");
  other->add_evidences()->mutable_source()->set_target("sources/moon-dark-2020-01-01");
  list.as_of_date = "2021-01-01";
  EXPECT_EQ(Import(list), "; +0 -0 ~0");
  EXPECT_EQ(held_.records["actors/m-1"].actor().names_size(), 2);
}

TEST_F(PlanTest, AVesselsDetailsFollowTheList) {
  ParsedList list = NewList("2020-01-01");
  list.entries = {Entry("1")};
  list.entries[0].actor.mutable_vessel()->set_vessel_type("Tanker");
  list.entries[0].actor.mutable_vessel()->set_tonnage("900");
  Import(list);
  EXPECT_EQ(held_.records["actors/m-1"].actor().vessel().vessel_type(), "Tanker");
  EXPECT_EQ(held_.records["actors/m-1"].actor().vessel().evidences_size(), 1);
  list.as_of_date = "2021-01-01";
  list.entries[0].actor.mutable_vessel()->clear_tonnage();
  Import(list);
  EXPECT_EQ(held_.records["actors/m-1"].actor().vessel().tonnage(), "");
  list.as_of_date = "2022-01-01";
  list.entries[0].actor.clear_vessel();
  Import(list);
  EXPECT_FALSE(held_.records["actors/m-1"].actor().has_vessel());
}

}  // namespace
}  // namespace communique::importers
