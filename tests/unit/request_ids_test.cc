// Which revision answered a request id, and for how long that is known.
#include "service/store/request_ids.h"

#include "absl/strings/str_cat.h"
#include "service/base/limits.h"

#include <gtest/gtest.h>

namespace communique::store {
namespace {

class RequestIdsTest : public ::testing::Test {
 protected:
  void Remember(const std::string& principal, const std::string& id, int64_t revision) {
    ids_.Remember(principal, id, {revision, "digest", std::nullopt});
  }
  // The revision; 0 when it is not remembered.
  int64_t Find(const std::string& principal, const std::string& id) const {
    const RequestIds::Answer* answer = ids_.Find(principal, id);
    return answer == nullptr ? 0 : answer->revision;
  }

  RequestIds ids_{10};
};

TEST_F(RequestIdsTest, IdsAreOfTheirPrincipal) {
  Remember("alice", "1", 5);
  EXPECT_EQ(Find("alice", "1"), 5);
  EXPECT_EQ(Find("bob", "1"), 0);
  EXPECT_EQ(Find("alice", "2"), 0);
  EXPECT_EQ(ids_.Find("alice", "1")->digest, "digest");
}

TEST_F(RequestIdsTest, PrincipalAndIdDoNotRunTogether) {
  Remember("ab", "c", 5);
  EXPECT_EQ(Find("a", "bc"), 0);
}

TEST_F(RequestIdsTest, TheLastRevisionsAreRemembered) {
  for (int i = 1; i <= 20; ++i) Remember("a", std::to_string(i), i);
  ids_.Advance(20);
  EXPECT_EQ(Find("a", "10"), 0);
  EXPECT_EQ(Find("a", "11"), 11);
  EXPECT_EQ(ids_.size(), 10u);
}

TEST_F(RequestIdsTest, AnIdThatIsUsedAgainIsKeptByItsLaterRevision) {
  Remember("a", "1", 1);
  Remember("a", "1", 9);
  ids_.Advance(15);
  EXPECT_EQ(Find("a", "1"), 9);
  ids_.Advance(19);
  EXPECT_EQ(Find("a", "1"), 0);
  EXPECT_EQ(ids_.size(), 0u);
}

// Commits that change nothing never move the window: they have a limit of their own.
TEST_F(RequestIdsTest, AnswersThatChangedNothingAreLimited) {
  store::RequestIds ids(10);
  v1::CommitResponse response;
  for (int i = 0; i < 1000; ++i) response.add_results()->set_name("actors/a-rather-long-name");
  for (int i = 0; i < 2000; ++i) {
    ids.Remember("alice", absl::StrCat("id-", i), {1, "digest", response});
  }
  EXPECT_LE(ids.unchanged_bytes(), base::kMaxUnchangedAnswerBytes);
  EXPECT_EQ(ids.Find("alice", "id-0"), nullptr);
  EXPECT_NE(ids.Find("alice", "id-1999"), nullptr);
}

}  // namespace
}  // namespace communique::store
