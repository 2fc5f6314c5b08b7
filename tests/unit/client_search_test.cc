// Search, history with values, and what pages say beside their records.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "client_fake_server.h"
#include "communique/client.h"
#include "communique/mocks/mock_connection.h"
#include "tests/unit/text_proto.h"

namespace communique {
namespace {

using testing::Text;
using ::testing::_;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::NiceMock;
using ::testing::Property;
using ::testing::Return;

v1::SearchResponse Results(const std::vector<std::string>& names, const std::string& next) {
  v1::SearchResponse page;
  for (const std::string& name : names) page.add_results()->mutable_record()->set_name(name);
  page.set_next_page_token(next);
  return page;
}

auto Token(const std::string& token) { return Property(&v1::SearchRequest::page_token, token); }

class ClientSearchTest : public ::testing::Test {
 protected:
  // The names of a range; an error is written as "!" and its message.
  static std::vector<std::string> Names(SearchRange range) {
    std::vector<std::string> names;
    for (const auto& result : range) {
      names.push_back(result.ok() ? result->record().name()
                                  : absl::StrCat("!", result.status().message()));
    }
    return names;
  }

  std::shared_ptr<NiceMock<MockConnection>> mock_ = std::make_shared<NiceMock<MockConnection>>();
  Client client_{mock_};
};

TEST_F(ClientSearchTest, EveryPageIsAskedTheSameQuestion) {
  FakeServer server;
  std::vector<v1::SearchRequest> requests;
  server.search = [&](const v1::SearchRequest& request, v1::SearchResponse* page) {
    requests.push_back(request);
    *page = Results({absl::StrCat("actors/", requests.size())},
                    requests.size() < 3 ? absl::StrCat("t", requests.size()) : "");
    return grpc::Status::OK;
  };
  v1::ReadScope scope;
  scope.set_known_revision(4);
  const Client client(MakeConnection({.endpoint = server.endpoint()}));
  EXPECT_THAT(Names(client.Search("pyongy", {.kinds = {v1::RECORD_KIND_ACTOR},
                                             .page_size = 2,
                                             .scope = scope,
                                             .read_mask = {"actor.display_name"}})),
              ElementsAre("actors/1", "actors/2", "actors/3"));
  ASSERT_EQ(requests.size(), 3u);
  EXPECT_EQ(requests[0].page_token(), "");
  EXPECT_EQ(requests[2].page_token(), "t2");
  for (v1::SearchRequest& request : requests) {
    request.clear_page_token();
    EXPECT_EQ(request.SerializeAsString(),
              Text<v1::SearchRequest>("query: 'pyongy' kinds: RECORD_KIND_ACTOR page_size: 2 "
                                      "scope { known_revision: 4 } "
                                      "read_mask { paths: 'actor.display_name' }")
                  .SerializeAsString());
  }
}

TEST_F(ClientSearchTest, TheLimitHolds) {
  EXPECT_CALL(*mock_, SearchPage(Property(&v1::SearchRequest::page_size, 3), _))
      .WillOnce(Return(Results({"a", "b"}, "2")))
      .WillOnce(Return(Results({"c", "d"}, "3")));
  EXPECT_THAT(Names(client_.Search("x", {.limit = 3})), ElementsAre("a", "b", "c"));
}

TEST_F(ClientSearchTest, AnErrorIsTheLastElement) {
  EXPECT_CALL(*mock_, SearchPage)
      .WillOnce(Return(Results({"a"}, "2")))
      .WillOnce(Return(absl::OutOfRangeError("trimmed")));
  EXPECT_THAT(Names(client_.Search("x")), ElementsAre("a", "!trimmed"));
}

TEST_F(ClientSearchTest, APageBeginsWhereItIsTold) {
  EXPECT_CALL(*mock_, SearchPage(Token("7"), Field(&CallOptions::timeout, absl::Seconds(2))))
      .WillOnce(Return(Results({"a"}, "8")));
  const auto page = client_.SearchPage("x", {.page_token = "7", .timeout = absl::Seconds(2)});
  ASSERT_TRUE(page.ok());
  EXPECT_EQ(page->next_page_token(), "8");
}

TEST_F(ClientSearchTest, ARangeBeginsWhereItIsTold) {
  EXPECT_CALL(*mock_, SearchPage(Token("7"), _)).WillOnce(Return(Results({"a"}, "8")));
  EXPECT_CALL(*mock_, SearchPage(Token("8"), _)).WillOnce(Return(Results({"b"}, "")));
  EXPECT_THAT(Names(client_.Search("x", {.page_token = "7"})), ElementsAre("a", "b"));
}

TEST_F(ClientSearchTest, UnavailableIsTriedAgain) {
  FakeServer server;
  int calls = 0;
  server.search = [&](const v1::SearchRequest&, v1::SearchResponse* page) {
    if (++calls < 3) return FakeServer::Error(grpc::StatusCode::UNAVAILABLE, "draining");
    *page = Results({"actors/a"}, "");
    return grpc::Status::OK;
  };
  std::vector<std::string> methods;
  const Client client(MakeConnection(
      {.endpoint = server.endpoint(),
       .retry = {.initial_backoff = absl::Milliseconds(1)},
       .observer = [&](const CallEvent& event) { methods.push_back(event.method); }}));
  EXPECT_THAT(Names(client.Search("x")), ElementsAre("actors/a"));
  EXPECT_EQ(calls, 3);
  EXPECT_THAT(methods, ::testing::Each("CatalogService/Search"));
}

TEST_F(ClientSearchTest, ListAsksForNamesOfWhatIsReferredTo) {
  FakeServer server;
  v1::ListActorsRequest asked;
  server.list_actors = [&](const v1::ListActorsRequest& request, v1::ListActorsResponse* page) {
    asked = request;
    *page = Text<v1::ListActorsResponse>(
        "actors { name: 'actors/a' } total_size: 7 total_size_estimated: true "
        "referenced_names { name: 'actors/b' display_name: 'B' } pin { revision: 5 }");
    return grpc::Status::OK;
  };
  const Client client(MakeConnection({.endpoint = server.endpoint()}));
  const auto page = client.ListPage(v1::RECORD_KIND_ACTOR, {.read_mask = {"actor.display_name"},
                                                            .include_referenced = true});
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_TRUE(asked.include_referenced());
  EXPECT_THAT(asked.read_mask().paths(), ElementsAre("actor.display_name"));
  ASSERT_EQ(page->referenced_names.size(), 1u);
  EXPECT_EQ(page->referenced_names[0].display_name(), "B");
  EXPECT_EQ(page->total_size, 7);
  EXPECT_TRUE(page->total_size_estimated);
  EXPECT_EQ(page->pin.revision(), 5);
}

TEST_F(ClientSearchTest, EachPageIsToldBeforeItsRecords) {
  RecordPage first;
  first.records.emplace_back().set_name("actors/a");
  first.next_page_token = "2";
  first.total_size = 2;
  RecordPage second;
  second.records.emplace_back().set_name("actors/b");
  EXPECT_CALL(*mock_, ListPage).WillOnce(Return(first)).WillOnce(Return(second));
  std::vector<std::string> told;
  const auto on_page = [&](const RecordPage& page) {
    told.push_back(absl::StrCat("page of ", page.records.size()));
  };
  for (const auto& record : client_.List(v1::RECORD_KIND_ACTOR, {.on_page = on_page})) {
    told.push_back(record->name());
  }
  EXPECT_THAT(told, ElementsAre("page of 1", "actors/a", "page of 1", "actors/b"));
}

TEST_F(ClientSearchTest, HistoryPutsValuesBesideTheirChanges) {
  const auto answer = Text<v1::ListRevisionsResponse>(
      "changes { revision: 9 } changes { revision: 3 } changes { revision: 2 } "
      // In another order, and one short.
      "values { revision: 2 differences { path: 'b' } differences { path: 'c' } } "
      "values { revision: 9 differences { path: 'a' old_json: '1' new_json: '2' } }");
  EXPECT_CALL(*mock_,
              ListRevisions(AllOf(Property(&v1::ListRevisionsRequest::include_values, true),
                                  Property(&v1::ListRevisionsRequest::name, "actors/a")),
                            _))
      .WillOnce(Return(answer));
  std::vector<std::string> told;
  for (const auto& revision : client_.History("actors/a", {.include_values = true})) {
    ASSERT_TRUE(revision.ok()) << revision.status();
    told.push_back(absl::StrCat(revision->change.revision(), ":"));
    for (const auto& d : revision->differences) told.back() += d.path();
  }
  EXPECT_THAT(told, ElementsAre("9:a", "3:", "2:bc"));
}

TEST_F(ClientSearchTest, HistoryDoesNotAskForValuesUnlessTold) {
  EXPECT_CALL(*mock_, ListRevisions(Property(&v1::ListRevisionsRequest::include_values, false), _))
      .WillOnce(Return(v1::ListRevisionsResponse()));
  for (const auto& revision : client_.History("actors/a")) FAIL() << revision.status();
}

TEST_F(ClientSearchTest, ReadsPassTheirScopeAndMask) {
  v1::ReadScope scope;
  scope.set_known_list_version("sources/un-1718-2023-09");
  scope.set_valid_date("2023-09-12");
  FakeServer server;
  v1::GetSummitRequest get;
  server.get_summit = [&](grpc::ServerContext*, const v1::GetSummitRequest& request, v1::Record*) {
    get = request;
    return grpc::Status::OK;
  };
  const Client client(MakeConnection({.endpoint = server.endpoint()}));
  ASSERT_TRUE(client.Get("summits/s", {.scope = scope, .read_mask = {"summit.title"}}).ok());
  EXPECT_EQ(get.scope().SerializeAsString(), scope.SerializeAsString());
  EXPECT_THAT(get.read_mask().paths(), ElementsAre("summit.title"));

  v1::BatchGetRequest batch;
  EXPECT_CALL(*mock_, BatchGet)
      .WillOnce(::testing::DoAll(::testing::SaveArg<0>(&batch), Return(v1::BatchGetResponse())));
  const ReadOptions options = {.scope = scope, .read_mask = {"summit.title"}};
  ASSERT_TRUE(client_.BatchGet({"summits/s"}, options).ok());
  EXPECT_EQ(batch.scope().SerializeAsString(), scope.SerializeAsString());
  EXPECT_THAT(batch.read_mask().paths(), ElementsAre("summit.title"));
}

}  // namespace
}  // namespace communique
