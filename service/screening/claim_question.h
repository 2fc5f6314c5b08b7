#ifndef COMMUNIQUE_SERVICE_SCREENING_CLAIM_QUESTION_H_
#define COMMUNIQUE_SERVICE_SCREENING_CLAIM_QUESTION_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "communique/v1/screening.pb.h"
#include "service/base/error.h"
#include "service/store/reader.h"

namespace communique::screening {

// What VerifyClaim was asked, as it is understood.
struct ClaimQuestion {
  std::string target;     // as named; the claim's, where a claim was named
  std::string authority;  // likewise
  std::string regime;     // likewise; empty: any
  absl::CivilDay date;
  // The claim that was named, for words.
  std::string claim;
};

// Adds what is wrong with a request by itself.
void CheckClaimRequest(const v1::VerifyClaimRequest& request, base::Violations& violations);

// Reads the claim, where one is named, and fills in the date. Of a request that
// passed CheckClaimRequest; `today` is for one that names neither claim nor date.
//
// NOT_FOUND for a statement or an element that is not there. INVALID_ARGUMENT
// with every violation when the element is no claim that somebody is under
// sanctions, names its target or authority in words only, or says no date, and the
// request does not either.
absl::StatusOr<ClaimQuestion> Understand(const store::ReadView& view,
                                         const v1::VerifyClaimRequest& request,
                                         absl::CivilDay today);

}  // namespace communique::screening

#endif  // COMMUNIQUE_SERVICE_SCREENING_CLAIM_QUESTION_H_
