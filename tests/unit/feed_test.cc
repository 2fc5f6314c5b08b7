// What all watchers share: chunks of the window, filters, places, how they stand.
#include "service/feed/feed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/base/limits.h"
#include "service/feed/gathered.h"
#include "tests/unit/watcher_fixture.h"

namespace communique::testing {
namespace {

using ::testing::ElementsAre;

std::shared_ptr<const journal::EncodedCommit> Commit(int64_t revision,
                                                     std::vector<std::string> framed) {
  auto commit = std::make_shared<journal::EncodedCommit>();
  commit->revision = revision;
  commit->time = absl::FromUnixSeconds(revision);
  for (std::string& bytes : framed) {
    commit->changes.push_back({"x", journal::RecordState::kLive, std::move(bytes)});
  }
  return commit;
}

std::string BytesOf(const feed::Gathered& gathered) {
  std::string bytes;
  for (const feed::SharedBytes& slice : gathered.slices) {
    bytes.append(slice.bytes.data(), slice.bytes.size());
  }
  return bytes;
}

// --- Chunks --------------------------------------------------------------------

TEST(ChunkTest, AGroupIsOneBuffer) {
  const auto chunks = feed::Chunk::Split({Commit(5, {"a", "bc"}), Commit(6, {}), Commit(7, {"d"})});
  ASSERT_EQ(chunks.size(), 1u);
  const feed::Chunk& chunk = *chunks[0];
  EXPECT_EQ(chunk.first_revision(), 5);
  EXPECT_EQ(chunk.last_revision(), 7);
  EXPECT_EQ(chunk.BytesOf(0), "abc");
  EXPECT_EQ(chunk.BytesOf(1), "") << "a commit without changes has its place";
  EXPECT_EQ(chunk.BytesOf(1, 3), "d");
  EXPECT_EQ(chunk.ChangesOf(0, 3), 3);
  EXPECT_EQ(chunk.CommitAfter(4), 0u);
  EXPECT_EQ(chunk.CommitAfter(6), 2u);
  EXPECT_EQ(chunk.TimeOf(2), absl::FromUnixSeconds(7));
}

TEST(ChunkTest, ALargeGroupIsSplitBetweenCommits) {
  const std::string half(base::kFeedChunkBytes * 2 / 3, 'x');
  const std::string more(base::kFeedChunkBytes * 2, 'x');
  const auto chunks = feed::Chunk::Split({Commit(1, {half}), Commit(2, {half}), Commit(3, {more})});
  ASSERT_EQ(chunks.size(), 3u);
  EXPECT_EQ(chunks[1]->first_revision(), 2);
  EXPECT_EQ(chunks[2]->bytes().size(), more.size()) << "one commit may stand above the limit";
}

TEST(WindowTest, ReadsWhatItHoldsAndSaysWhatItDoesNot) {
  feed::Window window(/*max_bytes=*/1, /*head=*/0);
  window.Add({Commit(1, {"a"}), Commit(2, {"b"})});
  window.Add({Commit(3, {"c"}), Commit(4, {"d"})});
  EXPECT_EQ(window.first_revision(), 3) << "the newest chunk stays whatever its size";
  std::vector<feed::ChunkRange> ranges;
  EXPECT_FALSE(window.Read(1, 4, 100, ranges));
  EXPECT_TRUE(window.Read(3, 4, 100, ranges));
  ASSERT_EQ(ranges.size(), 1u);
  EXPECT_EQ(ranges[0].chunk->BytesOf(ranges[0].begin, ranges[0].end), "d");
  EXPECT_EQ(window.TimeOf(4), absl::FromUnixSeconds(4));
  EXPECT_EQ(window.TimeOf(2), std::nullopt);
}

// --- Slices --------------------------------------------------------------------

class JoinerTest : public ::testing::Test {
 protected:
  // A chunk of commits that are large enough to be sent by reference.
  std::shared_ptr<const feed::Chunk> chunk_ =
      feed::Chunk::Split({Commit(1, {std::string(8000, 'a')}), Commit(2, {std::string(8000, 'b')}),
                          Commit(3, {std::string(8000, 'c')}), Commit(4, {std::string(8000, 'd')})})[0];

  bool PointsIntoChunk(const feed::SharedBytes& slice) const {
    return slice.bytes.data() >= chunk_->bytes().data() &&
           slice.bytes.data() < chunk_->bytes().data() + chunk_->bytes().size();
  }
};

TEST_F(JoinerTest, NeighboursAreOneSliceOfTheChunk) {
  feed::Gathered gathered;
  {
    feed::SliceJoiner joiner(gathered);
    for (size_t i = 1; i < 4; ++i) joiner.Add(chunk_, chunk_->BytesOf(i));
  }
  ASSERT_EQ(gathered.slices.size(), 1u);
  EXPECT_TRUE(PointsIntoChunk(gathered.slices[0]));
  EXPECT_TRUE(gathered.slices[0].bytes == chunk_->BytesOf(1, 4));
}

TEST_F(JoinerTest, WhatIsSparseIsCopiedSoThatItKeepsNoChunk) {
  feed::Gathered gathered;
  {
    feed::SliceJoiner joiner(gathered);
    joiner.Add(chunk_, chunk_->BytesOf(2));
  }
  ASSERT_EQ(gathered.slices.size(), 1u);
  EXPECT_FALSE(PointsIntoChunk(gathered.slices[0]));
  EXPECT_TRUE(gathered.slices[0].bytes == chunk_->BytesOf(2));
}

TEST_F(JoinerTest, TheOrderStandsWhereSomeIsCopied) {
  feed::Gathered gathered;
  {
    feed::SliceJoiner joiner(gathered);
    joiner.AddCopy("first ");
    joiner.Add(chunk_, chunk_->BytesOf(0, 3));
    joiner.AddCopy(" last");
  }
  EXPECT_TRUE(BytesOf(gathered) == "first " + std::string(chunk_->BytesOf(0, 3)) + " last");
}

// --- Filters that watches share ------------------------------------------------

class FeedTest : public WatcherTest {
 protected:
  void TearDown() override {
    watchers_.clear();
    WatcherTest::TearDown();
  }

  void OpenMany(int count, const v1::WatchRequest& request) {
    for (int i = 0; i < count; ++i) {
      auto watcher = feed_->Open(request, {"anonymous", "test"});
      ASSERT_TRUE(watcher.ok()) << watcher.status();
      watchers_.push_back(*std::move(watcher));
    }
  }
  // Every watcher's next step; how many bytes were sent.
  size_t NextOfAll() {
    size_t bytes = 0;
    for (const auto& watcher : watchers_) {
      for (const feed::SharedBytes& slice : watcher->Next(true).slices) bytes += slice.bytes.size();
    }
    return bytes;
  }

  std::vector<std::unique_ptr<feed::Watcher>> watchers_;
};

TEST_F(FeedTest, WatchesOfOneFilterShareItsEvaluation) {
  OpenMany(10, Filtered("title = \"new\"", Now()));
  NextOfAll();
  EXPECT_EQ(feed_->state().distinct_filters, 1);
  Do(All({Put("a", {.title = "new"}), Put("b", {.title = "old"})}));
  const int64_t before = feed_->counters().evaluations;
  EXPECT_GT(NextOfAll(), 0u);
  EXPECT_EQ(feed_->counters().evaluations - before, 2) << "each change once, not ten times";
}

TEST_F(FeedTest, FiltersOfOtherTextsOrSharesAreApart) {
  OpenMany(1, Filtered("title = \"new\"", Now()));
  OpenMany(1, Filtered("title = \"old\"", Now()));
  v1::WatchRequest share = Filtered("title = \"old\"", Now());
  share.mutable_shard()->set_index(1);
  share.mutable_shard()->set_count(2);
  OpenMany(1, share);
  EXPECT_EQ(feed_->state().distinct_filters, 3);
  watchers_.pop_back();
  EXPECT_EQ(feed_->state().distinct_filters, 2) << "it goes with its last watch";
}

TEST_F(FeedTest, AWatcherInTheMiddleOfAChunkIsSentTheRest) {
  Do(Put("a"));
  UseWindow(1 << 20);
  Open(Filtered("title:\"\" OR kind = source", From(0)));
  Next();
  Do(Put("b"));
  Do(Put("c"));
  Open(Filtered("title:\"\" OR kind = source", From(2)));
  EXPECT_EQ(Next(), "2-3 sources/c@3 [CAUGHT_UP]");
}

// --- A moment --------------------------------------------------------------------

// A feed that learns of groups when the test says so, after the reader has them.
class LateFeedTest : public FeedTest, public store::CommitListener {
 protected:
  std::vector<store::CommitListener*> Listeners() override {
    FeedTest::Listeners();
    return {this};
  }
  void OnCommits(const journal::CommitGroup& group) override { late_.push_back(group); }
  void HandOn() {
    for (const journal::CommitGroup& group : late_) feed_->OnCommits(group);
    late_.clear();
  }

 private:
  std::vector<journal::CommitGroup> late_;
};

TEST_F(LateFeedTest, WhatWasReadMayBeWatchedFrom) {
  Do(Put("a"));
  Do(Put("b"));
  EXPECT_EQ(Open(From(2)), "OK") << "the reader told of 2, the feed was not told yet";
  EXPECT_EQ(Next(), "2-2 [CAUGHT_UP CHECKPOINT]");
  EXPECT_EQ(response_.head_revision(), 2);
  EXPECT_EQ(Next(), "wait");
  HandOn();
  EXPECT_EQ(Next(), "wait") << "what was before the start came after all";
  Do(Put("c"));
  HandOn();
  EXPECT_EQ(Next(), "2-3 sources/c@3");
  EXPECT_EQ(Open(From(4)), "INVALID_ARGUMENT REVISION_IN_FUTURE") << "what nobody was told of";
}

TEST_F(LateFeedTest, ASnapshotOfWhatWasReadEndsThere) {
  Do(Put("a"));
  Open(Snapshot());
  EXPECT_EQ(Next(), "snapshot@1 .. sources/a@1 [SNAPSHOT_END CHECKPOINT]");
  EXPECT_EQ(response_.head_revision(), 1);
  EXPECT_EQ(response_.through_revision(), 1);
  EXPECT_EQ(Next(), "1-1 [CAUGHT_UP CHECKPOINT]");
  HandOn();
  EXPECT_EQ(Next(), "wait") << "the record came again";
}

// --- Places --------------------------------------------------------------------

class LimitsTest : public FeedTest {
 protected:
  std::vector<store::CommitListener*> Listeners() override {
    watcher_.reset();
    feed_ = std::make_unique<feed::Feed>(memory_journal_, reader_, clock_, window_bytes_,
                                         feed::WatchLimits{4, 3, 2});
    return {feed_.get()};
  }
  std::string OpenFor(const std::string& principal, const std::string& connection) {
    auto watcher = feed_->Open(Now(), {principal, connection});
    error_ = watcher.status();
    if (watcher.ok()) watchers_.push_back(*std::move(watcher));
    return Show(error_);
  }
};

TEST_F(LimitsTest, EachLimitIsRefusedAsWhatItIs) {
  const std::string refused = "RESOURCE_EXHAUSTED CALL_LIMIT";
  EXPECT_EQ(OpenFor("a", "1"), "OK");
  EXPECT_EQ(OpenFor("a", "1"), "OK");
  EXPECT_EQ(OpenFor("a", "1"), refused);
  EXPECT_EQ(base::MetadataOf(error_, "of"), "connection");
  EXPECT_EQ(OpenFor("a", "2"), "OK");
  EXPECT_EQ(OpenFor("a", "2"), refused);
  EXPECT_EQ(base::MetadataOf(error_, "of"), "principal");
  EXPECT_EQ(OpenFor("b", "2"), "OK");
  EXPECT_EQ(OpenFor("b", "3"), refused);
  EXPECT_EQ(base::MetadataOf(error_, "of"), "server");
  EXPECT_EQ(feed_->counters().refused_watches, 3);
  watchers_.clear();
  EXPECT_EQ(feed_->watch_count(), 0);
  EXPECT_EQ(OpenFor("a", "1"), "OK") << "a watch that ended leaves its place";
}

TEST_F(LimitsTest, ARefusedRequestTakesNoPlace) {
  for (int i = 0; i < 10; ++i) {
    EXPECT_FALSE(feed_->Open(Filtered("nonsense", Now()), {"a", "1"}).ok());
  }
  EXPECT_EQ(OpenFor("a", "1"), "OK");
}

// --- How they stand ------------------------------------------------------------

TEST_F(FeedTest, TheStateTellsWhoLagsAndByHowMuch) {
  Do(Put("a"));
  Open(From(0));
  EXPECT_EQ(feed_->state().max_lag_revisions, 1);
  Next();
  EXPECT_EQ(feed_->state().max_lag_revisions, 0);
  EXPECT_EQ(feed_->state().active_watches, 1);
  OpenMany(1, Snapshot());
  EXPECT_EQ(feed_->state().snapshot_watches, 1);
  Do(Put("b"));
  const feed::FeedState state = feed_->state();
  EXPECT_EQ(state.max_lag_revisions, 1);
  EXPECT_GE(state.max_lag, absl::ZeroDuration());
  EXPECT_GT(state.window_bytes, 0);
}

TEST_F(FeedTest, OnlyAThreadThatMayReadsTheStore) {
  UseWindow(1);
  Do(Put("a"));
  Do(Put("b"));
  Open(From(0));
  EXPECT_EQ(watcher_->Next(/*may_read=*/false).type, feed::Step::Type::kRead);
  EXPECT_EQ(feed_->counters().window_misses, 0);
  EXPECT_EQ(Next(), "0-2 sources/a@1 sources/b@2 [CAUGHT_UP]");
  EXPECT_EQ(feed_->counters().window_misses, 1);
}

}  // namespace
}  // namespace communique::testing
