// The SDK through a network that delays, loses, resets, swallows and half-opens at random:
// each commit and each line of a load is there exactly once, a watch and a mirror miss and
// repeat nothing, pages chain, no call outlives its deadline, nothing is leaked. Faults that
// outlast a watch's patience are noticed, by silence and by keepalive.
//
// A minute; ten with COMMUNIQUE_LONG, or as many seconds as COMMUNIQUE_FAULT_SECONDS.
#include <stdlib.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "communique/client.h"
#include "gtest/gtest.h"
#include "tests/e2e/sdk_fault_proxy.h"
#include "tests/e2e/sdk_fault_users.h"
#include "tests/support/program.h"
#include "tests/support/records.h"
#include "tests/support/server_process.h"
#include "tests/support/watch_reader.h"

namespace communique {
namespace {

using testing::Eventually;
using testing::FaultProxy;
using testing::Lister;
using testing::LoadingWriter;
using testing::Network;
using testing::Reader;
using testing::ServerProcess;
using testing::StreamEnds;
using testing::Tallies;
using testing::Tally;
using testing::TitleOf;
using testing::Watcher;
using testing::Writer;
using Fault = FaultProxy::Fault;

constexpr int kWriters = 2;
// What lists and searches walk, in several pages.
constexpr int kSources = 45;
// How long after its deadline a call may return; instrumented ones, too, since nearly all of the
// time between is the scheduler's.
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

constexpr std::array<Fault, FaultProxy::kFaultCount - 1> kFaults = {
    Fault::kDelay,       Fault::kReset,     Fault::kDropRequests,
    Fault::kDropAnswers, Fault::kBlackHole, Fault::kHalfOpen};
// Those that may last. The first two leave a watch without a word, and do nothing else.
constexpr std::array<Fault, 4> kLasting = {Fault::kBlackHole, Fault::kHalfOpen, Fault::kDropAnswers,
                                           Fault::kDropRequests};

// Each fault once, shortly, in any order; then one that lasts. About ten seconds.
void Round(Network& network, Fault lasting, std::mt19937& random) {
  std::vector<Fault> faults(kFaults.begin(), kFaults.end());
  std::shuffle(faults.begin(), faults.end(), random);
  // What is half open suffers from nothing else, so the reset that heals it comes next.
  faults.erase(std::find(faults.begin(), faults.end(), Fault::kHalfOpen));
  faults.insert(std::find(faults.begin(), faults.end(), Fault::kReset), Fault::kHalfOpen);
  for (const Fault fault : faults) {
    network.Harm(fault, absl::Milliseconds(50 + random() % 700));
    absl::SleepFor(absl::Milliseconds(random() % 200));
  }
  // Time to get well: a watch whose stream has just opened is patient.
  absl::SleepFor(absl::Milliseconds(1'500));
  network.Harm(lasting, absl::Milliseconds(4'000 + random() % 2'000));
}

using TitlesByName = std::map<std::string, std::vector<std::string>>;
TitlesByName TitlesOf(const std::vector<v1::Change>& changes) {
  TitlesByName titles;
  for (const v1::Change& change : changes) {
    titles[change.name()].push_back(TitleOf(change.record()));
  }
  return titles;
}

void ExpectInTime(const std::string& kind, const Tally& tally) {
  EXPECT_LE(tally.latest, kOverrun) << kind;
  EXPECT_GT(tally.calls, tally.failures) << kind << ": none succeeded";
  EXPECT_GT(tally.failures, 0) << kind << ": none met a fault";
  std::cout << kind << ": " << tally.calls << " calls, " << tally.failures << " failed, the latest "
            << absl::FormatDuration(tally.latest) << " from its deadline\n";
}

TEST(SdkFaultsTest, NothingIsLostRepeatedOrLate) {
  auto server = ServerProcess::Start();
  ASSERT_TRUE(server.ok()) << server.status();
  const Client direct = (*server)->MakeClient();
  std::vector<std::string> sources;
  for (int i = 0; i < kSources; ++i) {
    const v1::Record source =
        testing::MakeSource(absl::StrFormat("s%02d", i), absl::StrCat("The harbour, part ", i));
    ASSERT_TRUE(direct.Commit(testing::Put(source)).ok());
    sources.push_back(source.name());
  }
  ASSERT_TRUE(direct.Status().ok());
  const std::int64_t descriptors = CountOf("/proc/self/fd");  // with those of gRPC
  const std::int64_t threads = CountThreads();
  {
    Network network(**server);
    Watcher watcher(network);
    std::thread watching([&] { watcher.Run(); });
    StreamEnds mirror_ends;
    Mirror mirror = network.MakeClient(mirror_ends.Observer())
                        .Mirror({.checkpoint_interval = testing::kCheckpointInterval});

    std::atomic<bool> stop{false};
    std::vector<std::unique_ptr<Writer>> writers;
    LoadingWriter loading(network);
    for (int i = 0; i < kWriters; ++i) writers.push_back(std::make_unique<Writer>(network, i));
    Reader reader(network, *writers.front(), "harbour", sources.size());
    Lister lister(network, sources);
    std::vector<std::thread> users;
    for (const auto& writer : writers) {
      users.emplace_back([&stop, &writer = *writer] { writer.Run(stop); });
    }
    users.emplace_back([&] { loading.Run(stop); });
    users.emplace_back([&] { reader.Run(stop); });
    users.emplace_back([&] { lister.Run(stop); });

    std::mt19937 random(11);
    std::size_t rounds = 0;
    for (const absl::Time end = absl::Now() + Length(); absl::Now() < end; ++rounds) {
      Round(network, kLasting[rounds % kLasting.size()], random);
    }
    stop = true;
    for (std::thread& thread : users) thread.join();

    const auto stored = testing::ReadChanges(direct);
    ASSERT_TRUE(stored.ok()) << stored.status();
    const std::int64_t head = stored->back().revision();
    EXPECT_TRUE(Eventually([&] { return watcher.through_revision() == head; }))
        << watcher.through_revision() << " of " << head;
    EXPECT_TRUE(mirror.WaitForRevision(head, absl::Seconds(15)).ok());
    watcher.Cancel();
    watching.join();

    // What was acknowledged is there once, in order; so is what the watch saw.
    const TitlesByName titles = TitlesOf(*stored);
    EXPECT_TRUE(TitlesOf(watcher.changes()) == titles);
    EXPECT_TRUE(testing::CheckDense(watcher.changes(), 1, head).ok());
    Tallies tallies = reader.tallies();
    tallies["List"] = lister.tally();
    tallies["Load"] = loading.tally();
    for (const auto& writer : writers) {
      EXPECT_TRUE(titles.at(writer->name()) == writer->titles());
      EXPECT_EQ(TitleOf(*mirror.Get(writer->name())), writer->titles().back());
      tallies["Commit of " + writer->name()] = writer->tally();
    }
    std::vector<std::int64_t> wrong_lines;
    for (std::int64_t line = 1; line <= loading.lines(); ++line) {
      const auto found = titles.find(LoadingWriter::NameOf(line));
      const std::vector<std::string> once = {LoadingWriter::TitleOf(line)};
      if (found == titles.end() || found->second != once) wrong_lines.push_back(line);
    }
    EXPECT_EQ(wrong_lines, std::vector<std::int64_t>());
    EXPECT_EQ(titles.size(), sources.size() + writers.size() + loading.lines());
    EXPECT_EQ(mirror.stats().record_count, static_cast<std::int64_t>(titles.size()));
    EXPECT_EQ(mirror.stats().snapshot_count, 1);

    ASSERT_EQ(tallies.size(), 5u + kWriters);
    for (const auto& [kind, tally] : tallies) ExpectInTime(kind, tally);
    EXPECT_GT(loading.reconnects(), 0);
    EXPECT_GT(lister.broken_lists(), 0) << "no fault fell between two pages";

    for (const Fault fault : kFaults) {
      EXPECT_GT(network.harm(fault), 0) << "fault " << static_cast<int>(fault);
    }
    EXPECT_GT(watcher.ends().silent(), 0);
    EXPECT_GT(watcher.ends().given_up(), 0);
    EXPECT_GT(mirror_ends.silent(), 0);
    std::cout << rounds << " rounds, " << head << " commits, " << loading.lines()
              << " lines of a load; " << watcher.stats().reconnect_count
              << " reconnects of the watch, " << watcher.ends().silent() << " for silence, "
              << watcher.ends().given_up() << " by keepalive\n";
    RecordProperty("commits", static_cast<int>(head));
    RecordProperty("reconnects", static_cast<int>(watcher.stats().reconnect_count));
  }
  EXPECT_TRUE(Eventually([&] { return CountOf("/proc/self/fd") <= descriptors; }))
      << CountOf("/proc/self/fd") << " descriptors, " << descriptors << " before";
  EXPECT_TRUE(Eventually([&] { return CountThreads() <= threads; }))
      << CountThreads() << " threads, " << threads << " before";
}

}  // namespace
}  // namespace communique
