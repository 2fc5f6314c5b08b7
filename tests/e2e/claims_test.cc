// Claims of sanctions over the wire: those of the article where they stand, a list
// in four versions, and how current lists are told to be.

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "communique/client.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/dataset.h"
#include "tests/support/records.h"
#include "tests/support/test_server.h"

namespace communique {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::MakeActor;
using testing::MakeRecord;
using testing::Put;
using testing::ServerKind;

constexpr char kCouncil[] = "actors/un-security-council";
constexpr char kDate[] = "2023-09-12";

class ClaimsTest : public ::testing::TestWithParam<ServerKind> {
 protected:
  int64_t Commit(const v1::CommitRequest& request) {
    const auto answer = client_.Commit(request);
    EXPECT_TRUE(answer.ok()) << answer.status();
    return answer.ok() ? answer->revision() : 0;
  }
  // "CONTRADICTED sources/a#b, ..."; the rows that hold for certain.
  std::string Verify(const v1::VerifyClaimRequest& request) {
    const auto answer = client_.VerifyClaim(request);
    if (!answer.ok()) return answer.status().ToString();
    answer_ = *answer;
    std::string text = v1::ClaimVerdict_Name(answer->verdict()).substr(14);
    for (const v1::VerificationRow& row : answer->rows()) {
      if (row.holds() == v1::HOLDS_YES) absl::StrAppend(&text, " ", row.reference().target());
    }
    return text;
  }
  std::string Verify(const std::string& target, const std::string& authority,
                     const std::string& date) {
    v1::VerifyClaimRequest request;
    request.set_target(target);
    request.set_authority(authority);
    request.set_as_of_date(date);
    return Verify(request);
  }
  std::string VerifyClaim(const std::string& claim) {
    v1::VerifyClaimRequest request;
    request.set_claim(claim);
    return Verify(request);
  }

  // A version of the Council's consolidated list, as an import leaves it.
  static v1::Record Version(const std::string& date, bool whole = true) {
    v1::Record record = MakeRecord("sources/un-sc-consolidated-" + date, "Consolidated list");
    v1::Source& source = *record.mutable_source();
    source.set_type(v1::SOURCE_TYPE_LIST_VERSION);
    source.mutable_list_version()->set_list_id("un-sc-consolidated");
    source.mutable_list_version()->mutable_authority()->set_target(kCouncil);
    source.mutable_list_version()->mutable_as_of_time()->set_edtf(date);
    source.mutable_list_version()->set_entry_count(2);
    if (whole) {
      v1::Coverage& coverage = *source.add_coverages();
      coverage.set_id("all");
      coverage.mutable_authority()->set_target(kCouncil);
      coverage.set_subject(v1::COVERAGE_SUBJECT_DESIGNATIONS);
      coverage.mutable_as_of_time()->set_edtf(date);
      coverage.set_complete(true);
    }
    return record;
  }
  // An entry that stands in the first two versions and in no later one.
  static v1::Record GoneEntry() {
    v1::Record record = MakeRecord("sanctions/un-9001", "Entry");
    v1::Designation& designation = *record.mutable_sanction()->mutable_designation();
    designation.mutable_regime()->set_text("Iran");
    designation.mutable_actor()->set_target("actors/un-9001");
    designation.mutable_authority()->set_target(kCouncil);
    designation.set_list_id("un-sc-consolidated");
    designation.set_list_entry_id("RUi.001");
    v1::ListingInterval& interval = *designation.add_intervals();
    interval.set_id("i1");
    interval.mutable_listed_time()->set_edtf("2007-03-24");
    interval.mutable_delisted_time()->set_edtf("[2020-11-30..2024-09-25]");
    return record;
  }

  std::unique_ptr<testing::TestServer> server_ = testing::StartServer(GetParam());
  Client client_ = server_->MakeClient();
  v1::VerifyClaimResponse answer_;
};

TEST_P(ClaimsTest, TheClaimsOfTheArticle) {
  testing::LoadArticle(client_);
  const std::string article = "statements/hankyoreh-2023-09-12";
  const std::string overview = "sources/un-sc-sanctions-regimes-2023-09-12#cov-states";
  // Where they stand ...
  EXPECT_EQ(VerifyClaim(article + "#c-ru-un-sanctions"), "CONTRADICTED " + overview);
  EXPECT_EQ(answer_.question().target(), "actors/russia");
  EXPECT_EQ(answer_.question().as_of_date(), kDate);
  EXPECT_EQ(answer_.pin().valid_date(), kDate);
  EXPECT_EQ(VerifyClaim(article + "#c-kp-un-sanctions"),
            "SUPPORTED sanctions/un-1718-arms-embargo " + overview);
  EXPECT_EQ(answer_.question().regime(), "sanctions/un-1718");
  EXPECT_THAT(VerifyClaim(article + "#c-west-sanctions"), HasSubstr("only words: \"the West\""));
  // ... and as questions.
  EXPECT_EQ(Verify("actors/russia", kCouncil, kDate), "CONTRADICTED " + overview);
  EXPECT_EQ(Verify("actors/north-korea", kCouncil, kDate),
            "SUPPORTED sanctions/un-1718-arms-embargo " + overview);
  EXPECT_EQ(Verify("actors/north-korea", kCouncil, "2006-10-13"), "NOT_COVERED");
  // The overview speaks of one day, and its designations are not complete.
  EXPECT_EQ(Verify("actors/russia", kCouncil, "2023-09-13"), "NOT_COVERED");
  EXPECT_EQ(Verify("actors/kim-jong-un", kCouncil, kDate), "NOT_COVERED");
  EXPECT_EQ(Verify("actors/russia", "actors/united-states", kDate), "NOT_COVERED");
}

TEST_P(ClaimsTest, ListsNeverContradictAClaimAboutAState) {
  v1::Record libya = MakeActor("libya", "Libya");
  libya.mutable_actor()->set_type(v1::ACTOR_TYPE_STATE);
  Commit(Put({MakeActor("un-security-council", "The Council"), MakeActor("somebody", "Somebody"),
              libya, Version("2018-10-29"), Version("2020-11-30")}));
  for (const char* date : {"2018-10-28", "2018-10-29", "2019-06-01", "2020-11-30", "2023-01-01"}) {
    EXPECT_EQ(Verify("actors/libya", kCouncil, date), "NOT_COVERED") << date;
  }
  // They do contradict one about a person.
  EXPECT_THAT(Verify("actors/somebody", kCouncil, "2019-06-01"), HasSubstr("CONTRADICTED"));
}

TEST_P(ClaimsTest, AnEntryThatALaterVersionHasNoMore) {
  Commit(Put({MakeActor("un-security-council", "The Council"), MakeActor("un-9001", "Entry"),
              Version("2018-10-29"), Version("2020-11-30"), Version("2024-09-26"),
              Version("2025-04-19"), GoneEntry()}));
  EXPECT_THAT(Verify("actors/un-9001", kCouncil, "2020-06-01"),
              HasSubstr("SUPPORTED sanctions/un-9001#i1"));
  const v1::VerifyClaimResponse supported = answer_;
  EXPECT_EQ(Verify("actors/un-9001", kCouncil, "2024-01-01"),
            "NOT_COVERED sources/un-sc-consolidated-2020-11-30#all "
            "sources/un-sc-consolidated-2024-09-26#all");
  EXPECT_EQ(answer_.rows(0).holds(), v1::HOLDS_POSSIBLY);
  EXPECT_EQ(Verify("actors/un-9001", kCouncil, "2025-01-01"),
            "CONTRADICTED sources/un-sc-consolidated-2024-09-26#all "
            "sources/un-sc-consolidated-2025-04-19#all");
  // Asked again with its question, an answer is the same after more was written.
  Commit(testing::Delete("sanctions/un-9001"));
  EXPECT_THAT(Verify("actors/un-9001", kCouncil, "2020-06-01"), HasSubstr("CONTRADICTED"));
  Verify(supported.question());
  EXPECT_EQ(answer_.SerializeAsString(), supported.SerializeAsString());
}

TEST_P(ClaimsTest, StatusTellsHowCurrentListsAre) {
  const auto lists = [this] {
    std::vector<std::string> shown;
    const auto status = client_.Status();
    EXPECT_TRUE(status.ok()) << status.status();
    for (const v1::ListStatus& list : status->lists()) {
      shown.push_back(absl::StrCat(list.list_id(), " of ", list.authority(), " ", list.source(),
                                   " revision ", list.revision(), " pending ",
                                   list.pending_source()));
      EXPECT_EQ(list.as_of_date(), list.source().substr(list.source().size() - 10));
      EXPECT_EQ(list.entry_count(), 2);
      EXPECT_GT(list.age().seconds(), 0);
      EXPECT_TRUE(list.has_import_time());
    }
    return shown;
  };
  EXPECT_THAT(lists(), ElementsAre());
  Commit(Put({MakeActor("un-security-council", "C"), Version("2018-10-29")}));
  const int64_t begun = Commit(Put(Version("2020-11-30", false)));
  EXPECT_THAT(lists(), ElementsAre("un-sc-consolidated of actors/un-security-council "
                                   "sources/un-sc-consolidated-2018-10-29 revision 1 pending "
                                   "sources/un-sc-consolidated-2020-11-30"));
  const int64_t ended = Commit(Put(Version("2020-11-30")));
  EXPECT_GT(ended, begun);
  EXPECT_THAT(lists(), ElementsAre(absl::StrCat("un-sc-consolidated of actors/un-security-council "
                                                "sources/un-sc-consolidated-2020-11-30 revision ",
                                                ended, " pending ")));
}

INSTANTIATE_TEST_SUITE_P(Servers, ClaimsTest,
                         ::testing::Values(ServerKind::kInProcess, ServerKind::kProcess),
                         [](const auto& info) { return testing::ServerKindName(info.param); });

}  // namespace
}  // namespace communique
