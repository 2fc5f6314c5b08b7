// The watch contract over real streams, a test for each name in feed.proto.
#include <atomic>
#include <map>
#include <random>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "service/base/error.h"
#include "service/base/hash.h"
#include "tests/guarantees/checker.h"
#include "tests/guarantees/watch_fixture.h"
#include "tests/support/records.h"

namespace communique::guarantees {
namespace {

bool Everything(absl::string_view) { return true; }
bool Actors(absl::string_view name) { return absl::StartsWith(name, "actors/"); }

#define EXPECT_KEPT(check)                    \
  do {                                        \
    const absl::Status kept = (check);        \
    EXPECT_TRUE(kept.ok()) << kept.message(); \
  } while (false)

TEST(WatchGuaranteeTest, Filtered) {
  WatchFixture fixture;
  v1::WatchRequest request = fixture.FromRevision(0);
  request.set_filter("kind = actor");
  auto watch = fixture.Watch(request);
  fixture.Traffic(/*writers=*/3, /*commits_each=*/150, /*seed=*/1);
  ASSERT_TRUE(watch->ReadThrough(fixture.head()));
  EXPECT_KEPT(CheckFiltered(watch->recording(), Actors));
  EXPECT_KEPT(CheckAll(watch->recording(), fixture.history(), Actors, 0));
}

TEST(WatchGuaranteeTest, FilteredTellsWhoEntersAndLeaves) {
  WatchFixture fixture;
  v1::WatchRequest request = fixture.FromRevision(0);
  request.set_filter("title:\"commit 1\" OR display_name:\"commit 1\"");
  auto live = fixture.Watch(request);
  fixture.Traffic(/*writers=*/3, /*commits_each=*/150, /*seed=*/15);
  const Selection wanted = Select(fixture.history(), [](const v1::Record& record) {
    return absl::StrContains(testing::TitleOf(record), "commit 1");
  });
  ASSERT_GT(wanted.entered.size(), 20u);
  ASSERT_GT(wanted.left.size(), 20u);
  const auto check = [&](RawWatch& watch) {
    ASSERT_TRUE(watch.ReadThrough(fixture.head()));
    EXPECT_KEPT(CheckTold(watch.recording(), wanted));
    EXPECT_KEPT(CheckAll(watch.recording(), wanted.sent, Everything, 0));
  };
  check(*live);
  // From the journal, by one who saw nothing of it before: the same.
  live->Cancel();
  fixture.Restart();
  check(*fixture.Watch(request));
}

TEST(WatchGuaranteeTest, FilteredSharesArePartsOfTheWhole) {
  WatchFixture fixture;
  fixture.Traffic(2, 150, 2);
  for (int i = 0; i < 3; ++i) {
    v1::WatchRequest request = fixture.FromRevision(0);
    request.mutable_shard()->set_index(i);
    request.mutable_shard()->set_count(3);
    request.set_until_head(true);
    auto watch = fixture.Watch(request);
    EXPECT_TRUE(watch->Finish().ok());
    const auto mine = [i](absl::string_view name) {
      return base::Fnv1a64(name) % 3 == static_cast<uint64_t>(i);
    };
    EXPECT_KEPT(CheckAll(watch->recording(), fixture.history(), mine, 0));
    EXPECT_EQ(watch->through(), fixture.head());
  }
}

TEST(WatchGuaranteeTest, Ordered) {
  WatchFixture fixture;
  auto watch = fixture.Watch(fixture.FromRevision(0));
  fixture.Traffic(4, 150, 3);
  ASSERT_TRUE(watch->ReadThrough(fixture.head()));
  EXPECT_KEPT(CheckOrdered(watch->recording()));
}

TEST(WatchGuaranteeTest, Unique) {
  WatchFixture fixture;
  fixture.StartTraffic(3, 200, 4);
  // Reconnects at random places with the last token: no change comes twice.
  Recording all;
  std::string token;
  std::mt19937 random(4);
  for (int i = 0; i < 20; ++i) {
    v1::WatchRequest request = fixture.FromRevision(0);
    if (!token.empty()) request.set_resume_token(token);
    auto watch = fixture.Watch(request);
    for (unsigned reads = 1 + random() % 5; reads > 0; --reads) ASSERT_TRUE(watch->ReadOne());
    all.insert(all.end(), watch->recording().begin(), watch->recording().end());
    token = watch->token();
  }
  fixture.JoinTraffic();
  v1::WatchRequest request;
  request.set_resume_token(token);
  request.set_until_head(true);
  auto watch = fixture.Watch(request);
  EXPECT_TRUE(watch->Finish().ok());
  all.insert(all.end(), watch->recording().begin(), watch->recording().end());
  EXPECT_KEPT(CheckUnique(all));
  EXPECT_KEPT(CheckAll(all, fixture.history(), Everything, 0));
}

TEST(WatchGuaranteeTest, Atomic) {
  WatchFixture fixture;
  fixture.Traffic(1, 10, 5);
  // A thousand mutations and nearly a mebibyte: one commit, one response.
  v1::CommitRequest request;
  for (int i = 0; i < 1000; ++i) {
    *request.add_mutations()->mutable_put() =
        testing::MakeActor(absl::StrCat("big-", i), std::string(900, 'x'));
  }
  const int64_t big = fixture.Commit(request);
  ASSERT_GT(big, 0);
  fixture.Traffic(2, 50, 5);
  auto watch = fixture.Watch(fixture.FromRevision(0));
  ASSERT_TRUE(watch->ReadThrough(fixture.head()));
  EXPECT_KEPT(CheckAtomic(watch->recording(), fixture.history(), Everything));
}

TEST(WatchGuaranteeTest, Reliable) {
  WatchFixture fixture;
  // Several watchers from different places, opened while writers write.
  fixture.StartTraffic(3, 200, 6);
  std::vector<std::unique_ptr<RawWatch>> watches;
  std::vector<int64_t> starts;
  for (int i = 0; i < 5; ++i) {
    const int64_t start = fixture.head();
    starts.push_back(start);
    watches.push_back(fixture.Watch(fixture.FromRevision(start)));
    while (fixture.head() < start + 20) absl::SleepFor(absl::Milliseconds(1));
  }
  fixture.JoinTraffic();
  const History history = fixture.history();
  for (size_t i = 0; i < watches.size(); ++i) {
    ASSERT_TRUE(watches[i]->ReadThrough(fixture.head()));
    EXPECT_KEPT(CheckAll(watches[i]->recording(), history, Everything, starts[i]));
  }
}

TEST(WatchGuaranteeTest, Provable) {
  WatchFixture fixture;
  fixture.Traffic(2, 100, 7);
  // A filter that nothing matches still proves that nothing was missed.
  v1::WatchRequest request = fixture.FromRevision(0);
  request.set_filter("name = \"summits/never\"");
  auto watch = fixture.Watch(request);
  ASSERT_TRUE(watch->ReadThrough(fixture.head()));
  EXPECT_KEPT(CheckProvable(watch->recording(), 0));
  for (const Received& received : watch->recording()) {
    EXPECT_EQ(received.response.changes_size(), 0);
  }
}

TEST(WatchGuaranteeTest, Resumable) {
  WatchFixture fixture;
  fixture.Traffic(2, 50, 8);
  auto first = fixture.Watch(fixture.FromRevision(0));
  ASSERT_TRUE(first->ReadOne());
  const std::string token = first->token();
  const int64_t through = first->through();
  fixture.Traffic(2, 50, 9);
  fixture.Restart();
  // The same token, again and again, also after a restart.
  for (int i = 0; i < 2; ++i) {
    v1::WatchRequest request;
    request.set_resume_token(token);
    request.set_until_head(true);
    auto watch = fixture.Watch(request);
    EXPECT_TRUE(watch->Finish().ok());
    EXPECT_KEPT(CheckAll(watch->recording(), fixture.history(), Everything, through));
    EXPECT_EQ(watch->through(), fixture.head());
  }
}

TEST(WatchGuaranteeTest, ResumableRefusesWhatIsForeignAsWhatItIs) {
  WatchFixture fixture, other;
  fixture.Traffic(1, 20, 10);
  other.Traffic(1, 20, 10);
  auto watch = fixture.Watch(fixture.FromRevision(0));
  ASSERT_TRUE(watch->ReadThrough(fixture.head()));
  const auto reason = [](WatchFixture& at, const v1::WatchRequest& request) {
    return base::ReasonOf(at.Watch(request)->Finish());
  };
  v1::WatchRequest request;
  request.set_resume_token(watch->token());
  EXPECT_EQ(reason(other, request), v1::ERROR_REASON_RESUME_TOKEN_MISMATCH);
  request.set_filter("kind = actor");
  EXPECT_EQ(reason(fixture, request), v1::ERROR_REASON_RESUME_TOKEN_MISMATCH);
  request.clear_filter();
  std::string damaged = watch->token();
  damaged[damaged.size() / 2] = damaged[damaged.size() / 2] == 'A' ? 'B' : 'A';
  request.set_resume_token(damaged);
  EXPECT_EQ(reason(fixture, request), v1::ERROR_REASON_INVALID_RESUME_TOKEN);
  EXPECT_EQ(reason(fixture, fixture.FromRevision(fixture.head() + 1)),
            v1::ERROR_REASON_REVISION_IN_FUTURE);
}

TEST(WatchGuaranteeTest, Bookmarkable) {
  WatchFixture fixture;
  v1::WatchRequest request = fixture.FromRevision(0);
  request.set_filter("name = \"summits/never\"");
  request.mutable_checkpoint_interval()->set_seconds(1);
  auto watch = fixture.Watch(request);
  fixture.StartTraffic(1, 300, 11);
  ASSERT_TRUE(watch->ReadUntil([](const Recording& recording) { return recording.size() >= 4; }));
  fixture.JoinTraffic();
  EXPECT_KEPT(CheckBookmarkable(watch->recording(), absl::Seconds(1), absl::Seconds(4)));
  const v1::WatchResponse& last = watch->recording().back().response;
  EXPECT_GT(last.head_revision(), 0);
  EXPECT_TRUE(last.has_server_time());
  ASSERT_EQ(last.marks_size(), 1);
  EXPECT_EQ(last.marks(0), v1::WATCH_MARK_CHECKPOINT);
}

TEST(WatchGuaranteeTest, BookmarkableWhenBusyToo) {
  WatchFixture fixture;
  v1::WatchRequest request = fixture.FromRevision(0);
  request.mutable_checkpoint_interval()->set_seconds(1);
  auto watch = fixture.Watch(request);
  // Every response has a change, for longer than two intervals; lag can be read
  // off all the same.
  std::atomic<bool> stop{false};
  std::thread writer([&] {
    while (!stop) {
      fixture.PutActor("busy", absl::StrCat(absl::GetCurrentTimeNanos()));
      absl::SleepFor(absl::Milliseconds(5));
    }
  });
  int with_changes = 0;
  EXPECT_TRUE(watch->ReadUntil([&](const Recording& recording) {
    with_changes = 0;
    for (const Received& received : recording) {
      with_changes += received.response.changes_size() > 0 && received.response.head_revision() > 0;
    }
    return with_changes >= 2 || recording.size() > 2000;
  }));
  stop = true;
  writer.join();
  EXPECT_GE(with_changes, 2);
}

TEST(WatchGuaranteeTest, Consistent) {
  WatchFixture fixture;
  fixture.Traffic(2, 100, 12);
  fixture.StartTraffic(3, 300, 13);
  v1::WatchRequest request;
  request.set_snapshot(true);
  auto watch = fixture.Watch(request);
  ASSERT_TRUE(watch->ReadOne());
  fixture.JoinTraffic();
  ASSERT_TRUE(watch->ReadThrough(fixture.head()));
  EXPECT_KEPT(CheckConsistent(watch->recording(), fixture.history(), Everything));
  EXPECT_KEPT(CheckAll(watch->recording(), fixture.history(), Everything, 0));
  EXPECT_TRUE(watch->Saw(v1::WATCH_MARK_SNAPSHOT_END));
}

TEST(WatchGuaranteeTest, ConsistentWhenASnapshotResumesHalfWay) {
  WatchFixture fixture;
  // Enough for several pieces of 2 MiB.
  for (int i = 0; i < 8; ++i) {
    v1::CommitRequest request;
    for (int j = 0; j < 100; ++j) {
      *request.add_mutations()->mutable_put() =
          testing::MakeActor(absl::StrCat("r-", i, "-", j), std::string(9000, 'x'));
    }
    ASSERT_GT(fixture.Commit(request), 0);
  }
  v1::WatchRequest request;
  request.set_snapshot(true);
  auto first = fixture.Watch(request);
  ASSERT_TRUE(first->ReadOne());
  ASSERT_FALSE(first->Saw(v1::WATCH_MARK_SNAPSHOT_END));
  Recording all = {first->recording()[0]};
  // The state moves on; the snapshot does not.
  fixture.Traffic(1, 30, 14);
  for (int i = 0; i < 100; ++i) fixture.PutActor(absl::StrCat("r-7-", i), "later");
  v1::WatchRequest resume;
  resume.set_resume_token(all[0].response.resume_token());
  resume.set_until_head(true);
  auto second = fixture.Watch(resume);
  EXPECT_TRUE(second->Finish().ok());
  all.insert(all.end(), second->recording().begin(), second->recording().end());
  EXPECT_KEPT(CheckConsistent(all, fixture.history(), Everything));
  EXPECT_KEPT(CheckAll(all, fixture.history(), Everything, 0));
}

TEST(WatchGuaranteeTest, Durable) {
  WatchFixture fixture(/*feed_window_bytes=*/64 << 20, /*gated=*/true);
  fixture.PutActor("before", "durable");
  v1::WatchRequest request = fixture.FromRevision(0);
  request.mutable_checkpoint_interval()->set_seconds(1);
  auto watch = fixture.Watch(request);
  ASSERT_TRUE(watch->ReadThrough(1));
  fixture.HoldSyncs();
  fixture.CommitLater(testing::Put(testing::MakeActor("after", "not durable yet")));
  // Checkpoints come while the sync is held back; the change does not.
  ASSERT_TRUE(watch->ReadUntil([](const Recording& recording) { return recording.size() >= 4; }));
  EXPECT_EQ(watch->through(), 1);
  EXPECT_EQ(watch->recording().back().response.head_revision(), 1);
  fixture.ReleaseSyncs();
  ASSERT_TRUE(watch->ReadThrough(2));
  EXPECT_KEPT(CheckAll(watch->recording(), fixture.history(), Everything, 0));
}

TEST(WatchGuaranteeTest, Bounded) {
  WatchFixture fixture(/*feed_window_bytes=*/1 << 20);
  auto slow = fixture.Watch(fixture.FromRevision(0));
  ASSERT_TRUE(slow->ReadOne());  // caught up, then it stops reading
  for (int i = 0; i < 40; ++i) {
    v1::CommitRequest request;
    for (int j = 0; j < 50; ++j) {
      *request.add_mutations()->mutable_put() =
          testing::MakeActor(absl::StrCat("b-", j), absl::StrCat(i, std::string(10'000, 'x')));
    }
    ASSERT_GT(fixture.Commit(request), 0);
  }
  // 20 MB later it is still there, reads on, and is told what happened.
  ASSERT_TRUE(slow->ReadThrough(fixture.head()));
  EXPECT_TRUE(slow->Saw(v1::WATCH_MARK_FELL_BEHIND));
  EXPECT_TRUE(slow->Saw(v1::WATCH_MARK_CAUGHT_UP));
  EXPECT_KEPT(CheckAll(slow->recording(), fixture.history(), Everything, 0));
  for (const Received& received : slow->recording()) {
    EXPECT_LT(received.response.ByteSizeLong(), (2u << 20) + (1u << 20));
  }
}

TEST(WatchGuaranteeTest, Fair) {
  WatchFixture fixture;
  std::vector<std::unique_ptr<RawWatch>> stalled;
  for (int i = 0; i < 10; ++i) stalled.push_back(fixture.Watch(fixture.FromRevision(0)));
  auto active = fixture.Watch(fixture.FromRevision(0));
  for (int i = 0; i < 40; ++i) {
    v1::CommitRequest request;
    for (int j = 0; j < 50; ++j) {
      *request.add_mutations()->mutable_put() =
          testing::MakeActor(absl::StrCat("f-", j), absl::StrCat(i, std::string(10'000, 'x')));
    }
    // Writers go on, and the active watcher has each commit before the next one.
    const int64_t revision = fixture.Commit(request);
    ASSERT_GT(revision, 0);
    ASSERT_TRUE(active->ReadThrough(revision));
  }
  EXPECT_KEPT(CheckAll(active->recording(), fixture.history(), Everything, 0));
}

TEST(WatchGuaranteeTest, Prompt) {
  WatchFixture fixture;
  v1::WatchRequest request = fixture.FromRevision(0);
  request.mutable_checkpoint_interval()->set_seconds(3600);
  auto watch = fixture.Watch(request);
  // No checkpoint can carry these: each is delivered because it was committed.
  for (int i = 0; i < 50; ++i) {
    const int64_t revision = fixture.PutActor("prompt", absl::StrCat("title ", i));
    ASSERT_TRUE(watch->ReadThrough(revision));
  }
  EXPECT_KEPT(CheckAll(watch->recording(), fixture.history(), Everything, 0));
}

}  // namespace
}  // namespace communique::guarantees
