// An import that is killed in the middle, and killed again, and then let be: the
// store is as if it had never been, to the number of its revisions.

#include <csignal>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/e2e/cli_fixture.h"
#include "tests/e2e/import_fixture.h"

namespace communique::testing {
namespace {

constexpr int kEntries = 1500;

std::string Person(int key, int reference, const std::string& remarks) {
  return absl::StrCat("<INDIVIDUAL><DATAID>", key, "</DATAID><FIRST_NAME>PERSON ", reference,
                      "</FIRST_NAME><UN_LIST_TYPE>Iran</UN_LIST_TYPE><REFERENCE_NUMBER>IRi.",
                      reference, "</REFERENCE_NUMBER><LISTED_ON>2010-02-03</LISTED_ON><COMMENTS1>",
                      remarks, "</COMMENTS1><INDIVIDUAL_ALIAS><QUALITY>Low</QUALITY><ALIAS_NAME>",
                      remarks, "</ALIAS_NAME></INDIVIDUAL_ALIAS></INDIVIDUAL>");
}

std::string List(const std::string& date, const std::string& entries) {
  return absl::StrCat("<CONSOLIDATED_LIST dateGenerated=\"", date, "T00:00:00Z\"><INDIVIDUALS>",
                      entries, "</INDIVIDUALS></CONSOLIDATED_LIST>");
}

// Of ten entries one is gone, one changed its key, three say something else, and
// one is new.
std::string SecondVersion() {
  std::string entries;
  for (int i = 0; i < kEntries; ++i) {
    if (i % 10 == 3) continue;
    const int key = i % 10 == 5 ? 50'000 + i : i;
    absl::StrAppend(&entries, Person(key, i, i % 10 < 3 ? "as it is now" : "as it was"));
    if (i % 10 == 9) absl::StrAppend(&entries, Person(90'000 + i, 90'000 + i, "new"));
  }
  return List("2021-02-01", entries);
}

std::string FirstVersion() {
  std::string entries;
  for (int i = 0; i < kEntries; ++i) absl::StrAppend(&entries, Person(i, i, "as it was"));
  return List("2020-02-01", entries);
}

using ImportKillTest = ImportFixture;

TEST_F(ImportKillTest, ARunThatContinuesMakesTheSameStore) {
  const std::string first = Write("first.xml", FirstVersion());
  const std::string second = Write("second.xml", SecondVersion());
  ASSERT_EQ(Import(first).exit_code, kOk);
  const int64_t begin = server_->Head();
  const Ended whole = Import(second);
  ASSERT_EQ(whole.exit_code, kOk) << whole.error;
  EXPECT_TRUE(absl::StrContains(whole.output, "150 added, 150 removed, 150 re-keyed, 450 changed"))
      << whole.output;
  const auto want = Bodies(*client_);
  const int64_t head = server_->Head();

  // The same on a server of its own, with kills on the way.
  SetUp();
  ASSERT_EQ(Import(first).exit_code, kOk);
  ASSERT_EQ(server_->Head(), begin);
  int kills = 0;
  for (const int64_t after : {begin + 1, begin + 200, begin + 700}) {
    auto import = Program::Start(Cli({"import", "un", second}));
    ASSERT_TRUE(import.ok()) << import.status();
    while (server_->Head() < after && (*import)->running()) {
    }
    (*import)->Signal(SIGKILL);
    const auto exit_code = (*import)->Wait(absl::Seconds(60));
    ASSERT_TRUE(exit_code.has_value());
    if (*exit_code != 128 + SIGKILL) continue;  // It was through already.
    ++kills;
    const v1::Record version = Get("sources/un-sc-consolidated-2021-02-01");
    EXPECT_EQ(version.source().coverages_size(), 0) << "a version counts that is not whole";
  }
  EXPECT_GE(kills, 1) << "every run was through before it could be killed";
  const Ended rest = Import(second);
  ASSERT_EQ(rest.exit_code, kOk) << rest.error;
  EXPECT_TRUE(absl::StrContains(rest.output, "150 added, 150 removed, 150 re-keyed"))
      << rest.output;

  EXPECT_EQ(server_->Head(), head);
  const auto got = Bodies(*client_);
  ASSERT_EQ(got.size(), want.size());
  for (const auto& [name, body] : want) EXPECT_TRUE(got.at(name) == body) << name;
}

// Somebody writes about the list's actors while it is imported: nothing of it is
// lost, and nothing of the list either.
TEST_F(ImportKillTest, WhatIsWrittenMeanwhileStays) {
  const std::string first = Write("first.xml", FirstVersion());
  const std::string second = Write("second.xml", SecondVersion());
  ASSERT_EQ(Import(first).exit_code, kOk);
  Commit(CommitBuilder().PutSource("desk", Titled("A desk's notes")).Build());
  auto import = Program::Start(Cli({"import", "un", second}));
  ASSERT_TRUE(import.ok()) << import.status();
  std::vector<std::string> written;
  for (int i = 0; i < kEntries && (*import)->running(); ++i) {
    if (i % 10 == 5) continue;  // Its name is about to be another one.
    const std::string name = absl::StrCat("actors/un-", i);
    auto record = client_->Get(name);
    ASSERT_TRUE(record.ok()) << record.status();
    AddName("The desk's own", "sources/desk", record->mutable_actor());
    const auto committed = client_->Commit(CommitBuilder().Put(*record).Build());
    if (committed.ok()) written.push_back(name);
  }
  ASSERT_EQ((*import)->Wait(absl::Seconds(120)), kOk) << (*import)->error();
  EXPECT_FALSE(written.empty());
  for (const std::string& name : written) {
    EXPECT_THAT(NamesOf(Get(name).actor()), ::testing::Contains("The desk's own")) << name;
  }
  for (const int i : {0, 10, 1490}) {
    EXPECT_THAT(NamesOf(Get(absl::StrCat("actors/un-", i)).actor()),
                ::testing::Contains("as it is now"));
  }
  EXPECT_EQ(Get("sources/un-sc-consolidated-2021-02-01").source().list_version().added_count(),
            150);
}

}  // namespace
}  // namespace communique::testing
