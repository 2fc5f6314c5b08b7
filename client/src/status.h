#ifndef COMMUNIQUE_CLIENT_SRC_STATUS_H_
#define COMMUNIQUE_CLIENT_SRC_STATUS_H_

#include <grpcpp/support/status.h>

#include "absl/status/status.h"

namespace communique::internal {

// The one place where a grpc::Status becomes an absl::Status. Each detail of the
// google.rpc.Status that it carries becomes a payload under its type URL.
absl::Status FromGrpc(const grpc::Status& status);

}  // namespace communique::internal

#endif  // COMMUNIQUE_CLIENT_SRC_STATUS_H_
