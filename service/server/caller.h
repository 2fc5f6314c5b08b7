#ifndef COMMUNIQUE_SERVICE_SERVER_CALLER_H_
#define COMMUNIQUE_SERVICE_SERVER_CALLER_H_

#include <string>

#include "absl/status/statusor.h"
#include "grpcpp/server_context.h"

namespace communique::server {

// Who calls. So far a caller says who it is, in the metadata
// `communique-principal`, and is believed: the listener is for a trusted network.
// "anonymous" when it says nothing. INVALID_ARGUMENT when it is too long or not
// printable.
//
// Read from the call, never kept in what calls of one connection share.
absl::StatusOr<std::string> PrincipalOf(const grpc::ServerContext& context);

}  // namespace communique::server

#endif  // COMMUNIQUE_SERVICE_SERVER_CALLER_H_
