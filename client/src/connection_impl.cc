#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "communique/connection.h"
#include "communique/names.h"
#include "src/grpc_stub.h"
#include "src/stub_factory.h"

namespace communique {
namespace {

using internal::CallContext;
using internal::Stub;
using internal::UnaryMethod;

absl::Status NoSuchKind(v1::RecordKind kind) {
  return absl::InvalidArgumentError(absl::StrCat("no kind of record: ", v1::RecordKind_Name(kind)));
}

void SetMask(const std::vector<std::string>& paths, google::protobuf::FieldMask& mask) {
  for (const std::string& path : paths) mask.add_paths(path);
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
    switch (kind) {
      case v1::RECORD_KIND_SUMMIT:
        return ListAs<v1::ListSummitsRequest>(internal::kListSummits, options,
                                              &v1::ListSummitsResponse::mutable_summits);
      case v1::RECORD_KIND_SANCTION:
        return ListAs<v1::ListSanctionsRequest>(internal::kListSanctions, options,
                                                &v1::ListSanctionsResponse::mutable_sanctions);
      case v1::RECORD_KIND_STATEMENT:
        return ListAs<v1::ListStatementsRequest>(internal::kListStatements, options,
                                                 &v1::ListStatementsResponse::mutable_statements);
      case v1::RECORD_KIND_ACTOR:
        return ListAs<v1::ListActorsRequest>(internal::kListActors, options,
                                             &v1::ListActorsResponse::mutable_actors);
      case v1::RECORD_KIND_SOURCE:
        return ListAs<v1::ListSourcesRequest>(internal::kListSources, options,
                                              &v1::ListSourcesResponse::mutable_sources);
      default:
        return NoSuchKind(kind);
    }
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
  template <typename Response>
  absl::StatusOr<Response> Call(const UnaryMethod& method, const google::protobuf::Message& request,
                                absl::Duration timeout) {
    if (timeout == absl::ZeroDuration()) timeout = options_.timeout;
    Response response;
    absl::Status status =
        stub_->Call(method, {.deadline = absl::Now() + timeout}, request, &response);
    if (!status.ok()) return status;
    return response;
  }

  template <typename Request>
  absl::StatusOr<v1::Record> GetAs(const UnaryMethod& method, const std::string& name,
                                   const ReadOptions& options) {
    Request request;
    request.set_name(name);
    *request.mutable_scope() = options.scope;
    if (!options.read_mask.empty()) SetMask(options.read_mask, *request.mutable_read_mask());
    return Call<v1::Record>(method, request, options.timeout);
  }

  template <typename Request, typename Response>
  absl::StatusOr<RecordPage> ListAs(
      const UnaryMethod& method, const ListOptions& options,
      google::protobuf::RepeatedPtrField<v1::Record>* (Response::*records)()) {
    Request request;
    request.set_page_size(options.page_size);
    request.set_page_token(options.page_token);
    request.set_filter(options.filter);
    request.set_order_by(options.order_by);
    request.set_include_referenced(options.include_referenced);
    *request.mutable_scope() = options.scope;
    if (!options.read_mask.empty()) SetMask(options.read_mask, *request.mutable_read_mask());
    absl::StatusOr<Response> response = Call<Response>(method, request, options.timeout);
    if (!response.ok()) return response.status();
    RecordPage page;
    for (v1::Record& record : *((*response).*records)()) page.records.push_back(std::move(record));
    page.next_page_token = response->next_page_token();
    page.total_size = response->total_size();
    page.total_size_estimated = response->total_size_estimated();
    page.referenced_names.assign(response->referenced_names().begin(),
                                 response->referenced_names().end());
    page.pin = response->pin();
    return page;
  }

  const ClientOptions options_;
  const std::shared_ptr<Stub> stub_;
};

}  // namespace

std::shared_ptr<Connection> MakeConnection(ClientOptions options) {
  return std::make_shared<ConnectionImpl>(std::move(options));
}

}  // namespace communique
