// One suite over every engine: what LocalStore and Journal promise in their
// comments. An engine that cannot keep a promise is named here, with the reason.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <random>
#include <thread>

#include "service/base/error.h"
#include "service/base/hash.h"
#include "service/base/limits.h"
#include "service/journal/embedded_journal.h"
#include "tests/conformance/engines.h"
#include "tests/support/temp_dir.h"

namespace communique::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::Values;

class JournalSuite : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override { Open(); }

  void Open() {
    journal_.reset();
    store_.reset();
    store_ = OpenEngine(GetParam(), dir_ / "data");
    ASSERT_NE(store_, nullptr);
    journal_ = std::make_unique<journal::EmbeddedJournal>(*store_);
  }

  // A group of one commit for each list of edits.
  absl::Status Append(const std::vector<std::vector<Edit>>& commits) {
    CommitGroup group;
    for (const auto& edits : commits) group.push_back(model_.Add(edits));
    return journal_->Append(group);
  }
  // Names of the commits that a read visits, at most `limit` of them.
  std::vector<int64_t> Revisions(int64_t from, size_t limit = 1000) const {
    std::vector<int64_t> out;
    const absl::Status status = journal_->Read(from, [&](const journal::StoredCommit& commit) {
      out.push_back(commit.revision);
      return out.size() < limit;
    });
    EXPECT_TRUE(status.ok()) << status;
    return out;
  }

  TempDir dir_;
  Model model_;
  std::unique_ptr<LocalStore> store_;
  std::unique_ptr<journal::EmbeddedJournal> journal_;
};

TEST_P(JournalSuite, NothingStandsAtANegativeRevision) {
  ASSERT_TRUE(Append({{{"actors/a"}}}).ok());
  EXPECT_EQ(ShowFind(*store_, "actors/a", -1), "-");
  EXPECT_EQ(ShowHistory(*store_, "actors/a", -1), "");
  EXPECT_EQ(ShowNames(*store_, "", "", -1), "");
}

TEST_P(JournalSuite, AGroupWithAHoleIsRefused) {
  const auto first = model_.Add({{"actors/a"}});
  model_.Add({{"actors/b"}});
  EXPECT_EQ(journal_->Append({first, model_.Add({{"actors/c"}})}).code(), absl::StatusCode::kFailedPrecondition);
}

INSTANTIATE_TEST_SUITE_P(Engines, JournalSuite, Values("memory", "rocksdb"),
                         [](const auto& info) { return info.param; });

// What only an engine with a disk can keep: memory is gone with its process, as
// its class says (`durable()` is false).
class DurableJournalSuite : public JournalSuite {};
INSTANTIATE_TEST_SUITE_P(Engines, DurableJournalSuite, Values("rocksdb"),
                         [](const auto& info) { return info.param; });

// --- Append -------------------------------------------------------------------

TEST_P(JournalSuite, ANewStoreHoldsNothing) {
  EXPECT_EQ(store_->head(), 0);
  EXPECT_EQ(store_->oldest(), 0);
  EXPECT_EQ(store_->head_hash(), "");
  EXPECT_EQ(store_->live_count(), 0);
  EXPECT_EQ(store_->engine_name(), GetParam());
  EXPECT_NE(store_->identity().store_id, "");
  EXPECT_NE(store_->identity().epoch, "");
  EXPECT_TRUE(journal_->health().ok());
  EXPECT_THAT(Revisions(0), ElementsAre());
  ExpectHolds(*store_, model_);
}

TEST_P(JournalSuite, AppendsAreDense) {
  ASSERT_TRUE(Append({{{"actors/a"}}}).ok());
  ASSERT_TRUE(Append({{{"actors/b"}}, {{"actors/c"}}}).ok());
  EXPECT_EQ(journal_->head(), 3);
  EXPECT_THAT(Revisions(0), ElementsAre(1, 2, 3));
  ExpectHolds(*store_, model_);
}

TEST_P(JournalSuite, AWrongNextRevisionIsRefused) {
  ASSERT_TRUE(Append({{{"actors/a"}}}).ok());
  Model ahead = model_;
  const auto second = ahead.Add({{"actors/b"}});
  const auto third = ahead.Add({{"actors/c"}});
  EXPECT_EQ(journal_->Append({third}).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(journal_->Append({model_.Add({{"actors/x"}})}).code(), absl::StatusCode::kOk);
  EXPECT_EQ(journal_->Append({second}).code(), absl::StatusCode::kFailedPrecondition)
      << "it was decided already";
  EXPECT_TRUE(journal_->health().ok()) << "a lost race stops nothing";
  ExpectHolds(*store_, model_);
}

TEST_P(JournalSuite, AnEmptyGroupIsNothing) {
  EXPECT_TRUE(journal_->Append({}).ok());
  EXPECT_EQ(journal_->head(), 0);
}

TEST_P(JournalSuite, AGroupIsThereWhole) {
  ASSERT_TRUE(Append({{{"actors/a"}, {"actors/b"}}, {{"actors/a", RecordState::kDeleted}}}).ok());
  EXPECT_EQ(ShowFind(*store_, "actors/a", 1), "1/1L");
  EXPECT_EQ(ShowFind(*store_, "actors/a", 2), "2/1D");
  EXPECT_EQ(ShowFind(*store_, "actors/b", 2), "1/2L");
}

TEST_P(JournalSuite, OneReaderWaitsForMore) {
  EXPECT_FALSE(journal_->WaitForMore(0, absl::Now() + absl::Milliseconds(5)));
  std::atomic<bool> more{false};
  std::thread waiter([&] { more = journal_->WaitForMore(0, absl::Now() + absl::Seconds(30)); });
  ASSERT_TRUE(Append({{{"actors/a"}}}).ok());
  waiter.join();
  EXPECT_TRUE(more);
  EXPECT_TRUE(journal_->WaitForMore(0, absl::InfinitePast()));
}

// --- Read ---------------------------------------------------------------------

TEST_P(JournalSuite, ABodyComesBackInItsBytes) {
  const std::string bytes("\0\xff\x0a text", 8);
  ASSERT_TRUE(Append({{{"actors/a", RecordState::kLive, bytes}, {"actors/b"}}}).ok());
  EXPECT_EQ(store_->ReadChange(1, 1).value(), model_.commit(1).changes[0].framed);
  EXPECT_EQ(store_->ReadChange(1, 2).value(), model_.commit(1).changes[1].framed);
}

TEST_P(JournalSuite, AChangeThatIsNotThereIsDataLoss) {
  ASSERT_TRUE(Append({{{"actors/a"}}}).ok());
  for (const auto& [revision, ordinal] : {std::pair(1, 2), std::pair(2, 1), std::pair(0, 1)}) {
    const absl::Status status = store_->ReadChange(revision, ordinal).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << revision << "/" << ordinal;
    EXPECT_EQ(base::ReasonOf(status), v1::ERROR_REASON_DATA_CORRUPT);
  }
}

TEST_P(JournalSuite, AHeaderIsReadWithItsHash) {
  ASSERT_TRUE(Append({{{"actors/a"}}, {{"actors/b"}}}).ok());
  int calls = 0;
  EXPECT_TRUE(store_
                  ->ReadHeader(2,
                               [&](absl::string_view header, absl::string_view hash) {
                                 ++calls;
                                 EXPECT_EQ(header, model_.commit(2).header);
                                 EXPECT_EQ(hash, model_.commit(2).hash);
                               })
                  .ok());
  EXPECT_EQ(calls, 1);
  for (const int64_t revision : {0, 3}) {
    EXPECT_EQ(store_->ReadHeader(revision, [](auto, auto) { ADD_FAILURE(); }).code(),
              absl::StatusCode::kNotFound);
  }
}

// By hand, as FORMAT.md has it, and not by the code that wrote it.
TEST_P(JournalSuite, TheChainIsTheOneOfTheFormat) {
  ASSERT_TRUE(Append({{{"actors/a"}, {"actors/b"}}, {{"actors/a", RecordState::kDeleted}}}).ok());
  std::string previous(32, '\0');
  const absl::Status status = store_->ReadCommits(0, [&](const journal::StoredCommit& commit) {
    const size_t size = commit.header.size();
    EXPECT_LT(size, 256u);
    const char little_endian[4] = {static_cast<char>(size), 0, 0, 0};
    std::string bytes = absl::StrCat(previous, absl::string_view(little_endian, 4), commit.header);
    for (const absl::string_view framed : commit.framed_changes) absl::StrAppend(&bytes, framed);
    EXPECT_EQ(commit.hash, base::Sha256({bytes})) << "of revision " << commit.revision;
    previous = std::string(commit.hash);
    return true;
  });
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(store_->head_hash(), previous);
}

TEST_P(JournalSuite, CommitsAreReadFromAnywhereUntilTheReaderStops) {
  ASSERT_TRUE(Append({{{"actors/a"}}, {{"actors/b"}}, {{"actors/c"}}}).ok());
  EXPECT_THAT(Revisions(1), ElementsAre(2, 3));
  EXPECT_THAT(Revisions(0, 2), ElementsAre(1, 2));
  EXPECT_THAT(Revisions(3), ElementsAre());
  EXPECT_THAT(Revisions(99), ElementsAre());
}

TEST_P(JournalSuite, NothingStandsBeforeTheFirstVersion) {
  ASSERT_TRUE(Append({{{"actors/a"}}, {{"actors/b"}}}).ok());
  EXPECT_EQ(ShowFind(*store_, "actors/b", 1), "-");
  EXPECT_EQ(ShowFind(*store_, "actors/b", 0), "-");
  EXPECT_EQ(ShowFind(*store_, "actors/c", 2), "-");
  EXPECT_EQ(ShowHistory(*store_, "actors/b", 1), "");
  EXPECT_EQ(ShowNames(*store_, "", "", 0), "");
}

TEST_P(JournalSuite, NamesThatBeginAlikeAreKeptApart) {
  ASSERT_TRUE(Append({{{"actors/a"}, {"actors/a-b"}, {"actors/a.b"}, {"actors/aa"}, {"actors/a0"}},
                      {{"actors/a", RecordState::kMerged}}})
                  .ok());
  EXPECT_EQ(ShowNames(*store_, "actors/a", "", 2), Show(model_.ScanNames("actors/a", "", 2)));
  EXPECT_EQ(ShowHistory(*store_, "actors/a", 2), "actors/a@2/1M actors/a@1/1L ");
  EXPECT_EQ(ShowHistory(*store_, "actors/a-b", 2), "actors/a-b@1/2L ");
}

TEST_P(JournalSuite, NamesAreScannedByPrefixAfterANameUntilTheReaderStops) {
  ASSERT_TRUE(
      Append({{{"sources/b"}, {"actors/a"}, {"actors/c"}, {"actors/b"}, {"summits/a"}}}).ok());
  EXPECT_EQ(ShowNames(*store_, "actors/", "", 1), "actors/a@1/2L actors/b@1/4L actors/c@1/3L ");
  EXPECT_EQ(ShowNames(*store_, "actors/", "actors/a", 1), "actors/b@1/4L actors/c@1/3L ");
  EXPECT_EQ(ShowNames(*store_, "actors/", "actors/aa", 1), "actors/b@1/4L actors/c@1/3L ");
  EXPECT_EQ(ShowNames(*store_, "actors/", "actors/c", 1), "");
  EXPECT_EQ(ShowNames(*store_, "actors/", "zzz", 1), "");
  EXPECT_EQ(ShowNames(*store_, "sources/", "actors/z", 1), "sources/b@1/1L ");
  EXPECT_EQ(ShowNames(*store_, "nothing/", "", 1), "");
  int visits = 0;
  EXPECT_TRUE(store_->ScanNames("", "", 1, [&](auto, auto&) { return ++visits < 2; }).ok());
  EXPECT_EQ(visits, 2);
}

TEST_P(JournalSuite, HistoriesAreScannedNewestFirstUntilTheReaderStops) {
  ASSERT_TRUE(Append({{{"actors/a"}},
                      {{"actors/a", RecordState::kDeleted}},
                      {{"actors/b"}},
                      {{"actors/a"}}})
                  .ok());
  EXPECT_EQ(ShowHistory(*store_, "actors/a", 4), "actors/a@4/1L actors/a@2/1D actors/a@1/1L ");
  EXPECT_EQ(ShowHistory(*store_, "actors/a", 3), "actors/a@2/1D actors/a@1/1L ");
  int visits = 0;
  EXPECT_TRUE(store_->ScanHistory("actors/a", 4, [&](auto&) { return ++visits < 2; }).ok());
  EXPECT_EQ(visits, 2);
}

// --- Counts and positions --------------------------------------------------------

TEST_P(JournalSuite, LiveRecordsAreCounted) {
  ASSERT_TRUE(Append({{{"actors/a"}, {"actors/b"}}}).ok());
  EXPECT_EQ(store_->live_count(), 2);
  ASSERT_TRUE(Append({{{"actors/a", RecordState::kDeleted}, {"actors/b"}}}).ok());
  EXPECT_EQ(store_->live_count(), 1);
  ASSERT_TRUE(Append({{{"actors/b", RecordState::kMerged}}, {{"actors/a"}}}).ok());
  EXPECT_EQ(store_->live_count(), 1);
}

TEST_P(JournalSuite, LoadsHaveTheirPositions) {
  const std::string one = journal::MakeLoadKey("alice", "l"), two = journal::MakeLoadKey("bob", "l");
  EXPECT_EQ(store_->FindLoad(one)->line, 0);
  ASSERT_TRUE(journal_->Append({model_.Add({{"actors/a"}}, {one, 7}),
                                model_.Add({{"actors/b"}}, {two, 1}),
                                model_.Add({{"actors/c"}}, {one, 9}), model_.Add({{"actors/d"}})})
                  .ok());
  EXPECT_EQ(store_->FindLoad(one)->line, 9);
  EXPECT_EQ(store_->FindLoad(one)->revision, 3);
  EXPECT_EQ(store_->FindLoad(two)->line, 1);
  EXPECT_EQ(store_->FindLoad(two)->revision, 2);
}

// --- Properties ------------------------------------------------------------------

// Random groups of random edits, over enough names that a scan takes several
// steps; `check` is called after each group.
void AppendRandomHistory(uint32_t seed, Model& model, journal::Journal& journal, int groups) {
  std::mt19937 random(seed);
  const auto pick = [&](int n) { return static_cast<int>(random() % static_cast<uint32_t>(n)); };
  const char* kCollections[] = {"actors/", "sources/", "summits/"};
  for (int g = 0; g < groups; ++g) {
    CommitGroup group;
    for (int c = 1 + pick(4); c > 0; --c) {
      std::map<std::string, Edit> edits;
      for (int e = 1 + pick(12); e > 0; --e) {
        const std::string name = absl::StrCat(kCollections[pick(3)], "n", pick(250));
        edits[name] = {name, static_cast<RecordState>(pick(5) == 0 ? 2 + pick(2) : 1),
                       std::string(static_cast<size_t>(pick(40)), static_cast<char>(pick(256)))};
      }
      std::vector<Edit> list;
      for (auto& [name, edit] : edits) list.push_back(edit);
      group.push_back(model.Add(list));
    }
    const absl::Status status = journal.Append(group);
    ASSERT_TRUE(status.ok()) << status;
  }
}

void ExpectAnswersAsTheModel(uint32_t seed, const LocalStore& store, const Model& model) {
  std::mt19937 random(seed + 1);
  const auto pick = [&](int64_t n) { return static_cast<int64_t>(random() % static_cast<uint64_t>(n)); };
  const char* kPrefixes[] = {"", "actors/", "sources/n1", "summits/n99", "t"};
  for (int i = 0; i < 60; ++i) {
    const int64_t at = pick(model.head() + 1);
    const std::string name = absl::StrCat("actors/n", pick(250));
    const std::string prefix = kPrefixes[pick(5)];
    const std::string after = pick(2) == 0 ? "" : absl::StrCat("sources/n", pick(250));
    EXPECT_EQ(ShowFind(store, name, at), Show(model.Find(name, at))) << name << " at " << at;
    EXPECT_EQ(ShowHistory(store, name, at), Show(model.ScanHistory(name, at)))
        << name << " at " << at;
    EXPECT_EQ(ShowNames(store, prefix, after, at), Show(model.ScanNames(prefix, after, at)))
        << "prefix " << prefix << " after " << after << " at " << at;
  }
  // One name at every revision.
  for (int64_t at = 0; at <= model.head(); ++at) {
    EXPECT_EQ(ShowFind(store, "sources/n7", at), Show(model.Find("sources/n7", at))) << at;
  }
}

TEST_P(JournalSuite, RandomHistoriesAreAnsweredAsByBruteForce) {
  for (const uint32_t seed : {1u, 2u, 3u}) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    model_ = Model();
    std::filesystem::remove_all(dir_ / "data");
    Open();
    AppendRandomHistory(seed, model_, *journal_, 80);
    ExpectHolds(*store_, model_);
    ExpectAnswersAsTheModel(seed, *store_, model_);
    if (HasFailure()) return;
    store_.reset();  // before its folder goes
  }
}

TEST_P(JournalSuite, ReadersSeeWholeGroupsOnly) {
  constexpr int kGroups = 100;
  constexpr int kGroupCommits = 3;
  std::atomic<bool> stop{false};
  std::atomic<int64_t> reads{0};
  const auto read = [&] {
    while (!stop) {
      const int64_t head = store_->head();
      EXPECT_EQ(head % kGroupCommits, 0);
      // Each commit writes both names: at any revision they are of one commit.
      const auto a = store_->Find("actors/a", head), b = store_->Find("actors/b", head);
      ASSERT_TRUE(a.ok() && b.ok());
      if (head == 0) continue;
      ASSERT_TRUE(a->has_value() && b->has_value());
      EXPECT_EQ((*a)->revision, head);
      EXPECT_EQ((*b)->revision, head);
      EXPECT_TRUE(store_->ReadChange(head, (*b)->ordinal).ok());
      EXPECT_EQ(ShowNames(*store_, "", "", head),
                absl::StrCat("actors/a@", head, "/1L actors/b@", head, "/2L "));
      int64_t last = head - kGroupCommits;
      EXPECT_TRUE(store_
                      ->ReadCommits(last,
                                    [&](const journal::StoredCommit& commit) {
                                      EXPECT_EQ(commit.revision, ++last);
                                      EXPECT_EQ(commit.framed_changes.size(), 2u);
                                      return true;
                                    })
                      .ok());
      EXPECT_GE(last, head);
      ++reads;
    }
  };
  std::thread one(read), two(read);
  for (int i = 0; i < kGroups || (reads < 20 && i < 100 * kGroups); ++i) {
    const std::vector<Edit> edits = {{"actors/a"}, {"actors/b"}};
    ASSERT_TRUE(Append({edits, edits, edits}).ok());
  }
  stop = true;
  one.join();
  two.join();
  EXPECT_GE(reads, 20);
}

// --- Trimming --------------------------------------------------------------------

// Deletes all that is to go. The number of steps.
int TrimAll(LocalStore& store) {
  for (int steps = 1;; ++steps) {
    const auto more = store.TrimStep();
    EXPECT_TRUE(more.ok()) << more.status();
    if (!more.ok() || !*more) return steps;
  }
}

// Whether a store holds every version that a trim to `oldest` keeps and, when all
// was deleted, no other.
void ExpectTrimmed(const LocalStore& store, const Model& model, int64_t oldest, bool all) {
  EXPECT_EQ(store.oldest(), oldest);
  ExpectHolds(store, model);
  for (const Model::Row& row : model.rows()) {
    const auto framed = store.ReadChange(row.version.revision, row.version.ordinal);
    if (!model.IsTrimmed(row, oldest)) {
      ASSERT_TRUE(framed.ok()) << row.name << "@" << Show(row.version) << ": " << framed.status();
      EXPECT_EQ(*framed, model.commit(row.version.revision).changes[row.version.ordinal - 1].framed);
    } else if (all) {
      ASSERT_FALSE(framed.ok()) << row.name << "@" << Show(row.version);
    }
  }
  for (int64_t at = oldest; at <= model.head(); at += 1 + (model.head() - oldest) / 20) {
    EXPECT_EQ(ShowNames(store, "", "", at), Show(model.ScanNames("", "", at))) << at;
  }
  for (int64_t revision = 1; revision <= model.head(); ++revision) {
    std::string kept;
    EXPECT_TRUE(store
                    .ReadHeader(revision, [&](auto, absl::string_view hash) {
                      kept = std::string(hash);
                    })
                    .ok());
    EXPECT_EQ(kept, model.commit(revision).hash);
  }
}

TEST_P(JournalSuite, ATrimMovesTheOldestBeforeAnythingIsDeleted) {
  ASSERT_TRUE(Append({{{"actors/a"}}, {{"actors/a"}}, {{"actors/a"}}}).ok());
  ASSERT_TRUE(journal_->Append({model_.AddTrim(2)}).ok());
  EXPECT_EQ(journal_->oldest(), 2);
  EXPECT_EQ(journal_->head(), 4);
  EXPECT_EQ(ShowHistory(*store_, "actors/a", 4), "actors/a@3/1L actors/a@2/1L actors/a@1/1L ");
  TrimAll(*store_);
  EXPECT_EQ(ShowHistory(*store_, "actors/a", 4), "actors/a@3/1L actors/a@2/1L ");
  ExpectTrimmed(*store_, model_, 2, true);
}

TEST_P(JournalSuite, ATrimToTheHeadKeepsWhatStands) {
  ASSERT_TRUE(Append({{{"actors/a"}, {"actors/b"}}, {{"actors/a"}}}).ok());
  ASSERT_TRUE(journal_->Append({model_.AddTrim(2)}).ok());
  TrimAll(*store_);
  EXPECT_EQ(ShowNames(*store_, "", "", 3), "actors/a@2/1L actors/b@1/2L ");
  EXPECT_EQ(store_->live_count(), 2);
  ExpectTrimmed(*store_, model_, 2, true);
}

TEST_P(JournalSuite, ATombstoneKeepsTheBodyItBuriedForAsLongAsItStands) {
  ASSERT_TRUE(Append({{{"actors/a"}},
                      {{"actors/a"}},
                      {{"actors/a", RecordState::kMerged}},
                      {{"actors/b"}}})
                  .ok());
  ASSERT_TRUE(journal_->Append({model_.AddTrim(4)}).ok());
  TrimAll(*store_);
  EXPECT_EQ(ShowHistory(*store_, "actors/a", 5), "actors/a@3/1M actors/a@2/1L ");
  EXPECT_TRUE(store_->ReadChange(2, 1).ok());
  ASSERT_TRUE(Append({{{"actors/a"}}}).ok());
  ASSERT_TRUE(journal_->Append({model_.AddTrim(6)}).ok());
  TrimAll(*store_);
  EXPECT_EQ(ShowHistory(*store_, "actors/a", 7), "actors/a@6/1L ");
  ExpectTrimmed(*store_, model_, 6, true);
}

TEST_P(JournalSuite, CommitsFromBelowTheOldestAreExpired) {
  ASSERT_TRUE(Append({{{"actors/a"}}, {{"actors/a"}}, {{"actors/a"}}}).ok());
  ASSERT_TRUE(journal_->Append({model_.AddTrim(2)}).ok());
  for (const bool deleted : {false, true}) {
    if (deleted) TrimAll(*store_);
    const absl::Status status = journal_->Read(1, [](auto&) {
      ADD_FAILURE() << "a commit that is not whole";
      return true;
    });
    EXPECT_EQ(status.code(), absl::StatusCode::kOutOfRange);
    EXPECT_EQ(base::ReasonOf(status), v1::ERROR_REASON_REVISION_EXPIRED);
    EXPECT_EQ(base::MetadataOf(status, "oldest_revision"), "2");
    EXPECT_THAT(Revisions(2), ElementsAre(3, 4));
  }
}

TEST_P(JournalSuite, AReaderThatATrimOvertakesIsToldSo) {
  ASSERT_TRUE(Append({{{"actors/a"}}, {{"actors/a"}}, {{"actors/a"}}, {{"actors/a"}}}).ok());
  std::vector<int64_t> seen;
  const absl::Status status = journal_->Read(0, [&](const journal::StoredCommit& commit) {
    seen.push_back(commit.revision);
    if (commit.revision == 2) {
      EXPECT_TRUE(journal_->Append({model_.AddTrim(3)}).ok());
      TrimAll(*store_);
    }
    return true;
  });
  EXPECT_EQ(base::ReasonOf(status), v1::ERROR_REASON_REVISION_EXPIRED);
  EXPECT_THAT(seen, ElementsAre(1, 2));
}

TEST_P(JournalSuite, RandomHistoriesAreTrimmedAsByBruteForce) {
  for (const uint32_t seed : {21u, 22u, 23u}) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    store_.reset();
    std::filesystem::remove_all(dir_ / "data");
    model_ = Model();
    Open();
    int64_t oldest = 0;
    for (int round = 0; round < 4; ++round) {
      AppendRandomHistory(seed + 100 * round, model_, *journal_, 60);
      // The second to the head; the third is overtaken by the fourth.
      oldest = round == 1 ? model_.head() : oldest + (model_.head() - oldest) / 2;
      ASSERT_TRUE(journal_->Append({model_.AddTrim(oldest)}).ok());
      if (round == 2) {
        ExpectTrimmed(*store_, model_, oldest, false);
        continue;
      }
      TrimAll(*store_);
      ExpectTrimmed(*store_, model_, oldest, true);
      if (HasFailure()) return;
    }
  }
}

// More than a step's worth, all of one commit's names and many versions of one.
TEST_P(JournalSuite, ALongTrimTakesSteps) {
  for (int i = 0; i < 6; ++i) {
    std::vector<Edit> edits;
    for (int n = 0; n < 1000; ++n) edits.push_back({absl::StrCat("actors/n", n)});
    ASSERT_TRUE(Append({edits}).ok());
  }
  ASSERT_TRUE(journal_->Append({model_.AddTrim(6)}).ok());
  EXPECT_EQ(*store_->TrimStep(), true) << "6,000 changes in one step";
  ExpectTrimmed(*store_, model_, 6, false);
  TrimAll(*store_);
  ExpectTrimmed(*store_, model_, 6, true);
  EXPECT_EQ(*store_->TrimStep(), false);
}

TEST_P(JournalSuite, HeadersAreCutOnceNoRequestIdIsRememberedByThem) {
  // Groups of commits without changes stand for a long life.
  CommitGroup group;
  const int64_t head = base::kRequestIdWindowRevisions + 10;
  while (model_.head() < head - 1) {
    group.push_back(model_.Add({}));
    if (group.size() == 8192) {
      ASSERT_TRUE(journal_->Append(group).ok());
      group.clear();
    }
  }
  group.push_back(model_.AddTrim(8));
  ASSERT_TRUE(journal_->Append(group).ok());
  TrimAll(*store_);
  const auto header = [&](int64_t revision) {
    std::string bytes = "unread";
    EXPECT_TRUE(store_
                    ->ReadHeader(revision, [&](absl::string_view found, absl::string_view hash) {
                      bytes = std::string(found);
                      EXPECT_EQ(hash, model_.commit(revision).hash);
                    })
                    .ok());
    return bytes;
  };
  for (int64_t revision = 1; revision <= 7; ++revision) EXPECT_EQ(header(revision), "") << revision;
  // The oldest one's time is still asked for; those after it are read.
  for (int64_t revision = 8; revision <= 12; ++revision) {
    EXPECT_EQ(header(revision), model_.commit(revision).header) << revision;
  }
  ASSERT_TRUE(journal_->Append({model_.AddTrim(head)}).ok());
  TrimAll(*store_);
  EXPECT_EQ(header(11), "") << "the head is 11 revisions beyond the window";
  EXPECT_EQ(header(12), model_.commit(12).header) << "a request id is remembered by it";
}

// --- Only with a disk -----------------------------------------------------------

TEST_P(DurableJournalSuite, AStoreComesBackAsItWas) {
  const std::string key = journal::MakeLoadKey("alice", "l");
  AppendRandomHistory(11, model_, *journal_, 40);
  ASSERT_TRUE(journal_->Append({model_.Add({{"actors/a"}}, {key, 5})}).ok());
  const journal::Identity identity = store_->identity();
  for (int i = 0; i < 3; ++i) {
    Open();
    EXPECT_EQ(store_->identity().store_id, identity.store_id);
    EXPECT_EQ(store_->identity().epoch, identity.epoch);
    ExpectHolds(*store_, model_);
    ExpectAnswersAsTheModel(11, *store_, model_);
    EXPECT_EQ(store_->FindLoad(key)->line, 5);
    ASSERT_TRUE(Append({{{"actors/n1", RecordState::kLive, absl::StrCat("again ", i)}}}).ok());
  }
}

TEST_P(DurableJournalSuite, ANewStoreComesBackToo) {
  const std::string id = store_->identity().store_id;
  Open();
  EXPECT_EQ(store_->identity().store_id, id);
  ExpectHolds(*store_, model_);
}

// A process that ends between two steps is one that closes there: a step is one
// batch, so a crash within it is one before it.
TEST_P(DurableJournalSuite, ATrimGoesOnAfterAStart) {
  for (int i = 0; i < 12; ++i) {
    std::vector<Edit> edits;
    for (int n = 0; n < 1000; ++n) edits.push_back({absl::StrCat("actors/n", n)});
    ASSERT_TRUE(Append({edits}).ok());
  }
  ASSERT_TRUE(journal_->Append({model_.AddTrim(11)}).ok());
  Open();
  ExpectTrimmed(*store_, model_, 11, false);
  int steps = 1;
  while (*store_->TrimStep()) {
    ++steps;
    Open();
    ExpectTrimmed(*store_, model_, 11, false);
    if (HasFailure()) return;
  }
  EXPECT_GE(steps, 3);
  Open();
  ExpectTrimmed(*store_, model_, 11, true);
  ASSERT_TRUE(Append({{{"actors/n1"}}}).ok());
  ExpectTrimmed(*store_, model_, 11, true);
}

TEST_P(DurableJournalSuite, ItSaysSo) {
  EXPECT_TRUE(store_->durable());
  ASSERT_TRUE(Append({{{"actors/a", RecordState::kLive, std::string(100'000, 'x')}}}).ok());
  EXPECT_GT(store_->disk_bytes(), 0);
}

}  // namespace
}  // namespace communique::testing
