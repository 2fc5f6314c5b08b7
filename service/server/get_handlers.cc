#include <memory>
#include <string>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "communique/v1/catalog.pb.h"
#include "service/base/wire.h"
#include "service/domain/names.h"
#include "service/query/read_mask.h"
#include "service/server/handlers.h"
#include "service/server/read_call.h"
#include "service/server/record_answer.h"
#include "service/store/errors.h"

namespace communique::server {

template <typename Request>
void HandleGet(Service& service, v1::RecordKind kind, UnaryCall& call) {
  auto request = std::make_shared<Request>();
  if (absl::Status status = call.Parse(*request); !status.ok()) return call.Finish(status);
  base::Violations violations;
  CheckName(request->name(), kind, violations);
  auto mask = query::ReadMask::Parse(request->read_mask(), kind, violations);
  if (!violations.empty()) return call.Finish(violations.ToStatus());
  WithView(service, call, std::move(request),
           [&call, mask = std::move(mask)](const store::ReadView& view, const Request& asked) {
             const auto found = view.Get(asked.name());
             if (!found.ok()) return call.Finish(found.status());
             auto bytes = RecordAnswer(mask, view).Bytes(*found, /*with_pin=*/true);
             if (!bytes.ok()) return call.Finish(bytes.status());
             call.FinishBytes(*std::move(bytes));
           });
}

template void HandleGet<v1::GetSummitRequest>(Service&, v1::RecordKind, UnaryCall&);
template void HandleGet<v1::GetSanctionRequest>(Service&, v1::RecordKind, UnaryCall&);
template void HandleGet<v1::GetStatementRequest>(Service&, v1::RecordKind, UnaryCall&);
template void HandleGet<v1::GetActorRequest>(Service&, v1::RecordKind, UnaryCall&);
template void HandleGet<v1::GetSourceRequest>(Service&, v1::RecordKind, UnaryCall&);

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
  auto mask =
      query::ReadMask::Parse(request->read_mask(), v1::RECORD_KIND_UNSPECIFIED, violations);
  if (!violations.empty()) return call.Finish(violations.ToStatus());
  WithView(service, call, std::move(request),
           [&call, mask = std::move(mask)](const store::ReadView& view,
                                           const v1::BatchGetRequest& asked) {
             const RecordAnswer answer(mask, view);
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
                 const auto record = answer.Bytes(*found, /*with_pin=*/false);
                 if (!record.ok()) return call.Finish(record.status());
                 base::AppendBytesField(v1::BatchGetResponse::kRecordsFieldNumber, *record, bytes);
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

}  // namespace communique::server
