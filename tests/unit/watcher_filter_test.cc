// A watch whose filter looks into the records: what is sent, and who enters and
// leaves.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/base/wire.h"
#include "tests/unit/watcher_fixture.h"

namespace communique::testing {
namespace {

using ::testing::ElementsAre;

// Watches the sources whose title begins with "yes", from the start.
class BodyFilterTest : public WatcherTest {
 protected:
  void SetUp() override {
    WatcherTest::SetUp();
    Open(Matching(Now()));
    Next();
  }
  static v1::WatchRequest Matching(v1::WatchRequest request) {
    return Filtered("title = \"yes*\"", std::move(request));
  }
  static v1::CommitRequest Yes(const std::string& id, const std::string& more = "") {
    return Put(id, {.title = "yes" + more});
  }
  static v1::CommitRequest No(const std::string& id, const std::string& more = "") {
    return Put(id, {.title = "no" + more});
  }
};

TEST_F(BodyFilterTest, WhatMatchesIsSent) {
  Do(All({Yes("a"), No("b")}));
  EXPECT_EQ(Next(), "0-1 sources/a@1") << "a creation is told as such, not as an entry";
  Do(Yes("a", " again"));
  EXPECT_EQ(Next(), "1-2 sources/a@2") << "it matched before";
  Do(No("b", " again"));
  EXPECT_EQ(Next(), "wait");
  Do(Yes("c"));
  EXPECT_EQ(Next(), "2-4 sources/c@4") << "the chain spans what did not match";
}

TEST_F(BodyFilterTest, ARecordThatEntersIsTold) {
  Do(No("a"));
  Do(Yes("a"));
  EXPECT_EQ(Next(), "0-2 +sources/a@2");
  Do(All({Yes("a", "!"), Yes("b"), No("c")}));
  EXPECT_EQ(Next(), "2-3 sources/a@3 sources/b@3");
  Do(All({Yes("a", "?"), Yes("c")}));
  EXPECT_EQ(Next(), "3-4 sources/a@4 +sources/c@4");
  EXPECT_EQ(response_.entered_records_size(), 1);
}

TEST_F(BodyFilterTest, ARecordThatLeavesIsToldWithoutItsBody) {
  Do(Yes("a"));
  Next();
  Do(No("a"));
  EXPECT_EQ(Next(), "1-2 -sources/a@2(UPDATED)") << "a leave alone is worth a response";
  EXPECT_EQ(response_.changes_size(), 0);
  EXPECT_EQ(Next(), "wait");
  Do(No("a", "!"));
  EXPECT_EQ(Next(), "wait") << "it has left";
  Do(Yes("a"));
  EXPECT_EQ(Next(), "2-4 +sources/a@4");
  v1::CommitRequest correction = No("a");
  correction.mutable_reason()->append("wrong");
  Do(All({correction, Yes("b")}));
  EXPECT_EQ(Next(), "4-5 sources/b@5 -sources/a@5(UPDATED)");
}

TEST_F(BodyFilterTest, AWatchThatDidNotSeeItBeforeIsToldTheSame) {
  Do(Yes("a"));
  Do(No("a"));
  Open(Matching(From(1)));
  EXPECT_EQ(Next(), "1-2 -sources/a@2(UPDATED) [CAUGHT_UP]");
}

TEST_F(BodyFilterTest, TheTombstoneOfWhatMatchedIsSent) {
  Do(All({Yes("a"), No("b"), Yes("c"), No("d"), Yes("e")}));
  Next();
  Do(All({Delete("a"), Delete("b")}));
  EXPECT_EQ(Next(), "1-2 sources/a@2");
  EXPECT_TRUE(response_.changes(0).has_tombstone());
  Do(Merge("d", "e"));
  EXPECT_EQ(Next(), "wait");
  Do(Merge("c", "e"));
  EXPECT_EQ(Next(), "2-4 sources/c@4");
  EXPECT_TRUE(response_.changes(0).has_tombstone());
}

TEST_F(BodyFilterTest, ARevivalIsACreationAndNoEntry) {
  Do(All({Yes("a"), No("b")}));
  Do(All({Delete("a"), Delete("b")}));
  Next();
  Do(All({Yes("a"), Yes("b")}));
  EXPECT_EQ(Next(), "2-3 sources/a@3 sources/b@3");
  EXPECT_THAT(response_.changes(1).kinds(), ElementsAre(v1::CHANGE_KIND_CREATED));
  Do(Delete("a"));
  Next();
  Do(No("a"));
  EXPECT_EQ(Next(), "wait") << "it was gone already";
}

TEST_F(BodyFilterTest, UnmergingBringsItBack) {
  Do(All({Yes("a"), Yes("b")}));
  Do(Merge("a", "b"));
  Next();
  Do(Unmerge("a"));
  EXPECT_EQ(Next(), "2-3 sources/a@3");
}

TEST_F(BodyFilterTest, TheWindowAndTheJournalTellTheSame) {
  Do(All({Yes("a"), No("b"), Yes("c"), Yes("m")}));
  Do(All({No("a"), Yes("b"), Delete("c")}));
  Do(Merge("m", "b"));
  Do(All({Yes("c"), No("d")}));
  Do(Unmerge("m"));
  Do(All({Yes("d"), No("b")}));
  const std::string wanted =
      "0-6 sources/a@1 sources/c@1 sources/m@1 +sources/b@2 sources/c@2 sources/m@3 sources/c@4 "
      "sources/m@5 +sources/d@6 -sources/a@2(UPDATED) -sources/b@6(UPDATED) [CAUGHT_UP]";
  Open(Matching(From(0)));
  EXPECT_EQ(Next(), wanted);
  const std::string from_window = response_.SerializePartialAsString();
  Restart();  // with an empty window
  Open(Matching(From(0)));
  EXPECT_EQ(Next(), wanted);
  EXPECT_EQ(response_.SerializePartialAsString(), from_window);
}

TEST_F(BodyFilterTest, ASnapshotHoldsWhatMatches) {
  Do(All({Yes("a"), No("b"), Yes("c"), Yes("d")}));
  Do(All({No("c"), Delete("d"), Yes("e")}));
  Open(Matching(Snapshot()));
  EXPECT_EQ(Next(), "snapshot@2 .. sources/a@1 sources/e@2 [SNAPSHOT_END CHECKPOINT]");
  Do(No("a"));
  EXPECT_EQ(Next(), "2-3 -sources/a@3(UPDATED) [CAUGHT_UP]");
}

TEST_F(BodyFilterTest, ALongSnapshotThatDoesNotMatchIsTold) {
  for (int i = 10; i < 30; ++i) Do(No(absl::StrCat("s", i), std::string(500 * 1024, 'x')));
  Do(Yes("s25"));
  Open(Matching(Snapshot()));
  EXPECT_EQ(Next(), "snapshot@21 ..sources/s27 sources/s25@21") << "8 MiB were looked at";
  EXPECT_EQ(Open(Matching(Resume(token()))), "OK");
  EXPECT_EQ(Next(), "snapshot@21 sources/s27.. [SNAPSHOT_END CHECKPOINT]");
}

TEST_F(BodyFilterTest, TheVersionsBeforeCountAsLookedAt) {
  for (int i = 0; i < 20; ++i) Do(No("a", absl::StrCat(i, std::string(500 * 1024, 'x'))));
  EXPECT_EQ(Next(), "0-9 [FELL_BEHIND CHECKPOINT]") << "8 MiB, of which half are previous versions";
  EXPECT_EQ(Next(), "9-18 [CHECKPOINT]");
  EXPECT_EQ(Next(), "18-20 [CAUGHT_UP CHECKPOINT]");
}

TEST_F(BodyFilterTest, SharesAreOfTheNamesAsEver) {
  v1::CommitRequest create, change;
  for (int i = 0; i < 40; ++i) {
    create.MergeFrom(i % 2 == 0 ? Yes(absl::StrCat("n", i)) : No(absl::StrCat("n", i)));
    change.MergeFrom(i % 2 == 0 ? No(absl::StrCat("n", i)) : Yes(absl::StrCat("n", i)));
  }
  Do(create);
  Do(change);
  int sent = 0, entered = 0, left = 0;
  for (int shard = 0; shard < 2; ++shard) {
    v1::WatchRequest watch = Matching(From(0));
    watch.mutable_shard()->set_index(shard);
    watch.mutable_shard()->set_count(2);
    Open(watch);
    Next();
    EXPECT_LT(response_.changes_size(), 40);
    sent += response_.changes_size();
    entered += response_.entered_records_size();
    left += response_.left_records_size();
  }
  EXPECT_EQ(sent, 40);
  EXPECT_EQ(entered, 20);
  EXPECT_EQ(left, 20);
}

TEST_F(BodyFilterTest, BytesThatDoNotParseAreDataLoss) {
  auto commit = std::make_shared<journal::EncodedCommit>();
  commit->revision = 1;
  std::string change;
  base::AppendBytesField(v1::Change::kNameFieldNumber, "sources/a", change);
  change += '\xff';
  std::string framed;
  base::AppendBytesField(v1::WatchResponse::kChangesFieldNumber, change, framed);
  commit->changes.push_back({"sources/a", journal::RecordState::kLive, framed});
  feed::Window window(1 << 20, 0);
  window.Add({commit});
  feed::FeedCounters counters;
  feed::FilterContext filter_context{reader_, counters};
  const feed::WatcherContext context{window, memory_journal_, reader_, clock_, counters};
  feed::WatchRegistry registry({});
  feed::WatchQuery watched;
  watched.filter = *query::Filter::Parse("title = x");
  feed::WatchSpec spec;
  feed::SharedFilters filters(filter_context, {});
  spec.hold = *filters.Get(std::move(watched), "anonymous");
  feed::Watcher watcher(std::move(spec), context, *registry.Admit({}));
  const feed::Step step = watcher.Next(/*may_read=*/true);
  EXPECT_EQ(step.type, feed::Step::Type::kEnd);
  EXPECT_EQ(Show(step.status), "DATA_LOSS DATA_CORRUPT");
}

}  // namespace
}  // namespace communique::testing
