#ifndef COMMUNIQUE_CLIENT_SRC_GRPC_CONTEXT_H_
#define COMMUNIQUE_CLIENT_SRC_GRPC_CONTEXT_H_

#include <grpcpp/client_context.h>

#include <algorithm>
#include <chrono>

#include "absl/time/time.h"
#include "src/stub.h"

namespace communique::internal {

// A deadline as gRPC takes it, which hangs over times before 1970.
inline std::chrono::system_clock::time_point ToGrpc(absl::Time deadline) {
  return absl::ToChronoTime(std::max(deadline, absl::UnixEpoch()));
}

// Carries what the layers above said over to gRPC.
inline void Apply(const CallContext& context, grpc::ClientContext& grpc_context) {
  if (context.deadline != absl::InfiniteFuture()) {
    grpc_context.set_deadline(ToGrpc(context.deadline));
  }
  for (const auto& [key, value] : context.metadata) grpc_context.AddMetadata(key, value);
}

}  // namespace communique::internal

#endif  // COMMUNIQUE_CLIENT_SRC_GRPC_CONTEXT_H_
