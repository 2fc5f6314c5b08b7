#include "src/grpc_stub.h"

#include <grpcpp/completion_queue.h>
#include <grpcpp/support/async_unary_call.h>

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "src/grpc_channel.h"
#include "src/grpc_context.h"
#include "src/grpc_streams.h"
#include "src/status.h"

namespace communique::internal {

namespace {

// How long an attempt waits for a connection that failed before. More than the
// channel's longest wait between attempts to connect, so that it sees one: nobody
// works the channel between our attempts, and what gRPC answers at once would be
// stale.
constexpr absl::Duration kReconnectWait = absl::Seconds(3);

class GrpcStub final : public Stub {
 public:
  explicit GrpcStub(const ClientOptions& options) : channels_(options) {}

  absl::Status Call(const UnaryMethod& method, CallContext context,
                    const google::protobuf::Message& request,
                    google::protobuf::Message* response) override {
    return method.call(channels_, context, request, response);
  }

  std::unique_ptr<PendingCall> Start(const UnaryMethod& method, CallContext context,
                                     const google::protobuf::Message& request) override {
    return method.start(channels_, context, request);
  }

  std::unique_ptr<WatchStream> Watch(CallContext context,
                                     const v1::WatchRequest& request) override {
    Lane& lane = *channels_.Pick<v1::FeedService>();
    return MakeWatchStream(lane.Get<v1::FeedService>(), context, request,
                           lane.IsBroken() ? kReconnectWait : absl::ZeroDuration(), lane.fault());
  }

  std::unique_ptr<LoadStream> Load(CallContext context) override {
    Lane& lane = *channels_.Pick<v1::PublishService>();
    return MakeLoadStream(lane.Get<v1::PublishService>(), context, lane.IsBroken(), lane.fault());
  }

 private:
  Channels channels_;
};

absl::Status NoEndpoint() {
  return absl::InvalidArgumentError("the options have no admin_endpoint, which this calls");
}

// Nobody cancels a unary call that somebody waits for: the server reset it without
// having seen it, as gRPC does with what arrives in the moment of its shutdown.
absl::Status UnaryStatus(const grpc::Status& status) {
  if (status.error_code() == grpc::StatusCode::CANCELLED && status.error_details().empty()) {
    return absl::UnavailableError("the server ended the call before it took it");
  }
  return FromGrpc(status);
}

// Calls a generated method with messages whose types the layers above forgot.
template <typename Service, typename Request, typename Response,
          grpc::Status (Service::Stub::*method)(grpc::ClientContext*, const Request&, Response*)>
absl::Status Invoke(Channels& channels, const CallContext& context,
                    const google::protobuf::Message& request, google::protobuf::Message* response) {
  Lane* const lane = channels.Pick<Service>();
  if (lane == nullptr) return NoEndpoint();
  if (lane->IsBroken()) {
    lane->channel().WaitForConnected(
        ToGrpc(std::min(context.deadline, absl::Now() + kReconnectWait)));
    if (absl::Now() >= context.deadline) return lane->fault()->NotReached();
  }
  grpc::ClientContext grpc_context;
  Apply(context, grpc_context);
  return lane->fault()->Take(UnaryStatus((lane->Get<Service>().*method)(
      &grpc_context, static_cast<const Request&>(request), static_cast<Response*>(response))));
}

// A call over a completion queue of its own, worked by the thread that finishes it.
template <typename Response>
class GrpcPendingCall final : public PendingCall {
 public:
  template <typename Stub, typename Request, typename Method>
  GrpcPendingCall(Stub& stub, Method method, const CallContext& context, const Request& request,
                  std::shared_ptr<ConnectFault> fault)
      : fault_(std::move(fault)) {
    Apply(context, context_);
    reader_ = (stub.*method)(&context_, request, &queue_);
    reader_->StartCall();
    reader_->Finish(&response_, &status_, this);
  }
  ~GrpcPendingCall() override {
    context_.TryCancel();
    queue_.Shutdown();
    void* tag;
    bool ok;
    while (queue_.Next(&tag, &ok)) continue;
  }

  absl::Status Finish(absl::Time deadline, google::protobuf::Message* response) override {
    void* tag;
    bool ok;
    const auto event = queue_.AsyncNext(&tag, &ok, ToGrpc(std::min(deadline, kFarFuture)));
    if (event != grpc::CompletionQueue::GOT_EVENT) {
      return absl::DeadlineExceededError("the answer was not there in time");
    }
    if (status_.ok()) static_cast<Response*>(response)->Swap(&response_);
    return fault_->Take(UnaryStatus(status_));
  }

 private:
  // As far as gRPC's clock goes without care.
  static inline const absl::Time kFarFuture = absl::FromUnixSeconds(std::int64_t{1} << 32);

  const std::shared_ptr<ConnectFault> fault_;
  grpc::ClientContext context_;
  grpc::CompletionQueue queue_;
  Response response_;
  grpc::Status status_;
  std::unique_ptr<grpc::ClientAsyncResponseReader<Response>> reader_;
};

template <typename Service, typename Request, typename Response,
          std::unique_ptr<grpc::ClientAsyncResponseReader<Response>> (Service::Stub::*method)(
              grpc::ClientContext*, const Request&, grpc::CompletionQueue*)>
std::unique_ptr<PendingCall> Start(Channels& channels, const CallContext& context,
                                   const google::protobuf::Message& request) {
  Lane* const lane = channels.Pick<Service>();
  if (lane == nullptr) return nullptr;
  return std::make_unique<GrpcPendingCall<Response>>(lane->template Get<Service>(), method, context,
                                                     static_cast<const Request&>(request),
                                                     lane->fault());
}

}  // namespace

#define COMMUNIQUE_UNARY(service, rpc, response)                                     \
  const UnaryMethod k##rpc = {                                                       \
      #service "/" #rpc,                                                             \
      &Invoke<v1::service, v1::rpc##Request, v1::response, &v1::service::Stub::rpc>, \
      &Start<v1::service, v1::rpc##Request, v1::response, &v1::service::Stub::PrepareAsync##rpc>}

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
COMMUNIQUE_UNARY(ScreeningService, Screen, ScreenResponse);
COMMUNIQUE_UNARY(ScreeningService, VerifyClaim, VerifyClaimResponse);
COMMUNIQUE_UNARY(AdminService, GetStatus, GetStatusResponse);
COMMUNIQUE_UNARY(AdminService, CreateBackup, CreateBackupResponse);
COMMUNIQUE_UNARY(AdminService, ListBackups, ListBackupsResponse);
COMMUNIQUE_UNARY(AdminService, VerifyBackup, VerifyBackupResponse);
COMMUNIQUE_UNARY(AdminService, TrimJournal, TrimJournalResponse);

#undef COMMUNIQUE_UNARY

std::shared_ptr<Stub> MakeGrpcStub(const ClientOptions& options) {
  return std::make_shared<GrpcStub>(options);
}

}  // namespace communique::internal
