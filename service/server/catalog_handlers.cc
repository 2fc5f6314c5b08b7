#include <memory>
#include <string>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "communique/v1/catalog.pb.h"
#include "service/base/error.h"
#include "service/base/hash.h"
#include "service/base/limits.h"
#include "service/base/wire.h"
#include "service/domain/names.h"
#include "service/query/filter.h"
#include "service/query/page_token.h"
#include "service/server/handlers.h"
#include "service/store/errors.h"

namespace communique::server {
namespace {

using store::FoundRecord;
using store::ReadView;

// Runs `read` on the view of the request's scope, after its `min_revision` came.
// The request lives as long as it takes.
template <typename Request, typename Read>
void WithView(Service& service, UnaryCall& call, std::shared_ptr<Request> request, Read read) {
  const int64_t min_revision = request->scope().min_revision();
  auto run = [&service, &call, request = std::move(request), read = std::move(read)]() mutable {
    auto view = service.reader().Open(request->scope());
    if (!view.ok()) return call.Finish(view.status());
    read(*view, *request);
  };
  if (min_revision <= service.reader().head()) return run();
  service.waiters().Wait(min_revision, base::kMinRevisionWait, std::move(run));
}

void CheckName(const std::string& name, v1::RecordKind kind, base::Violations& violations) {
  if (const std::string problem = domain::DescribeNameProblem(name); !problem.empty()) {
    violations.Add("name", absl::StrCat(base::Quoted(name), " ", problem));
  } else if (kind != v1::RECORD_KIND_UNSPECIFIED && domain::KindOfName(name) != kind) {
    violations.Add("name", absl::StrCat("\"", name, "\" is not of ", domain::CollectionOf(kind)));
  }
}

// What is in the schema and not in this server yet is refused, never ignored.
template <typename Request>
absl::Status CheckMask(const Request& request) {
  const auto& paths = request.read_mask().paths();
  if (paths.empty() || (paths.size() == 1 && paths[0] == "*")) return absl::OkStatus();
  return store::NotImplemented("read_mask");
}

int PageSize(int asked, base::Violations& violations) {
  if (asked < 0) violations.Add("page_size", "is negative");
  if (asked == 0) return base::kDefaultPageSize;
  return std::min(asked, base::kMaxPageSize);
}

// The stored bytes of a record, with what only an answer has.
std::string AnswerBytes(const FoundRecord& found, const v1::Pin* pin) {
  const absl::string_view stored = found.record_bytes();
  std::string bytes(stored.data(), stored.size());
  if (!found.redirected_from.empty()) {
    base::AppendBytesField(v1::Record::kRedirectedFromFieldNumber, found.redirected_from, bytes);
  }
  if (pin != nullptr) {
    base::AppendBytesField(v1::Record::kPinFieldNumber, pin->SerializeAsString(), bytes);
  }
  return bytes;
}

// One page, with where the next one begins.
struct Page {
  std::string bytes;   // the repeated field 1 of the response
  int count = 0;
  std::string last;    // name or revision
  bool more = false;
};

}  // namespace

template <typename Request>
void HandleGet(Service& service, v1::RecordKind kind, UnaryCall& call) {
  auto request = std::make_shared<Request>();
  if (absl::Status status = call.Parse(*request); !status.ok()) return call.Finish(status);
  base::Violations violations;
  CheckName(request->name(), kind, violations);
  if (!violations.empty()) return call.Finish(violations.ToStatus());
  if (absl::Status status = CheckMask(*request); !status.ok()) return call.Finish(status);
  WithView(service, call, std::move(request), [&call](const ReadView& view, const Request& asked) {
    const auto found = view.Get(asked.name());
    if (!found.ok()) return call.Finish(found.status());
    call.FinishBytes(AnswerBytes(*found, &view.pin()));
  });
}

template <typename Request>
void HandleList(Service& service, v1::RecordKind kind, UnaryCall& call) {
  auto request = std::make_shared<Request>();
  if (absl::Status status = call.Parse(*request); !status.ok()) return call.Finish(status);
  base::Violations violations;
  const int page_size = PageSize(request->page_size(), violations);
  if (!violations.empty()) return call.Finish(violations.ToStatus());
  if (absl::Status status = CheckMask(*request); !status.ok()) return call.Finish(status);
  if (!request->order_by().empty() && request->order_by() != "name") {
    return call.Finish(store::NotImplemented("order_by"));
  }
  if (request->include_referenced()) {
    return call.Finish(store::NotImplemented("include_referenced"));
  }
  auto filter = query::Filter::Parse(request->filter());
  if (!filter.ok()) return call.Finish(filter.status());
  const uint64_t query = base::Fnv1a64(absl::StrCat(static_cast<int>(kind), "/",
                                                    request->filter(), "/",
                                                    request->scope().SerializeAsString()));
  const std::string epoch = service.reader().identity().epoch;
  query::PageToken token;
  if (!request->page_token().empty()) {
    auto parsed = query::ParsePageToken(request->page_token(), epoch, query);
    if (!parsed.ok()) return call.Finish(parsed.status());
    token = *std::move(parsed);
  }
  WithView(service, call, std::move(request),
           [&service, &call, kind, page_size, query, epoch, token,
            filter = *std::move(filter)](ReadView view, const Request&) {
             if (!token.epoch.empty()) {
               auto pinned = service.reader().OpenAt(token.revision);
               if (!pinned.ok()) return call.Finish(pinned.status());
               view = *std::move(pinned);
             }
             Page page;
             int scanned = 0;
             const absl::Status status = view.List(
                 kind, token.after,
                 [&](absl::string_view name) {
                   // A long stretch without a match ends the page early.
                   if (++scanned > base::kMaxNamesScannedPerPage) {
                     page.more = true;
                     return true;
                   }
                   if (filter.MatchesName(name)) return true;
                   page.last = std::string(name);
                   return false;
                 },
                 [&](const FoundRecord& found) {
                   if (page.more || page.count == page_size ||
                       page.bytes.size() >= base::kMaxPageBytes) {
                     page.more = true;
                     return false;
                   }
                   base::AppendBytesField(1, found.record_bytes(), page.bytes);
                   page.last = found.name;
                   ++page.count;
                   return true;
                 });
             if (!status.ok()) return call.Finish(status);
             // The five responses have the same field numbers but for the name of
             // the first, which is here already, as bytes.
             v1::ListSummitsResponse rest;
             if (page.more) {
               rest.set_next_page_token(
                   query::MakePageToken({epoch, view.revision(), query, page.last}));
             }
             *rest.mutable_pin() = view.pin();
             call.FinishBytes(std::move(page.bytes) + rest.SerializeAsString());
           });
}

template void HandleGet<v1::GetSummitRequest>(Service&, v1::RecordKind, UnaryCall&);
template void HandleGet<v1::GetSanctionRequest>(Service&, v1::RecordKind, UnaryCall&);
template void HandleGet<v1::GetStatementRequest>(Service&, v1::RecordKind, UnaryCall&);
template void HandleGet<v1::GetActorRequest>(Service&, v1::RecordKind, UnaryCall&);
template void HandleGet<v1::GetSourceRequest>(Service&, v1::RecordKind, UnaryCall&);
template void HandleList<v1::ListSummitsRequest>(Service&, v1::RecordKind, UnaryCall&);
template void HandleList<v1::ListSanctionsRequest>(Service&, v1::RecordKind, UnaryCall&);
template void HandleList<v1::ListStatementsRequest>(Service&, v1::RecordKind, UnaryCall&);
template void HandleList<v1::ListActorsRequest>(Service&, v1::RecordKind, UnaryCall&);
template void HandleList<v1::ListSourcesRequest>(Service&, v1::RecordKind, UnaryCall&);

void HandleBatchGet(Service& service, UnaryCall& call) {
  auto request = std::make_shared<v1::BatchGetRequest>();
  if (absl::Status status = call.Parse(*request); !status.ok()) return call.Finish(status);
  base::Violations violations;
  if (request->names().empty()) violations.Add("names", "is required");
  if (request->names_size() > base::kMaxBatchNames) {
    violations.Add("names", absl::StrCat("has ", request->names_size(), ", at most ",
                                         base::kMaxBatchNames));
  }
  absl::flat_hash_set<std::string> seen;
  for (int i = 0; i < request->names_size() && i < base::kMaxBatchNames; ++i) {
    const std::string& name = request->names(i);
    const std::string path = absl::StrCat("names[", i, "]");
    if (const std::string problem = domain::DescribeNameProblem(name); !problem.empty()) {
      violations.Add(path, absl::StrCat(base::Quoted(name), " ", problem));
    } else if (!seen.insert(name).second) {
      violations.Add(path, absl::StrCat("\"", name, "\" is named twice"));
    }
  }
  if (!violations.empty()) return call.Finish(violations.ToStatus());
  if (absl::Status status = CheckMask(*request); !status.ok()) return call.Finish(status);
  WithView(service, call, std::move(request),
           [&call](const ReadView& view, const v1::BatchGetRequest& asked) {
             std::string bytes;  // of the records, field 1
             v1::BatchGetResponse rest;
             size_t rest_bytes = 0;
             for (const std::string& name : asked.names()) {
               const auto found = view.Get(name);
               if (bytes.size() + rest_bytes > base::kMaxPageBytes) {
                 return call.Finish(store::SizeLimit(
                     "the answer", "bytes", static_cast<int64_t>(bytes.size() + rest_bytes),
                     base::kMaxPageBytes));
               }
               if (found.ok()) {
                 base::AppendBytesField(1, AnswerBytes(*found, nullptr), bytes);
                 continue;
               }
               switch (base::ReasonOf(found.status())) {
                 case v1::ERROR_REASON_RECORD_NOT_FOUND:
                   rest.add_missing_names(name);
                   rest_bytes += name.size();
                   break;
                 case v1::ERROR_REASON_RECORD_DELETED:
                   rest.add_tombstones()->ParseFromString(base::DetailOf(
                       found.status(), v1::Tombstone::descriptor()->full_name()));
                   rest_bytes += rest.tombstones().rbegin()->ByteSizeLong();
                   break;
                 default:
                   return call.Finish(found.status());
               }
             }
             *rest.mutable_pin() = view.pin();
             call.FinishBytes(std::move(bytes) + rest.SerializeAsString());
           });
}

void HandleListRevisions(Service& service, UnaryCall& call) {
  auto request = std::make_shared<v1::ListRevisionsRequest>();
  if (absl::Status status = call.Parse(*request); !status.ok()) return call.Finish(status);
  base::Violations violations;
  CheckName(request->name(), v1::RECORD_KIND_UNSPECIFIED, violations);
  const int page_size = PageSize(request->page_size(), violations);
  if (!violations.empty()) return call.Finish(violations.ToStatus());
  if (request->include_values()) return call.Finish(store::NotImplemented("include_values"));
  const uint64_t query = base::Fnv1a64(
      absl::StrCat("revisions/", request->name(), "/", request->scope().SerializeAsString()));
  const std::string epoch = service.reader().identity().epoch;
  query::PageToken token;
  int64_t before = std::numeric_limits<int64_t>::max();
  if (!request->page_token().empty()) {
    auto parsed = query::ParsePageToken(request->page_token(), epoch, query);
    if (!parsed.ok()) return call.Finish(parsed.status());
    token = *std::move(parsed);
    if (!absl::SimpleAtoi(token.after, &before)) before = 0;
  }
  WithView(service, call, std::move(request),
           [&service, &call, page_size, query, epoch, token, before](
               ReadView view, const v1::ListRevisionsRequest& asked) {
             if (!token.epoch.empty()) {
               auto pinned = service.reader().OpenAt(token.revision);
               if (!pinned.ok()) return call.Finish(pinned.status());
               view = *std::move(pinned);
             }
             Page page;
             const absl::Status status =
                 view.History(asked.name(), before, [&](int64_t revision, std::string framed) {
                   if (page.count == page_size || page.bytes.size() >= base::kMaxPageBytes) {
                     page.more = true;
                     return false;
                   }
                   // Framed as field 1, which is where this response has them too.
                   page.bytes += framed;
                   page.last = absl::StrCat(revision);
                   ++page.count;
                   return true;
                 });
             if (!status.ok()) return call.Finish(status);
             if (page.count == 0 && token.epoch.empty()) {
               return call.Finish(store::RecordNotFound(asked.name()));
             }
             v1::ListRevisionsResponse rest;
             if (page.more) {
               rest.set_next_page_token(
                   query::MakePageToken({epoch, view.revision(), query, page.last}));
             }
             *rest.mutable_pin() = view.pin();
             call.FinishBytes(std::move(page.bytes) + rest.SerializeAsString());
           });
}

}  // namespace communique::server
