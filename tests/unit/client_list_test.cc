// Reads: names, pages, ranges.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "absl/synchronization/notification.h"
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

// A page asked for ahead that a mock answers.
std::unique_ptr<PendingPage> Ahead(RecordPage page) {
  auto pending = std::make_unique<NiceMock<MockPendingPage>>();
  ON_CALL(*pending, Get).WillByDefault(Return(std::move(page)));
  return pending;
}

TEST_F(ClientListTest, TheNextPageIsAskedForWhenHalfOfOneIsWalked) {
  EXPECT_CALL(*mock_, ListPage(_, Token(""))).WillOnce(Return(Page({"a", "b", "c", "d"}, "2")));
  EXPECT_CALL(*mock_, StartListPage).Times(0);
  RecordRange range = client_.List(v1::RECORD_KIND_ACTOR);
  auto at = range.begin();
  ++at;
  ::testing::Mock::VerifyAndClearExpectations(mock_.get());
  EXPECT_CALL(*mock_, StartListPage(v1::RECORD_KIND_ACTOR, Token("2"))).WillOnce([](auto, auto&) {
    return Ahead(Page({"e"}, ""));
  });
  EXPECT_CALL(*mock_, ListPage).Times(0);
  ++at;
  ::testing::Mock::VerifyAndClearExpectations(mock_.get());
  ++at;
  ++at;
  EXPECT_EQ((*at)->name(), "actors/e");
  EXPECT_TRUE(++at == range.end());
}

TEST_F(ClientListTest, NothingIsAskedForBeyondTheLimit) {
  EXPECT_CALL(*mock_, ListPage).WillOnce(Return(Page({"a", "b", "c", "d"}, "2")));
  EXPECT_CALL(*mock_, StartListPage).Times(0);
  EXPECT_THAT(Names(client_.List(v1::RECORD_KIND_ACTOR, {.limit = 4})), ::testing::SizeIs(4));
}

TEST_F(ClientListTest, TheServerWorksOnTheNextPageMeanwhile) {
  FakeServer server;
  absl::Notification second_asked;
  std::atomic<int> calls{0};
  server.list_actors = [&](const v1::ListActorsRequest& request, v1::ListActorsResponse* page) {
    ++calls;
    page->add_actors()->set_name("actors/" + request.page_token() + "1");
    page->add_actors()->set_name("actors/" + request.page_token() + "2");
    if (request.page_token().empty()) page->set_next_page_token("t");
    if (!request.page_token().empty()) second_asked.Notify();
    return grpc::Status::OK;
  };
  const Client client(MakeConnection({.endpoint = server.endpoint()}));
  RecordRange range = client.List(v1::RECORD_KIND_ACTOR);
  auto at = range.begin();
  ++at;
  EXPECT_TRUE(second_asked.WaitForNotificationWithTimeout(absl::Seconds(10)));
  EXPECT_EQ((*at)->name(), "actors/2");
  ++at;
  EXPECT_EQ((*at)->name(), "actors/t1");
  ++at;
  EXPECT_TRUE(++at == range.end());
  EXPECT_EQ(calls, 2);
}

TEST_F(ClientListTest, APageAheadThatFailsIsAskedForAgain) {
  FakeServer server;
  int calls = 0;
  server.list_actors = [&](const v1::ListActorsRequest&, v1::ListActorsResponse* page) {
    if (++calls == 2) return FakeServer::Error(grpc::StatusCode::UNAVAILABLE, "away");
    page->add_actors()->set_name(absl::StrCat("actors/", calls));
    if (calls == 1) page->set_next_page_token("2");
    return grpc::Status::OK;
  };
  const Client client(MakeConnection({.endpoint = server.endpoint()}));
  EXPECT_THAT(Names(client.List(v1::RECORD_KIND_ACTOR)), ElementsAre("actors/1", "actors/3"));
}

TEST_F(ClientListTest, APageAheadIsAskedForOnceWithoutRetries) {
  FakeServer server;
  int calls = 0;
  server.list_actors = [&](const v1::ListActorsRequest&, v1::ListActorsResponse* page) {
    if (++calls > 1) return FakeServer::Error(grpc::StatusCode::UNAVAILABLE, "away");
    page->add_actors()->set_name("actors/1");
    page->set_next_page_token("2");
    return grpc::Status::OK;
  };
  const Client client(MakeConnection({.endpoint = server.endpoint(), .retry = {.enabled = false}}));
  EXPECT_THAT(Names(client.List(v1::RECORD_KIND_ACTOR)), ElementsAre("actors/1", "!away"));
  EXPECT_EQ(calls, 2);
}

TEST_F(ClientListTest, APageAheadHasRetriesAsAnyCall) {
  FakeServer server;
  int calls = 0;
  server.list_actors = [&](const v1::ListActorsRequest&, v1::ListActorsResponse* page) {
    if (++calls == 1) {
      page->add_actors()->set_name("actors/1");
      page->set_next_page_token("2");
      return grpc::Status::OK;
    }
    return FakeServer::Error(grpc::StatusCode::UNAVAILABLE, "away");
  };
  std::vector<int> attempts;
  const Client client(MakeConnection(
      {.endpoint = server.endpoint(),
       .retry = {.initial_backoff = absl::Milliseconds(1), .budget = 2, .budget_per_second = 0},
       .observer = [&](const CallEvent& event) {
         if (event.kind == CallEvent::Kind::kAttempt) attempts.push_back(event.attempt);
       }}));
  EXPECT_THAT(Names(client.List(v1::RECORD_KIND_ACTOR)), ElementsAre("actors/1", "!away"));
  EXPECT_THAT(attempts, ElementsAre(1, 1, 2, 3)) << "the budget has two retries";
}

TEST_F(ClientListTest, APageThatNobodyComesForIsTold) {
  FakeServer server;
  server.list_actors = [&](const v1::ListActorsRequest&, v1::ListActorsResponse* page) {
    page->add_actors()->set_name("actors/1");
    page->set_next_page_token("2");
    return grpc::Status::OK;
  };
  std::vector<absl::StatusCode> codes;
  const Client client(
      MakeConnection({.endpoint = server.endpoint(), .observer = [&](const CallEvent& event) {
                        codes.push_back(event.status.code());
                      }}));
  {
    RecordRange range = client.List(v1::RECORD_KIND_ACTOR);
    EXPECT_TRUE((*range.begin()).ok());
  }
  EXPECT_THAT(codes, ElementsAre(absl::StatusCode::kOk, absl::StatusCode::kCancelled));
}

TEST_F(ClientListTest, APageAheadOutlivesItsConnection) {
  FakeServer server;
  server.list_actors = [&](const v1::ListActorsRequest&, v1::ListActorsResponse* page) {
    page->add_actors()->set_name("actors/1");
    return grpc::Status::OK;
  };
  auto connection = MakeConnection({.endpoint = server.endpoint()});
  const std::unique_ptr<PendingPage> pending = connection->StartListPage(v1::RECORD_KIND_ACTOR, {});
  ASSERT_NE(pending, nullptr);
  connection.reset();
  const auto page = pending->Get();
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_EQ(page->records.size(), 1u);
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
