// The watch of the SDK: it resumes by itself, proves the chain, ends when told.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "client_fake_server.h"
#include "communique/client.h"
#include "communique/mocks/mock_connection.h"

namespace communique {
namespace {

using ::testing::NiceMock;
using ::testing::Return;

using Answer = absl::StatusOr<std::optional<WatchBatch>>;

// A response of one change in each revision of (from, through].
v1::WatchResponse Changes(int64_t from, int64_t through) {
  v1::WatchResponse response;
  response.set_from_revision(from);
  response.set_through_revision(through);
  response.set_resume_token(absl::StrCat("t", through));
  for (int64_t r = from + 1; r <= through; ++r) response.add_changes()->set_revision(r);
  return response;
}

v1::WatchResponse Checkpoint(int64_t at) {
  v1::WatchResponse response = Changes(at, at);
  response.add_marks(v1::WATCH_MARK_CHECKPOINT);
  response.set_head_revision(at);
  return response;
}

// A piece of a snapshot at a revision; to "" it is the last one.
v1::WatchResponse Piece(int64_t revision, const std::string& from, const std::string& to) {
  v1::WatchResponse response;
  response.mutable_snapshot()->set_revision(revision);
  response.mutable_snapshot()->set_from_name(from);
  response.mutable_snapshot()->set_through_name(to);
  response.add_changes()->set_revision(1);
  response.set_resume_token("s" + to);
  if (to.empty()) {
    response.set_through_revision(revision);
    response.add_marks(v1::WATCH_MARK_SNAPSHOT_END);
  }
  return response;
}

const Answer kEnd = std::optional<WatchBatch>();
const absl::Status kAway = absl::UnavailableError("away");

// A stream that plays its answers, then waits for Cancel.
class ScriptedStream : public WatchStream {
 public:
  explicit ScriptedStream(std::deque<Answer> answers) : answers_(std::move(answers)) {}
  Answer Read(absl::Duration) override {
    if (next_ < answers_.size()) return answers_[next_++];
    cancelled_.WaitForNotification();
    return absl::CancelledError("cancelled");
  }
  void Cancel() override {
    if (!cancelled_.HasBeenNotified()) cancelled_.Notify();
  }

 private:
  const std::deque<Answer> answers_;
  std::size_t next_ = 0;
  absl::Notification cancelled_;
};

class ClientWatchTest : public ::testing::Test {
 protected:
  ClientWatchTest() {
    options_.retry = {.initial_backoff = absl::Milliseconds(1),
                      .max_backoff = absl::Milliseconds(2)};
    options_.observer = [this](const CallEvent& event) { events_.push_back(event); };
    ON_CALL(*mock_, options).WillByDefault([this] { return options_; });
    ON_CALL(*mock_, OpenWatch).WillByDefault([this](const v1::WatchRequest& request) {
      requests_.push_back(request);
      std::deque<Answer> answers;
      if (!streams_.empty()) {
        answers = std::move(streams_.front());
        streams_.pop_front();
      }
      return std::make_unique<ScriptedStream>(std::move(answers));
    });
  }

  // What the next stream answers; beyond its answers it is silent.
  void Stream(std::deque<Answer> answers) { streams_.push_back(std::move(answers)); }

  Watch From(int64_t revision, std::optional<int64_t> until = std::nullopt) {
    v1::WatchRequest request;
    request.set_start_revision(revision);
    request.set_filter("f");
    if (until.has_value()) request.set_until_revision(*until);
    return Client(mock_).Watch({.request = request});
  }
  Watch Snapshot() {
    v1::WatchRequest request;
    request.set_snapshot(true);
    return Client(mock_).Watch({.request = request});
  }

  // The next `count` responses as "from-through", pieces as "from..through";
  // an error as "!" and its message; the end as "end".
  static std::string Pull(Watch& watch, int count) {
    std::string out;
    for (int i = 0; i < count; ++i) {
      const Answer answer = watch.Next();
      if (i > 0) out += " ";
      if (!answer.ok()) {
        absl::StrAppend(&out, "!", answer.status().message());
      } else if (!answer->has_value()) {
        out += "end";
      } else if ((*answer)->has_snapshot()) {
        absl::StrAppend(&out, (*answer)->snapshot().from_name(), "..",
                        (*answer)->snapshot().through_name());
      } else {
        absl::StrAppend(&out, (*answer)->from_revision(), "-", (*answer)->through_revision());
      }
    }
    return out;
  }

  std::shared_ptr<NiceMock<MockConnection>> mock_ = std::make_shared<NiceMock<MockConnection>>();
  ClientOptions options_;
  std::deque<std::deque<Answer>> streams_;
  std::vector<v1::WatchRequest> requests_;
  std::vector<CallEvent> events_;
};

TEST_F(ClientWatchTest, ResumesAfterUnavailableWithTheLastToken) {
  Stream({Changes(0, 2), Changes(2, 3), kAway});
  Stream({kAway});
  Stream({Changes(3, 4)});
  Watch watch = From(0);
  EXPECT_EQ(Pull(watch, 3), "0-2 2-3 3-4");
  ASSERT_EQ(requests_.size(), 3u);
  EXPECT_EQ(requests_[0].start_revision(), 0);
  EXPECT_EQ(requests_[1].resume_token(), "t3");
  EXPECT_EQ(requests_[2].resume_token(), "t3");
  EXPECT_EQ(requests_[2].filter(), "f");
  EXPECT_EQ(watch.resume_token(), "t4");
  EXPECT_EQ(watch.stats().reconnect_count, 2);
  EXPECT_EQ(watch.stats().change_count, 4);
  EXPECT_EQ(watch.stats().through_revision, 4);
  EXPECT_EQ(watch.stats().state, WatchState::kStreaming);
}

TEST_F(ClientWatchTest, KeepsItsStartUntilTheFirstResponse) {
  Stream({kAway});
  Stream({Changes(7, 8)});
  Watch watch = From(7);
  EXPECT_EQ(Pull(watch, 1), "7-8");
  EXPECT_EQ(requests_[1].start_revision(), 7);
  EXPECT_FALSE(requests_[1].has_resume_token());
}

TEST_F(ClientWatchTest, LossesOfTheTransportHeal) {
  for (const absl::Status& loss :
       {absl::InternalError("Received RST_STREAM with error code 2"),
        absl::UnknownError("Stream removed"), absl::CancelledError("RST_STREAM")}) {
    SCOPED_TRACE(loss.ToString());
    Stream({Changes(0, 1), loss});
    Stream({Changes(1, 2)});
    Watch watch = From(0);
    EXPECT_EQ(Pull(watch, 2), "0-1 1-2");
  }
}

TEST_F(ClientWatchTest, PermanentErrorsEndItAtOnce) {
  for (const absl::StatusCode code :
       {absl::StatusCode::kInvalidArgument, absl::StatusCode::kOutOfRange,
        absl::StatusCode::kFailedPrecondition, absl::StatusCode::kPermissionDenied,
        absl::StatusCode::kUnauthenticated, absl::StatusCode::kUnimplemented,
        absl::StatusCode::kNotFound, absl::StatusCode::kInternal}) {
    SCOPED_TRACE(absl::StatusCodeToString(code));
    requests_.clear();
    Stream({Changes(0, 1), absl::Status(code, "no")});
    Watch watch = From(0);
    EXPECT_EQ(Pull(watch, 3), "0-1 !no !no");
    EXPECT_EQ(requests_.size(), 1u);
    EXPECT_EQ(watch.resume_token(), "t1");
  }
}

TEST_F(ClientWatchTest, ABrokenChainIsNotHandedOut) {
  Stream({Changes(0, 2), Changes(3, 4)});  // Revision 3 is missing.
  Stream({Changes(2, 4)});
  Watch watch = From(0);
  EXPECT_EQ(Pull(watch, 2), "0-2 2-4");
  EXPECT_EQ(requests_[1].resume_token(), "t2");
  EXPECT_EQ(watch.stats().broken_chain_count, 1);
  ASSERT_GE(events_.size(), 1u);
  EXPECT_TRUE(absl::IsDataLoss(events_[0].status)) << events_[0].status;
}

TEST_F(ClientWatchTest, TheFirstResponseChainsToTheStart) {
  Stream({Changes(5, 6)});
  Stream({Changes(4, 6)});
  Watch watch = From(4);
  EXPECT_EQ(Pull(watch, 1), "4-6");
}

TEST_F(ClientWatchTest, AChangeOutOfItsPlaceBreaksTheChain) {
  v1::WatchResponse wrong = Changes(0, 2);
  wrong.mutable_changes(1)->set_revision(3);
  v1::WatchResponse backwards = Changes(0, 2);
  backwards.mutable_changes()->SwapElements(0, 1);
  Stream({wrong});
  Stream({backwards});
  Stream({Changes(0, 2)});
  Watch watch = From(0);
  EXPECT_EQ(Pull(watch, 1), "0-2");
  EXPECT_EQ(watch.stats().broken_chain_count, 2);
}

TEST_F(ClientWatchTest, AChainThatKeepsBreakingIsDataLoss) {
  for (int i = 0; i < 9; ++i) Stream({Changes(5, 6)});
  Watch watch = From(0);
  EXPECT_TRUE(absl::IsDataLoss(watch.Next().status()));
  EXPECT_EQ(requests_.size(), 5u);
}

TEST_F(ClientWatchTest, RepeatsAreDropped) {
  Stream({Changes(0, 2), Changes(0, 1), Changes(1, 2), Changes(2, 3)});
  Watch watch = From(0);
  EXPECT_EQ(Pull(watch, 2), "0-2 2-3");
  EXPECT_EQ(watch.stats().repeat_count, 2);
  EXPECT_EQ(requests_.size(), 1u);
}

TEST_F(ClientWatchTest, CheckpointsAreHandedOut) {
  Stream({Checkpoint(9), Checkpoint(9), Changes(9, 10)});
  Watch watch = Client(mock_).Watch();
  EXPECT_EQ(Pull(watch, 3), "9-9 9-9 9-10");
  EXPECT_EQ(watch.stats().head_revision, 9);
}

TEST_F(ClientWatchTest, PiecesOfASnapshotChainByName) {
  Stream({Piece(9, "", "b"), kAway});
  Stream({Piece(9, "c", "d")});  // What is between b and c is missing.
  Stream({Piece(8, "b", "d")});  // Of another revision.
  Stream({Piece(9, "b", "d"), Piece(9, "d", ""), Changes(9, 10)});
  Watch watch = Snapshot();
  EXPECT_EQ(Pull(watch, 4), "..b b..d d.. 9-10");
  EXPECT_EQ(requests_[1].resume_token(), "sb");
  EXPECT_EQ(watch.stats().broken_chain_count, 2);
}

TEST_F(ClientWatchTest, ChangesFollowTheSnapshotWithoutAGap) {
  Stream({Piece(9, "", ""), Changes(10, 11)});
  Stream({Changes(9, 11)});
  Watch watch = Snapshot();
  EXPECT_EQ(Pull(watch, 2), ".. 9-11");
}

TEST_F(ClientWatchTest, ChangesBeforeTheSnapshotsEndBreakTheChain) {
  Stream({Piece(9, "", "b"), Changes(9, 10)});
  Stream({Piece(9, "b", "")});
  Watch watch = Snapshot();
  EXPECT_EQ(Pull(watch, 2), "..b b..");
}

TEST_F(ClientWatchTest, ATokenMayStandWithinASnapshot) {
  v1::WatchRequest request;
  request.set_resume_token("sb");
  Stream({Piece(9, "b", "")});
  Watch watch = Client(mock_).Watch({.request = request});
  EXPECT_EQ(watch.resume_token(), "sb");
  EXPECT_EQ(Pull(watch, 1), "b..");
}

TEST_F(ClientWatchTest, TheEndIsNoError) {
  Stream({Changes(0, 2), kEnd});
  Watch watch = From(0, 2);
  EXPECT_EQ(Pull(watch, 3), "0-2 end end");
  EXPECT_EQ(requests_.size(), 1u);
  EXPECT_EQ(watch.stats().state, WatchState::kEnded);
}

// A proxy may end a stream with OK in its midst.
TEST_F(ClientWatchTest, AnEndBeforeTheEndIsALoss) {
  Stream({Changes(0, 2), kEnd});
  Stream({Changes(2, 3), kEnd});
  Watch endless = From(0);
  EXPECT_EQ(Pull(endless, 2), "0-2 2-3");
  EXPECT_EQ(requests_[1].resume_token(), "t2");
  EXPECT_TRUE(absl::IsUnavailable(endless.stats().last_fault)) << endless.stats().last_fault;
  Stream({Changes(0, 2), kEnd});
  Stream({Changes(2, 4), kEnd});
  Watch early = From(0, 4);
  EXPECT_EQ(Pull(early, 3), "0-2 2-4 end");
  Stream({Piece(7, "", "a"), kEnd});
  Stream({Piece(7, "a", ""), kEnd});
  v1::WatchRequest request;
  request.set_snapshot(true);
  request.set_until_revision(7);
  Watch snapshot = Client(mock_).Watch({.request = request});
  EXPECT_EQ(Pull(snapshot, 3), "..a a.. end");
}

TEST_F(ClientWatchTest, TheHeadOfItsEndStaysWhereItWas) {
  v1::WatchResponse first = Changes(0, 2);
  first.set_until_revision(3);
  Stream({first, kAway});
  Stream({Changes(2, 3), kEnd});
  v1::WatchRequest request;
  request.set_start_revision(0);
  request.set_until_head(true);
  Watch watch = Client(mock_).Watch({.request = request});
  EXPECT_EQ(Pull(watch, 3), "0-2 2-3 end");
  EXPECT_TRUE(requests_[0].until_head());
  EXPECT_EQ(requests_[1].until_revision(), 3);
}

TEST_F(ClientWatchTest, ATokenStandsForTheStateThatASnapshotSaw) {
  Stream({Piece(5, "", "a"), kAway});
  Stream({Piece(5, "a", "")});
  v1::WatchRequest request;
  request.set_snapshot(true);
  request.mutable_scope()->set_known_revision(5);
  request.mutable_scope()->set_min_revision(4);
  Watch watch = Client(mock_).Watch({.request = request});
  EXPECT_EQ(Pull(watch, 2), "..a a..");
  EXPECT_EQ(requests_[0].scope().known_revision(), 5);
  EXPECT_EQ(requests_[1].scope().known_at_case(), v1::ReadScope::KNOWN_AT_NOT_SET);
  EXPECT_EQ(requests_[1].scope().min_revision(), 4);
}

TEST_F(ClientWatchTest, WhatArrivesMalformedIsABrokenChain) {
  for (int i = 0; i < 9; ++i) Stream({absl::DataLossError("malformed")});
  Watch watch = From(0);
  EXPECT_TRUE(absl::IsDataLoss(watch.Next().status()));
  EXPECT_EQ(requests_.size(), 5u);
  EXPECT_EQ(watch.stats().broken_chain_count, 5);
  EXPECT_EQ(watch.end(), WatchEnd::kBroken);
}

TEST_F(ClientWatchTest, AConnectionThatOpensNoWatchIsToldAsOne) {
  ON_CALL(*mock_, OpenWatch).WillByDefault([](const v1::WatchRequest&) { return nullptr; });
  Watch watch = From(0);
  EXPECT_TRUE(absl::IsUnimplemented(watch.Next().status()));
  EXPECT_EQ(watch.end(), WatchEnd::kRefused);
}

// An error of the service with a reason.
absl::Status Refusal(absl::StatusCode code, const std::string& reason) {
  absl::Status status(code, "refused");
  status.SetPayload("type.googleapis.com/google.rpc.ErrorInfo",
                    absl::Cord(FakeServer::Reason(reason).SerializeAsString()));
  return status;
}

TEST_F(ClientWatchTest, TheEndIsTyped) {
  const std::vector<std::pair<Answer, WatchEnd>> ends = {
      {kEnd, WatchEnd::kReached},
      {Refusal(absl::StatusCode::kOutOfRange, "RESUME_TOKEN_EXPIRED"), WatchEnd::kTokenExpired},
      {Refusal(absl::StatusCode::kFailedPrecondition, "RESUME_TOKEN_EPOCH"),
       WatchEnd::kTokenRefused},
      {Refusal(absl::StatusCode::kInvalidArgument, "RESUME_TOKEN_MISMATCH"),
       WatchEnd::kTokenRefused},
      {Refusal(absl::StatusCode::kInvalidArgument, "INVALID_FILTER"), WatchEnd::kRefused},
      {absl::PermissionDeniedError("no"), WatchEnd::kRefused},
      {Refusal(absl::StatusCode::kDataLoss, "STORE_CORRUPT"), WatchEnd::kRefused},
  };
  for (const auto& [answer, end] : ends) {
    Stream({Changes(0, 1), kAway});
    Stream({answer});
    Watch watch = From(0, 1);
    EXPECT_EQ(watch.end(), WatchEnd::kNone);
    EXPECT_EQ(Pull(watch, 1), "0-1");
    EXPECT_EQ(watch.end(), WatchEnd::kNone);
    const Answer last = watch.Next();
    EXPECT_EQ(watch.end(), end) << last.status();
    EXPECT_EQ(watch.stats().last_fault, answer.ok() ? kAway : answer.status());
    watch.Cancel();
    EXPECT_EQ(watch.end(), end) << "Cancel after the end changes nothing";
  }
  Watch cancelled = From(0);
  cancelled.Cancel();
  EXPECT_EQ(cancelled.end(), WatchEnd::kCancelled);
  options_.retry.enabled = false;
  Stream({kAway});
  Watch lost = From(0);
  EXPECT_FALSE(lost.Next().ok());
  EXPECT_EQ(lost.end(), WatchEnd::kUnreachable);
  Stream({absl::CancelledError("by the other side")});
  Watch reset = From(0);
  EXPECT_TRUE(absl::IsCancelled(reset.Next().status()));
  EXPECT_EQ(reset.end(), WatchEnd::kUnreachable) << "nobody here cancelled it";
}

TEST_F(ClientWatchTest, CancelWakesNext) {
  Stream({Changes(0, 1)});
  Watch watch = From(0);
  EXPECT_EQ(Pull(watch, 1), "0-1");
  std::thread canceller([&watch] {
    absl::SleepFor(absl::Milliseconds(30));
    watch.Cancel();
  });
  EXPECT_TRUE(absl::IsCancelled(watch.Next().status()));
  EXPECT_TRUE(absl::IsCancelled(watch.Next().status()));
  canceller.join();
  EXPECT_EQ(watch.stats().state, WatchState::kCancelled);
  EXPECT_EQ(requests_.size(), 1u);
}

TEST_F(ClientWatchTest, CancelWakesNextFromItsBackOff) {
  options_.retry.initial_backoff = options_.retry.max_backoff = absl::Hours(1000);
  for (int i = 0; i < 3; ++i) Stream({kAway});
  Watch watch = From(0);
  std::thread canceller([&watch] {
    while (watch.stats().state != WatchState::kBackingOff) absl::SleepFor(absl::Milliseconds(1));
    watch.Cancel();
  });
  const absl::Time start = absl::Now();
  EXPECT_TRUE(absl::IsCancelled(watch.Next().status()));
  EXPECT_LT(absl::Now() - start, absl::Seconds(5));
  canceller.join();
}

TEST_F(ClientWatchTest, CloseWaitsForNext) {
  Watch watch = From(0);
  std::atomic<bool> returned = false;
  std::thread puller([&] {
    EXPECT_FALSE(watch.Next().ok());
    returned = true;
  });
  while (watch.stats().state != WatchState::kConnecting) absl::SleepFor(absl::Milliseconds(1));
  EXPECT_TRUE(watch.Close(absl::Seconds(10)).ok());
  puller.join();
  EXPECT_TRUE(returned);
}

TEST_F(ClientWatchTest, CloseGivesUpOnUserCode) {
  absl::Notification entered, leave;
  options_.observer = [&](const CallEvent&) {
    if (!entered.HasBeenNotified()) entered.Notify();
    leave.WaitForNotification();
  };
  Stream({kAway});
  Watch watch = From(0);
  std::thread puller([&] { EXPECT_FALSE(watch.Next().ok()); });
  entered.WaitForNotification();
  EXPECT_TRUE(absl::IsDeadlineExceeded(watch.Close(absl::Milliseconds(20))));
  leave.Notify();
  puller.join();
}

TEST_F(ClientWatchTest, OpenTimeoutEndsAWatchThatNeverAnswered) {
  for (int i = 0; i < 1000; ++i) Stream({kAway});
  v1::WatchRequest request;
  Watch watch = Client(mock_).Watch({.request = request, .open_timeout = absl::Milliseconds(30)});
  EXPECT_EQ(Pull(watch, 1), "!away");
  EXPECT_GT(requests_.size(), 2u);
}

TEST_F(ClientWatchTest, BackOffBeginsAgainAfterProgress) {
  options_.retry.initial_backoff = absl::Milliseconds(1);
  options_.retry.max_backoff = absl::Hours(1);
  options_.retry.multiplier = 1e6;  // A second retry without progress would hang.
  for (int i = 0; i < 5; ++i) Stream({Changes(i, i + 1), kAway});
  Watch watch = From(0);
  EXPECT_EQ(Pull(watch, 5), "0-1 1-2 2-3 3-4 4-5");
}

TEST_F(ClientWatchTest, NoReconnectWhenRetriesAreDisabled) {
  options_.retry.enabled = false;
  Stream({Changes(0, 1), kAway});
  Watch watch = From(0);
  EXPECT_EQ(Pull(watch, 2), "0-1 !away");
}

// The same over a real stream.
class ClientWatchStreamTest : public ::testing::Test {
 protected:
  Watch From(int64_t revision, int64_t checkpoint_seconds = 10,
             std::optional<int64_t> until = std::nullopt) {
    v1::WatchRequest request;
    request.set_start_revision(revision);
    if (until.has_value()) request.set_until_revision(*until);
    request.mutable_checkpoint_interval()->set_seconds(checkpoint_seconds);
    ClientOptions options;
    options.endpoint = server_.endpoint();
    options.retry.initial_backoff = absl::Milliseconds(1);
    return Client(MakeConnection(options)).Watch({.request = request});
  }

  FakeServer server_;
};

TEST_F(ClientWatchStreamTest, ResumesOverAReconnect) {
  std::vector<std::string> tokens;
  server_.watch = [&](grpc::ServerContext*, const v1::WatchRequest& request,
                      FakeServer::WatchWriter* writer) {
    tokens.push_back(request.resume_token());
    const int64_t n = static_cast<int64_t>(tokens.size());
    writer->Write(Changes(n - 1, n));
    if (n == 3) return grpc::Status::OK;
    return FakeServer::Error(grpc::StatusCode::UNAVAILABLE, "drain",
                             FakeServer::Reason("DRAINING"));
  };
  Watch watch = From(0, 10, 3);
  for (int64_t n = 1; n <= 3; ++n) {
    const Answer answer = watch.Next();
    ASSERT_TRUE(answer.ok() && answer->has_value()) << answer.status();
    EXPECT_EQ((*answer)->through_revision(), n);
  }
  const Answer end = watch.Next();
  EXPECT_TRUE(end.ok() && !end->has_value());
  EXPECT_EQ(tokens, (std::vector<std::string>{"", "t1", "t2"}));
}

TEST_F(ClientWatchStreamTest, CancelWakesNextAtOnce) {
  server_.watch = [](grpc::ServerContext* context, const v1::WatchRequest&,
                     FakeServer::WatchWriter*) { return FakeServer::Hang(context); };
  Watch watch = From(0);
  absl::Time cancelled;
  std::thread canceller([&] {
    absl::SleepFor(absl::Milliseconds(100));
    cancelled = absl::Now();
    watch.Cancel();
  });
  EXPECT_TRUE(absl::IsCancelled(watch.Next().status()));
  canceller.join();
  EXPECT_LT(absl::Now() - cancelled, absl::Milliseconds(500));
}

TEST_F(ClientWatchStreamTest, SilenceIsALoss) {
  int calls = 0;
  server_.watch = [&](grpc::ServerContext* context, const v1::WatchRequest& request,
                      FakeServer::WatchWriter* writer) {
    if (++calls == 1) {
      writer->Write(Changes(0, 1));
      return FakeServer::Hang(context);
    }
    EXPECT_EQ(request.resume_token(), "t1");
    writer->Write(Changes(1, 2));
    return FakeServer::Hang(context);
  };
  Watch watch = From(0, 1);
  ASSERT_TRUE(watch.Next().ok());
  const absl::Time start = absl::Now();
  const Answer answer = watch.Next();
  ASSERT_TRUE(answer.ok() && answer->has_value()) << answer.status();
  EXPECT_EQ((*answer)->through_revision(), 2);
  EXPECT_GE(absl::Now() - start, absl::Milliseconds(2400));
  EXPECT_LT(absl::Now() - start, absl::Seconds(8));
}

TEST_F(ClientWatchStreamTest, ErrorsOfTheServiceCarryTheirDetails) {
  server_.watch = [](grpc::ServerContext*, const v1::WatchRequest&, FakeServer::WatchWriter*) {
    google::rpc::ErrorInfo info = FakeServer::Reason("RESUME_TOKEN_EXPIRED");
    (*info.mutable_metadata())["oldest_revision"] = "40";
    return FakeServer::Error(grpc::StatusCode::OUT_OF_RANGE, "old", info);
  };
  Watch watch = From(0);
  const absl::Status status = watch.Next().status();
  EXPECT_TRUE(absl::IsOutOfRange(status)) << status;
  EXPECT_EQ(ErrorReason(status), "RESUME_TOKEN_EXPIRED");
  EXPECT_EQ(ErrorMetadata(status)["oldest_revision"], "40");
}

TEST_F(ClientWatchStreamTest, DestroyingAWatchEndsItsStream) {
  absl::Notification gone;
  server_.watch = [&](grpc::ServerContext* context, const v1::WatchRequest&,
                      FakeServer::WatchWriter* writer) {
    writer->Write(Changes(0, 1));
    FakeServer::Hang(context);
    gone.Notify();
    return grpc::Status::CANCELLED;
  };
  {
    Watch watch = From(0);
    ASSERT_TRUE(watch.Next().ok());
  }
  EXPECT_TRUE(gone.WaitForNotificationWithTimeout(absl::Seconds(10)));
}

}  // namespace
}  // namespace communique
