#ifndef COMMUNIQUE_CLIENT_SRC_GRPC_CHANNEL_H_
#define COMMUNIQUE_CLIENT_SRC_GRPC_CHANNEL_H_

#include <grpcpp/channel.h>
#include <grpcpp/generic/generic_stub.h>

#include <atomic>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "communique/options.h"
#include "communique/v1/admin.grpc.pb.h"
#include "communique/v1/catalog.grpc.pb.h"
#include "communique/v1/feed.grpc.pb.h"
#include "communique/v1/publish.grpc.pb.h"
#include "communique/v1/screening.grpc.pb.h"

namespace communique::internal {

// Takes responses as bytes: a watch parses what somebody looks into (watch_batch.h).
using FeedStub = grpc::TemplatedGenericStub<v1::WatchRequest, grpc::ByteBuffer>;

// Why an endpoint could last not be reached: whoever waits for a broken connection in
// vain is told. Shared with streams, which may outlive their channel.
//
// Thread safety: all methods may be called from any thread.
class ConnectFault {
 public:
  // `files`: those without which no connection comes about.
  explicit ConnectFault(std::vector<std::string> files) : files_(std::move(files)) {}

  // How a call ended: OK forgets, UNAVAILABLE is kept, others say nothing of it. Answers
  // it, with a file that cannot be read if gRPC may have missed one.
  absl::Status Take(absl::Status status) ABSL_LOCKS_EXCLUDED(mutex_);
  // UNAVAILABLE, with what is known.
  absl::Status NotReached() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  const std::vector<std::string> files_;
  std::atomic<bool> known_{false};
  mutable absl::Mutex mutex_;
  std::string message_ ABSL_GUARDED_BY(mutex_);
};

// One channel, with a stub of every service over it: the generated one, but the feed's.
class Lane {
 public:
  Lane(std::shared_ptr<grpc::Channel> channel, std::shared_ptr<ConnectFault> fault)
      : channel_(std::move(channel)),
        fault_(std::move(fault)),
        catalog_(channel_),
        publish_(channel_),
        feed_(channel_),
        screening_(channel_),
        admin_(channel_) {}

  grpc::Channel& channel() { return *channel_; }
  // Whether the last attempt to connect failed. Asks for a connection.
  bool IsBroken() { return channel_->GetState(true) == GRPC_CHANNEL_TRANSIENT_FAILURE; }
  const std::shared_ptr<ConnectFault>& fault() const { return fault_; }
  bool IsReady() { return channel_->GetState(true) == GRPC_CHANNEL_READY; }

  template <typename Service>
  auto& Get() {
    if constexpr (std::is_same_v<Service, v1::CatalogService>) {
      return catalog_;
    } else if constexpr (std::is_same_v<Service, v1::PublishService>) {
      return publish_;
    } else if constexpr (std::is_same_v<Service, v1::FeedService>) {
      return feed_;
    } else if constexpr (std::is_same_v<Service, v1::ScreeningService>) {
      return screening_;
    } else {
      static_assert(std::is_same_v<Service, v1::AdminService>);
      return admin_;
    }
  }

 private:
  const std::shared_ptr<grpc::Channel> channel_;
  const std::shared_ptr<ConnectFault> fault_;
  v1::CatalogService::Stub catalog_;
  v1::PublishService::Stub publish_;
  FeedStub feed_;
  v1::ScreeningService::Stub screening_;
  v1::AdminService::Stub admin_;
};

// The channels of a connection: one to each endpoint, one to the operator's listener.
//
// Thread safety: all methods may be called from any thread.
class Channels {
 public:
  explicit Channels(const ClientOptions& options);

  // The lane for one call of a service: round robin over those that are
  // connected; else over those that are not known to be broken; else the next
  // one. Null: the options name no admin_endpoint.
  template <typename Service>
  Lane* Pick() {
    return std::is_same_v<Service, v1::AdminService> ? admin_.get() : &PickEndpoint();
  }

 private:
  Lane& PickEndpoint();

  std::vector<std::unique_ptr<Lane>> endpoints_;  // at least one (check_options.h)
  std::unique_ptr<Lane> admin_;
  std::atomic<std::size_t> next_{0};
};

}  // namespace communique::internal

#endif  // COMMUNIQUE_CLIENT_SRC_GRPC_CHANNEL_H_
