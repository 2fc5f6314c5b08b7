// Versions found by terms alone: which share the most, at which revision, in open
// and sealed segments alike.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "communique/v1/change.pb.h"
#include "service/base/wire.h"
#include "service/journal/commit.h"
#include "service/query/candidate_index.h"
#include "service/query/name_keys.h"
#include "tests/support/temp_dir.h"

namespace communique::query {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string HashOf(int64_t revision) { return absl::StrCat("hash of ", revision); }

class TermLookupTest : public ::testing::Test {
 protected:
  // One commit of one actor with these names; without names a tombstone.
  void Write(const std::string& id, const std::vector<std::string>& names) {
    v1::Change change;
    const std::string name = "actors/" + id;
    change.set_revision(++head_);
    change.set_name(name);
    change.set_previous_revision(last_[name]);
    last_[name] = head_;
    if (names.empty()) {
      change.mutable_tombstone()->set_name(name);
    } else {
      v1::Actor& actor = *change.mutable_record()->mutable_actor();
      change.mutable_record()->set_name(name);
      actor.set_display_name(names[0]);
      actor.set_type(v1::ACTOR_TYPE_PERSON);
      for (size_t i = 1; i < names.size(); ++i) actor.add_names()->set_text(names[i]);
    }
    framed_.emplace_back();
    base::AppendBytesField(1, change.SerializeAsString(), framed_.back());
  }
  // Everything that was written, in segments of so many versions.
  std::unique_ptr<CandidateIndex> Index(uint32_t segment_versions, bool with_terms = true) const {
    auto index = std::make_unique<CandidateIndex>("s", "e", segment_versions);
    for (int64_t revision = 1; revision <= head_; ++revision) {
      Add(*index, revision, with_terms);
    }
    return index;
  }
  void Add(CandidateIndex& index, int64_t revision, bool with_terms = true) const {
    const std::string& framed = framed_[static_cast<size_t>(revision) - 1];
    index.Number({revision, 1}, framed);
    index.SetHead(revision);
    if (with_terms) AddTerms(index, revision);
  }
  void AddTerms(CandidateIndex& index, int64_t revision) const {
    v1::Change change;
    const absl::string_view bytes =
        journal::UnframeChange(framed_[static_cast<size_t>(revision) - 1]);
    change.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
    if (change.has_record()) index.AddTerms(TermsOf(change.record(), index.hasher()));
    index.SealFull(HashOf);
  }
  static std::vector<WeightedTerm> TermsFor(const CandidateIndex& index, const std::string& name) {
    std::vector<WeightedTerm> terms;
    for (const std::string& key : CandidateKeys(AnalyzeName(name, {}))) {
      terms.push_back({index.hasher().NameKey(key), 1});
    }
    return terms;
  }
  static std::vector<std::string> Best(const CandidateIndex& index, const std::string& name,
                                       int64_t revision, size_t limit = 100) {
    std::vector<std::string> found;
    for (const TermMatch& match : index.FindBest(TermsFor(index, name), revision, limit)) {
      found.push_back(absl::StrCat(match.place.name.substr(7), "@", match.place.revision));
    }
    return found;
  }

  int64_t head_ = 0;
  std::map<std::string, int64_t> last_;
  std::vector<std::string> framed_;
};

TEST_F(TermLookupTest, WhatSharesTheMostAndTheRarestComesFirst) {
  for (int i = 0; i < 9; ++i) Write(absl::StrCat("common", i), {"Ostap Dolmatov"});
  Write("rare", {"Kazimir Lindqvist"});
  Write("both", {"Ostap Lindqvist"});
  Write("alias", {"Somebody Else", "Ostap Lindqvist"});
  for (const uint32_t segment : {4u, 5u, 100u}) {
    const auto index = Index(segment);
    const std::vector<std::string> found = Best(*index, "Ostap Lindqvist", head_);
    ASSERT_EQ(found.size(), 12u) << segment;
    EXPECT_THAT(std::vector<std::string>(found.begin(), found.begin() + 3),
                ElementsAre("both@11", "alias@12", "rare@10"))
        << segment;
    EXPECT_EQ(found[3], "common0@1");
    EXPECT_THAT(Best(*index, "Ostap Lindqvist", head_, 2), ElementsAre("both@11", "alias@12"));
    EXPECT_THAT(Best(*index, "Marguerite", head_), IsEmpty());
  }
}

TEST_F(TermLookupTest, OnlyWhatIsAliveCounts) {
  Write("a", {"Ostap Vrenzky"});
  Write("a", {"Kazimir Dolmatov"});
  Write("b", {"Ostap Vrenzky"});
  Write("b", {});
  Write("a", {"Ostap Vrenzky"});
  for (const uint32_t segment : {2u, 100u}) {
    const auto index = Index(segment);
    EXPECT_THAT(Best(*index, "Ostap Vrenzky", 0), IsEmpty());
    EXPECT_THAT(Best(*index, "Ostap Vrenzky", 1), ElementsAre("a@1"));
    EXPECT_THAT(Best(*index, "Ostap Vrenzky", 2), IsEmpty());
    EXPECT_THAT(Best(*index, "Kazimir Dolmatov", 2), ElementsAre("a@2"));
    EXPECT_THAT(Best(*index, "Ostap Vrenzky", 3), ElementsAre("b@3"));
    EXPECT_THAT(Best(*index, "Ostap Vrenzky", 4), IsEmpty());
    EXPECT_THAT(Best(*index, "Ostap Vrenzky", 5), ElementsAre("a@5"));
    const uint64_t term = TermsFor(*index, "Ostap")[0].term;
    EXPECT_EQ(index->CountWith(term, 3, 10), 1);
    EXPECT_EQ(index->CountWith(term, 4, 10), 0);
    EXPECT_THAT(index->FindWith(term, 1, 10), ElementsAre(VersionPlace{1, 1, "actors/a"}));
    EXPECT_THAT(index->FindWith(term, 1, 0), IsEmpty());
  }
}

// What was written later, and into which segments, moves no answer about before.
TEST_F(TermLookupTest, LaterCommitsAndOtherSegmentsChangeNothing) {
  for (int i = 0; i < 50; ++i) {
    Write(absl::StrCat("n", i % 20), {absl::StrCat("Ostap ", i % 3 == 0 ? "Vrenzky" : "Dolmatov"),
                                      absl::StrCat("Kazimir ", i % 7)});
  }
  const auto index = Index(100);
  std::vector<std::vector<std::pair<std::string, double>>> wanted;
  const auto answers = [&](const CandidateIndex& of) {
    std::vector<std::vector<std::pair<std::string, double>>> all;
    for (const int64_t revision : {7, 23, 50}) {
      auto& one = all.emplace_back();
      for (const TermMatch& match : of.FindBest(TermsFor(of, "Ostap Vrenzky"), revision, 8)) {
        one.emplace_back(match.place.name, match.overlap);
      }
    }
    return all;
  };
  wanted = answers(*index);
  EXPECT_EQ(wanted[2].size(), 8u);
  for (int i = 0; i < 200; ++i) Write(absl::StrCat("n", i % 90), {"Ostap Vrenzky"});
  for (const uint32_t segment : {3u, 16u, 1000u}) EXPECT_EQ(answers(*Index(segment)), wanted);
}

// A term that more than a plain list's worth of versions have is a bitmap once
// its segment is sealed.
TEST_F(TermLookupTest, LongListsAreTheSameSealed) {
  for (int i = 0; i < 2100; ++i) Write(absl::StrCat("n", i), {"Ostap"});
  const auto open = Index(5000);
  const auto sealed = Index(2000);
  const uint64_t in_open = TermsFor(*open, "Ostap")[0].term;
  const uint64_t in_sealed = TermsFor(*sealed, "Ostap")[0].term;
  for (const int64_t revision : {1, 999, 1500, 2000, 2001, 2100}) {
    EXPECT_EQ(open->CountWith(in_open, revision, 5000), revision);
    EXPECT_EQ(sealed->CountWith(in_sealed, revision, 5000), revision);
    EXPECT_EQ(open->FindWith(in_open, revision, 5000), sealed->FindWith(in_sealed, revision, 5000));
    EXPECT_EQ(Best(*open, "Ostap", revision, 50), Best(*sealed, "Ostap", revision, 50));
  }
  EXPECT_EQ(sealed->CountWith(in_sealed, 2100, 7), 7);
}

TEST_F(TermLookupTest, ItIsWaitedForTheTermsUpToARevision) {
  Write("a", {"Ostap"});
  Write("b", {"Ostap"});
  Write("c", {"Ostap"});
  const auto index = Index(100, /*with_terms=*/false);
  EXPECT_TRUE(index->WaitUntilIndexed(0, absl::ZeroDuration()));
  EXPECT_FALSE(index->WaitUntilIndexed(1, absl::ZeroDuration()));
  std::thread indexer([&] {
    for (int64_t revision = 1; revision <= 2; ++revision) AddTerms(*index, revision);
  });
  EXPECT_TRUE(index->WaitUntilIndexed(2, absl::InfiniteDuration()));
  indexer.join();
  EXPECT_FALSE(index->WaitUntilIndexed(3, absl::ZeroDuration()));
  EXPECT_THAT(Best(*index, "Ostap", 2), ElementsAre("a@1", "b@2"));
}

}  // namespace
}  // namespace communique::query
