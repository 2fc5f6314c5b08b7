// Screens names through the SDK: answers queries for a harness, and measures what
// one caller waits and how many names a second batches bring.
//
//   bench_screen --endpoint=H:P --fill=12000            fills with made-up targets
//   bench_screen --endpoint=H:P --targets=FILE          puts the actors of a file on a list
//   bench_screen --endpoint=H:P --answer < q.jsonl      a line in, a line out
//   bench_screen --endpoint=H:P --measure < q.jsonl     figures as one JSON object
//
// Without --endpoint there is a server in this process, and --targets does not end
// the program: so it is an --engine of tests/bench/screening. Targets are Records of
// actors in JSON, a line each.
//
// A line in is a ScreenQuery as protobuf JSON; a line out {"latency_us": ...,
// "result": a ScreenResult}. Without input, --measure asks for made-up names.

#include <algorithm>
#include <deque>
#include <fstream>
#include <future>
#include <iostream>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "communique/client.h"
#include "communique/testing/in_process_service.h"
#include "google/protobuf/util/json_util.h"

ABSL_FLAG(std::string, endpoint, "", "HOST:PORT of the service; empty: one in this process.");
ABSL_FLAG(std::string, targets, "", "File of actors to be targets.");
ABSL_FLAG(double, threshold, 0, "The least score of a match; 0: the server's.");
ABSL_FLAG(bool, explain, false, "Nothing: every answer is explained.");
ABSL_FLAG(int, fill, 0, "Write so many made-up targets, and do nothing else.");
ABSL_FLAG(bool, answer, false, "Answer each query of standard input by itself.");
ABSL_FLAG(bool, measure, false, "Measure with the queries of standard input.");
ABSL_FLAG(int, made_up, 0, "Measure with so many made-up names instead of standard input.");
ABSL_FLAG(int, batch, 100, "Names in a batch.");
ABSL_FLAG(int, in_flight, 2, "Batches asked at once.");
ABSL_FLAG(int, matches, 5, "Matches of each query.");
ABSL_FLAG(double, possible_threshold, 0, "The least score that is answered; 0: the server's.");
ABSL_FLAG(bool, include_delisted, true, "Also what is no longer listed.");
ABSL_FLAG(uint64_t, seed, 20230912, "Of what is made up.");

namespace communique::bench {
namespace {

// Names of syllables: as many different tokens as lists have, some of them common.
class MadeUp {
 public:
  explicit MadeUp(uint64_t seed) : random_(seed) {}

  std::string Token() {
    static constexpr const char* kSyllables[] = {
        "ka",  "ri", "mo",   "den", "sal", "tur", "vel", "or", "mar", "hus", "ab",  "jon", "lin",
        "gor", "pe", "shan", "qu",  "zor", "fa",  "yev", "ni", "dra", "bul", "ost", "wen", "ki"};
    // A fifth of all tokens are of a few that many people bear.
    if (random_() % 5 == 0) return absl::StrCat(kSyllables[random_() % 8], kSyllables[0], "n");
    std::string token;
    for (uint64_t i = 0; i < 2 + random_() % 2; ++i) {
      token += kSyllables[random_() % std::size(kSyllables)];
    }
    return token;
  }
  std::string Name() {
    std::string name = Token();
    for (uint64_t i = 0; i < 1 + random_() % 3; ++i) absl::StrAppend(&name, " ", Token());
    return name;
  }
  // A name with a slip.
  std::string Slip(std::string name) {
    if (name.size() > 4) std::swap(name[name.size() / 2], name[name.size() / 2 + 1]);
    return name;
  }
  uint64_t Number() { return random_(); }

 private:
  std::mt19937_64 random_;
};

// Puts actors on a list, a hundred records a commit.
class Filler {
 public:
  explicit Filler(const Client& client, const std::string& load_id)
      : loader_(client.Load({.load_id = load_id})) {}

  absl::Status Start() {
    if (absl::Status status = loader_.Start().status(); !status.ok()) return status;
    v1::Record authority;
    authority.set_name("actors/authority");
    authority.mutable_actor()->set_display_name("The Authority");
    authority.mutable_actor()->set_type(v1::ACTOR_TYPE_ORGANIZATION);
    *commit_.add_mutations()->mutable_put() = authority;
    v1::Record regime;
    regime.set_name("sanctions/regime");
    regime.mutable_sanction()->set_title("The regime");
    regime.mutable_sanction()->mutable_regime()->mutable_authority()->set_target(authority.name());
    *commit_.add_mutations()->mutable_put() = regime;
    return absl::OkStatus();
  }
  absl::Status Add(const v1::Record& actor) {
    *commit_.add_mutations()->mutable_put() = actor;
    v1::Record listed;
    listed.set_name(absl::StrCat("sanctions/d", ++count_));
    listed.mutable_sanction()->set_title(actor.actor().display_name());
    v1::Designation& designation = *listed.mutable_sanction()->mutable_designation();
    designation.mutable_regime()->set_target("sanctions/regime");
    designation.mutable_authority()->set_target("actors/authority");
    designation.mutable_actor()->set_target(actor.name());
    v1::ListingInterval& interval = *designation.add_intervals();
    interval.set_id("i1");
    interval.mutable_listed_time()->set_edtf("2010");
    *commit_.add_mutations()->mutable_put() = listed;
    return commit_.mutations_size() < 100 ? absl::OkStatus() : Send();
  }
  absl::Status Finish() {
    if (absl::Status status = Send(); !status.ok()) return status;
    return loader_.Finish().status();
  }

 private:
  absl::Status Send() { return loader_.Write(++line_, std::exchange(commit_, {})); }

  Loader loader_;
  v1::CommitRequest commit_;
  int64_t line_ = 0;
  int64_t count_ = 0;
};

absl::Status Fill(const Client& client, int count) {
  MadeUp made_up(absl::GetFlag(FLAGS_seed));
  Filler filler(client, absl::StrCat("bench-screen-", count));
  if (absl::Status status = filler.Start(); !status.ok()) return status;
  for (int i = 0; i < count; ++i) {
    v1::Record record;
    record.set_name(absl::StrCat("actors/t", i));
    v1::Actor& actor = *record.mutable_actor();
    actor.set_type(i % 4 == 3 ? v1::ACTOR_TYPE_ORGANIZATION : v1::ACTOR_TYPE_PERSON);
    actor.set_display_name(made_up.Name());
    for (uint64_t n = made_up.Number() % 6; n > 0; --n) {
      v1::ActorName& name = *actor.add_names();
      name.set_text(made_up.Name());
      name.set_quality(n % 3 == 2 ? v1::NAME_QUALITY_WEAK : v1::NAME_QUALITY_STRONG);
    }
    actor.add_births()->mutable_time()->set_edtf(absl::StrCat(1930 + made_up.Number() % 70));
    if (absl::Status status = filler.Add(record); !status.ok()) return status;
  }
  return filler.Finish();
}

absl::Status LoadTargets(const Client& client, const std::string& path) {
  std::ifstream file(path);
  if (!file) return absl::NotFoundError(path);
  Filler filler(client, "bench-screen:targets");
  if (absl::Status status = filler.Start(); !status.ok()) return status;
  for (std::string line; std::getline(file, line);) {
    v1::Record record;
    if (!google::protobuf::util::JsonStringToMessage(line, &record).ok()) {
      return absl::InvalidArgumentError(absl::StrCat("no Record: ", line));
    }
    if (absl::Status status = filler.Add(record); !status.ok()) return status;
  }
  return filler.Finish();
}

v1::ScreenRequest Options() {
  v1::ScreenRequest request;
  request.set_threshold(absl::GetFlag(FLAGS_threshold));
  request.set_max_matches(absl::GetFlag(FLAGS_matches));
  request.set_possible_threshold(absl::GetFlag(FLAGS_possible_threshold));
  request.set_include_delisted(absl::GetFlag(FLAGS_include_delisted));
  return request;
}

absl::StatusOr<std::vector<v1::ScreenQuery>> ReadQueries() {
  std::vector<v1::ScreenQuery> queries;
  if (const int count = absl::GetFlag(FLAGS_made_up); count > 0) {
    // Half of what was filled with the same seed, with slips; half of others.
    MadeUp same(absl::GetFlag(FLAGS_seed));
    MadeUp other(absl::GetFlag(FLAGS_seed) + 1);
    for (int i = 0; i < count; ++i) {
      queries.emplace_back().add_names(i % 2 == 0 ? same.Slip(same.Name()) : other.Name());
    }
    return queries;
  }
  for (std::string line; std::getline(std::cin, line);) {
    if (line.empty()) continue;
    const auto status = google::protobuf::util::JsonStringToMessage(line, &queries.emplace_back());
    if (!status.ok()) return absl::InvalidArgumentError(absl::StrCat("no ScreenQuery: ", line));
  }
  return queries;
}

// The answer to one query, and what it took.
absl::StatusOr<v1::ScreenResult> AskOne(const Client& client, const v1::ScreenQuery& query,
                                        double& latency_us) {
  v1::ScreenRequest request = Options();
  *request.add_queries() = query;
  const absl::Time begin = absl::Now();
  const auto response = client.Screen(request);
  latency_us = absl::ToDoubleMicroseconds(absl::Now() - begin);
  if (absl::IsInvalidArgument(response.status())) {
    // A name in a script that is not read: here it counts as one that matches nobody.
    std::cerr << "bench_screen: not screened: " << response.status().message() << "\n";
    v1::ScreenResult none;
    none.set_query_id(query.query_id());
    none.set_decision(v1::SCREEN_DECISION_NO_MATCH);
    return none;
  }
  if (!response.ok()) return response.status();
  return response->results(0);
}

absl::Status Answer(const Client& client) {
  const auto queries = ReadQueries();
  if (!queries.ok()) return queries.status();
  for (const v1::ScreenQuery& query : *queries) {
    double latency_us = 0;
    const auto result = AskOne(client, query, latency_us);
    if (!result.ok()) return result.status();
    std::string json;
    if (!google::protobuf::util::MessageToJsonString(*result, &json).ok()) json = "{}";
    std::cout << absl::StrFormat("{\"latency_us\":%.1f,\"result\":", latency_us) << json << "}\n";
  }
  std::cout.flush();
  return absl::OkStatus();
}

// One caller, one name at a time.
absl::Status MeasureOne(const Client& client, const std::vector<v1::ScreenQuery>& queries) {
  std::vector<double> latencies;
  int64_t matched = 0;
  for (const v1::ScreenQuery& query : queries) {
    double latency_us = 0;
    const auto result = AskOne(client, query, latency_us);
    if (!result.ok()) return result.status();
    matched += result->decision() != v1::SCREEN_DECISION_NO_MATCH;
    latencies.push_back(latency_us);
  }
  std::sort(latencies.begin(), latencies.end());
  const auto at = [&](double share) {
    return latencies[std::min(latencies.size() - 1,
                              static_cast<size_t>(share * static_cast<double>(latencies.size())))];
  };
  std::cout << absl::StrFormat(
      "\"one_caller\":{\"names\":%d,\"answered_with_matches\":%d,\"p50_us\":%.0f,\"p95_us\":%.0f,"
      "\"p99_us\":%.0f,\"max_us\":%.0f}",
      latencies.size(), matched, at(0.5), at(0.95), at(0.99), latencies.back());
  return absl::OkStatus();
}

absl::Status MeasureBatches(const Client& client, const std::vector<v1::ScreenQuery>& queries) {
  const auto size = static_cast<size_t>(absl::GetFlag(FLAGS_batch));
  std::deque<std::future<absl::Status>> asked;
  absl::Status status;
  const auto take = [&] {
    const absl::Status ended = asked.front().get();
    asked.pop_front();
    if (!ended.ok()) status = ended;
  };
  const absl::Time begin = absl::Now();
  for (size_t from = 0; from < queries.size() && status.ok(); from += size) {
    v1::ScreenRequest request = Options();
    for (size_t i = from; i < std::min(queries.size(), from + size); ++i) {
      *request.add_queries() = queries[i];
    }
    asked.push_back(std::async(std::launch::async, [&client, request = std::move(request)] {
      return client.Screen(request).status();
    }));
    if (asked.size() == static_cast<size_t>(absl::GetFlag(FLAGS_in_flight))) take();
  }
  while (!asked.empty()) take();
  if (!status.ok()) return status;
  const double seconds = absl::ToDoubleSeconds(absl::Now() - begin);
  std::cout << absl::StrFormat(
      ",\"batches\":{\"names\":%d,\"seconds\":%.2f,\"names_per_second\":%.0f}", queries.size(),
      seconds, static_cast<double>(queries.size()) / seconds);
  return absl::OkStatus();
}

absl::Status Measure(const Client& client) {
  const auto queries = ReadQueries();
  if (!queries.ok()) return queries.status();
  if (queries->empty()) return absl::InvalidArgumentError("there is no query");
  std::cout << "{";
  // Once before it is measured: what the server keeps ready is ready then.
  std::cout.setstate(std::ios::failbit);
  absl::Status status = MeasureOne(client, *queries);
  std::cout.clear();
  if (status.ok()) status = MeasureOne(client, *queries);
  if (status.ok()) status = MeasureBatches(client, *queries);
  std::cout << "}\n";
  return status;
}

absl::Status Work(const Client& client, bool own_server) {
  if (const std::string path = absl::GetFlag(FLAGS_targets); !path.empty()) {
    const absl::Status status = LoadTargets(client, path);
    if (!status.ok() || !own_server) return status;
  }
  if (absl::GetFlag(FLAGS_fill) > 0) {
    const absl::Status status = Fill(client, absl::GetFlag(FLAGS_fill));
    if (!status.ok() || !own_server) return status;
  }
  if (absl::GetFlag(FLAGS_answer)) return Answer(client);
  if (absl::GetFlag(FLAGS_measure)) return Measure(client);
  return absl::InvalidArgumentError("nothing to do: --fill, --targets, --answer or --measure");
}

int Run() {
  std::string endpoint = absl::GetFlag(FLAGS_endpoint);
  std::unique_ptr<testing::InProcessService> own;
  if (endpoint.empty()) {
    auto started = testing::InProcessService::Start();
    if (!started.ok()) {
      std::cerr << "bench_screen: " << started.status() << "\n";
      return 1;
    }
    own = *std::move(started);
    endpoint = own->endpoint();
  }
  const absl::Status status =
      Work(Client(MakeConnection({.endpoint = endpoint, .timeout = absl::Minutes(5)})),
           own != nullptr);
  if (status.ok()) return 0;
  std::cerr << "bench_screen: " << status << "\n";
  return 1;
}

}  // namespace
}  // namespace communique::bench

int main(int argc, char** argv) {
  absl::ParseCommandLine(argc, argv);
  return communique::bench::Run();
}
