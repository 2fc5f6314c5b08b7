#include "src/grpc_stub.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/channel_arguments.h>

#include <algorithm>
#include <type_traits>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/time/clock.h"
#include "communique/v1/admin.grpc.pb.h"
#include "communique/v1/catalog.grpc.pb.h"
#include "communique/v1/feed.grpc.pb.h"
#include "communique/v1/publish.grpc.pb.h"
#include "src/grpc_context.h"
#include "src/grpc_streams.h"
#include "src/status.h"

namespace communique::internal {

// The generated stubs of every service.
class Channels {
 public:
  Channels(const std::shared_ptr<grpc::Channel>& service,
           const std::shared_ptr<grpc::Channel>& admin)
      : service_(service),
        admin_channel_(admin),
        catalog_(service),
        publish_(service),
        feed_(service),
        admin_(admin) {}

  template <typename Service>
  grpc::Channel& ChannelOf() {
    return std::is_same_v<Service, v1::AdminService> ? *admin_channel_ : *service_;
  }

  template <typename Service>
  typename Service::Stub& Get();

 private:
  const std::shared_ptr<grpc::Channel> service_;
  const std::shared_ptr<grpc::Channel> admin_channel_;
  v1::CatalogService::Stub catalog_;
  v1::PublishService::Stub publish_;
  v1::FeedService::Stub feed_;
  v1::AdminService::Stub admin_;
};

template <>
v1::CatalogService::Stub& Channels::Get<v1::CatalogService>() {
  return catalog_;
}
template <>
v1::PublishService::Stub& Channels::Get<v1::PublishService>() {
  return publish_;
}
template <>
v1::FeedService::Stub& Channels::Get<v1::FeedService>() {
  return feed_;
}
template <>
v1::AdminService::Stub& Channels::Get<v1::AdminService>() {
  return admin_;
}

namespace {

// The largest answer taken: a page of 1,000 records has no smaller bound of its
// own, and a server that sends more than this is not ours.
constexpr int kMaxReceiveBytes = 256 << 20;
// Error details (every violation, a tombstone) come in the trailers, which gRPC
// cuts at 8 KiB unless told.
constexpr int kMaxMetadataBytes = 1 << 20;
// How often an unused or silent connection is probed, and how long for.
constexpr int kKeepaliveMillis = 60'000;
constexpr int kKeepaliveTimeoutMillis = 20'000;
// gRPC's own back-off between attempts to connect. Its default grows to two
// minutes, in which every call would fail after the server is back.
constexpr int kInitialReconnectMillis = 100;
constexpr int kMaxReconnectMillis = 2'000;
// How long an attempt waits for a connection that failed before. More than
// kMaxReconnectMillis, so that it sees one attempt to connect: nobody works the
// channel between our attempts, and what gRPC answers at once would be stale.
constexpr absl::Duration kReconnectWait = absl::Seconds(3);
// How long one attempt to connect may take.
constexpr int kConnectTimeoutMillis = 10'000;

std::shared_ptr<grpc::Channel> MakeChannel(const std::string& endpoint,
                                           const std::string& user_agent) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);  // One retry loop, ours: it can be seen.
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMillis);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMillis);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kInitialReconnectMillis);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kMaxReconnectMillis);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kConnectTimeoutMillis);
  arguments.SetInt(GRPC_ARG_MAX_METADATA_SIZE, kMaxMetadataBytes);
  arguments.SetMaxReceiveMessageSize(kMaxReceiveBytes);
  std::string agent = user_agent.empty() ? "" : user_agent + " ";
  absl::c_replace_if(
      agent, [](char c) { return c < ' ' || c > '~'; }, '_');
  arguments.SetUserAgentPrefix(agent + "communique-cpp/" COMMUNIQUE_VERSION);
  return grpc::CreateCustomChannel(endpoint, grpc::InsecureChannelCredentials(), arguments);
}

bool IsBroken(grpc::Channel& channel) {
  return channel.GetState(true) == GRPC_CHANNEL_TRANSIENT_FAILURE;
}

class GrpcStub final : public Stub {
 public:
  explicit GrpcStub(const ClientOptions& options)
      : channels_(MakeChannel(options.endpoint, options.user_agent),
                  MakeChannel(options.admin_endpoint, options.user_agent)) {}

  absl::Status Call(const UnaryMethod& method, CallContext context,
                    const google::protobuf::Message& request,
                    google::protobuf::Message* response) override {
    return method.call(channels_, context, request, response);
  }

  std::unique_ptr<WatchStream> Watch(CallContext context,
                                     const v1::WatchRequest& request) override {
    const absl::Duration wait =
        IsBroken(channels_.ChannelOf<v1::FeedService>()) ? kReconnectWait : absl::ZeroDuration();
    return MakeWatchStream(channels_.Get<v1::FeedService>(), context, request, wait);
  }

  std::unique_ptr<LoadStream> Load(CallContext context) override {
    return MakeLoadStream(channels_.Get<v1::PublishService>(), context,
                          IsBroken(channels_.ChannelOf<v1::PublishService>()));
  }

 private:
  Channels channels_;
};

// Calls a generated method with messages whose types the layers above forgot.
template <typename Service, typename Request, typename Response,
          grpc::Status (Service::Stub::*method)(grpc::ClientContext*, const Request&, Response*)>
absl::Status Invoke(Channels& channels, const CallContext& context,
                    const google::protobuf::Message& request, google::protobuf::Message* response) {
  grpc::Channel& channel = channels.ChannelOf<Service>();
  if (IsBroken(channel)) {
    channel.WaitForConnected(ToGrpc(std::min(context.deadline, absl::Now() + kReconnectWait)));
    if (absl::Now() >= context.deadline) {
      return absl::UnavailableError("the server could not be reached in time");
    }
  }
  grpc::ClientContext grpc_context;
  Apply(context, grpc_context);
  const grpc::Status status = (channels.Get<Service>().*method)(
      &grpc_context, static_cast<const Request&>(request), static_cast<Response*>(response));
  // Nobody cancels a unary call here: the server reset it without having seen it,
  // as gRPC does with what arrives in the moment of its shutdown.
  if (status.error_code() == grpc::StatusCode::CANCELLED && status.error_details().empty()) {
    return absl::UnavailableError("the server ended the call before it took it");
  }
  return FromGrpc(status);
}

}  // namespace

#define COMMUNIQUE_UNARY(service, rpc, response) \
  const UnaryMethod k##rpc = {                   \
      #service "/" #rpc,                         \
      &Invoke<v1::service, v1::rpc##Request, v1::response, &v1::service::Stub::rpc>}

COMMUNIQUE_UNARY(CatalogService, GetSummit, Record);
COMMUNIQUE_UNARY(CatalogService, GetSanction, Record);
COMMUNIQUE_UNARY(CatalogService, GetStatement, Record);
COMMUNIQUE_UNARY(CatalogService, GetActor, Record);
COMMUNIQUE_UNARY(CatalogService, GetSource, Record);
COMMUNIQUE_UNARY(CatalogService, ListSummits, ListSummitsResponse);
COMMUNIQUE_UNARY(CatalogService, ListSanctions, ListSanctionsResponse);
COMMUNIQUE_UNARY(CatalogService, ListStatements, ListStatementsResponse);
COMMUNIQUE_UNARY(CatalogService, ListActors, ListActorsResponse);
COMMUNIQUE_UNARY(CatalogService, ListSources, ListSourcesResponse);
COMMUNIQUE_UNARY(CatalogService, BatchGet, BatchGetResponse);
COMMUNIQUE_UNARY(CatalogService, ListRevisions, ListRevisionsResponse);
COMMUNIQUE_UNARY(CatalogService, Search, SearchResponse);
COMMUNIQUE_UNARY(PublishService, Commit, CommitResponse);
COMMUNIQUE_UNARY(AdminService, GetStatus, GetStatusResponse);
COMMUNIQUE_UNARY(AdminService, TrimJournal, TrimJournalResponse);

#undef COMMUNIQUE_UNARY

std::shared_ptr<Stub> MakeGrpcStub(const ClientOptions& options) {
  return std::make_shared<GrpcStub>(options);
}

}  // namespace communique::internal
