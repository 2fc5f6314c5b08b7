#ifndef COMMUNIQUE_SERVICE_DOMAIN_DAY_SPAN_H_
#define COMMUNIQUE_SERVICE_DOMAIN_DAY_SPAN_H_

#include <optional>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "communique/v1/record.pb.h"
#include "communique/v1/time.pb.h"

// Fuzzy times as days on their own calendar: what is asked about a date.
namespace communique::domain {

inline constexpr absl::CivilDay kBeforeAllDays = absl::CivilDay::min();
inline constexpr absl::CivilDay kAfterAllDays = absl::CivilDay::max();

// The days, inclusive, on which something may have begun and ended. As it stands
// here: nothing is known. An end that is open ("2018/..") has not come, and is
// kAfterAllDays; one that is unknown may have come at any time.
struct DaySpan {
  absl::CivilDay earliest_begin = kBeforeAllDays;
  absl::CivilDay latest_begin = kAfterAllDays;
  absl::CivilDay earliest_end = kBeforeAllDays;
  absl::CivilDay latest_end = kAfterAllDays;

  // Whether it is certain to lie within one day.
  bool is_one_day() const;
};

// Not the corners that are stored with a time: those are instants, moved and
// widened by its zones, and here the date counts as it is written. Of an unset
// time, or one without a date, nothing is known.
DaySpan DaySpanOf(const v1::FuzzyTime& time);

// Whether something that spans these days holds at some time of a date: YES when
// it had certainly begun by the end of the day and had certainly not ended before
// its start, NO when it certainly had not begun or had ended, else POSSIBLY.
v1::Holds HoldsOn(absl::CivilDay date, const DaySpan& span);

// "2023-09-12", from year 1 to 9999; nullopt for anything else.
std::optional<absl::CivilDay> ParseDay(absl::string_view text);

}  // namespace communique::domain

#endif  // COMMUNIQUE_SERVICE_DOMAIN_DAY_SPAN_H_
