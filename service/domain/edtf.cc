#include "service/domain/edtf.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "service/domain/edtf_cursor.h"
#include "service/domain/edtf_date.h"

namespace communique::domain {
namespace {

using ::communique::domain::internal::Cursor;
using ::communique::domain::internal::EdtfDate;
using ::communique::domain::internal::IsReversed;
using ::communique::domain::internal::MakeEdtfError;
using ::communique::domain::internal::ParseDate;

// One side of an interval or of a range.
struct Side {
  EdtfBoundary boundary = EdtfBoundary::kGiven;
  std::optional<EdtfDate> date;  // with kGiven only
};

// Parses a whole text:
//
//   edtf     = date / interval / set
//   interval = side "/" side ; side = date / ".." / ""
//   set      = ( "[" / "{" ) item *( "," item ) ( "]" / "}" )
//   item     = date / date ".." date / ".." date / date ".."
class EdtfParser {
 public:
  explicit EdtfParser(absl::string_view text) : cursor_(text) {}

  absl::StatusOr<Edtf> Parse();

 private:
  absl::Status ParseDateOrInterval();
  absl::Status ParseSet(char close);
  absl::Status ParseSetItem(char close, bool first);
  absl::StatusOr<EdtfDate> ParseDateInSet();

  // What the text as a whole takes over from one of its dates.
  void Note(const EdtfDate& date);
  void AddDate(const EdtfDate& date);
  absl::Status AddInterval(EdtfMemberKind kind, const Side& begin,
                           const Side& end);

  Cursor cursor_;
  Edtf result_;
};

absl::StatusOr<Edtf> EdtfParser::Parse() {
  absl::Status status;
  if (cursor_.Consume('[')) {
    result_.set_kind = EdtfSetKind::kOneOf;
    status = ParseSet(']');
  } else if (cursor_.Consume('{')) {
    result_.set_kind = EdtfSetKind::kAllOf;
    status = ParseSet('}');
  } else {
    status = ParseDateOrInterval();
  }
  if (!status.ok()) return status;
  if (!cursor_.AtEnd()) return cursor_.Expected("the end");
  return std::move(result_);
}

void EdtfParser::Note(const EdtfDate& date) {
  result_.level = std::max(result_.level, date.level);
  result_.uncertain |= date.uncertain;
  result_.approximate |= date.approximate;
}

// EDTF level 0, "Time Interval"; level 1, "Extended Interval"; level 2,
// "Interval", from which on X may stand in one.
absl::Status EdtfParser::ParseDateOrInterval() {
  const auto parse_side = [this]() -> absl::StatusOr<Side> {
    if (cursor_.Consume("..")) return Side{EdtfBoundary::kOpen, {}};
    if (cursor_.AtEnd() || cursor_.Peek() == '/') {
      return Side{EdtfBoundary::kUnknown, {}};
    }
    absl::StatusOr<EdtfDate> date = ParseDate(cursor_);
    if (!date.ok()) return date.status();
    return Side{EdtfBoundary::kGiven, *std::move(date)};
  };
  if (cursor_.AtEnd()) return cursor_.Expected("a date, an interval or a set");
  absl::StatusOr<Side> begin = parse_side();
  if (!begin.ok()) return begin.status();
  const size_t slash = cursor_.offset();
  if (!cursor_.Consume('/')) {
    if (!begin->date.has_value()) return cursor_.Expected("'/'");
    AddDate(*begin->date);
    return absl::OkStatus();
  }
  absl::StatusOr<Side> end = parse_side();
  if (!end.ok()) return end.status();
  if (begin->boundary == EdtfBoundary::kUnknown &&
      end->boundary == EdtfBoundary::kUnknown) {
    return cursor_.Expected("a date or '..' on one side of '/'");
  }
  for (const Side* side : {&*begin, &*end}) {
    if (!side->date.has_value()) {
      result_.level = std::max(result_.level, 1);
      continue;
    }
    if (side->date->precision == EdtfPrecision::kSecond) {
      return MakeEdtfError(
          EdtfError::kSyntax, side->date->offset,
          "expected a date without time of day in an interval");
    }
    if (side->date->long_year) {
      return MakeEdtfError(EdtfError::kSyntax, side->date->offset,
                           "expected a date without Y or S in an interval");
    }
    if (side->date->unspecified) result_.level = 2;
    Note(*side->date);
  }
  if (begin->date.has_value() && end->date.has_value() &&
      IsReversed(*begin->date, *end->date)) {
    return MakeEdtfError(EdtfError::kIntervalReversed, slash,
                         "the interval ends before it begins");
  }
  return AddInterval(EdtfMemberKind::kInterval, *begin, *end);
}

// EDTF level 2, "Set representation".
absl::Status EdtfParser::ParseSet(char close) {
  result_.level = 2;
  for (bool first = true;; first = false) {
    if (absl::Status s = ParseSetItem(close, first); !s.ok()) return s;
    if (cursor_.Consume(close)) return absl::OkStatus();
    if (!cursor_.Consume(',')) {
      return cursor_.Expected(absl::StrCat("',' or '",
                                           absl::string_view(&close, 1), "'"));
    }
  }
}

absl::StatusOr<EdtfDate> EdtfParser::ParseDateInSet() {
  absl::StatusOr<EdtfDate> date = ParseDate(cursor_);
  if (!date.ok()) return date;
  if (date->precision == EdtfPrecision::kSecond || date->long_year) {
    return MakeEdtfError(
        EdtfError::kSyntax, date->offset,
        "expected a date without time of day, Y or S in a set");
  }
  Note(*date);
  return date;
}

absl::Status EdtfParser::ParseSetItem(char close, bool first) {
  Side begin{EdtfBoundary::kOpen, {}};
  Side end{EdtfBoundary::kOpen, {}};
  const bool open_begin = first && cursor_.Consume("..");
  if (!open_begin) {
    absl::StatusOr<EdtfDate> date = ParseDateInSet();
    if (!date.ok()) return date.status();
    begin = Side{EdtfBoundary::kGiven, *std::move(date)};
  }
  const size_t dots = cursor_.offset();
  if (!open_begin && !cursor_.Consume("..")) {
    AddDate(*begin.date);
    return absl::OkStatus();
  }
  // `date..` may only close the set, so the bracket decides.
  if (open_begin || cursor_.Peek() != close) {
    absl::StatusOr<EdtfDate> date = ParseDateInSet();
    if (!date.ok()) return date.status();
    end = Side{EdtfBoundary::kGiven, *std::move(date)};
  }
  for (const Side* side : {&begin, &end}) {
    if (side->date.has_value() && !side->date->IsPlain()) {
      return MakeEdtfError(
          EdtfError::kSyntax, side->date->offset,
          "expected a plain year, month or day beside '..'");
    }
  }
  if (begin.date.has_value() && end.date.has_value()) {
    if (begin.date->precision != end.date->precision) {
      return MakeEdtfError(EdtfError::kSyntax, end.date->offset,
                           "expected one precision on both sides of '..'");
    }
    if (IsReversed(*begin.date, *end.date)) {
      return MakeEdtfError(EdtfError::kIntervalReversed, dots,
                           "the range ends before it begins");
    }
  }
  return AddInterval(EdtfMemberKind::kRange, begin, end);
}

void EdtfParser::AddDate(const EdtfDate& date) {
  Note(date);
  EdtfMember member;
  member.has_time_of_day = date.precision == EdtfPrecision::kSecond;
  member.kind = member.has_time_of_day ? EdtfMemberKind::kDateTime
                                       : EdtfMemberKind::kDate;
  member.precision = date.precision;
  member.utc_offset_seconds = date.utc_offset_seconds;
  member.earliest_begin = member.earliest_end = date.earliest;
  member.latest_begin = member.latest_end = date.latest;
  result_.members.push_back(std::move(member));
}

absl::Status EdtfParser::AddInterval(EdtfMemberKind kind, const Side& begin,
                                     const Side& end) {
  EdtfMember member;
  member.kind = kind;
  member.begin = begin.boundary;
  member.end = end.boundary;
  if (begin.date.has_value()) {
    member.precision = begin.date->precision;
    member.earliest_begin = begin.date->earliest;
    member.latest_begin = begin.date->latest;
  }
  if (end.date.has_value()) {
    member.precision = std::min(member.precision, end.date->precision);
    member.earliest_end = end.date->earliest;
    member.latest_end = end.date->latest;
  }
  // One date somewhere in the range.
  if (kind == EdtfMemberKind::kRange &&
      result_.set_kind == EdtfSetKind::kOneOf) {
    member.earliest_end = member.earliest_begin;
    member.latest_begin = member.latest_end;
  }
  result_.members.push_back(std::move(member));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Edtf> ParseEdtf(absl::string_view text) {
  if (text.size() > kMaxEdtfBytes) {
    return MakeEdtfError(
        EdtfError::kTooLong, kMaxEdtfBytes,
        absl::StrCat("expected at most ", kMaxEdtfBytes, " bytes, found ",
                     text.size()));
  }
  return EdtfParser(text).Parse();
}

}  // namespace communique::domain
