#ifndef COMMUNIQUE_SERVICE_DOMAIN_FUZZY_TIME_H_
#define COMMUNIQUE_SERVICE_DOMAIN_FUZZY_TIME_H_

#include "absl/strings/string_view.h"
#include "communique/v1/time.pb.h"
#include "service/base/error.h"

namespace communique::domain {

// Checks a fuzzy time and fills in its corners. Corners that a writer gave must
// agree with the derived ones; what does not is added to `violations` with
// `path` before it.
void NormalizeFuzzyTime(v1::FuzzyTime& time, absl::string_view path, base::Violations& violations);

// Whether `a` certainly begins after `b` has ended, by normalised corners.
bool CertainlyAfter(const v1::FuzzyTime& a, const v1::FuzzyTime& b);

// ISO 8601 duration such as "P4Y5M", "PT10H30M", "P2W".
bool IsIsoDuration(absl::string_view text);

}  // namespace communique::domain

#endif  // COMMUNIQUE_SERVICE_DOMAIN_FUZZY_TIME_H_
