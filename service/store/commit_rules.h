#ifndef COMMUNIQUE_SERVICE_STORE_COMMIT_RULES_H_
#define COMMUNIQUE_SERVICE_STORE_COMMIT_RULES_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "communique/v1/publish.pb.h"

namespace communique::store {

// Checks everything of a commit that does not depend on what is stored, and
// fills in what is derived. INVALID_ARGUMENT with every violation;
// RESOURCE_EXHAUSTED when it is too large.
absl::Status PrepareCommit(v1::CommitRequest& request);

// A request id or load id: 1 to 64 of A-Z, a-z, 0-9, '-', '_', '.', ':'.
bool IsValidRequestId(absl::string_view id);

// The name that a mutation is about; empty when no operation is set.
const std::string& NameOf(const v1::Mutation& mutation);

}  // namespace communique::store

#endif  // COMMUNIQUE_SERVICE_STORE_COMMIT_RULES_H_
