// Fuzzy times out of what lists write. None is made sharper than it is: words
// that give no date stay words.

#ifndef COMMUNIQUE_CLIENT_IMPORTERS_TIMES_H_
#define COMMUNIQUE_CLIENT_IMPORTERS_TIMES_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "communique/v1/time.pb.h"

namespace communique::importers {

// Of an EDTF string; `text` are the words, empty when they are no others.
v1::FuzzyTime EdtfTime(absl::string_view edtf, absl::string_view text = "");
// Of words that give no date.
v1::FuzzyTime WordsTime(absl::string_view text);

// A time that is not sharp ("circa"): each of its components is approximate.
v1::FuzzyTime Approximate(v1::FuzzyTime time);

// Some time from the one to the other, both years or dates of one precision:
// "[1955..1958]". An empty end is open.
v1::FuzzyTime OneOfRange(absl::string_view first, absl::string_view last,
                         absl::string_view text = "");
// From the one to the other, all of it: "1955/1958"; an empty end is open.
v1::FuzzyTime Interval(absl::string_view begin, absl::string_view end, absl::string_view text = "");

// Whether it is a date of the calendar, "2024-02-29".
bool IsIsoDate(absl::string_view text);
// The date `days` after (before, when negative) an ISO date.
std::string AddDays(absl::string_view iso_date, int days);

// Whether numeric dates have the day or the month first.
enum class DayOrder { kDayFirst, kMonthFirst };

// What words say about one time:
//   1980-08-08, 2010-07-28-04:00 (the offset stays in `text`), 1980, 1980-08
//   01/02/1980, 00/02/1980, 00/00/1980, 01.02.1980
//   15 Mar 1980, Mar. 15, 1980, March 1980, 15th March 1980
//   circa 1961, c. 1961, approximately 1961, about 1961, 1961 (approximate)
//   1955-1958, 1955 to 1958, between 1955 and 1958, 15 Mar 1980 to 1982
//   1960s, late 1950s (the decade, approximate), early 1970
// What it cannot read is in `text` alone. `text` is set whenever the words say
// more than `edtf`.
v1::FuzzyTime TimeFromWords(absl::string_view words, DayOrder order = DayOrder::kDayFirst);

// What words say about several times: separated by ';', ',' between whole dates,
// " or ", " and/or ", "alt. DOB", or lettered "a) ... b) ...".
std::vector<v1::FuzzyTime> TimesFromWords(absl::string_view words,
                                          DayOrder order = DayOrder::kDayFirst);

}  // namespace communique::importers

#endif  // COMMUNIQUE_CLIENT_IMPORTERS_TIMES_H_
