// SIGTERM with watches open and commits on the way: everybody is told in order,
// and the process is gone in time.

#include <atomic>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "communique/client.h"
#include "communique/errors.h"
#include "gtest/gtest.h"
#include "tests/support/raw_client.h"
#include "tests/support/records.h"
#include "tests/support/server_process.h"
#include "tests/support/watch_reader.h"

namespace communique {
namespace {

using testing::MakeActor;
using testing::Put;
using testing::RawClient;
using testing::ServerProcess;

constexpr absl::Duration kDrainsWithin = absl::Seconds(10);
constexpr int kServing = 1;
constexpr int kNotServing = 2;

// A watch without the SDK, read to its end in a thread.
class RawWatch {
 public:
  RawWatch(const std::string& endpoint, v1::WatchRequest request,
           const std::string& principal = "anonymous")
      : raw_(endpoint) {
    context_.AddMetadata("communique-principal", principal);
    reader_ = raw_.feed().Watch(&context_, request);
  }
  ~RawWatch() {
    context_.TryCancel();
    if (thread_.joinable()) thread_.join();
  }

  // Without it, the client never reads: a stalled watch.
  void ReadOn() {
    thread_ = std::thread([this] {
      v1::WatchResponse response;
      while (reader_->Read(&response)) {
        last_read_ = absl::Now();
        responses_.push_back(std::move(response));
        through_ = responses_.back().through_revision();
        ++count_;
      }
      status_ = testing::FromGrpc(reader_->Finish());
      ended_ = true;
    });
  }
  bool ended() const { return ended_; }
  int count() const { return count_; }
  int64_t through() const { return through_; }
  // After the end.
  void Join() { thread_.join(); }
  const absl::Status& status() const { return status_; }
  const std::vector<v1::WatchResponse>& responses() const { return responses_; }
  absl::Time last_read() const { return last_read_; }

 private:
  RawClient raw_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<v1::WatchResponse>> reader_;
  std::atomic<bool> ended_{false};
  std::atomic<int> count_{0};
  std::atomic<int64_t> through_{0};
  std::vector<v1::WatchResponse> responses_;
  absl::Status status_;
  absl::Time last_read_;
  std::thread thread_;
};

v1::WatchRequest From(int64_t revision) {
  v1::WatchRequest request;
  request.set_start_revision(revision);
  return request;
}

v1::WatchRequest FilteredNow() {
  v1::WatchRequest request;
  request.set_now(true);
  request.set_filter("kind = summit");
  return request;
}

v1::Record Large(int number) {
  v1::Record record = MakeActor(absl::StrCat("large-", number), "Large");
  record.mutable_actor()->set_description(std::string(200'000, 'd'));
  return record;
}

class DrainTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto server = ServerProcess::Start({.drain_pause = absl::Milliseconds(700)});
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }

  // That a watch ended as the contract says, and answers where it stood.
  static void ExpectDrained(const RawWatch& watch, const std::string& what) {
    SCOPED_TRACE(what);
    EXPECT_TRUE(absl::IsUnavailable(watch.status())) << watch.status();
    EXPECT_EQ(ErrorReason(watch.status()), "DRAINING");
    EXPECT_TRUE(ErrorRetryDelay(watch.status()).has_value());
    ASSERT_FALSE(watch.responses().empty());
    const v1::WatchResponse& last = watch.responses().back();
    EXPECT_TRUE(absl::c_linear_search(last.marks(), v1::WATCH_MARK_DRAINING));
    EXPECT_FALSE(last.resume_token().empty());
    int marked = 0;
    for (const v1::WatchResponse& response : watch.responses()) {
      marked += absl::c_linear_search(response.marks(), v1::WATCH_MARK_DRAINING);
    }
    EXPECT_EQ(marked, 1);
  }

  std::unique_ptr<ServerProcess> server_;
};

TEST_F(DrainTest, WatchesCommitsAndHealthEndInOrder) {
  const Client client = server_->MakeClient();
  // Far more than a transport's window, for the stalled watch to choke on.
  for (int i = 0; i < 60; ++i) ASSERT_TRUE(client.Commit(Put(Large(i))).ok());

  RawWatch idle(server_->endpoint(), FilteredNow());
  idle.ReadOn();
  RawWatch busy(server_->endpoint(), From(0));
  busy.ReadOn();
  RawWatch stalled(server_->endpoint(), From(0));
  RawClient health(server_->endpoint());
  ASSERT_EQ(*health.Health(), kServing);

  // Writers that go on until they are refused.
  std::atomic<bool> terminated{false};
  std::atomic<int> committed{0};
  std::vector<std::vector<int64_t>> revisions(3);
  std::vector<absl::Status> refusals(3);
  std::vector<std::thread> writers;
  for (size_t w = 0; w < revisions.size(); ++w) {
    writers.emplace_back([&, w] {
      RawClient raw(server_->endpoint());
      for (int i = 0;; ++i) {
        const auto answer = raw.Commit(
            Put(MakeActor(absl::StrCat("w", w, "-", i), absl::StrCat("Writer ", w, " ", i))));
        if (!answer.ok()) {
          refusals[w] = answer.status();
          return;
        }
        revisions[w].push_back(answer->revision());
        ++committed;
      }
    });
  }
  ASSERT_TRUE(testing::Eventually([&] { return committed > 100 && idle.count() > 0; }));

  const absl::Time terminate = absl::Now();
  server_->Terminate();
  // Health goes first: while it says NOT_SERVING, watches still stand and commits
  // are taken.
  bool not_serving = false;
  while (!not_serving && absl::Now() < terminate + absl::Seconds(5)) {
    const auto answer = health.Health("communique.v1.FeedService");
    if (!answer.ok()) break;
    not_serving = *answer == kNotServing;
  }
  EXPECT_TRUE(not_serving) << "health never said so";
  EXPECT_FALSE(idle.ended());
  EXPECT_FALSE(busy.ended());
  const auto status = client.Status();
  ASSERT_TRUE(status.ok()) << status.status();
  EXPECT_EQ(status->state(), v1::SERVER_STATE_DRAINING);
  const int at_not_serving = committed;
  EXPECT_TRUE(testing::Eventually([&] { return committed > at_not_serving; }, absl::Seconds(2)))
      << "commits were refused before calls were ended";

  const auto exit_code = server_->Wait(kDrainsWithin);
  ASSERT_TRUE(exit_code.has_value()) << "it still runs: " << server_->log();
  EXPECT_EQ(*exit_code, 0) << server_->log();
  EXPECT_LT(absl::Now() - terminate, kDrainsWithin);
  for (std::thread& writer : writers) writer.join();
  for (const absl::Status& refusal : refusals) {
    // A call that reaches gRPC's server in the moment of its shutdown is never
    // handed to us: gRPC resets it, and the client sees CANCELLED.
    EXPECT_TRUE(absl::IsUnavailable(refusal) ||
                (absl::IsCancelled(refusal) && ErrorReason(refusal).empty()))
        << refusal;
  }
  EXPECT_TRUE(testing::Eventually([&] { return idle.ended() && busy.ended(); }));
  idle.Join();
  busy.Join();
  ExpectDrained(idle, "idle");
  ExpectDrained(busy, "busy");

  // All that was acknowledged is there after the restart, and a watch goes on
  // from its last token to the rest.
  ASSERT_TRUE(server_->Restart().ok());
  const auto all = testing::ReadChanges(server_->MakeClient());
  ASSERT_TRUE(all.ok()) << all.status();
  ASSERT_TRUE(testing::CheckDense(*all, 1, server_->Head()).ok());
  for (size_t w = 0; w < revisions.size(); ++w) {
    for (size_t i = 0; i < revisions[w].size(); ++i) {
      ASSERT_LE(revisions[w][i], static_cast<int64_t>(all->size()));
      const v1::Change& change = (*all)[static_cast<size_t>(revisions[w][i]) - 1];
      ASSERT_EQ(change.name(), absl::StrCat("actors/w", w, "-", i));
    }
  }
  std::vector<v1::Change> seen;
  int64_t chained = 0;
  for (const v1::WatchResponse& response : busy.responses()) {
    EXPECT_EQ(response.from_revision(), chained);
    chained = response.through_revision();
    seen.insert(seen.end(), response.changes().begin(), response.changes().end());
  }
  v1::WatchRequest rest;
  rest.set_resume_token(busy.responses().back().resume_token());
  rest.set_until_head(true);
  communique::Watch resumed = server_->MakeClient().Watch({.request = rest});
  while (true) {
    const auto response = resumed.Next();
    ASSERT_TRUE(response.ok()) << response.status();
    if (!response->has_value()) break;
    EXPECT_EQ((*response)->from_revision(), chained);
    chained = (*response)->through_revision();
    seen.insert(seen.end(), (*response)->changes().begin(), (*response)->changes().end());
  }
  ASSERT_EQ(seen.size(), all->size());
  for (size_t i = 0; i < seen.size(); ++i) EXPECT_EQ(seen[i].revision(), (*all)[i].revision());

  v1::WatchRequest again = FilteredNow();
  again.set_resume_token(idle.responses().back().resume_token());
  EXPECT_TRUE(RawClient(server_->endpoint()).FirstOf(again).ok());
}

TEST_F(DrainTest, StalledWatchesAloneDoNotHoldIt) {
  const Client client = server_->MakeClient();
  for (int i = 0; i < 60; ++i) ASSERT_TRUE(client.Commit(Put(Large(i))).ok());
  std::vector<std::unique_ptr<RawWatch>> stalled;
  for (int i = 0; i < 5; ++i) {
    stalled.push_back(std::make_unique<RawWatch>(server_->endpoint(), From(0)));
  }
  ASSERT_TRUE(testing::Eventually([&] {
    const auto status = client.Status();
    return status.ok() && status->watch_count() == 5;
  }));
  server_->Terminate();
  const auto exit_code = server_->Wait(kDrainsWithin);
  ASSERT_TRUE(exit_code.has_value()) << "it still runs: " << server_->log();
  EXPECT_EQ(*exit_code, 0);
}

// Filters that take long to look at what was just committed are not waited for.
TEST_F(DrainTest, WatchesWithCostlyFiltersDoNotHoldIt) {
  constexpr int kWatches = 150;
  constexpr int kTerms = 200;
  const Client client = server_->MakeClient();
  std::vector<std::unique_ptr<RawWatch>> watches;
  for (int i = 0; i < kWatches; ++i) {
    v1::WatchRequest request;
    for (int j = 0; j < kTerms; ++j) {
      absl::StrAppend(request.mutable_filter(), j == 0 ? "" : " OR ", "text(\"w", i, "x", j, "\")");
    }
    watches.push_back(std::make_unique<RawWatch>(server_->endpoint(), request,
                                                 absl::StrCat("principal", i % 10)));
    watches.back()->ReadOn();
  }
  ASSERT_TRUE(testing::Eventually(
      [&] { return absl::c_all_of(watches, [](const auto& watch) { return watch->count() > 0; }); },
      absl::Seconds(60)));
  std::string words;
  while (words.size() < 200'000) absl::StrAppend(&words, "word", words.size(), " ");
  for (int i = 0; i < 5; ++i) {
    v1::Record record = MakeActor(absl::StrCat("wordy-", i), "Wordy");
    record.mutable_actor()->set_description(words);
    ASSERT_TRUE(client.Commit(Put(record)).ok());
  }
  server_->Terminate();
  const auto exit_code = server_->Wait(kDrainsWithin);
  ASSERT_TRUE(exit_code.has_value()) << "it still runs: " << server_->log();
  EXPECT_EQ(*exit_code, 0);
  for (const auto& watch : watches) {
    watch->Join();
    ExpectDrained(*watch, "costly");
  }
}

// The SDK's watch is told and goes on by itself after the restart.
TEST_F(DrainTest, SdkWatchGoesOnAfterTheRestart) {
  const Client client = server_->MakeClient();
  ASSERT_TRUE(client.Commit(Put(MakeActor("one", "One"))).ok());
  communique::Watch watch = client.Watch({.request = From(0)});
  std::vector<std::string> names;
  std::thread reader([&] {
    while (names.size() < 3) {
      const auto response = watch.Next();
      ASSERT_TRUE(response.ok()) << response.status();
      for (const WatchedChange& change : (*response)->changes()) {
        names.push_back(std::string(change.name()));
      }
    }
  });
  ASSERT_TRUE(client.Commit(Put(MakeActor("two", "Two"))).ok());
  server_->Terminate();
  EXPECT_EQ(server_->Wait(kDrainsWithin), 0);
  ASSERT_TRUE(server_->Restart().ok());
  ASSERT_TRUE(client.Commit(Put(MakeActor("three", "Three"))).ok());
  reader.join();
  EXPECT_EQ(names, (std::vector<std::string>{"actors/one", "actors/two", "actors/three"}));
  EXPECT_EQ(watch.stats().broken_chain_count, 0);
  EXPECT_GE(watch.stats().reconnect_count, 1);
}

// Writers of the SDK never notice: what is refused is sent again, once.
TEST_F(DrainTest, SdkWritersGoOnAfterTheRestart) {
  constexpr int kWriters = 3;
  std::atomic<bool> stop{false};
  std::atomic<int64_t> committed{0};
  std::vector<absl::Status> problems(kWriters);
  std::vector<std::thread> writers;
  for (int w = 0; w < kWriters; ++w) {
    writers.emplace_back([&, w] {
      const Client client = server_->MakeClient();
      for (int i = 0; !stop; ++i) {
        const auto answer = client.Commit(Put(MakeActor(absl::StrCat("w", w, "-", i), "W")));
        if (!answer.ok()) {
          problems[static_cast<size_t>(w)] = answer.status();
          return;
        }
        ++committed;
      }
    });
  }
  for (int round = 0; round < 3; ++round) {
    const int64_t before = committed;
    EXPECT_TRUE(testing::Eventually([&] { return committed > before + 100; }));
    server_->Terminate();
    EXPECT_EQ(server_->Wait(kDrainsWithin), 0);
    EXPECT_TRUE(server_->Restart().ok());
  }
  stop = true;
  for (std::thread& writer : writers) writer.join();
  for (const absl::Status& problem : problems) EXPECT_TRUE(problem.ok()) << problem;
  EXPECT_EQ(server_->Head(), committed);
}

TEST_F(DrainTest, SecondSignalAndSigintEndItToo) {
  server_->Terminate();
  server_->Terminate();
  EXPECT_EQ(server_->Wait(kDrainsWithin), 0);
}

}  // namespace
}  // namespace communique
