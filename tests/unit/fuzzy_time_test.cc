// Fuzzy times in records: what is derived, and what is refused.
#include "service/domain/fuzzy_time.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "google/protobuf/util/time_util.h"
#include "google/rpc/error_details.pb.h"
#include "tests/unit/text_proto.h"

namespace communique::domain {
namespace {

using testing::Text;

// The corners, "A..B C..D" with "-" for unbounded; or every violation's path.
std::string Normalized(const std::string& text, v1::FuzzyTime* out = nullptr) {
  auto time = Text<v1::FuzzyTime>(text);
  base::Violations violations;
  NormalizeFuzzyTime(time, "t", violations);
  if (out != nullptr) *out = time;
  if (!violations.empty()) {
    google::rpc::BadRequest bad;
    bad.ParseFromString(base::DetailOf(violations.ToStatus(), "google.rpc.BadRequest"));
    std::string paths = "!";
    for (const auto& one : bad.field_violations()) paths += " " + one.field();
    return paths;
  }
  using google::protobuf::util::TimeUtil;
  const auto show = [](bool has, const google::protobuf::Timestamp& at) {
    return has ? TimeUtil::ToString(at) : "-";
  };
  return show(time.has_earliest_begin_time(), time.earliest_begin_time()) + ".." +
         show(time.has_latest_begin_time(), time.latest_begin_time()) + " " +
         show(time.has_earliest_end_time(), time.earliest_end_time()) + ".." +
         show(time.has_latest_end_time(), time.latest_end_time());
}

TEST(FuzzyTimeTest, CornersAreDerived) {
  const std::pair<std::string, std::string> kCases[] = {
      {"edtf: '2023-09-12' time_zones: 'Z'",
       "2023-09-12T00:00:00Z..2023-09-12T23:59:59Z 2023-09-12T00:00:00Z..2023-09-12T23:59:59Z"},
      {"edtf: '2023-09-12' time_zones: 'Z' part_of_day: PART_OF_DAY_MORNING",
       "2023-09-12T05:00:00Z..2023-09-12T11:59:59Z 2023-09-12T05:00:00Z..2023-09-12T11:59:59Z"},
      {"edtf: '2023-09-12' time_zones: 'Z' tolerance { seconds: 60 }",
       "2023-09-11T23:59:00Z..2023-09-13T00:00:59Z 2023-09-11T23:59:00Z..2023-09-13T00:00:59Z"},
      {"edtf: '2023-09-12/..' time_zones: 'Z'", "2023-09-12T00:00:00Z..2023-09-12T23:59:59Z -..-"},
      {"edtf: '2023-09-12'",
       "2023-09-11T10:00:00Z..2023-09-13T11:59:59Z 2023-09-11T10:00:00Z..2023-09-13T11:59:59Z"},
      {"text: 'soon'", "-..- -..-"},
      {"text: 'Monday' anchor_date: '2023-09-12'", "-..- -..-"},
  };
  for (const auto& [text, wanted] : kCases) EXPECT_EQ(Normalized(text), wanted) << text;
}

TEST(FuzzyTimeTest, EveryPartOfDayIsKnown) {
  std::set<std::string> seen;
  for (int part = v1::PartOfDay_MIN; part <= v1::PartOfDay_MAX; ++part) {
    const std::string corners = Normalized("edtf: '2023-09-12' time_zones: 'Z' part_of_day: " +
                                           v1::PartOfDay_Name(part));
    EXPECT_EQ(corners[0], '2') << corners;
    EXPECT_TRUE(seen.insert(corners).second) << v1::PartOfDay_Name(part);
  }
}

TEST(FuzzyTimeTest, CornersThatAgreeAreTaken) {
  v1::FuzzyTime once, twice;
  Normalized("edtf: '2023-09' time_zones: 'Asia/Seoul'", &once);
  EXPECT_TRUE(once.has_latest_end_time());
  Normalized(once.ShortDebugString(), &twice);
  EXPECT_EQ(once.SerializeAsString(), twice.SerializeAsString());
}

TEST(FuzzyTimeTest, WhatIsRefused) {
  const std::string day = "edtf: '2023-09-12' time_zones: 'Z' ";
  const std::pair<std::string, std::string> kCases[] = {
      {"", "! t"},
      {"time_zones: 'Z'", "! t"},
      {"edtf: 'someday'", "! t.edtf"},
      {"text: 'x' anchor_date: 'someday'", "! t.anchor_date"},
      {"text: 'x' part_of_day: PART_OF_DAY_NOON", "! t.part_of_day"},
      {"text: 'x' earliest_begin_time { seconds: 1 }", "! t"},
      {"edtf: '2023' part_of_day: PART_OF_DAY_NOON", "! t.edtf"},
      {day + "earliest_begin_time { seconds: 1 }", "! t.earliest_begin_time"},
      {day + "latest_begin_time { seconds: 1 }", "! t.latest_begin_time"},
      {day + "earliest_end_time { seconds: 1 }", "! t.earliest_end_time"},
      {day + "latest_end_time { seconds: 1 }", "! t.latest_end_time"},
      {day + "earliest_begin_time { seconds: 1694476800 nanos: 1 }", "! t.earliest_begin_time"},
      {day + "earliest_begin_time { seconds: 2 } latest_end_time { seconds: 1 }", "! t"},
      {"edtf: '2023/..' time_zones: 'Z' latest_end_time { seconds: 1900000000 }",
       "! t.latest_end_time"},
      {day + "earliest_begin_time { seconds: 1 } latest_begin_time { seconds: 1 }",
       "! t.earliest_begin_time t.latest_begin_time"},
      {"text: '" + std::string(1025, 'x') + "'", "! t.text"},
  };
  for (const auto& [text, wanted] : kCases) EXPECT_EQ(Normalized(text), wanted) << text;
}

TEST(FuzzyTimeTest, CertainlyAfterNeedsBothCorners) {
  const auto after = [](const std::string& a, const std::string& b) {
    v1::FuzzyTime x, y;
    Normalized(a, &x);
    Normalized(b, &y);
    return CertainlyAfter(x, y);
  };
  EXPECT_TRUE(after("edtf: '2023-09-15'", "edtf: '2023-09-12'"));
  EXPECT_FALSE(after("edtf: '2023-09-13'", "edtf: '2023-09-12'")) << "their zones are unknown";
  EXPECT_TRUE(after("edtf: '2023-09-13' time_zones: 'Z'", "edtf: '2023-09-12' time_zones: 'Z'"));
  EXPECT_FALSE(after("edtf: '2023-09-12' time_zones: 'Z'", "edtf: '2023-09-12' time_zones: 'Z'"));
  EXPECT_FALSE(after("edtf: '2023'", "edtf: '2020/..'")) << "it may not have ended";
  EXPECT_FALSE(after("text: 'later'", "edtf: '2020'"));
}

TEST(FuzzyTimeTest, Durations) {
  for (const char* text : {"P1Y", "P4Y5M", "P2W", "PT10H30M", "P1DT1S", "PT0.5H", "P10Y2M3DT4H5M6S"}) {
    EXPECT_TRUE(IsIsoDuration(text)) << text;
  }
  for (const char* text : {"", "P", "PT", "1Y", "P1", "P1YT", "PY", "P1H", "PT1D", "P1M1Y", "P1Y1Y",
                           "PT1HT1M", "P-1Y", "P1Y ", "p1y", "P.5D", "P1D1H"}) {
    EXPECT_FALSE(IsIsoDuration(text)) << text;
  }
}

TEST(FuzzyTimeTest, AnUnknownZoneIsToldAtTimeZones) {
  EXPECT_EQ(Normalized("edtf: '2023-09-12' time_zones: 'Mars/Base'"), "! t.time_zones");
  EXPECT_EQ(Normalized("text: 'noon' time_zones: 'Mars/Base'"), "! t.time_zones");
}

TEST(FuzzyTimeTest, ANumberHasOnePointAndTheLastOnly) {
  for (const char* text : {"P1..5D", "P1.5.2D", "P1.D", "P1.5Y2M"}) EXPECT_FALSE(IsIsoDuration(text)) << text;
}

}  // namespace
}  // namespace communique::domain
