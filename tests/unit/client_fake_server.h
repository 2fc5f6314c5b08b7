#ifndef COMMUNIQUE_TESTS_UNIT_CLIENT_FAKE_SERVER_H_
#define COMMUNIQUE_TESTS_UNIT_CLIENT_FAKE_SERVER_H_

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "communique/v1/admin.grpc.pb.h"
#include "communique/v1/catalog.grpc.pb.h"
#include "communique/v1/feed.grpc.pb.h"
#include "communique/v1/publish.grpc.pb.h"
#include "communique/v1/screening.grpc.pb.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace communique {

// A server in this process that answers as a test says.
class FakeServer : v1::CatalogService::Service,
                   v1::PublishService::Service,
                   v1::FeedService::Service,
                   v1::ScreeningService::Service,
                   v1::AdminService::Service {
 public:
  using WatchWriter = grpc::ServerWriter<v1::WatchResponse>;
  using LoadStreamer = grpc::ServerReaderWriter<v1::LoadResponse, v1::LoadRequest>;

  std::function<grpc::Status(grpc::ServerContext*, const v1::GetSummitRequest&, v1::Record*)>
      get_summit;
  std::function<grpc::Status(const v1::ListActorsRequest&, v1::ListActorsResponse*)> list_actors;
  std::function<grpc::Status(const v1::SearchRequest&, v1::SearchResponse*)> search;
  std::function<grpc::Status(const v1::CommitRequest&, v1::CommitResponse*)> commit;
  std::function<grpc::Status(grpc::ServerContext*, const v1::WatchRequest&, WatchWriter*)> watch;
  std::function<grpc::Status(grpc::ServerContext*, LoadStreamer*)> load;

  // Port 0 picks one.
  explicit FakeServer(int port = 0, const FakeServer* like = nullptr,
                      const std::shared_ptr<grpc::ServerCredentials>& credentials =
                          grpc::InsecureServerCredentials()) {
    if (like != nullptr) {  // Its answers, before the first call comes.
      get_summit = like->get_summit;
      watch = like->watch;
    }
    grpc::ServerBuilder builder;
    builder.AddListeningPort(absl::StrCat("127.0.0.1:", port), credentials, &port);
    builder.RegisterService(static_cast<v1::CatalogService::Service*>(this));
    builder.RegisterService(static_cast<v1::PublishService::Service*>(this));
    builder.RegisterService(static_cast<v1::FeedService::Service*>(this));
    builder.RegisterService(static_cast<v1::ScreeningService::Service*>(this));
    builder.RegisterService(static_cast<v1::AdminService::Service*>(this));
    server_ = builder.BuildAndStart();
    port_ = port;
    endpoint_ = absl::StrCat("127.0.0.1:", port);
  }
  ~FakeServer() override { server_->Shutdown(std::chrono::system_clock::now()); }

  const std::string& endpoint() const { return endpoint_; }
  int port() const { return port_; }

  // An error as the service sends them.
  template <typename... Details>
  static grpc::Status Error(grpc::StatusCode code, const std::string& message,
                            const Details&... details) {
    google::rpc::Status status;
    status.set_code(code);
    status.set_message(message);
    (status.add_details()->PackFrom(details), ...);
    return grpc::Status(code, message, status.SerializeAsString());
  }
  static google::rpc::ErrorInfo Reason(const std::string& reason) {
    google::rpc::ErrorInfo info;
    info.set_reason(reason);
    info.set_domain("communique");
    return info;
  }

  // Waits until the client has gone.
  static grpc::Status Hang(grpc::ServerContext* context) {
    while (!context->IsCancelled()) {
      gpr_sleep_until(
          gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC), gpr_time_from_millis(5, GPR_TIMESPAN)));
    }
    return grpc::Status::CANCELLED;
  }

 private:
  grpc::Status GetSummit(grpc::ServerContext* context, const v1::GetSummitRequest* request,
                         v1::Record* response) override {
    return get_summit(context, *request, response);
  }
  grpc::Status ListActors(grpc::ServerContext*, const v1::ListActorsRequest* request,
                          v1::ListActorsResponse* response) override {
    return list_actors(*request, response);
  }
  grpc::Status Search(grpc::ServerContext*, const v1::SearchRequest* request,
                      v1::SearchResponse* response) override {
    return search(*request, response);
  }
  grpc::Status Commit(grpc::ServerContext*, const v1::CommitRequest* request,
                      v1::CommitResponse* response) override {
    return commit(*request, response);
  }
  grpc::Status Watch(grpc::ServerContext* context, const v1::WatchRequest* request,
                     WatchWriter* writer) override {
    return watch(context, *request, writer);
  }
  grpc::Status Load(grpc::ServerContext* context, LoadStreamer* stream) override {
    return load(context, stream);
  }
  grpc::Status GetStatus(grpc::ServerContext*, const v1::GetStatusRequest*,
                         v1::GetStatusResponse* response) override {
    response->set_head_revision(7);
    return grpc::Status::OK;
  }
  grpc::Status Screen(grpc::ServerContext*, const v1::ScreenRequest* request,
                      v1::ScreenResponse* response) override {
    for (const v1::ScreenQuery& query : request->queries()) {
      response->add_results()->set_query_id(query.query_id());
    }
    return grpc::Status::OK;
  }
  grpc::Status VerifyClaim(grpc::ServerContext*, const v1::VerifyClaimRequest* request,
                           v1::VerifyClaimResponse* response) override {
    response->add_rows()->set_explanation(request->target() + " by " + request->authority());
    return grpc::Status::OK;
  }
  grpc::Status CreateBackup(grpc::ServerContext*, const v1::CreateBackupRequest* request,
                            v1::CreateBackupResponse* response) override {
    response->mutable_backup()->set_note(request->note());
    return grpc::Status::OK;
  }
  // Two pages of one.
  grpc::Status ListBackups(grpc::ServerContext*, const v1::ListBackupsRequest* request,
                           v1::ListBackupsResponse* response) override {
    const bool first = request->page_token().empty();
    response->add_backups()->set_backup_id(first ? "new" : "old");
    if (first) response->set_next_page_token("2");
    return grpc::Status::OK;
  }
  grpc::Status VerifyBackup(grpc::ServerContext*, const v1::VerifyBackupRequest* request,
                            v1::VerifyBackupResponse* response) override {
    response->mutable_backup()->set_backup_id(request->backup_id());
    response->set_ok(true);
    return grpc::Status::OK;
  }

  std::unique_ptr<grpc::Server> server_;
  std::string endpoint_;
  int port_ = 0;
};

}  // namespace communique

#endif  // COMMUNIQUE_TESTS_UNIT_CLIENT_FAKE_SERVER_H_
