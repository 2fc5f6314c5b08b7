// Reads: pinned pages under writes, every old revision, deleted and merged names,
// waiting for a revision, knowledge by time, and pins that answer the same bytes.

#include <atomic>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "communique/client.h"
#include "communique/errors.h"
#include "google/rpc/error_details.pb.h"
#include "gtest/gtest.h"
#include "tests/support/program.h"
#include "tests/support/raw_client.h"
#include "tests/support/records.h"
#include "tests/support/test_server.h"
#include "tests/support/watch_reader.h"

namespace communique {
namespace {

using testing::Delete;
using testing::MakeActor;
using testing::MakeStatement;
using testing::MakeSummit;
using testing::Merge;
using testing::Put;
using testing::RawClient;
using testing::ServerKind;

v1::ReadScope AtRevision(int64_t revision) {
  v1::ReadScope scope;
  scope.set_known_revision(revision);
  return scope;
}

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

// The state after a revision, told by the stream alone: name to the record's
// bytes, without what is gone.
using State = std::map<std::string, std::string>;
State StateAfter(const std::vector<v1::Change>& changes, int64_t revision) {
  State state;
  for (const v1::Change& change : changes) {
    if (change.revision() > revision) break;
    if (change.has_record()) {
      state[change.name()] = change.record().SerializeAsString();
    } else {
      state.erase(change.name());
    }
  }
  return state;
}

class ReadTest : public ::testing::TestWithParam<ServerKind> {
 protected:
  int64_t Commit(const v1::CommitRequest& request) {
    const auto answer = client_.Commit(request);
    EXPECT_TRUE(answer.ok()) << answer.status();
    return answer.ok() ? answer->revision() : 0;
  }

  // Some hundred commits of every kind over a few names.
  void WriteHistory() {
    std::mt19937 random(20230912);
    std::set<std::string> merged;
    const auto name = [&] { return absl::StrCat("actors/n", random() % 12); };
    for (int i = 0; i < 200; ++i) {
      const std::string first = name();
      const std::string second = name();
      if (merged.contains(first) || merged.contains(second)) continue;
      v1::CommitRequest request;
      switch (random() % 6) {
        case 0:
          request = Delete(first);
          break;
        case 1:
          if (merged.size() < 4) request = Merge(first, second);
          break;
        case 2:
          request = Put({testing::MakeRecord(first, absl::StrCat("Both ", i)),
                         MakeSummit("s", absl::StrCat("Summit ", i))});
          break;
        default:
          request = Put(testing::MakeRecord(first, absl::StrCat("Title ", i)));
      }
      if (request.mutations().empty()) continue;
      request.set_reason(absl::StrCat("step ", i));
      const auto answer = client_.Commit(request);  // refused where nothing stands
      if (answer.ok() && request.mutations(0).has_merge()) merged.insert(first);
    }
  }

  State ListAll(const v1::ReadScope& scope) {
    State state;
    for (const v1::RecordKind kind : {v1::RECORD_KIND_SUMMIT, v1::RECORD_KIND_ACTOR}) {
      for (const auto& record : client_.List(kind, {.page_size = 5, .scope = scope})) {
        EXPECT_TRUE(record.ok()) << record.status();
        if (!record.ok()) return state;
        EXPECT_TRUE(state.emplace(record->name(), record->SerializeAsString()).second)
            << record->name() << " came twice";
      }
    }
    return state;
  }

  std::unique_ptr<testing::TestServer> server_ = testing::StartServer(GetParam());
  Client client_ = server_->MakeClient();
};

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

// Pages are of one revision, however much is written between them.
TEST_P(ReadTest, PagesArePinnedWhileWritersWrite) {
  constexpr int kNames = 300;
  for (int i = 0; i < kNames; i += 50) {
    v1::CommitRequest request;
    for (int j = i; j < i + 50; ++j) {
      *request.add_mutations()->mutable_put() = MakeActor(absl::StrCat("p", j), "At first");
    }
    Commit(request);
  }
  std::atomic<bool> stop{false};
  std::atomic<int64_t> written{0};
  std::vector<std::thread> writers;
  for (int w = 0; w < 3; ++w) {
    writers.emplace_back([&, w] {
      const Client writer = server_->MakeClient();
      for (int i = 0; !stop; ++i) {
        // Records change, come and go.
        const std::string id = absl::StrCat("p", (i * 7 + w) % (kNames + 40));
        const auto answer = i % 5 == 4
                                ? writer.Commit(Delete(absl::StrCat("actors/", id)))
                                : writer.Commit(Put(MakeActor(id, absl::StrCat("By ", w, " ", i))));
        written += answer.ok();
      }
    });
  }
  // Lists in pages, with writes after each, until a page fails.
  std::map<int64_t, State> listed;
  const auto list_once = [&] {
    std::string token;
    std::optional<int64_t> revision;
    std::string last;
    State state;
    do {
      const int64_t before = written;
      const auto page =
          client_.ListPage(v1::RECORD_KIND_ACTOR, {.page_size = 20, .page_token = token});
      ASSERT_TRUE(page.ok()) << page.status();
      if (!revision) revision = page->pin.revision();
      EXPECT_EQ(page->pin.revision(), *revision);
      for (const v1::Record& record : page->records) {
        EXPECT_LT(last, record.name());
        last = record.name();
        state[record.name()] = record.SerializeAsString();
      }
      token = page->next_page_token;
      ASSERT_TRUE(testing::Eventually([&] { return written > before; }));
    } while (!token.empty());
    listed[*revision] = std::move(state);
  };
  for (int round = 0; round < 15 && !HasFatalFailure(); ++round) list_once();
  stop = true;
  for (std::thread& writer : writers) writer.join();
  const auto changes = testing::ReadChanges(client_);
  ASSERT_TRUE(changes.ok()) << changes.status();
  for (const auto& [revision, state] : listed) {
    EXPECT_TRUE(state == StateAfter(*changes, revision)) << "at revision " << revision;
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

// Asked again with the pin's revision, after more was written, the same bytes
// come.
TEST_P(ReadTest, PinsAnswerTheSameBytes) {
  Commit(Put({MakeActor("a", "A"), MakeActor("b", "B"), MakeSummit("s", "S")}));
  Commit(Merge("actors/b", "actors/a"));
  RawClient raw(server_->endpoint());
  const auto get = [&raw](const v1::ReadScope& scope) {
    v1::GetActorRequest request;
    request.set_name("actors/b");
    *request.mutable_scope() = scope;
    v1::Record record;
    EXPECT_TRUE(raw.catalog().GetActor(RawClient::Context().get(), request, &record).ok());
    return record;
  };
  const auto list = [&raw](const v1::ReadScope& scope) {
    v1::ListActorsRequest request;
    *request.mutable_scope() = scope;
    v1::ListActorsResponse response;
    EXPECT_TRUE(raw.catalog().ListActors(RawClient::Context().get(), request, &response).ok());
    return response;
  };
  const auto batch = [&raw](const v1::ReadScope& scope) {
    v1::BatchGetRequest request;
    for (const char* name : {"actors/a", "actors/b", "summits/s", "actors/x"}) {
      request.add_names(name);
    }
    *request.mutable_scope() = scope;
    v1::BatchGetResponse response;
    EXPECT_TRUE(raw.catalog().BatchGet(RawClient::Context().get(), request, &response).ok());
    return response;
  };
  const auto history = [&raw](const v1::ReadScope& scope) {
    v1::ListRevisionsRequest request;
    request.set_name("actors/a");
    *request.mutable_scope() = scope;
    v1::ListRevisionsResponse response;
    EXPECT_TRUE(raw.catalog().ListRevisions(RawClient::Context().get(), request, &response).ok());
    return response;
  };
  const auto got = get({});
  const auto listed = list({});
  const auto batched = batch({});
  const auto told = history({});
  const v1::Pin pin = got.pin();
  EXPECT_EQ(pin.revision(), 2);
  EXPECT_EQ(pin.journal_hash().size(), 32u);
  EXPECT_FALSE(pin.store_id().empty());
  const auto status = client_.Status();
  ASSERT_TRUE(status.ok());
  EXPECT_EQ(pin.store_id(), status->store_id());
  EXPECT_EQ(pin.journal_hash(), status->journal_hash());
  for (const v1::Pin& other : {listed.pin(), batched.pin(), told.pin()}) {
    EXPECT_EQ(other.SerializeAsString(), pin.SerializeAsString());
  }
  Commit(Put({MakeActor("a", "A later"), MakeActor("x", "X"), MakeSummit("s", "S later")}));
  Commit(Delete("actors/a"));
  const v1::ReadScope pinned = AtRevision(pin.revision());
  EXPECT_EQ(get(pinned).SerializeAsString(), got.SerializeAsString());
  EXPECT_EQ(list(pinned).SerializeAsString(), listed.SerializeAsString());
  EXPECT_EQ(batch(pinned).SerializeAsString(), batched.SerializeAsString());
  EXPECT_EQ(history(pinned).SerializeAsString(), told.SerializeAsString());
  // Revision 0 is a pin too: of nothing.
  const auto nothing = list(AtRevision(0));
  EXPECT_EQ(nothing.actors_size(), 0);
  EXPECT_EQ(nothing.pin().revision(), 0);
  EXPECT_EQ(nothing.pin().journal_hash(), "");
}

// A snapshot of the feed is the list of the same revision.
TEST_P(ReadTest, SnapshotIsTheListOfItsRevision) {
  WriteHistory();
  v1::WatchRequest request;
  request.set_snapshot(true);
  request.set_until_head(true);
  communique::Watch watch = client_.Watch({.request = request});
  State snapshot;
  while (true) {
    const auto response = watch.Next();
    ASSERT_TRUE(response.ok()) << response.status();
    if (!response->has_value()) break;
    for (const v1::Change& change : (*response)->changes()) {
      EXPECT_TRUE(snapshot.emplace(change.name(), change.record().SerializeAsString()).second);
    }
  }
  EXPECT_EQ(snapshot, ListAll(AtRevision(server_->Head())));
}

}  // namespace
}  // namespace communique
