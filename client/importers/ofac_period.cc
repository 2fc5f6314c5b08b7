// Periods of OFAC's ENHANCED_XML: each end has a begin and an end of its own.

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "importers/ofac_enhanced_values.h"
#include "importers/times.h"

namespace communique::importers {
namespace {

// "2001-01-01" to "2001-12-31" is the year, "2001-02-01" to "2001-02-28" the month;
// empty: neither.
std::string WholeUnit(const std::string& first, const std::string& last) {
  if (first == last) return first;
  const std::string year = first.substr(0, 4);
  if (first == absl::StrCat(year, "-01-01") && last == absl::StrCat(year, "-12-31")) return year;
  const std::string month = first.substr(0, 7);
  const bool ends_month = absl::StartsWith(last, month) && absl::EndsWith(first, "-01") &&
                          !absl::StartsWith(AddDays(last, 1), month);
  return ends_month ? month : std::string();
}

}  // namespace

v1::FuzzyTime OfacPeriod(XmlElement& period, bool one_of) {
  const std::string first = period.Take("fromDateBegin");
  const std::string first_end = period.Take("fromDateEnd");
  const std::string last_begin = period.Take("toDateBegin");
  const std::string last = period.Take("toDateEnd");
  const bool approximate = period.Take("isApproximate") == "true";
  period.Take("isDateRange");
  v1::FuzzyTime time;
  for (const std::string& date : {first, first_end, last_begin, last}) {
    if (date.empty() || IsIsoDate(date)) continue;
    return WordsTime(absl::StrCat(first, " ", first_end, " ", last_begin, " ", last));
  }
  // An end that is said by one of its two dates is said.
  const std::string begin = first.empty() ? first_end : first;
  const std::string end = last.empty() ? last_begin : last;
  if (begin.empty() && end.empty()) return time;
  if (!begin.empty() && !end.empty() && begin > end) {
    return WordsTime(absl::StrCat(begin, " to ", end));
  }
  if (!one_of) {
    const auto unit = [](const std::string& from, const std::string& to) {
      return from.empty() || to.empty() ? absl::StrCat(from, to) : WholeUnit(from, to);
    };
    // An end that is wider than a year or month keeps its outer date: wider, not sharper.
    const std::string from = unit(first, first_end);
    const std::string to = unit(last_begin, last);
    time = EdtfTime(absl::StrCat(from.empty() ? begin : from, "/", to.empty() ? end : to));
  } else if (const std::string whole = begin.empty() || end.empty() ? "" : WholeUnit(begin, end);
             !whole.empty()) {
    time = EdtfTime(whole);
  } else {
    time = OneOfRange(begin, end);
  }
  return approximate ? Approximate(std::move(time)) : time;
}

}  // namespace communique::importers
