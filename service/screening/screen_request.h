#ifndef COMMUNIQUE_SERVICE_SCREENING_SCREEN_REQUEST_H_
#define COMMUNIQUE_SERVICE_SCREENING_SCREEN_REQUEST_H_

#include "absl/status/status.h"
#include "communique/v1/screening.pb.h"

namespace communique::screening {

// What is wrong with a request by itself, every violation of it. Its limits are in
// base/limits.h.
//
// Performance: about 2 us for a name in Latin script, up to 20 us for others, of
// which there may be 2,000.
absl::Status CheckScreenRequest(const v1::ScreenRequest& request);

// Fills in what the request leaves to the server. Requires that it was checked.
void FillDefaults(v1::ScreenRequest& request);

}  // namespace communique::screening

#endif  // COMMUNIQUE_SERVICE_SCREENING_SCREEN_REQUEST_H_
