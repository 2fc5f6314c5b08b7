// Fills a server with records that are made up, through the SDK's Loader, or
// prints searches that find something among them.

#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "communique/client.h"
#include "google/protobuf/util/json_util.h"
#include "tests/bench/synthetic.h"

ABSL_FLAG(std::string, endpoint, "", "HOST:PORT to fill.");
ABSL_FLAG(std::string, kind, "fixture", "fixture: the record of 1 KiB; short: for searches.");
ABSL_FLAG(std::string, fixture, "", "The file fixture.json.");
ABSL_FLAG(int64_t, count, 10'000, "Statements of the whole store.");
ABSL_FLAG(int64_t, matches, 500, "Speeches of each speaker.");
ABSL_FLAG(int64_t, first, 0, "The first statement to write.");
ABSL_FLAG(int64_t, last, -1, "The one after the last; negative: all up to --count.");
ABSL_FLAG(int, per_commit, 10, "Statements in a commit.");
ABSL_FLAG(std::string, requests, "",
          "File to write the commits to, as bench_load reads requests; nothing is sent.");
ABSL_FLAG(int, queries, 0, "Print so many searches, one a line, and write nothing.");

namespace communique::bench {
namespace {

// Referred records in a commit.
constexpr size_t kReferredPerCommit = 200;

class Fill {
 public:
  explicit Fill(Loader loader) : loader_(std::move(loader)) {}

  absl::Status Start() { return loader_.Start().status(); }

  // Sends what has been added once there are `per_commit` of it.
  absl::Status Add(v1::Record record, size_t per_commit) {
    *commit_.add_mutations()->mutable_put() = std::move(record);
    ++records_;
    return static_cast<size_t>(commit_.mutations_size()) < per_commit ? absl::OkStatus() : Send();
  }
  absl::Status Send() {
    if (commit_.mutations_size() == 0) return absl::OkStatus();
    return loader_.Write(++line_, std::exchange(commit_, {}));
  }
  absl::StatusOr<LoadResult> Finish() { return loader_.Finish(); }
  int64_t records() const { return records_; }

 private:
  Loader loader_;
  v1::CommitRequest commit_;
  int64_t line_ = 0;
  int64_t records_ = 0;
};

absl::Status Write(const Records& records, int64_t first, int64_t last, Fill& fill) {
  if (absl::Status status = fill.Start(); !status.ok()) return status;
  if (first == 0) {
    for (v1::Record& record : records.Referred()) {
      if (absl::Status status = fill.Add(std::move(record), kReferredPerCommit); !status.ok()) {
        return status;
      }
    }
    if (absl::Status status = fill.Send(); !status.ok()) return status;
  }
  const auto per_commit = static_cast<size_t>(absl::GetFlag(FLAGS_per_commit));
  for (int64_t number = first; number < last; ++number) {
    if (absl::Status status = fill.Add(records.Statement(number), per_commit); !status.ok()) {
      return status;
    }
  }
  return fill.Send();
}

// Writes the commits of statements as requests, which bench_load sends one by one.
bool WriteRequests(const Records& records, int64_t first, int64_t last, const std::string& path) {
  std::ofstream file(path, std::ios::binary);
  v1::CommitRequest commit;
  for (int64_t number = first; number < last; ++number) {
    *commit.add_mutations()->mutable_put() = records.Statement(number);
    if (number + 1 < last && commit.mutations_size() < absl::GetFlag(FLAGS_per_commit)) continue;
    const std::string bytes = commit.SerializeAsString();
    for (int shift = 0; shift < 32; shift += 8) file.put(static_cast<char>(bytes.size() >> shift));
    file << bytes;
    commit.Clear();
  }
  return file.flush().good();
}

int Run() {
  Shape shape;
  shape.kind = absl::GetFlag(FLAGS_kind) == "short" ? Kind::kShort : Kind::kFixture;
  shape.count = absl::GetFlag(FLAGS_count);
  shape.matches = absl::GetFlag(FLAGS_matches);
  v1::Record fixture;
  if (shape.kind == Kind::kFixture) {
    std::ifstream file(absl::GetFlag(FLAGS_fixture));
    const std::string json((std::istreambuf_iterator<char>(file)), {});
    const auto parsed = google::protobuf::util::JsonStringToMessage(json, &fixture);
    if (!parsed.ok()) {
      std::cerr << "bench_fill: --fixture: " << parsed.ToString() << "\n";
      return 2;
    }
  }
  const Records records(shape, std::move(fixture));
  if (const int count = absl::GetFlag(FLAGS_queries); count > 0) {
    for (const Query& query : MakeQueries(records, shape, count)) {
      std::cout << query.type << "\t" << query.text << "\n";
    }
    return 0;
  }

  const int64_t first = absl::GetFlag(FLAGS_first);
  const int64_t last = absl::GetFlag(FLAGS_last) < 0 ? shape.count : absl::GetFlag(FLAGS_last);
  if (const std::string path = absl::GetFlag(FLAGS_requests); !path.empty()) {
    if (WriteRequests(records, first, last, path)) return 0;
    std::cerr << "bench_fill: cannot write " << path << "\n";
    return 1;
  }
  const Client client(MakeConnection({.endpoint = absl::GetFlag(FLAGS_endpoint)}));
  Fill fill(client.Load(
      {.load_id = absl::StrCat("bench-fill-", first, "-", last), .timeout = absl::Minutes(2)}));
  const absl::Time begin = absl::Now();
  absl::Status status = Write(records, first, last, fill);
  absl::StatusOr<LoadResult> result = status.ok() ? fill.Finish() : status;
  if (!result.ok()) {
    std::cerr << "bench_fill: " << result.status() << "\n";
    return 1;
  }
  const double seconds = absl::ToDoubleSeconds(absl::Now() - begin);
  std::cout << absl::StrFormat(
                   "{\"records\": %d, \"seconds\": %.2f, \"records_per_s\": %.0f, "
                   "\"revision\": %d}",
                   fill.records(), seconds, static_cast<double>(fill.records()) / seconds,
                   result->revision)
            << std::endl;
  return 0;
}

}  // namespace
}  // namespace communique::bench

int main(int argc, char** argv) {
  absl::ParseCommandLine(argc, argv);
  return communique::bench::Run();
}
