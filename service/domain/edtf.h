// Extended Date/Time Format: what a source's words about a time mean as dates.
//
// The grammar is that of ISO 8601-2:2019 in the profile of the Library of
// Congress (EDTF specification of 4 February 2019), levels 0, 1 and 2, whole
// and strict. Where the two leave a composition open, this parser is narrow:
//   - A date with a time of day stands alone, not in an interval (level 0,
//     "Time Interval": time of day is excluded) and not in a set. 24:00:00 and
//     the leap second :60 are refused, as civil seconds cannot hold them.
//   - A year with Y or S stands alone too: neither in an interval nor in a
//     set. Y is for years of more than four digits, so Y2006 is refused.
//   - `..` inside a set stands between, before or after unqualified dates of
//     one precision; before only at the set's start, after only at its end.
//   - `/` alone, where nothing at all is known, is refused.
// ISO 8601-1 has no offset of minus zero, so -00:00 is refused.

#ifndef COMMUNIQUE_SERVICE_DOMAIN_EDTF_H_
#define COMMUNIQUE_SERVICE_DOMAIN_EDTF_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"

namespace communique::domain {

// The longest EDTF text accepted, in bytes: a set of two dozen days fits, and
// no text can make the parser work for more than a few milliseconds.
inline constexpr size_t kMaxEdtfBytes = 256;

// Years are saturated at plus and minus this: older than the universe, and
// small enough that no calendar arithmetic on them can overflow.
inline constexpr int64_t kMaxEdtfYear = 1'000'000'000'000;

// How fine a date is, ordered from coarse to fine.
enum class EdtfPrecision { kYear, kSeason, kMonth, kDay, kSecond };

// Why a corner on one side of a member is, or is not, there.
enum class EdtfBoundary {
  kGiven,    // a date
  kOpen,     // `..`: it has no begin or end, or any one before or after
  kUnknown,  // nothing before or after the slash: it has one, not known here
};

enum class EdtfMemberKind {
  kDate,      // 1985-04-12, in any precision
  kDateTime,  // 1985-04-12T23:20:30Z
  kInterval,  // 1985/1986
  kRange,     // 1985..1986, 1985.. or ..1986, inside a set only
};

// One date, date-time, interval or range.
//
// The four corners are local civil time, inclusive, in whole seconds; each
// pair is ordered (earliest_begin <= latest_begin, earliest_end <=
// latest_end). nullopt is unbounded, and `begin` or `end` says why. A date
// stands for something that begins and ends at some time within it, so the
// date 2023-09-12 has 00:00:00 and 23:59:59 of that day for begin and for end
// alike; an interval takes its begin corners from its first date and its end
// corners from its second. The rules for what widens a date:
//   - X: from the first to the last calendar date that the digits allow.
//   - S (significant digits): all years that agree in that many digits.
//   - Sub-year groupings 21 to 41: see the table in edtf_calendar.cc. 21 to 24
//     say no hemisphere, so they cover both hemispheres' season of that name.
//   - `~` and `%` move each corner outwards by one unit of the component they
//     are written at: a year, a month or a day for those, three to six months
//     for a sub-year grouping. 2004-06-11~ is wider by a day each way,
//     2004-06~-11 by a month, ~2004-06-11 by a year; several marks add up.
//   - `?` says that the source may be wrong, not that the date is wide: it is
//     reported and moves nothing.
// In a one-of set a range is one date somewhere in it, so all four corners
// span the range; in an all-of set it is everything in it, so begin corners
// come from its first date and end corners from its last.
struct EdtfMember {
  EdtfMemberKind kind = EdtfMemberKind::kDate;
  EdtfBoundary begin = EdtfBoundary::kGiven;
  EdtfBoundary end = EdtfBoundary::kGiven;
  std::optional<absl::CivilSecond> earliest_begin;
  std::optional<absl::CivilSecond> latest_begin;
  std::optional<absl::CivilSecond> earliest_end;
  std::optional<absl::CivilSecond> latest_end;
  // The coarsest of the member's dates; kSecond, too, when it has none
  // (`../..`).
  EdtfPrecision precision = EdtfPrecision::kSecond;
  bool has_time_of_day = false;
  // Seconds east of UTC, within a day; nullopt when the text names no offset.
  std::optional<int> utc_offset_seconds;
};

enum class EdtfSetKind {
  kSingle,  // no set: exactly one member
  kOneOf,   // [..]: one of the members, not known which
  kAllOf,   // {..}: every one of the members
};

struct Edtf {
  // The lowest EDTF level (0, 1, 2) whose features suffice for the text.
  int level = 0;
  bool uncertain = false;    // a `?` or `%` anywhere
  bool approximate = false;  // a `~` or `%` anywhere
  EdtfSetKind set_kind = EdtfSetKind::kSingle;
  std::vector<EdtfMember> members;  // at least one, in the text's order
};

// What is wrong with a text that ParseEdtf refused.
enum class EdtfError {
  kNone,              // the status is not one of ParseEdtf's errors
  kTooLong,           // more than kMaxEdtfBytes
  kSyntax,            // outside the grammar
  kNoSuchDate,        // well-formed, but no calendar has it: 2023-02-30
  kIntervalReversed,  // the end lies before the begin
};

// Parses `text`. Errors are INVALID_ARGUMENT, say the offset in bytes and what
// was expected there, and carry an EdtfError that EdtfErrorOf returns.
//
// An interval or a range is reversed (kIntervalReversed) when even the latest
// reading of its end starts before the earliest reading of its begin. X is
// read in every way; `?` and `~` are not, as nobody writes them to excuse an
// end before its begin; a coarser end is read as its own first second, so
// 0000-02/0000 and 2004-06-11/2004-06 are reversed. Seasons without hemisphere
// compare by year and number.
absl::StatusOr<Edtf> ParseEdtf(absl::string_view text);

// The kind of an error of ParseEdtf, also after the status was copied or
// passed on; kNone for every other status.
EdtfError EdtfErrorOf(const absl::Status& status);

}  // namespace communique::domain

#endif  // COMMUNIQUE_SERVICE_DOMAIN_EDTF_H_
