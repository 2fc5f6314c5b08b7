#ifndef COMMUNIQUE_SERVICE_SERVER_STATUS_H_
#define COMMUNIQUE_SERVICE_SERVER_STATUS_H_

#include "absl/status/status.h"
#include "grpcpp/support/status.h"

namespace communique::server {

// The one door: code, message, and every payload as a detail of
// google.rpc.Status in the binary error details.
grpc::Status ToGrpcStatus(const absl::Status& status);

}  // namespace communique::server

#endif  // COMMUNIQUE_SERVICE_SERVER_STATUS_H_
