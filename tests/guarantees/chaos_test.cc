// Every guarantee of the watch contract, over recorded runs in which writers,
// readers and watchers of every habit go on while the program is killed,
// restarted and trimmed. COMMUNIQUE_LONG makes as many runs as a million changes
// take, each with the next seed; COMMUNIQUE_SEED is the first.
#include <cstdlib>
#include <iostream>
#include <map>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "communique/errors.h"
#include "gtest/gtest.h"
#include "tests/guarantees/chaos_run.h"
#include "tests/guarantees/history_checker.h"

namespace communique::guarantees {
namespace {

constexpr int kCommits = 8000;
constexpr int64_t kLongChanges = 1'000'000;
constexpr unsigned kSeed = 4;
// Of checkpoints, within a stream: what threads of a busy machine wait for a turn.
// Instrumented, everything takes three to ten times as long.
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
constexpr absl::Duration kSlack = absl::Seconds(10);
#else
constexpr absl::Duration kSlack = absl::Milliseconds(2500);
#endif

absl::Status CheckResumable(const Segment& segment) {
  if (segment.outlasted_trim &&
      (segment.ends.empty() || ErrorReason(segment.ends.back()) != "RESUME_TOKEN_EXPIRED")) {
    return absl::InternalError("a token from before a trim was not expired");
  }
  for (const absl::Status& end : segment.ends) {
    if (absl::IsUnavailable(end) || absl::IsCancelled(end)) continue;
    if (ErrorReason(end) != "RESUME_TOKEN_EXPIRED") return end;
    int64_t at = 0, oldest = 0;
    const auto metadata = ErrorMetadata(end);
    if (!metadata.contains("revision") || !metadata.contains("oldest_revision") ||
        !absl::SimpleAtoi(metadata.at("revision"), &at) ||
        !absl::SimpleAtoi(metadata.at("oldest_revision"), &oldest) || at >= oldest) {
      return absl::InternalError(absl::StrCat("expired without need: ", end.ToString()));
    }
  }
  return absl::OkStatus();
}

class ChaosTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    const bool all = std::getenv("COMMUNIQUE_LONG") != nullptr;
    unsigned seed = kSeed;
    if (const char* set = std::getenv("COMMUNIQUE_SEED")) (void)absl::SimpleAtoi(set, &seed);
    do {
      ChaosRun run(kCommits, seed);
      std::cout << "COMMUNIQUE_SEED=" << seed << std::endl;
      const std::string where = absl::StrCat("COMMUNIQUE_SEED=", seed++, ": ");
      if (absl::Status status = run.Run(); !status.ok()) {
        found_["Run"] = where + status.ToString();
        return;
      }
      Check(run, where);
      changes_ += run.changes();
    } while (all && changes_ < kLongChanges);
  }
  static void Note(const std::string& guarantee, const std::string& where,
                   const absl::Status& status) {
    if (!status.ok()) found_.emplace(guarantee, where + status.ToString());
  }
  static void Check(const ChaosRun& run, const std::string& where) {
    std::map<std::string, Selection> selections;  // by watcher
    for (const Segment& segment : run.segments()) {
      if (segment.matches != nullptr && !selections.contains(segment.watcher)) {
        selections[segment.watcher] = Select(run.history(), segment.matches);
      }
    }
    for (const Segment& segment : run.segments()) {
      const Selection* selection =
          segment.matches == nullptr ? nullptr : &selections.at(segment.watcher);
      const History& history = selection == nullptr ? run.history() : selection->sent;
      const std::string at = absl::StrCat(where, segment.watcher, ": ");
      const Recording& recording = segment.recording;
      ++counts_["segments"];
      counts_["streams"] += segment.streams;
      counts_["resumed snapshots"] += segment.resumed_snapshots;
      for (const absl::Status& end : segment.ends) counts_["expired"] += absl::IsOutOfRange(end);
      counts_["outlasted trims"] += segment.outlasted_trim;
      Note("Filtered", at, CheckFiltered(recording, segment.wanted));
      if (selection != nullptr) Note("Filtered", at, CheckTold(recording, *selection));
      for (const Received& received : recording) {
        counts_["entered"] += received.response.entered_records_size();
        counts_["left"] += received.response.left_records_size();
      }
      Note("Ordered", at, CheckOrdered(recording));
      Note("Unique", at, CheckUnique(recording));
      Note("Atomic", at, CheckAtomic(recording, history, segment.wanted));
      Note("Reliable", at, CheckReliable(recording, history, segment.wanted));
      Note("Provable", at, CheckProvable(recording, segment.start));
      Note("Resumable", at, CheckResumable(segment));
      Note("Bookmarkable", at, CheckBookmarkable(recording, absl::Seconds(1), kSlack));
      if (!segment.snapshot || recording.empty()) continue;
      // One that was cut short within its snapshot says nothing.
      if (recording.back().response.has_snapshot()) continue;
      ++counts_["snapshots"];
      Note("Consistent", at,
           CheckConsistent(recording, run.history(), segment.wanted, segment.matches));
    }
    Note("Durable", where, run.CheckDisk());
    Note("Durable", where,
         CheckLinearizable(run.journal(), run.commits(), run.reads(), run.trims()));
    counts_["kills"] += run.kills();
    counts_["restarts"] += run.restarts();
    counts_["trims"] += static_cast<int>(run.trims().size());
    counts_["fell behind"] += run.Fallbacks();
    counts_["reads"] += static_cast<int>(run.reads().size());
    for (const CommitOperation& operation : run.commits()) {
      counts_["unknown outcomes"] += operation.outcome == CommitOperation::Outcome::kUnknown;
      counts_["refused"] += operation.outcome == CommitOperation::Outcome::kRefused;
    }
  }
  static void Expect(const std::string& guarantee) {
    EXPECT_FALSE(found_.contains("Run")) << found_["Run"];
    EXPECT_FALSE(found_.contains(guarantee)) << found_[guarantee];
  }

  static std::map<std::string, std::string> found_;  // what is broken, by guarantee
  static std::map<std::string, int> counts_;
  static int64_t changes_;
};

std::map<std::string, std::string> ChaosTest::found_;
std::map<std::string, int> ChaosTest::counts_;
int64_t ChaosTest::changes_ = 0;

TEST_F(ChaosTest, Filtered) { Expect("Filtered"); }
TEST_F(ChaosTest, Ordered) { Expect("Ordered"); }
TEST_F(ChaosTest, Unique) { Expect("Unique"); }
TEST_F(ChaosTest, Atomic) { Expect("Atomic"); }
TEST_F(ChaosTest, Reliable) { Expect("Reliable"); }
TEST_F(ChaosTest, Provable) { Expect("Provable"); }
TEST_F(ChaosTest, Resumable) { Expect("Resumable"); }
TEST_F(ChaosTest, Bookmarkable) { Expect("Bookmarkable"); }
TEST_F(ChaosTest, Consistent) { Expect("Consistent"); }
// With it that commits and reads are linearizable, and the hash chain of the disk.
TEST_F(ChaosTest, Durable) { Expect("Durable"); }

// The run had what it is for.
TEST_F(ChaosTest, Bounded) {
  Expect("Run");
  for (const auto& [name, count] : counts_) RecordProperty(name, count);
  std::string all = absl::StrCat(changes_, " changes");
  for (const auto& [name, count] : counts_) absl::StrAppend(&all, ", ", count, " ", name);
  std::cout << all << "\n";
  // Each is brought about on purpose, whatever the seed and the machine.
  for (const char* name :
       {"kills", "restarts", "trims", "fell behind", "reads", "refused", "snapshots",
        "resumed snapshots", "expired", "outlasted trims", "entered", "left"}) {
    EXPECT_GT(counts_[name], 0) << name;
  }
  EXPECT_GT(counts_["streams"], counts_["segments"]) << "nobody resumed";
}

}  // namespace
}  // namespace communique::guarantees
