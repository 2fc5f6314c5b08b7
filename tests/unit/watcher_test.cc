// One stream's side of the feed, step by step.
#include "service/feed/watcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/base/hash.h"
#include "service/feed/resume_token.h"
#include "tests/unit/watcher_fixture.h"

namespace communique::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAreArray;

// --- Changes -------------------------------------------------------------------

TEST_F(WatcherTest, ANewWatchIsToldWhereItIs) {
  Open(Now());
  EXPECT_EQ(Next(), "0-0 [CAUGHT_UP CHECKPOINT]");
  EXPECT_EQ(Next(), "wait");
}

TEST_F(WatcherTest, ChangesChain) {
  Do(Put("a"));
  Open(From(0));
  EXPECT_EQ(Next(), "0-1 sources/a@1 [CAUGHT_UP]");
  EXPECT_EQ(Next(), "wait");
  Do(All({Put("b"), Put("c")}));
  Do(Put("d"));
  EXPECT_EQ(Next(), "1-3 sources/b@2 sources/c@2 sources/d@3");
  EXPECT_EQ(Next(), "wait");
}

TEST_F(WatcherTest, NowIsAfterTheHead) {
  Do(Put("a"));
  Open(Now());
  EXPECT_EQ(Next(), "1-1 [CAUGHT_UP CHECKPOINT]");
  Do(Put("b"));
  EXPECT_EQ(Next(), "1-2 sources/b@2");
}

TEST_F(WatcherTest, WhatIsSentIsWhatWasStored) {
  Do(Put("a"));
  Open(From(0));
  Next();
  EXPECT_EQ(response_.changes(0).SerializeAsString(),
            journal::UnframeChange(memory_.ReadChange(1, 1).value()));
}

TEST_F(WatcherTest, OnlyWhatTheFilterAsksForIsSent) {
  Open(Filtered("name = \"sources/b*\"", Now()));
  Next();
  Do(All({Put("a"), Put("b")}));
  EXPECT_EQ(Next(), "0-1 sources/b@1");
  Do(Put("c"));
  Do(Put("d"));
  EXPECT_EQ(Next(), "wait") << "nothing to say yet";
  Do(Put("b", {.title = "new"}));
  EXPECT_EQ(Next(), "1-4 sources/b@4") << "the chain spans what did not match";
}

TEST_F(WatcherTest, OpenRefusesWhatItCannotDo) {
  Do(Put("a"));
  EXPECT_EQ(Open(From(2)), "INVALID_ARGUMENT REVISION_IN_FUTURE");
  EXPECT_EQ(Open(From(-1)), "INVALID_ARGUMENT INVALID_FIELD");
  EXPECT_EQ(Open(Filtered("nonsense", Now())), "INVALID_ARGUMENT INVALID_FILTER");
  const auto broken = [this](const std::function<void(v1::WatchRequest&)>& change) {
    v1::WatchRequest request;
    change(request);
    return Open(request);
  };
  const std::string invalid = "INVALID_ARGUMENT INVALID_FIELD";
  EXPECT_EQ(broken([](auto& r) { r.set_snapshot(false); }), invalid);
  EXPECT_EQ(broken([](auto& r) { r.set_now(false); }), invalid);
  EXPECT_EQ(broken([](auto& r) { r.set_until_head(false); }), invalid);
  EXPECT_EQ(broken([](auto& r) { r.set_until_revision(-1); }), invalid);
  EXPECT_EQ(broken([](auto& r) { r.set_until_revision(0); }), invalid) << "before the start";
  EXPECT_EQ(broken([](auto& r) { r.mutable_shard(); }), invalid);
  EXPECT_EQ(broken([](auto& r) { r.mutable_shard()->set_count(1025); }), invalid);
  EXPECT_EQ(broken([](auto& r) {
              r.mutable_shard()->set_count(2);
              r.mutable_shard()->set_index(2);
            }),
            invalid);
  EXPECT_EQ(broken([](auto& r) { r.mutable_checkpoint_interval()->set_nanos(1); }), invalid);
  EXPECT_EQ(broken([](auto& r) { r.mutable_checkpoint_interval()->set_seconds(3601); }), invalid);
  EXPECT_EQ(broken([](auto& r) { r.mutable_scope()->set_known_revision(1); }), invalid);
  EXPECT_EQ(feed_->watch_count(), 0) << "a refused watch does not count";
}

// --- Until -----------------------------------------------------------------------

TEST_F(WatcherTest, AWatchEndsAtItsRevision) {
  for (const char* id : {"a", "b", "c"}) Do(Put(id));
  v1::WatchRequest request = From(0);
  request.set_until_revision(2);
  Open(request);
  EXPECT_EQ(Next(), "0-2 sources/a@1 sources/b@2");
  EXPECT_EQ(response_.until_revision(), 2);
  EXPECT_EQ(Next(), "end OK");
}

TEST_F(WatcherTest, AWatchMayEndInTheFuture) {
  v1::WatchRequest request = Filtered("name = \"sources/none\"", Now());
  request.set_until_revision(2);
  Open(request);
  EXPECT_EQ(Next(), "0-0 [CAUGHT_UP CHECKPOINT]");
  Do(Put("a"));
  EXPECT_EQ(Next(), "wait");
  Do(Put("b"));
  Do(Put("c"));
  EXPECT_EQ(Next(), "0-2 [CHECKPOINT]") << "the end is told, also when nothing matched";
  EXPECT_EQ(Next(), "end OK");
}

TEST_F(WatcherTest, UntilHeadIsTheHeadAtTheStart) {
  Do(Put("a"));
  v1::WatchRequest request = From(0);
  request.set_until_head(true);
  Open(request);
  Do(Put("b"));
  EXPECT_EQ(Next(), "0-1 sources/a@1");
  EXPECT_EQ(response_.until_revision(), 1) << "for whoever resumes when the head is another";
  EXPECT_EQ(Next(), "end OK");
}

TEST_F(WatcherTest, TheEndIsToldOnce) {
  Do(Put("a"));
  v1::WatchRequest request = Snapshot();
  request.set_until_revision(3);
  Open(request);
  Next();
  EXPECT_EQ(response_.until_revision(), 3);
  Do(Put("b"));
  Next();
  EXPECT_EQ(response_.until_revision(), 0);
  Open(From(0));
  Next();
  EXPECT_EQ(response_.until_revision(), 0) << "it has none";
}

TEST_F(WatcherTest, UntilTheStartEndsAtOnce) {
  Do(Put("a"));
  v1::WatchRequest request = From(1);
  request.set_until_head(true);
  Open(request);
  EXPECT_EQ(Next(), "1-1 [CAUGHT_UP CHECKPOINT]");
  EXPECT_EQ(Next(), "end OK");
}

// --- Checkpoints --------------------------------------------------------------------

TEST_F(WatcherTest, ACheckpointComesAfterTheInterval) {
  v1::WatchRequest request = Filtered("name = \"sources/none\"", Now());
  request.mutable_checkpoint_interval()->set_seconds(3);
  Open(request);
  Next();
  Do(Put("a"));
  clock_.Advance(absl::Milliseconds(2999));
  EXPECT_EQ(Next(), "wait");
  clock_.Advance(absl::Milliseconds(1));
  EXPECT_EQ(Next(), "0-1 [CHECKPOINT]");
  EXPECT_EQ(response_.head_revision(), 1);
  EXPECT_EQ(response_.server_time().seconds(), absl::ToUnixSeconds(clock_.Now()));
  EXPECT_EQ(Next(), "wait");
  clock_.Advance(absl::Seconds(3));
  EXPECT_EQ(Next(), "1-1 [CHECKPOINT]");
}

TEST_F(WatcherTest, ChangesPutTheCheckpointOff) {
  Open(Now());
  Next();
  clock_.Advance(absl::Seconds(9));
  Do(Put("a"));
  EXPECT_EQ(Next(), "0-1 sources/a@1");
  clock_.Advance(absl::Seconds(9));
  EXPECT_EQ(Next(), "wait");
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(Next(), "1-1 [CHECKPOINT]");
}

TEST_F(WatcherTest, TheTokenOfACheckpointResumesAfterWhatDidNotMatch) {
  const std::string filter = "name = \"sources/b\"";
  Open(Filtered(filter, Now()));
  Next();
  Do(Put("a"));
  clock_.Advance(absl::Seconds(10));
  EXPECT_EQ(Next(), "0-1 [CHECKPOINT]");
  Do(Put("b"));
  EXPECT_EQ(Open(Filtered(filter, Resume(token()))), "OK");
  EXPECT_EQ(Next(), "1-2 sources/b@2 [CAUGHT_UP]");
}

// --- Snapshots ------------------------------------------------------------------------

TEST_F(WatcherTest, ASnapshotIsTheStateThenTheChanges) {
  Do(All({Put("b"), Put("a"), Put("gone")}));
  Do(Delete("gone"));
  Open(Snapshot());
  Do(Put("c"));
  EXPECT_EQ(Next(), "snapshot@2 .. sources/a@1 sources/b@1 [SNAPSHOT_END CHECKPOINT]");
  EXPECT_EQ(response_.from_revision(), 0);
  EXPECT_EQ(response_.through_revision(), 2);
  EXPECT_EQ(Next(), "2-3 sources/c@3 [CAUGHT_UP]");
  EXPECT_EQ(Next(), "wait");
}

TEST_F(WatcherTest, ASnapshotOfNothing) {
  Open(Snapshot());
  EXPECT_EQ(Next(), "snapshot@0 .. [SNAPSHOT_END CHECKPOINT]");
  Do(Put("a"));
  EXPECT_EQ(Next(), "0-1 sources/a@1 [CAUGHT_UP]");
}

TEST_F(WatcherTest, ASnapshotOfAnEarlierRevision) {
  for (const char* id : {"a", "b", "c"}) Do(Put(id));
  v1::WatchRequest request = Snapshot();
  request.mutable_scope()->set_known_revision(1);
  Open(request);
  EXPECT_EQ(Next(), "snapshot@1 .. sources/a@1 [SNAPSHOT_END CHECKPOINT]");
  EXPECT_EQ(Next(), "1-3 sources/b@2 sources/c@3 [CAUGHT_UP]");
}

class LargeSnapshotTest : public WatcherTest {
 protected:
  // Fourteen records of 400 KiB: six fill a piece.
  void SetUp() override {
    WatcherTest::SetUp();
    for (int i = 10; i < 24; ++i) {
      Do(Put(absl::StrCat("s", i), {.title = std::string(400 * 1024, 'x')}));
    }
  }
};

TEST_F(LargeSnapshotTest, PiecesChainByName) {
  Open(Snapshot());
  EXPECT_EQ(Next(), "snapshot@14 ..sources/s15 sources/s10@1 sources/s11@2 sources/s12@3 "
                    "sources/s13@4 sources/s14@5 sources/s15@6");
  EXPECT_EQ(response_.through_revision(), 0);
  EXPECT_LE(bytes_, (2u << 20) + (512u << 10));
  EXPECT_EQ(Next(), "snapshot@14 sources/s15..sources/s21 sources/s16@7 sources/s17@8 "
                    "sources/s18@9 sources/s19@10 sources/s20@11 sources/s21@12");
  EXPECT_EQ(Next(), "snapshot@14 sources/s21.. sources/s22@13 sources/s23@14 "
                    "[SNAPSHOT_END CHECKPOINT]");
  EXPECT_EQ(response_.through_revision(), 14);
  EXPECT_EQ(Next(), "14-14 [CAUGHT_UP CHECKPOINT]");
}

TEST_F(LargeSnapshotTest, ASnapshotIsResumedHalfWay) {
  Open(Snapshot());
  Next();
  const std::string half_way = token();
  Do(All({Delete("s10"), Put("s20", {.title = "new"}), Put("s30")}));
  EXPECT_EQ(Open(Resume(half_way)), "OK");
  EXPECT_EQ(Next(), "snapshot@14 sources/s15..sources/s21 sources/s16@7 sources/s17@8 "
                    "sources/s18@9 sources/s19@10 sources/s20@11 sources/s21@12")
      << "of the same revision";
  Next();
  EXPECT_EQ(Next(), "14-15 sources/s10@15 sources/s20@15 sources/s30@15 [CAUGHT_UP]");
}

TEST_F(LargeSnapshotTest, DrainingWithinASnapshotLeavesAToken) {
  Open(Snapshot());
  Next();
  watcher_->Drain();
  EXPECT_EQ(Next(), "0-0 [DRAINING]");
  const std::string last = token();
  EXPECT_EQ(Next(), "end UNAVAILABLE DRAINING");
  EXPECT_EQ(Open(Resume(last)), "OK");
  EXPECT_EQ(Next().substr(0, 34), "snapshot@14 sources/s15..sources/s");
}

// --- Falling behind -----------------------------------------------------------------------

TEST_F(WatcherTest, AWatcherThatFellOutOfTheWindowReadsTheJournalAndIsTold) {
  UseWindow(1);  // holds the newest commit only
  Open(Now());
  EXPECT_EQ(Next(), "0-0 [CAUGHT_UP CHECKPOINT]");
  Do(Put("a"));
  EXPECT_EQ(Next(), "0-1 sources/a@1") << "from the window";
  Do(Put("b"));
  Do(Put("c"));
  EXPECT_EQ(Next(), "1-3 sources/b@2 sources/c@3 [FELL_BEHIND CAUGHT_UP]");
  Do(Put("d"));
  EXPECT_EQ(Next(), "3-4 sources/d@4");
}

TEST_F(WatcherTest, TheJournalAndTheWindowSendTheSame) {
  Do(All({Put("a"), Put("b")}));
  Do(Delete("a"));
  Open(From(0));
  Next();
  const std::string from_window = response_.SerializePartialAsString();
  Restart();  // with an empty window
  Open(From(0));
  Next();
  EXPECT_EQ(response_.SerializePartialAsString(), from_window);
}

TEST_F(WatcherTest, ALongReplayComesInWholeCommits) {
  UseWindow(1);
  for (int i = 0; i < 12; ++i) {
    Do(All({Put(absl::StrCat("a", i), {.title = std::string(300 * 1024, 'x')}),
            Put(absl::StrCat("b", i), {.title = std::string(300 * 1024, 'y')})}));
  }
  Open(From(0));
  int64_t through = 0;
  int responses = 0;
  while (through < 12) {
    ASSERT_NE(Next(), "wait");
    ++responses;
    EXPECT_EQ(response_.from_revision(), through);
    through = response_.through_revision();
    EXPECT_EQ(response_.changes_size(), 2 * (through - response_.from_revision()));
    EXPECT_LE(bytes_, (2u << 20) + (1u << 20));
  }
  EXPECT_EQ(responses, 3);
  EXPECT_THAT(response_.marks(), ElementsAre(v1::WATCH_MARK_CAUGHT_UP));
}

TEST_F(WatcherTest, ALongStretchThatDoesNotMatchIsTold) {
  UseWindow(1);
  for (int i = 0; i < 20; ++i) {
    Do(Put(absl::StrCat("a", i), {.title = std::string(500 * 1024, 'x')}));
  }
  Open(Filtered("name = \"sources/none\"", From(0)));
  EXPECT_EQ(Next(), "0-17 [CHECKPOINT]");
  EXPECT_EQ(response_.head_revision(), 20);
  EXPECT_EQ(Next(), "17-20 [CAUGHT_UP CHECKPOINT]");
}

// --- Draining --------------------------------------------------------------------------

TEST_F(WatcherTest, DrainingSaysFarewellAndEnds) {
  Do(Put("a"));
  Open(From(0));
  watcher_->Drain();
  EXPECT_EQ(Next(), "0-0 [DRAINING]") << "no change is passed over";
  const std::string last = token();
  EXPECT_EQ(Next(), "end UNAVAILABLE DRAINING");
  EXPECT_EQ(Next(), "end UNAVAILABLE DRAINING");
  Open(Resume(last));
  EXPECT_EQ(Next(), "0-1 sources/a@1 [CAUGHT_UP]");
}

TEST_F(WatcherTest, ADrainingFeedOpensNothing) {
  feed_->Drain();
  EXPECT_EQ(Open(Now()), "UNAVAILABLE DRAINING");
}

// --- Shards --------------------------------------------------------------------------------

TEST_F(WatcherTest, ShardsPartitionTheRecords) {
  constexpr int kShards = 5;
  std::vector<std::string> all;
  v1::CommitRequest request;
  for (int i = 0; i < 100; ++i) {
    request.MergeFrom(Put(absl::StrCat("n", i)));
    all.push_back(absl::StrCat("sources/n", i));
  }
  Do(request);
  std::vector<std::string> told;
  for (int shard = 0; shard < kShards; ++shard) {
    v1::WatchRequest watch = From(0);
    watch.mutable_shard()->set_index(shard);
    watch.mutable_shard()->set_count(kShards);
    Open(watch);
    Next();
    EXPECT_GT(response_.changes_size(), 5);
    for (const v1::Change& change : response_.changes()) {
      EXPECT_EQ(base::Fnv1a64(change.name()) % kShards, static_cast<uint64_t>(shard));
      told.push_back(change.name());
    }
  }
  EXPECT_THAT(told, UnorderedElementsAreArray(all));
}

TEST_F(WatcherTest, TheShardOfANameIsFrozen) {
  // FNV-1a, 64 bits, as its authors publish it.
  EXPECT_EQ(base::Fnv1a64(""), 0xcbf29ce484222325u);
  EXPECT_EQ(base::Fnv1a64("a"), 0xaf63dc4c8601ec8cu);
  EXPECT_EQ(base::Fnv1a64("foobar"), 0x85944171f73967e8u);
}

// --- Tokens ---------------------------------------------------------------------------------

class TokenTest : public WatcherTest {
 protected:
  // The token of a watch that has seen everything, changed.
  std::string Changed(const std::function<void(feed::ResumeToken&)>& change) {
    Do(Put("a"));
    Open(From(0));
    Next();
    auto parsed = feed::ParseResumeToken(token());
    EXPECT_TRUE(parsed.ok());
    change(*parsed);
    return feed::MakeResumeToken(*parsed);
  }
};

TEST_F(TokenTest, ATokenResumes) {
  EXPECT_EQ(Open(Resume(Changed([](auto&) {}))), "OK");
  EXPECT_EQ(Next(), "1-1 [CAUGHT_UP CHECKPOINT]");
}

TEST_F(TokenTest, ATokenIsGoodAfterARestart) {
  const std::string token = Changed([](auto&) {});
  Restart();
  Do(Put("b"));
  EXPECT_EQ(Open(Resume(token)), "OK");
  EXPECT_EQ(Next(), "1-2 sources/b@2 [CAUGHT_UP]");
}

TEST_F(TokenTest, AForeignTokenIsRefusedAsWhatItIs) {
  EXPECT_EQ(Open(Resume("nonsense")), "INVALID_ARGUMENT INVALID_RESUME_TOKEN");
  EXPECT_EQ(Open(Resume("")), "INVALID_ARGUMENT INVALID_RESUME_TOKEN");
  EXPECT_EQ(Open(Resume(Changed([](auto& t) { t.store_id = "other"; }))),
            "INVALID_ARGUMENT RESUME_TOKEN_MISMATCH");
  EXPECT_EQ(Open(Resume(Changed([](auto& t) { t.epoch = "other"; }))),
            "FAILED_PRECONDITION RESUME_TOKEN_EPOCH");
  EXPECT_EQ(base::MetadataOf(error_, "current_epoch"), memory_.identity().epoch);
  EXPECT_EQ(Open(Resume(Changed([](auto& t) { t.revision = 99; }))),
            "INVALID_ARGUMENT REVISION_IN_FUTURE");
  EXPECT_EQ(Open(Resume(Changed([](auto& t) { t.snapshot_revision = 99; }))),
            "INVALID_ARGUMENT REVISION_IN_FUTURE");
  EXPECT_EQ(Open(Resume(Changed([](auto& t) { t.revision = -1; }))),
            "INVALID_ARGUMENT INVALID_RESUME_TOKEN");
}

TEST_F(TokenTest, ATokenIsOfItsFilterAndShard) {
  const std::string token = Changed([](auto&) {});
  EXPECT_EQ(Open(Filtered("kind = source", Resume(token))),
            "INVALID_ARGUMENT RESUME_TOKEN_MISMATCH");
  v1::WatchRequest sharded = Resume(token);
  sharded.mutable_shard()->set_count(2);
  EXPECT_EQ(Open(sharded), "INVALID_ARGUMENT RESUME_TOKEN_MISMATCH");
  sharded.mutable_shard()->set_count(1);
  EXPECT_EQ(Open(sharded), "OK") << "one share of one is all";
}

}  // namespace
}  // namespace communique::testing
