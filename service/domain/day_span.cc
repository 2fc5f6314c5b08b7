#include "service/domain/day_span.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "service/domain/edtf.h"

namespace communique::domain {
namespace {

DaySpan SpanOf(const EdtfMember& member, int64_t tolerance_seconds) {
  DaySpan span;
  if (member.earliest_begin) {
    span.earliest_begin = absl::CivilDay(*member.earliest_begin - tolerance_seconds);
  }
  if (member.latest_begin) {
    span.latest_begin = absl::CivilDay(*member.latest_begin + tolerance_seconds);
  } else if (member.begin == EdtfBoundary::kOpen && !member.earliest_begin) {
    span.latest_begin = kBeforeAllDays;  // it was always so
  }
  if (member.latest_end) {
    span.latest_end = absl::CivilDay(*member.latest_end + tolerance_seconds);
  }
  if (member.earliest_end) {
    span.earliest_end = absl::CivilDay(*member.earliest_end - tolerance_seconds);
  } else if (member.end == EdtfBoundary::kOpen && !member.latest_end) {
    span.earliest_end = kAfterAllDays;  // it goes on
  }
  return span;
}

DaySpan Join(EdtfSetKind kind, const DaySpan& a, const DaySpan& b) {
  const bool all = kind == EdtfSetKind::kAllOf;
  return {
      std::min(a.earliest_begin, b.earliest_begin),
      all ? std::min(a.latest_begin, b.latest_begin) : std::max(a.latest_begin, b.latest_begin),
      all ? std::max(a.earliest_end, b.earliest_end) : std::min(a.earliest_end, b.earliest_end),
      std::max(a.latest_end, b.latest_end),
  };
}

// nullopt unless `text` is digits only.
std::optional<int> ParseDigits(absl::string_view text) {
  int number = 0;
  if (!std::all_of(text.begin(), text.end(), absl::ascii_isdigit)) return std::nullopt;
  return absl::SimpleAtoi(text, &number) ? std::optional(number) : std::nullopt;
}

}  // namespace

bool DaySpan::is_one_day() const {
  return earliest_begin == latest_begin && latest_begin == earliest_end &&
         earliest_end == latest_end && earliest_begin != kBeforeAllDays &&
         earliest_begin != kAfterAllDays;
}

DaySpan DaySpanOf(const v1::FuzzyTime& time) {
  const absl::StatusOr<Edtf> edtf = ParseEdtf(time.edtf());
  if (!edtf.ok()) return {};
  // Rounded up to whole seconds, as where corners are derived.
  const int64_t tolerance = time.tolerance().seconds() + (time.tolerance().nanos() > 0 ? 1 : 0);
  DaySpan whole = SpanOf(edtf->members.front(), tolerance);
  for (const EdtfMember& member : edtf->members) {
    whole = Join(edtf->set_kind, whole, SpanOf(member, tolerance));
  }
  return whole;
}

v1::Holds HoldsOn(absl::CivilDay date, const DaySpan& span) {
  if (date < span.earliest_begin || date > span.latest_end) return v1::HOLDS_NO;
  // Nothing ends before it begins.
  const absl::CivilDay begun = std::min(span.latest_begin, span.latest_end);
  const absl::CivilDay not_ended = std::max(span.earliest_end, span.earliest_begin);
  return begun <= date && date <= not_ended ? v1::HOLDS_YES : v1::HOLDS_POSSIBLY;
}

std::optional<absl::CivilDay> ParseDay(absl::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const std::optional<int> year = ParseDigits(text.substr(0, 4));
  const std::optional<int> month = ParseDigits(text.substr(5, 2));
  const std::optional<int> day = ParseDigits(text.substr(8, 2));
  if (!year || !month || !day || *year < 1) return std::nullopt;
  const absl::CivilDay date(*year, *month, *day);
  // A civil day makes 2023-03-02 of 2023-02-30.
  if (date.month() != *month || date.day() != *day) return std::nullopt;
  return date;
}

}  // namespace communique::domain
