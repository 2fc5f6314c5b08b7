#include "src/list_rpc.h"

#include <utility>

#include "src/grpc_stub.h"
#include "src/read_mask.h"

namespace communique::internal {
namespace {

using google::protobuf::Message;
using google::protobuf::RepeatedPtrField;

template <typename Request>
std::unique_ptr<Message> MakeRequest(const ListOptions& options) {
  auto request = std::make_unique<Request>();
  request->set_page_size(options.page_size);
  request->set_page_token(options.page_token);
  request->set_filter(options.filter);
  request->set_order_by(options.order_by);
  request->set_include_referenced(options.include_referenced);
  *request->mutable_scope() = options.scope;
  SetReadMask(options.read_mask, *request);
  return request;
}

template <typename Response>
std::unique_ptr<Message> MakeResponse() {
  return std::make_unique<Response>();
}

template <typename Response, RepeatedPtrField<v1::Record>* (Response::*records)()>
RecordPage TakePage(Message& message) {
  Response& response = static_cast<Response&>(message);
  RecordPage page;
  for (v1::Record& record : *(response.*records)()) page.records.push_back(std::move(record));
  page.next_page_token = response.next_page_token();
  page.total_size = response.total_size();
  page.total_size_estimated = response.total_size_estimated();
  page.referenced_names.assign(response.referenced_names().begin(),
                               response.referenced_names().end());
  page.pin = response.pin();
  return page;
}

template <typename Request, typename Response,
          RepeatedPtrField<v1::Record>* (Response::*records)()>
constexpr ListRpc Make(const UnaryMethod* method) {
  return {method, &MakeRequest<Request>, &MakeResponse<Response>, &TakePage<Response, records>};
}

}  // namespace

const ListRpc* ListRpcOf(v1::RecordKind kind) {
  static constexpr ListRpc kSummits =
      Make<v1::ListSummitsRequest, v1::ListSummitsResponse,
           &v1::ListSummitsResponse::mutable_summits>(&kListSummits);
  static constexpr ListRpc kSanctions =
      Make<v1::ListSanctionsRequest, v1::ListSanctionsResponse,
           &v1::ListSanctionsResponse::mutable_sanctions>(&kListSanctions);
  static constexpr ListRpc kStatements =
      Make<v1::ListStatementsRequest, v1::ListStatementsResponse,
           &v1::ListStatementsResponse::mutable_statements>(&kListStatements);
  static constexpr ListRpc kActors =
      Make<v1::ListActorsRequest, v1::ListActorsResponse,
           &v1::ListActorsResponse::mutable_actors>(&kListActors);
  static constexpr ListRpc kSources =
      Make<v1::ListSourcesRequest, v1::ListSourcesResponse,
           &v1::ListSourcesResponse::mutable_sources>(&kListSources);
  switch (kind) {
    case v1::RECORD_KIND_SUMMIT:
      return &kSummits;
    case v1::RECORD_KIND_SANCTION:
      return &kSanctions;
    case v1::RECORD_KIND_STATEMENT:
      return &kStatements;
    case v1::RECORD_KIND_ACTOR:
      return &kActors;
    case v1::RECORD_KIND_SOURCE:
      return &kSources;
    default:
      return nullptr;
  }
}

}  // namespace communique::internal
