// Updates: what a mask may name, and what it changes.
#include "service/domain/update_mask.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "google/rpc/error_details.pb.h"
#include "tests/unit/text_proto.h"

namespace communique::domain {
namespace {

using testing::Text;

std::string Problems(const std::string& update) {
  base::Violations violations;
  ValidateUpdate(Text<v1::UpdateMutation>(update), "u", violations);
  google::rpc::BadRequest bad;
  bad.ParseFromString(base::DetailOf(violations.ToStatus(), "google.rpc.BadRequest"));
  std::string out;
  for (const auto& one : bad.field_violations()) {
    out += (out.empty() ? "" : "; ") + one.field() + ": " + one.description();
  }
  return out;
}

// A summit after an update of it.
std::string Applied(const std::string& before, const std::string& values,
                    const std::vector<std::string>& mask) {
  v1::Record record;
  *record.mutable_summit() = Text<v1::Summit>(before);
  v1::UpdateMutation update;
  *update.mutable_record()->mutable_summit() = Text<v1::Summit>(values);
  for (const std::string& path : mask) update.mutable_update_mask()->add_paths(path);
  return ApplyUpdate(record, update).summit().ShortDebugString();
}
std::string Summit(const std::string& text) { return Text<v1::Summit>(text).ShortDebugString(); }

TEST(UpdateMaskTest, WhatAMaskMayName) {
  const std::string record = "record { name: 'summits/a' summit {} } ";
  for (const char* mask : {"", "update_mask {}", "update_mask { paths: '*' }",
                           "update_mask { paths: 'title' paths: 'place.coordinates' }",
                           "update_mask { paths: 'agenda' paths: 'series.number' }"}) {
    EXPECT_EQ(Problems(record + mask), "") << mask;
  }
}

TEST(UpdateMaskTest, WhatIsRefused) {
  const std::string record = "record { name: 'summits/a' summit {} } ";
  const std::pair<std::string, std::string> kCases[] = {
      {"record { name: 'x' summit {} }", "u.record.name: \"x\" must have the form {collection}/{id}"},
      {"record { name: 'summits/a' }",
       "u.record: has no body: set one of summit, sanction, statement, actor, source"},
      {"record { name: 'actors/a' summit {} }", "u.record: its body is not of the kind of its name"},
      {record + "update_mask { paths: 'titel' }",
       "u.update_mask: \"titel\": Summit has no field \"titel\""},
      {record + "update_mask { paths: '' }", "u.update_mask: \"\": Summit has no field \"\""},
      {record + "update_mask { paths: 'series.' }",
       "u.update_mask: \"series.\": Series has no field \"\""},
      {record + "update_mask { paths: 'agenda.text' }",
       "u.update_mask: \"agenda.text\": a mask goes through single messages only; \"agenda\" is "
       "none, mask it whole"},
      {record + "update_mask { paths: 'title.x' }",
       "u.update_mask: \"title.x\": a mask goes through single messages only; \"title\" is none, "
       "mask it whole"},
      {record + "update_mask { paths: '*' paths: 'title' }", "u.update_mask: \"*\" stands alone"},
      {record + "update_mask { paths: 'a' paths: 'b' }",
       "u.update_mask: \"a\": Summit has no field \"a\"; "
       "u.update_mask: \"b\": Summit has no field \"b\""},
  };
  for (const auto& [update, problem] : kCases) EXPECT_EQ(Problems(update), problem) << update;
}

TEST(UpdateMaskTest, MaskedFieldsAreCopiedOrCleared) {
  const std::string before = "title: 'old' type: SUMMIT_TYPE_VISIT agenda { id: 'a' }";
  EXPECT_EQ(Applied(before, "title: 'new' type: SUMMIT_TYPE_CALL", {"title"}),
            Summit("title: 'new' type: SUMMIT_TYPE_VISIT agenda { id: 'a' }"));
  EXPECT_EQ(Applied(before, "", {"type"}), Summit("title: 'old' agenda { id: 'a' }"));
  EXPECT_EQ(Applied(before, "agenda { id: 'b' } agenda { id: 'c' }", {"agenda"}),
            Summit("title: 'old' type: SUMMIT_TYPE_VISIT agenda { id: 'b' } agenda { id: 'c' }"))
      << "a list is replaced, not added to";
  EXPECT_EQ(Applied(before, "", {"agenda"}), Summit("title: 'old' type: SUMMIT_TYPE_VISIT"));
}

TEST(UpdateMaskTest, AMaskReachesIntoMessages) {
  EXPECT_EQ(Applied("series { display_name: 'x' number: 1 }",
                    "series { display_name: 'y' number: 2 }", {"series.number"}),
            Summit("series { display_name: 'x' number: 2 }"));
  EXPECT_EQ(Applied("", "series { number: 2 }", {"series.number"}), Summit("series { number: 2 }"));
  EXPECT_EQ(Applied("place { path: 'RU' display_name: 'x' }", "place { path: 'KP' }", {"place"}),
            Summit("place { path: 'KP' }"));
}

TEST(UpdateMaskTest, WithoutAMaskWhatIsSetIsCopied) {
  EXPECT_EQ(Applied("title: 'old' type: SUMMIT_TYPE_VISIT agenda { id: 'a' }",
                    "title: 'new' agenda { id: 'b' }", {}),
            Summit("title: 'new' type: SUMMIT_TYPE_VISIT agenda { id: 'b' }"));
}

TEST(UpdateMaskTest, AStarReplacesTheBody) {
  EXPECT_EQ(Applied("title: 'old' type: SUMMIT_TYPE_VISIT", "title: 'new'", {"*"}),
            Summit("title: 'new'"));
}

TEST(UpdateMaskTest, CornersAreClearedToBeDerivedAnew) {
  EXPECT_EQ(Applied("time { edtf: '2023' earliest_begin_time { seconds: 1 } "
                    "latest_begin_time { seconds: 2 } earliest_end_time { seconds: 3 } "
                    "latest_end_time { seconds: 4 } } "
                    "sub_events { id: 's' time { edtf: '2022' earliest_begin_time { seconds: 5 } } }",
                    "time { edtf: '2024' }", {"time.edtf"}),
            Summit("time { edtf: '2024' } sub_events { id: 's' time { edtf: '2022' } }"));
}

TEST(UpdateMaskTest, ADetailOfAnotherKindReplacesTheOld) {
  v1::Record record = Text<v1::Record>("sanction { title: 'T' regime { reason: 'r' } }");
  const auto update = Text<v1::UpdateMutation>(
      "record { sanction { measure { sector: 's' } } } update_mask { paths: 'measure' }");
  EXPECT_EQ(ApplyUpdate(record, update).sanction().ShortDebugString(),
            Text<v1::Sanction>("title: 'T' measure { sector: 's' }").ShortDebugString());
}

TEST(UpdateMaskTest, EveryViolationIsTold) {
  EXPECT_EQ(Problems("record { name: 'BAD' summit {} } update_mask { paths: 'nope' }"),
            "u.record.name: \"BAD\" must have the form {collection}/{id}; "
            "u.update_mask: \"nope\": Summit has no field \"nope\"");
}

TEST(UpdateMaskTest, AMaskHasALimit) {
  std::string mask;
  for (int i = 0; i < 129; ++i) mask += " paths: 'title'";
  EXPECT_EQ(Problems("record { name: 'summits/a' summit {} } update_mask {" + mask + " }"),
            "u.update_mask: has 129 paths, at most 128");
}

}  // namespace
}  // namespace communique::domain
