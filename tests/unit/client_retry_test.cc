// The unary calls of the SDK: retries, deadlines, request ids, error details.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/time/clock.h"
#include "client_fake_server.h"
#include "communique/client.h"

namespace communique {
namespace {

using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::MatchesRegex;
using ::testing::SizeIs;

class ClientRetryTest : public ::testing::Test {
 protected:
  // A client whose retries come quickly and are recorded.
  Client MakeClient(ClientOptions options = {}) {
    options.endpoint = server_.endpoint();
    options.admin_endpoint = server_.endpoint();
    options.retry.initial_backoff = absl::Milliseconds(2);
    options.retry.max_backoff = absl::Milliseconds(10);
    options.observer = [this](const CallEvent& event) { events_.push_back(event); };
    return Client(MakeConnection(options));
  }

  // Answers UNAVAILABLE `times` times, then the record.
  void FailGets(int times) {
    server_.get_summit = [this, times](grpc::ServerContext*, const v1::GetSummitRequest& request,
                                       v1::Record* record) {
      if (++calls_ <= times) return FakeServer::Error(grpc::StatusCode::UNAVAILABLE, "away");
      record->set_name(request.name());
      return grpc::Status::OK;
    };
  }

  FakeServer server_;
  std::atomic<int> calls_{0};  // each may be served by another thread
  std::vector<CallEvent> events_;
};

TEST_F(ClientRetryTest, UnavailableIsRetried) {
  FailGets(3);
  const auto record = MakeClient().Get("summits/a");
  ASSERT_TRUE(record.ok()) << record.status();
  EXPECT_EQ(record->name(), "summits/a");
  EXPECT_EQ(calls_, 4);
}

TEST_F(ClientRetryTest, EveryRetryIsVisible) {
  FailGets(1);
  ASSERT_TRUE(MakeClient().Get("summits/a").ok());
  ASSERT_THAT(events_, SizeIs(3));
  EXPECT_EQ(events_[0].kind, CallEvent::Kind::kAttempt);
  EXPECT_EQ(events_[0].method, "CatalogService/GetSummit");
  EXPECT_TRUE(absl::IsUnavailable(events_[0].status));
  EXPECT_EQ(events_[1].kind, CallEvent::Kind::kRetry);
  EXPECT_EQ(events_[1].attempt, 1);
  EXPECT_EQ(events_[2].attempt, 2);
  EXPECT_TRUE(events_[2].status.ok());
}

TEST_F(ClientRetryTest, OtherErrorsAreNotRetried) {
  server_.get_summit = [this](grpc::ServerContext*, const v1::GetSummitRequest&, v1::Record*) {
    ++calls_;
    return grpc::Status(grpc::StatusCode::ABORTED, "no");
  };
  EXPECT_TRUE(absl::IsAborted(MakeClient().Get("summits/a").status()));
  EXPECT_EQ(calls_, 1);
}

TEST_F(ClientRetryTest, RetriesCanBeDisabled) {
  FailGets(1);
  EXPECT_TRUE(
      absl::IsUnavailable(MakeClient({.retry = {.enabled = false}}).Get("summits/a").status()));
  EXPECT_EQ(calls_, 1);
}

TEST_F(ClientRetryTest, TheBudgetIsSharedByTheCallsOfAConnection) {
  FailGets(1'000'000);
  const Client client = MakeClient({.retry = {.budget = 3, .budget_per_second = 0}});
  EXPECT_TRUE(absl::IsUnavailable(client.Get("summits/a").status()));
  EXPECT_EQ(calls_, 4) << "one attempt and three retries";
  EXPECT_TRUE(absl::IsUnavailable(client.Get("summits/a").status()));
  EXPECT_EQ(calls_, 5) << "the budget is used up";
}

TEST_F(ClientRetryTest, TheBudgetFillsWithTime) {
  FailGets(20);
  const Client client = MakeClient({.retry = {.budget = 1, .budget_per_second = 1'000'000}});
  EXPECT_TRUE(client.Get("summits/a").ok());
  EXPECT_EQ(calls_, 21);
}

TEST_F(ClientRetryTest, TheTimeoutIncludesRetries) {
  FailGets(1'000'000);
  const absl::Time start = absl::Now();
  const absl::Status status =
      MakeClient({.timeout = absl::Milliseconds(300)}).Get("summits/a").status();
  EXPECT_TRUE(absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status)) << status;
  EXPECT_LT(absl::Now() - start, absl::Seconds(2));
  EXPECT_GT(calls_, 3);
}

TEST_F(ClientRetryTest, ACallHasATimeoutOfItsOwn) {
  server_.get_summit = [](grpc::ServerContext* context, const v1::GetSummitRequest&, v1::Record*) {
    return FakeServer::Hang(context);
  };
  const absl::Time start = absl::Now();
  EXPECT_TRUE(absl::IsDeadlineExceeded(
      MakeClient().Get("summits/a", {.timeout = absl::Milliseconds(100)}).status()));
  EXPECT_LT(absl::Now() - start, absl::Seconds(2));
}

TEST_F(ClientRetryTest, RetryInfoIsHonoured) {
  server_.get_summit = [this](grpc::ServerContext*, const v1::GetSummitRequest&, v1::Record*) {
    if (++calls_ > 1) return grpc::Status::OK;
    google::rpc::RetryInfo info;
    info.mutable_retry_delay()->set_nanos(150'000'000);
    return FakeServer::Error(grpc::StatusCode::UNAVAILABLE, "soon", info);
  };
  const absl::Time start = absl::Now();
  ASSERT_TRUE(MakeClient().Get("summits/a").ok());
  EXPECT_GE(absl::Now() - start, absl::Milliseconds(150));
}

// A limit that the server says is reached for a moment: its queue, its watches, its loads.
TEST_F(ClientRetryTest, AFullServerIsAskedAgainWhenItSaysWhen) {
  int calls = 0;
  server_.commit = [&calls](const v1::CommitRequest&, v1::CommitResponse*) {
    if (++calls > 1) return grpc::Status::OK;
    google::rpc::RetryInfo info;
    info.mutable_retry_delay()->set_nanos(150'000'000);
    return FakeServer::Error(grpc::StatusCode::RESOURCE_EXHAUSTED, "full",
                             FakeServer::Reason("CALL_LIMIT"), info);
  };
  const absl::Time start = absl::Now();
  const auto response = MakeClient().Commit({});
  EXPECT_TRUE(response.ok()) << response.status();
  EXPECT_GE(absl::Now() - start, absl::Milliseconds(150));
  EXPECT_EQ(calls, 2);
}

TEST_F(ClientRetryTest, ALimitWithoutADelayIsFinal) {
  server_.get_summit = [this](grpc::ServerContext*, const v1::GetSummitRequest&, v1::Record*) {
    ++calls_;
    return FakeServer::Error(grpc::StatusCode::RESOURCE_EXHAUSTED, "too large",
                             FakeServer::Reason("SIZE_LIMIT"));
  };
  EXPECT_TRUE(absl::IsResourceExhausted(MakeClient().Get("summits/a").status()));
  EXPECT_EQ(calls_, 1);
}

TEST_F(ClientRetryTest, ADeadlineThatPassesTellsWhyThereWereRetries) {
  server_.get_summit = [this](grpc::ServerContext* context, const v1::GetSummitRequest&,
                              v1::Record*) {
    if (++calls_ == 1) return FakeServer::Error(grpc::StatusCode::UNAVAILABLE, "gone to lunch");
    return FakeServer::Hang(context);
  };
  const absl::Status status =
      MakeClient({.timeout = absl::Milliseconds(300)}).Get("summits/a").status();
  EXPECT_TRUE(absl::IsDeadlineExceeded(status)) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), "gone to lunch")) << status;
}

TEST_F(ClientRetryTest, AnEmptyRequestIdIsFilledOnceAndKept) {
  std::vector<std::string> ids;
  server_.commit = [&ids](const v1::CommitRequest& request, v1::CommitResponse* response) {
    ids.push_back(request.request_id());
    if (ids.size() < 3) return FakeServer::Error(grpc::StatusCode::UNAVAILABLE, "away");
    response->set_revision(5);
    return grpc::Status::OK;
  };
  const auto response = MakeClient().Commit({});
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->revision(), 5);
  ASSERT_THAT(ids, SizeIs(3));
  EXPECT_THAT(ids[0],
              MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"));
  EXPECT_EQ(ids[1], ids[0]);
  EXPECT_EQ(ids[2], ids[0]);
  ASSERT_TRUE(MakeClient().Commit({}).ok());
  EXPECT_NE(ids[3], ids[0]);
}

TEST_F(ClientRetryTest, AGivenRequestIdIsKept) {
  std::string id;
  server_.commit = [&id](const v1::CommitRequest& request, v1::CommitResponse*) {
    id = request.request_id();
    return grpc::Status::OK;
  };
  v1::CommitRequest request;
  request.set_request_id("mine");
  ASSERT_TRUE(MakeClient().Commit(request).ok());
  EXPECT_EQ(id, "mine");
}

TEST_F(ClientRetryTest, ErrorDetailsComeThrough) {
  server_.get_summit = [](grpc::ServerContext*, const v1::GetSummitRequest&, v1::Record*) {
    google::rpc::ErrorInfo info = FakeServer::Reason("RECORD_DELETED");
    (*info.mutable_metadata())["name"] = "summits/a";
    google::rpc::BadRequest bad_request;
    for (int i = 0; i < 500; ++i) {  // More than gRPC's own limit of 8 KiB.
      auto* violation = bad_request.add_field_violations();
      violation->set_field(absl::StrCat("field_", i));
      violation->set_description(std::string(100, 'x'));
    }
    v1::Tombstone tombstone;
    tombstone.set_revision(9);
    return FakeServer::Error(grpc::StatusCode::NOT_FOUND, "gone", info, bad_request, tombstone);
  };
  const absl::Status status = MakeClient().Get("summits/a").status();
  EXPECT_TRUE(absl::IsNotFound(status)) << status;
  EXPECT_EQ(status.message(), "gone");
  EXPECT_EQ(ErrorReason(status), "RECORD_DELETED");
  EXPECT_EQ(ErrorMetadata(status)["name"], "summits/a");
  ASSERT_THAT(ErrorViolations(status), SizeIs(500));
  EXPECT_EQ(ErrorViolations(status)[499].subject, "field_499");
  ASSERT_TRUE(ErrorDetail<v1::Tombstone>(status).has_value());
  EXPECT_EQ(ErrorDetail<v1::Tombstone>(status)->revision(), 9);
  EXPECT_FALSE(ErrorRetryDelay(status).has_value());
}

TEST_F(ClientRetryTest, AStatusWithoutDetailsHasNone) {
  const absl::Status status = absl::NotFoundError("x");
  EXPECT_EQ(ErrorReason(status), "");
  EXPECT_THAT(ErrorMetadata(status), SizeIs(0));
  EXPECT_THAT(ErrorViolations(status), SizeIs(0));
}

TEST_F(ClientRetryTest, ThePrincipalIsSent) {
  std::string principal;
  server_.get_summit = [&](grpc::ServerContext* context, const v1::GetSummitRequest&, v1::Record*) {
    const auto it = context->client_metadata().find("communique-principal");
    if (it != context->client_metadata().end()) {
      principal = std::string(it->second.data(), it->second.size());
    }
    return grpc::Status::OK;
  };
  ASSERT_TRUE(MakeClient({.principal = "desk"}).Get("summits/a").ok());
  EXPECT_EQ(principal, "desk");
}

TEST_F(ClientRetryTest, APrincipalThatNoHeaderCanCarryIsRefused) {
  const Client client = MakeClient({.principal = "a\nb"});
  EXPECT_TRUE(absl::IsInvalidArgument(client.Get("summits/a").status()));
  EXPECT_TRUE(absl::IsInvalidArgument(client.Watch().Next().status()));
  EXPECT_TRUE(absl::IsInvalidArgument(client.Load({.load_id = "x"}).Start().status()));
}

TEST_F(ClientRetryTest, StatusAsksTheAdminEndpoint) {
  const auto status = MakeClient().Status();
  ASSERT_TRUE(status.ok()) << status.status();
  EXPECT_EQ(status->head_revision(), 7);
}

TEST_F(ClientRetryTest, NoCallOutlivesItsDeadline) {
  server_.get_summit = [this](grpc::ServerContext* context, const v1::GetSummitRequest&,
                              v1::Record*) {
    if (++calls_ % 2 == 1) return FakeServer::Error(grpc::StatusCode::UNAVAILABLE, "away");
    return FakeServer::Hang(context);
  };
  const Client client = MakeClient();
  for (int millis = 20; millis <= 320; millis *= 2) {
    const absl::Time start = absl::Now();
    EXPECT_FALSE(client.Get("summits/a", {.timeout = absl::Milliseconds(millis)}).ok());
    EXPECT_LT(absl::Now() - start, absl::Milliseconds(millis + 100));
  }
}

TEST_F(ClientRetryTest, ScreeningGoesThrough) {
  const Client client = MakeClient();
  v1::ScreenRequest screen;
  screen.add_queries()->set_query_id("q1");
  const auto screened = client.Screen(screen);
  ASSERT_TRUE(screened.ok()) << screened.status();
  EXPECT_EQ(screened->results(0).query_id(), "q1");
  v1::VerifyClaimRequest claim;
  claim.set_target("actors/t");
  claim.set_authority("actors/un");
  const auto verified = client.VerifyClaim(claim);
  ASSERT_TRUE(verified.ok()) << verified.status();
  EXPECT_EQ(verified->rows(0).explanation(), "actors/t by actors/un");
}

TEST_F(ClientRetryTest, BackupsGoThrough) {
  const Client client = MakeClient();
  const auto made = client.CreateBackup("before the trim");
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(made->note(), "before the trim");
  const auto all = client.ListBackups();
  ASSERT_TRUE(all.ok()) << all.status();
  ASSERT_THAT(*all, SizeIs(2));
  EXPECT_EQ((*all)[0].backup_id(), "new");
  EXPECT_EQ((*all)[1].backup_id(), "old");
  const auto verified = client.VerifyBackup("old");
  ASSERT_TRUE(verified.ok()) << verified.status();
  EXPECT_TRUE(verified->ok());
  EXPECT_EQ(verified->backup().backup_id(), "old");
}

TEST_F(ClientRetryTest, AServerThatIsNotThereIsUnavailable) {
  const Client client(MakeConnection({.endpoint = "127.0.0.1:1",
                                      .timeout = absl::Milliseconds(200),
                                      .retry = {.initial_backoff = absl::Milliseconds(10)}}));
  EXPECT_TRUE(absl::IsUnavailable(client.Get("summits/a").status()));
}

// gRPC works a channel only while somebody waits on it: a watch once found a
// server that came back up to five seconds later. In one process the server's
// threads work the client's channel too and hide that, so the end-to-end tests
// have to kill a server of its own process as well.
TEST_F(ClientRetryTest, AServerThatComesBackIsFoundSoon) {
  server_.get_summit = [](grpc::ServerContext*, const v1::GetSummitRequest&, v1::Record*) {
    return grpc::Status::OK;
  };
  server_.watch = [](grpc::ServerContext*, const v1::WatchRequest&,
                     FakeServer::WatchWriter* writer) {
    writer->Write(v1::WatchResponse());
    return grpc::Status::OK;
  };
  auto server = std::make_unique<FakeServer>(0, &server_);
  const int port = server->port();
  const Client client(MakeConnection({.endpoint = server->endpoint(),
                                      .retry = {.initial_backoff = absl::Milliseconds(10),
                                                .max_backoff = absl::Milliseconds(200)}}));
  ASSERT_TRUE(client.Get("summits/a").ok());
  Watch watch = client.Watch();
  absl::Time watched, got;
  server.reset();
  std::thread watcher([&] {
    const auto response = watch.Next();
    EXPECT_TRUE(response.ok()) << response.status();
    watched = absl::Now();
  });
  std::thread getter([&] {
    EXPECT_TRUE(client.Get("summits/a").ok());
    got = absl::Now();
  });
  absl::SleepFor(absl::Milliseconds(800));
  server = std::make_unique<FakeServer>(port, &server_);
  const absl::Time back = absl::Now();
  watcher.join();
  getter.join();
  EXPECT_LT(got - back, absl::Milliseconds(2500));
  EXPECT_LT(watched - back, absl::Milliseconds(2500));
}

}  // namespace
}  // namespace communique
