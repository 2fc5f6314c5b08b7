// How current the official lists are.
#include "service/screening/list_versions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/store_fixture.h"
#include "tests/unit/text_proto.h"

namespace communique::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ListVersionsTest : public StoreTest {
 protected:
  int64_t Stand(const std::vector<std::string>& records) {
    v1::CommitRequest request;
    for (const std::string& record : records) {
      *request.add_mutations()->mutable_put() = Text<v1::Record>(record);
    }
    const auto answer = Commit(request);
    EXPECT_TRUE(answer.ok()) << answer.status();
    return answer.ok() ? answer->revision() : 0;
  }
  static std::string Version(const std::string& list, const std::string& edtf, bool whole,
                             const std::string& more = "") {
    return absl::StrCat(
        "name: 'sources/", list, "-", edtf,
        "' source { title: 'L' type: "
        "SOURCE_TYPE_LIST_VERSION list_version { list_id: '",
        list,
        "' authority { target: "
        "'actors/a' } as_of_time { edtf: '",
        edtf, "' } entry_count: 7 ", more, " } ",
        whole ? "coverages { id: 'c' subject: COVERAGE_SUBJECT_DESIGNATIONS } " : "", "}");
  }
  // "un-2020 of actors/a, 2020-01-10, 7 entries, revision 2", with "; pending x".
  std::vector<std::string> Lists() const {
    const auto lists = lists_.AtHead();
    EXPECT_TRUE(lists.ok()) << lists.status();
    std::vector<std::string> shown;
    if (!lists.ok()) return shown;
    for (const v1::ListStatus& list : **lists) {
      shown.push_back(absl::StrCat(
          list.list_id(), " of ", list.authority(), ": ", list.source(), ", ", list.as_of_date(),
          ", ", list.entry_count(), " entries, revision ", list.revision(),
          list.pending_source().empty() ? "" : absl::StrCat("; pending ", list.pending_source())));
      EXPECT_EQ(list.has_import_time(), list.revision() > 0);
    }
    return shown;
  }

  screening::ListVersions lists_{reader_};

 private:
  std::vector<store::CommitListener*> Listeners() override { return {&lists_}; }
};

TEST_F(ListVersionsTest, TheNewestWholeVersionOfEachList) {
  EXPECT_THAT(Lists(), IsEmpty());
  Stand({"name: 'actors/a' actor { display_name: 'A' }", Version("un", "2020-01-10", false)});
  // Its first import has not ended, which is what somebody has to be told.
  EXPECT_THAT(Lists(), ElementsAre("un of actors/a: , , 0 entries, revision 0; pending "
                                   "sources/un-2020-01-10"));
  Stand({Version("un", "2020-01-10", true)});
  EXPECT_THAT(Lists(), ElementsAre("un of actors/a: sources/un-2020-01-10, 2020-01-10, 7 entries, "
                                   "revision 2"));
  // Other records, and corrections of the source, do not move its import.
  Stand({"name: 'actors/b' actor { display_name: 'B' }"});
  Stand({Version("un", "2020-01-10", true, "removed_count: 1")});
  Stand({Version("un", "2021-01-10", false), Version("eu", "2019", true)});
  EXPECT_THAT(Lists(), ElementsAre("eu of actors/a: sources/eu-2019, , 7 entries, revision 5",
                                   "un of actors/a: sources/un-2020-01-10, 2020-01-10, 7 entries, "
                                   "revision 2; pending sources/un-2021-01-10"));
  Stand({Version("un", "2021-01-10", true)});
  // An older version that comes late is neither the newest nor pending.
  Stand({Version("un", "2018-01-10", true), Version("un", "2017-01-10", false)});
  EXPECT_THAT(Lists(), ElementsAre("eu of actors/a: sources/eu-2019, , 7 entries, revision 5",
                                   "un of actors/a: sources/un-2021-01-10, 2021-01-10, 7 entries, "
                                   "revision 6"));
  Do(Delete("un-2021-01-10"));
  EXPECT_THAT(Lists()[1], ::testing::HasSubstr("sources/un-2020-01-10"));
}

TEST_F(ListVersionsTest, AuthoritiesAreTheirSurvivors) {
  Stand({"name: 'actors/a' actor { display_name: 'A' }",
         "name: 'actors/b' actor { display_name: 'B' }", Version("un", "2020-01-10", true)});
  EXPECT_THAT(Lists()[0], ::testing::StartsWith("un of actors/a"));
  v1::CommitRequest merge;
  merge.add_mutations()->mutable_merge()->set_name("actors/a");
  merge.mutable_mutations(0)->mutable_merge()->set_into("actors/b");
  ASSERT_TRUE(Commit(merge).ok());
  EXPECT_THAT(Lists()[0], ::testing::StartsWith("un of actors/b"));
}

TEST_F(ListVersionsTest, WhatDidNotChangeIsNotReadAgain) {
  Stand({"name: 'actors/a' actor { display_name: 'A' }", Version("un", "2020-01-10", true)});
  const auto first = *lists_.AtHead();
  Stand({"name: 'statements/s' statement { title: 'S' speaker { actor { text: 'one' } } }"});
  EXPECT_TRUE(*lists_.AtHead() == first);
  Do(Put("article"));
  EXPECT_FALSE(*lists_.AtHead() == first);
}

TEST(ListAgeTest, IsFromTheEndOfTheDate) {
  const auto age = [](const std::string& date, const std::string& now) {
    v1::ListStatus list;
    list.set_as_of_date(date);
    absl::Time time;
    EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, now, &time, nullptr));
    const auto result = screening::AgeOf(list, time);
    return result ? absl::FormatDuration(*result) : "none";
  };
  EXPECT_EQ(age("2020-01-10", "2020-01-10T12:00:00Z"), "0");
  EXPECT_EQ(age("2020-01-10", "2020-01-11T00:00:00Z"), "0");
  EXPECT_EQ(age("2020-01-10", "2020-01-11T00:00:01.9Z"), "1s");
  EXPECT_EQ(age("2020-01-10", "2020-01-12T01:00:00Z"), "25h");
  EXPECT_EQ(age("", "2020-01-12T01:00:00Z"), "none");
}

}  // namespace
}  // namespace communique::testing
