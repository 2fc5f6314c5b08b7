#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "communique/v1/catalog.pb.h"
#include "service/base/wire.h"
#include "service/query/read_mask.h"
#include "service/query/text_query.h"
#include "service/server/handlers.h"
#include "service/server/read_call.h"
#include "service/server/record_answer.h"
#include "service/store/searcher.h"

namespace communique::server {
namespace {

std::vector<v1::RecordKind> CheckKinds(const v1::SearchRequest& request,
                                       base::Violations& violations) {
  std::vector<v1::RecordKind> kinds;
  for (int i = 0; i < request.kinds_size(); ++i) {
    if (!v1::RecordKind_IsValid(request.kinds(i)) ||
        request.kinds(i) == v1::RECORD_KIND_UNSPECIFIED) {
      violations.Add(absl::StrCat("kinds[", i, "]"), "is no kind of record");
    }
    kinds.push_back(request.kinds(i));
  }
  return kinds;
}

// A page of the ranking, which is the same for every page: it is of one revision.
absl::StatusOr<std::string> AnswerPage(const store::ReadView& view, const query::TextQuery& query,
                                       const std::vector<v1::RecordKind>& kinds, size_t from,
                                       size_t page_size, const query::ReadMask& mask,
                                       const PageOf& page) {
  const auto hits = store::SearchRecords(view, query, kinds);
  if (!hits.ok()) return hits.status();
  const RecordAnswer answer(mask, view);
  std::string bytes;
  size_t at = from;
  for (; at < hits->size() && at < from + page_size && bytes.size() < base::kMaxPageBytes; ++at) {
    const store::SearchHit& hit = (*hits)[at];
    const auto found = view.ReadVersion(hit.name, hit.revision, hit.ordinal);
    if (!found.ok()) return found.status();
    const auto record = found->Parse();
    if (!record.ok()) return record.status();
    auto record_bytes = answer.Bytes(*found, /*with_pin=*/false);
    if (!record_bytes.ok()) return record_bytes.status();
    v1::SearchResult rest;
    rest.set_score(hit.rank);
    for (v1::SearchFragment& fragment :
         query::FragmentsOf(query, *record, base::kMaxFragments)) {
      *rest.add_fragments() = std::move(fragment);
    }
    std::string result;
    base::AppendBytesField(v1::SearchResult::kRecordFieldNumber, *record_bytes, result);
    result += rest.SerializeAsString();
    base::AppendBytesField(v1::SearchResponse::kResultsFieldNumber, result, bytes);
  }
  v1::SearchResponse rest;
  if (at < hits->size()) rest.set_next_page_token(page.Next(view, absl::StrCat(at)));
  *rest.mutable_pin() = view.pin();
  return std::move(bytes) + rest.SerializeAsString();
}

}  // namespace

void HandleSearch(Service& service, UnaryCall& call) {
  auto request = std::make_shared<v1::SearchRequest>();
  if (absl::Status status = call.Parse(*request); !status.ok()) return call.Finish(status);
  base::Violations violations;
  const int page_size = PageSize(request->page_size(), violations);
  std::vector<v1::RecordKind> kinds = CheckKinds(*request, violations);
  auto mask =
      query::ReadMask::Parse(request->read_mask(), v1::RECORD_KIND_UNSPECIFIED, violations);
  if (!violations.empty()) return call.Finish(violations.ToStatus());
  auto query = query::TextQuery::ForSearch(request->query());
  if (!query.ok()) return call.Finish(query.status());
  auto page = PageOf::Parse(service, "search", *request);
  if (!page.ok()) return call.Finish(page.status());
  size_t from = 0;
  if (!page->first() && !absl::SimpleAtoi(page->after(), &from)) from = 0;
  WithView(service, call, std::move(request),
           [&service, &call, page = *std::move(page), query = *std::move(query),
            kinds = std::move(kinds), mask = std::move(mask), from,
            page_size](store::ReadView view, const v1::SearchRequest&) {
             auto pinned = page.Pin(service, std::move(view));
             if (!pinned.ok()) return call.Finish(pinned.status());
             auto bytes = AnswerPage(*pinned, query, kinds, from,
                                     static_cast<size_t>(page_size), mask, page);
             if (!bytes.ok()) return call.Finish(bytes.status());
             call.FinishBytes(*std::move(bytes));
           });
}

}  // namespace communique::server
