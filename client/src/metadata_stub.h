#ifndef COMMUNIQUE_CLIENT_SRC_METADATA_STUB_H_
#define COMMUNIQUE_CLIENT_SRC_METADATA_STUB_H_

#include <memory>

#include "absl/status/status.h"
#include "communique/options.h"
#include "src/stub.h"

namespace communique::internal {

// Says who calls, and within which trace, or refuses the call (call_metadata.h).
std::shared_ptr<Stub> MakeMetadataStub(std::shared_ptr<Stub> child, const ClientOptions& options,
                                       absl::Status refusal);

}  // namespace communique::internal

#endif  // COMMUNIQUE_CLIENT_SRC_METADATA_STUB_H_
