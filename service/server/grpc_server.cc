#include "service/server/grpc_server.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "grpcpp/ext/proto_server_reflection_plugin.h"
#include "grpcpp/grpcpp.h"
#include "grpcpp/health_check_service_interface.h"
#include "service/base/limits.h"
#include "service/server/load_call.h"
#include "service/server/screening_pool.h"
#include "service/server/tag.h"
#include "service/server/watch_call.h"

namespace communique::server {
namespace {

// A handshake that takes longer is no client (gRPC's default is 120 s).
constexpr int kHandshakeTimeoutMs = 10'000;
// Clients of ours ping each 60 s; faster than this gets GOAWAY.
constexpr int kMinPingIntervalMs = 30'000;
// Calls at once on one connection.
constexpr int kMaxConcurrentStreams = 4096;
// Calls of one method that wait to be accepted, for each queue: a burst finds
// places without waiting for the queue's thread.
constexpr int kAcceptsPerMethod = 8;
// How a drain divides its time, after the pause.
constexpr absl::Duration kWatchesEnd = absl::Seconds(2);
constexpr absl::Duration kCallsEnd = absl::Seconds(3);
constexpr absl::Duration kCancelledEnd = absl::Seconds(2);

constexpr const char* kPublicServiceNames[] = {
    "communique.v1.CatalogService", "communique.v1.PublishService", "communique.v1.FeedService",
    "communique.v1.ScreeningService"};

}  // namespace

absl::StatusOr<std::unique_ptr<GrpcServer>> GrpcServer::Start(const GrpcServerOptions& options,
                                                              Service& service) {
  grpc::EnableDefaultHealthCheckService(true);
  if (options.reflection) grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  std::unique_ptr<GrpcServer> result(new GrpcServer(options, service));
  const int cores = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  PublicServices& services = result->public_services_;
  Listener& listener = result->public_;
  if (absl::Status status =
          result->Listen(listener, options.listen, options.queues > 0 ? options.queues : cores,
                         {&services.catalog, &services.publish, &services.feed,
                          &services.screening});
      !status.ok()) {
    return status;
  }
  if (absl::Status status = result->Listen(result->admin_, options.admin_listen, 1,
                                           {&result->admin_services_.admin});
      !status.ok()) {
    return status;
  }
  listener.methods = MakePublicMethods(services, service);
  for (auto& queue : listener.queues) {
    WatchCall::Accept(services.feed, *queue, service, listener.calls);
    LoadCall::Accept(services.publish, *queue, service, listener.calls);
  }
  result->admin_.methods = MakeAdminMethods(result->admin_services_, service);
  Serve(listener);
  Serve(result->admin_);
  result->SetHealth(true);
  service.store().SetStoppedCallback([server = result.get()] {
    // Reads go on: only writing is not to be had here any more.
    if (auto* health = server->public_.server->GetHealthCheckService()) {
      health->SetServingStatus("communique.v1.PublishService", false);
    }
  });
  return result;
}

GrpcServer::~GrpcServer() {
  service_.store().SetStoppedCallback(nullptr);
  Drain();
}

absl::Status GrpcServer::Listen(Listener& listener, const std::string& address, int queues,
                                const std::vector<grpc::Service*>& services) {
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort(address, grpc::InsecureServerCredentials(), &port);
  for (grpc::Service* service : services) builder.RegisterService(service);
  builder.SetMaxReceiveMessageSize(base::kMaxReceiveBytes);
  // A second server on the same address must fail, not share it.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, kHandshakeTimeoutMs);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                             kMinPingIntervalMs);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kMaxConcurrentStreams);
  for (int i = 0; i < queues; ++i) listener.queues.push_back(builder.AddCompletionQueue());
  listener.server = builder.BuildAndStart();
  if (listener.server == nullptr || port == 0) {
    for (auto& queue : listener.queues) queue->Shutdown();
    StopQueues(listener);
    listener.server = nullptr;
    return absl::UnavailableError(
        absl::StrCat("cannot listen on ", address, ": in use, or no such address"));
  }
  listener.address = absl::StrCat(address.substr(0, address.rfind(':')), ":", port);
  return absl::OkStatus();
}

void GrpcServer::Serve(Listener& listener) {
  for (UnaryMethod& method : listener.methods) {
    method.counters = &listener.calls.counters().Of(method.name, /*is_stream=*/false);
  }
  for (auto& queue : listener.queues) {
    for (const UnaryMethod& method : listener.methods) {
      for (int i = 0; i < kAcceptsPerMethod; ++i) {
        UnaryCall::Accept(method, *queue, listener.calls);
      }
    }
    listener.threads.emplace_back([&queue = *queue] {
      void* tag = nullptr;
      bool ok = false;
      while (queue.Next(&tag, &ok)) static_cast<Tag*>(tag)->Proceed(ok);
    });
  }
}

void GrpcServer::SetHealth(bool serving) {
  for (const Listener* listener : {&public_, &admin_}) {
    auto* health = listener->server->GetHealthCheckService();
    if (health == nullptr) continue;
    health->SetServingStatus(serving);
    if (listener != &public_) continue;
    for (const char* name : kPublicServiceNames) health->SetServingStatus(name, serving);
  }
}

void GrpcServer::Drain() {
  if (drained_ || public_.server == nullptr || admin_.server == nullptr) {
    for (Listener* listener : {&public_, &admin_}) {
      if (!drained_ && listener->server != nullptr) {
        listener->server->Shutdown(absl::ToChronoTime(absl::Now()));
        StopQueues(*listener);
      }
    }
    drained_ = true;
    return;
  }
  drained_ = true;
  service_.BeginDrain();
  SetHealth(false);
  absl::SleepFor(options_.drain_pause);
  service_.feed().Drain();
  service_.waiters().Drain();
  public_.calls.DrainLoads();
  const absl::Time watches_end = absl::Now() + kWatchesEnd;
  while (service_.feed().watch_count() > 0 && absl::Now() < watches_end) {
    absl::SleepFor(absl::Milliseconds(5));
  }
  service_.store().Stop();
  service_.screening().Drain();
  const auto deadline = absl::ToChronoTime(absl::Now() + kCallsEnd);
  public_.server->Shutdown(deadline);
  admin_.server->Shutdown(deadline);
  StopQueues(public_);
  StopQueues(admin_);
}

void GrpcServer::StopQueues(Listener& listener) {
  // What was cancelled still has to let go of its queue.
  listener.calls.WaitUntilNone(absl::Now() + kCancelledEnd);
  for (auto& queue : listener.queues) queue->Shutdown();
  for (std::thread& thread : listener.threads) thread.join();
  if (listener.threads.empty()) {
    for (auto& queue : listener.queues) {
      void* tag = nullptr;
      bool ok = false;
      while (queue->Next(&tag, &ok)) static_cast<Tag*>(tag)->Proceed(ok);
    }
  }
  listener.threads.clear();
}

}  // namespace communique::server
