// Page tokens and resume tokens: what is given out comes back whole or not at all.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "service/base/error.h"
#include "service/base/limits.h"
#include "service/base/token.h"
#include "service/feed/resume_token.h"
#include "service/query/page_token.h"

namespace communique {
namespace {

const feed::ResumeToken kResume = {"store-1", "epoch-1", 1'234'567, 0xfedcba9876543210, 77,
                                   "actors/kim-jong-un"};
const query::PageToken kPage = {"epoch-1", 42, 0xfedcba9876543210, "actors/kim-jong-un", ""};

// The damaged forms of a token that are taken for something else than it says.
// Its letters are flipped bit by bit, and it is cut at each length. `reads` is the
// position in a token, written anew; empty when it is refused.
std::vector<std::string> Mistaken(const std::string& token,
                                  const std::function<std::string(const std::string&)>& reads) {
  std::vector<std::string> accepted;
  EXPECT_EQ(reads(token), token);
  const auto opens = [&](const std::string& text) {
    const std::string read = reads(text);
    return !read.empty() && read != token;
  };
  for (size_t i = 0; i < token.size(); ++i) {
    if (opens(token.substr(0, i))) accepted.push_back(absl::StrCat("cut to ", i));
    for (int bit = 0; bit < 8; ++bit) {
      std::string flipped = token;
      flipped[i] = static_cast<char>(flipped[i] ^ (1 << bit));
      if (opens(flipped)) accepted.push_back(absl::StrCat("bit ", bit, " of byte ", i));
    }
  }
  return accepted;
}

// --- The seal -------------------------------------------------------------------

TEST(TokenTest, AnyPayloadComesBack) {
  for (const std::string& payload : {std::string(), std::string("\0\xff", 2), std::string(500, 'x')}) {
    EXPECT_EQ(base::OpenToken('A', base::SealToken('A', payload)), payload);
  }
}

TEST(TokenTest, AKindIsNotTakenForAnother) {
  EXPECT_EQ(base::OpenToken('B', base::SealToken('A', "payload")), std::nullopt);
}

TEST(TokenTest, WhatIsTooLongIsNotLookedAt) {
  EXPECT_EQ(base::OpenToken('A', base::SealToken('A', std::string(base::kMaxTokenBytes, 'x'))),
            std::nullopt);
}

TEST(TokenTest, ATokenIsSafeInAUrl) {
  std::string every;
  for (int i = 0; i < 256; ++i) every.push_back(static_cast<char>(i));
  EXPECT_EQ(base::SealToken('A', every).find_first_of("+/ &?#%"), std::string::npos);
}

// --- Page tokens -------------------------------------------------------------------

TEST(PageTokenTest, ItComesBack) {
  const auto parsed = query::ParsePageToken(query::MakePageToken(kPage), "epoch-1", kPage.query);
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(parsed->epoch, kPage.epoch);
  EXPECT_EQ(parsed->revision, 42);
  EXPECT_EQ(parsed->query, kPage.query);
  EXPECT_EQ(parsed->after, "actors/kim-jong-un");
}

TEST(PageTokenTest, ASortKeyComesBack) {
  // Keys are any bytes; a longest one fits.
  std::string every;
  for (int i = 0; i < 256; ++i) every.push_back(static_cast<char>(i));
  const size_t longest = base::kMaxOrderFields * (2 * base::kMaxSortKeyTextBytes + 3);
  for (const std::string& key : {std::string(), std::string("\0", 1), every,
                                 std::string(longest, '\xff')}) {
    query::PageToken token = kPage;
    token.after = std::string("actors/") + std::string(base::kMaxIdBytes, 'a');
    token.after_key = key;
    const auto parsed = query::ParsePageToken(query::MakePageToken(token), "epoch-1", kPage.query);
    ASSERT_TRUE(parsed.ok()) << parsed.status();
    EXPECT_EQ(parsed->after_key, key);
    EXPECT_EQ(parsed->after, token.after);
    EXPECT_EQ(parsed->revision, kPage.revision);
  }
}

TEST(PageTokenTest, AnEmptyKeyIsNotOneOfZeros) {
  query::PageToken token = kPage;
  token.after_key = std::string("\0", 1);
  EXPECT_NE(query::MakePageToken(token), query::MakePageToken(kPage));
}

TEST(PageTokenTest, ItIsOfItsQueryAndEpoch) {
  const std::string token = query::MakePageToken(kPage);
  for (const auto& parsed : {query::ParsePageToken(token, "epoch-2", kPage.query),
                             query::ParsePageToken(token, "epoch-1", 1),
                             query::ParsePageToken("", "epoch-1", kPage.query),
                             query::ParsePageToken(feed::MakeResumeToken(kResume), "epoch-1",
                                                   kPage.query)}) {
    EXPECT_EQ(parsed.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(base::ReasonOf(parsed.status()), v1::ERROR_REASON_INVALID_PAGE_TOKEN);
  }
}

TEST(PageTokenTest, NoFlippedBitAndNoCutIsTakenForAnotherToken) {
  // Names of three lengths: base64 ends in another way for each.
  for (const char* name : {"actors/a", "actors/ab", "actors/abc"}) {
    query::PageToken token = kPage;
    token.after = name;
    token.after_key = std::string("\x01\0\xff", 3);
    EXPECT_THAT(Mistaken(query::MakePageToken(token),
                         [&](const std::string& text) {
                           const auto read = query::ParsePageToken(text, "epoch-1", kPage.query);
                           return read.ok() ? query::MakePageToken(*read) : "";
                         }),
                ::testing::IsEmpty())
        << name;
  }
}

// --- Resume tokens ---------------------------------------------------------------------

TEST(ResumeTokenTest, ItComesBack) {
  const auto parsed = feed::ParseResumeToken(feed::MakeResumeToken(kResume));
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(parsed->store_id, "store-1");
  EXPECT_EQ(parsed->epoch, "epoch-1");
  EXPECT_EQ(parsed->revision, 1'234'567);
  EXPECT_EQ(parsed->query, kResume.query);
  EXPECT_EQ(parsed->snapshot_revision, 77);
  EXPECT_EQ(parsed->snapshot_name, "actors/kim-jong-un");
}

TEST(ResumeTokenTest, ItIsTheSameForTheSamePosition) {
  EXPECT_EQ(feed::MakeResumeToken(kResume), feed::MakeResumeToken(kResume));
}

TEST(ResumeTokenTest, OtherThingsAreRefused) {
  for (const std::string& text : {std::string(), std::string("x"), query::MakePageToken(kPage),
                                  std::string(2000, 'A')}) {
    EXPECT_EQ(base::ReasonOf(feed::ParseResumeToken(text).status()),
              v1::ERROR_REASON_INVALID_RESUME_TOKEN);
  }
}

TEST(ResumeTokenTest, NoFlippedBitAndNoCutIsTakenForAnotherToken) {
  for (const char* name : {"actors/a", "actors/ab", "actors/abc"}) {
    feed::ResumeToken token = kResume;
    token.snapshot_name = name;
    EXPECT_THAT(Mistaken(feed::MakeResumeToken(token),
                         [](const std::string& text) {
                           const auto read = feed::ParseResumeToken(text);
                           return read.ok() ? feed::MakeResumeToken(*read) : "";
                         }),
                ::testing::IsEmpty())
        << name;
  }
}

TEST(TokenTest, ATokenHasOneSpelling) {
  for (size_t size = 0; size < 3; ++size) {
    const std::string token = base::SealToken('A', std::string(size, 'x'));
    for (size_t i = 0; i < token.size(); ++i) {
      for (int bit = 0; bit < 8; ++bit) {
        std::string flipped = token;
        flipped[i] = static_cast<char>(flipped[i] ^ (1 << bit));
        EXPECT_EQ(base::OpenToken('A', flipped), std::nullopt) << "bit " << bit << " of byte " << i;
      }
    }
    EXPECT_EQ(base::OpenToken('A', token + "\n"), std::nullopt);
  }
}

}  // namespace
}  // namespace communique
