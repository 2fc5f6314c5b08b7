// Lists through the SDK: filters on the data set of the article, order, pages
// under writes, totals, masks, and what referred records are called.

#include <atomic>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "communique/client.h"
#include "communique/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/dataset.h"
#include "tests/support/records.h"
#include "tests/support/test_server.h"

namespace communique {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;
using testing::IdsOf;
using testing::MakeActor;
using testing::MakeSource;
using testing::MakeSummit;
using testing::Put;
using testing::ServerKind;

class QueryTest : public ::testing::TestWithParam<ServerKind> {
 protected:
  std::vector<std::string> Summits(const std::string& filter, const std::string& order = "") {
    return IdsOf(client_.List(v1::RECORD_KIND_SUMMIT, {.filter = filter, .order_by = order}));
  }
  std::vector<std::string> Statements(const std::string& filter, const std::string& order = "") {
    return IdsOf(client_.List(v1::RECORD_KIND_STATEMENT, {.filter = filter, .order_by = order}));
  }
  int64_t Commit(const v1::CommitRequest& request) {
    const auto answer = client_.Commit(request);
    EXPECT_TRUE(answer.ok()) << answer.status();
    return answer.ok() ? answer->revision() : 0;
  }
  // A summit of one day.
  static v1::Record SummitOn(const std::string& id, const std::string& edtf) {
    v1::Record record = MakeSummit(id, absl::StrCat("Summit ", id));
    if (!edtf.empty()) {
      record.mutable_summit()->mutable_time()->set_edtf(edtf);
      record.mutable_summit()->mutable_time()->add_time_zones("Z");
    }
    return record;
  }

  std::unique_ptr<testing::TestServer> server_ = testing::StartServer(GetParam());
  Client client_ = server_->MakeClient();
};

TEST_P(QueryTest, FiltersOfEveryFormFindWhatTheArticleSays) {
  testing::LoadArticle(client_);
  struct Case {
    const char* filter;
    std::vector<std::string> wanted;
  };
  const Case summits[] = {
      {"state = HELD", {"kim-putin-2019", "kim-putin-2023"}},
      {"summit.state = SUMMIT_STATE_HELD", {"kim-putin-2019", "kim-putin-2023"}},
      {"state = held AND -series.number = 2", {"kim-putin-2019"}},
      {"type = FORUM OR type = CEREMONY",
       {"eastern-economic-forum-2023", "north-korea-75th-anniversary-parade-2023"}},
      {"type = MEETING AND participants.actor.target = \"actors/kim-jong-un\"",
       {"kim-putin-2019", "kim-putin-2023"}},
      {"type = MEETING participants.actor.target = \"actors/kim-jong-un\" -state = SPECULATED "
       "-series.number = 1",
       {"kim-putin-2023"}},
      // OR binds tighter than AND.
      {"state = HELD OR state = SPECULATED AND format = TRILATERAL",
       {"south-korea-china-japan-summit"}},
      {"any(participants, actor.target = \"actors/vladimir-putin\" AND role = HOST)",
       {"kim-putin-2019", "kim-putin-2023"}},
      {"any(participants, actor.target = \"actors/vladimir-putin\" AND role = GUEST)", {}},
      // Each part of the expression is met, but by two elements.
      {"NOT any(participants, actor.target = \"actors/vladimir-putin\" AND role = GUEST) AND "
       "type = MEETING",
       {"kim-putin-2019", "kim-putin-2023", "south-korea-china-japan-summit",
        "south-korea-china-summit"}},
      {"within(place, \"RU/RU-PRI\")", {"kim-putin-2019"}},
      {"within(place, \"RU/RU-PR\")", {}},
      {"place:*", {"kim-putin-2019", "kim-putin-2023", "xi-jinping-visit-to-south-korea"}},
      {"NOT place:* AND type = MEETING",
       {"south-korea-china-japan-summit", "south-korea-china-summit"}},
      {"definitely(time, \"2019-04-01\", \"2019-04-30\")", {"kim-putin-2019"}},
      {"definitely(time, \"2019-04-26\", \"2019-04-30\")", {}},
      // Nobody prefers a time of it; what the reports project is asserted.
      {"possibly(time, \"2023-09-13\", \"2023-09-13\") AND type = MEETING AND NOT state = SPECULATED",
       {"kim-putin-2023"}},
      {"definitely(time, \"2023-09-01\", \"2023-09-30\") AND type = MEETING", {"kim-putin-2023"}},
      {"definitely(time, *, \"2019-12-31\")", {"kim-putin-2019"}},
      {"definitely(time, \"2019-12-31\", *) AND type = MEETING", {"kim-putin-2023"}},
      {"possibly(time, *, *) AND state = SPECULATED", {}},
      {"has_conflict(time) AND type = CEREMONY", {"north-korea-75th-anniversary-parade-2023"}},
      {"title:\"VISIT OF\"", {"xi-jinping-visit-to-south-korea"}},
      {"title = \"Summit of South Korea*\"",
       {"south-korea-china-japan-summit", "south-korea-china-summit"}},
      {"text(\"trilateral\") AND kind = statement", {}},
      {"series.number >= 2", {"kim-putin-2023"}},
      {"name = \"summits/kim-*\" AND NOT series.number = 1", {"kim-putin-2023"}},
  };
  for (const Case& test : summits) {
    EXPECT_THAT(Summits(test.filter), ::testing::ElementsAreArray(test.wanted)) << test.filter;
  }
  EXPECT_THAT(Statements("speaker.actor.target = \"actors/cho-tae-yong\""),
              ElementsAre("cho-tae-yong-2023-09-11"));
  EXPECT_THAT(Statements("mentions(\"sources/jnn-2023-09-11\") AND type = REPORT"),
              ::testing::Contains("jnn-2023-09-11"));
  EXPECT_THAT(Statements("time.earliest_begin_time < \"2023-09-05T00:00:00Z\""),
              ElementsAre("nyt-us-officials-2023-09-04"));
}

TEST_P(QueryTest, OrderPutsWhatIsUnsetLastAndTiesByName) {
  Commit(Put({SummitOn("b", "2023-09-12"), SummitOn("a", "2023-09-12"), SummitOn("c", "2019-04-25"),
              SummitOn("d", ""), SummitOn("e", "../2020"), SummitOn("f", "2023-09")}));
  EXPECT_THAT(Summits("", ""), ElementsAre("a", "b", "c", "d", "e", "f"));
  EXPECT_THAT(Summits("", "name desc"), ElementsAre("f", "e", "d", "c", "b", "a"));
  EXPECT_THAT(Summits("", "time"), ElementsAre("e", "c", "f", "a", "b", "d"));
  EXPECT_THAT(Summits("", "time desc"), ElementsAre("a", "b", "f", "c", "e", "d"));
  EXPECT_THAT(Summits("", "time desc, name desc"), ElementsAre("b", "a", "f", "c", "e", "d"));
  EXPECT_THAT(Summits("title != \"Summit c\"", "summit.title desc"),
              ElementsAre("f", "e", "d", "b", "a"));
}

// Every page is of the revision of the first.
TEST_P(QueryTest, PagesUnderWritesGiveEachRecordOfTheirRevisionOnce) {
  std::set<std::string> wanted;
  for (int i = 0; i < 120; ++i) {
    const std::string id = absl::StrCat("s", i);
    Commit(Put(SummitOn(id, absl::StrCat("2023-0", 1 + i % 9, "-1", i % 7))));
    wanted.insert(id);
  }
  std::atomic<bool> stop{false};
  std::thread writer([&] {
    const Client client = server_->MakeClient("writer");
    for (int i = 0; !stop; ++i) {
      // Moves records within the order, takes some away, brings new ones.
      static_cast<void>(client.Commit(Put(SummitOn(absl::StrCat("s", i % 120), "2024-01-01"))));
      static_cast<void>(client.Commit(testing::Delete(absl::StrCat("summits/s", (i * 7) % 120))));
      static_cast<void>(client.Commit(Put(SummitOn(absl::StrCat("new", i), "2023-05-05"))));
    }
  });
  // Deleted ones come back, so each walk has its own truth: its pin's revision.
  for (const char* order : {"", "time", "time desc", "title"}) {
    for (const char* filter : {"", "title:\"summit\"", "definitely(time, \"2023-01-01\", \"2023-12-31\")"}) {
      ListOptions options{.filter = filter, .order_by = order, .page_size = 7};
      std::vector<std::string> walked;
      v1::Pin pin;
      do {
        const auto page = client_.ListPage(v1::RECORD_KIND_SUMMIT, options);
        ASSERT_TRUE(page.ok()) << page.status();
        if (!walked.empty()) {
          EXPECT_EQ(page->pin.revision(), pin.revision());
        }
        pin = page->pin;
        for (const v1::Record& record : page->records) walked.push_back(record.name());
        options.page_token = page->next_page_token;
      } while (!options.page_token.empty());
      v1::ReadScope scope;
      scope.set_known_revision(pin.revision());
      const auto whole = client_.ListPage(
          v1::RECORD_KIND_SUMMIT,
          {.filter = filter, .order_by = order, .page_size = 1000, .scope = scope});
      ASSERT_TRUE(whole.ok()) << whole.status();
      std::vector<std::string> names;
      for (const v1::Record& record : whole->records) names.push_back(record.name());
      EXPECT_EQ(walked, names) << order << " / " << filter;
      EXPECT_EQ(std::set<std::string>(walked.begin(), walked.end()).size(), walked.size());
    }
  }
  stop = true;
  writer.join();
}

TEST_P(QueryTest, TotalsAreCountedOrSaidToBeEstimates) {
  for (int i = 0; i < 30; ++i) {
    v1::Record record = SummitOn(absl::StrCat("s", i), i % 2 == 0 ? "2023-09-12" : "2023-10");
    record.mutable_summit()->set_state(i % 3 == 0 ? v1::SUMMIT_STATE_HELD
                                                  : v1::SUMMIT_STATE_ANNOUNCED);
    Commit(Put(record));
  }
  Commit(Put(MakeActor("a", "no summit")));
  const auto total = [&](const std::string& filter) {
    const auto page =
        client_.ListPage(v1::RECORD_KIND_SUMMIT, {.filter = filter, .page_size = 4});
    EXPECT_TRUE(page.ok()) << page.status();
    if (!page.ok()) return std::string();
    return absl::StrCat(page->total_size_estimated ? "about " : "", page->total_size);
  };
  EXPECT_EQ(total(""), "30");
  EXPECT_EQ(total("state = HELD"), "10");
  EXPECT_EQ(total("NOT state = HELD"), "20");
  EXPECT_EQ(total("state = HELD AND title = \"Summit s0\""), "1");
  EXPECT_EQ(total("state = CANCELLED"), "0");
  // Columns are coarser than the evaluator.
  EXPECT_EQ(total("definitely(time, \"2023-09-12\", \"2023-09-12\")"), "about 15");
}

TEST_P(QueryTest, AMaskCutsEveryAnswer) {
  testing::LoadArticle(client_);
  const auto got = client_.Get("summits/kim-putin-2019",
                               {.read_mask = {"title", "summit.participants.actor", "revision"}});
  ASSERT_TRUE(got.ok()) << got.status();
  EXPECT_EQ(got->name(), "summits/kim-putin-2019");
  EXPECT_NE(got->revision(), 0);
  EXPECT_NE(got->summit().title(), "");
  ASSERT_EQ(got->summit().participants_size(), 2);
  EXPECT_EQ(got->summit().participants(0).actor().target(), "actors/vladimir-putin");
  EXPECT_EQ(got->summit().participants(0).role(), v1::PARTICIPANT_ROLE_UNSPECIFIED);
  EXPECT_FALSE(got->summit().has_time());
  EXPECT_EQ(got->etag(), "");
  EXPECT_TRUE(got->has_pin());
  for (const auto& record :
       client_.List(v1::RECORD_KIND_SUMMIT, {.read_mask = {"title"}})) {
    ASSERT_TRUE(record.ok()) << record.status();
    v1::Record only;
    only.set_name(record->name());
    only.mutable_summit()->set_title(record->summit().title());
    EXPECT_EQ(record->SerializeAsString(), only.SerializeAsString());
  }
  const auto batch = client_.BatchGet({"summits/kim-putin-2019", "actors/kim-jong-un"},
                                      {.read_mask = {"actor.display_name"}});
  ASSERT_TRUE(batch.ok()) << batch.status();
  EXPECT_EQ(batch->records(1).actor().display_name(), "Kim Jong-un");
  EXPECT_TRUE(batch->records(1).actor().names().empty());
  EXPECT_EQ(batch->records(0).summit().title(), "");
}

TEST_P(QueryTest, ReferredRecordsComeWithWhatTheyAreCalled) {
  testing::LoadArticle(client_);
  const auto page = client_.ListPage(
      v1::RECORD_KIND_SUMMIT,
      {.filter = "state = HELD", .read_mask = {"participants.actor"}, .include_referenced = true});
  ASSERT_TRUE(page.ok()) << page.status();
  std::vector<std::string> names;
  for (const v1::ReferencedName& name : page->referenced_names) {
    names.push_back(absl::StrCat(name.name(), ": ", name.display_name()));
  }
  EXPECT_THAT(names, ElementsAre("actors/kim-jong-un: Kim Jong-un",
                                 "actors/vladimir-putin: Vladimir Putin"));
  // A merged one is called as its survivor is; a gone one is left out.
  Commit(Put(MakeActor("the-other-kim", "Kim as others write him")));
  Commit(testing::Merge("actors/kim-jong-un", "actors/the-other-kim"));
  Commit(testing::Delete("actors/vladimir-putin"));
  const auto after = client_.ListPage(
      v1::RECORD_KIND_SUMMIT,
      {.filter = "state = HELD", .read_mask = {"participants.actor"}, .include_referenced = true});
  ASSERT_TRUE(after.ok()) << after.status();
  ASSERT_EQ(after->referenced_names.size(), 1u);
  EXPECT_EQ(after->referenced_names[0].name(), "actors/kim-jong-un");
  EXPECT_EQ(after->referenced_names[0].display_name(), "Kim as others write him");
}

TEST_P(QueryTest, AListAtAnOldRevisionSeesThatRevision) {
  std::vector<int64_t> revisions;
  for (int i = 0; i < 10; ++i) {
    v1::Record record = SummitOn("s", absl::StrCat("2023-09-1", i));
    record.mutable_summit()->set_state(i % 2 == 0 ? v1::SUMMIT_STATE_ANNOUNCED
                                                  : v1::SUMMIT_STATE_POSTPONED);
    revisions.push_back(Commit(Put(record)));
  }
  for (size_t i = 0; i < revisions.size(); ++i) {
    v1::ReadScope scope;
    scope.set_known_revision(revisions[i]);
    EXPECT_EQ(IdsOf(client_.List(v1::RECORD_KIND_SUMMIT,
                                 {.filter = "state = POSTPONED", .order_by = "time",
                                  .scope = scope}))
                  .size(),
              i % 2);
    EXPECT_EQ(IdsOf(client_.List(
                        v1::RECORD_KIND_SUMMIT,
                        {.filter = absl::StrCat("definitely(time, \"2023-09-1", i, "\", \"2023-09-1",
                                                i, "\")"),
                         .scope = scope}))
                  .size(),
              1u);
  }
}

INSTANTIATE_TEST_SUITE_P(Servers, QueryTest,
                         ::testing::Values(ServerKind::kInProcess, ServerKind::kProcess),
                         [](const auto& info) { return testing::ServerKindName(info.param); });

}  // namespace
}  // namespace communique
