// What was known when, and what held when: known_at by revision, time and a
// list's version; valid_date over listings, offices, relations and summits; and
// pins, which asked again give the same bytes.

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "communique/client.h"
#include "communique/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/dataset.h"
#include "tests/support/raw_client.h"
#include "tests/support/records.h"
#include "tests/support/test_server.h"

namespace communique {
namespace {

using ::testing::ElementsAre;
using testing::IdsOf;
using testing::MakeActor;
using testing::MakeSource;
using testing::Put;
using testing::ServerKind;

v1::FuzzyTime Time(const std::string& edtf) {
  v1::FuzzyTime time;
  time.set_edtf(edtf);
  return time;
}

class TwoAxesTest : public ::testing::TestWithParam<ServerKind> {
 protected:
  int64_t Commit(const v1::CommitRequest& request) {
    const auto answer = client_.Commit(request);
    EXPECT_TRUE(answer.ok()) << answer.status();
    return answer.ok() ? answer->revision() : 0;
  }

  // A person on a list from 2006 to 2010 and again since 2012, in office from
  // 2008 to 2011.
  void WriteListing() {
    v1::Record actor = MakeActor("x", "X");
    v1::Position& position = *actor.mutable_actor()->add_positions();
    position.set_id("minister");
    position.set_title("Minister");
    *position.mutable_time() = Time("2008-05-07/2011-01");
    v1::Record designation = testing::MakeSanction("x-listed", "Listing of X");
    v1::Designation& listed = *designation.mutable_sanction()->mutable_designation();
    listed.mutable_actor()->set_target("actors/x");
    listed.mutable_regime()->set_text("a regime");
    listed.mutable_authority()->set_text("an authority");
    v1::ListingInterval& first = *listed.add_intervals();
    first.set_id("i1");
    *first.mutable_listed_time() = Time("2006-12-23");
    *first.mutable_delisted_time() = Time("2010-06/2010-08");
    v1::ListingInterval& second = *listed.add_intervals();
    second.set_id("i2");
    *second.mutable_listed_time() = Time("2012-03-02");
    Commit(Put({actor, designation}));
  }
  // "listed i1: YES, ..." of a record on a date.
  std::string StatesOn(const std::string& name, const std::string& date) {
    v1::ReadScope scope;
    scope.set_valid_date(date);
    const auto record = client_.Get(name, {.scope = scope});
    EXPECT_TRUE(record.ok()) << record.status();
    if (!record.ok()) return "";
    EXPECT_EQ(record->pin().valid_date(), date);
    std::string text;
    for (const v1::ComputedState& state : record->computed_states()) {
      absl::StrAppend(&text, text.empty() ? "" : ", ", state.state(),
                      state.element_id().empty() ? "" : " ", state.element_id(), ": ",
                      v1::Holds_Name(state.holds()).substr(6));
    }
    return text;
  }

  std::unique_ptr<testing::TestServer> server_ = testing::StartServer(GetParam());
  Client client_ = server_->MakeClient();
};

TEST_P(TwoAxesTest, AListingHoldsOnItsDaysAndNotBetween) {
  WriteListing();
  struct Case {
    const char* date;
    const char* wanted;
  };
  const Case cases[] = {
      {"2006-12-22", "listed i1: NO, listed i2: NO, listed: NO"},
      {"2006-12-23", "listed i1: YES, listed i2: NO, listed: YES"},
      {"2009-01-01", "listed i1: YES, listed i2: NO, listed: YES"},
      {"2010-07-01", "listed i1: POSSIBLY, listed i2: NO, listed: POSSIBLY"},
      {"2010-09-01", "listed i1: NO, listed i2: NO, listed: NO"},
      {"2012-03-01", "listed i1: NO, listed i2: NO, listed: NO"},
      {"2012-03-02", "listed i1: NO, listed i2: YES, listed: YES"},
      {"2030-01-01", "listed i1: NO, listed i2: YES, listed: YES"},
  };
  for (const Case& test : cases) {
    EXPECT_EQ(StatesOn("sanctions/x-listed", test.date), test.wanted) << test.date;
  }
  EXPECT_EQ(StatesOn("actors/x", "2008-05-06"), "in_office minister: NO");
  EXPECT_EQ(StatesOn("actors/x", "2008-05-07"), "in_office minister: YES");
  EXPECT_EQ(StatesOn("actors/x", "2011-01-15"), "in_office minister: POSSIBLY");
  EXPECT_EQ(StatesOn("actors/x", "2011-02-01"), "in_office minister: NO");
}

TEST_P(TwoAxesTest, ListsAndBatchesCarryTheStatesToo) {
  WriteListing();
  v1::ReadScope scope;
  scope.set_valid_date("2009-01-01");
  const auto page = client_.ListPage(v1::RECORD_KIND_SANCTION, {.scope = scope});
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_EQ(page->pin.valid_date(), "2009-01-01");
  ASSERT_EQ(page->records.size(), 1u);
  EXPECT_EQ(page->records[0].computed_states_size(), 3);
  const auto batch = client_.BatchGet({"actors/x"}, {.scope = scope, .read_mask = {"name"}});
  ASSERT_TRUE(batch.ok()) << batch.status();
  ASSERT_EQ(batch->records(0).computed_states_size(), 1);
  EXPECT_EQ(batch->records(0).computed_states(0).holds(), v1::HOLDS_YES);
  EXPECT_FALSE(batch->records(0).has_actor());
}

TEST_P(TwoAxesTest, TheForumOfTheArticleWasPossiblyUnderWay) {
  testing::LoadArticle(client_);
  EXPECT_THAT(StatesOn("summits/kim-putin-2019", "2019-04-25"),
              ::testing::HasSubstr("under_way: YES"));
  EXPECT_THAT(StatesOn("summits/kim-putin-2019", "2019-04-26"),
              ::testing::HasSubstr("under_way: NO"));
  EXPECT_THAT(StatesOn("summits/eastern-economic-forum-2023", "2023-09-12"),
              ::testing::HasSubstr("under_way: POSSIBLY"));
}

// The list is used from the moment its source has a coverage.
TEST_P(TwoAxesTest, AListsVersionIsTheRevisionThatMadeItWhole) {
  v1::Record version = MakeSource("un-list-2018", "The list of 2018");
  version.mutable_source()->mutable_list_version()->set_version("2018-10-29");
  Commit(Put(version));
  v1::ReadScope scope;
  scope.set_known_list_version("sources/un-list-2018");
  const auto incomplete = client_.Get("sources/un-list-2018", {.scope = scope});
  EXPECT_EQ(incomplete.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ErrorReason(incomplete.status()), "LIST_VERSION_INCOMPLETE");
  Commit(Put(MakeActor("x", "as of 2018")));
  v1::Coverage& coverage = *version.mutable_source()->add_coverages();
  coverage.set_id("all");
  coverage.mutable_authority()->set_text("UN");
  coverage.set_complete(true);
  const int64_t whole = Commit(Put(version));
  Commit(Put(MakeActor("x", "later")));
  version.mutable_source()->set_title("The list of 2018, corrected");
  Commit(Put(version));
  const auto then = client_.Get("actors/x", {.scope = scope});
  ASSERT_TRUE(then.ok()) << then.status();
  EXPECT_EQ(then->actor().display_name(), "as of 2018");
  EXPECT_EQ(then->pin().revision(), whole);
  EXPECT_EQ(IdsOf(client_.List(v1::RECORD_KIND_ACTOR,
                               {.filter = "text(\"2018\")", .scope = scope})),
            std::vector<std::string>{"x"});
  const auto batch = client_.BatchGet({"actors/x"}, {.scope = scope});
  ASSERT_TRUE(batch.ok()) << batch.status();
  EXPECT_EQ(batch->pin().revision(), whole);

  scope.set_known_list_version("sources/nobody");
  EXPECT_EQ(client_.Get("actors/x", {.scope = scope}).status().code(),
            absl::StatusCode::kNotFound);
  Commit(Put(MakeSource("article", "no list")));
  scope.set_known_list_version("sources/article");
  EXPECT_EQ(client_.Get("actors/x", {.scope = scope}).status().code(),
            absl::StatusCode::kInvalidArgument);
}

// Get, List and BatchGet asked again with their pin, after more was written.
TEST_P(TwoAxesTest, AskedAgainWithThePinTheBytesAreTheSame) {
  WriteListing();
  testing::LoadArticle(client_);
  v1::ReadScope scope;
  scope.set_valid_date("2010-07-01");
  const auto get = client_.Get("sanctions/x-listed", {.scope = scope});
  const ListOptions list{
      .filter = "title:\"list\" OR title:\"UN\"", .order_by = "title desc", .scope = scope};
  const auto page = client_.ListPage(v1::RECORD_KIND_SANCTION, list);
  const auto batch = client_.BatchGet({"actors/x", "sanctions/x-listed"}, {.scope = scope});
  ASSERT_TRUE(get.ok() && page.ok() && batch.ok());
  ASSERT_GE(page->records.size(), 2u);
  v1::Record changed = *get;
  changed.mutable_sanction()->set_title("Another list");
  Commit(Put(changed));
  Commit(testing::Delete("actors/x"));

  const auto again = [](const v1::Pin& pin) {
    v1::ReadScope scope;
    scope.set_known_revision(pin.revision());
    scope.set_valid_date(pin.valid_date());
    return scope;
  };
  const auto get_again = client_.Get("sanctions/x-listed", {.scope = again(get->pin())});
  ASSERT_TRUE(get_again.ok()) << get_again.status();
  EXPECT_EQ(get_again->SerializeAsString(), get->SerializeAsString());
  ListOptions list_again = list;
  list_again.scope = again(page->pin);
  const auto page_again = client_.ListPage(v1::RECORD_KIND_SANCTION, list_again);
  ASSERT_TRUE(page_again.ok()) << page_again.status();
  ASSERT_EQ(page_again->records.size(), page->records.size());
  for (size_t i = 0; i < page->records.size(); ++i) {
    EXPECT_EQ(page_again->records[i].SerializeAsString(), page->records[i].SerializeAsString());
  }
  EXPECT_EQ(page_again->pin.SerializeAsString(), page->pin.SerializeAsString());
  const auto batch_again =
      client_.BatchGet({"actors/x", "sanctions/x-listed"}, {.scope = again(batch->pin())});
  ASSERT_TRUE(batch_again.ok()) << batch_again.status();
  EXPECT_EQ(batch_again->SerializeAsString(), batch->SerializeAsString());
}

INSTANTIATE_TEST_SUITE_P(Servers, TwoAxesTest,
                         ::testing::Values(ServerKind::kInProcess, ServerKind::kProcess),
                         [](const auto& info) { return testing::ServerKindName(info.param); });

}  // namespace
}  // namespace communique
