// What all watchers share: chunks of the window, filters, places, how they stand.
#include "service/feed/feed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>

#include "absl/time/clock.h"
#include "service/base/limits.h"
#include "service/feed/gathered.h"
#include "service/feed/turns.h"
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

// --- What one makes of it keeps nobody else waiting ------------------------------

// A stream whose writes are done at once; what it was sent is kept.
class FakeStream : public feed::Wakeable, public std::enable_shared_from_this<FakeStream> {
 public:
  FakeStream(feed::Feed& feed, std::unique_ptr<feed::Watcher> watcher)
      : feed_(feed), watcher_(std::move(watcher)) {}

  void Wake(bool may_read) override {
    absl::MutexLock lock(&mutex_);
    while (!ended_) {
      if (feed_.draining()) watcher_->Drain();
      feed::Step step = watcher_->Next(may_read);
      switch (step.type) {
        case feed::Step::Type::kSend:
          Take(step);
          break;
        case feed::Step::Type::kWait:
          if (feed_.Arm(shared_from_this(), *watcher_)) return;
          break;
        case feed::Step::Type::kEvaluate:
          if (feed_.Evaluate(shared_from_this(), *watcher_)) return;
          break;
        case feed::Step::Type::kRead:
          return feed_.Read(shared_from_this(), *watcher_);
        case feed::Step::Type::kEnd:
          ended_ = true;
      }
    }
  }
  void WaitThrough(int64_t revision) {
    absl::MutexLock lock(&mutex_);
    const auto there = [&]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return through_ >= revision; };
    mutex_.Await(absl::Condition(&there));
  }
  void WaitForCheckpoints(int count) {
    absl::MutexLock lock(&mutex_);
    const auto there = [&]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return checkpoints_ >= count; };
    mutex_.Await(absl::Condition(&there));
  }
  void WaitForEnd() {
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(&ended_));
  }
  int64_t through() const {
    absl::MutexLock lock(&mutex_);
    return through_;
  }
  std::string changes() const {
    absl::MutexLock lock(&mutex_);
    return changes_;
  }
  // Once nobody wakes it any more.
  void LetGo() {
    absl::MutexLock lock(&mutex_);
    ended_ = true;
    watcher_.reset();
  }

 private:
  void Take(const feed::Step& step) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    std::string bytes;
    for (const feed::SharedBytes& slice : step.slices) {
      bytes.append(slice.bytes.data(), slice.bytes.size());
    }
    v1::WatchResponse response;
    EXPECT_TRUE(response.ParseFromString(bytes));
    EXPECT_TRUE(opening_ || response.from_revision() == through_);
    opening_ = false;
    through_ = response.through_revision();
    for (const int mark : response.marks()) checkpoints_ += mark == v1::WATCH_MARK_CHECKPOINT;
    for (const v1::Change& change : response.changes()) {
      absl::StrAppend(&changes_, changes_.empty() ? "" : " ", change.name(), "@",
                      change.revision());
    }
  }

  feed::Feed& feed_;
  mutable absl::Mutex mutex_;
  std::unique_ptr<feed::Watcher> watcher_ ABSL_GUARDED_BY(mutex_);
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  bool opening_ ABSL_GUARDED_BY(mutex_) = true;
  int64_t through_ ABSL_GUARDED_BY(mutex_) = 0;
  int checkpoints_ ABSL_GUARDED_BY(mutex_) = 0;
  std::string changes_ ABSL_GUARDED_BY(mutex_);
};

// Goes on by itself, as threads need it, and can be moved on.
class MovingClock final : public base::Clock {
 public:
  absl::Time Now() const override { return absl::Now() + absl::Seconds(moved_.load()); }
  void Advance(absl::Duration by) { moved_ += absl::ToInt64Seconds(by); }

 private:
  std::atomic<int64_t> moved_{0};
};

// The feed with its threads. A filter that looks into records has to read what
// stood before an update, and is held up there.
class RunningFeedTest : public FeedTest {
 protected:
  std::vector<store::CommitListener*> Listeners() override {
    feed_ =
        std::make_unique<feed::Feed>(memory_journal_, feed_reader_, moving_clock_, window_bytes_);
    return {feed_.get()};
  }
  void SetUp() override {
    FeedTest::SetUp();
    feed_->Start();
  }
  void TearDown() override {
    feed_local_.ReleaseReads();
    feed_->Stop();
    for (const auto& stream : streams_) stream->LetGo();
    for (const auto& stream : streams_) feed_->Disarm(stream);
    FeedTest::TearDown();
  }

  std::shared_ptr<FakeStream> Run(const v1::WatchRequest& request,
                                  const std::string& principal = "anonymous") {
    auto watcher = feed_->Open(request, {principal, "test"});
    EXPECT_TRUE(watcher.ok()) << watcher.status();
    streams_.push_back(std::make_shared<FakeStream>(*feed_, *std::move(watcher)));
    streams_.back()->Wake(false);
    return streams_.back();
  }
  // Commits an update that a filter over bodies hangs on, once the streams, which
  // want what was there before, have it.
  void HangFilters(std::initializer_list<std::shared_ptr<FakeStream>> streams) {
    Do(Put("a", {.title = "x"}));
    for (const auto& stream : streams) stream->WaitThrough(1);
    feed_local_.HoldReads();
    Do(Put("a", {.title = "y"}));
    feed_local_.WaitUntilReadHeld();
  }

  MovingClock moving_clock_;
  // The feed's alone, so that writers are not held up.
  WatchedStore feed_local_{memory_};
  store::Reader feed_reader_{feed_local_, index_};
  std::vector<std::shared_ptr<FakeStream>> streams_;
};

TEST_F(RunningFeedTest, AFilterOverBodiesKeepsNoOtherWatchWaiting) {
  const auto body = Run(Filtered("title:\"\"", Now()));
  const auto everything = Run(Now());
  const auto name = Run(Filtered("name = \"sources/c\"", Now()));
  HangFilters({body, everything});
  everything->WaitThrough(2);
  // Not only of the commit that it hangs on.
  Do(Create("b"));
  everything->WaitThrough(3);
  Do(Create("c"));
  everything->WaitThrough(4);
  name->WaitThrough(4);
  EXPECT_EQ(body->through(), 1);
  feed_local_.ReleaseReads();
  body->WaitThrough(4);
  EXPECT_EQ(body->changes(), "sources/a@1 sources/a@2 sources/b@3 sources/c@4");
}

TEST_F(RunningFeedTest, ADrainDoesNotWaitForFilters) {
  const auto body = Run(Filtered("title:\"\"", Now()));
  const auto other = Run(Filtered("title:\"x\"", Now()), "other");
  const auto everything = Run(Now());
  HangFilters({body, other, everything});
  feed_->Drain();
  for (const auto& stream : streams_) stream->WaitForEnd();
  EXPECT_EQ(body->through(), 1) << "the farewell tells how far it was";
}

TEST_F(RunningFeedTest, WhoWaitsForAFilterIsNotSilent) {
  const auto body = Run(Filtered("title:\"\"", Now()));
  HangFilters({body});
  body->WaitForCheckpoints(1);
  for (int i = 2; i < 4; ++i) {
    moving_clock_.Advance(base::kDefaultCheckpointInterval);
    Do(Create(absl::StrCat("more", i)));
    // Wakes the dispatcher, which sleeps by the real clock.
    Run(Now(), "other");
    body->WaitForCheckpoints(i);
  }
  EXPECT_EQ(body->through(), 1) << "a checkpoint never runs ahead of what was looked at";
  feed_local_.ReleaseReads();
  body->WaitThrough(4);
}

TEST(TurnsTest, PrincipalsTakeTurnsWhateverOneHasWaiting) {
  feed::Turns<int> turns;
  for (int i = 1; i <= 4; ++i) turns.Push("a", i);
  turns.Push("b", 10);
  turns.Push("c", 20);
  turns.Push("c", 21);
  std::vector<int> order;
  for (int i = 0; i < 5; ++i) order.push_back(turns.Pop());
  turns.Push("b", 11);
  while (!turns.empty()) order.push_back(turns.Pop());
  EXPECT_THAT(order, ElementsAre(1, 10, 20, 2, 21, 3, 11, 4));
}

TEST_F(FeedTest, AFilterStopsWithinAChunkAndGoesOnThere) {
  const std::string large(base::kFeedChunkBytes / 4, 'x');
  Do(All({Put("a", {.title = "yes" + large}), Put("b", {.title = "no" + large}),
          Put("c", {.title = "yes" + large})}));
  feed::Window window(1 << 20, 0);
  auto commit = std::make_shared<journal::EncodedCommit>();
  commit->revision = 1;
  for (int i = 1; i <= 3; ++i) {
    commit->changes.push_back({"x", journal::RecordState::kLive, *memory_.ReadChange(1, i)});
  }
  window.Add({commit});
  std::vector<feed::ChunkRange> ranges;
  ASSERT_TRUE(window.Read(0, 1, 1 << 20, ranges));
  feed::FeedCounters counters;
  feed::FilterContext context{reader_, counters};
  feed::WatchQuery query;
  query.filter = *query::Filter::Parse("title = \"yes*\"");
  feed::SharedFilter filter(std::move(query), 0, context);
  feed::ChangeCache changes(reader_);
  int steps = 1;
  while (!filter.Prepare(ranges[0].chunk, changes, [] { return true; })) ++steps;
  EXPECT_EQ(steps, 3) << "a change in each";
  EXPECT_EQ(counters.evaluations, 3) << "none was looked at twice";
  const auto gathered = filter.Gather(window, 0, 1, /*may_look=*/false, [] { return false; });
  ASSERT_TRUE(gathered.ok()) << gathered.status();
  ASSERT_EQ(gathered->state, feed::FromWindow::State::kGathered);
  EXPECT_EQ(gathered->gathered->changes, 2);
}

TEST_F(FeedTest, ParsedChangesAreSharedAndBounded) {
  const std::string large(base::kFeedChunkBytes / 2, 'x');
  feed::Window window(8 << 20, 0);
  std::vector<std::string> framed;
  for (int i = 1; i <= 8; ++i) {
    Do(Put(absl::StrCat("n", i), {.title = large}));
    auto commit = std::make_shared<journal::EncodedCommit>();
    commit->revision = i;
    commit->changes.push_back({"x", journal::RecordState::kLive, *memory_.ReadChange(i, 1)});
    window.Add({commit});
  }
  std::vector<feed::ChunkRange> ranges;
  ASSERT_TRUE(window.Read(0, 8, 8 << 20, ranges));
  feed::FeedCounters counters;
  feed::FilterContext context{reader_, counters};
  constexpr size_t kBudget = 2 << 20;
  feed::ChangeCache changes(reader_, kBudget);
  for (const feed::ChunkRange& range : ranges) {
    const int64_t before = changes.parsed();
    for (const char* text : {"text(\"y\")", "text(\"xx\")", "text(\"x*\")"}) {
      feed::WatchQuery query;
      query.filter = *query::Filter::Parse(text);
      feed::SharedFilter filter(std::move(query), 0, context);
      EXPECT_TRUE(filter.Prepare(range.chunk, changes, [] { return false; }));
    }
    EXPECT_EQ(changes.parsed() - before, 1) << "once for all filters";
    EXPECT_LT(changes.bytes(), kBudget + 5 * large.size());
  }
}

// --- Places --------------------------------------------------------------------

class LimitsTest : public FeedTest {
 protected:
  std::vector<store::CommitListener*> Listeners() override {
    watcher_.reset();
    feed_ = std::make_unique<feed::Feed>(memory_journal_, reader_, clock_, window_bytes_, limits_);
    return {feed_.get()};
  }
  std::string OpenFilter(const std::string& filter, const std::string& principal) {
    auto watcher = feed_->Open(Filtered(filter, Now()), {principal, filter});
    error_ = watcher.status();
    if (watcher.ok()) watchers_.push_back(*std::move(watcher));
    return Show(error_);
  }
  void UseLimits(const feed::WatchLimits& limits) {
    limits_ = limits;
    Restart();
  }
  std::string OpenFor(const std::string& principal, const std::string& connection) {
    auto watcher = feed_->Open(Now(), {principal, connection});
    error_ = watcher.status();
    if (watcher.ok()) watchers_.push_back(*std::move(watcher));
    return Show(error_);
  }

  feed::WatchLimits limits_{4, 3, 2};
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

TEST_F(LimitsTest, FiltersOfAPrincipalAreLimitedByTheirTerms) {
  feed::WatchLimits limits;
  limits.filter_terms_per_principal = 5;
  UseLimits(limits);
  const std::string refused = "RESOURCE_EXHAUSTED CALL_LIMIT";
  const std::string three = "text(\"a\") OR text(\"b\") OR title = \"c\"";
  EXPECT_EQ(OpenFilter(three, "a"), "OK");
  EXPECT_EQ(OpenFilter(three, "a"), "OK") << "the same filter costs nothing more";
  EXPECT_EQ(OpenFilter("any(media, caption = \"x\" OR caption = \"y\" OR caption = \"z\")", "a"),
            refused);
  EXPECT_EQ(base::MetadataOf(error_, "of"), "principal");
  EXPECT_EQ(base::MetadataOf(error_, "what"), "filter_terms");
  EXPECT_EQ(base::MetadataOf(error_, "limit"), "5");
  EXPECT_EQ(OpenFilter("title = \"x\" OR title = \"y\"", "a"), "OK");
  EXPECT_EQ(OpenFilter("title = \"z\"", "a"), refused);
  EXPECT_EQ(OpenFilter("title = \"z\"", "b"), "OK") << "another's";
  EXPECT_EQ(OpenFilter("", "a"), "OK") << "without a filter there is nothing to count";
  EXPECT_EQ(feed_->counters().refused_watches, 2);
  EXPECT_EQ(feed_->watch_count(), 5);
  watchers_.erase(watchers_.begin(), watchers_.begin() + 2);
  EXPECT_EQ(OpenFilter("title = \"z\"", "a"), "OK") << "what nobody holds is not counted";
}

TEST_F(LimitsTest, FiltersAreLimitedByTheirMemory) {
  std::string large = "title = \"x\"";
  for (int i = 0; i < 200; ++i) absl::StrAppend(&large, " OR text(\"word", i, "\")");
  feed::WatchLimits limits;
  UseLimits(limits);
  ASSERT_EQ(OpenFilter(large, "a"), "OK");
  const int64_t bytes = feed_->state().filter_bytes;
  EXPECT_GT(bytes, 200 * 200) << "more than a word takes";
  watchers_.clear();
  EXPECT_EQ(feed_->state().filter_bytes, 0);
  limits.filter_bytes = 5 * bytes / 2;
  limits.filter_bytes_per_principal = 3 * bytes / 2;
  UseLimits(limits);
  const std::string refused = "RESOURCE_EXHAUSTED CALL_LIMIT";
  EXPECT_EQ(OpenFilter(large, "a"), "OK");
  EXPECT_EQ(OpenFilter(large + " OR title = \"y\"", "a"), refused);
  EXPECT_EQ(base::MetadataOf(error_, "of"), "principal");
  EXPECT_EQ(base::MetadataOf(error_, "what"), "filter_bytes");
  EXPECT_EQ(OpenFilter(large, "b"), "OK") << "held once";
  EXPECT_LT(feed_->state().filter_bytes, 3 * bytes / 2);
  EXPECT_EQ(OpenFilter(large + " OR title = \"z\"", "c"), "OK");
  EXPECT_EQ(OpenFilter(large + " OR title = \"w\"", "d"), refused);
  EXPECT_EQ(base::MetadataOf(error_, "of"), "server");
}

TEST(VerdictsTest, TheCapIsOneForAllFilters) {
  constexpr size_t kMax = 10'000;
  feed::Verdicts verdicts(kMax);
  // Which filter it is of is all that counts.
  const std::vector<std::max_align_t> places(1000);
  const auto filter = [&](size_t i) -> const feed::SharedFilter& {
    return *reinterpret_cast<const feed::SharedFilter*>(&places[i]);
  };
  for (size_t i = 0; i < places.size(); ++i) {
    verdicts.Keep(filter(i), static_cast<int64_t>(i) + 1, std::make_shared<feed::Verdict>());
    ASSERT_LE(verdicts.bytes(), kMax) << "many filters with one each";
  }
  EXPECT_NE(verdicts.Find(filter(999), 1000), nullptr);
  EXPECT_EQ(verdicts.Find(filter(0), 1), nullptr) << "the oldest went";
  for (size_t i = 0; i < places.size(); ++i) verdicts.Forget(filter(i));
  EXPECT_EQ(verdicts.bytes(), 0u);
  auto large = std::make_shared<feed::Verdict>();
  large->told = std::string(kMax, 'x');
  verdicts.Keep(filter(0), 1, large);
  EXPECT_EQ(verdicts.bytes(), 0u) << "one that is larger than all may be is not kept";
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
