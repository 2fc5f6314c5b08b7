// Names of records and references to them.
#include "service/domain/names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "tests/unit/text_proto.h"

namespace communique::domain {
namespace {

const v1::RecordKind kKinds[] = {v1::RECORD_KIND_SUMMIT, v1::RECORD_KIND_SANCTION,
                                 v1::RECORD_KIND_STATEMENT, v1::RECORD_KIND_ACTOR,
                                 v1::RECORD_KIND_SOURCE};

TEST(NamesTest, ANameComesBack) {
  for (const v1::RecordKind kind : kKinds) {
    const std::string name = MakeRecordName(kind, "kim-putin-2023");
    const auto parsed = ParseRecordName(name);
    ASSERT_TRUE(parsed) << name;
    EXPECT_EQ(parsed->kind, kind);
    EXPECT_EQ(parsed->id, "kim-putin-2023");
    EXPECT_EQ(KindOfName(name), kind);
    EXPECT_EQ(KindOfCollection(CollectionOf(kind)), kind);
    EXPECT_EQ(CollectionOf(kind), absl::StrCat(SingularOf(kind), "s"));
  }
}

TEST(NamesTest, Ids) {
  for (const std::string& id : {std::string("a"), std::string("9"), std::string("a-b.c_d"),
                                std::string(128, 'x'), std::string("a--b")}) {
    EXPECT_TRUE(IsValidId(id)) << id;
  }
  for (const std::string& id :
       {std::string(), std::string("A"), std::string("-a"), std::string("a-"), std::string(".a"),
        std::string("a_"), std::string("a b"), std::string("a/b"), std::string("a#b"),
        std::string("\xc3\xa9"), std::string("a\0b", 3), std::string(129, 'x')}) {
    EXPECT_FALSE(IsValidId(id)) << id;
  }
}

TEST(NamesTest, ProblemsAreToldInASentence) {
  const std::pair<std::string, std::string> kCases[] = {
      {"actors/a", ""},
      {"", "is required"},
      {"actors", "must have the form {collection}/{id}"},
      {"Actors/a", "names an unknown kind; collections are summits, sanctions, statements, actors, "
                   "sources"},
      {"/a", "names an unknown kind; collections are summits, sanctions, statements, actors, "
             "sources"},
      {"actors/", "has a malformed id: 1 to 128 of a-z, 0-9, '-', '.', '_', first and last a "
                  "letter or digit"},
      {"actors/a/b", "has a malformed id: 1 to 128 of a-z, 0-9, '-', '.', '_', first and last a "
                     "letter or digit"},
  };
  for (const auto& [name, problem] : kCases) {
    EXPECT_EQ(DescribeNameProblem(name), problem) << name;
    EXPECT_EQ(ParseRecordName(name).has_value(), problem.empty()) << name;
  }
}

TEST(NamesTest, AReferenceComesBack) {
  for (const char* element : {"", "leg-1"}) {
    const std::string target = MakeReferenceTarget("summits/a", element);
    const auto parsed = ParseReferenceTarget(target);
    ASSERT_TRUE(parsed) << target;
    EXPECT_EQ(parsed->name, "summits/a");
    EXPECT_EQ(parsed->element, element);
  }
  EXPECT_EQ(MakeReferenceTarget("summits/a", "b"), "summits/a#b");
}

TEST(NamesTest, WhatIsNoReference) {
  for (const char* target : {"", "a", "summits/a#", "summits/a#b#c", "#b", "summits/a#B", "x/a"}) {
    EXPECT_FALSE(ParseReferenceTarget(target)) << target;
  }
}

TEST(NamesTest, TheBodyTellsTheKind) {
  for (const v1::RecordKind kind : kKinds) {
    auto record = testing::Text<v1::Record>(absl::StrCat(SingularOf(kind), " {}"));
    EXPECT_EQ(KindOfBody(record), kind);
    EXPECT_EQ(absl::AsciiStrToLower(BodyOf(record)->GetDescriptor()->name()), SingularOf(kind));
    EXPECT_EQ(BodyOf(record), MutableBodyOf(record));
  }
  v1::Record none;
  EXPECT_EQ(KindOfBody(none), v1::RECORD_KIND_UNSPECIFIED);
  EXPECT_EQ(BodyOf(none), nullptr);
  EXPECT_EQ(MutableBodyOf(none), nullptr);
  EXPECT_EQ(CollectionOf(v1::RECORD_KIND_UNSPECIFIED), "");
}

}  // namespace
}  // namespace communique::domain
