#include "service/store/commit_rules.h"

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "service/base/error.h"
#include "service/base/limits.h"
#include "service/domain/names.h"
#include "service/domain/update_mask.h"
#include "service/domain/validate.h"
#include "service/store/errors.h"

namespace communique::store {
namespace {

void CheckName(const std::string& name, absl::string_view path, base::Violations& violations) {
  if (const std::string problem = domain::DescribeNameProblem(name); !problem.empty()) {
    violations.Add(path, absl::StrCat(base::Quoted(name), " ", problem));
  }
}

// A field that this server does not know may be a condition: never ignored.
void CheckUnknownFields(const google::protobuf::Message& message, absl::string_view path,
                        base::Violations& violations) {
  const auto& unknown = message.GetReflection()->GetUnknownFields(message);
  if (unknown.empty()) return;
  violations.Add(path, absl::StrCat("has a field of number ", unknown.field(0).number(),
                                    ", which this server does not know"));
}

void CheckDelete(const v1::DeleteMutation& mutation, const std::string& path,
                 base::Violations& violations) {
  CheckUnknownFields(mutation, path, violations);
  CheckName(mutation.name(), absl::StrCat(path, ".name"), violations);
  const std::string cause = absl::StrCat(path, ".cause");
  switch (mutation.cause()) {
    case v1::TOMBSTONE_CAUSE_UNSPECIFIED:
    case v1::TOMBSTONE_CAUSE_DELETED:
    case v1::TOMBSTONE_CAUSE_RETRACTED:
      if (!mutation.successor().empty()) {
        violations.Add(absl::StrCat(path, ".successor"), "is for REKEYED only");
      }
      break;
    case v1::TOMBSTONE_CAUSE_REKEYED:
      CheckName(mutation.successor(), absl::StrCat(path, ".successor"), violations);
      if (domain::KindOfName(mutation.successor()) != domain::KindOfName(mutation.name())) {
        violations.Add(absl::StrCat(path, ".successor"), "must be of the same kind");
      }
      break;
    case v1::TOMBSTONE_CAUSE_MERGED:
      violations.Add(cause, "a merge is a mutation of its own: merge");
      break;
    default:
      violations.Add(cause, absl::StrCat(static_cast<int>(mutation.cause()),
                                         " is no value of TombstoneCause"));
  }
}

void CheckMerge(const v1::MergeMutation& mutation, const std::string& path,
                base::Violations& violations) {
  CheckUnknownFields(mutation, path, violations);
  CheckName(mutation.name(), absl::StrCat(path, ".name"), violations);
  CheckName(mutation.into(), absl::StrCat(path, ".into"), violations);
  if (domain::KindOfName(mutation.name()) != domain::KindOfName(mutation.into())) {
    violations.Add(absl::StrCat(path, ".into"), "must be of the same kind");
  }
}

// Checks one mutation; its own size limit is answered apart.
absl::Status CheckMutation(v1::Mutation& mutation, const std::string& path,
                           base::Violations& violations) {
  v1::Record* record = nullptr;
  std::string record_path;
  CheckUnknownFields(mutation, path, violations);
  switch (mutation.operation_case()) {
    case v1::Mutation::kCreate:
      record = mutation.mutable_create();
      record_path = absl::StrCat(path, ".create");
      if (!record->etag().empty()) {
        violations.Add(absl::StrCat(record_path, ".etag"),
                       "nothing stands yet that it could match; it is for put and update");
      }
      break;
    case v1::Mutation::kPut:
      record = mutation.mutable_put();
      record_path = absl::StrCat(path, ".put");
      break;
    case v1::Mutation::kUpdate:
      CheckUnknownFields(mutation.update(), absl::StrCat(path, ".update"), violations);
      CheckUnknownFields(mutation.update().record(), absl::StrCat(path, ".update.record"),
                         violations);
      domain::ValidateUpdate(mutation.update(), absl::StrCat(path, ".update"), violations);
      return absl::OkStatus();
    case v1::Mutation::kDelete:
      CheckDelete(mutation.delete_(), absl::StrCat(path, ".delete"), violations);
      return absl::OkStatus();
    case v1::Mutation::kMerge:
      CheckMerge(mutation.merge(), absl::StrCat(path, ".merge"), violations);
      return absl::OkStatus();
    case v1::Mutation::kUnmerge:
      CheckUnknownFields(mutation.unmerge(), absl::StrCat(path, ".unmerge"), violations);
      CheckName(mutation.unmerge().name(), absl::StrCat(path, ".unmerge.name"), violations);
      return absl::OkStatus();
    case v1::Mutation::OPERATION_NOT_SET:
      violations.Add(path, "has no operation: set one of create, update, put, delete, merge, "
                           "unmerge");
      return absl::OkStatus();
  }
  if (record->ByteSizeLong() > base::kMaxRecordBytes) {
    return SizeLimit(record->name(), "bytes of a record",
                     static_cast<int64_t>(record->ByteSizeLong()), base::kMaxRecordBytes);
  }
  const std::string etag = record->etag();
  domain::ValidateRecord(*record, record_path, violations);
  record->set_etag(etag);  // an expectation, not a value; the planner reads it
  return absl::OkStatus();
}

void CheckPrecondition(const v1::Precondition& precondition, const std::string& path,
                       base::Violations& violations) {
  CheckUnknownFields(precondition, path, violations);
  CheckName(precondition.name(), absl::StrCat(path, ".name"), violations);
  switch (precondition.condition_case()) {
    case v1::Precondition::kEtag:
      if (precondition.etag().empty()) violations.Add(absl::StrCat(path, ".etag"), "is empty");
      break;
    case v1::Precondition::kRevision:
      if (precondition.revision() < 1) {
        violations.Add(absl::StrCat(path, ".revision"), "revisions start at 1");
      }
      break;
    case v1::Precondition::kMustExist:
      if (!precondition.must_exist()) {
        violations.Add(absl::StrCat(path, ".must_exist"), "must be true; use must_not_exist");
      }
      break;
    case v1::Precondition::kMustNotExist:
      if (!precondition.must_not_exist()) {
        violations.Add(absl::StrCat(path, ".must_not_exist"), "must be true; use must_exist");
      }
      break;
    case v1::Precondition::CONDITION_NOT_SET:
      violations.Add(path, "has no condition: set one of etag, revision, must_exist, "
                           "must_not_exist");
      break;
  }
}

}  // namespace

bool IsValidRequestId(absl::string_view id) {
  if (id.empty() || id.size() > base::kMaxRequestIdBytes) return false;
  for (const char c : id) {
    if (!absl::ascii_isalnum(c) && c != '-' && c != '_' && c != '.' && c != ':') return false;
  }
  return true;
}

const std::string& NameOf(const v1::Mutation& mutation) {
  switch (mutation.operation_case()) {
    case v1::Mutation::kCreate:
      return mutation.create().name();
    case v1::Mutation::kPut:
      return mutation.put().name();
    case v1::Mutation::kUpdate:
      return mutation.update().record().name();
    case v1::Mutation::kDelete:
      return mutation.delete_().name();
    case v1::Mutation::kMerge:
      return mutation.merge().name();
    case v1::Mutation::kUnmerge:
      return mutation.unmerge().name();
    case v1::Mutation::OPERATION_NOT_SET:
      break;
  }
  static const std::string* const kNone = new std::string();
  return *kNone;
}

absl::Status PrepareCommit(v1::CommitRequest& request) {
  if (request.mutations_size() > base::kMaxMutationsPerCommit) {
    return SizeLimit("the commit", "mutations", request.mutations_size(),
                     base::kMaxMutationsPerCommit);
  }
  if (request.preconditions_size() > base::kMaxPreconditionsPerCommit) {
    return SizeLimit("the commit", "preconditions", request.preconditions_size(),
                     base::kMaxPreconditionsPerCommit);
  }
  base::Violations violations;
  if (!request.GetReflection()->GetUnknownFields(request).empty()) {
    violations.Add("", "the commit has a field which this server does not know");
  }
  if (request.mutations().empty()) violations.Add("mutations", "is required");
  if (!request.request_id().empty() && !IsValidRequestId(request.request_id())) {
    violations.Add("request_id",
                   "must be 1 to 64 of A-Z, a-z, 0-9, '-', '_', '.', ':' (AIP-155)");
  }
  if (request.reason().size() > base::kMaxReasonBytes) {
    violations.Add("reason",
                   absl::StrCat("is longer than ", base::kMaxReasonBytes, " bytes"));
  }
  absl::flat_hash_set<std::string> names;
  for (int i = 0; i < request.mutations_size(); ++i) {
    const std::string path = absl::StrCat("mutations[", i, "]");
    if (absl::Status status = CheckMutation(*request.mutable_mutations(i), path, violations);
        !status.ok()) {
      return status;
    }
    const std::string& name = NameOf(request.mutations(i));
    if (!name.empty() && !names.insert(name).second) {
      violations.Add(path, absl::StrCat(base::Quoted(name), " has a mutation already; a commit has one "
                                        "for each name"));
    }
  }
  for (int i = 0; i < request.preconditions_size(); ++i) {
    CheckPrecondition(request.preconditions(i), absl::StrCat("preconditions[", i, "]"),
                      violations);
  }
  if (!violations.empty()) return violations.ToStatus();
  if (const size_t bytes = request.ByteSizeLong(); bytes > base::kMaxCommitBytes) {
    return SizeLimit("the commit", "bytes", static_cast<int64_t>(bytes), base::kMaxCommitBytes);
  }
  return absl::OkStatus();
}

}  // namespace communique::store
