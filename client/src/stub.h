#ifndef COMMUNIQUE_CLIENT_SRC_STUB_H_
#define COMMUNIQUE_CLIENT_SRC_STUB_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "communique/connection.h"
#include "google/protobuf/message.h"

namespace communique::internal {

class Channels;

// What belongs to a call beside its request. Layers add to it on the way down.
struct CallContext {
  absl::Time deadline = absl::InfiniteFuture();
  int attempt = 1;
  std::vector<std::pair<std::string, std::string>> metadata = {};
};

// A unary call that is under way. Destroying it cancels it.
//
// Thread safety: one thread at a time.
class PendingCall {
 public:
  virtual ~PendingCall() = default;
  // Waits for the answer, once. DEADLINE_EXCEEDED when it is not there in time.
  virtual absl::Status Finish(absl::Time deadline, google::protobuf::Message* response) = 0;
};

// One unary rpc: its name and how the lowest stub calls it.
struct UnaryMethod {
  absl::string_view name;  // "CatalogService/GetSummit"
  absl::Status (*call)(Channels& channels, const CallContext& context,
                       const google::protobuf::Message& request,
                       google::protobuf::Message* response);
  std::unique_ptr<PendingCall> (*start)(Channels& channels, const CallContext& context,
                                        const google::protobuf::Message& request);
};

// A layer over the transport. The same interface all the way down, so that each
// concern is a class of its own; stub_factory.cc puts them together.
//
// Thread safety: all methods may be called from any thread.
class Stub {
 public:
  virtual ~Stub() = default;
  virtual absl::Status Call(const UnaryMethod& method, CallContext context,
                            const google::protobuf::Message& request,
                            google::protobuf::Message* response) = 0;
  // Makes one attempt without waiting for it; null when it was refused before it
  // began.
  virtual std::unique_ptr<PendingCall> Start(const UnaryMethod& method, CallContext context,
                                             const google::protobuf::Message& request) = 0;
  virtual std::unique_ptr<WatchStream> Watch(CallContext context,
                                             const v1::WatchRequest& request) = 0;
  virtual std::unique_ptr<LoadStream> Load(CallContext context) = 0;
};

}  // namespace communique::internal

#endif  // COMMUNIQUE_CLIENT_SRC_STUB_H_
