#ifndef COMMUNIQUE_SERVICE_SCREENING_CLAIM_VERIFIER_H_
#define COMMUNIQUE_SERVICE_SCREENING_CLAIM_VERIFIER_H_

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "communique/v1/screening.pb.h"
#include "service/store/merged_names.h"
#include "service/store/reader.h"

namespace communique::screening {

// "Is X under sanctions of Y at D?", as screening.proto says it. Of a request that
// passed CheckClaimRequest, in the view of its scope.
//
// The rows of entries that are judged the same as the target count as its own, and
// say so: that is what the judgement is for. Where the judgement is unsure or
// disputed they hold at most possibly, and so keep the claim from being
// contradicted (judged_entries.h, sanction_rows.h, claim_coverage.h).
//
// An entry that nobody judged is another actor: a list that has the target under a
// name that is not linked to it can contradict the claim.
//
// Errors: those of Understand; NOT_FOUND for the target, the authority or the
// regime; INVALID_ARGUMENT for a regime that is none, or another authority's;
// RESOURCE_EXHAUSTED for too many judged entries; those of reading.
// Performance: what the index leaves is read: the sanctions of the target, and
// every source with a coverage of the authority; at a revision whose merges are not
// held, the names of all actors: not for the thread of a completion queue.
absl::StatusOr<v1::VerifyClaimResponse> VerifyClaim(const store::ReadView& view,
                                                    const store::MergedNames& merged,
                                                    const v1::VerifyClaimRequest& request,
                                                    absl::CivilDay today);

}  // namespace communique::screening

#endif  // COMMUNIQUE_SERVICE_SCREENING_CLAIM_VERIFIER_H_
