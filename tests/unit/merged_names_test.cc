// Which actors were merged into which, at any revision.
#include "service/store/merged_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/unit/store_fixture.h"
#include "tests/unit/text_proto.h"

namespace communique::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

class MergedNamesTest : public StoreTest {
 protected:
  int64_t Revision(const v1::CommitRequest& request) {
    const auto answer = Commit(request);
    EXPECT_TRUE(answer.ok()) << answer.status();
    return answer.ok() ? answer->revision() : 0;
  }
  int64_t Stand(const std::vector<std::string>& ids) {
    v1::CommitRequest request;
    for (const std::string& id : ids) {
      *request.add_mutations()->mutable_put() = Text<v1::Record>(
          absl::StrCat("name: 'actors/", id, "' actor { display_name: '", id, "' }"));
    }
    return Revision(request);
  }
  int64_t Merge(const std::string& id, const std::string& into) {
    v1::CommitRequest request;
    request.add_mutations()->mutable_merge()->set_name("actors/" + id);
    request.mutable_mutations(0)->mutable_merge()->set_into("actors/" + into);
    return Revision(request);
  }
  int64_t Unmerge(const std::string& id) {
    v1::CommitRequest request;
    request.add_mutations()->mutable_unmerge()->set_name("actors/" + id);
    return Revision(request);
  }
  static store::MergesPtr At(const store::MergedNames& merged, int64_t revision) {
    auto merges = merged.At(revision);
    EXPECT_TRUE(merges.ok()) << merges.status();
    return merges.ok() ? *merges : nullptr;
  }

  store::MergedNames merged_{local_};

 private:
  std::vector<store::CommitListener*> Listeners() override { return {&merged_}; }
};

TEST_F(MergedNamesTest, NamesLeadToTheirSurvivors) {
  const int64_t before = Stand({"a", "b", "c"});
  Merge("b", "a");
  const int64_t both = Merge("a", "c");
  const store::MergesPtr merges = At(merged_, both);
  EXPECT_THAT(merges->NamesOf("actors/c"), ElementsAre("actors/c", "actors/a", "actors/b"));
  EXPECT_EQ(merges->SurvivorOf("actors/b"), "actors/c");
  EXPECT_EQ(merges->SurvivorOf("actors/x"), "actors/x");
  ASSERT_NE(merges->Find("actors/b"), nullptr);
  EXPECT_EQ(merges->Find("actors/b")->successor, "actors/a");
  EXPECT_EQ(merges->Find("actors/b")->body.revision, before);
  EXPECT_EQ(merges->Find("actors/b")->body.ordinal, 2);
  EXPECT_EQ(merges->Find("actors/c"), nullptr);
  EXPECT_THAT(At(merged_, before)->losers(), ::testing::IsEmpty());
}

// Whoever alternates between revisions, old ones too, waits for a scan of each once.
TEST_F(MergedNamesTest, AFewRevisionsAreHeld) {
  const int64_t first = Stand({"a", "b", "c"});
  const int64_t second = Merge("b", "a");
  const int64_t third = Stand({"d"});
  const int64_t fourth = Merge("c", "a");
  for (int i = 0; i < 5; ++i) {
    for (const int64_t revision : {first, second, third, fourth}) {
      EXPECT_EQ(At(merged_, revision)->losers().size(), revision == fourth  ? 2u
                                                        : revision == first ? 0u
                                                                            : 1u);
    }
  }
  EXPECT_EQ(merged_.scans(), 3) << "nothing was merged between the second and the third";
  // A process that came later tells old revisions apart one by one.
  const store::MergedNames later(local_);
  for (int i = 0; i < 5; ++i) {
    for (const int64_t revision : {first, second, third, fourth}) At(later, revision);
  }
  EXPECT_EQ(later.scans(), 4);
}

TEST_F(MergedNamesTest, WhoseNamesMoved) {
  Stand({"a", "b", "c", "d", "e"});
  const int64_t before = Merge("b", "a");
  const auto moved = [&](int64_t since) {
    return store::NamesThatMoved(*At(merged_, since), *At(merged_, head()), since);
  };
  EXPECT_THAT(moved(before), ::testing::IsEmpty());
  const int64_t merged = Merge("c", "d");
  EXPECT_THAT(moved(before), UnorderedElementsAre("actors/c", "actors/d"));
  Unmerge("b");
  EXPECT_THAT(moved(merged), UnorderedElementsAre("actors/a", "actors/b"));
  Merge("b", "a");  // as it was, but not without a change
  EXPECT_THAT(moved(merged), ElementsAre("actors/a"));
  Merge("d", "e");
  EXPECT_THAT(moved(merged), UnorderedElementsAre("actors/a", "actors/d", "actors/e"));
}

}  // namespace
}  // namespace communique::testing
