// What is of one revision: pages under writes and pages of much that is computed,
// pins that answer the same bytes, and snapshots.

#include <algorithm>
#include <atomic>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "communique/client.h"
#include "gtest/gtest.h"
#include "tests/e2e/read_fixture.h"
#include "tests/support/program.h"
#include "tests/support/raw_client.h"
#include "tests/support/records.h"
#include "tests/support/test_server.h"
#include "tests/support/watch_reader.h"

namespace communique {
namespace {

using testing::Delete;
using testing::MakeActor;
using testing::MakeSummit;
using testing::Merge;
using testing::Put;
using testing::RawClient;
using testing::ServerKind;

class PinsTest : public ReadTest {};

INSTANTIATE_TEST_SUITE_P(Servers, PinsTest,
                         ::testing::Values(ServerKind::kInProcess, ServerKind::kProcess),
                         [](const auto& info) { return testing::ServerKindName(info.param); });

// Pages are of one revision, however much is written between them.
TEST_P(PinsTest, PagesArePinnedWhileWritersWrite) {
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

// States that are computed for a date count: a page of them stays as small as any.
TEST_P(PinsTest, StatesFillAPageToo) {
  constexpr int kRecords = 8;
  constexpr int kTransitions = 15'000;  // 13 bytes each as stored, 29 as computed
  std::set<std::string> names;
  for (int i = 0; i < kRecords; ++i) {
    v1::Record record = MakeSummit(absl::StrCat("s", i), absl::StrCat("Summit ", i));
    record.mutable_summit()->mutable_time()->set_edtf(absl::StrCat("2019-04-1", i));
    for (int n = 0; n < kTransitions; ++n) {
      v1::StateTransition& transition = *record.mutable_summit()->add_transitions();
      transition.set_id(absl::StrCat("t", n));
      transition.set_to_state(v1::SUMMIT_STATE_ANNOUNCED);
    }
    names.insert(record.name());
    Commit(Put(record));
  }
  ListOptions options;
  options.scope.set_valid_date("2019-04-25");
  for (const char* order : {"", "name desc", "time desc", "title desc"}) {
    SCOPED_TRACE(order);
    options.order_by = order;
    options.page_token.clear();
    std::vector<std::string> listed;
    int pages = 0;
    do {
      const auto page = client_.ListPage(v1::RECORD_KIND_SUMMIT, options);
      ASSERT_TRUE(page.ok()) << page.status();
      size_t bytes = 0;
      for (const v1::Record& record : page->records) {
        listed.push_back(record.name());
        bytes += record.ByteSizeLong();
        EXPECT_GT(record.computed_states_size(), kTransitions);
      }
      EXPECT_LE(bytes, size_t{3} << 20);
      options.page_token = page->next_page_token;
      ++pages;
    } while (!options.page_token.empty() && pages < kRecords);
    EXPECT_GT(pages, 1);
    EXPECT_EQ(listed.size(), names.size());
    // Each of them once, and in order.
    EXPECT_EQ(std::set<std::string>(listed.begin(), listed.end()), names);
    if (*order != '\0') std::reverse(listed.begin(), listed.end());
    EXPECT_TRUE(std::is_sorted(listed.begin(), listed.end()));
  }
}

// Asked again with the pin's revision, after more was written, the same bytes
// come.
TEST_P(PinsTest, PinsAnswerTheSameBytes) {
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
TEST_P(PinsTest, SnapshotIsTheListOfItsRevision) {
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
    for (const WatchedChange& change : (*response)->changes()) {
      EXPECT_TRUE(snapshot.emplace(change.name(), change.record_bytes()).second);
    }
  }
  EXPECT_EQ(snapshot, ListAll(AtRevision(server_->Head())));
}

}  // namespace
}  // namespace communique
