#include "service/domain/edtf_date.h"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "service/domain/edtf_calendar.h"

namespace communique::domain::internal {
namespace {

constexpr int kYearDigits = 4;
constexpr int kMaxMonth = 12;
constexpr int kLastLevel1Season = 24;

// The value of digits without X, saturated at kMaxEdtfYear.
int64_t ToNumber(absl::string_view digits) {
  int64_t value = 0;
  for (char c : digits) {
    value = std::min(value * 10 + (c - '0'), kMaxEdtfYear);
  }
  return value;
}

// `value` times ten to the `exponent`, saturated at kMaxEdtfYear.
int64_t Scale(int64_t value, int64_t exponent) {
  for (; exponent > 0 && value < kMaxEdtfYear; --exponent) {
    value = std::min(value * 10, kMaxEdtfYear);
  }
  return value;
}

enum class Component { kYear, kMonth, kDay };

// Parses one date; each method takes one step of its grammar:
//
//   date    = year [ "-" month [ "-" day [ "T" time ] ] ]
//   year    = [mark] [ "-" ] 4( digit / "X" ) [ "S" number ] [mark]
//           / [mark] "Y" [ "-" ] number [ "E" number ] [ "S" number ] [mark]
//   month   = [mark] 2( digit / "X" ) [mark]     ; 21 to 41: no day follows
//   day     = [mark] 2( digit / "X" ) [mark]
//   mark    = "?" / "~" / "%"
//   time    = hh ":" mm ":" ss [ "Z" / ( "+" / "-" ) hh [ ":" mm ] ]
//
// A mark before a component is about that one, a mark after it about it and
// all to its left (EDTF level 2, "Qualification").
class DateParser {
 public:
  explicit DateParser(Cursor& cursor) : cursor_(cursor) {
    date_.offset = cursor.offset();
  }

  absl::StatusOr<EdtfDate> Parse();

 private:
  absl::Status ParseYear();
  absl::Status ParseLongYear();
  absl::Status ParseSignificantDigits();
  absl::Status ParseMonth();
  absl::Status ParseDay();
  absl::Status ParseTime();
  absl::Status ParseOffset();

  // Consumes a mark of `component`, if there is one.
  bool TakeMark(Component component, bool before);
  void RaiseLevel(int level) { date_.level = std::max(date_.level, level); }
  void RaiseLevelForX();

  absl::Status Resolve();
  absl::Status ResolveCalendarDate();
  void ResolveSeason();
  void Widen();

  Cursor& cursor_;
  EdtfDate date_;

  bool negative_ = false;
  absl::string_view year_;   // four digits or X; empty for a Y year
  absl::string_view month_;  // empty where there is none; so is day_
  absl::string_view day_;
  const SubYearGrouping* grouping_ = nullptr;
  // A mark was written after a component that turned out not to be the last.
  bool mark_after_component_ = false;
  bool approximate_year_ = false;
  bool approximate_month_ = false;
  bool approximate_day_ = false;
};

bool DateParser::TakeMark(Component component, bool before) {
  const char mark = cursor_.Peek();
  if (mark != '?' && mark != '~' && mark != '%') return false;
  cursor_.Consume(mark);
  date_.uncertain |= mark != '~';
  if (mark != '?') {
    date_.approximate = true;
    if (component == Component::kYear) approximate_year_ = true;
    if (component == Component::kMonth) approximate_month_ = true;
    if (component == Component::kDay) approximate_day_ = true;
  }
  RaiseLevel(before ? 2 : 1);
  if (!before) mark_after_component_ = true;
  return true;
}

absl::StatusOr<EdtfDate> DateParser::Parse() {
  TakeMark(Component::kYear, /*before=*/true);
  if (absl::Status s = ParseYear(); !s.ok()) return s;
  if (!date_.long_year && cursor_.Consume('-')) {
    if (absl::Status s = ParseMonth(); !s.ok()) return s;
  }
  if (cursor_.Peek() == 'T') {
    if (absl::Status s = ParseTime(); !s.ok()) return s;
  }
  if (absl::Status s = Resolve(); !s.ok()) return s;
  Widen();
  return std::move(date_);
}

absl::Status DateParser::ParseYear() {
  if (cursor_.Consume('Y')) {
    if (absl::Status s = ParseLongYear(); !s.ok()) return s;
  } else {
    const size_t start = cursor_.offset();
    negative_ = cursor_.Consume('-');
    if (negative_) RaiseLevel(1);
    year_ = cursor_.ConsumeComponent(kYearDigits, /*allow_x=*/true);
    if (year_.empty()) return cursor_.Expected("a year of four digits or X");
    if (negative_ && year_ == "0000") {
      return MakeEdtfError(EdtfError::kNoSuchDate, start,
                           "the year 0000 has no sign");
    }
    if (!HasX(year_)) {
      date_.first_year = date_.last_year =
          (negative_ ? -1 : 1) * ToNumber(year_);
    }
    if (cursor_.Peek() == 'S') {
      if (HasX(year_)) return cursor_.Expected("no S after a year with X");
      if (absl::Status s = ParseSignificantDigits(); !s.ok()) return s;
    }
  }
  TakeMark(Component::kYear, /*before=*/false);
  return absl::OkStatus();
}

// EDTF level 1, "Letter-prefixed calendar year"; level 2, "Exponential year".
absl::Status DateParser::ParseLongYear() {
  date_.long_year = true;
  RaiseLevel(1);
  negative_ = cursor_.Consume('-');
  const size_t start = cursor_.offset();
  if (cursor_.Peek() == '0') return cursor_.Expected("a digit from 1 to 9");
  const absl::string_view digits = cursor_.ConsumeDigits();
  if (digits.empty()) return cursor_.Expected("the digits of the year");
  int64_t value = ToNumber(digits);
  if (cursor_.Consume('E')) {
    RaiseLevel(2);
    if (cursor_.Peek() == '0') return cursor_.Expected("a digit from 1 to 9");
    const absl::string_view exponent = cursor_.ConsumeDigits();
    if (exponent.empty()) return cursor_.Expected("the exponent's digits");
    value = Scale(value, ToNumber(exponent));
  }
  if (value <= 9999) {
    return MakeEdtfError(EdtfError::kSyntax, start,
                         "expected a year of more than four digits after Y");
  }
  date_.first_year = date_.last_year = negative_ ? -value : value;
  if (cursor_.Peek() == 'S') return ParseSignificantDigits();
  return absl::OkStatus();
}

// EDTF level 2, "Significant digits": 1950S2 is some year from 1900 to 1999,
// estimated to be 1950. Leading zeros are not significant; asking for more
// digits than there are is exact.
absl::Status DateParser::ParseSignificantDigits() {
  cursor_.Consume('S');
  date_.long_year = true;
  RaiseLevel(2);
  if (cursor_.Peek() == '0') return cursor_.Expected("a digit from 1 to 9");
  const absl::string_view text = cursor_.ConsumeDigits();
  if (text.empty()) return cursor_.Expected("the number of digits after S");
  const int64_t significant = ToNumber(text);

  const int64_t year = std::abs(date_.first_year);
  // A saturated year has no digits left to count.
  if (year == kMaxEdtfYear) return absl::OkStatus();
  const int64_t digits = year == 0 ? 0 : absl::StrCat(year).size();
  const int64_t span = Scale(1, digits - significant);
  const int64_t low = year / span * span;
  const int64_t high = low + span - 1;
  date_.first_year = negative_ ? -high : low;
  date_.last_year = negative_ ? -low : high;
  return absl::OkStatus();
}

absl::Status DateParser::ParseMonth() {
  if (mark_after_component_) RaiseLevel(2);
  TakeMark(Component::kMonth, /*before=*/true);
  const size_t start = cursor_.offset();
  month_ = cursor_.ConsumeComponent(2, /*allow_x=*/true);
  if (month_.empty()) return cursor_.Expected("a month of two digits or X");
  date_.precision = EdtfPrecision::kMonth;
  if (!HasX(month_)) {
    const int code = static_cast<int>(ToNumber(month_));
    grouping_ = FindSubYearGrouping(code);
    if (grouping_ != nullptr) {
      date_.precision = EdtfPrecision::kSeason;
      RaiseLevel(code <= kLastLevel1Season ? 1 : 2);
    } else if (code < 1 || code > kMaxMonth) {
      return MakeEdtfError(
          EdtfError::kNoSuchDate, start,
          absl::StrCat("expected a month from 01 to 12 or a sub-year grouping "
                       "from 21 to 41, found ",
                       month_));
    }
  }
  const bool marked = TakeMark(Component::kMonth, /*before=*/false);
  if (grouping_ == nullptr && cursor_.Consume('-')) {
    if (marked) RaiseLevel(2);
    return ParseDay();
  }
  return absl::OkStatus();
}

absl::Status DateParser::ParseDay() {
  TakeMark(Component::kDay, /*before=*/true);
  day_ = cursor_.ConsumeComponent(2, /*allow_x=*/true);
  if (day_.empty()) return cursor_.Expected("a day of two digits or X");
  date_.precision = EdtfPrecision::kDay;
  TakeMark(Component::kDay, /*before=*/false);
  return absl::OkStatus();
}

// EDTF level 0, "Date and Time".
absl::Status DateParser::ParseTime() {
  if (date_.precision != EdtfPrecision::kDay || date_.uncertain ||
      date_.approximate || HasX(year_) || HasX(month_) || HasX(day_)) {
    return cursor_.Expected(
        "no time of day after a date that is not a plain year, month and day");
  }
  cursor_.Consume('T');
  constexpr struct {
    absl::string_view name;
    int limit;
  } kParts[] = {{"hours from 00 to 23", 24},
                {"minutes from 00 to 59", 60},
                {"seconds from 00 to 59", 60}};
  int values[3];
  for (int i = 0; i < 3; ++i) {
    if (i > 0 && !cursor_.Consume(':')) return cursor_.Expected("':'");
    const size_t start = cursor_.offset();
    const absl::string_view digits =
        cursor_.ConsumeComponent(2, /*allow_x=*/false);
    values[i] = static_cast<int>(ToNumber(digits));
    if (digits.empty()) {
      return cursor_.Expected(absl::StrCat("two digits of ", kParts[i].name));
    }
    if (values[i] >= kParts[i].limit) {
      return MakeEdtfError(
          EdtfError::kNoSuchDate, start,
          absl::StrCat("expected ", kParts[i].name, ", found ", digits));
    }
  }
  date_.precision = EdtfPrecision::kSecond;
  date_.first_start = absl::CivilSecond(1970, 1, 1, values[0], values[1],
                                        values[2]);  // Resolve adds the day
  return ParseOffset();
}

absl::Status DateParser::ParseOffset() {
  if (cursor_.Consume('Z')) {
    date_.utc_offset_seconds = 0;
    return absl::OkStatus();
  }
  const char sign = cursor_.Peek();
  if (sign != '+' && sign != '-') return absl::OkStatus();
  const size_t start = cursor_.offset();
  cursor_.Consume(sign);
  const absl::string_view hours =
      cursor_.ConsumeComponent(2, /*allow_x=*/false);
  if (hours.empty()) return cursor_.Expected("two digits of an offset's hours");
  absl::string_view minutes = "00";
  if (cursor_.Consume(':')) {
    minutes = cursor_.ConsumeComponent(2, /*allow_x=*/false);
    if (minutes.empty()) {
      return cursor_.Expected("two digits of an offset's minutes");
    }
  }
  const int h = static_cast<int>(ToNumber(hours));
  const int m = static_cast<int>(ToNumber(minutes));
  if (h > 23 || m > 59) {
    return MakeEdtfError(EdtfError::kNoSuchDate, start,
                         "expected an offset of at most 23:59");
  }
  const int seconds = (h * 60 + m) * 60;
  if (sign == '-' && seconds == 0) {
    return MakeEdtfError(EdtfError::kNoSuchDate, start,
                         "expected + before an offset of zero");
  }
  date_.utc_offset_seconds = sign == '-' ? -seconds : seconds;
  return absl::OkStatus();
}

// EDTF level 1 leaves digits unspecified from the right: 201X, 20XX, 2004-XX,
// 1985-04-XX and 1985-XX-XX; all else is level 2.
void DateParser::RaiseLevelForX() {
  const auto x_in = [](absl::string_view pattern) {
    return std::count(pattern.begin(), pattern.end(), 'X');
  };
  date_.unspecified = HasX(year_) || HasX(month_) || HasX(day_);
  if (!date_.unspecified) return;
  const bool year_from_right =
      month_.empty() && x_in(year_) <= 2 && year_.back() == 'X' &&
      (x_in(year_) == 1 || year_[kYearDigits - 2] == 'X');
  const bool month_whole =
      !HasX(year_) && month_ == "XX" && (day_.empty() || day_ == "XX");
  const bool day_whole = !HasX(year_) && !HasX(month_) && day_ == "XX";
  RaiseLevel(year_from_right || month_whole || day_whole ? 1 : 2);
}

absl::Status DateParser::Resolve() {
  RaiseLevelForX();
  if (date_.precision == EdtfPrecision::kYear && !date_.unspecified) {
    date_.first_start = absl::CivilSecond(date_.first_year);
    date_.last_start = absl::CivilSecond(date_.last_year);
    date_.earliest = date_.first_start;
    date_.latest = absl::CivilSecond(date_.last_year + 1) - 1;
    return absl::OkStatus();
  }
  return ResolveCalendarDate();
}

absl::Status DateParser::ResolveCalendarDate() {
  const DatePattern pattern = {
      negative_, year_,
      grouping_ == nullptr ? month_ : absl::string_view(), day_};
  const std::optional<absl::CivilDay> first_match = FirstMatch(pattern);
  const std::optional<absl::CivilDay> last_match = LastMatch(pattern);
  if (!first_match.has_value() || !last_match.has_value()) {
    return MakeEdtfError(EdtfError::kNoSuchDate, date_.offset,
                         "no calendar date fits");
  }
  const absl::CivilDay first = *first_match;
  const absl::CivilDay last = *last_match;
  date_.first_year = first.year();
  date_.last_year = last.year();
  switch (date_.precision) {
    case EdtfPrecision::kSecond: {
      const absl::CivilSecond time = date_.first_start;
      const absl::CivilSecond at(first.year(), first.month(), first.day(),
                                 time.hour(), time.minute(), time.second());
      date_.first_start = date_.last_start = at;
      date_.earliest = date_.latest = at;
      return absl::OkStatus();
    }
    case EdtfPrecision::kSeason:
      ResolveSeason();
      return absl::OkStatus();
    case EdtfPrecision::kDay:
      date_.latest = absl::CivilSecond(last + 1) - 1;
      break;
    case EdtfPrecision::kMonth:
      date_.latest = absl::CivilSecond(absl::CivilMonth(last) + 1) - 1;
      break;
    case EdtfPrecision::kYear:
      date_.latest = absl::CivilSecond(absl::CivilYear(last) + 1) - 1;
      break;
  }
  date_.first_start = absl::CivilSecond(first);
  date_.last_start = absl::CivilSecond(last);
  date_.earliest = date_.first_start;
  return absl::OkStatus();
}

void DateParser::ResolveSeason() {
  const int other = grouping_->other_first_month;
  const int low =
      other == 0 ? grouping_->first_month
                 : std::min(grouping_->first_month, other);
  const int high = std::max(grouping_->first_month, other);
  const absl::CivilMonth first(date_.first_year, low);
  const absl::CivilMonth last(date_.last_year, high);
  date_.first_start = absl::CivilSecond(first);
  date_.last_start = absl::CivilSecond(last);
  date_.earliest = date_.first_start;
  date_.latest = absl::CivilSecond(last + grouping_->months) - 1;
  if (other != 0) date_.season = grouping_->code;
}

void DateParser::Widen() {
  if (!date_.approximate) return;
  Widening by;
  if (approximate_year_) by.years = 1;
  if (approximate_month_) {
    by.months = grouping_ == nullptr ? 1 : grouping_->months;
  }
  if (approximate_day_) by.days = 1;
  date_.earliest = Earlier(date_.earliest, by);
  date_.latest = Later(date_.latest, by);
}

}  // namespace

absl::StatusOr<EdtfDate> ParseDate(Cursor& cursor) {
  return DateParser(cursor).Parse();
}

bool IsReversed(const EdtfDate& begin, const EdtfDate& end) {
  if (begin.season != 0 && end.season != 0) {
    return std::make_pair(end.last_year, end.season) <
           std::make_pair(begin.first_year, begin.season);
  }
  return end.last_start < begin.first_start;
}

}  // namespace communique::domain::internal
