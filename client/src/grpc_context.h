#ifndef COMMUNIQUE_CLIENT_SRC_GRPC_CONTEXT_H_
#define COMMUNIQUE_CLIENT_SRC_GRPC_CONTEXT_H_

#include <grpcpp/client_context.h>

#include "absl/time/time.h"
#include "src/stub.h"

namespace communique::internal {

// Carries what the layers above said over to gRPC.
inline void Apply(const CallContext& context, grpc::ClientContext& grpc_context) {
  if (context.deadline != absl::InfiniteFuture()) {
    grpc_context.set_deadline(absl::ToChronoTime(context.deadline));
  }
  for (const auto& [key, value] : context.metadata) grpc_context.AddMetadata(key, value);
}

}  // namespace communique::internal

#endif  // COMMUNIQUE_CLIENT_SRC_GRPC_CONTEXT_H_
