// The SDK through a network that delays, resets, swallows and half-opens at random:
// each commit is there exactly once, a watch and a mirror miss and repeat nothing, no
// call outlives its deadline, nothing is leaked.
//
// A minute; ten with COMMUNIQUE_LONG, or as many seconds as COMMUNIQUE_FAULT_SECONDS.
#include <stdlib.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "communique/client.h"
#include "gtest/gtest.h"
#include "tests/e2e/sdk_fault_proxy.h"
#include "tests/support/program.h"
#include "tests/support/records.h"
#include "tests/support/server_process.h"
#include "tests/support/watch_reader.h"

namespace communique {
namespace {

using testing::Eventually;
using testing::FaultProxy;
using testing::MakeActor;
using testing::Put;
using testing::ServerProcess;
using testing::TitleOf;

constexpr int kWriters = 2;
// Shorter than most faults, so that calls meet it.
constexpr absl::Duration kTimeout = absl::Milliseconds(300);
constexpr absl::Duration kOverrun = absl::Milliseconds(100);

absl::Duration Length() {
  int seconds = 0;
  const char* set = getenv("COMMUNIQUE_FAULT_SECONDS");
  if (set != nullptr && absl::SimpleAtoi(set, &seconds)) return absl::Seconds(seconds);
  return getenv("COMMUNIQUE_LONG") != nullptr ? absl::Minutes(10) : absl::Minutes(1);
}

std::int64_t CountOf(const char* folder) {
  return std::distance(std::filesystem::directory_iterator(folder), {});
}

// Threads that have the program's name, which a thread has from the one that started it. gRPC names
// its own, and has more or fewer of them as it thinks fit.
std::int64_t CountThreads() {
  const auto name_of = [](const std::filesystem::path& folder) {
    std::ifstream file(folder / "comm");
    std::string name;
    std::getline(file, name);
    return name;
  };
  const std::string program = name_of("/proc/self");
  std::int64_t count = 0;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    count += name_of(task.path()) == program;
  }
  return count;
}

ClientOptions Through(const FaultProxy& proxy) {
  return {.endpoint = proxy.endpoint(),
          .principal = "tester",
          .timeout = kTimeout,
          .retry = {.initial_backoff = absl::Milliseconds(5),
                    .max_backoff = absl::Milliseconds(100)}};
}

// Puts one record again and again, each version until it is acknowledged.
class Writer {
 public:
  Writer(const FaultProxy& proxy, int number)
      : id_(absl::StrCat("w", number)), client_(MakeConnection(Through(proxy))) {}

  void Run(const std::atomic<bool>& stop) {
    while (!stop) {
      v1::CommitRequest request = Put(MakeActor(id_, absl::StrCat(titles_.size())));
      request.set_request_id(absl::StrCat(id_, "-", titles_.size()));
      while (true) {
        const absl::Time start = absl::Now();
        const auto response = client_.Commit(request);
        worst_ = std::max(worst_, absl::Now() - start);
        if (response.ok()) break;
        ++failures_;
        ASSERT_TRUE(absl::IsUnavailable(response.status()) ||
                    absl::IsDeadlineExceeded(response.status()))
            << response.status();
      }
      titles_.push_back(TitleOf(request.mutations(0).put()));
    }
  }

  const std::string& id() const { return id_; }
  const std::vector<std::string>& titles() const { return titles_; }
  absl::Duration worst() const { return worst_; }
  int failures() const { return failures_; }

 private:
  const std::string id_;
  const Client client_;
  std::vector<std::string> titles_;
  absl::Duration worst_;
  int failures_ = 0;
};

TEST(SdkFaultsTest, NothingIsLostRepeatedOrLate) {
  auto server = ServerProcess::Start();
  ASSERT_TRUE(server.ok()) << server.status();
  const Client direct = (*server)->MakeClient();
  ASSERT_TRUE(direct.Commit(Put(MakeActor("first", "F"))).ok());  // gRPC's descriptors are there now
  const std::int64_t descriptors = CountOf("/proc/self/fd");
  const std::int64_t threads = CountThreads();
  {
    FaultProxy proxy((*server)->endpoint());
    const Client client(MakeConnection(Through(proxy)));

    v1::WatchRequest request;
    request.set_start_revision(0);
    request.mutable_checkpoint_interval()->set_seconds(1);
    Watch watch = client.Watch({.request = request});
    std::atomic<int64_t> through{0};
    std::vector<v1::Change> changes;  // of the watching thread
    std::thread watcher([&] {
      while (true) {
        const auto response = watch.Next();
        if (!response.ok()) {
          EXPECT_EQ(watch.end(), WatchEnd::kCancelled) << response.status();
          return;
        }
        for (const WatchedChange& change : (*response)->changes()) changes.push_back(change);
        through = (*response)->through_revision();
      }
    });
    Mirror mirror = client.Mirror({.checkpoint_interval = absl::Seconds(1)});

    std::atomic<bool> stop{false};
    std::vector<std::unique_ptr<Writer>> writers;
    std::vector<std::thread> writing;
    for (int i = 0; i < kWriters; ++i) {
      writers.push_back(std::make_unique<Writer>(proxy, i));
      writing.emplace_back([&stop, &writer = *writers.back()] { writer.Run(stop); });
    }
    std::mt19937 random(11);
    for (const absl::Time end = absl::Now() + Length(); absl::Now() < end;) {
      proxy.Set(static_cast<FaultProxy::Fault>(random() % 5));
      absl::SleepFor(absl::Milliseconds(50 + random() % 700));
      proxy.Set(FaultProxy::Fault::kNone);
      absl::SleepFor(absl::Milliseconds(random() % 200));
    }
    stop = true;
    for (std::thread& thread : writing) thread.join();

    const auto stored = testing::ReadChanges(direct);
    ASSERT_TRUE(stored.ok()) << stored.status();
    const int64_t head = stored->back().revision();
    EXPECT_TRUE(Eventually([&] { return through == head; })) << through << " of " << head;
    EXPECT_TRUE(mirror.WaitForRevision(head, absl::Seconds(15)).ok());
    watch.Cancel();
    watcher.join();

    // What was acknowledged is there once, in order; so is what the watch saw.
    std::map<std::string, std::vector<std::string>> titles, watched;
    for (const v1::Change& c : *stored) titles[c.name()].push_back(TitleOf(c.record()));
    for (const v1::Change& c : changes) watched[c.name()].push_back(TitleOf(c.record()));
    EXPECT_EQ(watched, titles);
    EXPECT_TRUE(testing::CheckDense(changes, 1, head).ok());
    int failures = 0;
    for (const auto& writer : writers) {
      const std::string name = "actors/" + writer->id();
      EXPECT_EQ(titles[name], writer->titles());
      EXPECT_EQ(TitleOf(*mirror.Get(name)), writer->titles().back());
      EXPECT_LE(writer->worst(), kTimeout + kOverrun);
      failures += writer->failures();
    }
    EXPECT_GT(watch.stats().reconnect_count, 0) << "there were faults";
    EXPECT_GT(failures, 0) << "calls met their deadline";
    EXPECT_EQ(mirror.stats().snapshot_count, 1);
    RecordProperty("commits", static_cast<int>(head));
    RecordProperty("failed_calls", failures);
    RecordProperty("reconnects", static_cast<int>(watch.stats().reconnect_count));
  }
  EXPECT_TRUE(Eventually([&] { return CountOf("/proc/self/fd") <= descriptors; }))
      << CountOf("/proc/self/fd") << " descriptors, " << descriptors << " before";
  EXPECT_TRUE(Eventually([&] { return CountThreads() <= threads; }))
      << CountThreads() << " threads, " << threads << " before";
}

}  // namespace
}  // namespace communique
