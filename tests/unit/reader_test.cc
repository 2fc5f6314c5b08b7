// The one way to read: which revision a scope sees, and what stands there.
#include "service/store/reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/store_fixture.h"

namespace communique::testing {
namespace {

using ::testing::ElementsAre;

class ReaderTest : public StoreTest {
 protected:
  // Three versions of one source, an hour apart, and a tombstone.
  void Write() {
    for (const char* title : {"1", "2", "3"}) {
      Do(Put("a", {.title = title}));
      clock_.Advance(absl::Hours(1));
    }
    Do(Delete("a"));
  }
  static v1::ReadScope AtRevision(int64_t revision) {
    v1::ReadScope scope;
    scope.set_known_revision(revision);
    return scope;
  }
  v1::ReadScope AtTime(absl::Duration after_start) const {
    v1::ReadScope scope;
    const absl::Time time = start_ + after_start;
    scope.mutable_known_time()->set_seconds(absl::ToUnixSeconds(time));
    scope.mutable_known_time()->set_nanos(static_cast<int32_t>(
        absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(absl::ToUnixSeconds(time)))));
    return scope;
  }
  // The revision that a scope opens, or its error.
  std::string Opens(const v1::ReadScope& scope) const {
    const auto view = reader_.Open(scope);
    return view.ok() ? absl::StrCat(view->revision()) : Show(view.status());
  }
  std::string GetAt(const v1::ReadScope& scope, const std::string& id) const {
    const auto found = reader_.Open(scope)->Get("sources/" + id);
    if (!found.ok()) return Show(found.status());
    v1::Record record;
    record.ParseFromString(std::string(found->record_bytes()));
    return record.source().title();
  }
  std::vector<std::string> List(const store::ReadView& view, v1::RecordKind kind,
                                const std::string& after = "", size_t limit = 100) const {
    std::vector<std::string> names;
    const absl::Status status = view.List(
        kind, after, [](absl::string_view) { return true; },
        [&](store::FoundRecord found) {
          names.push_back(found.name);
          return names.size() < limit;
        });
    EXPECT_TRUE(status.ok()) << status;
    return names;
  }
  std::vector<int64_t> History(const store::ReadView& view, int64_t before) const {
    std::vector<int64_t> revisions;
    const absl::Status status =
        view.History("sources/a", before, [&](int64_t revision, const std::string&) {
          revisions.push_back(revision);
          return true;
        });
    EXPECT_TRUE(status.ok()) << status;
    return revisions;
  }

  const absl::Time start_ = clock_.Now();
};

TEST_F(ReaderTest, TheDefaultIsEverythingKnownNow) {
  EXPECT_EQ(Opens({}), "0");
  Write();
  EXPECT_EQ(Opens({}), "4");
}

TEST_F(ReaderTest, KnownAtARevision) {
  Write();
  EXPECT_EQ(GetAt(AtRevision(0), "a"), "NOT_FOUND RECORD_NOT_FOUND");
  EXPECT_EQ(GetAt(AtRevision(1), "a"), "1");
  EXPECT_EQ(GetAt(AtRevision(3), "a"), "3");
  EXPECT_EQ(GetAt(AtRevision(4), "a"), "NOT_FOUND RECORD_DELETED");
}

TEST_F(ReaderTest, KnownAtATimeIsTheNewestCommitUntilThen) {
  Write();
  EXPECT_EQ(Opens(AtTime(-absl::Seconds(1))), "0");
  EXPECT_EQ(Opens(AtTime(-absl::Nanoseconds(1))), "0");
  EXPECT_EQ(Opens(AtTime(absl::ZeroDuration())), "1") << "inclusive";
  EXPECT_EQ(Opens(AtTime(absl::Hours(1) - absl::Microseconds(1))), "1");
  EXPECT_EQ(Opens(AtTime(absl::Hours(1))), "2");
  EXPECT_EQ(Opens(AtTime(absl::Hours(99999))), "4");
}

TEST_F(ReaderTest, ScopesThatCannotBeRead) {
  Write();
  EXPECT_EQ(Opens(AtRevision(5)), "INVALID_ARGUMENT REVISION_IN_FUTURE");
  EXPECT_EQ(Opens(AtRevision(-1)), "INVALID_ARGUMENT INVALID_FIELD");
  v1::ReadScope scope;
  scope.set_min_revision(-1);
  EXPECT_EQ(Opens(scope), "INVALID_ARGUMENT INVALID_FIELD");
  scope.set_min_revision(4);
  EXPECT_EQ(Opens(scope), "4");
  scope.set_min_revision(5);
  EXPECT_EQ(Opens(scope), "UNAVAILABLE REPLICA_BEHIND");
}

TEST_F(ReaderTest, MinRevisionAndKnownRevisionGoTogether) {
  Write();
  v1::ReadScope scope = AtRevision(1);
  scope.set_min_revision(4);
  EXPECT_EQ(Opens(scope), "1");
}

TEST_F(ReaderTest, APinTellsWhatWasRead) {
  Write();
  for (const int64_t revision : {2, 4, 2}) {
    const v1::Pin pin = reader_.OpenAt(revision)->pin();
    EXPECT_EQ(pin.revision(), revision);
    EXPECT_EQ(pin.store_id(), memory_.identity().store_id);
    EXPECT_EQ(pin.revision_time().seconds(),
              absl::ToUnixSeconds(start_ + absl::Hours(revision - 1)));
    std::string hash;
    ASSERT_TRUE(memory_
                    .ReadHeader(revision, [&](absl::string_view,
                                              absl::string_view stored) { hash = std::string(stored); })
                    .ok());
    EXPECT_EQ(pin.journal_hash(), hash);
  }
  const v1::Pin nothing = reader_.OpenAt(0)->pin();
  EXPECT_FALSE(nothing.has_revision_time());
  EXPECT_EQ(nothing.journal_hash(), "");
}

TEST_F(ReaderTest, AViewIsOfOneRevisionForEver) {
  Do(Put("a", {.title = "old"}));
  const auto view = reader_.Open({});
  Do(Put("a", {.title = "new"}));
  Do(Put("b"));
  EXPECT_EQ(view->revision(), 1);
  EXPECT_THAT(List(*view, v1::RECORD_KIND_SOURCE), ElementsAre("sources/a"));
  EXPECT_NE(view->Get("sources/a")->framed.find("old"), std::string::npos);
}

TEST_F(ReaderTest, AMergedNameLeadsToItsSurvivor) {
  Do(All({Put("a"), Put("b"), Put("c", {.title = "c"})}));
  Do(Merge("a", "b"));
  Do(Merge("b", "c"));
  const auto found = reader_.Open({})->Get("sources/a");
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(found->name, "sources/c");
  EXPECT_EQ(found->redirected_from, "sources/a");
  EXPECT_EQ(reader_.OpenAt(1)->Get("sources/a")->redirected_from, "") << "earlier, the loser";
  EXPECT_EQ(reader_.OpenAt(2)->Get("sources/a")->name, "sources/b");
}

TEST_F(ReaderTest, AMergedNameWhoseSurvivorWasDeletedTellsTheTombstone) {
  Do(All({Put("a"), Put("b")}));
  Do(Merge("a", "b"));
  Do(Delete("b"));
  const absl::Status status = reader_.Open({})->Get("sources/a").status();
  EXPECT_EQ(Show(status), "NOT_FOUND RECORD_DELETED");
  EXPECT_EQ(base::MetadataOf(status, "asked"), "sources/a");
  v1::Tombstone tombstone;
  tombstone.ParseFromString(base::DetailOf(status, "communique.v1.Tombstone"));
  EXPECT_EQ(tombstone.name(), "sources/b");
}

TEST_F(ReaderTest, AListHoldsTheLiveRecordsOfItsKindInOrder) {
  v1::CommitRequest actor;
  actor.add_mutations()->mutable_put()->set_name("actors/x");
  actor.mutable_mutations(0)->mutable_put()->mutable_actor()->set_display_name("X");
  actor.mutable_mutations(0)->mutable_put()->mutable_actor()->set_type(v1::ACTOR_TYPE_STATE);
  Do(All({Put("c"), Put("a"), Put("b"), Put("d"), actor}));
  Do(All({Delete("b"), Merge("d", "a")}));
  const auto view = reader_.Open({});
  EXPECT_THAT(List(*view, v1::RECORD_KIND_SOURCE), ElementsAre("sources/a", "sources/c"));
  EXPECT_THAT(List(*view, v1::RECORD_KIND_SOURCE, "sources/a"), ElementsAre("sources/c"));
  EXPECT_THAT(List(*view, v1::RECORD_KIND_SOURCE, "", 1), ElementsAre("sources/a"));
  EXPECT_THAT(List(*view, v1::RECORD_KIND_ACTOR), ElementsAre("actors/x"));
  EXPECT_THAT(List(*reader_.OpenAt(1), v1::RECORD_KIND_SOURCE),
              ElementsAre("sources/a", "sources/b", "sources/c", "sources/d"));
}

TEST_F(ReaderTest, AHistoryIsNewestFirstAndStaysWithinItsView) {
  Write();
  EXPECT_THAT(History(*reader_.Open({}), 100), ElementsAre(4, 3, 2, 1));
  EXPECT_THAT(History(*reader_.Open({}), 3), ElementsAre(2, 1));
  EXPECT_THAT(History(*reader_.OpenAt(2), 100), ElementsAre(2, 1));
  EXPECT_THAT(History(*reader_.Open({}), 1), ElementsAre());
}

TEST_F(ReaderTest, ASnapshotHoldsEveryKindAndSkipsWhatIsNotWanted) {
  Do(All({Put("a"), Put("b"), Put("c")}));
  Do(Delete("b"));
  std::vector<std::string> asked, told;
  const absl::Status status = reader_.Open({})->Snapshot(
      "sources/", [&](absl::string_view name) {
        asked.emplace_back(name);
        return name != "sources/a";
      },
      [&](absl::string_view name, const std::string&) {
        told.emplace_back(name);
        return true;
      });
  EXPECT_TRUE(status.ok());
  EXPECT_THAT(asked, ElementsAre("sources/a", "sources/c"));
  EXPECT_THAT(told, ElementsAre("sources/c"));
}

}  // namespace
}  // namespace communique::testing
