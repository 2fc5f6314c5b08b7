// What a trim takes from readers, writers and the index, and what it leaves.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "service/server/retention.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/store_fixture.h"

namespace communique::testing {
namespace {

using ::testing::ElementsAre;

class TrimTest : public StoreTest {
 protected:
  // "oldest 3", or the error; when all that goes is gone.
  std::string Trim(int64_t revision) {
    absl::Notification done;
    absl::StatusOr<int64_t> oldest;
    store_->Trim(revision, "operator", [&](absl::StatusOr<int64_t> answer) {
      oldest = std::move(answer);
      done.Notify();
    });
    done.WaitForNotification();
    store_->WaitUntilTrimmed();
    last_ = oldest.status().ok() ? absl::UnknownError("none") : oldest.status();
    return oldest.ok() ? absl::StrCat("oldest ", *oldest) : Show(oldest.status());
  }
  static v1::ReadScope At(int64_t revision) {
    v1::ReadScope scope;
    scope.set_known_revision(revision);
    return scope;
  }
  std::string Opens(const v1::ReadScope& scope) const {
    const auto view = reader_.Open(scope);
    return view.ok() ? absl::StrCat(view->revision()) : Show(view.status());
  }
  std::vector<int64_t> History(const store::ReadView& view, const std::string& id,
                               int64_t before = 1000) const {
    std::vector<int64_t> revisions;
    const absl::Status status = view.History(
        "sources/" + id, before,
        [&](int64_t revision, const std::string&) { return revisions.push_back(revision), true; });
    EXPECT_TRUE(status.ok()) << status;
    return revisions;
  }
  // Names that the index holds for alive at a revision, "a@3".
  static std::vector<std::string> Alive(const query::CandidateIndex& index, int64_t revision) {
    std::vector<std::string> names;
    index.Find(nullptr, v1::RECORD_KIND_UNSPECIFIED, revision)
        .ForEach([&](const query::Candidate& candidate) {
          names.push_back(absl::StrCat(candidate.name(), "@", candidate.revision()));
        });
    return names;
  }
};

TEST_F(TrimTest, ATrimIsACommitWithoutChangesInTheChain) {
  Do(Put("a"));
  Do(Put("a", {.title = "b"}));
  const std::string before = local_.head_hash();
  EXPECT_EQ(Trim(2), "oldest 2");
  EXPECT_EQ(head(), 3);
  int commits = 0;
  ASSERT_TRUE(local_
                  .ReadCommits(2,
                               [&](const journal::StoredCommit& commit) {
                                 ++commits;
                                 EXPECT_TRUE(commit.framed_changes.empty());
                                 EXPECT_EQ(journal::ChainHash(before, commit.header, {}),
                                           commit.hash);
                                 return true;
                               })
                  .ok());
  EXPECT_EQ(commits, 1);
  EXPECT_EQ(Do(Put("a", {.title = "c"})), "revision 4");
  EXPECT_EQ(Get("a"), "c");
}

TEST_F(TrimTest, WhatCannotBeTrimmedIsRefused) {
  Do(Put("a"));
  EXPECT_EQ(Trim(0), "INVALID_ARGUMENT INVALID_FIELD");
  EXPECT_EQ(Trim(-1), "INVALID_ARGUMENT INVALID_FIELD");
  EXPECT_EQ(Trim(2), "INVALID_ARGUMENT REVISION_IN_FUTURE");
  EXPECT_EQ(Metadata("head_revision"), "1");
  EXPECT_EQ(head(), 1);
}

TEST_F(TrimTest, ATrimToWhatIsTrimmedTakesNoRevision) {
  for (const char* title : {"1", "2", "3"}) Do(Put("a", {.title = title}));
  EXPECT_EQ(Trim(2), "oldest 2");
  EXPECT_EQ(Trim(2), "oldest 2");
  EXPECT_EQ(Trim(1), "oldest 2");
  EXPECT_EQ(head(), 4);
}

TEST_F(TrimTest, ReadsBeforeTheOldestAreExpired) {
  for (const char* title : {"1", "2", "3"}) {
    Do(Put("a", {.title = title}));
    clock_.Advance(absl::Hours(1));
  }
  const absl::Time start = clock_.Now() - absl::Hours(3);
  v1::ReadScope first_hour;
  first_hour.mutable_known_time()->set_seconds(absl::ToUnixSeconds(start + absl::Minutes(30)));
  v1::ReadScope second_hour;
  second_hour.mutable_known_time()->set_seconds(absl::ToUnixSeconds(start + absl::Minutes(90)));
  EXPECT_EQ(Opens(first_hour), "1");
  Trim(2);
  EXPECT_EQ(Opens(At(1)), "OUT_OF_RANGE REVISION_EXPIRED");
  EXPECT_EQ(Opens(first_hour), "OUT_OF_RANGE REVISION_EXPIRED");
  EXPECT_EQ(Opens(second_hour), "2");
  EXPECT_EQ(Opens(At(2)), "2");
}

// The view is older than the trim: what it misses then is never "not there".
TEST_F(TrimTest, AViewThatATrimOvertakesIsExpired) {
  for (const char* title : {"1", "2", "3"}) Do(Put("a", {.title = title}));
  const auto view = reader_.Open(At(1));
  ASSERT_TRUE(view.ok());
  Trim(2);
  const std::string expired = "OUT_OF_RANGE REVISION_EXPIRED";
  EXPECT_EQ(Show(view->Get("sources/a").status()), expired);
  EXPECT_EQ(Show(view->FindLive("sources/a").status()), expired);
  EXPECT_EQ(Show(view->ReadVersion("sources/a", 1, 1).status()), expired);
  std::vector<query::Candidate> found;
  const query::Candidates candidates =
      view->index().Find(nullptr, v1::RECORD_KIND_SOURCE, view->revision());
  candidates.ForEach([&](query::Candidate candidate) { found.push_back(candidate); });
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(Show(view->ReadVersions(found, [](auto, auto) { return true; })), expired);
  const auto all = [](absl::string_view) { return true; };
  EXPECT_EQ(Show(view->List(v1::RECORD_KIND_SOURCE, "", all, [](auto) { return true; })), expired);
  EXPECT_EQ(Show(view->Snapshot("", all, [](auto, auto) { return true; })), expired);
  EXPECT_EQ(Show(view->History("sources/a", 9, [](auto, auto) { return true; })), expired);
}

TEST_F(TrimTest, AHistoryEndsWithWhatStoodAtTheOldest) {
  for (const char* title : {"1", "2", "3", "4"}) Do(Put("a", {.title = title}));
  Do(Put("b"));
  Do(Put("c"));
  Do(Delete("c"));
  const auto early = reader_.Open({});  // from before the trim, and still held
  Trim(7);
  for (const auto& view : {reader_.Open({}), early}) {
    EXPECT_THAT(History(*view, "a"), ElementsAre(4));
    EXPECT_THAT(History(*view, "a", 4), ElementsAre()) << "the page after";
    EXPECT_THAT(History(*view, "b"), ElementsAre(5));
    EXPECT_THAT(History(*view, "c"), ElementsAre(7)) << "the buried body is no longer told of";
  }
}

TEST_F(TrimTest, WhatStandsIsLeft) {
  Do(Put("a", {.title = "1", .elements = {"e"}}));
  Do(Put("b"));
  Do(Put("a", {.title = "2"}));
  Do(Delete("b"));
  Do(Put("c", {.cites = {"a"}}));
  Do(Merge("c", "a"));
  Trim(6);
  EXPECT_EQ(Get("a"), "2");
  EXPECT_EQ(Get("b"), "NOT_FOUND RECORD_DELETED");
  EXPECT_EQ(Get("c"), "2") << "merged into a";
  EXPECT_EQ(Do(Put("a", {.title = "3", .elements = {"e"}})), "INVALID_ARGUMENT INVALID_FIELD")
      << "ids are never used again";
}

TEST_F(TrimTest, AMergeCanStillBeUndone) {
  Do(Put("a", {.title = "survivor"}));
  Do(Put("b", {.title = "1"}));
  Do(Put("b", {.title = "loser"}));
  Do(Merge("b", "a"));
  Trim(4);
  EXPECT_EQ(Do(Unmerge("b")), "revision 6");
  EXPECT_EQ(Get("b"), "loser");
}

TEST_F(TrimTest, IdsOfABuriedBodyStayUsed) {
  Do(Put("a", {.elements = {"e", "f"}}));
  Do(Delete("a"));
  Trim(2);
  EXPECT_EQ(Do(Put("a", {.elements = {"f"}})), "revision 4");
  EXPECT_EQ(Do(Put("a", {.elements = {"e", "f"}})), "INVALID_ARGUMENT INVALID_FIELD");
}

TEST_F(TrimTest, RequestIdsAreRememberedOverATrimAndAStart) {
  Do(WithId("r", Put("a", {.title = "1"})));
  Do(Put("a", {.title = "2"}));
  Trim(2);
  EXPECT_EQ(Do(WithId("r", Put("a", {.title = "1"}))), "revision 1 (replayed)");
  Restart();
  EXPECT_EQ(Do(WithId("r", Put("a", {.title = "1"}))), "revision 1 (replayed)");
  EXPECT_EQ(head(), 3);
}

// --- The index -------------------------------------------------------------------

TEST_F(TrimTest, AnIndexMadeAnewHoldsWhatStoodAtTheOldest) {
  Do(Put("a", {.title = "1"}));
  Do(All({Put("b"), Put("c"), Put("d")}));
  Do(Put("a", {.title = "2"}));
  Do(Delete("c"));
  Do(Put("d", {.title = "2"}));
  Trim(4);
  Do(Put("e"));
  query::CandidateIndex index("store", "epoch");
  store::Indexer indexer(local_, index);
  ASSERT_TRUE(indexer.Start("").ok());
  indexer.WaitUntilIndexed();
  EXPECT_EQ(index.unindexed_count(), 0);
  EXPECT_THAT(Alive(index, 4), ElementsAre("sources/b@2", "sources/d@2", "sources/a@3"));
  EXPECT_THAT(Alive(index, head()),
              ElementsAre("sources/b@2", "sources/a@3", "sources/d@5", "sources/e@7"));
  EXPECT_EQ(index.head(), head());
}

// A folder ends before the oldest: what superseded its versions is gone.
TEST_F(TrimTest, AnIndexFolderFromBeforeTheOldestIsGoneOnWith) {
  TempDir folder;
  constexpr uint32_t kSegment = 4;
  Do(All({Put("a"), Put("b"), Put("c"), Put("d")}));
  Do(Put("e"));
  {
    query::CandidateIndex index("store", "epoch", kSegment);
    store::Indexer indexer(local_, index);
    ASSERT_TRUE(indexer.Start(folder / "index").ok());
  }
  Do(Put("a", {.title = "2"}));
  Do(Put("a", {.title = "3"}));
  Do(Put("b", {.title = "2"}));
  Do(Delete("b"));
  Do(Put("f"));
  Do(Delete("f"));
  Trim(8);
  Do(Put("c", {.title = "2"}));
  query::CandidateIndex index("store", "epoch", kSegment);
  store::Indexer indexer(local_, index);
  ASSERT_TRUE(indexer.Start(folder / "index").ok());
  indexer.WaitUntilIndexed();
  EXPECT_THAT(Alive(index, 1), ElementsAre("sources/a@1", "sources/b@1", "sources/c@1",
                                           "sources/d@1"))
      << "the saved segment was taken over";
  EXPECT_THAT(Alive(index, 8), ElementsAre("sources/c@1", "sources/d@1", "sources/e@2",
                                           "sources/a@4"));
  EXPECT_THAT(Alive(index, head()), ElementsAre("sources/d@1", "sources/e@2", "sources/a@4",
                                                "sources/c@10"));
}

// --- Retention -------------------------------------------------------------------

TEST_F(TrimTest, RetentionTrimsWhatIsOlderAndLeavesAStoreAtRest) {
  server::RetentionTrimmer retention(*store_, reader_, local_, clock_, absl::Hours(2));
  EXPECT_EQ(retention.RunOnce().value(), 0) << "an empty store";
  for (const char* title : {"1", "2", "3"}) {
    Do(Put("a", {.title = title}));
    clock_.Advance(absl::Hours(1));
  }
  // They are 3, 2 and 1 hours old, and what is as old as the retention is the oldest.
  EXPECT_EQ(retention.RunOnce().value(), 2);
  EXPECT_EQ(head(), 4);
  EXPECT_EQ(retention.RunOnce().value(), 2);
  clock_.Advance(absl::Hours(24));
  EXPECT_EQ(retention.RunOnce().value(), 3);
  EXPECT_EQ(head(), 5);
  for (int i = 0; i < 3; ++i) {
    clock_.Advance(absl::Hours(24));
    EXPECT_EQ(retention.RunOnce().value(), 3) << "trims alone are no reason to trim";
  }
  EXPECT_EQ(head(), 5);
  EXPECT_EQ(Get("a"), "3");
}

TEST_F(TrimTest, RetentionLongerThanTheClockKeepsEverything) {
  Do(Put("a"));
  server::RetentionTrimmer retention(*store_, reader_, local_, clock_, absl::Hours(24 * 365 * 900));
  EXPECT_EQ(retention.RunOnce().value(), 0);
}

}  // namespace
}  // namespace communique::testing
