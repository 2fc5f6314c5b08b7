#ifndef COMMUNIQUE_SERVICE_SCREENING_CLAIM_COVERAGE_H_
#define COMMUNIQUE_SERVICE_SCREENING_CLAIM_COVERAGE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "communique/v1/screening.pb.h"
#include "service/screening/judged_entries.h"
#include "service/screening/references.h"
#include "service/store/reader.h"

// What the sources held say about what they do not have: whether absence means
// "not listed".
namespace communique::screening {

// What has to be covered before silence says anything. States and governments are
// bound by measures, and a list that does not name them says nothing; other actors
// are designated. Both for blocs, which may be of either, and where no entry says
// what it is. Entries that only may be the target count too.
std::vector<v1::CoverageSubject> SubjectsOf(const std::vector<Entry>& targets);

// `regime` is empty for any.
struct CoverageQuestion {
  const std::vector<Entry>& authorities;
  const std::string& regime;
  const std::vector<v1::CoverageSubject>& subjects;
  absl::CivilDay date;
  // The last day that the revision read can speak of.
  absl::CivilDay known_until;
};

struct ClaimCoverage {
  // Whether every subject is covered at the date.
  bool covered = false;
  // The coverage that was looked at: what covers the date first. Of each list the
  // nearest on either side, of those that cannot serve the nearest for each reason.
  std::vector<v1::VerificationRow> rows;
};

// A coverage serves when it is of one of the authorities that are certain, of a
// subject asked for, complete, and of all regimes or of the one asked about. When
// no regime is asked about only coverage of all regimes serves: several that name
// regimes cannot add up, since nobody says which regimes there are.
//
// The date is covered when it lies within the time of one, or between two of the
// same list: one certainly at or before it, one certainly at or after it. Of a
// fuzzy time ("2023-09") the last day counts for the one and the first for the
// other, so within the month nothing is certain. A span that is open at its end
// goes as far as `known_until`. A coverage without a time of its own has that of
// its list's version. Sources that are of no list stand alone.
absl::StatusOr<ClaimCoverage> FindCoverage(const store::ReadView& view, References& references,
                                           const CoverageQuestion& question);

}  // namespace communique::screening

#endif  // COMMUNIQUE_SERVICE_SCREENING_CLAIM_COVERAGE_H_
