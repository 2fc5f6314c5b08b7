// The disk's faults, in process: what was acknowledged is there afterwards, or
// the store says that it is not. Never silently shorter.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdio.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "service/base/error.h"
#include "service/journal/embedded_journal.h"
#include "service/journal/rocksdb_store.h"
#include "service/query/candidate_index.h"
#include "service/store/indexer.h"
#include "tests/conformance/engines.h"
#include "tests/faults/faulty_file_system.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/store_fixture.h"

namespace communique::testing {
namespace {

namespace fs = std::filesystem;
using journal::EmbeddedJournal;
using journal::RocksDbStore;
using ::testing::HasSubstr;

constexpr int kGroupCommits = 3;

class StoreFaultsTest : public ::testing::Test {
 protected:
  // A store that broke is never closed (see ~RocksDbStore): its environment has to
  // outlive it.
  void TearDown() override {
    static auto* const kept = new std::vector<std::unique_ptr<rocksdb::Env>>();
    kept->push_back(std::move(env_));
  }

  absl::StatusOr<std::unique_ptr<RocksDbStore>> Open(const std::string& dir) {
    return RocksDbStore::Open({dir, env_.get()});
  }
  absl::StatusOr<std::unique_ptr<RocksDbStore>> Open() { return Open(data()); }

  // Appends a group of three commits; what is acknowledged is counted.
  absl::Status Append(EmbeddedJournal& journal, size_t body_bytes = 50) {
    CommitGroup group;
    for (int i = 0; i < kGroupCommits; ++i) {
      const std::string name = absl::StrCat("actors/n", model_.head() % 7);
      group.push_back(model_.Add({{name, RecordState::kLive, std::string(body_bytes, 'x')},
                                  {"actors/each", RecordState::kLive, absl::StrCat(i)}}));
    }
    const absl::Status status = journal.Append(group);
    if (status.ok()) acknowledged_ = model_.head();
    return status;
  }
  // A store with some groups, closed.
  void Fill(int groups) {
    auto store = Open();
    ASSERT_TRUE(store.ok()) << store.status();
    EmbeddedJournal journal(**store);
    for (int i = 0; i < groups; ++i) ASSERT_TRUE(Append(journal).ok());
  }

  // Opens a folder after a fault: whole groups, everything acknowledged, every
  // byte as it was written, and it takes the next group.
  void ExpectWhole(const std::string& dir, int64_t acknowledged) {
    auto store = RocksDbStore::Open({dir});
    ASSERT_TRUE(store.ok()) << store.status();
    EXPECT_GE((*store)->head(), acknowledged);
    EXPECT_EQ((*store)->head() % kGroupCommits, 0);
    Model held = model_.Prefix((*store)->head());
    ExpectHolds(**store, held);
    EmbeddedJournal journal(**store);
    EXPECT_TRUE(journal.Append({held.Add({{"actors/next"}})}).ok());
    ExpectHolds(**store, held);
  }
  // Refused as DATA_LOSS, as often as it is tried.
  void ExpectRefused(const std::string& dir) {
    for (int i = 0; i < 2; ++i) {
      const auto store = RocksDbStore::Open({dir});
      EXPECT_EQ(store.status().code(), absl::StatusCode::kDataLoss) << store.status();
      EXPECT_EQ(base::ReasonOf(store.status()), v1::ERROR_REASON_DATA_CORRUPT);
    }
  }
  // A copy of the data folder to damage.
  std::string Copy() {
    const std::string copy = dir_ / absl::StrCat("copy-", ++copies_);
    fs::copy(data(), copy, fs::copy_options::recursive);
    return copy;
  }
  static std::string NewestLog(const std::string& dir) {
    std::string newest;
    for (const auto& entry : fs::directory_iterator(dir + "/db")) {
      if (entry.path().extension() == ".log") newest = std::max(newest, entry.path().string());
    }
    EXPECT_NE(newest, "");
    return newest;
  }
  static void Damage(const std::string& path, uint64_t offset, char bits) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(static_cast<std::streamoff>(offset));
    const auto old = static_cast<char>(file.get());
    file.seekp(static_cast<std::streamoff>(offset));
    file.put(static_cast<char>(old ^ bits));
  }
  std::string data() const { return dir_ / "data"; }

  TempDir dir_;
  std::shared_ptr<FaultyFileSystem> files_ = std::make_shared<FaultyFileSystem>();
  std::unique_ptr<rocksdb::Env> env_ = rocksdb::NewCompositeEnv(files_);
  Model model_;
  int64_t acknowledged_ = 0;
  int copies_ = 0;
};

// --- A write or a sync fails --------------------------------------------------------

struct Failure {
  int at;          // the number of the operation, from the first commit on
  bool for_good;   // all later ones fail too
  bool torn;       // half of a failed write is there
};

class FailingDiskTest : public StoreFaultsTest, public ::testing::WithParamInterface<Failure> {};

std::vector<Failure> Failures() {
  std::vector<Failure> all;
  for (const int at : {1, 2, 3, 4, 5, 6, 9}) {
    for (const bool for_good : {false, true}) {
      for (const bool torn : {false, true}) all.push_back({at, for_good, torn});
    }
  }
  return all;
}
INSTANTIATE_TEST_SUITE_P(Disk, FailingDiskTest, ::testing::ValuesIn(Failures()),
                         [](const auto& info) {
                           return absl::StrCat("Operation", info.param.at,
                                               info.param.for_good ? "ForGood" : "Once",
                                               info.param.torn ? "Torn" : "");
                         });

TEST_P(FailingDiskTest, WhatWasAcknowledgedIsThereAfterwards) {
  const Failure failure = GetParam();
  if (failure.torn) files_->TearWrites();
  {
    auto store = Open();
    ASSERT_TRUE(store.ok()) << store.status();
    EmbeddedJournal journal(**store);
    files_->SetHook([&](FaultyFileSystem::Op, int number) {
      return failure.for_good ? number >= failure.at : number == failure.at;
    });
    absl::Status status;
    for (int i = 0; i < 20 && status.ok(); ++i) status = Append(journal);
    EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << status;
    EXPECT_EQ(base::ReasonOf(status), v1::ERROR_REASON_JOURNAL_STOPPED);
    EXPECT_FALSE(journal.health().ok());
    // Nothing more is written, also when the disk is well again.
    files_->SetHook(nullptr);
    Model held = model_.Prefix((*store)->head());
    EXPECT_EQ(base::ReasonOf(journal.Append({held.Add({{"actors/late"}})})),
              v1::ERROR_REASON_JOURNAL_STOPPED);
    // Reads go on, and see nothing of the failed group.
    EXPECT_EQ((*store)->head(), acknowledged_);
    ExpectHolds(**store, model_.Prefix(acknowledged_));
  }
  // A broken store keeps its folder locked until its process ends: a copy is what
  // the next process finds.
  ExpectWhole(Copy(), acknowledged_);
}

TEST_F(StoreFaultsTest, ACommitOnAFailingDiskIsAnsweredUnavailable) {
  auto rocks = Open();
  ASSERT_TRUE(rocks.ok()) << rocks.status();
  EmbeddedJournal journal(**rocks);
  FakeClock clock;
  store::EventStore store(**rocks, journal, clock);
  ASSERT_TRUE(store.Start().ok());
  const auto commit = [&](const v1::CommitRequest& request) {
    Pending pending;
    store.Commit(request, "alice", pending.Callback());
    return Show(pending.Wait());
  };
  EXPECT_EQ(commit(Put("a")), "revision 1");
  files_->SetHook([](FaultyFileSystem::Op op, int) { return op == FaultyFileSystem::Op::kSync; });
  EXPECT_EQ(commit(Put("b")), "UNAVAILABLE JOURNAL_STOPPED");
  files_->SetHook(nullptr);
  EXPECT_EQ(commit(Put("c")), "UNAVAILABLE JOURNAL_STOPPED");
  query::CandidateIndex index("store", "epoch");
  store::Indexer indexer(**rocks, index);
  ASSERT_TRUE(indexer.Start("").ok());
  const store::Reader reader(**rocks, index);
  EXPECT_TRUE(reader.Open({})->Get("sources/a").ok());
  EXPECT_EQ(Show(reader.Open({})->Get("sources/b").status()), "NOT_FOUND RECORD_NOT_FOUND");
  store.Stop();
}

// --- Power cuts -----------------------------------------------------------------------

TEST_F(StoreFaultsTest, APowerCutAtAnyOperationLosesNothingAcknowledged) {
  struct Picture {
    std::string dir;
    int64_t acknowledged;
  };
  std::vector<Picture> pictures;
  {
    auto store = Open();
    ASSERT_TRUE(store.ok()) << store.status();
    EmbeddedJournal journal(**store);
    files_->SetHook([&](FaultyFileSystem::Op, int number) {
      if (number % 3 == 1 || number < 6) {
        const std::string copy = dir_ / absl::StrCat("cut-", number);
        files_->CopyDurable(data(), copy);
        pictures.push_back({copy, acknowledged_});
      }
      return false;
    });
    for (int i = 0; i < 12; ++i) ASSERT_TRUE(Append(journal).ok());
    files_->SetHook(nullptr);
    files_->CopyDurable(data(), dir_ / "cut-last");
    pictures.push_back({dir_ / "cut-last", acknowledged_});
  }
  ASSERT_GT(pictures.size(), 8u);
  EXPECT_EQ(pictures.back().acknowledged, 36);
  for (const Picture& picture : pictures) {
    SCOPED_TRACE(picture.dir);
    ExpectWhole(picture.dir, picture.acknowledged);
  }
}

TEST_F(StoreFaultsTest, APowerCutAfterARestartLosesNothingAcknowledged) {
  Fill(4);
  files_ = std::make_shared<FaultyFileSystem>();  // what is there is durable
  env_ = rocksdb::NewCompositeEnv(files_);
  auto store = Open();
  ASSERT_TRUE(store.ok()) << store.status();
  files_->CopyDurable(data(), dir_ / "opened");
  EmbeddedJournal journal(**store);
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(Append(journal).ok());
  files_->CopyDurable(data(), dir_ / "appended");
  store->reset();
  ExpectWhole(dir_ / "opened", 12);
  ExpectWhole(dir_ / "appended", 24);
}

// The model of a power cut can fail: without a sync nothing is left.
TEST_F(StoreFaultsTest, APowerCutDropsWhatWasNotSynced) {
  const std::string path = dir_ / "file";
  std::unique_ptr<rocksdb::FSWritableFile> file;
  ASSERT_TRUE(files_->NewWritableFile(path, {}, &file, nullptr).ok());
  std::unique_ptr<rocksdb::FSDirectory> folder;
  ASSERT_TRUE(files_->NewDirectory(dir_.path(), {}, &folder, nullptr).ok());
  TempDir cut;
  ASSERT_TRUE(file->Append("synced", {}, nullptr).ok());
  ASSERT_TRUE(file->Sync({}, nullptr).ok());
  files_->CopyDurable(dir_.path(), cut / "1");
  EXPECT_FALSE(fs::exists(cut / "1/file")) << "its folder was not synced";
  ASSERT_TRUE(folder->Fsync({}, nullptr).ok());
  ASSERT_TRUE(file->Append(" not", {}, nullptr).ok());
  ASSERT_TRUE(file->Flush({}, nullptr).ok());
  files_->CopyDurable(dir_.path(), cut / "2");
  EXPECT_EQ(fs::file_size(cut / "2/file"), 6u);
  ASSERT_TRUE(file->Close({}, nullptr).ok());
}

// --- Damaged files ----------------------------------------------------------------------

TEST_F(StoreFaultsTest, ALogThatIsCutAnywhereIsNoticed) {
  Fill(10);
  const uint64_t size = fs::file_size(NewestLog(data()));
  ASSERT_GT(size, 2000u);
  std::vector<uint64_t> lengths = {0, 1, 6, 7, 8, size - 8, size - 7, size - 2, size - 1};
  for (uint64_t length = 100; length < size; length += size / 25) lengths.push_back(length);
  for (const uint64_t length : lengths) {
    SCOPED_TRACE(absl::StrCat("cut to ", length, " of ", size));
    const std::string copy = Copy();
    fs::resize_file(NewestLog(copy), length);
    ExpectRefused(copy);
    fs::remove_all(copy);
  }
  ExpectWhole(Copy(), acknowledged_);  // uncut, it opens
}

TEST_F(StoreFaultsTest, ALogWithAFlippedBitIsNoticed) {
  Fill(10);
  const uint64_t size = fs::file_size(NewestLog(data()));
  for (uint64_t at = 0; at < size; at += size / 40) {
    SCOPED_TRACE(absl::StrCat("bit ", at % 8, " of byte ", at));
    const std::string copy = Copy();
    Damage(NewestLog(copy), at, static_cast<char>(1 << at % 8));
    ExpectRefused(copy);
    fs::remove_all(copy);
  }
}

TEST_F(StoreFaultsTest, ATailThatWasNotAcknowledgedMayBeCut) {
  Fill(5);
  const std::string copy = Copy();
  std::ofstream(NewestLog(copy), std::ios::app | std::ios::binary) << "half of a record";
  ExpectWhole(copy, acknowledged_);
}

TEST_F(StoreFaultsTest, AMissingLogIsNoticed) {
  Fill(5);
  fs::remove(NewestLog(data()));
  ExpectRefused(data());
}

TEST_F(StoreFaultsTest, ADamagedTableIsNoticedByWhoeverReadsIt) {
  Fill(5);
  { ASSERT_TRUE(Open().ok()); }  // recovery writes tables
  int damaged = 0;
  for (const auto& entry : fs::directory_iterator(data() + "/db")) {
    if (entry.path().extension() != ".sst") continue;
    const std::string copy = Copy();
    Damage(copy + "/db/" + entry.path().filename().string(), 20, 0x10);
    ++damaged;
    const auto store = RocksDbStore::Open({copy});
    bool noticed = !store.ok();
    const auto check = [&](const absl::Status& status) {
      if (status.ok()) return;
      EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << status;
      noticed = true;
    };
    check(store.status());
    if (store.ok()) {
      check((*store)->ReadCommits(0, [](const journal::StoredCommit&) { return true; }));
      check((*store)->ScanNames("", "", 1, [](absl::string_view, const Version&) { return true; }));
      check((*store)->FindLoad("none").status());
      check((*store)->ScanHistory("actors/each", acknowledged_,
                                  [](const Version&) { return true; }));
    }
    EXPECT_TRUE(noticed) << entry.path();
  }
  EXPECT_GE(damaged, 3);
}

// --- The high-water mark -----------------------------------------------------------------

TEST_F(StoreFaultsTest, OneBadSlotOfTheMarkIsSurvived) {
  Fill(5);
  for (const uint64_t slot : {0, 4096}) {
    for (const uint64_t byte : {0, 8, 16, 24, 55, 56, 87}) {
      SCOPED_TRACE(absl::StrCat("slot at ", slot, ", byte ", byte));
      const std::string copy = Copy();
      Damage(copy + "/high_water", slot + byte, 0x40);
      ExpectWhole(copy, acknowledged_);
    }
  }
}

TEST_F(StoreFaultsTest, ATornMarkIsSurvived) {
  Fill(5);
  for (const uint64_t length : {4096, 4097, 4096 + 87, 8191}) {
    SCOPED_TRACE(absl::StrCat("cut to ", length));
    const std::string copy = Copy();
    fs::resize_file(copy + "/high_water", length);
    ExpectWhole(copy, acknowledged_);
  }
}

TEST_F(StoreFaultsTest, TwoBadSlotsAreRefused) {
  Fill(5);
  Damage(data() + "/high_water", 20, 1);
  Damage(data() + "/high_water", 4096 + 20, 1);
  ExpectRefused(data());
}

TEST_F(StoreFaultsTest, AMarkThatIsGoneIsRefused) {
  Fill(5);
  const std::string cut = Copy();
  fs::resize_file(cut + "/high_water", 50);
  ExpectRefused(cut);
  const std::string removed = Copy();
  fs::remove(removed + "/high_water");
  const auto store = RocksDbStore::Open({removed});
  EXPECT_EQ(store.status().code(), absl::StatusCode::kDataLoss) << store.status();
}

TEST_F(StoreFaultsTest, ADatabaseOfYesterdayIsRefused) {
  Fill(3);
  const std::string yesterday = Copy();
  Fill(3);
  fs::remove(yesterday + "/high_water");
  fs::copy_file(data() + "/high_water", yesterday + "/high_water");
  ExpectRefused(yesterday);
  EXPECT_THAT(std::string(RocksDbStore::Open({yesterday}).status().message()),
              HasSubstr("the journal ends at revision 9 but 18 was acknowledged"));
}

TEST_F(StoreFaultsTest, AMarkOfAnotherHistoryIsRefused) {
  Fill(3);
  const std::string one = Copy();
  fs::remove_all(data());
  {
    auto store = Open();
    ASSERT_TRUE(store.ok());
    EmbeddedJournal journal(**store);
    Model other;
    for (int i = 0; i < 9; ++i) {
      ASSERT_TRUE(journal.Append({other.Add({{"actors/other"}})}).ok());
    }
  }
  fs::remove(one + "/high_water");
  fs::copy_file(data() + "/high_water", one + "/high_water");
  ExpectRefused(one);
}

// --- Two at once ---------------------------------------------------------------------------

TEST_F(StoreFaultsTest, AFolderIsOpenedOnce) {
  Fill(1);
  const auto first = Open();
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(Open().status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ((*first)->head(), kGroupCommits) << "the first is not disturbed";
}

constexpr char kHoldVariable[] = "COMMUNIQUE_TEST_HOLD_STORE";

// The other process of the test below: holds the store until its input ends.
TEST_F(StoreFaultsTest, DISABLED_HoldsAFolder) {
  const char* dir = getenv(kHoldVariable);
  ASSERT_NE(dir, nullptr);
  const auto store = RocksDbStore::Open({dir});
  ASSERT_TRUE(store.ok()) << store.status();
  std::ofstream(std::string(dir) + "/held") << "held";
  while (getchar() != EOF) {
  }
}

TEST_F(StoreFaultsTest, AFolderIsOpenedByOneProcess) {
  Fill(1);
  const std::string command =
      absl::StrCat(kHoldVariable, "=", data(), " ", fs::read_symlink("/proc/self/exe").string(),
                   " --gtest_also_run_disabled_tests",
                   " --gtest_filter=StoreFaultsTest.DISABLED_HoldsAFolder > /dev/null");
  FILE* const other = popen(command.c_str(), "w");
  ASSERT_NE(other, nullptr);
  for (int i = 0; i < 1000 && !fs::exists(data() + "/held"); ++i) {
    absl::SleepFor(absl::Milliseconds(20));
  }
  EXPECT_TRUE(fs::exists(data() + "/held"));
  EXPECT_EQ(Open().status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(pclose(other), 0);
  EXPECT_TRUE(Open().ok()) << "once the other has ended";
}

TEST_F(StoreFaultsTest, AnErrorInAFolderNamedLockIsNotInUse) {
  fs::create_directories(dir_ / "blocks/db/CURRENT");
  EXPECT_EQ(Open(dir_ / "blocks").status().code(), absl::StatusCode::kInternal);
}

}  // namespace
}  // namespace communique::testing
