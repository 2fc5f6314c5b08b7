#include <algorithm>
#include <limits>
#include <memory>
#include <string>
#include <utility>

#include "communique/v1/catalog.pb.h"
#include "service/base/wire.h"
#include "service/domain/names.h"
#include "service/query/filter.h"
#include "service/query/order.h"
#include "service/query/read_mask.h"
#include "service/server/handlers.h"
#include "service/server/read_call.h"
#include "service/server/record_answer.h"
#include "service/server/referenced_names.h"
#include "service/store/lister.h"

namespace communique::server {
namespace {

// Answers one page of a list. The five responses have the same field numbers, so
// that of summits stands for all: the records are put before it, as bytes.
absl::StatusOr<std::string> AnswerPage(const store::ReadView& view, const store::ListQuery& query,
                                       const query::ReadMask& mask, bool include_referenced,
                                       const PageOf& page) {
  auto listed = store::ListRecords(view, query);
  if (!listed.ok()) return listed.status();
  const RecordAnswer answer(mask, view);
  ReferencedNames referenced(view);
  std::string bytes;
  const store::FoundRecord* last = nullptr;
  for (const store::FoundRecord& found : listed->records) {
    auto record = answer.Bytes(found, /*with_pin=*/false);
    if (!record.ok()) return record.status();
    // The records were counted as stored: states computed for a date come on top.
    if (last != nullptr && bytes.size() + record->size() > base::kMaxPageBytes) {
      auto parsed = last->Parse();
      if (!parsed.ok()) return parsed.status();
      listed->more = true;
      listed->last_name = last->name;
      listed->last_key = query.order.KeyOf(*parsed);
      break;
    }
    last = &found;
    if (include_referenced) referenced.Add(*record);
    base::AppendBytesField(v1::ListSummitsResponse::kSummitsFieldNumber, *record, bytes);
  }
  v1::ListSummitsResponse rest;
  if (listed->more) {
    rest.set_next_page_token(
        page.Next(view, std::move(listed->last_name), std::move(listed->last_key)));
  }
  rest.set_total_size(static_cast<int32_t>(std::min<int64_t>(
      listed->total_size, std::numeric_limits<int32_t>::max())));
  rest.set_total_size_estimated(listed->total_estimated);
  if (include_referenced) {
    auto names = referenced.Resolve();
    if (!names.ok()) return names.status();
    for (v1::ReferencedName& name : *names) *rest.add_referenced_names() = std::move(name);
  }
  *rest.mutable_pin() = view.pin();
  return std::move(bytes) + rest.SerializeAsString();
}

}  // namespace

template <typename Request>
void HandleList(Service& service, v1::RecordKind kind, UnaryCall& call) {
  auto request = std::make_shared<Request>();
  if (absl::Status status = call.Parse(*request); !status.ok()) return call.Finish(status);
  base::Violations violations;
  store::ListQuery query;
  query.kind = kind;
  query.page_size = PageSize(request->page_size(), violations);
  auto mask = query::ReadMask::Parse(request->read_mask(), kind, violations);
  if (!violations.empty()) return call.Finish(violations.ToStatus());
  auto filter = query::Filter::Parse(request->filter(), kind);
  if (!filter.ok()) return call.Finish(filter.status());
  query.filter = *std::move(filter);
  auto order = query::Order::Parse(request->order_by(), kind);
  if (!order.ok()) return call.Finish(order.status());
  query.order = *std::move(order);
  auto page = PageOf::Parse(service, domain::CollectionOf(kind), *request);
  if (!page.ok()) return call.Finish(page.status());
  query.after_name = page->after();
  query.after_key = page->after_key();
  WithView(service, call, std::move(request),
           [&service, &call, page = *std::move(page), query = std::move(query),
            mask = std::move(mask)](store::ReadView view, const Request& asked) {
             auto pinned = page.Pin(service, std::move(view));
             if (!pinned.ok()) return call.Finish(pinned.status());
             auto bytes =
                 AnswerPage(*pinned, query, mask, asked.include_referenced(), page);
             if (!bytes.ok()) return call.Finish(bytes.status());
             call.FinishBytes(*std::move(bytes));
           });
}

template void HandleList<v1::ListSummitsRequest>(Service&, v1::RecordKind, UnaryCall&);
template void HandleList<v1::ListSanctionsRequest>(Service&, v1::RecordKind, UnaryCall&);
template void HandleList<v1::ListStatementsRequest>(Service&, v1::RecordKind, UnaryCall&);
template void HandleList<v1::ListActorsRequest>(Service&, v1::RecordKind, UnaryCall&);
template void HandleList<v1::ListSourcesRequest>(Service&, v1::RecordKind, UnaryCall&);

}  // namespace communique::server
