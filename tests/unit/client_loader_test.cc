// The loader of the SDK: it pipelines, holds back, and goes on where it broke off.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "client_fake_server.h"
#include "communique/client.h"

namespace communique {
namespace {

using ::testing::ElementsAre;

// A server that holds one load in memory.
class ClientLoaderTest : public ::testing::Test {
 protected:
  ClientLoaderTest() {
    server_.load = [this](grpc::ServerContext* context, FakeServer::LoadStreamer* stream) {
      return Serve(context, stream);
    };
  }

  Loader MakeLoader(LoadOptions options = {}, ClientOptions client = {}) {
    client.endpoint = server_.endpoint();
    client.retry.initial_backoff = absl::Milliseconds(1);
    client.timeout = absl::Seconds(5);
    options.load_id = "test";
    return Client(MakeConnection(client)).Load(options);
  }

  // A commit of so many bytes.
  static v1::CommitRequest Sized(std::size_t bytes) {
    v1::CommitRequest commit;
    commit.set_reason(std::string(bytes, 'x'));
    return commit;
  }

  // Writes lines [first, last]; the first error.
  static absl::Status Write(Loader& loader, int first, int last) {
    for (int line = first; line <= last; ++line) {
      if (absl::Status status = loader.Write(line, {}); !status.ok()) return status;
    }
    return absl::OkStatus();
  }

  grpc::Status Serve(grpc::ServerContext* context, FakeServer::LoadStreamer* stream) {
    ++streams_;
    v1::LoadRequest request;
    if (!stream->Read(&request) || !request.has_header()) {
      return grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "no header");
    }
    if (full_streams_ > 0) {
      --full_streams_;
      google::rpc::RetryInfo info;
      info.mutable_retry_delay()->set_nanos(100'000'000);
      return FakeServer::Error(grpc::StatusCode::RESOURCE_EXHAUSTED, "loads are open",
                               FakeServer::Reason("CALL_LIMIT"), info);
    }
    if (refuse_streams_ > 0 && streams_ > 1) {
      --refuse_streams_;
      return grpc::Status(grpc::StatusCode::UNAVAILABLE, "away");
    }
    v1::LoadResponse response;
    response.set_durable_line(durable_);
    stream->Write(response);
    while (stream->Read(&request)) {
      received_.push_back(request.line().number());
      if (request.line().number() == hang_at_) return FakeServer::Hang(context);
      if (request.line().number() == drop_at_) {
        drop_at_ = 0;  // Once, and it is not durable.
        return grpc::Status(grpc::StatusCode::UNAVAILABLE, "dropped");
      }
      if (request.line().number() == refuse_at_) {
        return FakeServer::Error(grpc::StatusCode::FAILED_PRECONDITION, "refused",
                                 FakeServer::Reason("LOAD_LINE_REFUSED"));
      }
      if (request.line().number() > durable_) {
        durable_ = request.line().number();
        committed_.push_back(durable_);
        response.set_commit_count(response.commit_count() + 1);
        response.set_change_count(response.change_count() + 2);
        response.set_revision(100 + durable_);
      }
      response.set_durable_line(durable_);
      if (durable_ == break_at_) {
        break_at_ = 0;  // Once. It is durable, and not acknowledged.
        return grpc::Status(grpc::StatusCode::UNAVAILABLE, "broke");
      }
      stream->Write(response);
    }
    return grpc::Status::OK;
  }

  int64_t durable_ = 0;
  int64_t break_at_ = 0;
  int64_t refuse_at_ = 0;
  int64_t hang_at_ = 0;
  int64_t drop_at_ = 0;
  int refuse_streams_ = 0;
  int full_streams_ = 0;
  int streams_ = 0;
  std::vector<int64_t> received_;
  std::vector<int64_t> committed_;
  FakeServer server_;  // Last: its threads use the rest.
};

TEST_F(ClientLoaderTest, LoadsEveryLine) {
  Loader loader = MakeLoader();
  const auto held = loader.Start();
  ASSERT_TRUE(held.ok()) << held.status();
  EXPECT_EQ(*held, 0);
  ASSERT_TRUE(Write(loader, 1, 500).ok());
  const auto result = loader.Finish();
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->durable_line, 500);
  EXPECT_EQ(result->commit_count, 500);
  EXPECT_EQ(result->change_count, 1000);
  EXPECT_EQ(result->revision, 600);
  EXPECT_EQ(committed_.size(), 500u);
  EXPECT_EQ(streams_, 1);
}

TEST_F(ClientLoaderTest, StartSaysWhatTheServerHolds) {
  durable_ = 40;
  Loader loader = MakeLoader();
  EXPECT_EQ(*loader.Start(), 40);
  ASSERT_TRUE(Write(loader, 41, 42).ok());
  ASSERT_TRUE(loader.Finish().ok());
  EXPECT_THAT(committed_, ElementsAre(41, 42));
}

TEST_F(ClientLoaderTest, GoesOnAfterALostStream) {
  break_at_ = 30;
  Loader loader = MakeLoader();
  ASSERT_TRUE(loader.Start().ok());
  ASSERT_TRUE(Write(loader, 1, 100).ok());
  const auto result = loader.Finish();
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->durable_line, 100);
  EXPECT_EQ(result->reconnect_count, 1);
  EXPECT_EQ(streams_, 2);
  ASSERT_EQ(committed_.size(), 100u);
  for (int64_t i = 0; i < 100; ++i) EXPECT_EQ(committed_[i], i + 1);
}

TEST_F(ClientLoaderTest, GoesOnAfterALossWhileItHoldsBack) {
  drop_at_ = 1;
  Loader loader = MakeLoader({.max_pending_lines = 2});
  ASSERT_TRUE(loader.Start().ok());
  ASSERT_TRUE(Write(loader, 1, 50).ok());
  const auto result = loader.Finish();
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(committed_.size(), 50u);
}

TEST_F(ClientLoaderTest, GoesOnAfterALossAtTheEnd) {
  break_at_ = 3;
  refuse_streams_ = 2;
  Loader loader = MakeLoader();
  ASSERT_TRUE(loader.Start().ok());
  ASSERT_TRUE(Write(loader, 1, 3).ok());
  const auto result = loader.Finish();
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->durable_line, 3);
  EXPECT_THAT(committed_, ElementsAre(1, 2, 3));
  EXPECT_EQ(streams_, 4);
}

TEST_F(ClientLoaderTest, ARefusedLineEndsIt) {
  refuse_at_ = 3;
  Loader loader = MakeLoader();
  ASSERT_TRUE(loader.Start().ok());
  absl::Status status = Write(loader, 1, 10);
  if (status.ok()) status = loader.Finish().status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_EQ(ErrorReason(status), "LOAD_LINE_REFUSED");
  EXPECT_EQ(loader.progress().durable_line, 2);
  EXPECT_EQ(loader.progress().commit_count, 2);
  EXPECT_EQ(streams_, 1);
  EXPECT_EQ(loader.Finish().status(), status);
}

TEST_F(ClientLoaderTest, WriteHoldsBack) {
  hang_at_ = 1;  // Nothing is acknowledged.
  Loader loader = MakeLoader({.timeout = absl::Milliseconds(300), .max_pending_lines = 4});
  ASSERT_TRUE(loader.Start().ok());
  EXPECT_TRUE(Write(loader, 1, 4).ok());
  const absl::Time start = absl::Now();
  EXPECT_TRUE(absl::IsUnavailable(Write(loader, 5, 5)));
  EXPECT_GE(absl::Now() - start, absl::Milliseconds(200));
  EXPECT_LT(absl::Now() - start, absl::Seconds(3));
}

// What it takes to make a line is not held against the server: what the server
// answered meanwhile lies there unread, and part of a large line may not have left.
TEST_F(ClientLoaderTest, AProducerMayBeSlowerThanTheTimeout) {
  for (const std::size_t bytes : {std::size_t{10}, std::size_t{3'000'000}}) {
    for (const bool retries : {true, false}) {
      durable_ = 0;
      streams_ = 0;
      Loader loader =
          MakeLoader({.timeout = absl::Milliseconds(300)}, {.retry = {.enabled = retries}});
      ASSERT_TRUE(loader.Start().ok());
      for (int line = 1; line <= 4; ++line) {
        const absl::Status status = loader.Write(line, Sized(bytes));
        ASSERT_TRUE(status.ok()) << status << " for line " << line << " of " << bytes;
        absl::SleepFor(absl::Milliseconds(600));
      }
      const auto result = loader.Finish();
      ASSERT_TRUE(result.ok()) << result.status();
      EXPECT_EQ(result->durable_line, 4);
      EXPECT_EQ(result->reconnect_count, 0);
      EXPECT_EQ(streams_, 1);
    }
  }
}

TEST_F(ClientLoaderTest, AServerThatIsSilentIsFoundByASlowProducer) {
  hang_at_ = 1;
  Loader loader = MakeLoader({.timeout = absl::Milliseconds(200)}, {.retry = {.enabled = false}});
  ASSERT_TRUE(loader.Start().ok());
  ASSERT_TRUE(Write(loader, 1, 1).ok());
  absl::SleepFor(absl::Milliseconds(300));
  const absl::Time start = absl::Now();
  EXPECT_TRUE(absl::IsUnavailable(Write(loader, 2, 2)));
  EXPECT_LT(absl::Now() - start, absl::Seconds(2));
}

TEST_F(ClientLoaderTest, AServerWithTooManyLoadsIsAskedAgain) {
  full_streams_ = 1;
  Loader loader = MakeLoader();
  const absl::Time start = absl::Now();
  const auto held = loader.Start();
  ASSERT_TRUE(held.ok()) << held.status();
  EXPECT_GE(absl::Now() - start, absl::Milliseconds(100));
  EXPECT_EQ(streams_, 2);
}

TEST_F(ClientLoaderTest, CancelledBeforeItBeganItMadeNoAttempt) {
  std::vector<CallEvent> events;
  Loader loader =
      MakeLoader({}, {.observer = [&](const CallEvent& event) { events.push_back(event); }});
  loader.Cancel();
  EXPECT_TRUE(absl::IsCancelled(loader.Start().status()));
  EXPECT_TRUE(events.empty()) << events[0].latency;
}

TEST_F(ClientLoaderTest, AStreamThatIsGivenUpIsTold) {
  std::vector<CallEvent> events;
  {
    Loader loader =
        MakeLoader({}, {.observer = [&](const CallEvent& event) { events.push_back(event); }});
    ASSERT_TRUE(loader.Start().ok());
  }
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].kind, CallEvent::Kind::kAttempt);
  EXPECT_TRUE(absl::IsCancelled(events[0].status));
  EXPECT_LT(events[0].latency, absl::Minutes(1));
}

TEST_F(ClientLoaderTest, CancelWakesIt) {
  hang_at_ = 1;
  Loader loader = MakeLoader();
  ASSERT_TRUE(loader.Start().ok());
  ASSERT_TRUE(Write(loader, 1, 1).ok());
  std::thread canceller([&] {
    absl::SleepFor(absl::Milliseconds(50));
    loader.Cancel();
  });
  const absl::Time start = absl::Now();
  EXPECT_TRUE(absl::IsCancelled(loader.Finish().status()));
  EXPECT_LT(absl::Now() - start, absl::Seconds(3));
  canceller.join();
}

TEST_F(ClientLoaderTest, WhatBreaksTheRulesIsRefusedHere) {
  Loader loader = MakeLoader();
  EXPECT_TRUE(absl::IsFailedPrecondition(loader.Write(1, {})));
  ASSERT_TRUE(loader.Start().ok());
  ASSERT_TRUE(loader.Write(5, {}).ok());
  EXPECT_TRUE(absl::IsInvalidArgument(loader.Write(5, {})));
  v1::CommitRequest commit;
  commit.set_request_id("x");
  EXPECT_TRUE(absl::IsInvalidArgument(loader.Write(6, commit)));
  EXPECT_TRUE(loader.Finish().ok());
  EXPECT_THAT(committed_, ElementsAre(5));
}

TEST_F(ClientLoaderTest, ProgressIsTold) {
  std::vector<int64_t> told;
  Loader loader = MakeLoader(
      {.on_progress = [&](const LoadResult& result) { told.push_back(result.durable_line); }});
  ASSERT_TRUE(loader.Start().ok());
  ASSERT_TRUE(Write(loader, 1, 3).ok());
  ASSERT_TRUE(loader.Finish().ok());
  EXPECT_THAT(told, ElementsAre(0, 1, 2, 3));
}

}  // namespace
}  // namespace communique
