// The UN's Consolidated List at four dates, where the folder of shared data is: the
// numbers that README.md there gives, and that nothing of the files is lost.

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/e2e/cli_fixture.h"
#include "tests/e2e/import_fixture.h"

namespace communique::testing {
namespace {

using ::testing::HasSubstr;

constexpr char kFolder[] = COMMUNIQUE_SHARED_DATA "/un";

std::string ListOf(const std::string& date) {
  return absl::StrCat(kFolder, "/un_consolidated_", date, ".xml");
}

class ImportRealDataTest : public ImportFixture {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(ListOf("2018-10-29"))) {
      GTEST_SKIP() << "the folder of shared data is not on this machine; "
                      "COMMUNIQUE_SHARED_DATA names it";
    }
    ImportFixture::SetUp();
  }

  std::string IranEntry(const v1::ReadScope& scope) const {
    const auto record = client_->Get("sanctions/un-110446", {.scope = scope});
    if (!record.ok()) return std::string(absl::StatusCodeToString(record.status().code()));
    for (const auto& state : record->computed_states()) {
      if (state.state() == "listed" && state.element_id().empty()) {
        return v1::Holds_Name(state.holds());
      }
    }
    return "no state";
  }
  std::string IranEntryAt(const std::string& valid_date) const {
    v1::ReadScope scope;
    scope.set_valid_date(valid_date);
    return IranEntry(scope);
  }
};

TEST_F(ImportRealDataTest, FourVersionsInOrder) {
  LoadArticle();
  struct Step {
    std::string date;
    std::string want;
    int64_t entries;
  };
  // On DATAID the third step adds 42 and removes 185; one of them is a re-key.
  const std::vector<Step> steps = {
      {"2018-10-29", "1093 entries; 1093 added, 0 removed, 0 re-keyed", 1093},
      {"2020-11-30", "1018 entries; 28 added, 103 removed, 0 re-keyed", 1018},
      {"2024-09-26", "875 entries; 41 added, 184 removed, 1 re-keyed", 875},
      {"2025-04-19", "877 entries; 4 added, 2 removed, 0 re-keyed", 877}};
  int64_t first_import = 0;
  for (const Step& step : steps) {
    if (step.date == "2024-09-26") {
      EXPECT_THAT(Import(ListOf(step.date)).error, HasSubstr("shrank"));
    }
    const Ended ended = Import(ListOf(step.date), {"--allow_shrink"});
    ASSERT_EQ(ended.exit_code, kOk) << ended.error;
    EXPECT_THAT(ended.output, HasSubstr(step.want));
    const int64_t head = server_->Head();
    if (first_import == 0) first_import = head;
    EXPECT_EQ(Import(ListOf(step.date)).exit_code, kOk);
    EXPECT_EQ(server_->Head(), head) << "the same file again made a revision";
    const auto listed = client_->ListPage(
        v1::RECORD_KIND_SANCTION,
        {.filter = "designation.list_id = \"un-sc-consolidated\"", .page_size = 1});
    ASSERT_TRUE(listed.ok()) << listed.status();
  }

  // Of all entries that there ever were those of the last version are listed.
  int64_t open = 0;
  std::map<std::string, int> delisted;
  for (const auto& record : client_->List(
           v1::RECORD_KIND_SANCTION,
           {.filter = "designation.list_id = \"un-sc-consolidated\"", .page_size = 500})) {
    ASSERT_TRUE(record.ok()) << record.status();
    const v1::Designation& designation = record->sanction().designation();
    const v1::ListingInterval& last = *designation.intervals().rbegin();
    open += last.has_delisted_time() ? 0 : 1;
    if (last.delisted_time().edtf() == "[2020-11-30..2024-09-25]") {
      ++delisted[designation.programs(0)];
    }
  }
  EXPECT_EQ(open, 877);
  EXPECT_EQ(delisted["Iran"], 84);
  EXPECT_EQ(delisted["Iraq"], 71);

  EXPECT_EQ(IranEntryAt("2006-01-01"), "HOLDS_NO");
  EXPECT_EQ(IranEntryAt("2020-06-01"), "HOLDS_YES");
  EXPECT_EQ(IranEntryAt("2024-01-01"), "HOLDS_POSSIBLY");
  EXPECT_EQ(IranEntryAt("2025-01-01"), "HOLDS_NO");
  // As it was known after the first import, it is listed to this day.
  v1::ReadScope known;
  known.set_valid_date("2025-01-01");
  known.set_known_revision(first_import);
  EXPECT_EQ(IranEntry(known), "HOLDS_YES");

  const int64_t head = server_->Head();
  const Ended corrupted = Import(ListOf("2025-08-16"));
  EXPECT_EQ(corrupted.exit_code, kFailure);
  EXPECT_THAT(corrupted.error, HasSubstr("line 53, column 11: is not well-formed XML"));
  EXPECT_EQ(server_->Head(), head);
  EXPECT_EQ(Import(ListOf("2018-10-29")).exit_code, kOk);
  EXPECT_EQ(server_->Head(), head);
}

}  // namespace
}  // namespace communique::testing
