// Reads: names, pages, ranges.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "client_fake_server.h"
#include "communique/client.h"
#include "communique/mocks/mock_connection.h"

namespace communique {
namespace {

using ::testing::_;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::NiceMock;
using ::testing::Return;

// A page of actors with these ids.
RecordPage Page(const std::vector<std::string>& ids, const std::string& next) {
  RecordPage page;
  for (const std::string& id : ids) page.records.emplace_back().set_name("actors/" + id);
  page.next_page_token = next;
  return page;
}

auto Token(const std::string& token) { return Field(&ListOptions::page_token, token); }

class ClientListTest : public ::testing::Test {
 protected:
  // The names of a range; an error is written as "!" and its message.
  static std::vector<std::string> Names(RecordRange range) {
    std::vector<std::string> names;
    for (const auto& record : range) {
      names.push_back(record.ok() ? record->name() : absl::StrCat("!", record.status().message()));
    }
    return names;
  }

  std::shared_ptr<NiceMock<MockConnection>> mock_ = std::make_shared<NiceMock<MockConnection>>();
  Client client_{mock_};
};

TEST_F(ClientListTest, PagesAreFetchedAsTheyAreNeeded) {
  EXPECT_CALL(*mock_, ListPage(v1::RECORD_KIND_ACTOR, Token("")))
      .WillOnce(Return(Page({"a", "b"}, "2")));
  EXPECT_CALL(*mock_, ListPage(_, Token("2"))).WillOnce(Return(Page({}, "3")));
  EXPECT_CALL(*mock_, ListPage(_, Token("3"))).WillOnce(Return(Page({"c"}, "")));
  EXPECT_THAT(Names(client_.List(v1::RECORD_KIND_ACTOR)),
              ElementsAre("actors/a", "actors/b", "actors/c"));
}

TEST_F(ClientListTest, APageThatIsNotNeededIsNotFetched) {
  EXPECT_CALL(*mock_, ListPage).WillOnce(Return(Page({"a", "b"}, "2")));
  RecordRange range = client_.List(v1::RECORD_KIND_ACTOR);
  EXPECT_EQ((*range.begin())->name(), "actors/a");
}

TEST_F(ClientListTest, TheLimitHolds) {
  EXPECT_CALL(*mock_, ListPage(_, Field(&ListOptions::page_size, 3)))
      .WillOnce(Return(Page({"a", "b"}, "2")))
      .WillOnce(Return(Page({"c", "d"}, "3")));
  EXPECT_THAT(Names(client_.List(v1::RECORD_KIND_ACTOR, {.limit = 3})),
              ElementsAre("actors/a", "actors/b", "actors/c"));
}

TEST_F(ClientListTest, AnErrorIsTheLastElement) {
  EXPECT_CALL(*mock_, ListPage)
      .WillOnce(Return(Page({"a"}, "2")))
      .WillOnce(Return(absl::OutOfRangeError("trimmed")));
  EXPECT_THAT(Names(client_.List(v1::RECORD_KIND_ACTOR)), ElementsAre("actors/a", "!trimmed"));
}

TEST_F(ClientListTest, AServerThatTurnsInCirclesIsFound) {
  EXPECT_CALL(*mock_, ListPage).Times(2).WillRepeatedly(Return(Page({}, "2")));
  EXPECT_THAT(Names(client_.List(v1::RECORD_KIND_ACTOR)),
              ElementsAre("!the server answers the same page for ever"));
}

TEST_F(ClientListTest, EveryPageIsAskedTheSameQuestion) {
  FakeServer server;
  std::vector<v1::ListActorsRequest> requests;
  server.list_actors = [&](const v1::ListActorsRequest& request, v1::ListActorsResponse* page) {
    requests.push_back(request);
    page->add_actors()->set_name(absl::StrCat("actors/", requests.size()));
    if (requests.size() < 3) page->set_next_page_token(absl::StrCat("t", requests.size()));
    return grpc::Status::OK;
  };
  v1::ReadScope scope;
  scope.set_known_revision(4);
  const Client client(MakeConnection({.endpoint = server.endpoint()}));
  EXPECT_THAT(Names(client.List(v1::RECORD_KIND_ACTOR,
                                {.filter = "f", .order_by = "o", .page_size = 2, .scope = scope})),
              ElementsAre("actors/1", "actors/2", "actors/3"));
  ASSERT_EQ(requests.size(), 3u);
  EXPECT_EQ(requests[2].page_token(), "t2");
  for (v1::ListActorsRequest& request : requests) {
    EXPECT_EQ(request.filter(), "f");
    EXPECT_EQ(request.order_by(), "o");
    EXPECT_EQ(request.page_size(), 2);
    EXPECT_EQ(request.scope().known_revision(), 4);
  }
}

TEST_F(ClientListTest, HistoryIsPagedToo) {
  v1::ListRevisionsResponse first;
  first.add_changes()->set_revision(9);
  first.set_next_page_token("2");
  v1::ListRevisionsResponse second;
  second.add_changes()->set_revision(3);
  EXPECT_CALL(*mock_, ListRevisions).WillOnce(Return(first)).WillOnce(Return(second));
  std::vector<int64_t> revisions;
  for (const auto& revision : client_.History("actors/a")) {
    revisions.push_back(revision->change.revision());
  }
  EXPECT_THAT(revisions, ElementsAre(9, 3));
}

TEST_F(ClientListTest, GetGoesByTheCollection) {
  EXPECT_CALL(*mock_, Get(v1::RECORD_KIND_SANCTION, "sanctions/x", _))
      .WillOnce(Return(v1::Record()));
  EXPECT_TRUE(client_.Get("sanctions/x").ok());
}

TEST_F(ClientListTest, AnUnknownCollectionIsNotAskedFor) {
  EXPECT_CALL(*mock_, Get).Times(0);
  for (const char* name : {"summit/x", "summits", "summits/", "/x", "", "x"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(client_.Get(name).status())) << name;
  }
}

}  // namespace
}  // namespace communique
