// Read masks: which fields of a record are left.
#include "service/query/read_mask.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "google/protobuf/util/message_differencer.h"
#include "service/base/limits.h"
#include "tests/unit/text_proto.h"

namespace communique::query {
namespace {

using ::testing::HasSubstr;
using testing::Text;

constexpr char kSummit[] = R"(
  name: 'summits/s' revision: 7 etag: 'e' update_time { seconds: 5 nanos: 6 }
  summit {
    title: 't'
    state: SUMMIT_STATE_HELD
    time { text: 'soon' edtf: '2023' }
    participants { id: 'p1' actor { target: 'actors/a' text: 'A' } role: PARTICIPANT_ROLE_HOST }
    participants { id: 'p2' role: PARTICIPANT_ROLE_GUEST }
    itineraries { id: 'i' legs { id: 'l1' manner: 'slowly' } legs { id: 'l2' } }
  })";

google::protobuf::FieldMask Mask(const std::string& paths) {
  google::protobuf::FieldMask mask;
  for (absl::string_view path : absl::StrSplit(paths, ',', absl::SkipEmpty())) {
    mask.add_paths(std::string(path));
  }
  return mask;
}

void ExpectLeft(const std::string& paths, const std::string& left,
                v1::RecordKind kind = v1::RECORD_KIND_SUMMIT,
                const std::string& record_text = kSummit) {
  base::Violations violations;
  const ReadMask mask = ReadMask::Parse(Mask(paths), kind, violations);
  EXPECT_TRUE(violations.empty()) << paths << ": " << violations.ToStatus();
  auto record = Text<v1::Record>(record_text);
  mask.Apply(record);
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(record, Text<v1::Record>(left)))
      << paths << " left " << record.ShortDebugString();
}

TEST(ReadMaskTest, Everything) {
  for (const std::string paths : {"", "*"}) {
    ExpectLeft(paths, kSummit);
    base::Violations violations;
    EXPECT_TRUE(ReadMask::Parse(Mask(paths), v1::RECORD_KIND_SUMMIT, violations).all());
  }
  EXPECT_TRUE(ReadMask().all());
}

TEST(ReadMaskTest, WhatIsLeft) {
  const struct {
    std::string paths, left;
  } cases[] = {
      {"name", "name: 'summits/s'"},
      {"title", "name: 'summits/s' summit { title: 't' }"},
      {"summit.title", "name: 'summits/s' summit { title: 't' }"},
      {"title,summit.state", "name: 'summits/s' summit { title: 't' state: SUMMIT_STATE_HELD }"},
      {"etag,revision", "name: 'summits/s' revision: 7 etag: 'e'"},
      {"update_time.seconds", "name: 'summits/s' update_time { seconds: 5 }"},
      {"time.edtf", "name: 'summits/s' summit { time { edtf: '2023' } }"},
      // What is not set stays so; the messages on the way stay.
      {"place.path", "name: 'summits/s' summit {}"},
      {"time.part_of_day", "name: 'summits/s' summit { time {} }"},
      // Through repeated fields every element keeps its place.
      {"participants.actor", "name: 'summits/s' summit { "
                             "participants { actor { target: 'actors/a' text: 'A' } } "
                             "participants {} }"},
      {"participants.actor.target,participants.id",
       "name: 'summits/s' summit { participants { id: 'p1' actor { target: 'actors/a' } } "
       "participants { id: 'p2' } }"},
      {"itineraries.legs.id",
       "name: 'summits/s' summit { itineraries { legs { id: 'l1' } legs { id: 'l2' } } }"},
      // The shorter path wins, in either order.
      {"time,time.edtf", "name: 'summits/s' summit { time { text: 'soon' edtf: '2023' } }"},
      {"time.edtf,time", "name: 'summits/s' summit { time { text: 'soon' edtf: '2023' } }"},
      {"time.edtf,summit.time", "name: 'summits/s' summit { time { text: 'soon' edtf: '2023' } }"},
      {"title,title", "name: 'summits/s' summit { title: 't' }"},
      // The body of another kind is not there.
      {"statement.title", "name: 'summits/s'"},
      {"statement", "name: 'summits/s'"},
  };
  for (const auto& test : cases) ExpectLeft(test.paths, test.left);
  ExpectLeft("summit,title", absl::StrCat("name: 'summits/s' ", std::strstr(kSummit, "summit {")));
}

TEST(ReadMaskTest, WithoutAKindPathsAreOfTheRecord) {
  ExpectLeft("summit.title,statement.title", "name: 'summits/s' summit { title: 't' }",
             v1::RECORD_KIND_UNSPECIFIED);
  base::Violations violations;
  ReadMask::Parse(Mask("title"), v1::RECORD_KIND_UNSPECIFIED, violations);
  EXPECT_THAT(violations.ToStatus().ToString(), HasSubstr("Record has no field"));
}

TEST(ReadMaskTest, WhatOnlyAnswersHaveStays) {
  const std::string told =
      "name: 'actors/b' redirected_from: 'actors/a' computed_states { state: 'listed' "
      "element_id: 'i' } pin { store_id: 's' revision: 9 } ";
  for (const std::string paths : {"etag", "pin.revision", "name,computed_states.state,pin"}) {
    ExpectLeft(paths, told, v1::RECORD_KIND_ACTOR, told + "actor { gender: 'm' }");
  }
}

TEST(ReadMaskTest, WrongPathsAreToldEach) {
  const struct {
    std::string path, problem;
  } cases[] = {
      {"titel", R"("titel": Summit has no field "titel")"},
      {"summit.titel", R"("summit.titel": Summit has no field "titel")"},
      {"participants.actor.name", R"("participants.actor.name": Reference has no field "name")"},
      {"participants[p1].actor", R"(Summit has no field "participants[p1]")"},
      {"title.x", R"("title.x": "title" has no fields)"},
      {"name.x", R"("name.x": "name" has no fields)"},
      {"time.", R"("time.": FuzzyTime has no field "")"},
      {".time", R"(Summit has no field "")"},
      {"summit.", R"(Summit has no field "")"},
      {"summit.*", R"(Summit has no field "*")"},
      {"*,title", R"("*" stands alone)"},
      {" title", R"(Summit has no field " title")"},
  };
  for (const auto& test : cases) {
    base::Violations violations;
    ReadMask::Parse(Mask(test.path), v1::RECORD_KIND_SUMMIT, violations);
    EXPECT_EQ(violations.count(), 1) << test.path;
    EXPECT_THAT(violations.ToStatus().ToString(),
                ::testing::AllOf(HasSubstr("read_mask"), HasSubstr(test.problem)))
        << test.path;
  }
  base::Violations violations;
  ReadMask::Parse(Mask("title,x,y,state"), v1::RECORD_KIND_SUMMIT, violations);
  EXPECT_EQ(violations.count(), 2);
}

TEST(ReadMaskTest, AnEmptyPathIsNotEverything) {
  google::protobuf::FieldMask mask;
  mask.add_paths("");
  base::Violations violations;
  ReadMask::Parse(mask, v1::RECORD_KIND_SUMMIT, violations);
  EXPECT_EQ(violations.count(), 1);
}

TEST(ReadMaskTest, AMaskHasALimit) {
  google::protobuf::FieldMask mask;
  for (int i = 0; i < base::kMaxReadMaskPaths; ++i) mask.add_paths("title");
  base::Violations violations;
  ReadMask::Parse(mask, v1::RECORD_KIND_SUMMIT, violations);
  EXPECT_TRUE(violations.empty());
  mask.add_paths("title");
  ReadMask::Parse(mask, v1::RECORD_KIND_SUMMIT, violations);
  EXPECT_THAT(violations.ToStatus().ToString(), HasSubstr("has 129 paths, at most 128"));
}

}  // namespace
}  // namespace communique::query
