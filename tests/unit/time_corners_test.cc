#include "service/domain/time_corners.h"

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "service/domain/edtf.h"

namespace communique::domain {
namespace {

// "2023-09-12T00:00:00Z", or "-" for unbounded.
std::string Show(const std::optional<int64_t>& corner) {
  if (!corner.has_value()) return "-";
  return absl::FormatTime("%E4Y-%m-%dT%H:%M:%SZ",
                          absl::FromUnixSeconds(*corner), absl::UTCTimeZone());
}

// "A..B C..D", begin before end, or "A..B" where both are the same.
std::string Show(const Corners& corners) {
  const std::string begin = absl::StrCat(Show(corners.earliest_begin), "..",
                                         Show(corners.latest_begin));
  const std::string end = absl::StrCat(Show(corners.earliest_end), "..",
                                       Show(corners.latest_end));
  return begin == end ? begin : absl::StrCat(begin, " ", end);
}

// The corners, or the error's message.
std::string Derived(const CornerInput& input) {
  const absl::StatusOr<Corners> corners = DeriveCorners(input);
  if (corners.ok()) return Show(*corners);
  EXPECT_EQ(corners.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(DeriveMembers(input).status(), corners.status());
  return std::string(corners.status().message());
}

std::string DerivedMembers(const CornerInput& input) {
  const absl::StatusOr<std::vector<Corners>> members = DeriveMembers(input);
  if (!members.ok()) return std::string(members.status().message());
  return absl::StrJoin(*members, ", ",
                       [](std::string* out, const Corners& corners) {
                         out->append(Show(corners));
                       });
}

TEST(TimeCornersTest, AKnownZoneGivesTheDayThere) {
  const std::pair<std::string, absl::string_view> kCases[] = {
      {"Z", "2023-09-12T00:00:00Z..2023-09-12T23:59:59Z"},
      {"UTC", "2023-09-12T00:00:00Z..2023-09-12T23:59:59Z"},
      {"+00:00", "2023-09-12T00:00:00Z..2023-09-12T23:59:59Z"},
      {"Asia/Seoul", "2023-09-11T15:00:00Z..2023-09-12T14:59:59Z"},
      {"+09:00", "2023-09-11T15:00:00Z..2023-09-12T14:59:59Z"},
      {"-03:30", "2023-09-12T03:30:00Z..2023-09-13T03:29:59Z"},
      {"America/New_York", "2023-09-12T04:00:00Z..2023-09-13T03:59:59Z"},
      // Its zone changed from +08:30 to +09:00 in 2018.
      {"Asia/Pyongyang", "2023-09-11T15:00:00Z..2023-09-12T14:59:59Z"},
  };
  for (const auto& [zone, expected] : kCases) {
    EXPECT_EQ(Derived({.edtf = "2023-09-12", .time_zones = {zone}}), expected)
        << zone;
  }
  EXPECT_EQ(
      Derived({.edtf = "2017-09-12", .time_zones = {"Asia/Pyongyang"}}),
      "2017-09-11T15:30:00Z..2017-09-12T15:29:59Z");
}

TEST(TimeCornersTest, AnUnknownZoneWidensByTheWorldsOffsets) {
  EXPECT_EQ(Derived({.edtf = "2023-09-12"}),
            "2023-09-11T10:00:00Z..2023-09-13T11:59:59Z");
  EXPECT_EQ(Derived({.edtf = "2023-09-12T10:00:00"}),
            "2023-09-11T20:00:00Z..2023-09-12T22:00:00Z");
}

TEST(TimeCornersTest, OneOfSeveralZonesGivesTheWidest) {
  EXPECT_EQ(Derived({.edtf = "2023-09-12",
                     .time_zones = {"Asia/Vladivostok", "Europe/Moscow"}}),
            "2023-09-11T14:00:00Z..2023-09-12T20:59:59Z");
  EXPECT_EQ(Derived({.edtf = "2023-09-12",
                     .time_zones = {"Europe/Moscow", "Asia/Vladivostok"}}),
            "2023-09-11T14:00:00Z..2023-09-12T20:59:59Z");
  EXPECT_EQ(Derived({.edtf = "2023-09-12T12:00:00",
                     .time_zones = {"Z", "+01:00", "-01:00"}}),
            "2023-09-12T11:00:00Z..2023-09-12T13:00:00Z");
}

TEST(TimeCornersTest, AnOffsetInTheTextWins) {
  for (const std::vector<std::string>& zones :
       {std::vector<std::string>{}, {"America/New_York"}, {"Z", "+09:00"}}) {
    EXPECT_EQ(
        Derived({.edtf = "2023-09-12T13:00:00+10:00", .time_zones = zones}),
        "2023-09-12T03:00:00Z..2023-09-12T03:00:00Z");
  }
  EXPECT_EQ(Derived({.edtf = "2023-09-12T13:00:00Z"}),
            "2023-09-12T13:00:00Z..2023-09-12T13:00:00Z");
  EXPECT_TRUE(absl::StrContains(
      Derived({.edtf = "2023-09-12T13:00:00Z", .time_zones = {"Mars/Base"}}),
      "'Mars/Base'"));
}

TEST(TimeCornersTest, ClocksThatJump) {
  // New York skips 02:00 to 03:00 on 2023-03-12, and shows 01:00 to 02:00
  // twice on 2023-11-05.
  const std::vector<std::string> new_york = {"America/New_York"};
  EXPECT_EQ(Derived({.edtf = "2023-03-12", .time_zones = new_york}),
            "2023-03-12T05:00:00Z..2023-03-13T03:59:59Z");
  EXPECT_EQ(Derived({.edtf = "2023-11-05", .time_zones = new_york}),
            "2023-11-05T04:00:00Z..2023-11-06T04:59:59Z");
  EXPECT_EQ(Derived({.edtf = "2023-11-05T01:30:00", .time_zones = new_york}),
            "2023-11-05T05:30:00Z..2023-11-05T06:30:00Z");
  // Sao Paulo skipped the first hour of 2018-11-04.
  EXPECT_EQ(
      Derived({.edtf = "2018-11-04", .time_zones = {"America/Sao_Paulo"}}),
      "2018-11-04T03:00:00Z..2018-11-05T01:59:59Z");
  // Samoa skipped all of 2011-12-30: what is left is the jump.
  EXPECT_EQ(Derived({.edtf = "2011-12-30", .time_zones = {"Pacific/Apia"}}),
            "2011-12-30T10:00:00Z..2011-12-30T10:00:00Z");
  EXPECT_EQ(
      Derived({.edtf = "2023-03-12T02:30:00", .time_zones = new_york}),
      "2023-03-12T07:00:00Z..2023-03-12T07:00:00Z");
}

TEST(TimeCornersTest, PartsOfTheDay) {
  const std::pair<PartOfDay, absl::string_view> kCases[] = {
      {PartOfDay::kUnspecified, "2023-09-12T00:00:00Z..2023-09-12T23:59:59Z"},
      {PartOfDay::kEarlyMorning, "2023-09-12T04:00:00Z..2023-09-12T07:59:59Z"},
      {PartOfDay::kMorning, "2023-09-12T05:00:00Z..2023-09-12T11:59:59Z"},
      {PartOfDay::kNoon, "2023-09-12T11:00:00Z..2023-09-12T13:59:59Z"},
      {PartOfDay::kAfternoon, "2023-09-12T12:00:00Z..2023-09-12T17:59:59Z"},
      {PartOfDay::kEvening, "2023-09-12T17:00:00Z..2023-09-12T21:59:59Z"},
      {PartOfDay::kNight, "2023-09-12T18:00:00Z..2023-09-13T05:59:59Z"},
      {PartOfDay::kDaytime, "2023-09-12T06:00:00Z..2023-09-12T17:59:59Z"},
      {PartOfDay::kMidnight, "2023-09-12T00:00:00Z..2023-09-13T00:59:59Z"},
  };
  for (const auto& [part, expected] : kCases) {
    EXPECT_EQ(Derived({.edtf = "2023-09-12",
                       .part_of_day = part,
                       .time_zones = {"Z"}}),
              expected);
  }
  for (size_t i = 0; i < std::size(kPartOfDayBands); ++i) {
    EXPECT_EQ(static_cast<size_t>(kPartOfDayBands[i].part), i);
    EXPECT_LT(kPartOfDayBands[i].from_hour, kPartOfDayBands[i].to_hour);
  }
}

TEST(TimeCornersTest, APartOfTheDayAppliesToEachDate) {
  const auto morning = [](absl::string_view edtf) {
    return Derived({.edtf = edtf,
                    .part_of_day = PartOfDay::kMorning,
                    .time_zones = {"Z"}});
  };
  EXPECT_EQ(morning("2023-09-12/2023-09-14"),
            "2023-09-12T05:00:00Z..2023-09-12T11:59:59Z "
            "2023-09-14T05:00:00Z..2023-09-14T11:59:59Z");
  EXPECT_EQ(morning("2023-09-12/.."),
            "2023-09-12T05:00:00Z..2023-09-12T11:59:59Z -..-");
  EXPECT_EQ(morning("2023-09-12~"),
            "2023-09-11T05:00:00Z..2023-09-13T11:59:59Z");
  EXPECT_EQ(morning("2023-09-XX"),
            "2023-09-01T05:00:00Z..2023-09-30T11:59:59Z");
  EXPECT_EQ(morning("[2023-09-12..2023-09-14]"),
            "2023-09-12T05:00:00Z..2023-09-14T11:59:59Z");
  EXPECT_EQ(Derived({.edtf = "2023-09-12", .part_of_day = PartOfDay::kNight}),
            "2023-09-12T04:00:00Z..2023-09-13T17:59:59Z");
  for (absl::string_view coarse :
       {"2023", "2023-09", "2023-21", "2023-09-12/2023-10", "2023/2023-09-12",
        "[2023-09-12,2023-10]", "Y12345", "1950S2", "2023-XX"}) {
    EXPECT_EQ(morning(coarse),
              "a part of day needs EDTF dates as fine as a day");
  }
  EXPECT_EQ(morning("2023-09-12T10:00:00"),
            "a part of day stands beside an EDTF text that has a time of day");
  EXPECT_EQ(Derived({.edtf = "2023-09-12",
                     .part_of_day = static_cast<PartOfDay>(99)}),
            "unknown part of day 99");
}

TEST(TimeCornersTest, ToleranceMovesEachCornerOutwards) {
  const auto with = [](absl::Duration tolerance) {
    return Derived({.edtf = "2023-09-12T10:00:00Z", .tolerance = tolerance});
  };
  EXPECT_EQ(with(absl::Minutes(5)),
            "2023-09-12T09:55:00Z..2023-09-12T10:05:00Z");
  EXPECT_EQ(with(absl::Milliseconds(1)),
            "2023-09-12T09:59:59Z..2023-09-12T10:00:01Z");
  EXPECT_EQ(with(kMaxTolerance), "2013-09-11T10:00:00Z..2033-09-12T10:00:00Z");
  EXPECT_TRUE(absl::StartsWith(with(-absl::Nanoseconds(1)),
                               "expected a tolerance from 0 to 87672h, found"));
  EXPECT_TRUE(absl::StartsWith(with(kMaxTolerance + absl::Seconds(1)),
                               "expected a tolerance"));
  EXPECT_TRUE(
      absl::StartsWith(with(absl::InfiniteDuration()), "expected a tolerance"));
  EXPECT_EQ(Derived({.edtf = "2023-09-12/..",
                     .time_zones = {"Z"},
                     .tolerance = absl::Hours(1)}),
            "2023-09-11T23:00:00Z..2023-09-13T00:59:59Z -..-");
}

TEST(TimeCornersTest, ZonesThatAreNoneAreNamed) {
  for (const std::string zone :
       {"", " ", "z", "Mars/Base", "asia/seoul x", "Asia/Seoul ", "+9", "+0900",
        "09:00", "+09:60", "+24:00", "-00:00", "+0a:00", "UTC+9", "localtime",
        "posixrules", "Factory", "posix/Asia/Seoul", "right/Asia/Seoul",
        "/usr/share/zoneinfo/Asia/Seoul", "../zoneinfo/Asia/Seoul", "Asia",
        "Asia/", "file:Asia/Seoul", "libc:localtime", "Fixed/UTC+09:00:00",
        "zone.tab", "leapseconds"}) {
    EXPECT_EQ(Derived({.edtf = "2023-09-12", .time_zones = {"Z", zone}}),
              absl::StrCat("unknown time zone '", zone,
                           "': expected an IANA name, an offset such as "
                           "+09:00, or Z"));
  }
  EXPECT_FALSE(
      DeriveCorners({.edtf = "2023-09-12",
                     .time_zones = {std::string("Asia/Seoul\0x", 12)}})
          .ok());
  EXPECT_LT(Derived({.edtf = "2023", .time_zones = {std::string(9999, 'A')}})
                .size(),
            200u);
  std::vector<std::string> zones(kMaxTimeZones, "Z");
  EXPECT_TRUE(DeriveCorners({.edtf = "2023", .time_zones = zones}).ok());
  zones.push_back("Z");
  EXPECT_EQ(Derived({.edtf = "2023", .time_zones = zones}),
            "expected at most 16 time zones, found 17");
}

TEST(TimeCornersTest, ResultsAreClampedToWhatATimestampHolds) {
  const std::string first = "0001-01-01T00:00:00Z";
  const std::string last = "9999-12-31T23:59:59Z";
  const auto utc = [](absl::string_view edtf) {
    return Derived({.edtf = edtf, .time_zones = {"Z"}});
  };
  EXPECT_EQ(Show(kMinCornerSeconds), first);
  EXPECT_EQ(Show(kMaxCornerSeconds), last);
  EXPECT_EQ(utc("0000"), first + ".." + first);
  EXPECT_EQ(utc("-0044-03-15"), first + ".." + first);
  EXPECT_EQ(utc("Y12345"), last + ".." + last);
  EXPECT_EQ(utc("Y1E9999"), last + ".." + last);
  EXPECT_EQ(utc("Y-1E9999~"), first + ".." + first);
  EXPECT_EQ(utc("XXXX"), first + ".." + last);
  EXPECT_EQ(utc("-0044/2023"),
            first + ".." + first +
                " 2023-01-01T00:00:00Z..2023-12-31T23:59:59Z");
  EXPECT_EQ(Derived({.edtf = "9999-12-31"}), "9999-12-30T10:00:00Z.." + last);
  EXPECT_EQ(Derived({.edtf = "0001-01-01"}), first + "..0001-01-02T11:59:59Z");
  EXPECT_EQ(Derived({.edtf = "Y12345", .time_zones = {"Asia/Seoul"}}),
            last + ".." + last);
  // The limits are applied last: a tolerance brings the year -5 back in.
  EXPECT_EQ(Derived({.edtf = "-0005",
                     .time_zones = {"Z"},
                     .tolerance = absl::Hours(24 * 3653)}),
            first + "..0005-12-31T23:59:59Z");
}

TEST(TimeCornersTest, IntervalsKeepTheirOpenEnds) {
  const auto utc = [](absl::string_view edtf) {
    return Derived({.edtf = edtf, .time_zones = {"Z"}});
  };
  EXPECT_EQ(utc("2023-09-12/2023-09"),
            "EDTF offset 10: the interval ends before it begins");
  EXPECT_EQ(utc("2023-09-12/2023-10"),
            "2023-09-12T00:00:00Z..2023-09-12T23:59:59Z "
            "2023-10-01T00:00:00Z..2023-10-31T23:59:59Z");
  EXPECT_EQ(utc("../2023-09-12"),
            "-..- 2023-09-12T00:00:00Z..2023-09-12T23:59:59Z");
  EXPECT_EQ(utc("../.."), "-..-");
}

TEST(TimeCornersTest, ErrorsOfTheTextKeepTheirKind) {
  EXPECT_EQ(EdtfErrorOf(DeriveCorners({.edtf = "2024/2023"}).status()),
            EdtfError::kIntervalReversed);
  EXPECT_EQ(EdtfErrorOf(DeriveMembers({.edtf = "2023-02-30"}).status()),
            EdtfError::kNoSuchDate);
  EXPECT_EQ(EdtfErrorOf(DeriveCorners({.edtf = ""}).status()),
            EdtfError::kSyntax);
}

TEST(TimeCornersTest, AOneOfSetBeginsAndEndsAsAnyMemberMay) {
  const CornerInput input = {.edtf = "[2023-09-10,2023-09-12..2023-09-14]",
                             .time_zones = {"Z"}};
  EXPECT_EQ(Derived(input), "2023-09-10T00:00:00Z..2023-09-14T23:59:59Z");
  EXPECT_EQ(DerivedMembers(input),
            "2023-09-10T00:00:00Z..2023-09-10T23:59:59Z, "
            "2023-09-12T00:00:00Z..2023-09-14T23:59:59Z");
  EXPECT_EQ(Derived({.edtf = "[..2023-09-10,2023-09-12]", .time_zones = {"Z"}}),
            "-..2023-09-12T23:59:59Z");
  EXPECT_EQ(Derived({.edtf = "[2023-09-10,2023-09-12..]", .time_zones = {"Z"}}),
            "2023-09-10T00:00:00Z..-");
}

TEST(TimeCornersTest, AnAllOfSetBeginsWithItsFirstAndEndsWithItsLast) {
  const CornerInput input = {.edtf = "{2023-09-12..2023-09-14,2023-09-10}",
                             .time_zones = {"Z"}};
  EXPECT_EQ(Derived(input),
            "2023-09-10T00:00:00Z..2023-09-10T23:59:59Z "
            "2023-09-14T00:00:00Z..2023-09-14T23:59:59Z");
  EXPECT_EQ(DerivedMembers(input),
            "2023-09-12T00:00:00Z..2023-09-12T23:59:59Z "
            "2023-09-14T00:00:00Z..2023-09-14T23:59:59Z, "
            "2023-09-10T00:00:00Z..2023-09-10T23:59:59Z");
  EXPECT_EQ(Derived({.edtf = "{2023,2023-09-10}", .time_zones = {"Z"}}),
            "2023-01-01T00:00:00Z..2023-09-10T23:59:59Z "
            "2023-09-10T00:00:00Z..2023-12-31T23:59:59Z");
  EXPECT_EQ(Derived({.edtf = "{..2023-09-10,2023-09-12}", .time_zones = {"Z"}}),
            "-..2023-09-12T23:59:59Z "
            "2023-09-12T00:00:00Z..2023-09-12T23:59:59Z");
}

}  // namespace
}  // namespace communique::domain
