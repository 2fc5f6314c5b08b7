// The stored keys and values, byte for byte: FORMAT.md is a promise to every store
// that is already written.
#include "service/journal/keys.h"

#include <gtest/gtest.h>

#include "absl/strings/escaping.h"
#include "service/base/limits.h"

namespace communique::journal {
namespace {

std::string Hex(const std::string& bytes) { return absl::BytesToHexString(bytes); }

TEST(KeysTest, JournalKeysAreRevisionAndOrdinalBigEndian) {
  EXPECT_EQ(Hex(MakeJournalKey(1, 2)), "00000000000000010002");
  EXPECT_EQ(Hex(MakeJournalKey(0x0102030405060708, 1000)), "010203040506070803e8");
  EXPECT_LT(MakeJournalKey(255, 65535), MakeJournalKey(256, 0));
  const auto key = ParseJournalKey(MakeJournalKey(77, base::kMaxMutationsPerCommit));
  ASSERT_TRUE(key);
  EXPECT_EQ(key->revision, 77);
  EXPECT_EQ(key->ordinal, base::kMaxMutationsPerCommit);
  EXPECT_FALSE(ParseJournalKey("short"));
  EXPECT_FALSE(ParseJournalKey(MakeJournalKey(1, 2) + "x"));
}

TEST(KeysTest, HistoryKeysSortTheNewestFirst) {
  EXPECT_EQ(Hex(MakeHistoryKey("a", 1)), "6100fffffffffffffffe");
  EXPECT_LT(MakeHistoryKey("a", 2), MakeHistoryKey("a", 1));
  EXPECT_LT(MakeHistoryKey("a", 1), MakeHistoryKey("a-b", 2));
  EXPECT_EQ(ParseHistoryKey(MakeHistoryKey("a", 9), "a"), 9);
  EXPECT_EQ(ParseHistoryKey(MakeHistoryKey("a-b", 9), "a"), std::nullopt);
  EXPECT_EQ(ParseHistoryKey(MakeHistoryKey("a", 9), "b"), std::nullopt);
}

TEST(KeysTest, CurrentValuesAreVersions) {
  EXPECT_EQ(Hex(MakeCurrentValue({300, 7, RecordState::kMerged})), "ac020703");
  const auto version = ParseCurrentValue(MakeCurrentValue({300, 7, RecordState::kMerged}));
  ASSERT_TRUE(version);
  EXPECT_EQ(version->revision, 300);
  EXPECT_EQ(version->ordinal, 7);
  EXPECT_EQ(version->state, RecordState::kMerged);
}

TEST(KeysTest, HistoryValuesAreOrdinalAndState) {
  EXPECT_EQ(Hex(MakeHistoryValue(1, RecordState::kLive)), "0101");
  EXPECT_EQ(Hex(MakeHistoryValue(200, RecordState::kDeleted)), "c80102");
  EXPECT_EQ(ParseHistoryValue(5, MakeHistoryValue(200, RecordState::kDeleted))->ordinal, 200);
}

TEST(KeysTest, WhatIsMalformedIsNoVersion) {
  const std::string good = MakeCurrentValue({300, 7, RecordState::kLive});
  for (size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(ParseCurrentValue(absl::string_view(good).substr(0, size))) << size;
  }
  EXPECT_FALSE(ParseCurrentValue(good + "x"));
  for (const char state : {0, 4, -1}) {
    EXPECT_FALSE(ParseHistoryValue(1, std::string("\x01") + state)) << static_cast<int>(state);
  }
}

}  // namespace
}  // namespace communique::journal
