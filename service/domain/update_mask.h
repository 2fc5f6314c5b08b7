#ifndef COMMUNIQUE_SERVICE_DOMAIN_UPDATE_MASK_H_
#define COMMUNIQUE_SERVICE_DOMAIN_UPDATE_MASK_H_

#include "absl/strings/string_view.h"
#include "communique/v1/publish.pb.h"
#include "service/base/error.h"

namespace communique::domain {

// Checks what can be known of an update without the record it changes.
void ValidateUpdate(const v1::UpdateMutation& update, absl::string_view prefix,
                    base::Violations& violations);

// The record as the update leaves it (AIP-134, AIP-161): masked fields are copied,
// cleared when they are unset in the update; without a mask every top-level
// field that is set. Corners of times are cleared, to be derived anew.
v1::Record ApplyUpdate(const v1::Record& before, const v1::UpdateMutation& update);

}  // namespace communique::domain

#endif  // COMMUNIQUE_SERVICE_DOMAIN_UPDATE_MASK_H_
