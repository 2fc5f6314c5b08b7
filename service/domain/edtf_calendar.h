// Calendar arithmetic of EDTF: which dates digits with X stand for, which
// months a sub-year grouping covers, how far an approximation reaches. For the
// parser's own files only; see edtf.h for the rules.

#ifndef COMMUNIQUE_SERVICE_DOMAIN_EDTF_CALENDAR_H_
#define COMMUNIQUE_SERVICE_DOMAIN_EDTF_CALENDAR_H_

#include <optional>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"

namespace communique::domain::internal {

struct SubYearGrouping {
  int code;
  int first_month;
  int other_first_month;  // in the other hemisphere; 0 where there is one only
  int months;
};

// The grouping of a code from 21 to 41; nullptr for every other code.
const SubYearGrouping* FindSubYearGrouping(int code);

// How far `~` and `%` move a corner outwards.
struct Widening {
  int years = 0;
  int months = 0;
  int days = 0;
};

// `start`, the first second of a day, moved back. A day that the month reached
// does not have becomes its last day.
absl::CivilSecond Earlier(absl::CivilSecond start, const Widening& by);

// `last`, the last second of a day, moved on, so that the last second of one
// month becomes that of another. A day that the month reached does not have
// becomes its last day.
absl::CivilSecond Later(absl::CivilSecond last, const Widening& by);

// A date whose digits may be X.
struct DatePattern {
  bool negative = false;    // about the year
  absl::string_view year;   // four digits or X
  absl::string_view month;  // two, or empty where there is none
  absl::string_view day;    // two, or empty where there is none
};

bool HasX(absl::string_view digits);

// The first and the last calendar date (its first day, where it has no day or
// no month) that `pattern` allows; nullopt when there is none.
std::optional<absl::CivilDay> FirstMatch(const DatePattern& pattern);
std::optional<absl::CivilDay> LastMatch(const DatePattern& pattern);

}  // namespace communique::domain::internal

#endif  // COMMUNIQUE_SERVICE_DOMAIN_EDTF_CALENDAR_H_
