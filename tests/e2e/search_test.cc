// Search through the SDK: scripts, prefixes, rank, fragments, kinds, pages, and
// what was known when.

#include <string>
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

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::MakeActor;
using testing::MakeSource;
using testing::MakeStatement;
using testing::Put;
using testing::ServerKind;

class SearchTest : public ::testing::TestWithParam<ServerKind> {
 protected:
  int64_t Commit(const v1::CommitRequest& request) {
    const auto answer = client_.Commit(request);
    EXPECT_TRUE(answer.ok()) << answer.status();
    return answer.ok() ? answer->revision() : 0;
  }
  std::vector<std::string> Found(const std::string& query, SearchOptions options = {}) {
    std::vector<std::string> names;
    double last = 1e9;
    for (const auto& result : client_.Search(query, options)) {
      EXPECT_TRUE(result.ok()) << result.status();
      if (!result.ok()) break;
      EXPECT_LE(result->score(), last);
      last = result->score();
      names.push_back(result->record().name());
    }
    return names;
  }
  void WritePyongyang() {
    v1::Record city = MakeActor("pyongyang", "Pyongyang");
    v1::ActorName& name = *city.mutable_actor()->add_names();
    name.set_id("n-ko");
    name.set_text("평양");
    name.set_language_code("ko");
    Commit(Put({city, MakeActor("moscow", "Moscow"),
                MakeSource("report", "A parade in Pyongyang, as told from afar"),
                MakeStatement("remark", "On the way")}));
  }

  std::unique_ptr<testing::TestServer> server_ = testing::StartServer(GetParam());
  Client client_ = server_->MakeClient();
};

TEST_P(SearchTest, AnyScriptAndAnyBeginningFindsPyongyang) {
  WritePyongyang();
  for (const char* query : {"평양", "Pyongyang", "pyongy", "PYONGYANG", "Pyóngyang", "평"}) {
    const auto found = Found(query);
    ASSERT_FALSE(found.empty()) << query;
    EXPECT_EQ(found[0], "actors/pyongyang") << query;
  }
  EXPECT_THAT(Found("Pyongyang"), ElementsAre("actors/pyongyang", "sources/report"));
  EXPECT_THAT(Found("pyongyang parade"), ElementsAre("sources/report"));
  EXPECT_THAT(Found("pyongyang moscow"), IsEmpty());
  EXPECT_THAT(Found("yongyang"), IsEmpty());
  // Only the last word is a prefix, and not when it is said to be whole.
  EXPECT_THAT(Found("para pyongyang"), IsEmpty());
  EXPECT_THAT(Found("pyongy "), IsEmpty());
}

TEST_P(SearchTest, TheArticleIsFoundByItsWords) {
  testing::LoadArticle(client_);
  EXPECT_EQ(Found("Kim Jong-un")[0], "actors/kim-jong-un");
  EXPECT_THAT(Found("Khasan"), Contains("statements/jnn-2023-09-11"));
  EXPECT_THAT(Found("eastern economic forum")[0], "summits/eastern-economic-forum-2023");
  EXPECT_THAT(Found("international pariahs"), Contains("sources/hankyoreh-2023-09-12"));
  for (const std::string& name : Found("kim", {.kinds = {v1::RECORD_KIND_SUMMIT}})) {
    EXPECT_EQ(name.rfind("summits/", 0), 0u) << name;
  }
}

TEST_P(SearchTest, FragmentsShowWhereTheWordsStand) {
  WritePyongyang();
  const auto page = client_.SearchPage("pyongyang para");
  ASSERT_TRUE(page.ok()) << page.status();
  ASSERT_EQ(page->results_size(), 1);
  ASSERT_FALSE(page->results(0).fragments().empty());
  const v1::SearchFragment& fragment = page->results(0).fragments(0);
  EXPECT_EQ(fragment.path(), "title");
  std::vector<std::string> marked;
  for (const v1::SearchHighlight& highlight : fragment.highlights()) {
    marked.push_back(fragment.text().substr(
        static_cast<size_t>(highlight.start_offset()),
        static_cast<size_t>(highlight.end_offset() - highlight.start_offset())));
  }
  EXPECT_THAT(marked, ElementsAre("parade", "Pyongyang"));
  EXPECT_EQ(page->pin().revision(), 1);
}

TEST_P(SearchTest, PagesAreOfOneRevision) {
  for (int i = 0; i < 25; ++i) Commit(Put(MakeActor(absl::StrCat("a", i), "Delegate")));
  SearchOptions options{.page_size = 10};
  std::vector<std::string> names;
  int pages = 0;
  do {
    const auto page = client_.SearchPage("delegate", options);
    ASSERT_TRUE(page.ok()) << page.status();
    EXPECT_EQ(page->pin().revision(), 25);
    for (const v1::SearchResult& result : page->results()) names.push_back(result.record().name());
    options.page_token = page->next_page_token();
    ++pages;
    Commit(Put(MakeActor(absl::StrCat("late", pages), "Delegate")));
  } while (!options.page_token.empty());
  EXPECT_EQ(pages, 3);
  EXPECT_EQ(names.size(), 25u);
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), 25u);
}

TEST_P(SearchTest, WhatWasKnownThenIsFoundThen) {
  Commit(Put(MakeActor("a", "Envoy")));
  Commit(Put(MakeActor("a", "Minister")));
  Commit(testing::Delete("actors/a"));
  v1::ReadScope scope;
  scope.set_known_revision(1);
  EXPECT_THAT(Found("envoy", {.scope = scope}), ElementsAre("actors/a"));
  EXPECT_THAT(Found("minister", {.scope = scope}), IsEmpty());
  scope.set_known_revision(2);
  EXPECT_THAT(Found("envoy", {.scope = scope}), IsEmpty());
  EXPECT_THAT(Found("minister", {.scope = scope}), ElementsAre("actors/a"));
  EXPECT_THAT(Found("minister"), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Servers, SearchTest,
                         ::testing::Values(ServerKind::kInProcess, ServerKind::kProcess),
                         [](const auto& info) { return testing::ServerKindName(info.param); });

}  // namespace
}  // namespace communique
