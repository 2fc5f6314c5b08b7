// A client that knows no schema: it sends requests that a file holds to one
// method, with a number of callers that each have one call under way, and tells
// how many calls a second were answered and how long they took. Ours, the floor
// and etcd are all called by it, so that each is measured alike.
//
// The file holds requests one after another, each a 4-byte little-endian length
// and its bytes. A caller picks them at random, or in turn with --in_turn.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tests/bench/call.h"

ABSL_FLAG(std::string, target, "", "HOST:PORT to call.");
ABSL_FLAG(std::string, method, "", "/package.Service/Method");
ABSL_FLAG(std::string, requests, "", "File of requests.");
ABSL_FLAG(int, callers, 64, "Calls under way at any time.");
ABSL_FLAG(int, connections, 4, "Connections that the callers share.");
ABSL_FLAG(int, threads, 2, "Threads, each with a completion queue.");
ABSL_FLAG(double, seconds, 3, "How long to measure.");
ABSL_FLAG(double, warmup_seconds, 0.5, "How long to call before that.");
ABSL_FLAG(bool, in_turn, false, "Send each request of the file once, in turn, and stop.");
ABSL_FLAG(uint64_t, seed, 1, "Of the choice of requests.");
ABSL_FLAG(std::string, save, "", "File for the bytes of the first answer.");

namespace communique::bench {
namespace {

struct Plan {
  std::string method;
  std::vector<grpc::ByteBuffer> requests;
  Clock::time_point measure_from;
  Clock::time_point end;
  bool in_turn = false;
  std::atomic<size_t> next{0};  // with in_turn
};

// What the callers of one thread saw between measure_from and end.
struct Tally {
  std::vector<uint32_t> latencies;  // in units of 100 ns: 32 bits hold seven minutes
  uint64_t response_bytes = 0;
  std::map<std::string, uint64_t> errors;
  std::optional<grpc::ByteBuffer> first_answer;
};

// splitmix64 (public domain, Sebastiano Vigna).
uint64_t NextRandom(uint64_t& state) {
  uint64_t z = (state += 0x9e3779b97f4a7c15ULL);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

class Caller {
 public:
  Caller(Plan& plan, std::shared_ptr<grpc::Channel> channel, grpc::CompletionQueue& queue,
         Tally& tally, uint64_t seed)
      : plan_(plan), stub_(std::move(channel)), queue_(queue), tally_(tally), random_(seed) {}

  // Starts the next call; false when there is nothing left to do.
  bool Start() {
    const std::optional<size_t> index = Pick();
    if (!index) return false;
    call_ = std::make_unique<UnderWay>();
    call_->reader =
        stub_.PrepareUnaryCall(&call_->context, plan_.method, plan_.requests[*index], &queue_);
    call_->begin = Clock::now();
    call_->reader->StartCall();
    call_->reader->Finish(&call_->response, &call_->status, this);
    return true;
  }

  void Done() {
    const Clock::time_point now = Clock::now();
    if (!call_->status.ok()) {
      ++tally_.errors[absl::StrCat(call_->status.error_code(), ": ",
                                   call_->status.error_message().substr(0, 200))];
      return;
    }
    if (!plan_.in_turn && (call_->begin < plan_.measure_from || now > plan_.end)) return;
    const auto took = std::chrono::duration_cast<std::chrono::nanoseconds>(now - call_->begin);
    tally_.latencies.push_back(static_cast<uint32_t>(took.count() / 100));
    tally_.response_bytes += call_->response.Length();
    if (!tally_.first_answer) tally_.first_answer = call_->response;
  }

 private:
  struct UnderWay {
    grpc::ClientContext context;
    grpc::ByteBuffer response;
    grpc::Status status;
    std::unique_ptr<grpc::GenericClientAsyncResponseReader> reader;
    Clock::time_point begin;
  };

  std::optional<size_t> Pick() {
    const size_t count = plan_.requests.size();
    if (plan_.in_turn) {
      const size_t index = plan_.next.fetch_add(1);
      return index < count ? std::optional<size_t>(index) : std::nullopt;
    }
    if (Clock::now() >= plan_.end) return std::nullopt;
    return NextRandom(random_) % count;
  }

  Plan& plan_;
  grpc::GenericStub stub_;
  grpc::CompletionQueue& queue_;
  Tally& tally_;
  uint64_t random_;
  std::unique_ptr<UnderWay> call_;
};

// Runs the callers of one thread until each has nothing left to do.
void Serve(grpc::CompletionQueue& queue, std::vector<std::unique_ptr<Caller>>& callers) {
  size_t active = 0;
  for (auto& caller : callers) active += caller->Start() ? 1 : 0;
  void* tag = nullptr;
  bool ok = false;
  while (active > 0 && queue.Next(&tag, &ok)) {
    Caller& caller = *static_cast<Caller*>(tag);
    caller.Done();
    if (!caller.Start()) --active;
  }
}

void Print(std::vector<Tally>& tallies, double seconds) {
  std::vector<uint32_t> all;
  uint64_t bytes = 0;
  std::map<std::string, uint64_t> errors;
  for (const Tally& tally : tallies) {
    all.insert(all.end(), tally.latencies.begin(), tally.latencies.end());
    bytes += tally.response_bytes;
    for (const auto& [text, count] : tally.errors) errors[text] += count;
  }
  std::sort(all.begin(), all.end());
  const auto percentile = [&all](double share) {
    if (all.empty()) return 0.0;
    const size_t at = static_cast<size_t>(share * static_cast<double>(all.size()));
    return all[std::min(at, all.size() - 1)] / 10.0;
  };
  std::string text = absl::StrFormat(
      "{\"calls\": %d, \"seconds\": %.3f, \"calls_per_s\": %.1f, \"p50_us\": %.1f, "
      "\"p90_us\": %.1f, \"p99_us\": %.1f, \"max_us\": %.1f, \"mean_response_bytes\": %.1f, "
      "\"errors\": {",
      all.size(), seconds, static_cast<double>(all.size()) / seconds, percentile(0.5),
      percentile(0.9), percentile(0.99), all.empty() ? 0.0 : all.back() / 10.0,
      all.empty() ? 0.0 : static_cast<double>(bytes) / static_cast<double>(all.size()));
  bool first = true;
  for (const auto& [error, count] : errors) {
    absl::StrAppend(&text, first ? "" : ", ", Quote(error), ": ", count);
    first = false;
  }
  std::cout << text << "}}" << std::endl;
}

void Save(const std::vector<Tally>& tallies, const std::string& path) {
  std::ofstream file(path, std::ios::binary);
  for (const Tally& tally : tallies) {
    if (!tally.first_answer) continue;
    std::vector<grpc::Slice> slices;
    (void)tally.first_answer->Dump(&slices);
    for (const grpc::Slice& slice : slices) {
      file.write(reinterpret_cast<const char*>(slice.begin()),
                 static_cast<std::streamsize>(slice.size()));
    }
    return;
  }
}

int Run() {
  Plan plan;
  plan.method = absl::GetFlag(FLAGS_method);
  plan.in_turn = absl::GetFlag(FLAGS_in_turn);
  if (!ReadRequests(absl::GetFlag(FLAGS_requests), plan.requests)) {
    std::cerr << "bench_load: --requests names no file of requests\n";
    return 2;
  }
  const auto channels =
      Connect(absl::GetFlag(FLAGS_target), std::max(1, absl::GetFlag(FLAGS_connections)));
  if (channels.empty()) {
    std::cerr << "bench_load: cannot connect to " << absl::GetFlag(FLAGS_target) << "\n";
    return 1;
  }

  const size_t threads = static_cast<size_t>(std::max(1, absl::GetFlag(FLAGS_threads)));
  std::vector<grpc::CompletionQueue> queues(threads);
  std::vector<Tally> tallies(threads);
  std::vector<std::vector<std::unique_ptr<Caller>>> callers(threads);
  uint64_t seed = absl::GetFlag(FLAGS_seed);
  for (size_t i = 0; i < static_cast<size_t>(std::max(1, absl::GetFlag(FLAGS_callers))); ++i) {
    const size_t thread = i % threads;
    callers[thread].push_back(std::make_unique<Caller>(
        plan, channels[i % channels.size()], queues[thread], tallies[thread], NextRandom(seed)));
  }

  const auto seconds = [](double value) {
    return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(value));
  };
  const Clock::time_point begin = Clock::now();
  plan.measure_from = begin + seconds(absl::GetFlag(FLAGS_warmup_seconds));
  plan.end = plan.measure_from + seconds(absl::GetFlag(FLAGS_seconds));
  std::vector<std::thread> running;
  for (size_t i = 0; i < threads; ++i) {
    running.emplace_back([&, i] { Serve(queues[i], callers[i]); });
  }
  for (std::thread& thread : running) thread.join();
  const double took = plan.in_turn ? std::chrono::duration<double>(Clock::now() - begin).count()
                                   : absl::GetFlag(FLAGS_seconds);

  if (const std::string path = absl::GetFlag(FLAGS_save); !path.empty()) Save(tallies, path);
  Print(tallies, took);
  return 0;
}

}  // namespace
}  // namespace communique::bench

int main(int argc, char** argv) {
  absl::ParseCommandLine(argc, argv);
  return communique::bench::Run();
}
