#ifndef COMMUNIQUE_SERVICE_SCREENING_SANCTION_ROWS_H_
#define COMMUNIQUE_SERVICE_SCREENING_SANCTION_ROWS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "communique/v1/screening.pb.h"
#include "service/screening/judged_entries.h"
#include "service/screening/references.h"
#include "service/store/reader.h"

// The designations and measures that speak for a claim of sanctions.
namespace communique::screening {

// What is asked, once names are resolved. `regime` is empty for any.
struct SanctionQuestion {
  const std::vector<Entry>& targets;
  const std::vector<Entry>& authorities;
  const std::string& regime;
  absl::CivilDay date;
};

struct SanctionRows {
  // What holds, then what possibly holds; each in order of its reference.
  std::vector<v1::VerificationRow> rows;
  int holding = 0;
  int possible = 0;
  // Listings and measures that ended before the date or began after it.
  int not_holding = 0;
};

// Listing intervals of designations and measures that name one of the targets, are
// of one of the authorities and, where one is asked, under the regime.
//
// Whose a designation is, its own `authority` says; where that is unset or only
// words, its regime's. One that another authority made under a regime of the
// authority asked for holds at most possibly. So does what nobody resolved: an
// authority or, where one is asked, a regime in words. And what is of an entry
// that only may be the target; a listing that is suspended; a measure whose regime
// only possibly is in force.
absl::StatusOr<SanctionRows> FindSanctions(const store::ReadView& view, References& references,
                                           const SanctionQuestion& question);

// A fuzzy time in a sentence: its date as EDTF, else its words in quotation marks.
std::string TimeWords(const v1::FuzzyTime& time);

}  // namespace communique::screening

#endif  // COMMUNIQUE_SERVICE_SCREENING_SANCTION_ROWS_H_
