// The candidate index: which versions are alive when, what its folder keeps, and
// what it does with a folder that is not its own.
#include "service/query/candidate_index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "communique/v1/change.pb.h"
#include "service/base/wire.h"
#include "service/journal/commit.h"
#include "tests/support/temp_dir.h"

namespace communique::query {
namespace {

using ::testing::ElementsAre;

std::string HashOf(int64_t revision) { return absl::StrCat("hash of ", revision); }

class CandidateIndexTest : public ::testing::Test {
 protected:
  static constexpr uint32_t kVersions = 4;

  // One commit of one change; with `title` empty a tombstone.
  void Write(CandidateIndex& index, const std::string& name, const std::string& title) {
    v1::Change change;
    change.set_revision(++head_);
    change.set_name(name);
    change.set_previous_revision(last_[name]);
    last_[name] = head_;
    if (title.empty()) {
      change.mutable_tombstone()->set_name(name);
    } else {
      change.mutable_record()->set_name(name);
      change.mutable_record()->mutable_source()->set_title(title);
    }
    framed_.emplace_back();
    base::AppendBytesField(1, change.SerializeAsString(), framed_.back());
    Replay(index, head_);
  }
  void Replay(CandidateIndex& index, int64_t revision) {
    index.Number({revision, 1}, framed_[static_cast<size_t>(revision) - 1]);
    v1::Change change;
    const absl::string_view bytes =
        journal::UnframeChange(framed_[static_cast<size_t>(revision) - 1]);
    change.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
    if (change.has_record()) index.AddTerms(TermsOf(change.record(), index.hasher()));
    index.SetHead(revision);
    index.SealFull(HashOf);
  }
  // Names alive at a revision, of those that the filter leaves.
  static std::vector<std::string> Alive(const CandidateIndex& index, int64_t revision,
                                        const FilterNode* filter = nullptr) {
    std::vector<std::string> names;
    index.Find(filter, v1::RECORD_KIND_UNSPECIFIED, revision).ForEach([&](const Candidate& found) {
      names.push_back(absl::StrCat(found.name(), "@", found.revision()));
    });
    return names;
  }
  static std::set<std::string> FilesIn(const std::string& folder) {
    std::set<std::string> names;
    for (const auto& file : std::filesystem::directory_iterator(folder)) {
      names.insert(file.path().filename().string());
    }
    return names;
  }
  static size_t SegmentsIn(const std::string& folder) { return FilesIn(folder).size(); }

  int64_t head_ = 0;
  std::map<std::string, int64_t> last_;
  std::vector<std::string> framed_;
};

TEST_F(CandidateIndexTest, AVersionIsAliveFromItsRevisionToTheNext) {
  CandidateIndex index("s", "e", kVersions);
  Write(index, "sources/a", "one");
  Write(index, "sources/b", "two");
  Write(index, "sources/a", "three");
  Write(index, "sources/b", "");
  Write(index, "sources/b", "four");  // revived
  EXPECT_THAT(Alive(index, 0), ElementsAre());
  EXPECT_THAT(Alive(index, 1), ElementsAre("sources/a@1"));
  EXPECT_THAT(Alive(index, 2), ElementsAre("sources/a@1", "sources/b@2"));
  EXPECT_THAT(Alive(index, 3), ElementsAre("sources/b@2", "sources/a@3"));
  EXPECT_THAT(Alive(index, 4), ElementsAre("sources/a@3"));
  EXPECT_THAT(Alive(index, 5), ElementsAre("sources/a@3", "sources/b@5"));
  EXPECT_EQ(index.CountLive(v1::RECORD_KIND_SOURCE, 5), 2);
  EXPECT_EQ(index.CountLive(v1::RECORD_KIND_ACTOR, 5), 0);
}

TEST_F(CandidateIndexTest, TextNarrowsInOpenAndSealedSegments) {
  CandidateIndex index("s", "e", kVersions);
  for (int i = 0; i < 10; ++i) {
    Write(index, absl::StrCat("sources/s", i), i % 3 == 0 ? "third" : "other");
  }
  const auto filter = Filter::Parse("text(\"third\")");
  ASSERT_TRUE(filter.ok()) << filter.status();
  EXPECT_THAT(Alive(index, 10, filter->root()),
              ElementsAre("sources/s0@1", "sources/s3@4", "sources/s6@7", "sources/s9@10"));
  EXPECT_THAT(Alive(index, 6, filter->root()), ElementsAre("sources/s0@1", "sources/s3@4"));
}

TEST_F(CandidateIndexTest, AFolderIsTakenOverAndCaughtUp) {
  const testing::TempDir folder;
  std::vector<std::vector<std::string>> alive;
  {
    CandidateIndex index("s", "e", kVersions);
    ASSERT_TRUE(index.OpenFolder(folder / "i", HashOf).ok());
    for (int i = 0; i < 14; ++i) Write(index, absl::StrCat("sources/s", i % 5), i == 9 ? "" : "x");
    for (int64_t at = 0; at <= 14; ++at) alive.push_back(Alive(index, at));
  }
  EXPECT_EQ(SegmentsIn(folder / "i"), 3u);  // 13 versions in segments of 4; the last is open
  CandidateIndex index("s", "e", kVersions);
  ASSERT_TRUE(index.OpenFolder(folder / "i", HashOf).ok());
  EXPECT_EQ(index.version_count(), 12);
  EXPECT_EQ(index.unindexed_count(), 0);
  const int64_t from = index.position().revision;
  EXPECT_EQ(from, 13);
  for (int64_t revision = from + 1; revision <= head_; ++revision) Replay(index, revision);
  for (int64_t at = 0; at <= 14; ++at) EXPECT_EQ(Alive(index, at), alive[static_cast<size_t>(at)]);
}

// Long texts close a segment before it has all its versions; numbers go on.
TEST_F(CandidateIndexTest, ASegmentOfLongTextsIsClosedEarly) {
  const testing::TempDir folder;
  const auto text = [](int i) {
    std::string words;
    for (int n = 0; n < 50; ++n) absl::StrAppend(&words, "w", i, "x", n, " ");
    return words;
  };
  std::vector<std::vector<std::string>> alive;
  {
    CandidateIndex index("s", "e", 1000, /*segment_bytes=*/5000);
    ASSERT_TRUE(index.OpenFolder(folder / "i", HashOf).ok());
    for (int i = 0; i < 20; ++i) Write(index, absl::StrCat("sources/s", i % 7), text(i));
    EXPECT_EQ(index.version_count(), 20);
    for (int64_t at = 0; at <= 20; ++at) alive.push_back(Alive(index, at));
  }
  EXPECT_GT(SegmentsIn(folder / "i"), 3u);
  CandidateIndex index("s", "e", 1000, 5000);
  ASSERT_TRUE(index.OpenFolder(folder / "i", HashOf).ok());
  for (int64_t revision = index.position().revision + 1; revision <= head_; ++revision) {
    Replay(index, revision);
  }
  for (int64_t at = 0; at <= 20; ++at) EXPECT_EQ(Alive(index, at), alive[static_cast<size_t>(at)]);
  EXPECT_EQ(alive[20].size(), 7u);
}

// What stands after a gap, or was half written, would be in the way of no one, but
// stay for ever.
TEST_F(CandidateIndexTest, StraySegmentsAreDeletedAndNothingElse) {
  const testing::TempDir folder;
  const std::string path = folder / "i/";
  {
    CandidateIndex index("s", "e", kVersions);
    ASSERT_TRUE(index.OpenFolder(path, HashOf).ok());
    for (int i = 0; i < 14; ++i) Write(index, absl::StrCat("sources/s", i), "x");
  }
  ASSERT_THAT(FilesIn(path), ElementsAre("00000000.segment", "00000001.segment",
                                         "00000002.segment"));
  std::filesystem::remove(path + "00000001.segment");
  for (const char* stray : {"00000007.segment", "00000000.segment.new", "00000003.segment.new",
                            "old.segment", "notes.txt", "00000009.segment.bak"}) {
    std::ofstream(path + stray) << "x";
  }
  CandidateIndex index("s", "e", kVersions);
  ASSERT_TRUE(index.OpenFolder(path, HashOf).ok());
  EXPECT_THAT(FilesIn(path), ElementsAre("00000000.segment", "00000009.segment.bak", "notes.txt"));
  EXPECT_EQ(index.version_count(), 4);
}

TEST_F(CandidateIndexTest, WhatIsNotItsOwnIsDropped) {
  struct Case {
    const char* what;
    const char* store;
    const char* epoch;
    uint32_t versions;
    bool other_journal;
    int damaged;  // segment to damage, -1: none
    int64_t kept_versions;
  };
  const Case cases[] = {
      {"its own", "s", "e", kVersions, false, -1, 12},
      {"another store", "t", "e", kVersions, false, -1, 0},
      {"another epoch", "s", "f", kVersions, false, -1, 0},
      {"another size", "s", "e", kVersions + 1, false, -1, 0},
      {"another journal", "s", "e", kVersions, true, -1, 0},
      {"the first is damaged", "s", "e", kVersions, false, 0, 0},
      {"the second is damaged", "s", "e", kVersions, false, 1, 4},
  };
  for (const Case& test : cases) {
    const testing::TempDir folder;
    head_ = 0;
    last_.clear();
    framed_.clear();
    {
      CandidateIndex index("s", "e", kVersions);
      ASSERT_TRUE(index.OpenFolder(folder / "i", HashOf).ok());
      for (int i = 0; i < 14; ++i) Write(index, absl::StrCat("sources/s", i), "x");
    }
    if (test.damaged >= 0) {
      std::fstream file(absl::StrCat(folder / "i", "/0000000", test.damaged, ".segment"),
                        std::ios::in | std::ios::out | std::ios::binary);
      file.seekp(600);
      file.put('?');
    }
    CandidateIndex index(test.store, test.epoch, test.versions);
    const auto other = [](int64_t revision) { return absl::StrCat("other ", revision); };
    ASSERT_TRUE((test.other_journal ? index.OpenFolder(folder / "i", other)
                                    : index.OpenFolder(folder / "i", HashOf))
                    .ok());
    EXPECT_EQ(index.version_count(), test.kept_versions) << test.what;
    EXPECT_EQ(static_cast<int64_t>(SegmentsIn(folder / "i")), test.kept_versions / kVersions) << test.what;
  }
}

}  // namespace
}  // namespace communique::query
