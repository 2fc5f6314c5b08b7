// Reads: every old revision, deleted and merged names, waiting for a revision, and
// knowledge by time.

#include <map>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "communique/client.h"
#include "communique/errors.h"
#include "google/rpc/error_details.pb.h"
#include "gtest/gtest.h"
#include "tests/e2e/read_fixture.h"
#include "tests/support/raw_client.h"
#include "tests/support/records.h"
#include "tests/support/test_server.h"
#include "tests/support/watch_reader.h"

namespace communique {
namespace {

using testing::Delete;
using testing::MakeActor;
using testing::MakeStatement;
using testing::Merge;
using testing::Put;
using testing::RawClient;
using testing::ServerKind;

v1::ReadScope NotBefore(int64_t revision) {
  v1::ReadScope scope;
  scope.set_min_revision(revision);
  return scope;
}

v1::ReadScope AtTime(const google::protobuf::Timestamp& time, int64_t nanos_later = 0) {
  const int64_t nanos = time.nanos() + nanos_later;
  v1::ReadScope scope;
  scope.mutable_known_time()->set_seconds(time.seconds() +
                                          (nanos < 0 ? -1 : nanos / 1'000'000'000));
  scope.mutable_known_time()->set_nanos(
      static_cast<int32_t>((nanos + 1'000'000'000) % 1'000'000'000));
  return scope;
}

INSTANTIATE_TEST_SUITE_P(Servers, ReadTest,
                         ::testing::Values(ServerKind::kInProcess, ServerKind::kProcess),
                         [](const auto& info) { return testing::ServerKindName(info.param); });

TEST_P(ReadTest, EveryOldRevisionIsWhatTheStreamSays) {
  WriteHistory();
  const auto changes = testing::ReadChanges(client_);
  ASSERT_TRUE(changes.ok()) << changes.status();
  const int64_t head = server_->Head();
  ASSERT_GT(head, 60);
  ASSERT_TRUE(testing::CheckDense(*changes, 1, head).ok());
  std::map<int64_t, const v1::Change*> last_of;
  for (const v1::Change& change : *changes) last_of[change.revision()] = &change;
  for (int64_t revision = 0; revision <= head; ++revision) {
    SCOPED_TRACE(revision);
    const State expected = StateAfter(*changes, revision);
    EXPECT_EQ(ListAll(AtRevision(revision)), expected);
    std::vector<std::string> names;
    for (int i = 0; i < 12; ++i) names.push_back(absl::StrCat("actors/n", i));
    const auto batch = client_.BatchGet(names, {.scope = AtRevision(revision)});
    ASSERT_TRUE(batch.ok()) << batch.status();
    EXPECT_EQ(batch->pin().revision(), revision);
    size_t direct = 0;
    for (const v1::Record& record : batch->records()) {
      if (!record.redirected_from().empty()) continue;
      ++direct;
      const auto found = expected.find(record.name());
      ASSERT_NE(found, expected.end()) << record.name();
      EXPECT_EQ(record.SerializeAsString(), found->second);
    }
    EXPECT_EQ(direct, expected.size() - expected.count("summits/s"));
    EXPECT_EQ(batch->records_size() + batch->missing_names_size() + batch->tombstones_size(), 12);
    if (revision == 0) continue;
    // The same by the commit's own time, and by an instant before it.
    const auto& time = last_of.at(revision)->commit_time();
    const auto at = client_.BatchGet(names, {.scope = AtTime(time)});
    ASSERT_TRUE(at.ok()) << at.status();
    EXPECT_EQ(at->SerializeAsString(), batch->SerializeAsString());
    const auto before = client_.BatchGet(names, {.scope = AtTime(time, -1)});
    ASSERT_TRUE(before.ok()) << before.status();
    EXPECT_EQ(before->pin().revision(), revision - 1);
  }
}

TEST_P(ReadTest, HistoryIsWhatTheStreamSays) {
  WriteHistory();
  const auto changes = testing::ReadChanges(client_);
  ASSERT_TRUE(changes.ok()) << changes.status();
  std::map<std::string, std::vector<std::string>> of_name;  // newest first
  for (const v1::Change& change : *changes) {
    auto& history = of_name[change.name()];
    history.insert(history.begin(), change.SerializeAsString());
  }
  for (const auto& [name, expected] : of_name) {
    std::vector<std::string> history;
    int64_t previous = 0;
    for (const auto& revision : client_.History(name, {.page_size = 3})) {
      ASSERT_TRUE(revision.ok()) << name << ": " << revision.status();
      const v1::Change& change = revision->change;
      // Each names the version before it, which is the next one told.
      EXPECT_TRUE(history.empty() || change.revision() == previous) << name;
      previous = change.previous_revision();
      history.push_back(change.SerializeAsString());
    }
    EXPECT_EQ(previous, 0) << name;
    EXPECT_EQ(history, expected) << name;
  }
  // Up to an old revision, only what was known then.
  const int64_t middle = server_->Head() / 2;
  for (const auto& revision : client_.History("summits/s", {.scope = AtRevision(middle)})) {
    ASSERT_TRUE(revision.ok()) << revision.status();
    EXPECT_LE(revision->change.revision(), middle);
  }
  for (const auto& revision : client_.History("actors/never")) {
    EXPECT_EQ(ErrorReason(revision.status()), "RECORD_NOT_FOUND");
  }
}

TEST_P(ReadTest, BatchGetTellsEachName) {
  Commit(Put({MakeActor("a", "A"), MakeActor("b", "B"), MakeActor("gone", "Gone"),
              MakeActor("loser", "Loser"), MakeStatement("s", "S")}));
  Commit(Merge("actors/loser", "actors/b"));
  Commit(Delete("actors/gone"));
  const auto batch = client_.BatchGet(
      {"statements/s", "actors/never", "actors/loser", "actors/a", "actors/gone", "actors/b"});
  ASSERT_TRUE(batch.ok()) << batch.status();
  ASSERT_EQ(batch->records_size(), 4);  // in the order asked for
  EXPECT_EQ(batch->records(0).name(), "statements/s");
  EXPECT_EQ(batch->records(1).name(), "actors/b");
  EXPECT_EQ(batch->records(1).redirected_from(), "actors/loser");
  EXPECT_EQ(batch->records(2).name(), "actors/a");
  EXPECT_EQ(batch->records(3).name(), "actors/b");
  EXPECT_EQ(batch->records(3).redirected_from(), "");
  ASSERT_EQ(batch->missing_names_size(), 1);
  EXPECT_EQ(batch->missing_names(0), "actors/never");
  ASSERT_EQ(batch->tombstones_size(), 1);
  EXPECT_EQ(batch->tombstones(0).name(), "actors/gone");
  EXPECT_EQ(batch->pin().revision(), 3);
}

TEST_P(ReadTest, DeletedNamesAnswerTheirTombstone) {
  Commit(Put(MakeActor("a", "A")));
  v1::CommitRequest deletion = Delete("actors/a");
  deletion.set_reason("a duplicate");
  const int64_t deleted = Commit(deletion);
  const auto gone = client_.Get("actors/a");
  EXPECT_TRUE(absl::IsNotFound(gone.status())) << gone.status();
  EXPECT_EQ(ErrorReason(gone.status()), "RECORD_DELETED");
  const auto tombstone = ErrorDetail<v1::Tombstone>(gone.status());
  ASSERT_TRUE(tombstone.has_value());
  EXPECT_EQ(tombstone->name(), "actors/a");
  EXPECT_EQ(tombstone->cause(), v1::TOMBSTONE_CAUSE_DELETED);
  EXPECT_EQ(tombstone->reason(), "a duplicate");
  EXPECT_EQ(tombstone->revision(), deleted);
  EXPECT_EQ(tombstone->last_revision(), 1);
  EXPECT_EQ(tombstone->principal(), "tester");
  const auto resource = ErrorDetail<google::rpc::ResourceInfo>(gone.status());
  ASSERT_TRUE(resource.has_value());
  EXPECT_EQ(resource->resource_name(), "actors/a");
  // It was there, before; and is again, after a put.
  EXPECT_TRUE(client_.Get("actors/a", {.scope = AtRevision(1)}).ok());
  const int64_t revived = Commit(Put(MakeActor("a", "A again")));
  const auto again = client_.Get("actors/a");
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->create_revision(), revived);
  EXPECT_EQ(ErrorReason(client_.Get("actors/a", {.scope = AtRevision(deleted)}).status()),
            "RECORD_DELETED");
}

TEST_P(ReadTest, MergedNamesAnswerTheirSurvivor) {
  Commit(Put({MakeActor("a", "A"), MakeActor("b", "B"), MakeActor("c", "C")}));
  const int64_t first = Commit(Merge("actors/a", "actors/b"));
  const int64_t second = Commit(Merge("actors/b", "actors/c"));
  const auto survivor = client_.Get("actors/a");
  ASSERT_TRUE(survivor.ok()) << survivor.status();
  EXPECT_EQ(survivor->name(), "actors/c");
  EXPECT_EQ(survivor->redirected_from(), "actors/a");
  const auto between = client_.Get("actors/a", {.scope = AtRevision(first)});
  ASSERT_TRUE(between.ok()) << between.status();
  EXPECT_EQ(between->name(), "actors/b");
  const auto before = client_.Get("actors/a", {.scope = AtRevision(first - 1)});
  ASSERT_TRUE(before.ok()) << before.status();
  EXPECT_EQ(before->name(), "actors/a");
  EXPECT_EQ(before->redirected_from(), "");
  // A list shows survivors alone.
  std::vector<std::string> names;
  for (const auto& record : client_.List(v1::RECORD_KIND_ACTOR)) names.push_back(record->name());
  EXPECT_EQ(names, std::vector<std::string>{"actors/c"});
  // The history of the loser is its own.
  int changes = 0;
  for (const auto& revision : client_.History("actors/a")) {
    ASSERT_TRUE(revision.ok()) << revision.status();
    EXPECT_EQ(revision->change.name(), "actors/a");
    ++changes;
  }
  EXPECT_EQ(changes, 2);
  // Where the survivor is gone, the name says so.
  Commit(Delete("actors/c"));
  const auto gone = client_.Get("actors/a");
  EXPECT_EQ(ErrorReason(gone.status()), "RECORD_DELETED") << gone.status();
  EXPECT_EQ(ErrorMetadata(gone.status())["asked"], "actors/a");
  // Undone, both have their bodies.
  v1::CommitRequest unmerge;
  unmerge.add_mutations()->mutable_unmerge()->set_name("actors/b");
  Commit(unmerge);
  const auto back = client_.Get("actors/a");
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(back->name(), "actors/b");
  EXPECT_EQ(back->actor().display_name(), "B");
  EXPECT_EQ(client_.Get("actors/a", {.scope = AtRevision(second)})->name(), "actors/c");
}

TEST_P(ReadTest, MinRevisionWaitsAndGivesUp) {
  Commit(Put(MakeActor("a", "A")));
  // Comes while the read waits.
  std::thread writer([this] {
    absl::SleepFor(absl::Milliseconds(300));
    Commit(Put(MakeActor("late", "Late")));
  });
  const absl::Time begin = absl::Now();
  const auto late = client_.Get("actors/late", {.scope = NotBefore(2)});
  EXPECT_GE(absl::Now() - begin, absl::Milliseconds(250));
  writer.join();
  ASSERT_TRUE(late.ok()) << late.status();
  EXPECT_GE(late->pin().revision(), 2);
  // Stands already: no wait.
  EXPECT_TRUE(client_.Get("actors/late", {.scope = NotBefore(2)}).ok());
  // Never comes: UNAVAILABLE after 5 s, which the SDK would retry.
  RawClient raw(server_->endpoint());
  v1::GetActorRequest request;
  request.set_name("actors/a");
  *request.mutable_scope() = NotBefore(1000);
  v1::Record record;
  const absl::Time since = absl::Now();
  const absl::Status status =
      testing::FromGrpc(raw.catalog().GetActor(RawClient::Context().get(), request, &record));
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_EQ(ErrorReason(status), "REPLICA_BEHIND");
  EXPECT_EQ(ErrorMetadata(status)["head_revision"], "2");
  EXPECT_TRUE(ErrorRetryDelay(status).has_value());
  EXPECT_GE(absl::Now() - since, absl::Milliseconds(4500));
  EXPECT_LT(absl::Now() - since, absl::Seconds(9));
}

TEST_P(ReadTest, KnownTimeIsTheNewestCommitNotAfterIt) {
  const auto first = client_.Commit(Put(MakeActor("a", "First")));
  const auto second = client_.Commit(Put(MakeActor("a", "Second")));
  ASSERT_TRUE(first.ok() && second.ok());
  const auto title = [this](const v1::ReadScope& scope) {
    const auto record = client_.Get("actors/a", {.scope = scope});
    return record.ok() ? testing::TitleOf(*record) : ErrorReason(record.status());
  };
  EXPECT_EQ(title(AtTime(first->commit_time(), -1)), "RECORD_NOT_FOUND");
  EXPECT_EQ(title(AtTime(first->commit_time())), "First");
  EXPECT_EQ(title(AtTime(second->commit_time(), -1)), "First");
  EXPECT_EQ(title(AtTime(second->commit_time())), "Second");
  google::protobuf::Timestamp future = second->commit_time();
  future.set_seconds(future.seconds() + 1'000'000);
  EXPECT_EQ(title(AtTime(future)), "Second");
  google::protobuf::Timestamp past;
  past.set_seconds(1);
  EXPECT_EQ(title(AtTime(past)), "RECORD_NOT_FOUND");
}

}  // namespace
}  // namespace communique
