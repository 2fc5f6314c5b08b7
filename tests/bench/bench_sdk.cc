// What the SDK costs: its calls beside the generated stub's, its Watch and its
// Mirror on a server that has many records. Prints figures as JSON.

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <fstream>
#include <functional>
#include <iostream>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "communique/client.h"
#include "communique/mirror.h"
#include "communique/v1/catalog.grpc.pb.h"

ABSL_FLAG(std::string, target, "", "HOST:PORT of the service.");
ABSL_FLAG(std::string, mode, "get", "get, watch or mirror.");
ABSL_FLAG(std::string, api, "sdk", "Of get: sdk, or stub for the generated blocking stub.");
ABSL_FLAG(int, callers, 16, "Of get: threads, each with one call at a time.");
ABSL_FLAG(int, records, 10'000, "Of get: statements that the store has, picked at random.");
ABSL_FLAG(double, seconds, 3, "Of get: how long, after a quarter of it to warm up.");

namespace communique::bench {
namespace {

std::string NameOf(int number) { return absl::StrFormat("statements/f%07d", number); }

using GetOne = std::function<bool(const std::string& name)>;

GetOne SdkGet(const std::string& target) {
  return [client = Client(MakeConnection({.endpoint = target}))](const std::string& name) {
    return client.Get(name).ok();
  };
}

// What a careful user of the stub writes: a channel, a deadline, a blocking call.
GetOne StubGet(const std::string& target) {
  std::shared_ptr<v1::CatalogService::Stub> stub =
      v1::CatalogService::NewStub(grpc::CreateChannel(target, grpc::InsecureChannelCredentials()));
  return [stub](const std::string& name) {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(30)));
    v1::GetStatementRequest request;
    request.set_name(name);
    v1::Record record;
    return stub->GetStatement(&context, request, &record).ok();
  };
}

int Get(const GetOne& get) {
  std::atomic<int64_t> calls{0}, failures{0};
  std::atomic<bool> counted{false}, stop{false};
  std::vector<std::thread> threads;
  for (int i = 0; i < absl::GetFlag(FLAGS_callers); ++i) {
    threads.emplace_back([&, i] {
      std::mt19937 random(static_cast<unsigned>(i));
      std::uniform_int_distribution<int> pick(0, absl::GetFlag(FLAGS_records) - 1);
      while (!stop) {
        if (!get(NameOf(pick(random)))) ++failures;
        if (counted) ++calls;
      }
    });
  }
  const absl::Duration length = absl::Seconds(absl::GetFlag(FLAGS_seconds));
  absl::SleepFor(length / 4);
  const absl::Time begin = absl::Now();
  counted = true;
  absl::SleepFor(length);
  const int64_t made = calls;
  const double seconds = absl::ToDoubleSeconds(absl::Now() - begin);
  stop = true;
  for (std::thread& thread : threads) thread.join();
  std::cout << absl::StrFormat("{\"calls_per_s\": %.0f, \"failures\": %d}",
                               static_cast<double>(made) / seconds, failures.load())
            << std::endl;
  return failures == 0 ? 0 : 1;
}

int WatchAll(const Client& client) {
  v1::WatchRequest request;
  request.set_start_revision(0);
  request.set_until_head(true);
  Watch watch = client.Watch({.request = request});
  int64_t changes = 0;
  const absl::Time begin = absl::Now();
  for (auto response = watch.Next();; response = watch.Next()) {
    if (!response.ok()) {
      std::cerr << "bench_sdk: " << response.status() << "\n";
      return 1;
    }
    if (!response->has_value()) break;
    changes += static_cast<int64_t>((*response)->changes().size());
  }
  const double seconds = absl::ToDoubleSeconds(absl::Now() - begin);
  std::cout << absl::StrFormat("{\"changes\": %d, \"seconds\": %.3f, \"changes_per_s\": %.0f}",
                               changes, seconds, static_cast<double>(changes) / seconds)
            << std::endl;
  return 0;
}

int64_t ResidentBytes() {
  std::ifstream statm("/proc/self/statm");
  int64_t size = 0, resident = 0;
  statm >> size >> resident;
  return resident * 4096;
}

int MirrorAll(const Client& client) {
  const int64_t before = ResidentBytes();
  const absl::Time begin = absl::Now();
  const Mirror mirror = client.Mirror();
  if (const absl::Status status = mirror.WaitUntilSynced(absl::Minutes(10)); !status.ok()) {
    std::cerr << "bench_sdk: " << status << "\n";
    return 1;
  }
  const double seconds = absl::ToDoubleSeconds(absl::Now() - begin);
  const auto records = std::max<int64_t>(1, mirror.stats().record_count);
  std::cout << absl::StrFormat(
                   "{\"records\": %d, \"sync_s\": %.2f, \"bytes_per_record\": %.0f}", records,
                   seconds,
                   static_cast<double>(ResidentBytes() - before) / static_cast<double>(records))
            << std::endl;
  return 0;
}

int Run() {
  const std::string target = absl::GetFlag(FLAGS_target);
  const std::string mode = absl::GetFlag(FLAGS_mode);
  if (mode == "get") {
    return Get(absl::GetFlag(FLAGS_api) == "stub" ? StubGet(target) : SdkGet(target));
  }
  const Client client(MakeConnection({.endpoint = target}));
  if (mode == "watch") return WatchAll(client);
  if (mode == "mirror") return MirrorAll(client);
  std::cerr << "bench_sdk: --mode is get, watch or mirror\n";
  return 2;
}

}  // namespace
}  // namespace communique::bench

int main(int argc, char** argv) {
  absl::ParseCommandLine(argc, argv);
  return communique::bench::Run();
}
