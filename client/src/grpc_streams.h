#ifndef COMMUNIQUE_CLIENT_SRC_GRPC_STREAMS_H_
#define COMMUNIQUE_CLIENT_SRC_GRPC_STREAMS_H_

#include <memory>

#include "communique/v1/publish.grpc.pb.h"
#include "src/grpc_channel.h"
#include "src/stub.h"

namespace communique::internal {

// Streams over a completion queue of their own, worked by the thread that calls:
// so a wait can have a deadline and needs no thread of ours. Over a connection
// that is broken a stream fails at once, unless it is told to wait.
std::unique_ptr<WatchStream> MakeWatchStream(FeedStub& stub, const CallContext& context,
                                             const v1::WatchRequest& request,
                                             absl::Duration connect_wait,
                                             std::shared_ptr<ConnectFault> fault);
std::unique_ptr<LoadStream> MakeLoadStream(v1::PublishService::StubInterface& stub,
                                           const CallContext& context, bool wait_for_ready,
                                           std::shared_ptr<ConnectFault> fault);

}  // namespace communique::internal

#endif  // COMMUNIQUE_CLIENT_SRC_GRPC_STREAMS_H_
