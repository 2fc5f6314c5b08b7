// A streaming client that knows no schema: it opens watches, writes one request
// on each, and counts the deliveries, which are the occurrences of one top-level
// field of the messages that come. Ours, the floor and etcd are all watched by
// it, so that each is measured alike. With --publish_method it publishes too.
//
//   replay   one or more watches are read until the server ends them, or until
//            each had --count deliveries
//   fanout   once every watch is open, deliveries are counted for --seconds
//   latency  one publisher, one call at a time: from its answer to the delivery
//            at each watch; what was delivered before the answer counts as 0
//   idle     opens the watches, prints "ready", and holds them for --seconds
//
// Prints a JSON object.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/strings/str_format.h"
#include "absl/synchronization/mutex.h"
#include "tests/bench/call.h"
#include "tests/bench/field_counter.h"

ABSL_FLAG(std::string, target, "", "HOST:PORT to call.");
ABSL_FLAG(std::string, mode, "", "replay, fanout, latency or idle.");
ABSL_FLAG(std::string, method, "", "/package.Service/Method of the watch.");
ABSL_FLAG(std::string, request, "", "File with one request (see bench_load), written on each stream.");
ABSL_FLAG(bool, half_close, true, "End the client's side after the request.");
ABSL_FLAG(int, field, 1, "Number of the field that is a delivery.");
ABSL_FLAG(int, watchers, 1, "Watches.");
ABSL_FLAG(int, stalled, 0, "Of them, those that read one message and no more.");
ABSL_FLAG(int, connections, 1, "Connections that they share.");
ABSL_FLAG(int, threads, 1, "Threads that read, each with a completion queue.");
ABSL_FLAG(int64_t, count, 0, "replay: deliveries to each watch; latency: calls.");
ABSL_FLAG(double, seconds, 3, "How long to measure.");
ABSL_FLAG(double, warmup_seconds, 0.5, "fanout: how long to publish before that.");
ABSL_FLAG(std::string, publish_method, "", "/package.Service/Method of a unary call that publishes.");
ABSL_FLAG(std::string, publish_requests, "", "File of its requests, each sent once, in turn.");
ABSL_FLAG(int, publish_callers, 64, "Calls under way at any time; not for latency.");
ABSL_FLAG(double, publish_rate, 0, "Calls a second that are offered; 0: as many as are answered.");
ABSL_FLAG(double, pause_ms, 1, "latency: pause after each delivery.");
ABSL_FLAG(int, server_pid, 0, "Whose processor time is told, for each delivery.");
ABSL_FLAG(std::string, save, "", "File for the largest message that the first watch got.");

namespace communique::bench {
namespace {

// What a thread's watches have had.
struct Tally {
  std::atomic<int64_t> deliveries{0};
  std::atomic<int64_t> bytes{0};
  std::atomic<int64_t> messages{0};
};

// One watch: writes its request, then reads.
class Watch {
 public:
  Watch(std::shared_ptr<grpc::Channel> channel, grpc::CompletionQueue& queue, Tally& tally,
        bool stalled, bool save)
      : stub_(std::move(channel)), tally_(tally), stalled_(stalled), save_(save),
        counter_(absl::GetFlag(FLAGS_field)) {
    context_.AddMetadata("communique-principal", "bench");
    stream_ = stub_.PrepareCall(&context_, absl::GetFlag(FLAGS_method), &queue);
  }

  void Start(const grpc::ByteBuffer& request) {
    request_ = request;
    stream_->StartCall(this);
  }

  // False when it has ended.
  bool Proceed(bool ok) {
    switch (state_) {
      case State::kStarting:
        if (!ok) return Finish();
        state_ = State::kWriting;
        if (absl::GetFlag(FLAGS_half_close)) {
          stream_->WriteLast(request_, grpc::WriteOptions(), this);
        } else {
          stream_->Write(request_, this);
        }
        return true;
      case State::kWriting:
        if (!ok) return Finish();
        state_ = State::kReading;
        stream_->Read(&message_, this);
        return true;
      case State::kReading: {
        if (!ok) return Finish();
        Count();
        const int64_t enough = absl::GetFlag(FLAGS_count);
        if (stalled_ || (absl::GetFlag(FLAGS_mode) == "replay" && enough > 0 && had_ >= enough)) {
          return false;
        }
        stream_->Read(&message_, this);
        return true;
      }
      case State::kFinishing:
        return false;
    }
    return false;
  }

  void Cancel() { context_.TryCancel(); }
  bool ended() const { return ended_.load(std::memory_order_acquire); }
  bool open() const { return open_.load(std::memory_order_acquire); }
  bool stalled() const { return stalled_; }
  const grpc::Status& status() const { return status_; }
  const std::string& largest() const { return largest_; }
  // When the n-th delivery came, as far as it did. For latency.
  std::vector<Clock::time_point> Times() const {
    absl::MutexLock lock(&mutex_);
    return times_;
  }
  void WaitForDeliveries(size_t count) const {
    const auto there = [this, count]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
      return times_.size() >= count;
    };
    absl::MutexLock lock(&mutex_);
    mutex_.AwaitWithTimeout(absl::Condition(&there), absl::Seconds(10));
  }

 private:
  enum class State { kStarting, kWriting, kReading, kFinishing };

  bool Finish() {
    state_ = State::kFinishing;
    ended_.store(true, std::memory_order_release);
    open_.store(true, std::memory_order_release);
    stream_->Finish(&status_, this);
    return true;
  }

  void Count() {
    const Clock::time_point now = Clock::now();
    std::vector<grpc::Slice> slices;
    (void)message_.Dump(&slices);
    const int64_t deliveries = counter_.Count(slices);
    had_ += deliveries;
    tally_.deliveries.fetch_add(deliveries, std::memory_order_relaxed);
    tally_.bytes.fetch_add(static_cast<int64_t>(message_.Length()), std::memory_order_relaxed);
    tally_.messages.fetch_add(1, std::memory_order_relaxed);
    if (absl::GetFlag(FLAGS_mode) == "latency") {
      absl::MutexLock lock(&mutex_);
      times_.insert(times_.end(), static_cast<size_t>(deliveries), now);
    }
    if (save_ && message_.Length() > largest_.size()) {
      largest_.clear();
      for (const grpc::Slice& slice : slices) {
        largest_.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
      }
    }
    open_.store(true, std::memory_order_release);
  }

  grpc::GenericStub stub_;
  Tally& tally_;
  const bool stalled_;
  const bool save_;
  FieldCounter counter_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> stream_;
  grpc::ByteBuffer request_;
  grpc::ByteBuffer message_;
  grpc::Status status_;
  State state_ = State::kStarting;
  int64_t had_ = 0;
  std::string largest_;
  std::atomic<bool> open_{false};
  std::atomic<bool> ended_{false};
  mutable absl::Mutex mutex_;
  std::vector<Clock::time_point> times_ ABSL_GUARDED_BY(mutex_);
};

// Seconds of processor time that a process has used (proc(5), stat).
double ProcessorSeconds(int pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  const size_t name_end = text.rfind(')');
  if (pid == 0 || name_end == std::string::npos) return 0;
  std::istringstream fields(text.substr(name_end + 2));
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  double user = 0, system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

// Calls that publish: some at a time, or so many a second.
class Publisher {
 public:
  Publisher(std::shared_ptr<grpc::Channel> channel, std::vector<grpc::ByteBuffer> requests)
      : channel_(std::move(channel)), requests_(std::move(requests)) {}

  void Start() {
    thread_ = std::thread([this] { Run(); });
  }
  void Stop() {
    stopping_ = true;
    if (thread_.joinable()) thread_.join();
  }
  // One call, waited for; when it was answered.
  std::optional<Clock::time_point> CallOne() {
    if (next_ == requests_.size()) return std::nullopt;
    UnaryCall call(channel_, absl::GetFlag(FLAGS_publish_method), requests_[next_++], queue_);
    void* tag = nullptr;
    bool ok = false;
    queue_.Next(&tag, &ok);
    if (!call.status.ok()) {
      error_ = call.status.error_message();
      return std::nullopt;
    }
    return Clock::now();
  }

  int64_t answered() const { return answered_; }
  const std::string& error() const { return error_; }
  // Of those that were sent after `from`, from when they were due.
  std::vector<double> LatenciesUs(Clock::time_point from) const {
    std::vector<double> found;
    for (const auto& [begin, us] : latencies_) {
      if (begin >= from) found.push_back(us);
    }
    std::sort(found.begin(), found.end());
    return found;
  }

 private:
  struct Sent {
    std::unique_ptr<UnaryCall> call;
    Clock::time_point due;
  };

  void Run() {
    const double rate = absl::GetFlag(FLAGS_publish_rate);
    const size_t callers = static_cast<size_t>(absl::GetFlag(FLAGS_publish_callers));
    const Clock::time_point begin = Clock::now();
    size_t under_way = 0;
    size_t sent = 0;
    while (true) {
      const Clock::time_point now = Clock::now();
      Clock::time_point due = now;
      while (!stopping_ && error_.empty() && next_ < requests_.size()) {
        if (rate > 0) {
          due = begin + std::chrono::duration_cast<Clock::duration>(
                            std::chrono::duration<double>(static_cast<double>(sent) / rate));
          if (due > now) break;
        } else if (under_way >= callers) {
          break;
        }
        auto* held = new Sent{nullptr, rate > 0 ? due : Clock::now()};
        held->call = std::make_unique<UnaryCall>(channel_, absl::GetFlag(FLAGS_publish_method),
                                                 requests_[next_++], queue_, held);
        ++under_way;
        ++sent;
      }
      if (!stopping_ && error_.empty() && next_ == requests_.size()) {
        error_ = "the requests ran out before the time did";
      }
      if (under_way == 0 && (stopping_ || !error_.empty() || next_ == requests_.size())) return;
      void* tag = nullptr;
      bool ok = false;
      const auto until = std::chrono::system_clock::now() +
                         (rate > 0 && due > now ? due - now : std::chrono::milliseconds(100));
      if (queue_.AsyncNext(&tag, &ok, until) != grpc::CompletionQueue::GOT_EVENT) continue;
      const std::unique_ptr<Sent> held(static_cast<Sent*>(tag));
      --under_way;
      if (!held->call->status.ok()) {
        error_ = held->call->status.error_message();
        continue;
      }
      ++answered_;
      latencies_.emplace_back(
          held->due, std::chrono::duration<double, std::micro>(Clock::now() - held->due).count());
    }
  }

  std::shared_ptr<grpc::Channel> channel_;
  const std::vector<grpc::ByteBuffer> requests_;
  grpc::CompletionQueue queue_;
  size_t next_ = 0;
  std::atomic<bool> stopping_{false};
  std::atomic<int64_t> answered_{0};
  std::vector<std::pair<Clock::time_point, double>> latencies_;
  std::string error_;
  std::thread thread_;
};

std::string Percentiles(const std::string& prefix, const std::vector<double>& sorted) {
  const auto at = [&sorted](double share) {
    if (sorted.empty()) return 0.0;
    return sorted[std::min(sorted.size() - 1,
                           static_cast<size_t>(share * static_cast<double>(sorted.size())))];
  };
  return absl::StrFormat("\"%sp50_us\": %.1f, \"%sp90_us\": %.1f, \"%sp99_us\": %.1f", prefix,
                         at(0.5), prefix, at(0.9), prefix, at(0.99));
}

int Run() {
  const std::string mode = absl::GetFlag(FLAGS_mode);
  std::vector<grpc::ByteBuffer> request, published;
  if (!ReadRequests(absl::GetFlag(FLAGS_request), request)) {
    std::cerr << "bench_watch: --request names no file of requests\n";
    return 2;
  }
  if (const std::string path = absl::GetFlag(FLAGS_publish_requests);
      !path.empty() && !ReadRequests(path, published)) {
    std::cerr << "bench_watch: --publish_requests names no file of requests\n";
    return 2;
  }
  // One connection more, for what is published.
  auto channels = Connect(absl::GetFlag(FLAGS_target), absl::GetFlag(FLAGS_connections) + 1);
  if (channels.empty()) {
    std::cerr << "bench_watch: cannot connect to " << absl::GetFlag(FLAGS_target) << "\n";
    return 1;
  }
  Publisher publisher(channels.back(), std::move(published));
  channels.pop_back();

  const size_t threads = static_cast<size_t>(absl::GetFlag(FLAGS_threads));
  std::vector<grpc::CompletionQueue> queues(threads);
  std::vector<Tally> tallies(threads);
  std::vector<std::unique_ptr<Watch>> watches;
  const Clock::time_point begin = Clock::now();
  std::atomic<int> live{0};
  for (int i = 0; i < absl::GetFlag(FLAGS_watchers); ++i) {
    const size_t n = static_cast<size_t>(i);
    watches.push_back(std::make_unique<Watch>(
        channels[n % channels.size()], queues[n % threads], tallies[n % threads],
        i < absl::GetFlag(FLAGS_stalled), i == 0 && !absl::GetFlag(FLAGS_save).empty()));
    ++live;
    watches.back()->Start(request[0]);
  }
  std::vector<std::thread> running;
  for (grpc::CompletionQueue& queue : queues) {
    running.emplace_back([&queue, &live] {
      void* tag = nullptr;
      bool ok = false;
      while (queue.Next(&tag, &ok)) {
        if (!static_cast<Watch*>(tag)->Proceed(ok)) --live;
      }
    });
  }
  const auto sum = [&tallies](std::atomic<int64_t> Tally::* member) {
    int64_t total = 0;
    for (Tally& tally : tallies) total += (tally.*member).load();
    return total;
  };
  const auto sleep = [](double seconds) {
    std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
  };
  std::string error;
  if (mode != "replay") {
    for (const auto& watch : watches) {
      while (!watch->open()) sleep(0.001);
      if (watch->ended()) error = "a watch ended before it was measured";
    }
  }

  const int pid = absl::GetFlag(FLAGS_server_pid);
  std::string more;
  Clock::time_point from = begin;
  int64_t deliveries = 0, bytes = 0, messages = 0;
  double cpu = ProcessorSeconds(pid);
  double seconds = 0;
  if (mode == "replay") {
    while (live > 0) sleep(0.0005);
  } else if (mode == "idle" && error.empty()) {
    std::cout << "{\"ready\": true}" << std::endl;
    sleep(absl::GetFlag(FLAGS_seconds));
  } else if (mode == "fanout") {
    publisher.Start();
    sleep(absl::GetFlag(FLAGS_warmup_seconds));
    from = Clock::now();
    cpu = ProcessorSeconds(pid);
    deliveries = sum(&Tally::deliveries);
    bytes = sum(&Tally::bytes);
    messages = sum(&Tally::messages);
    const int64_t published_before = publisher.answered();
    sleep(absl::GetFlag(FLAGS_seconds));
    seconds = std::chrono::duration<double>(Clock::now() - from).count();
    more = absl::StrFormat(", \"calls_per_s\": %.1f",
                           static_cast<double>(publisher.answered() - published_before) / seconds);
  } else if (mode == "latency") {
    std::vector<Clock::time_point> answered;
    for (int64_t i = 0; i < absl::GetFlag(FLAGS_count); ++i) {
      const auto time = publisher.CallOne();
      if (!time) break;
      answered.push_back(*time);
      for (const auto& watch : watches) {
        if (!watch->stalled()) watch->WaitForDeliveries(answered.size());
      }
      sleep(absl::GetFlag(FLAGS_pause_ms) / 1000);
    }
    std::vector<double> took;
    for (const auto& watch : watches) {
      if (watch->stalled()) continue;
      const auto times = watch->Times();
      if (times.size() < answered.size()) error = "a delivery did not come within 10 s";
      for (size_t i = 0; i < std::min(times.size(), answered.size()); ++i) {
        took.push_back(std::max(
            0.0, std::chrono::duration<double, std::micro>(times[i] - answered[i]).count()));
      }
    }
    std::sort(took.begin(), took.end());
    more = ", " + Percentiles("", took);
  }
  if (seconds == 0) seconds = std::chrono::duration<double>(Clock::now() - from).count();
  deliveries = sum(&Tally::deliveries) - deliveries;
  bytes = sum(&Tally::bytes) - bytes;
  messages = sum(&Tally::messages) - messages;
  cpu = ProcessorSeconds(pid) - cpu;
  if (mode == "fanout") {
    publisher.Stop();
    more += ", " + Percentiles("call_", publisher.LatenciesUs(from));
  }

  for (const auto& watch : watches) watch->Cancel();
  while (live > 0) sleep(0.001);
  for (grpc::CompletionQueue& queue : queues) queue.Shutdown();
  for (std::thread& thread : running) thread.join();
  if (!publisher.error().empty()) error = publisher.error();
  for (const auto& watch : watches) {
    if (!watch->status().ok() && watch->status().error_code() != grpc::StatusCode::CANCELLED) {
      error = watch->status().error_message();
    }
  }
  if (const std::string path = absl::GetFlag(FLAGS_save); !path.empty()) {
    std::ofstream(path, std::ios::binary) << watches[0]->largest();
  }
  std::cout << absl::StrFormat(
                   "{\"deliveries\": %d, \"seconds\": %.4f, \"deliveries_per_s\": %.1f, "
                   "\"bytes_per_s\": %.1f, \"messages\": %d, \"cpu_us_per_delivery\": %.3f%s, "
                   "\"errors\": %s}",
                   deliveries, seconds, static_cast<double>(deliveries) / seconds,
                   static_cast<double>(bytes) / seconds, messages,
                   deliveries > 0 ? cpu * 1e6 / static_cast<double>(deliveries) : 0.0, more,
                   error.empty() ? "{}" : "{" + Quote(error) + ": 1}")
            << std::endl;
  return 0;
}

}  // namespace
}  // namespace communique::bench

int main(int argc, char** argv) {
  absl::ParseCommandLine(argc, argv);
  return communique::bench::Run();
}
