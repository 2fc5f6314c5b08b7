#include "service/server/rpc_table.h"

#include <utility>

#include "service/server/handlers.h"

namespace communique::server {
namespace {

using Writer = grpc::ServerAsyncResponseWriter<grpc::ByteBuffer>;
using Queue = grpc::ServerCompletionQueue;

// A row: the raw method's Request function, and the handler.
template <typename RawService, typename Accept>
UnaryMethod Row(std::string name, bool is_write, RawService& raw, Accept accept,
                std::function<void(UnaryCall&)> handle) {
  return {std::move(name), is_write,
          [&raw, accept](grpc::ServerContext* context, grpc::ByteBuffer* request, Writer* writer,
                         Queue* queue, void* tag) {
            (raw.*accept)(context, request, writer, queue, queue, tag);
          },
          std::move(handle)};
}

}  // namespace

std::vector<UnaryMethod> MakePublicMethods(PublicServices& services, Service& service) {
  std::vector<UnaryMethod> rows;
  const auto read = [&](const char* name, auto& raw, auto accept, auto handle) {
    rows.push_back(Row(name, false, raw, accept, handle));
  };
  const auto get = [&](const char* name, auto accept, v1::RecordKind kind, auto handle) {
    read(name, services.catalog, accept,
         [&service, kind, handle](UnaryCall& call) { handle(service, kind, call); });
  };
  RawCatalog& catalog = services.catalog;
  get("CatalogService/GetSummit", &RawCatalog::RequestGetSummit, v1::RECORD_KIND_SUMMIT,
      HandleGet<v1::GetSummitRequest>);
  get("CatalogService/GetSanction", &RawCatalog::RequestGetSanction, v1::RECORD_KIND_SANCTION,
      HandleGet<v1::GetSanctionRequest>);
  get("CatalogService/GetStatement", &RawCatalog::RequestGetStatement, v1::RECORD_KIND_STATEMENT,
      HandleGet<v1::GetStatementRequest>);
  get("CatalogService/GetActor", &RawCatalog::RequestGetActor, v1::RECORD_KIND_ACTOR,
      HandleGet<v1::GetActorRequest>);
  get("CatalogService/GetSource", &RawCatalog::RequestGetSource, v1::RECORD_KIND_SOURCE,
      HandleGet<v1::GetSourceRequest>);
  get("CatalogService/ListSummits", &RawCatalog::RequestListSummits, v1::RECORD_KIND_SUMMIT,
      HandleList<v1::ListSummitsRequest>);
  get("CatalogService/ListSanctions", &RawCatalog::RequestListSanctions, v1::RECORD_KIND_SANCTION,
      HandleList<v1::ListSanctionsRequest>);
  get("CatalogService/ListStatements", &RawCatalog::RequestListStatements,
      v1::RECORD_KIND_STATEMENT, HandleList<v1::ListStatementsRequest>);
  get("CatalogService/ListActors", &RawCatalog::RequestListActors, v1::RECORD_KIND_ACTOR,
      HandleList<v1::ListActorsRequest>);
  get("CatalogService/ListSources", &RawCatalog::RequestListSources, v1::RECORD_KIND_SOURCE,
      HandleList<v1::ListSourcesRequest>);
  read("CatalogService/BatchGet", catalog, &RawCatalog::RequestBatchGet,
       [&service](UnaryCall& call) { HandleBatchGet(service, call); });
  read("CatalogService/ListRevisions", catalog, &RawCatalog::RequestListRevisions,
       [&service](UnaryCall& call) { HandleListRevisions(service, call); });
  read("CatalogService/Search", catalog, &RawCatalog::RequestSearch,
       [&service](UnaryCall& call) { HandleSearch(service, call); });
  rows.push_back(Row("PublishService/Commit", true, services.publish, &RawPublish::RequestCommit,
                     [&service](UnaryCall& call) { HandleCommit(service, call); }));
  read("ScreeningService/Screen", services.screening, &RawScreening::RequestScreen,
       [&service](UnaryCall& call) { HandleScreen(service, call); });
  rows.back().hears_cancel = true;
  read("ScreeningService/VerifyClaim", services.screening, &RawScreening::RequestVerifyClaim,
       [&service](UnaryCall& call) { HandleVerifyClaim(service, call); });
  rows.back().hears_cancel = true;
  return rows;
}

std::vector<UnaryMethod> MakeAdminMethods(AdminServices& services, Service& service) {
  RawAdmin& admin = services.admin;
  const auto later = [](const char* rpc) {
    return [rpc](UnaryCall& call) { HandleNotImplemented(rpc, call); };
  };
  std::vector<UnaryMethod> rows;
  rows.push_back(Row("AdminService/GetStatus", false, admin, &RawAdmin::RequestGetStatus,
                     [&service](UnaryCall& call) { HandleGetStatus(service, call); }));
  rows.push_back(Row("AdminService/CreateBackup", true, admin, &RawAdmin::RequestCreateBackup,
                     later("AdminService.CreateBackup")));
  rows.push_back(Row("AdminService/ListBackups", false, admin, &RawAdmin::RequestListBackups,
                     later("AdminService.ListBackups")));
  rows.push_back(Row("AdminService/VerifyBackup", false, admin, &RawAdmin::RequestVerifyBackup,
                     later("AdminService.VerifyBackup")));
  rows.push_back(Row("AdminService/TrimJournal", true, admin, &RawAdmin::RequestTrimJournal,
                     [&service](UnaryCall& call) { HandleTrimJournal(service, call); }));
  return rows;
}

}  // namespace communique::server
