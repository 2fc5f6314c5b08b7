#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "communique/connection.h"
#include "communique/names.h"
#include "src/grpc_stub.h"
#include "src/list_rpc.h"
#include "src/read_mask.h"
#include "src/stub_factory.h"

namespace communique {
namespace {

using internal::CallContext;
using internal::ListRpc;
using internal::ListRpcOf;
using internal::Stub;
using internal::UnaryMethod;

absl::Status NoSuchKind(v1::RecordKind kind) {
  return absl::InvalidArgumentError(absl::StrCat("no kind of record: ", v1::RecordKind_Name(kind)));
}

class ConnectionImpl final : public Connection {
 public:
  explicit ConnectionImpl(ClientOptions options)
      : options_(std::move(options)), stub_(internal::MakeStub(options_)) {}

  ClientOptions options() const override { return options_; }

  absl::StatusOr<v1::Record> Get(v1::RecordKind kind, const std::string& name,
                                 const ReadOptions& options) override {
    switch (kind) {
      case v1::RECORD_KIND_SUMMIT:
        return GetAs<v1::GetSummitRequest>(internal::kGetSummit, name, options);
      case v1::RECORD_KIND_SANCTION:
        return GetAs<v1::GetSanctionRequest>(internal::kGetSanction, name, options);
      case v1::RECORD_KIND_STATEMENT:
        return GetAs<v1::GetStatementRequest>(internal::kGetStatement, name, options);
      case v1::RECORD_KIND_ACTOR:
        return GetAs<v1::GetActorRequest>(internal::kGetActor, name, options);
      case v1::RECORD_KIND_SOURCE:
        return GetAs<v1::GetSourceRequest>(internal::kGetSource, name, options);
      default:
        return NoSuchKind(kind);
    }
  }

  absl::StatusOr<RecordPage> ListPage(v1::RecordKind kind, const ListOptions& options) override {
    const ListRpc* rpc = ListRpcOf(kind);
    if (rpc == nullptr) return NoSuchKind(kind);
    const auto request = rpc->make_request(options);
    const auto response = rpc->make_response();
    const absl::Status status =
        stub_->Call(*rpc->method, {.deadline = DeadlineOf(options.timeout)}, *request,
                    response.get());
    if (!status.ok()) return status;
    return rpc->take_page(*response);
  }

  std::unique_ptr<PendingPage> StartListPage(v1::RecordKind kind,
                                             const ListOptions& options) override {
    const ListRpc* rpc = ListRpcOf(kind);
    if (rpc == nullptr) return nullptr;
    auto call = stub_->Start(*rpc->method, {}, *rpc->make_request(options));
    if (call == nullptr) return nullptr;
    return std::make_unique<PendingPageImpl>(*rpc, TimeoutOf(options.timeout), std::move(call));
  }

  absl::StatusOr<v1::BatchGetResponse> BatchGet(const v1::BatchGetRequest& request,
                                                const CallOptions& options) override {
    return Call<v1::BatchGetResponse>(internal::kBatchGet, request, options.timeout);
  }

  absl::StatusOr<v1::ListRevisionsResponse> ListRevisions(const v1::ListRevisionsRequest& request,
                                                          const CallOptions& options) override {
    return Call<v1::ListRevisionsResponse>(internal::kListRevisions, request, options.timeout);
  }

  absl::StatusOr<v1::SearchResponse> SearchPage(const v1::SearchRequest& request,
                                                const CallOptions& options) override {
    return Call<v1::SearchResponse>(internal::kSearch, request, options.timeout);
  }

  absl::StatusOr<v1::CommitResponse> Commit(const v1::CommitRequest& request,
                                            const CallOptions& options) override {
    return Call<v1::CommitResponse>(internal::kCommit, request, options.timeout);
  }

  absl::StatusOr<v1::ScreenResponse> Screen(const v1::ScreenRequest& request,
                                            const CallOptions& options) override {
    return Call<v1::ScreenResponse>(internal::kScreen, request, options.timeout);
  }

  absl::StatusOr<v1::VerifyClaimResponse> VerifyClaim(const v1::VerifyClaimRequest& request,
                                                      const CallOptions& options) override {
    return Call<v1::VerifyClaimResponse>(internal::kVerifyClaim, request, options.timeout);
  }

  absl::StatusOr<v1::CreateBackupResponse> CreateBackup(const v1::CreateBackupRequest& request,
                                                        const CallOptions& options) override {
    return Call<v1::CreateBackupResponse>(internal::kCreateBackup, request, options.timeout);
  }

  absl::StatusOr<v1::ListBackupsResponse> ListBackups(const v1::ListBackupsRequest& request,
                                                      const CallOptions& options) override {
    return Call<v1::ListBackupsResponse>(internal::kListBackups, request, options.timeout);
  }

  absl::StatusOr<v1::VerifyBackupResponse> VerifyBackup(const v1::VerifyBackupRequest& request,
                                                        const CallOptions& options) override {
    return Call<v1::VerifyBackupResponse>(internal::kVerifyBackup, request, options.timeout);
  }

  absl::StatusOr<v1::GetStatusResponse> GetStatus(const v1::GetStatusRequest& request,
                                                  const CallOptions& options) override {
    return Call<v1::GetStatusResponse>(internal::kGetStatus, request, options.timeout);
  }

  absl::StatusOr<v1::TrimJournalResponse> TrimJournal(const v1::TrimJournalRequest& request,
                                                      const CallOptions& options) override {
    return Call<v1::TrimJournalResponse>(internal::kTrimJournal, request, options.timeout);
  }

  std::unique_ptr<WatchStream> OpenWatch(const v1::WatchRequest& request) override {
    return stub_->Watch({}, request);
  }

  std::unique_ptr<LoadStream> OpenLoad() override { return stub_->Load({}); }

 private:
  // Knows nothing of the connection, which may be gone when somebody comes for it.
  class PendingPageImpl final : public PendingPage {
   public:
    PendingPageImpl(const ListRpc& rpc, absl::Duration timeout,
                    std::unique_ptr<internal::PendingCall> call)
        : rpc_(rpc), timeout_(timeout), call_(std::move(call)) {}

    absl::StatusOr<RecordPage> Get() override {
      const auto response = rpc_.make_response();
      const absl::Status status = call_->Finish(absl::Now() + timeout_, response.get());
      if (!status.ok()) return status;
      return rpc_.take_page(*response);
    }

   private:
    const ListRpc& rpc_;
    const absl::Duration timeout_;
    const std::unique_ptr<internal::PendingCall> call_;
  };

  absl::Duration TimeoutOf(absl::Duration timeout) const {
    return timeout == absl::ZeroDuration() ? options_.timeout : timeout;
  }

  absl::Time DeadlineOf(absl::Duration timeout) const { return absl::Now() + TimeoutOf(timeout); }

  template <typename Response>
  absl::StatusOr<Response> Call(const UnaryMethod& method, const google::protobuf::Message& request,
                                absl::Duration timeout) {
    Response response;
    absl::Status status =
        stub_->Call(method, {.deadline = DeadlineOf(timeout)}, request, &response);
    if (!status.ok()) return status;
    return response;
  }

  template <typename Request>
  absl::StatusOr<v1::Record> GetAs(const UnaryMethod& method, const std::string& name,
                                   const ReadOptions& options) {
    Request request;
    request.set_name(name);
    *request.mutable_scope() = options.scope;
    internal::SetReadMask(options.read_mask, request);
    return Call<v1::Record>(method, request, options.timeout);
  }

  const ClientOptions options_;
  const std::shared_ptr<Stub> stub_;
};

}  // namespace

std::shared_ptr<Connection> MakeConnection(ClientOptions options) {
  return std::make_shared<ConnectionImpl>(std::move(options));
}

}  // namespace communique
