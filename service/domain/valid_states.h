#ifndef COMMUNIQUE_SERVICE_DOMAIN_VALID_STATES_H_
#define COMMUNIQUE_SERVICE_DOMAIN_VALID_STATES_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "communique/v1/record.pb.h"
#include "service/domain/day_span.h"

namespace communique::domain {

// What holds of a record on a date in the world.
//
// The date is a day on each value's own calendar: 2018-10-29 in a listing that
// began on 2018-10-29 is its first day, whatever the zone, and the night of that
// day is that day. Something holds on a day when it holds at some time of it: YES
// when it had certainly begun by the end of the day and had certainly not ended
// before its start, NO when it certainly had not begun or had ended, else
// POSSIBLY. So the days of a listing and of its delisting both count as listed.
// An end that is open ("2018/..") has not come; one that is unknown ("2018/", or
// words without a date) may have come at any time.
//
// States, in this order: "listed" of each listing interval and, without an
// element, of the designation; "in_office" of each position; "related" of each
// relation between actors; "under_way" of a summit; "in_force" of a regime, a
// measure, an instrument; and of each of a summit's transitions its state in
// lower case ("state.announced"), from its time to that of the next one.
//
// Times are not all that is known. POSSIBLY at most: a summit that is only
// speculated, reported, intended or announced; a relation that is not asserted or
// confirmed; a former position or a repealed instrument whose end is open; a listing
// that is suspended. NO: a summit that is cancelled, denied or postponed; an instrument that was
// never adopted.
std::vector<v1::ComputedState> StatesAt(const v1::Record& record, absl::CivilDay date);

// When a listing interval holds: all that is needed of one to say whether it did.
struct ListingSpan {
  DaySpan days;
  bool suspended = false;
};
ListingSpan ListingSpanOf(const v1::ListingInterval& interval);

// The state "listed" of one interval.
v1::Holds ListedOn(const ListingSpan& listing, absl::CivilDay date);
v1::Holds ListedOn(const v1::ListingInterval& interval, absl::CivilDay date);

// "2023-09-12", from year 1 to 9999. INVALID_ARGUMENT with a violation of
// `scope.valid_date` for anything else.
absl::StatusOr<absl::CivilDay> ParseValidDate(absl::string_view text);

}  // namespace communique::domain

#endif  // COMMUNIQUE_SERVICE_DOMAIN_VALID_STATES_H_
