// `communique import` against a server: versions of a small invented list, one
// after another, and what it must not do.

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/e2e/cli_fixture.h"
#include "tests/e2e/import_fixture.h"

namespace communique::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::UnorderedElementsAre;

class ImportTest : public ImportFixture {
 protected:
  // Imports the first so many of the fixture's versions.
  void ImportVersions(int count) {
    const std::vector<std::string> files = {"2021-01-10.xml", "2022-03-05.xml", "2023-06-01.xml"};
    for (int i = 0; i < count; ++i) {
      const Ended ended = Import(Fixture(files[i]));
      ASSERT_EQ(ended.exit_code, kOk) << ended.error;
    }
  }
};

TEST_F(ImportTest, EveryFieldOfAnEntryHasAPlace) {
  ImportVersions(1);
  const v1::Actor actor = Get("actors/un-9001").actor();
  EXPECT_EQ(actor.display_name(), "ORLAN VESK TARIM");
  EXPECT_EQ(actor.type(), v1::ACTOR_TYPE_PERSON);
  EXPECT_EQ(actor.gender(), "male");
  std::vector<std::string> names;
  for (const auto& name : actor.names()) {
    names.push_back(absl::StrCat(name.text(), " ", v1::NameKind_Name(name.kind()).substr(10), " ",
                                 v1::NameQuality_Name(name.quality()).substr(13)));
  }
  EXPECT_THAT(
      names, ElementsAre("ORLAN VESK TARIM PRIMARY UNSPECIFIED",
                         "Орлан Веск Тарим ORIGINAL_SCRIPT UNSPECIFIED", "Orlan Vesk FORMER STRONG",
                         "Grey Owl ALIAS WEAK", "Old Owl ALIAS WEAK", "Orlanko ALIAS WEAK",
                         "Орланко ORIGINAL_SCRIPT WEAK"));
  EXPECT_THAT(actor.names(0).titles(), ElementsAre("Dr.", "Colonel"));
  ASSERT_EQ(actor.names(0).parts_size(), 3);
  EXPECT_EQ(actor.names(0).parts(2).text(), "TARIM");
  EXPECT_EQ(actor.names(1).language_code(), "und-Cyrl");

  std::vector<std::string> births;
  for (const auto& birth : actor.births()) {
    births.push_back(absl::StrCat(birth.time().edtf(), "|", birth.place().display_name(), "|",
                                  birth.name_id().empty() ? "" : "alias"));
  }
  EXPECT_THAT(births, ElementsAre("1964-07-17||", "1963~||", "[1955..1958]||", "1958-09||",
                                  "|Streslau, Upper Marsh, Jordan|", "1961|Streslau, Jordan|alias",
                                  "[1958..1960]||"));
  EXPECT_EQ(actor.births(5).name_id(), actor.names(2).id());
  EXPECT_EQ(actor.births(4).place().path(), "JO");

  ASSERT_EQ(actor.identifiers_size(), 2);
  EXPECT_EQ(actor.identifiers(0).type(), "passport");
  EXPECT_EQ(actor.identifiers(0).value(), "X381310");
  EXPECT_EQ(actor.identifiers(0).time().edtf(), "2009-08-31/2014-08-30");
  EXPECT_EQ(actor.identifiers(0).state(), v1::IDENTIFIER_STATE_EXPIRED);
  EXPECT_EQ(actor.identifiers(0).issue_place().display_name(), "Amman, Jordan");
  EXPECT_EQ(actor.identifiers(1).value(), "9001");
  ASSERT_EQ(actor.addresses_size(), 1);
  EXPECT_EQ(actor.addresses(0).text(), "4 Quay Road, Damascus, 0578, Syrian Arab Republic");
  EXPECT_EQ(actor.addresses(0).region_code(), "SY");
  EXPECT_EQ(actor.nationalities(0).region_code(), "KP");
  EXPECT_EQ(actor.positions(0).title(), "Head of the Trading Office");

  const v1::Designation designation = Get("sanctions/un-9001").sanction().designation();
  EXPECT_EQ(designation.regime().target(), "sanctions/un-1718");
  EXPECT_EQ(designation.list_entry_id(), "KPi.901");
  EXPECT_EQ(designation.remarks(), "Runs a trading office of the bureau.");
  EXPECT_EQ(designation.proposers(0).text(), "Ruritania");
  EXPECT_EQ(designation.intervals(0).listed_time().edtf(), "2016-11-30");
  EXPECT_EQ(designation.intervals(0).amended_times(0).edtf(), "2018-02-01");
  std::vector<std::string> verbatim;
  for (const auto& field : designation.verbatim_fields()) {
    verbatim.push_back(absl::StrCat(field.field(), "=", field.text()));
  }
  EXPECT_THAT(verbatim, ElementsAre("INDIVIDUAL/VERSIONNUM=1",
                                    "INDIVIDUAL/INDIVIDUAL_DOCUMENT/TYPE_OF_DOCUMENT=National "
                                    "Identification Number",
                                    "INDIVIDUAL/INDIVIDUAL_DOCUMENT/NOTE=number not known"));
  // Each value says which version showed it first, and where.
  EXPECT_EQ(actor.names(3).evidences(0).source().target(), "sources/un-sc-consolidated-2021-01-10");
  EXPECT_EQ(actor.names(3).evidences(0).selectors(0).locator(), "DATAID 9001");

  const v1::Actor entity = Get("actors/un-9002").actor();
  EXPECT_EQ(entity.names(1).kind(), v1::NAME_KIND_ALIAS);
  EXPECT_EQ(entity.names(2).kind(), v1::NAME_KIND_FORMER);
  // A list that states no date of listing: some time up to its first version.
  const v1::ListingInterval unstated =
      Get("sanctions/un-9004").sanction().designation().intervals(0);
  EXPECT_EQ(unstated.listed_time().edtf(), "[..2021-01-10]");
  EXPECT_FALSE(unstated.has_stated_listed_time());
}

TEST_F(ImportTest, TheVersionCountsAsUsedOnlyAtItsEnd) {
  ImportVersions(1);
  const v1::Record version = Get("sources/un-sc-consolidated-2021-01-10");
  const v1::ListVersion& list = version.source().list_version();
  EXPECT_EQ(list.entry_count(), 4);
  EXPECT_EQ(list.added_count(), 4);
  EXPECT_EQ(list.removed_count(), 0);
  EXPECT_EQ(list.verbatim_field_count(), 7);
  EXPECT_EQ(list.files(0).file_name(), "2021-01-10.xml");
  EXPECT_EQ(list.files(0).sha256().size(), 64u);
  ASSERT_EQ(version.source().coverages_size(), 1);
  EXPECT_TRUE(version.source().coverages(0).complete());
  EXPECT_EQ(version.revision(), server_->Head());
  // Its record, each of four entries, its coverage.
  EXPECT_EQ(server_->Head(), 6);
}

TEST_F(ImportTest, TheSameFileTwiceMakesNoRevision) {
  ImportVersions(1);
  const int64_t head = server_->Head();
  const Ended again = Import(Fixture("2021-01-10.xml"));
  EXPECT_EQ(again.exit_code, kOk);
  EXPECT_THAT(again.output, HasSubstr("already held"));
  EXPECT_EQ(server_->Head(), head);
}

TEST_F(ImportTest, ChangedEntriesCarryWhatChanged) {
  ImportVersions(1);
  const v1::Actor before = Get("actors/un-9001").actor();
  const int64_t unchanged = Get("actors/un-9002").revision();
  const Ended ended = Import(Fixture("2022-03-05.xml"));
  ASSERT_EQ(ended.exit_code, kOk) << ended.error;
  EXPECT_THAT(ended.output, HasSubstr("1 added, 1 removed, 0 re-keyed, 1 changed"));
  EXPECT_EQ(Get("actors/un-9002").revision(), unchanged);

  const v1::Record record = Get("actors/un-9001");
  const v1::Actor& actor = record.actor();
  ASSERT_EQ(actor.names_size(), 7);
  // What stayed has its id and its evidence; what is new has an id of its own.
  EXPECT_EQ(actor.names(3).text(), "Grey Owl");
  EXPECT_EQ(actor.names(3).id(), before.names(3).id());
  EXPECT_EQ(actor.names(3).evidences(0).source().target(), "sources/un-sc-consolidated-2021-01-10");
  EXPECT_EQ(actor.names(6).text(), "Snow Owl");
  EXPECT_EQ(actor.names(6).id(), "n8");
  EXPECT_EQ(actor.names(6).evidences(0).source().target(), "sources/un-sc-consolidated-2022-03-05");
  EXPECT_THAT(record.retired_ids(), ElementsAre(before.names(4).id()));
  const v1::Sanction sanction = Get("sanctions/un-9001").sanction();
  EXPECT_EQ(sanction.designation().remarks(), "Ran a trading office of the bureau until 2021.");
  EXPECT_EQ(sanction.designation().intervals(0).amended_times_size(), 2);
  EXPECT_EQ(sanction.designation().intervals(0).evidences_size(), 1);
}

TEST_F(ImportTest, GoneIsDelistedBetweenTheVersionsAndBackIsANewInterval) {
  ImportVersions(2);
  v1::Designation designation = Get("sanctions/un-9003").sanction().designation();
  ASSERT_EQ(designation.intervals_size(), 1);
  EXPECT_EQ(designation.intervals(0).delisted_time().edtf(), "[2021-01-10..2022-03-04]");
  EXPECT_EQ(designation.intervals(0).evidences(1).source().target(),
            "sources/un-sc-consolidated-2022-03-05");
  EXPECT_EQ(Get("actors/un-9003").actor().display_name(), "MIRA SOLTAN");
  // Listed between two versions when the list does not say when.
  EXPECT_EQ(Get("sanctions/un-9005").sanction().designation().intervals(0).listed_time().edtf(),
            "[2021-01-11..2022-03-05]");

  const Ended ended = Import(Fixture("2023-06-01.xml"));
  ASSERT_EQ(ended.exit_code, kOk) << ended.error;
  EXPECT_THAT(ended.output, HasSubstr("1 added, 1 removed, 1 re-keyed, 0 changed"));
  designation = Get("sanctions/un-9003").sanction().designation();
  ASSERT_EQ(designation.intervals_size(), 2);
  EXPECT_EQ(designation.intervals(1).id(), "l2");
  EXPECT_EQ(designation.intervals(1).listed_time().edtf(), "[2022-03-06..2023-06-01]");
  EXPECT_EQ(designation.intervals(1).stated_listed_time().edtf(), "2007-03-24");
  EXPECT_FALSE(designation.intervals(1).has_delisted_time());
}

TEST_F(ImportTest, AChangedKeyWithAKeptReferenceIsARekey) {
  ImportVersions(2);
  v1::Actor foreign = Get("actors/un-9002").actor();
  AddName("Bureau B", "sources/desk", &foreign);
  Commit(CommitBuilder()
             .PutSource("desk", Titled("A desk's notes"))
             .PutActor("un-9002", foreign)
             .Build());
  ASSERT_EQ(Import(Fixture("2023-06-01.xml")).exit_code, kOk);

  const v1::Record record = Get("sanctions/un-9012");
  const v1::Designation& designation = record.sanction().designation();
  EXPECT_EQ(designation.list_entry_id(), "KPe.902");
  EXPECT_EQ(designation.actor().target(), "actors/un-9012");
  EXPECT_EQ(designation.intervals(0).listed_time().edtf(), "2017-09-11");
  EXPECT_EQ(designation.intervals(0).listed_time().text(), "2017-09-11-04:00");
  EXPECT_EQ(designation.intervals(0).evidences(0).source().target(),
            "sources/un-sc-consolidated-2021-01-10");
  EXPECT_THAT(NamesOf(Get("actors/un-9012").actor()), IsSupersetOf({"BMT", "Bureau B"}));
  for (const std::string name : {"actors/un-9002", "sanctions/un-9002"}) {
    const auto gone = client_->Get(name);
    ASSERT_TRUE(absl::IsNotFound(gone.status())) << gone.status();
    const auto tombstone = ErrorDetail<v1::Tombstone>(gone.status());
    ASSERT_TRUE(tombstone.has_value());
    EXPECT_EQ(tombstone->cause(), v1::TOMBSTONE_CAUSE_REKEYED);
    EXPECT_EQ(tombstone->successor(), absl::StrReplaceAll(name, {{"9002", "9012"}}));
  }
}

TEST_F(ImportTest, WhatOthersSaidStays) {
  ImportVersions(1);
  v1::Actor actor = Get("actors/un-9001").actor();
  AddName("The Marshal", "sources/desk", &actor);
  // The desk says of a name of the list that it knows it too,
  AddEvidence("sources/desk", actor.mutable_names(4)->mutable_evidences());
  // prefers another display name,
  for (v1::Assertion& assertion : *actor.mutable_assertions()) {
    if (assertion.path() == "display_name") assertion.set_rank(v1::RANK_NORMAL);
  }
  v1::Assertion* preferred = actor.add_assertions();
  preferred->set_id("desk-name");
  preferred->set_path("display_name");
  preferred->set_rank(v1::RANK_PREFERRED);
  preferred->mutable_value()->set_string_value("Orlan Tarim");
  AddEvidence("sources/desk", preferred->mutable_evidences());
  actor.set_display_name("Orlan Tarim");
  // has a description without any ground, and judges who it is.
  actor.set_description("A trader.");
  v1::IdentityJudgement* judgement = actor.add_identity_judgements();
  judgement->set_id("j1");
  judgement->mutable_other()->set_text("Orlan of the Owls");
  judgement->set_verdict(v1::IDENTITY_VERDICT_SAME);
  Commit(CommitBuilder()
             .PutSource("desk", Titled("A desk's notes"))
             .PutActor("un-9001", actor)
             .Build());

  ASSERT_EQ(Import(Fixture("2022-03-05.xml")).exit_code, kOk);
  const v1::Actor after = Get("actors/un-9001").actor();
  EXPECT_EQ(after.display_name(), "Orlan Tarim");
  EXPECT_EQ(after.description(), "A trader.");
  EXPECT_EQ(after.identity_judgements_size(), 1);
  // "Old Owl" is on the list no more, but the desk knows it.
  EXPECT_THAT(NamesOf(after), IsSupersetOf({"The Marshal", "Old Owl", "Snow Owl"}));
  for (const auto& name : after.names()) {
    if (name.text() != "Old Owl") continue;
    ASSERT_EQ(name.evidences_size(), 1);
    EXPECT_EQ(name.evidences(0).source().target(), "sources/desk");
  }
}

TEST_F(ImportTest, AMergedActorIsWrittenWhereItWent) {
  ImportVersions(1);
  v1::Actor survivor;
  survivor.set_display_name("Orlan of the Marshes");
  Commit(CommitBuilder().PutActor("orlan", survivor).Build());
  Commit(CommitBuilder().Merge("actors/un-9001", "actors/orlan").Build());
  ASSERT_EQ(Import(Fixture("2022-03-05.xml")).exit_code, kOk);
  const v1::Actor actor = Get("actors/orlan").actor();
  EXPECT_EQ(actor.display_name(), "Orlan of the Marshes");
  EXPECT_THAT(NamesOf(actor), IsSupersetOf({"ORLAN VESK TARIM", "Snow Owl"}));
  // The reference stays as it was written.
  EXPECT_EQ(Get("sanctions/un-9001").sanction().designation().actor().target(), "actors/un-9001");
}

TEST_F(ImportTest, ADryRunTellsAndChangesNothing) {
  ImportVersions(1);
  const int64_t head = server_->Head();
  const Ended told = Import(Fixture("2022-03-05.xml"), {"--dry_run"});
  EXPECT_EQ(told.exit_code, kOk) << told.error;
  EXPECT_THAT(LinesOf(told.output),
              ElementsAre(HasSubstr("~ changed 9001 KPi.901 ORLAN VESK TARIM: names +1 -1, "
                                    "designation.remarks, intervals"),
                          HasSubstr("+ added 9005 IRi.905 LENNART QUELL"),
                          HasSubstr("- removed 9003 IRi.903 MIRA SOLTAN"),
                          HasSubstr("would be 1 added, 1 removed, 0 re-keyed, 1 changed")));
  const Ended json = Import(Fixture("2022-03-05.xml"), {"--dry_run", "-o", "json"});
  EXPECT_THAT(json.output, HasSubstr("\"kind\":\"removed\",\"key\":\"9003\""));
  EXPECT_EQ(server_->Head(), head);
}

TEST_F(ImportTest, AListThatShrinksStopsAndAsks) {
  ImportVersions(3);
  const int64_t head = server_->Head();
  const Ended stopped = Import(Fixture("2023-07-01.xml"));
  EXPECT_EQ(stopped.exit_code, kFailure);
  EXPECT_THAT(stopped.error, HasSubstr("shrank by more than 10 %"));
  EXPECT_THAT(stopped.error, HasSubstr("--allow_shrink"));
  EXPECT_EQ(server_->Head(), head);
  EXPECT_EQ(Import(Fixture("2023-07-01.xml"), {"--allow_shrink"}).exit_code, kOk);
  EXPECT_TRUE(Get("sanctions/un-9003").sanction().designation().intervals(1).has_delisted_time());
}

TEST_F(ImportTest, AnOlderVersionIsRefusedAndOtherBytesOfADateAreAnotherVersion) {
  ImportVersions(2);
  const int64_t head = server_->Head();
  const std::string first = ReadFile(Fixture("2021-01-10.xml"));
  const std::string older = Write("older.xml", absl::StrReplaceAll(first, {{"Grey", "Black"}}));
  const Ended refused = Import(older);
  EXPECT_EQ(refused.exit_code, kFailure);
  EXPECT_THAT(refused.error, HasSubstr("a newer one is held"));
  EXPECT_EQ(server_->Head(), head);

  const std::string second = ReadFile(Fixture("2022-03-05.xml"));
  const std::string again = Write("again.xml", absl::StrReplaceAll(second, {{"Grey", "Black"}}));
  const Ended ended = Import(again);
  ASSERT_EQ(ended.exit_code, kOk) << ended.error;
  EXPECT_THAT(ended.output, HasSubstr("sources/un-sc-consolidated-2022-03-05-2:"));
  EXPECT_THAT(ended.output, HasSubstr("0 added, 0 removed, 0 re-keyed, 1 changed"));
}

TEST_F(ImportTest, BadFilesLeaveNoTrace) {
  ImportVersions(1);
  const int64_t head = server_->Head();
  const std::string good = ReadFile(Fixture("2022-03-05.xml"));
  const std::vector<std::pair<std::string, std::string>> bad = {
      {"", "ends early"},
      {good.substr(0, good.size() / 2), "line "},
      {good.substr(0, good.size() - 3), "line "},
      {"<sdnList><x/></sdnList>", "of another kind"},
      {"just words", "line 1"},
      {absl::StrReplaceAll(good, {{"<INDIVIDUALS>", "<INDIVIDUALS><X>&y;</X>"}}), "line "},
      {absl::StrReplaceAll(good, {{"?>", "?><!DOCTYPE a [<!ENTITY y \"z\">]>"}}), "DOCTYPE"},
      {absl::StrReplaceAll(good, {{"<DATAID>9005</DATAID>", ""}}), "without a DATAID"},
      {absl::StrReplaceAll(good, {{"9005", "9001"}}), "twice"},
      {absl::StrReplaceAll(good, {{"dateGenerated", "date"}}), "when it was generated"},
      {absl::StrReplaceAll(good, {{"9005", "../x"}}), "without a DATAID"},
      {std::string(40, '\0') + good, "line 1"},
  };
  for (const auto& [bytes, message] : bad) {
    const Ended ended = Import(Write("bad.xml", bytes));
    EXPECT_EQ(ended.exit_code, kFailure) << message;
    EXPECT_THAT(ended.error, HasSubstr(message));
    EXPECT_THAT(ended.error, HasSubstr("bad.xml"));
    EXPECT_THAT(ended.output, IsEmpty());
  }
  EXPECT_EQ(Import("/nowhere/list.xml").exit_code, kFailure);
  EXPECT_EQ(Run({"import", "xx", Fixture("2022-03-05.xml")}).exit_code, kUsage);
  EXPECT_EQ(Run({"import", "un"}).exit_code, kUsage);
  EXPECT_EQ(Import(Fixture("2022-03-05.xml"), {"--as_of=soon"}).exit_code, kUsage);
  EXPECT_EQ(Import(Fixture("2022-03-05.xml"), {"--as_of=2022-03-06"}).exit_code, kFailure);
  EXPECT_EQ(server_->Head(), head);
}

TEST_F(ImportTest, ARecordThatSomebodyDeletedComesBack) {
  ImportVersions(1);
  Commit(CommitBuilder().Delete("actors/un-9001").Delete("sanctions/un-9001").Build());
  ASSERT_EQ(Import(Fixture("2022-03-05.xml")).exit_code, kOk);
  EXPECT_THAT(NamesOf(Get("actors/un-9001").actor()), IsSupersetOf({"Grey Owl", "Snow Owl"}));
}

TEST_F(ImportTest, WatchersOfARegimeSeeDelistings) {
  LoadArticle();
  ImportVersions(1);
  const int64_t head = server_->Head();
  auto watch =
      Program::Start(Cli({"watch", absl::StrCat("--revision=", head), "--max_changes=2", "-o",
                          "jsonl", "--filter=designation.regime.target = \"sanctions/un-2231\""}));
  ASSERT_TRUE(watch.ok()) << watch.status();
  ASSERT_EQ(Import(Fixture("2022-03-05.xml")).exit_code, kOk);
  ASSERT_EQ((*watch)->Wait(absl::Seconds(60)), 0);
  const std::string seen = (*watch)->output();
  EXPECT_THAT(seen, HasSubstr("sanctions/un-9005"));
  EXPECT_THAT(seen, HasSubstr("sanctions/un-9003"));
  EXPECT_THAT(seen, HasSubstr("DELISTED"));
  // The article's regime is the one that the list's entries are under, as it was.
  EXPECT_EQ(Get("sanctions/un-1718").revision(), 5);
}

}  // namespace
}  // namespace communique::testing
