#include "service/domain/edtf_calendar.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace communique::domain::internal {
namespace {

constexpr int kMaxMonth = 12;

// The sub-year groupings of ISO 8601-2:2019 (EDTF level 1: 21 to 24; level 2,
// "Sub-year groupings": 25 to 41). The standard gives names, not months; these
// are the meteorological seasons. One that crosses the new year belongs to the
// year in which it begins, so that winter (24) follows autumn (23). Each row:
// code, first month, the other hemisphere's first month, number of months.
constexpr SubYearGrouping kSubYearGroupings[] = {
    {21, 3, 9, 3},   // spring: March to May, or September to November
    {22, 6, 12, 3},  // summer: June to August, or December to February
    {23, 9, 3, 3},   // autumn: September to November, or March to May
    {24, 12, 6, 3},  // winter: December to February, or June to August
    {25, 3, 0, 3},   // northern spring
    {26, 6, 0, 3},   // northern summer
    {27, 9, 0, 3},   // northern autumn
    {28, 12, 0, 3},  // northern winter, into the next year
    {29, 9, 0, 3},   // southern spring
    {30, 12, 0, 3},  // southern summer, into the next year
    {31, 3, 0, 3},   // southern autumn
    {32, 6, 0, 3},   // southern winter
    {33, 1, 0, 3},   // first quarter
    {34, 4, 0, 3},   // second quarter
    {35, 7, 0, 3},   // third quarter
    {36, 10, 0, 3},  // fourth quarter
    {37, 1, 0, 4},   // first quadrimester
    {38, 5, 0, 4},   // second quadrimester
    {39, 9, 0, 4},   // third quadrimester
    {40, 1, 0, 6},   // first semestral
    {41, 7, 0, 6},   // second semestral
};
constexpr int kFirstGrouping = 21;
constexpr int kLastGrouping = 41;

int DaysInMonth(int64_t year, int month) {
  return (absl::CivilDay(absl::CivilMonth(year, month) + 1) - 1).day();
}

bool Matches(absl::string_view pattern, int value) {
  for (size_t i = pattern.size(); i > 0; --i, value /= 10) {
    const char c = pattern[i - 1];
    if (c != 'X' && c - '0' != value % 10) return false;
  }
  return value == 0;
}

// The numbers that a pattern can stand for lie between these.
struct Range {
  int low;
  int high;
};

Range RangeOf(absl::string_view pattern) {
  Range range{0, 0};
  for (const char c : pattern) {
    range.low = range.low * 10 + (c == 'X' ? 0 : c - '0');
    range.high = range.high * 10 + (c == 'X' ? 9 : c - '0');
  }
  return range;
}

// The match in `year` that comes first, or last where `from_end`.
std::optional<absl::CivilDay> MatchInYear(const DatePattern& pattern,
                                          int64_t year, bool from_end) {
  if (pattern.month.empty()) return absl::CivilDay(year);
  const Range months = RangeOf(pattern.month);
  const Range days = RangeOf(pattern.day);
  const int first_month = std::max(months.low, 1);
  const int last_month = std::min(months.high, kMaxMonth);
  for (int i = 0; i <= last_month - first_month; ++i) {
    const int month = from_end ? last_month - i : first_month + i;
    if (!Matches(pattern.month, month)) continue;
    if (pattern.day.empty()) return absl::CivilDay(year, month);
    const int first_day = std::max(days.low, 1);
    const int last_day = std::min(days.high, DaysInMonth(year, month));
    for (int j = 0; j <= last_day - first_day; ++j) {
      const int day = from_end ? last_day - j : first_day + j;
      if (Matches(pattern.day, day)) return absl::CivilDay(year, month, day);
    }
  }
  return std::nullopt;
}

std::optional<absl::CivilDay> Match(const DatePattern& pattern, bool from_end) {
  // A negative year counts up towards zero, and there is no year minus zero.
  const bool descending = from_end != pattern.negative;
  const Range years = RangeOf(pattern.year);
  for (int i = 0; i <= years.high - years.low; ++i) {
    const int year = descending ? years.high - i : years.low + i;
    if (!Matches(pattern.year, year)) continue;
    if (pattern.negative && year == 0) continue;
    const std::optional<absl::CivilDay> match =
        MatchInYear(pattern, pattern.negative ? -year : year, from_end);
    if (match.has_value()) return match;
  }
  return std::nullopt;
}

}  // namespace

const SubYearGrouping* FindSubYearGrouping(int code) {
  if (code < kFirstGrouping || code > kLastGrouping) return nullptr;
  return &kSubYearGroupings[code - kFirstGrouping];
}

absl::CivilSecond Earlier(absl::CivilSecond start, const Widening& by) {
  const absl::CivilMonth month =
      absl::CivilMonth(start.year() - by.years, start.month()) - by.months;
  const int day =
      std::min(start.day(), DaysInMonth(month.year(), month.month()));
  return absl::CivilSecond(absl::CivilDay(month.year(), month.month(), day) -
                           by.days);
}

absl::CivilSecond Later(absl::CivilSecond last, const Widening& by) {
  // Counted from the day after: the first of a month stays one.
  const absl::CivilDay after = absl::CivilDay(last) + 1;
  const absl::CivilMonth month =
      absl::CivilMonth(after.year() + by.years, after.month()) + by.months;
  const int days =
      std::min(after.day() - 1, DaysInMonth(month.year(), month.month()));
  return absl::CivilSecond(absl::CivilDay(month) + days + by.days) - 1;
}

bool HasX(absl::string_view digits) {
  return digits.find('X') != absl::string_view::npos;
}

std::optional<absl::CivilDay> FirstMatch(const DatePattern& pattern) {
  return Match(pattern, /*from_end=*/false);
}

std::optional<absl::CivilDay> LastMatch(const DatePattern& pattern) {
  return Match(pattern, /*from_end=*/true);
}

}  // namespace communique::domain::internal
