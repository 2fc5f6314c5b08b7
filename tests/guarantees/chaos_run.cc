#include "tests/guarantees/chaos_run.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "service/base/hash.h"
#include "service/journal/commit.h"
#include "service/journal/rocksdb_store.h"
#include "tests/guarantees/history_checker.h"
#include "tests/guarantees/watch_fixture.h"
#include "tests/support/raw_client.h"
#include "tests/support/records.h"

namespace communique::guarantees {
namespace {

using testing::RawClient;

constexpr int kWriters = 4;
constexpr int kNames = 100;
// Written once, so that a snapshot takes several responses.
constexpr int kLargeRecords = 900;
constexpr size_t kLargeBytes = 9000;
// What a trim leaves, in turns: so that streams are expired that lag far behind, and
// within the window those that compare with a version that is gone.
constexpr int64_t kHeldRevisions = 300;
constexpr int64_t kHeldTightly = 10;
// About twenty times the window.
constexpr int kStallCommits = 1000;
constexpr absl::Duration kPause = absl::Milliseconds(20);

uint64_t DigestOf(absl::string_view title) { return base::Fnv1a64(title); }

std::string NameOf(int i) { return absl::StrCat("actors/n", i); }

bool Chance(std::mt19937& random, double chance) {
  return std::uniform_real_distribution<>(0, 1)(random) < chance;
}
int Below(std::mt19937& random, int end) {
  return std::uniform_int_distribution<>(0, end - 1)(random);
}

bool IsUnknown(absl::StatusCode code) {
  return code == absl::StatusCode::kUnavailable || code == absl::StatusCode::kDeadlineExceeded ||
         code == absl::StatusCode::kCancelled;
}

bool InShard(absl::string_view name, int index, int count) {
  return count == 0 ||
         base::Fnv1a64(name) % static_cast<uint64_t>(count) == static_cast<uint64_t>(index);
}

std::vector<WatcherHabits> AllHabits() {
  const Wanted everything = [](absl::string_view) { return true; };
  const Wanted one = [](absl::string_view name) { return name == "actors/n1"; };
  const auto shard = [](int index) -> Wanted {
    return [index](absl::string_view name) { return InShard(name, index, 2); };
  };
  // Who wrote a record last stands first in its title.
  const auto by = [](std::vector<std::string> writers) -> Matches {
    return [writers](const v1::Record& record) {
      const std::string title = testing::TitleOf(record);
      return std::any_of(writers.begin(), writers.end(), [&](const std::string& writer) {
        return absl::StartsWith(title, writer + ".");
      });
    };
  };
  return {
      {.name = "steady", .wanted = everything},
      {.name = "slow", .wanted = everything, .pause_ms = 30},
      {.name = "stalling", .wanted = everything, .stall = 0.05},
      {.name = "leaving", .wanted = everything, .disconnect = 0.1, .old_token = 0.3},
      {.name = "silent",
       .filter = "name = \"actors/nobody\"",
       .wanted = [](absl::string_view) { return false; }},
      {.name = "titled",
       .filter = "display_name = \"w1.*\"",
       .wanted = everything,
       .matches = by({"w1"})},
      {.name = "worded",
       .filter = "text(\"w2*\") OR text(\"w3*\")",
       .wanted = everything,
       .matches = by({"w2", "w3"}),
       .snapshot = true,
       .stall = 0.02,
       .disconnect = 0.05,
       .old_token = 0.2},
      {.name = "outlasting", .wanted = everything, .outlasts_trims = true},
      {.name = "one", .filter = "name = \"actors/n1\"", .wanted = one, .disconnect = 0.05},
      {.name = "shard0", .shard_index = 0, .shard_count = 2, .wanted = shard(0), .stall = 0.02},
      {.name = "shard1",
       .shard_index = 1,
       .shard_count = 2,
       .wanted = shard(1),
       .disconnect = 0.05},
      {.name = "snapshot",
       .wanted = everything,
       .snapshot = true,
       .disconnect = 0.3,
       .disconnect_within_snapshot = 0.7},
  };
}

}  // namespace

ChaosRun::ChaosRun(int commits, unsigned seed) : target_(commits), random_(seed) {}
ChaosRun::~ChaosRun() = default;

int64_t ChaosRun::changes() const {
  int64_t count = 0;
  for (const auto& [revision, changes] : history_) count += static_cast<int64_t>(changes.size());
  return count;
}

int ChaosRun::Fallbacks() const {
  int count = 0;
  for (const Segment& segment : segments_) {
    for (const Received& received : segment.recording) {
      for (const int mark : received.response.marks()) count += mark == v1::WATCH_MARK_FELL_BEHIND;
    }
  }
  return count;
}

absl::Status ChaosRun::Run() {
  // A small window: who is slow reads the journal.
  auto server = testing::ServerProcess::Start({.flags = {"--feed_window_bytes=65536"}});
  if (!server.ok()) return server.status();
  server_ = *std::move(server);
  endpoint_ = server_->endpoint();
  if (absl::Status status = Fill(); !status.ok()) return status;
  std::vector<std::thread> writing, watching;
  for (int i = 0; i < kWriters; ++i) {
    writing.emplace_back([this, i, seed = random_()] { Write(i, static_cast<unsigned>(seed)); });
  }
  writing.emplace_back([this, seed = random_()] { Read(static_cast<unsigned>(seed)); });
  for (const WatcherHabits& habits : AllHabits()) {
    watching.emplace_back(
        [this, habits, seed = random_()] { Watch(habits, static_cast<unsigned>(seed)); });
  }
  absl::Status result = Disturb();
  stop_ = true;
  for (std::thread& thread : writing) thread.join();
  if (result.ok()) result = Learn();
  final_head_ = learnt_;
  for (std::thread& thread : watching) thread.join();
  server_->Terminate();
  if (!server_->Wait(absl::Seconds(20))) return absl::InternalError("it did not end");
  if (result.ok() && !problems_.empty()) {
    result = absl::InternalError(absl::StrJoin(problems_, "; "));
  }
  MakeJournal();
  return result;
}

absl::Status ChaosRun::Fill() {
  RawClient client(endpoint_);
  for (int i = 0; i < kLargeRecords; ++i) {
    CommitOperation operation;
    operation.id = absl::StrCat("fill.", i);
    operation.begin = absl::Now();
    v1::Record record = testing::MakeActor(absl::StrCat("large", i), operation.id);
    record.mutable_actor()->set_description(std::string(kLargeBytes, 'x'));
    v1::CommitRequest request = testing::Put(record);
    request.set_reason(operation.id);
    const auto answer = client.Commit(request);
    if (!answer.ok()) return answer.status();
    operation.end = absl::Now();
    operation.outcome = CommitOperation::Outcome::kAcknowledged;
    operation.revision = answer->revision();
    operation.effects.push_back({record.name(), DigestOf(operation.id), true});
    commits_.push_back(std::move(operation));
  }
  return absl::OkStatus();
}

void ChaosRun::Write(int number, unsigned seed) {
  std::mt19937 random(seed);
  RawClient client(endpoint_);
  const std::string own = absl::StrCat("actors/w", number);
  int64_t own_revision = 0;  // as far as this writer knows
  for (int i = 0; !stop_; ++i) {
    CommitOperation operation;
    operation.id = absl::StrCat("w", number, ".", i);
    v1::CommitRequest request;
    const auto put = [&](const std::string& name) {
      const std::string title = absl::StrCat(operation.id, " ", name);
      *request.add_mutations()->mutable_put() = testing::MakeRecord(name, title);
      operation.effects.push_back({name, DigestOf(title), true});
    };
    const int first = Below(random, kNames);
    const bool conditional = Chance(random, 0.1);
    if (conditional) {
      put(own);
      if (own_revision > 0) {
        v1::Precondition& condition = *request.add_preconditions();
        condition.set_name(own);
        // At times of a version that is no more.
        const int64_t asked = own_revision - (Chance(random, 0.3) ? 1 : 0);
        condition.set_revision(asked);
        operation.conditions.push_back({Condition::Kind::kRevision, own, asked});
      }
    } else if (Chance(random, 0.15)) {
      request = testing::Delete(NameOf(first));
      operation.effects.push_back({NameOf(first), 0, false});
    } else {
      // Large ones too: what a watcher misses in a second is then more than the window.
      const int count = 1 + Below(random, Chance(random, 0.3) ? kNames / 2 : 4);
      for (int j = 0; j < count; ++j) put(NameOf((first + j) % kNames));
    }
    request.set_reason(operation.id);
    request.set_request_id(operation.id);
    operation.begin = absl::Now();
    while (true) {
      const auto answer = client.Commit(request);
      if (answer.ok()) {
        operation.outcome = CommitOperation::Outcome::kAcknowledged;
        operation.revision = answer->revision();
        if (conditional) own_revision = operation.revision;
        ++acknowledged_;
      } else if (IsUnknown(answer.status().code())) {
        absl::SleepFor(kPause);
        // Some give up: nobody knows what became of it.
        if (!Chance(random, 0.1)) continue;
        if (conditional) own_revision = 0;
      } else {
        operation.outcome = CommitOperation::Outcome::kRefused;
        if (!absl::IsNotFound(answer.status()) && !absl::IsAborted(answer.status())) {
          absl::MutexLock lock(&mutex_);
          problems_.push_back(absl::StrCat(operation.id, ": ", answer.status().ToString()));
        }
      }
      break;
    }
    if (operation.outcome != CommitOperation::Outcome::kUnknown) operation.end = absl::Now();
    absl::MutexLock lock(&mutex_);
    commits_.push_back(std::move(operation));
  }
}

void ChaosRun::Read(unsigned seed) {
  std::mt19937 random(seed);
  RawClient client(endpoint_);
  while (!stop_) {
    v1::BatchGetRequest request;
    const int first = Below(random, kNames);
    for (int i = 0; i < 5; ++i) request.add_names(NameOf((first + i) % kNames));
    v1::BatchGetResponse response;
    const auto context = RawClient::Context();
    const absl::Time begin = absl::Now();
    if (!client.catalog().BatchGet(context.get(), request, &response).ok()) {
      absl::SleepFor(kPause);
      continue;
    }
    const absl::Time end = absl::Now();
    std::map<std::string, int64_t> found;
    for (const v1::Record& record : response.records()) found[record.name()] = record.revision();
    absl::MutexLock lock(&mutex_);
    for (const std::string& name : request.names()) {
      reads_.push_back({begin, end, name, found[name], response.pin().revision()});
    }
  }
}

void ChaosRun::Watch(const WatcherHabits& habits, unsigned seed) {
  std::mt19937 random(seed);
  std::string token;
  int64_t start = 0;
  bool done = false;
  bool snapshot = habits.snapshot;
  while (!done) {
    Segment segment;
    segment.watcher = habits.name;
    segment.wanted = habits.wanted;
    segment.matches = habits.matches;
    segment.snapshot = snapshot && token.empty();
    segment.start = start;
    done = WatchSegment(habits, random, segment, token, start);
    // Without a position, after one that expired: the state first.
    snapshot = true;
    absl::MutexLock lock(&mutex_);
    segments_.push_back(std::move(segment));
  }
}

// One segment; true when it reached the end of the run. Else the next one begins
// with `next_token`, at `next_start`, or with a snapshot when that is empty.
bool ChaosRun::WatchSegment(const WatcherHabits& habits, std::mt19937& random, Segment& segment,
                            std::string& next_token, int64_t& next_start) {
  std::string token = std::exchange(next_token, "");
  bool within_snapshot = segment.snapshot;
  int64_t through = segment.start;
  for (;; ++segment.streams) {
    v1::WatchRequest request;
    if (!token.empty()) {
      request.set_resume_token(token);
      segment.resumed_snapshots += within_snapshot && !segment.recording.empty();
    } else if (segment.snapshot) {
      request.set_snapshot(true);
    } else {
      request.set_start_revision(0);
    }
    request.set_filter(habits.filter);
    if (habits.shard_count > 0) {
      request.mutable_shard()->set_index(habits.shard_index);
      request.mutable_shard()->set_count(habits.shard_count);
    }
    request.mutable_checkpoint_interval()->set_seconds(1);
    RawWatch watch(endpoint_, request);
    bool leaves = false;
    const auto at_end = [&] {
      const int64_t final_head = final_head_;
      return !within_snapshot && final_head >= 0 && through >= final_head;
    };
    while (!at_end() && !leaves && watch.ReadOne()) {
      const v1::WatchResponse& response = watch.recording().back().response;
      token = response.resume_token();
      for (const int mark : response.marks()) {
        if (mark == v1::WATCH_MARK_SNAPSHOT_END) within_snapshot = false;
      }
      if (!within_snapshot) through = response.through_revision();
      if (habits.pause_ms > 0) absl::SleepFor(absl::Milliseconds(habits.pause_ms));
      if (Chance(random, habits.stall)) Stall(kStallCommits);
      const bool first_piece = habits.disconnect_within_snapshot > 0 && segment.streams == 1 &&
                               within_snapshot && watch.recording().size() == 1;
      leaves =
          final_head_ < 0 &&
          (first_piece || (habits.outlasts_trims && !within_snapshot) ||
           Chance(random, within_snapshot ? habits.disconnect_within_snapshot : habits.disconnect));
    }
    absl::Status end;
    if (!at_end() && !leaves) end = watch.Finish();
    segment.recording.insert(segment.recording.end(), watch.recording().begin(),
                             watch.recording().end());
    if (at_end()) return true;
    if (leaves && habits.outlasts_trims) {
      while (final_head_ < 0 && trimmed_to_ <= through) absl::SleepFor(kPause);
      segment.outlasted_trim = trimmed_to_ > through;
      continue;
    }
    if (leaves) {
      if (!Chance(random, habits.old_token)) continue;
      const int back = Below(random, static_cast<int>(segment.recording.size()));
      const Received& old = segment.recording[static_cast<size_t>(back)];
      if (old.response.has_snapshot()) continue;
      next_token = old.response.resume_token();
      next_start = old.response.through_revision();
      return false;
    }
    segment.ends.push_back(end);
    if (!IsUnknown(end.code())) return false;  // typed; CheckResumable looks at it
    absl::SleepFor(kPause);
  }
}

void ChaosRun::Stall(int commits) const {
  const int until = acknowledged_ + commits;
  while (!stop_ && acknowledged_ < until) absl::SleepFor(kPause);
}

absl::Status ChaosRun::Disturb() {
  const absl::Time limit = absl::Now() + absl::Seconds(60) + absl::Milliseconds(20) * target_;
  int next = 0;
  for (int turn = 0; acknowledged_ < target_; ++turn) {
    next += target_ / 8;
    while (acknowledged_ < std::min(next, target_)) {
      if (absl::Now() > limit) return absl::DeadlineExceededError("too few commits came");
      absl::SleepFor(kPause);
    }
    if (turn % 3 == 2) {
      const int64_t held = trims_.size() % 2 == 0 ? kHeldRevisions : kHeldTightly;
      if (absl::Status status = Trim(held); !status.ok()) return status;
      continue;
    }
    if (turn % 3 == 0) {
      server_->Kill();
      ++kills_;
    } else {
      server_->Terminate();
      if (!server_->Wait(absl::Seconds(20))) return absl::InternalError("it did not drain");
      ++restarts_;
    }
    if (absl::Status status = server_->Restart(); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status ChaosRun::Trim(int64_t held_revisions) {
  if (absl::Status status = Learn(); !status.ok()) return status;
  if (learnt_ <= held_revisions) return absl::OkStatus();
  TrimOperation trim;
  trim.oldest = learnt_ - held_revisions;
  trim.begin = absl::Now();
  RawClient admin(server_->admin_endpoint());
  const auto context = RawClient::Context();
  v1::TrimJournalRequest request;
  request.set_revision(trim.oldest);
  v1::TrimJournalResponse response;
  const grpc::Status status = admin.admin().TrimJournal(context.get(), request, &response);
  trim.end = absl::Now();
  trims_.push_back(trim);
  if (status.ok()) trimmed_to_ = response.oldest_revision();
  return testing::FromGrpc(status);
}

absl::Status ChaosRun::Learn() {
  v1::WatchRequest request;
  request.set_start_revision(learnt_);
  request.set_until_head(true);
  RawWatch watch(endpoint_, request);
  if (absl::Status status = watch.Finish(); !status.ok()) return status;
  for (const Received& received : watch.recording()) {
    for (const v1::Change& change : received.response.changes()) {
      history_[change.revision()].push_back(change);
    }
  }
  const int64_t through = watch.through();
  for (int64_t revision = learnt_ + 1; revision <= through; ++revision) history_[revision];
  learnt_ = std::max(learnt_, through);
  return absl::OkStatus();
}

void ChaosRun::MakeJournal() {
  for (const auto& [revision, changes] : history_) {
    JournalCommit commit;
    commit.revision = revision;
    for (const v1::Change& change : changes) {
      commit.operation = change.reason();
      commit.effects.push_back(
          {change.name(), change.has_record() ? DigestOf(testing::TitleOf(change.record())) : 0,
           change.has_record()});
    }
    journal_.commits.push_back(std::move(commit));
  }
}

absl::Status ChaosRun::CheckDisk() const {
  auto store = journal::RocksDbStore::Open({.data_dir = server_->data_dir()});
  if (!store.ok()) return store.status();
  ChainChecker chain;
  int64_t revision = (*store)->oldest();
  absl::Status status;
  const absl::Status read =
      (*store)->ReadCommits(revision, [&](const journal::StoredCommit& commit) {
        status = chain.Take(commit);
        const std::vector<v1::Change>& told = history_.at(++revision);
        if (status.ok() && told.size() != commit.framed_changes.size()) {
          status = absl::DataLossError(absl::StrCat("commit ", revision, " was told in part"));
        }
        for (size_t i = 0; status.ok() && i < told.size(); ++i) {
          if (journal::UnframeChange(commit.framed_changes[i]) != told[i].SerializeAsString()) {
            status = absl::DataLossError(absl::StrCat("commit ", revision, " was told otherwise"));
          }
        }
        return status.ok();
      });
  if (!status.ok()) return status;
  if (!read.ok()) return read;
  if (revision != learnt_) {
    return absl::DataLossError(
        absl::StrCat("the disk ends at ", revision, ", ", learnt_, " was told"));
  }
  return absl::OkStatus();
}

}  // namespace communique::guarantees
