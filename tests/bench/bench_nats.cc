// The client of nats-server: publishes to a JetStream stream, reads one back, or
// counts what its consumers are sent, and prints figures as bench_load does for
// the sides that speak gRPC. Payloads are not looked at.
//
//   publish  --count messages, at most --window of them not yet acknowledged;
//            latencies are from the publish to its acknowledgement
//   replay   one consumer, from the first message on, until it had --count
//   fanout   --watchers consumers on --connections, and one publisher with at most
//            --window unacknowledged for --seconds; latencies as for publish
//   latency  one consumer, one publisher, one message at a time, --count of them;
//            latencies are from the acknowledgement to the delivery, zero if that
//            came first

#include <poll.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tests/bench/nats_connection.h"
#include "tests/bench/nats_stream.h"

ABSL_FLAG(std::string, target, "", "HOST:PORT of nats-server.");
ABSL_FLAG(std::string, mode, "", "publish, replay, fanout or latency.");
ABSL_FLAG(std::string, stream, "bench", "Name of the stream; made if it is missing.");
ABSL_FLAG(std::string, payload, "", "File of payloads, taken in turn; not for replay.");
ABSL_FLAG(uint64_t, count, 1000, "Messages; not for fanout.");
ABSL_FLAG(int, watchers, 100, "Consumers, for fanout.");
ABSL_FLAG(int, connections, 10, "Connections that the consumers share, for fanout.");
ABSL_FLAG(double, seconds, 3, "How long to measure, for fanout.");
ABSL_FLAG(double, warmup_seconds, 0.5, "How long to publish before that, for fanout.");
ABSL_FLAG(int, window, 64, "Publishes under way at any time, for publish and fanout.");

namespace communique::bench {
namespace {

using Clock = std::chrono::steady_clock;
using Wait = NatsConnection::Wait;
using AllWatchers = std::vector<std::unique_ptr<Watchers>>;

constexpr size_t kThreads = 2;                    // that read, as bench_load has
constexpr std::chrono::microseconds kPause{500};  // after each message of latency
constexpr std::chrono::milliseconds kSilence{10'000};

double Since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

Clock::duration Duration(double seconds) {
  return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
}

void AddError(Figures& figures, const std::string& error) {
  if (!error.empty()) ++figures.errors[error];
}

// Spreads `count` consumers of what is new over `connections`. False with an error in `figures`.
bool Watch(Stream& stream, const std::string& target, size_t count, size_t connections,
           AllWatchers& all, Figures& figures) {
  for (size_t i = 0; i < connections; ++i) {
    all.push_back(std::make_unique<Watchers>());
    if (!all.back()->Connect(target)) break;
  }
  std::vector<std::string> subjects;
  for (size_t i = 0; i < count; ++i) subjects.push_back(all[i % all.size()]->Add());
  for (const auto& watchers : all) {
    if (!watchers->Sync()) watchers->AddErrors(figures);
  }
  std::string error;
  for (const std::string& subject : subjects) {
    if (figures.errors.empty() && !stream.CreateConsumer(subject, "new", error)) {
      AddError(figures, error);
    }
  }
  return figures.errors.empty();
}

// Reads from every kThreads-th connection until `stop`, or until one fails.
void ReadShare(const AllWatchers& all, size_t thread, const std::atomic<bool>& stop) {
  const int poll = epoll_create1(EPOLL_CLOEXEC);
  for (size_t i = thread; i < all.size(); i += kThreads) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = all[i].get();
    epoll_ctl(poll, EPOLL_CTL_ADD, all[i]->connection().descriptor(), &event);
  }
  bool ok = true;
  while (ok && !stop.load(std::memory_order_relaxed)) {
    epoll_event ready[16];
    const int count = epoll_wait(poll, ready, 16, 50);
    for (int i = 0; i < count && ok; ++i) {
      ok = static_cast<Watchers*>(ready[i].data.ptr)->Receive(Wait::kNo);
    }
  }
  close(poll);
}

void Publish(Publisher& publisher, uint64_t count, Figures& figures) {
  uint64_t left = count;
  const Clock::time_point begin = Clock::now();
  while (publisher.Step(figures, [&left] { return left > 0 && left-- > 0; })) {
  }
  figures.seconds = Since(begin);
  AddError(figures, publisher.connection().error());
}

// Until `count` were delivered. Heartbeats are no progress: ten seconds without a
// delivery are an error.
void ReceiveUntil(Watchers& watcher, uint64_t count, std::string& error) {
  uint64_t before = 0;
  Clock::time_point progress = Clock::now();
  while (watcher.deliveries() < count && watcher.Receive(Wait::kForData)) {
    if (watcher.deliveries() > before) {
      before = watcher.deliveries();
      progress = Clock::now();
    } else if (Clock::now() - progress > kSilence) {
      error = absl::StrCat("nothing more was delivered after ", before);
      return;
    }
  }
}

void Replay(Stream& stream, const std::string& target, uint64_t count, Figures& figures) {
  Watchers watcher;
  (void)watcher.Connect(target);
  const std::string subject = watcher.Add();
  std::string error;
  Clock::time_point begin = Clock::now();
  if (watcher.Sync()) {
    begin = Clock::now();
    if (stream.CreateConsumer(subject, "all", error)) {
      ReceiveUntil(watcher, count, error);
    }
  }
  figures.seconds = Since(begin);
  figures.deliveries = watcher.deliveries();
  figures.delivered_bytes = watcher.bytes();
  watcher.AddErrors(figures);
  AddError(figures, error);
}

void Publish(Publisher& publisher, Clock::time_point end, Figures& figures) {
  while (Clock::now() < end && publisher.Step(figures, [] { return true; })) {
  }
}

void Count(const AllWatchers& all, uint64_t& deliveries, uint64_t& bytes) {
  deliveries = bytes = 0;
  for (const auto& watchers : all) {
    deliveries += watchers->deliveries();
    bytes += watchers->bytes();
  }
}

void Fanout(Publisher& publisher, const AllWatchers& all, Figures& figures) {
  std::atomic<bool> stop{false};
  std::vector<std::thread> readers;
  for (size_t i = 0; i < kThreads; ++i) {
    readers.emplace_back([&, i] { ReadShare(all, i, stop); });
  }
  Figures before;
  Publish(publisher, Clock::now() + Duration(absl::GetFlag(FLAGS_warmup_seconds)), before);
  Count(all, before.deliveries, before.delivered_bytes);
  const Clock::time_point begin = Clock::now();
  Publish(publisher, begin + Duration(absl::GetFlag(FLAGS_seconds)), figures);
  Count(all, figures.deliveries, figures.delivered_bytes);
  figures.seconds = Since(begin);
  figures.deliveries -= before.deliveries;
  figures.delivered_bytes -= before.delivered_bytes;
  figures.errors.merge(before.errors);

  stop = true;
  for (std::thread& reader : readers) reader.join();
  for (const auto& watchers : all) watchers->AddErrors(figures);
  AddError(figures, publisher.connection().error());
}

// One message: from its acknowledgement to its delivery. False after a failure.
bool Deliver(Publisher& publisher, Watchers& watcher, Figures& acknowledged, Figures& figures) {
  const uint64_t deliveries = watcher.deliveries();
  const uint64_t publishes = acknowledged.publishes;
  Clock::time_point acknowledged_at;
  Clock::time_point delivered_at;
  if (!publisher.Send()) return false;
  while (acknowledged_at == Clock::time_point() || delivered_at == Clock::time_point()) {
    pollfd ready[] = {{publisher.connection().descriptor(), POLLIN, 0},
                      {watcher.connection().descriptor(), POLLIN, 0}};
    if (poll(ready, 2, static_cast<int>(kSilence.count())) == 0) {
      AddError(figures, "a message was not delivered in ten seconds");
      return false;
    }
    if (ready[0].revents != 0) {
      if (!publisher.Receive(Wait::kNo, acknowledged) || !acknowledged.errors.empty()) return false;
      if (acknowledged.publishes > publishes) acknowledged_at = Clock::now();
    }
    if (ready[1].revents != 0) {
      if (!watcher.Receive(Wait::kNo)) return false;
      if (watcher.deliveries() > deliveries) delivered_at = Clock::now();
    }
  }
  figures.latencies.push_back(Hundreds(delivered_at - acknowledged_at));
  return true;
}

void Latency(Publisher& publisher, Watchers& watcher, uint64_t count, Figures& figures) {
  Figures acknowledged;
  const Clock::time_point begin = Clock::now();
  for (uint64_t i = 0; i < count && Deliver(publisher, watcher, acknowledged, figures); ++i) {
    std::this_thread::sleep_for(kPause);
  }
  figures.seconds = Since(begin);
  figures.deliveries = watcher.deliveries();
  figures.delivered_bytes = watcher.bytes();
  figures.publishes = acknowledged.publishes;
  figures.published_bytes = acknowledged.published_bytes;
  figures.errors.merge(acknowledged.errors);
  watcher.AddErrors(figures);
  AddError(figures, publisher.connection().error());
}

std::string Quote(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return out + "\"";
}

void Print(Figures& figures) {
  std::vector<uint32_t>& all = figures.latencies;
  std::sort(all.begin(), all.end());
  const auto percentile = [&all](double share) {
    if (all.empty()) return 0.0;
    const size_t at = static_cast<size_t>(share * static_cast<double>(all.size()));
    return all[std::min(at, all.size() - 1)] / 10.0;
  };
  const auto over = [](uint64_t sum, double by) {
    return by > 0 ? static_cast<double>(sum) / by : 0.0;
  };
  // Without a delivery (publish) the bytes are those that were published.
  const bool delivered = figures.deliveries > 0;
  const uint64_t bytes = delivered ? figures.delivered_bytes : figures.published_bytes;
  const uint64_t messages = delivered ? figures.deliveries : figures.publishes;
  const double publish_per_s = over(figures.publishes, figures.seconds);
  std::string text = absl::StrFormat(
      "{\"deliveries\": %d, \"seconds\": %.3f, \"deliveries_per_s\": %.1f, \"bytes_per_s\": %.1f, "
      "\"calls_per_s\": %.1f, \"publish_per_s\": %.1f, \"p50_us\": %.1f, \"p90_us\": %.1f, "
      "\"p99_us\": %.1f, \"max_us\": %.1f, \"mean_payload_bytes\": %.1f, \"errors\": {",
      figures.deliveries, figures.seconds, over(figures.deliveries, figures.seconds),
      over(bytes, figures.seconds), publish_per_s, publish_per_s, percentile(0.5), percentile(0.9),
      percentile(0.99), all.empty() ? 0.0 : all.back() / 10.0,
      over(bytes, static_cast<double>(messages)));
  bool first = true;
  for (const auto& [error, times] : figures.errors) {
    absl::StrAppend(&text, first ? "" : ", ", Quote(error), ": ", times);
    first = false;
  }
  std::cout << text << "}}" << std::endl;
}

int Run() {
  const std::string target = absl::GetFlag(FLAGS_target);
  const std::string mode = absl::GetFlag(FLAGS_mode);
  const uint64_t count = absl::GetFlag(FLAGS_count);
  if (mode != "publish" && mode != "replay" && mode != "fanout" && mode != "latency") {
    std::cerr << "bench_nats: --mode is publish, replay, fanout or latency\n";
    return 2;
  }
  Payloads payloads;
  if (mode != "replay" && !payloads.ReadFile(absl::GetFlag(FLAGS_payload))) {
    std::cerr << "bench_nats: --payload names no file of payloads\n";
    return 2;
  }
  NatsConnection control;
  Stream stream(control, absl::GetFlag(FLAGS_stream));
  const auto at_least_1 = [](int value) { return static_cast<size_t>(std::max(1, value)); };
  Publisher publisher(payloads, stream.subject(), at_least_1(absl::GetFlag(FLAGS_window)));
  std::string error;
  const bool connected = control.Connect(target) && publisher.Connect(target);
  if (!connected || !stream.CreateIfMissing(error)) {
    if (!connected) error = absl::StrCat(control.error(), publisher.connection().error());
    std::cerr << "bench_nats: " << error << "\n";
    return 1;
  }

  Figures figures;
  AllWatchers all;
  if (mode == "publish") {
    Publish(publisher, count, figures);
  } else if (mode == "replay") {
    Replay(stream, target, count, figures);
  } else if (mode == "fanout") {
    if (Watch(stream, target, at_least_1(absl::GetFlag(FLAGS_watchers)),
              at_least_1(absl::GetFlag(FLAGS_connections)), all, figures)) {
      Fanout(publisher, all, figures);
    }
  } else if (Watch(stream, target, 1, 1, all, figures)) {
    Latency(publisher, *all.front(), count, figures);
  }
  Print(figures);
  return 0;
}

}  // namespace
}  // namespace communique::bench

int main(int argc, char** argv) {
  absl::ParseCommandLine(argc, argv);
  return communique::bench::Run();
}
