#include "service/domain/edtf.h"

#include <cstddef>
#include <cstdlib>
#include <fstream>
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
#include "absl/strings/strip.h"
#include "absl/time/civil_time.h"
#include "gtest/gtest.h"

namespace communique::domain {
namespace {

// "2023-09-12T10:00:00", or "-" for unbounded; without its time where that is
// `usual`, the first or the last second of the day.
std::string Show(const std::optional<absl::CivilSecond>& corner,
                 absl::string_view usual) {
  if (!corner.has_value()) return "-";
  const std::string text = absl::FormatCivilTime(*corner);
  return std::string(absl::StripSuffix(text, usual));
}

// The four corners, begin before end: "A..B C..D", or "A..B" where a date
// begins and ends within one span.
std::string Show(const EdtfMember& member) {
  const auto pair = [](const std::optional<absl::CivilSecond>& earliest,
                       const std::optional<absl::CivilSecond>& latest) {
    return absl::StrCat(Show(earliest, "T00:00:00"), "..",
                        Show(latest, "T23:59:59"));
  };
  const std::string begin = pair(member.earliest_begin, member.latest_begin);
  const std::string end = pair(member.earliest_end, member.latest_end);
  return begin == end ? begin : absl::StrCat(begin, " ", end);
}

// All members, or the error's kind: "no such date", "reversed", "syntax",
// "too long".
std::string Parsed(absl::string_view text) {
  const absl::StatusOr<Edtf> edtf = ParseEdtf(text);
  if (edtf.ok()) {
    return absl::StrJoin(edtf->members, ", ",
                         [](std::string* out, const EdtfMember& member) {
                           out->append(Show(member));
                         });
  }
  EXPECT_EQ(edtf.status().code(), absl::StatusCode::kInvalidArgument) << text;
  switch (EdtfErrorOf(edtf.status())) {
    case EdtfError::kNone: return "an error without a kind";
    case EdtfError::kTooLong: return "too long";
    case EdtfError::kSyntax: return "syntax";
    case EdtfError::kNoSuchDate: return "no such date";
    case EdtfError::kIntervalReversed: return "reversed";
  }
  return "an unknown kind";
}

struct Case {
  absl::string_view text;
  absl::string_view expected;
};

void Check(const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    EXPECT_EQ(Parsed(c.text), c.expected) << "of \"" << c.text << "\"";
  }
}

TEST(EdtfTest, DatesCoverTheirUnit) {
  Check({
      {"2023-09-12", "2023-09-12..2023-09-12"},
      {"2023-09", "2023-09-01..2023-09-30"},
      {"2023", "2023-01-01..2023-12-31"},
      {"0000", "0-01-01..0-12-31"},
      {"-0044-03-15", "-44-03-15..-44-03-15"},
      {"2024-02", "2024-02-01..2024-02-29"},
      {"1900-02", "1900-02-01..1900-02-28"},
      {"2023-12", "2023-12-01..2023-12-31"},
  });
}

TEST(EdtfTest, OnlyDatesOfTheCalendarPass) {
  Check({
      {"2023-02-29", "no such date"},  {"2024-02-29", "2024-02-29..2024-02-29"},
      {"1900-02-29", "no such date"},  {"2000-02-29", "2000-02-29..2000-02-29"},
      {"2024-02-30", "no such date"},  {"2023-04-31", "no such date"},
      {"2023-01-32", "no such date"},  {"2023-01-00", "no such date"},
      {"2023-00", "no such date"},     {"2023-13", "no such date"},
      {"2023-20", "no such date"},     {"2023-42", "no such date"},
      {"2023-99-01", "no such date"},  {"-0000", "no such date"},
      {"-0000-01", "no such date"},    {"-0004-02-29", "-4-02-29..-4-02-29"},
      {"-0001-02-29", "no such date"}, {"XXXX-02-30", "no such date"},
      {"20X1-02-29", "no such date"},  {"2023-02-3X", "no such date"},
      {"2023-3X", "no such date"},     {"2023-X9-31", "no such date"},
  });
}

TEST(EdtfTest, WhatIsOutsideTheGrammarIsRefused) {
  for (absl::string_view text : {
           "", " ", "/", ".", "..", "...", "T", "Z", "?", "-", "--", "X", "S2",
           "23", "202", "20231", "20230912", "2023-9", "2023-9-12", "2023-09-1",
           "2023-09-123", "2023/09/12", "2023-09-12 ", " 2023", "+2023",
           "2023 ", "2023-", "2023-09-", "2023-255", "2023-W37", "2023-W37-2",
           "2023u", "202u", "202x", "2023-xx", "2023??", "2023?~", "2023~%",
           "??2023", "2023-09??", "?", "?-", "-?2023", "2023-?", "2023-09-?",
           "2023-21-01", "2023-24T00:00:00", "12-09-2023",
           "P1Y", "R5/2023", "2023-09-12/P1D", "P1D/2023", "2023--2024",
           "2023..2024", "2023..", "..2023", "2023,2024", "2023/2024/2025",
           "2023//2024", "2023/2024/", "//", "/2023/", "../2023/..", "2023/...",
           "open/2023", "unknown", "2023\\2024", "2023\xC2\xA0", "\xEF\xBB\xBF",
           "2023^UTC",
       }) {
    EXPECT_EQ(Parsed(text), "syntax") << "of \"" << text << "\"";
  }
  EXPECT_EQ(Parsed(absl::string_view("2023\0", 5)), "syntax");
  EXPECT_EQ(Parsed(absl::string_view("\0", 1)), "syntax");
}

TEST(EdtfTest, ErrorsSayWhereAndWhat) {
  EXPECT_EQ(ParseEdtf("2023-0a").status().message(),
            "EDTF offset 5: expected a month of two digits or X, found '0'");
  EXPECT_EQ(ParseEdtf("2023-09-12 ").status().message(),
            "EDTF offset 10: expected the end, found ' '");
  EXPECT_EQ(ParseEdtf("[1984").status().message(),
            "EDTF offset 5: expected ',' or ']', found the end");
  EXPECT_EQ(ParseEdtf("2023\xFF").status().message(),
            "EDTF offset 4: expected the end, found '\\xff'");
  EXPECT_EQ(ParseEdtf("2024/2023").status().message(),
            "EDTF offset 4: the interval ends before it begins");
  EXPECT_EQ(ParseEdtf("2023/2023-02-30").status().message(),
            "EDTF offset 5: no calendar date fits");
  EXPECT_EQ(EdtfErrorOf(absl::OkStatus()), EdtfError::kNone);
  EXPECT_EQ(EdtfErrorOf(absl::InvalidArgumentError("")), EdtfError::kNone);
}

TEST(EdtfTest, TheLengthIsLimited) {
  EXPECT_EQ(Parsed(std::string(kMaxEdtfBytes, '1')), "syntax");
  EXPECT_EQ(Parsed(std::string(kMaxEdtfBytes + 1, '1')), "too long");
  const std::string digits(kMaxEdtfBytes - 1, '9');
  EXPECT_TRUE(ParseEdtf("Y" + digits).ok());
  EXPECT_EQ(Parsed("Y9" + digits), "too long");
}

TEST(EdtfTest, DateTimes) {
  Check({
      {"2023-09-12T10:00:01", "2023-09-12T10:00:01..2023-09-12T10:00:01"},
      {"-0044-03-15T12:30:30Z", "-44-03-15T12:30:30..-44-03-15T12:30:30"},
      {"2023-09-12T24:00:00", "no such date"},
      {"2016-12-31T23:59:60Z", "no such date"},
      {"2023-09-12T10:60:00", "no such date"},
      {"2023-09-12T10:00:00+24", "no such date"},
      {"2023-09-12T10:00:00+09:60", "no such date"},
      {"2023-09-12T10:00:00-00:00", "no such date"},
      {"2023-09-12T10:00:00-00", "no such date"},
      {"2023-02-29T10:00:00", "no such date"},
  });
  for (absl::string_view text :
       {"2023-09-12T", "2023-09-12T10", "2023-09-12T10:00",
        "2023-09-12T1:00:00",
        "2023-09-12T10:00:0", "2023-09-12T10:00:00.5", "2023-09-12T10:00:00,5",
        "2023-09-12t10:00:00", "2023-09-12T10:00:00z", "2023-09-12 10:00:00",
        "2023-09-12T100000", "2023-09-12T10:00:00Z+09", "2023-09-12T10:00:00+9",
        "2023-09-12T10:00:00+0900", "2023-09-12T10:00:00+09:0",
        "2023-09-12T10:00:00+09:00:00", "2023-09-12T10:00:00?",
        "2023-09-12~T10:00:00", "?2023-09-12T10:00:00", "2023-09-1XT10:00:00",
        "2023-09T10:00:00", "2023T10:00:00", "Y20230T10:00:00",
        "2023-09-12T10:XX:00", "2023-09-12T10:00:00/2023-09-13",
        "2023-09-12/2023-09-13T10:00:00", "[2023-09-12T10:00:00]",
        "{2023-09-12,2023-09-13T10:00:00Z}"}) {
    EXPECT_EQ(Parsed(text), "syntax") << "of \"" << text << "\"";
  }
}

TEST(EdtfTest, OffsetsAreKept) {
  const struct {
    absl::string_view text;
    std::optional<int> seconds;
  } kCases[] = {
      {"2023-09-12T10:00:00", std::nullopt},
      {"2023-09-12T10:00:00Z", 0},
      {"2023-09-12T10:00:00+00:00", 0},
      {"2023-09-12T10:00:00+09", 9 * 3600},
      {"2023-09-12T10:00:00-03:30", -(3 * 3600 + 1800)},
      {"2023-09-12T10:00:00+23:59", 23 * 3600 + 59 * 60},
  };
  for (const auto& c : kCases) {
    const absl::StatusOr<Edtf> edtf = ParseEdtf(c.text);
    ASSERT_TRUE(edtf.ok()) << edtf.status();
    ASSERT_EQ(edtf->members.size(), 1u);
    EXPECT_EQ(edtf->members[0].utc_offset_seconds, c.seconds) << c.text;
    EXPECT_EQ(edtf->members[0].kind, EdtfMemberKind::kDateTime);
    EXPECT_TRUE(edtf->members[0].has_time_of_day);
  }
  EXPECT_FALSE(ParseEdtf("2023-09-12")->members[0].has_time_of_day);
}

TEST(EdtfTest, UnspecifiedDigitsCoverEveryDateTheyAllow) {
  Check({
      {"202X", "2020-01-01..2029-12-31"},
      {"20XX", "2000-01-01..2099-12-31"},
      {"XXXX", "0-01-01..9999-12-31"},
      {"2X2X", "2020-01-01..2929-12-31"},
      {"-004X", "-49-01-01..-40-12-31"},
      {"-000X", "-9-01-01..-1-12-31"},
      {"-XXXX", "-9999-01-01..-1-12-31"},
      {"2023-XX", "2023-01-01..2023-12-31"},
      {"2023-0X", "2023-01-01..2023-09-30"},
      {"2023-1X", "2023-10-01..2023-12-31"},
      {"2023-X0", "2023-10-01..2023-10-31"},
      {"2023-X2", "2023-02-01..2023-12-31"},
      {"2023-09-XX", "2023-09-01..2023-09-30"},
      {"2023-XX-XX", "2023-01-01..2023-12-31"},
      {"2023-09-0X", "2023-09-01..2023-09-09"},
      {"2023-09-3X", "2023-09-30..2023-09-30"},
      {"2023-XX-31", "2023-01-31..2023-12-31"},
      {"2023-X2-29", "2023-12-29..2023-12-29"},
      {"202X-02-29", "2020-02-29..2028-02-29"},
      {"-000X-02-29", "-8-02-29..-4-02-29"},
      {"2023-02-XX", "2023-02-01..2023-02-28"},
      {"2024-02-2X", "2024-02-20..2024-02-29"},
      {"202X-22", "2020-06-01..2030-02-28"},
      {"2023-2X", "no such date"},
  });
}

TEST(EdtfTest, SubYearGroupingsCoverTheirMonths) {
  Check({
      {"2023-21", "2023-03-01..2023-11-30"},  // spring in either hemisphere
      {"2023-22", "2023-06-01..2024-02-29"},
      {"2023-23", "2023-03-01..2023-11-30"},
      {"2023-24", "2023-06-01..2024-02-29"},
      {"2023-25", "2023-03-01..2023-05-31"},  // northern
      {"2023-26", "2023-06-01..2023-08-31"},
      {"2023-27", "2023-09-01..2023-11-30"},
      {"2023-28", "2023-12-01..2024-02-29"},
      {"2023-29", "2023-09-01..2023-11-30"},  // southern
      {"2023-30", "2023-12-01..2024-02-29"},
      {"2023-31", "2023-03-01..2023-05-31"},
      {"2023-32", "2023-06-01..2023-08-31"},
      {"2023-33", "2023-01-01..2023-03-31"},  // quarters
      {"2023-34", "2023-04-01..2023-06-30"},
      {"2023-35", "2023-07-01..2023-09-30"},
      {"2023-36", "2023-10-01..2023-12-31"},
      {"2023-37", "2023-01-01..2023-04-30"},  // quadrimesters
      {"2023-38", "2023-05-01..2023-08-31"},
      {"2023-39", "2023-09-01..2023-12-31"},
      {"2023-40", "2023-01-01..2023-06-30"},  // semestrals
      {"2023-41", "2023-07-01..2023-12-31"},
      {"-0001-28", "-1-12-01..0-02-29"},
  });
}

TEST(EdtfTest, LongYears) {
  Check({
      {"Y12345", "12345-01-01..12345-12-31"},
      {"Y-12345", "-12345-01-01..-12345-12-31"},
      {"Y2E4", "20000-01-01..20000-12-31"},
      {"Y-17E7", "-170000000-01-01..-170000000-12-31"},
      {"Y1E99999999999999999999", "1000000000000-01-01..1000000000000-12-31"},
      {"Y-1E9999", "-1000000000000-01-01..-1000000000000-12-31"},
      {"Y99999999999999999999999", "1000000000000-01-01..1000000000000-12-31"},
      {"Y1E9999S3", "1000000000000-01-01..1000000000000-12-31"},
      {"Y2023", "syntax"},
      {"Y-2023", "syntax"},
      {"Y02023", "syntax"},
      {"Y002023", "syntax"},
      {"Y17E1", "syntax"},
      {"Y17E", "syntax"},
      {"Y17E0", "syntax"},
      {"Y17E07", "syntax"},
      {"Y17E-7", "syntax"},
      {"Y0E9", "syntax"},
      {"Y", "syntax"},
      {"Y-", "syntax"},
      {"-Y12345", "syntax"},
      {"Y1234X", "syntax"},
      {"Y12345-01", "syntax"},
      {"Y12345-01-01", "syntax"},
      {"y12345", "syntax"},
      {"Y17e7", "syntax"},
      {"Y12345.5", "syntax"},
      {"12345", "syntax"},
      {"2E4", "syntax"},
      {"Y12345/Y12346", "syntax"},
      {"2023/Y12346", "syntax"},
      {"[Y12345]", "syntax"},
  });
}

TEST(EdtfTest, SignificantDigits) {
  Check({
      {"1950S2", "1900-01-01..1999-12-31"},
      {"1950S1", "1000-01-01..1999-12-31"},
      {"1950S3", "1950-01-01..1959-12-31"},
      {"1950S4", "1950-01-01..1950-12-31"},
      {"1950S9", "1950-01-01..1950-12-31"},
      {"1950S99999999999999999999", "1950-01-01..1950-12-31"},
      {"-1950S2", "-1999-01-01..-1900-12-31"},
      {"0950S2", "950-01-01..959-12-31"},
      {"0000S1", "0-01-01..0-12-31"},
      {"Y12345S2", "12000-01-01..12999-12-31"},
      {"Y-3388E2S3", "-338999-01-01..-338000-12-31"},
      {"1950S", "syntax"},
      {"1950S0", "syntax"},
      {"1950S02", "syntax"},
      {"1950s2", "syntax"},
      {"195XS2", "syntax"},
      {"1950S2-01", "syntax"},
      {"1950-01S2", "syntax"},
      {"1950?S2", "syntax"},
      {"1950S2/1960", "syntax"},
      {"{1950S2}", "syntax"},
  });
}

TEST(EdtfTest, ApproximationMovesCornersByTheUnitItIsWrittenAt) {
  Check({
      {"2023~", "2022-01-01..2024-12-31"},
      {"2023%", "2022-01-01..2024-12-31"},
      {"2023?", "2023-01-01..2023-12-31"},
      {"~2023", "2022-01-01..2024-12-31"},
      {"~2023~", "2022-01-01..2024-12-31"},
      {"2023-09~", "2023-08-01..2023-10-31"},
      {"2023-~09", "2023-08-01..2023-10-31"},
      {"2023-01~", "2022-12-01..2023-02-28"},
      {"2023-09-12~", "2023-09-11..2023-09-13"},
      {"2023-09-~12", "2023-09-11..2023-09-13"},
      {"2023-12-31%", "2023-12-30..2024-01-01"},
      {"2023-09~-12", "2023-08-12..2023-10-12"},
      {"2023~-09-12", "2022-09-12..2024-09-12"},
      {"~2023-09-12", "2022-09-12..2024-09-12"},
      {"~2023-09-12~", "2022-09-11..2024-09-13"},
      {"~2023-~09-~12", "2022-08-11..2024-10-13"},
      {"2023-09-?12", "2023-09-12..2023-09-12"},
      {"2024-02-29~", "2024-02-28..2024-03-01"},
      {"~2024-02-29", "2023-02-28..2025-02-28"},  // no 29th in either
      {"2024-03~-31", "2024-02-29..2024-04-30"},  // no 31st in either
      {"2023-01~-30", "2022-12-30..2023-02-28"},
      {"202X~", "2019-01-01..2030-12-31"},
      {"2023-09-XX~", "2023-08-31..2023-10-01"},
      {"2023-25~", "2022-12-01..2023-08-31"},  // a season each way
      {"2023-37~", "2022-09-01..2023-08-31"},
      {"~2023-25", "2022-03-01..2024-05-31"},
      {"Y12345~", "12344-01-01..12346-12-31"},
      {"Y-1E9999~", "-1000000000001-01-01..-999999999999-12-31"},
      {"1950S2~", "1899-01-01..2000-12-31"},
      {"2023-09-12~/2023-10~",
       "2023-09-11..2023-09-13 2023-09-01..2023-11-30"},
  });
}

TEST(EdtfTest, MarksAreReported) {
  const struct {
    absl::string_view text;
    bool uncertain;
    bool approximate;
  } kCases[] = {
      {"2023", false, false},     {"2023?", true, false},
      {"2023~", false, true},     {"2023%", true, true},
      {"?2023~", true, true},     {"2023-?09", true, false},
      {"2023/2024?", true, false}, {"2023~/2024", false, true},
      {"[2023,2024%]", true, true}, {"2023/..", false, false},
  };
  for (const auto& c : kCases) {
    const absl::StatusOr<Edtf> edtf = ParseEdtf(c.text);
    ASSERT_TRUE(edtf.ok()) << edtf.status();
    EXPECT_EQ(edtf->uncertain, c.uncertain) << c.text;
    EXPECT_EQ(edtf->approximate, c.approximate) << c.text;
  }
}

TEST(EdtfTest, Levels) {
  const struct {
    int level;
    std::vector<absl::string_view> texts;
  } kCases[] = {
      {0,
       {"2023", "2023-09", "2023-09-12", "2023-09-12T10:00:00+09:00",
        "2023/2024", "2023-09/2023-09-12"}},
      {1,
       {"-0044", "Y12345", "2023?", "2023-09~", "2023-09-12%", "2023-24",
        "202X", "20XX", "2023-XX", "2023-09-XX", "2023-XX-XX", "2023/..",
        "/2023", "../..", "2023~/2024", "2023-21/2023-22", "-0044/0001"}},
      {2,
       {"Y2E4", "1950S2", "2023-25", "2023-41", "XXXX", "2XXX", "2X23",
        "202X-01",
        "2023-1X", "2023-XX-12", "2023-09-1X", "?2023", "2023?-09", "2023-~09",
        "2023-09?-12", "202X/203X", "2023-09-XX/2024", "[2023]", "{..2023}"}},
  };
  for (const auto& c : kCases) {
    for (absl::string_view text : c.texts) {
      const absl::StatusOr<Edtf> edtf = ParseEdtf(text);
      ASSERT_TRUE(edtf.ok()) << edtf.status();
      EXPECT_EQ(edtf->level, c.level) << text;
    }
  }
}

TEST(EdtfTest, IntervalsTakeCornersFromTheirTwoDates) {
  Check({
      {"2023-09-12/2023-09-14",
       "2023-09-12..2023-09-12 2023-09-14..2023-09-14"},
      {"2023-09-12/2023-10", "2023-09-12..2023-09-12 2023-10-01..2023-10-31"},
      {"2023/2023", "2023-01-01..2023-12-31"},
      {"-0044/0014", "-44-01-01..-44-12-31 14-01-01..14-12-31"},
      {"2023-09-12/..", "2023-09-12..2023-09-12 -..-"},
      {"2023-09-12/", "2023-09-12..2023-09-12 -..-"},
      {"../2023-09-12", "-..- 2023-09-12..2023-09-12"},
      {"/2023", "-..- 2023-01-01..2023-12-31"},
      {"../..", "-..-"},
      {"/..", "-..-"},
      {"../", "-..-"},
      {"202X-09/2024-XX", "2020-09-01..2029-09-30 2024-01-01..2024-12-31"},
  });
  const auto ends = [](absl::string_view text) {
    const EdtfMember member = ParseEdtf(text)->members[0];
    EXPECT_EQ(member.kind, EdtfMemberKind::kInterval) << text;
    return std::make_pair(member.begin, member.end);
  };
  using enum EdtfBoundary;
  EXPECT_EQ(ends("2023/2024"), std::make_pair(kGiven, kGiven));
  EXPECT_EQ(ends("2023/.."), std::make_pair(kGiven, kOpen));
  EXPECT_EQ(ends("2023/"), std::make_pair(kGiven, kUnknown));
  EXPECT_EQ(ends("../2023"), std::make_pair(kOpen, kGiven));
  EXPECT_EQ(ends("/2023"), std::make_pair(kUnknown, kGiven));
  EXPECT_EQ(ends("/.."), std::make_pair(kUnknown, kOpen));
}

TEST(EdtfTest, ReversedIntervalsHaveAnErrorOfTheirOwn) {
  for (absl::string_view text :
       {"2023-09-13/2023-09-12", "2024/2023", "2023-10/2023-09", "0001/-0001",
        "-0044/-0045", "2023-09-12/2023-08", "2023-09-12/2023-09",
        "2023-02/2023", "2030/202X", "2023-09-13~/2023-09-12~",
        "2023-09-13?/2023-09-12", "2023-22/2023-21", "2023-24/2023-23",
        "2024-21/2023-24", "2023-29/2023-31", "2023-34/2023-33",
        "2023-12/2023-21", "2023-06/2023-05-XX", "[1984..1983]",
        "{2023-09-12..2023-09-11}", "[1983,1986..1985,1990]"}) {
    EXPECT_EQ(Parsed(text), "reversed") << text;
  }
  for (absl::string_view text :
       {"2023-09-12/2023-09-12", "2023/2023-01", "2023-01/2023", "2029/202X",
        "2023-09-12/2023-09-XX", "2023-12-XX/2023-12-01", "2023-31/2023-29",
        "2023-28/2024-01", "2023-24/2023-24", "2023-23/2023-24",
        "202X-24/2020-24", "-0045/-0044", "[1984..1984]"}) {
    const absl::StatusOr<Edtf> edtf = ParseEdtf(text);
    EXPECT_TRUE(edtf.ok()) << text << ": " << edtf.status();
  }
}

TEST(EdtfTest, Sets) {
  Check({
      {"[1984]", "1984-01-01..1984-12-31"},
      {"[1984,1986-12]", "1984-01-01..1984-12-31, 1986-12-01..1986-12-31"},
      {"[1984,1986..1988]", "1984-01-01..1984-12-31, 1986-01-01..1988-12-31"},
      {"{1984,1986..1988}",
       "1984-01-01..1984-12-31, 1986-01-01..1986-12-31 1988-01-01..1988-12-31"},
      {"[..1984]", "-..1984-12-31"},
      {"{..1984}", "-..- 1984-01-01..1984-12-31"},
      {"[1984..]", "1984-01-01..-"},
      {"{1984..}", "1984-01-01..1984-12-31 -..-"},
      {"[..1980,1984..]", "-..1980-12-31, 1984-01-01..-"},
      {"[2023-09-12..2023-09-14,2023-10-XX~]",
       "2023-09-12..2023-09-14, 2023-09-30..2023-11-01"},
      {"{2023-21,2024?}", "2023-03-01..2023-11-30, 2024-01-01..2024-12-31"},
  });
  EXPECT_EQ(ParseEdtf("1984")->set_kind, EdtfSetKind::kSingle);
  EXPECT_EQ(ParseEdtf("[1984]")->set_kind, EdtfSetKind::kOneOf);
  EXPECT_EQ(ParseEdtf("{1984}")->set_kind, EdtfSetKind::kAllOf);
  EXPECT_EQ(ParseEdtf("[..1984]")->members[0].kind, EdtfMemberKind::kRange);
  EXPECT_EQ(ParseEdtf("[..1984]")->members[0].begin, EdtfBoundary::kOpen);
  EXPECT_EQ(ParseEdtf("[1984..]")->members[0].end, EdtfBoundary::kOpen);
  EXPECT_EQ(ParseEdtf("[1984]")->members[0].kind, EdtfMemberKind::kDate);
  for (absl::string_view text :
       {"[]", "{}", "[..]", "{..}", "[", "[1984", "1984]", "[1984}", "{1984]",
        "[1984,]", "[,1984]", "[1984,,1985]", "[1984, 1985]", "[ 1984]",
        "[1984 ]", "[1984..,1986]", "[1984,..1986]", "[..1984..]",
        "[1984...1986]",
        "[1984..1986..1988]", "[1984..1986-01]", "[1984-01..1986-01-01]",
        "[198X..1990]", "[1984~..1986]", "[1984..1986?]", "[..1984~]",
        "[198X..]",
        "[2023-21..2023-23]", "[1984/1986]", "[[1984]]", "[1984]?", "?[1984]",
        "[1984]/1986", "1980/[1984]", "[1984][1985]", "[1984]1985"}) {
    EXPECT_EQ(Parsed(text), "syntax") << "of \"" << text << "\"";
  }
}

TEST(EdtfTest, PrecisionIsTheCoarsest) {
  const struct {
    absl::string_view text;
    EdtfPrecision precision;
  } kCases[] = {
      {"2023", EdtfPrecision::kYear},
      {"2023-21", EdtfPrecision::kSeason},
      {"2023-XX", EdtfPrecision::kMonth},
      {"2023-09-XX", EdtfPrecision::kDay},
      {"2023-09-12T10:00:00", EdtfPrecision::kSecond},
      {"2023-09-12/2023-10", EdtfPrecision::kMonth},
      {"2023/2023-10-01", EdtfPrecision::kYear},
      {"2023-09-12/..", EdtfPrecision::kDay},
      {"../..", EdtfPrecision::kSecond},
      {"[..2023-09]", EdtfPrecision::kMonth},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(ParseEdtf(c.text)->members[0].precision, c.precision) << c.text;
  }
}

// The vectors of the University of North Texas' EDTF validator: a column of
// texts, one of verdicts. They are data beside the repository, not in it.
TEST(EdtfTest, AgreesWithTheVectorsOfUnt) {
  const char* folder = std::getenv("COMMUNIQUE_SHARED_DATA");
#ifdef COMMUNIQUE_SHARED_DATA
  if (folder == nullptr) folder = COMMUNIQUE_SHARED_DATA;
#endif
  std::ifstream file(absl::StrCat(folder == nullptr ? "" : folder,
                                  "/edtf/edtf_vectors_unt.csv"));
  if (!file.is_open()) {
    GTEST_SKIP() << "the folder of shared data is not on this machine; "
                    "COMMUNIQUE_SHARED_DATA names it";
  }
  std::string line;
  ASSERT_TRUE(std::getline(file, line));
  EXPECT_EQ(absl::StripSuffix(line, "\r"), "edtf,valid,level");
  int rows = 0;
  while (std::getline(file, line)) {
    // A text with a comma stands in quotes; none has a quote in it.
    std::string text;
    size_t comma;
    if (absl::StartsWith(line, "\"")) {
      const size_t quote = line.find('"', 1);
      ASSERT_NE(quote, std::string::npos) << line;
      text = line.substr(1, quote - 1);
      comma = quote + 1;
    } else {
      comma = line.find(',');
      ASSERT_NE(comma, std::string::npos) << line;
      text = line.substr(0, comma);
    }
    const std::string verdict = line.substr(comma);
    const bool valid = absl::StartsWith(verdict, ",true,");
    ASSERT_TRUE(valid || absl::StartsWith(verdict, ",false,")) << line;
    const absl::StatusOr<Edtf> edtf = ParseEdtf(text);
    EXPECT_EQ(edtf.ok(), valid) << "of \"" << text << "\": " << edtf.status();
    ++rows;
  }
  EXPECT_EQ(rows, 261);
}

}  // namespace
}  // namespace communique::domain
