// kill -9 under write load, again and again: what was acknowledged is there,
// once, and a watch that ran through all of it saw each commit once, in order.

#include <atomic>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "communique/client.h"
#include "gtest/gtest.h"
#include "tests/support/records.h"
#include "tests/support/server_process.h"
#include "tests/support/watch_reader.h"

namespace communique {
namespace {

using testing::MakeActor;
using testing::MakeSummit;
using testing::Put;
using testing::ServerProcess;

constexpr int kRounds = 20;
constexpr int kWriters = 4;
// Shorter than a restart, so that the SDK's own retries do not hide every unknown
// outcome.
constexpr absl::Duration kPatience = absl::Milliseconds(60);

// What a writer knows of one of its commits.
struct Attempt {
  std::string request_id;
  std::string payload;   // the title of both its records
  int64_t revision = 0;  // 0: never acknowledged
  int repeats = 0;       // times that it was sent again after an unknown outcome
};

// Writes until it is told to stop. A commit of unknown outcome is repeated with
// its request id until there is an answer, over however many restarts it takes.
class Writer {
 public:
  Writer(int number, Client client) : number_(number), client_(std::move(client)) {}

  void Start() {
    thread_ = std::thread([this] { Run(); });
  }
  void Stop() { stop_ = true; }
  void Join() { thread_.join(); }
  int64_t acknowledged() const { return acknowledged_; }
  // After Join.
  const std::vector<Attempt>& attempts() const { return attempts_; }
  const std::vector<std::string>& problems() const { return problems_; }

 private:
  void Run() {
    for (int i = 0; !stop_; ++i) {
      Attempt& attempt = attempts_.emplace_back();
      attempt.request_id = absl::StrCat("w", number_, ".", i);
      attempt.payload = absl::StrCat("payload ", attempt.request_id);
      // Two records, so that a commit in part would show; one is written again
      // and again, so that its history would show a repeat.
      v1::CommitRequest request =
          Put({MakeActor(absl::StrCat("writer-", number_), attempt.payload),
               MakeSummit(absl::StrCat("w", number_, "-", i), attempt.payload)});
      request.set_request_id(attempt.request_id);
      while (true) {
        const auto answer = client_.Commit(request, {.timeout = kPatience});
        if (answer.ok()) {
          attempt.revision = answer->revision();
          ++acknowledged_;
          break;
        }
        if (!absl::IsUnavailable(answer.status()) && !absl::IsDeadlineExceeded(answer.status())) {
          problems_.push_back(absl::StrCat(attempt.request_id, ": ", answer.status().ToString()));
          return;
        }
        ++attempt.repeats;
      }
    }
  }

  const int number_;
  const Client client_;
  std::atomic<bool> stop_{false};
  std::atomic<int64_t> acknowledged_{0};
  std::vector<Attempt> attempts_;
  std::vector<std::string> problems_;
  std::thread thread_;
};

// Keeps one watch of the SDK open through everything.
class Follower {
 public:
  explicit Follower(const Client& client) : watch_(client.Watch({.request = FromTheBeginning()})) {
    thread_ = std::thread([this] { Run(); });
  }
  ~Follower() { Stop(); }

  // Waits until it has seen `revision`.
  bool ReachesRevision(int64_t revision, absl::Duration timeout) {
    absl::MutexLock lock(&mutex_);
    const auto reached = [this, revision]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      return through_ >= revision || !end_.ok();
    };
    return mutex_.AwaitWithTimeout(absl::Condition(&reached), timeout) && through_ >= revision;
  }
  void Stop() {
    watch_.Cancel();
    if (thread_.joinable()) thread_.join();
  }
  // After Stop.
  const std::vector<v1::Change>& changes() const { return changes_; }
  const std::vector<std::string>& problems() const { return problems_; }
  WatchStats stats() const { return watch_.stats(); }

 private:
  static v1::WatchRequest FromTheBeginning() {
    v1::WatchRequest request;
    request.set_start_revision(0);
    request.mutable_checkpoint_interval()->set_seconds(1);
    return request;
  }

  void Run() {
    int64_t chained = 0;
    while (true) {
      auto response = watch_.Next();
      if (!response.ok()) {
        absl::MutexLock lock(&mutex_);
        end_ = response.status();
        return;
      }
      const WatchBatch& got = **response;
      // Checked here too, and not only by the SDK.
      if (got.from_revision() != chained) {
        problems_.push_back(
            absl::StrCat("a response from ", got.from_revision(), " after ", chained));
      }
      chained = got.through_revision();
      for (const WatchedChange& change : got.changes()) changes_.push_back(change);
      absl::MutexLock lock(&mutex_);
      through_ = chained;
    }
  }

  communique::Watch watch_;
  std::vector<v1::Change> changes_;
  std::vector<std::string> problems_;
  absl::Mutex mutex_;
  int64_t through_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Status end_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

std::string Bytes(const std::vector<v1::Change>& changes) {
  std::string bytes;
  for (const v1::Change& change : changes) absl::StrAppend(&bytes, change.SerializeAsString(), "|");
  return bytes;
}

TEST(ServerKillTest, NothingAcknowledgedIsLostAndNothingComesTwice) {
  auto started = ServerProcess::Start();
  ASSERT_TRUE(started.ok()) << started.status();
  ServerProcess& server = **started;

  Follower follower(server.MakeClient("follower"));
  std::vector<std::unique_ptr<Writer>> writers;
  for (int i = 0; i < kWriters; ++i) {
    // One principal for all: their request ids share one scope.
    writers.push_back(std::make_unique<Writer>(
        i, Client(MakeConnection({.endpoint = server.endpoint(),
                                  .principal = "writer",
                                  .retry = {.initial_backoff = absl::Milliseconds(20),
                                            .max_backoff = absl::Milliseconds(100)}}))));
  }
  for (auto& writer : writers) writer->Start();
  const auto acknowledged = [&] {
    int64_t sum = 0;
    for (const auto& writer : writers) sum += writer->acknowledged();
    return sum;
  };

  absl::BitGen random;
  int64_t least = 0;
  for (int round = 1; round <= kRounds; ++round) {
    // Every round must have seen writes, or the kill proves nothing.
    const int64_t before = acknowledged();
    ASSERT_TRUE(testing::Eventually([&] { return acknowledged() >= before + 50; }))
        << "round " << round << ": " << server.log();
    absl::SleepFor(absl::Milliseconds(absl::Uniform(random, 0, 400)));
    least = acknowledged();
    server.Kill();
    const absl::Status restarted = server.Restart();
    ASSERT_TRUE(restarted.ok()) << "round " << round << ": " << restarted;
    EXPECT_GE(server.Head(), least) << "round " << round;
  }
  for (auto& writer : writers) writer->Stop();
  for (auto& writer : writers) writer->Join();

  const int64_t head = server.Head();
  const auto changes = testing::ReadChanges(server.MakeClient());
  ASSERT_TRUE(changes.ok()) << changes.status();
  const absl::Status dense = testing::CheckDense(*changes, 1, head);
  EXPECT_TRUE(dense.ok()) << dense;

  // By payload: the revision at which it stands, with how many changes.
  std::map<std::string, std::map<int64_t, int>> stands;
  for (const v1::Change& change : *changes) {
    EXPECT_EQ(change.principal(), "writer");
    ++stands[testing::TitleOf(change.record())][change.revision()];
  }
  EXPECT_EQ(stands.size(), static_cast<size_t>(head)) << "a payload for each revision";
  int64_t attempts = 0;
  int64_t repeats = 0;
  for (const auto& writer : writers) {
    for (const std::string& problem : writer->problems()) ADD_FAILURE() << problem;
    int64_t previous = 0;
    for (const Attempt& attempt : writer->attempts()) {
      ++attempts;
      repeats += attempt.repeats;
      ASSERT_GT(attempt.revision, 0) << attempt.request_id << " was given up";
      EXPECT_GT(attempt.revision, previous) << attempt.request_id << " began after the one before";
      previous = attempt.revision;
      const std::map<int64_t, int> expected = {{attempt.revision, 2}};
      EXPECT_EQ(stands[attempt.payload], expected) << attempt.request_id;
    }
  }
  EXPECT_EQ(attempts, head) << "every commit is one that a writer knows of";
  EXPECT_GT(repeats, 0) << "no outcome was ever unknown: the kills hit nothing";

  // The watch that ran through it.
  EXPECT_TRUE(follower.ReachesRevision(head, absl::Seconds(20)));
  const WatchStats stats = follower.stats();
  follower.Stop();
  for (const std::string& problem : follower.problems()) ADD_FAILURE() << problem;
  EXPECT_EQ(stats.broken_chain_count, 0);
  EXPECT_GE(stats.reconnect_count, kRounds);
  EXPECT_EQ(stats.change_count, 2 * head);
  EXPECT_TRUE(testing::CheckDense(follower.changes(), 1, head).ok());
  EXPECT_EQ(follower.changes().size(), changes->size());
  // Byte for byte what a watch of its own reads afterwards.
  EXPECT_EQ(Bytes(follower.changes()) == Bytes(*changes), true);
  RecordProperty("commits", static_cast<int>(head));
  RecordProperty("repeats", static_cast<int>(repeats));
}

}  // namespace
}  // namespace communique
