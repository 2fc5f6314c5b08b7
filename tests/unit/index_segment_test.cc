// Segments of the candidate index: what goes in comes out, open and sealed, and
// damage is seen.
#include "service/query/index_segment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "absl/strings/str_cat.h"
#include "service/base/error.h"
#include "tests/support/temp_dir.h"

namespace communique::query {
namespace {

using ::testing::ElementsAre;

std::vector<uint32_t> Ids(const Bitmap& bitmap) { return {bitmap.begin(), bitmap.end()}; }

template <typename Segment>
std::vector<uint32_t> Term(const Segment& segment, uint64_t term) {
  Bitmap out;
  segment.AddTerm(term, out);
  return Ids(out);
}
template <typename Segment>
std::vector<uint32_t> WordIds(const Segment& segment, unsigned char weight, const char* word) {
  Bitmap out;
  segment.AddWord(weight, word, out);
  return Ids(out);
}
template <typename Segment>
std::vector<uint32_t> Prefix(const Segment& segment, unsigned char weight, const char* prefix,
                             int limit) {
  Bitmap out;
  segment.AddPrefix(weight, prefix, limit, out);
  return Ids(out);
}

// Version n is actors/n, has terms 7 and 100 + n, and n too when n is even.
void Fill(OpenSegment& segment, uint32_t count) {
  for (uint32_t n = 0; n < count; ++n) {
    segment.Add(absl::StrCat("actors/", n), v1::RECORD_KIND_ACTOR,
                {static_cast<int64_t>(n) + 1, 1}, n == 3 ? 1 : 0);
    VersionTerms terms;
    terms.terms = {7, 100 + n};
    if (n % 2 == 0) terms.terms.push_back(1'000'000);
    terms.words = {{0, "title"}, {2, absl::StrCat("word", n)}};
    terms.time = 1000 + n;
    terms.first_day = static_cast<int32_t>(n);
    terms.last_day = static_cast<int32_t>(n) + 1;
    segment.AddTerms(terms);
  }
}

template <typename Segment>
void ExpectSmallOne(const Segment& segment) {
  EXPECT_EQ(segment.size(), 5u);
  EXPECT_THAT(Term(segment, 7), ElementsAre(0, 1, 2, 3, 4));
  EXPECT_THAT(Term(segment, 103), ElementsAre(3));
  EXPECT_THAT(Term(segment, 1'000'000), ElementsAre(0, 2, 4));
  EXPECT_THAT(Term(segment, 8), ElementsAre());
  EXPECT_THAT(WordIds(segment, 0, "title"), ElementsAre(0, 1, 2, 3, 4));
  EXPECT_THAT(WordIds(segment, 1, "title"), ElementsAre());
  EXPECT_THAT(WordIds(segment, 2, "word2"), ElementsAre(2));
  EXPECT_THAT(WordIds(segment, 2, "word"), ElementsAre());
  EXPECT_THAT(Prefix(segment, 2, "word", 256), ElementsAre(0, 1, 2, 3, 4));
  // Of many words the first in order.
  EXPECT_THAT(Prefix(segment, 2, "word", 2), ElementsAre(0, 1));
  EXPECT_THAT(Prefix(segment, 2, "wordy", 256), ElementsAre());
  EXPECT_THAT(Prefix(segment, 1, "word", 256), ElementsAre());
  const VersionTable& versions = segment.versions();
  EXPECT_EQ(versions.name(4), "actors/4");
  EXPECT_EQ(versions[4].revision, 5);
  EXPECT_EQ(versions[4].ordinal, 1);
  EXPECT_EQ(versions[4].kind, v1::RECORD_KIND_ACTOR);
  EXPECT_EQ(versions[3].previous, 1u);
  EXPECT_EQ(versions[4].time, 1004);
  EXPECT_EQ(versions[4].first_day, 4);
  EXPECT_EQ(versions[4].last_day, 5);
  EXPECT_EQ(segment.through(), (IndexPosition{6, 2}));
}

TEST(IndexSegmentTest, OpenAndSealedSayTheSame) {
  OpenSegment open(5);
  Fill(open, 5);
  EXPECT_TRUE(open.full());
  open.AddBurial({6, 2}, 2);
  ExpectSmallOne(open);
  const auto sealed = SealedSegment::FromBytes(open.Seal({"store", "epoch", 42, "hash"}));
  ASSERT_TRUE(sealed.ok()) << sealed.status();
  ExpectSmallOne(**sealed);
  EXPECT_EQ((*sealed)->identity().store_id, "store");
  EXPECT_EQ((*sealed)->identity().epoch, "epoch");
  EXPECT_EQ((*sealed)->identity().key, 42u);
  EXPECT_EQ((*sealed)->identity().journal_hash, "hash");
  ASSERT_EQ((*sealed)->burials().size(), 1u);
  EXPECT_EQ((*sealed)->burials()[0].revision, 6);
  EXPECT_EQ((*sealed)->burials()[0].previous, 2u);
}

// Lists of one, of some and of many are kept in three ways.
TEST(IndexSegmentTest, AFullSegmentKeepsEveryId) {
  OpenSegment open(kSegmentVersions);
  Fill(open, kSegmentVersions);
  const auto sealed = SealedSegment::FromBytes(open.Seal({"s", "e", 1, "h"}));
  ASSERT_TRUE(sealed.ok()) << sealed.status();
  EXPECT_EQ(Term(**sealed, 7).size(), kSegmentVersions);
  EXPECT_EQ(Term(**sealed, 1'000'000).size(), kSegmentVersions / 2);
  EXPECT_EQ(Term(**sealed, 1'000'000)[17], 34u);
  EXPECT_THAT(Term(**sealed, 100 + 65'535), ElementsAre(65'535));
  EXPECT_EQ(Prefix(**sealed, 2, "word6553", 256).size(), 1u + 6u);
  EXPECT_EQ((*sealed)->versions().name(65'535), "actors/65535");
}

TEST(IndexSegmentTest, DamageIsSeen) {
  OpenSegment open(5);
  Fill(open, 5);
  const std::string bytes = open.Seal({"store", "epoch", 42, "hash"});
  for (size_t at = 0; at < bytes.size(); at += 7) {
    std::string flipped = bytes;
    flipped[at] = static_cast<char>(flipped[at] ^ 0x10);
    const auto opened = SealedSegment::FromBytes(flipped);
    EXPECT_EQ(opened.status().code(), absl::StatusCode::kDataLoss) << at;
  }
  for (const size_t size : {size_t{0}, size_t{8}, size_t{100}, bytes.size() - 1}) {
    EXPECT_FALSE(SealedSegment::FromBytes(bytes.substr(0, size)).ok()) << size;
  }
}

TEST(IndexSegmentTest, AFileIsMapped) {
  const testing::TempDir folder;
  OpenSegment open(5);
  Fill(open, 5);
  open.AddBurial({6, 2}, 2);
  std::ofstream(folder / "a", std::ios::binary) << open.Seal({"store", "epoch", 42, "hash"});
  const auto sealed = SealedSegment::Open(folder / "a");
  ASSERT_TRUE(sealed.ok()) << sealed.status();
  ExpectSmallOne(**sealed);
  EXPECT_EQ(SealedSegment::Open(folder / "b").status().code(), absl::StatusCode::kNotFound);
  std::ofstream(folder / "c").close();
  EXPECT_EQ(SealedSegment::Open(folder / "c").status().code(), absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace communique::query
