#include "service/store/errors.h"

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "service/base/error.h"
#include "service/base/limits.h"
#include "service/journal/errors.h"

namespace communique::store {

using base::AddPreconditionViolation;
using base::MakeError;

absl::Status RecordNotFound(absl::string_view name) {
  absl::Status status = MakeError(absl::StatusCode::kNotFound, v1::ERROR_REASON_RECORD_NOT_FOUND,
                                  absl::StrCat(name, " is not there"),
                                  {{"name", std::string(name)}});
  base::AddResourceInfo(status, name, "has never been there, as far as this read sees");
  return status;
}

absl::Status RecordDeleted(const v1::Tombstone& tombstone, absl::string_view asked) {
  const absl::string_view cause = tombstone.cause() == v1::TOMBSTONE_CAUSE_RETRACTED ? "retracted"
                                  : tombstone.cause() == v1::TOMBSTONE_CAUSE_REKEYED ? "re-keyed"
                                                                                     : "deleted";
  std::string message = absl::StrCat(tombstone.name(), " was ", cause);
  if (!tombstone.successor().empty()) absl::StrAppend(&message, " to ", tombstone.successor());
  absl::StrAppend(&message, " at revision ", tombstone.revision());
  if (!tombstone.reason().empty()) absl::StrAppend(&message, ": ", tombstone.reason());
  absl::Status status =
      MakeError(absl::StatusCode::kNotFound, v1::ERROR_REASON_RECORD_DELETED, message,
                {{"name", tombstone.name()},
                 {"asked", std::string(asked)},
                 {"cause", std::string(cause)},
                 {"successor", tombstone.successor()},
                 {"revision", absl::StrCat(tombstone.revision())}});
  base::AddResourceInfo(status, tombstone.name(), message);
  v1::Tombstone shown = tombstone;
  shown.clear_retired_ids();  // there may be thousands, and details are headers
  base::AddDetail(status, v1::Tombstone::descriptor()->full_name(), shown.SerializeAsString());
  return status;
}

absl::Status RecordExists(absl::string_view name, absl::string_view etag) {
  absl::Status status =
      MakeError(absl::StatusCode::kAlreadyExists, v1::ERROR_REASON_RECORD_EXISTS,
                absl::StrCat(name, " is already there"),
                {{"name", std::string(name)}, {"current_etag", std::string(etag)}});
  base::AddResourceInfo(status, name, absl::StrCat("stands with etag ", etag));
  return status;
}

absl::Status NameMerged(absl::string_view name, absl::string_view successor) {
  absl::Status status = MakeError(
      absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_NAME_MERGED,
      absl::StrCat(name, " was merged into ", successor, "; its name is never used again"),
      {{"name", std::string(name)}, {"successor", std::string(successor)}});
  AddPreconditionViolation(status, "NAME_MERGED", name, absl::StrCat("merged into ", successor));
  return status;
}

namespace {

absl::Status Mismatch(v1::ErrorReason reason, absl::string_view what, absl::string_view name,
                      absl::string_view wanted, absl::string_view standing_etag,
                      int64_t standing_revision) {
  const std::string standing =
      standing_revision == 0
          ? "nothing stands there"
          : absl::StrCat("etag ", standing_etag, " at revision ", standing_revision, " stands");
  absl::Status status =
      MakeError(absl::StatusCode::kAborted, reason,
                absl::StrCat(name, ": ", what, " ", base::CutText(wanted, base::kMaxQuotedBytes),
                             " was expected, but ", standing),
                {{"name", std::string(name)},
                 {"wanted", std::string(wanted)},
                 {"current_etag", std::string(standing_etag)},
                 {"current_revision", absl::StrCat(standing_revision)}});
  AddPreconditionViolation(status, what == "etag" ? "ETAG" : "REVISION", name, standing);
  return status;
}

}  // namespace

absl::Status EtagMismatch(absl::string_view name, absl::string_view wanted,
                          absl::string_view standing_etag, int64_t standing_revision) {
  return Mismatch(v1::ERROR_REASON_ETAG_MISMATCH, "etag", name, wanted, standing_etag,
                  standing_revision);
}

absl::Status RevisionMismatch(absl::string_view name, int64_t wanted,
                              absl::string_view standing_etag, int64_t standing_revision) {
  return Mismatch(v1::ERROR_REASON_REVISION_MISMATCH, "revision", name, absl::StrCat(wanted),
                  standing_etag, standing_revision);
}

absl::Status ReferencesNotFound(const std::vector<MissingReference>& missing) {
  const MissingReference& first = missing[0];
  std::string message =
      absl::StrCat(first.record, " refers to ", first.target, ", which ", first.why);
  if (missing.size() > 1) absl::StrAppend(&message, " (and ", missing.size() - 1, " more)");
  absl::Status status = MakeError(absl::StatusCode::kFailedPrecondition,
                                  v1::ERROR_REASON_REFERENCE_NOT_FOUND, message,
                                  {{"record", first.record},
                                   {"target", first.target},
                                   {"missing_count", absl::StrCat(missing.size())}});
  for (size_t i = 0; i < missing.size() && i < base::kMaxViolations; ++i) {
    const MissingReference& reference = missing[i];
    AddPreconditionViolation(status, "REFERENCE", reference.target,
                             absl::StrCat(reference.record, " refers to it; it ", reference.why));
  }
  return status;
}

absl::Status MergeCycle(absl::string_view name, absl::string_view into) {
  absl::Status status =
      MakeError(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_MERGE_CYCLE,
                absl::StrCat("merging ", name, " into ", into, " would make a cycle"),
                {{"name", std::string(name)}, {"into", std::string(into)}});
  AddPreconditionViolation(status, "MERGE_CYCLE", name, absl::StrCat(into, " leads back to it"));
  return status;
}

absl::Status NotMerged(absl::string_view name) {
  absl::Status status =
      MakeError(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_NOT_MERGED,
                absl::StrCat(name, " was not merged"), {{"name", std::string(name)}});
  AddPreconditionViolation(status, "NOT_MERGED", name, "only a merge can be undone");
  return status;
}

absl::Status RequestIdReused(absl::string_view request_id, int64_t revision) {
  base::Violations violations;
  violations.Add("request_id", absl::StrCat("was used at revision ", revision,
                                            " with another payload; take a new one"));
  absl::Status status = violations.ToStatus(v1::ERROR_REASON_REQUEST_ID_REUSED);
  base::AddMetadata(status, "request_id", request_id);
  base::AddMetadata(status, "revision", absl::StrCat(revision));
  return status;
}

absl::Status SizeLimit(absl::string_view subject, absl::string_view limit, int64_t size,
                       int64_t allowed) {
  const std::string what = absl::StrCat(limit, ": ", size, ", at most ", allowed);
  absl::Status status = MakeError(absl::StatusCode::kResourceExhausted,
                                  v1::ERROR_REASON_SIZE_LIMIT, absl::StrCat(subject, ": ", what),
                                  {{"subject", std::string(subject)},
                                   {"limit", std::string(limit)},
                                   {"size", absl::StrCat(size)},
                                   {"allowed", absl::StrCat(allowed)}});
  base::AddQuotaViolation(status, subject, what);
  return status;
}

absl::Status QueueFull() {
  absl::Status status =
      MakeError(absl::StatusCode::kResourceExhausted, v1::ERROR_REASON_CALL_LIMIT,
                "too many commits wait to be written", {{"limit", "waiting commits"}});
  base::AddQuotaViolation(status, "waiting commits", "the writer's queue is full");
  base::AddRetryInfo(status, absl::Milliseconds(200));
  return status;
}

absl::Status Draining() {
  absl::Status status = MakeError(absl::StatusCode::kUnavailable, v1::ERROR_REASON_DRAINING,
                                  "the server is about to stop");
  base::AddRetryInfo(status, absl::Milliseconds(500));
  return status;
}

absl::Status RevisionInFuture(absl::string_view field, int64_t revision, int64_t head) {
  base::Violations violations;
  violations.Add(field, absl::StrCat("revision ", revision, " is beyond the head, ", head));
  absl::Status status = violations.ToStatus(v1::ERROR_REASON_REVISION_IN_FUTURE);
  base::AddMetadata(status, "revision", absl::StrCat(revision));
  base::AddMetadata(status, "head_revision", absl::StrCat(head));
  return status;
}

absl::Status TooManyRedirects(absl::string_view name, absl::string_view reached, int limit) {
  absl::Status status = MakeError(
      absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_NAME_MERGED,
      absl::StrCat(name, " was merged more than ", limit, " times over; go on from ", reached),
      {{"name", std::string(name)}, {"successor", std::string(reached)}});
  AddPreconditionViolation(status, "NAME_MERGED", name, absl::StrCat("leads on to ", reached));
  return status;
}

absl::Status TooManyLoads(int64_t limit) {
  absl::Status status = MakeError(absl::StatusCode::kResourceExhausted,
                                  v1::ERROR_REASON_CALL_LIMIT,
                                  absl::StrCat(limit, " loads are open"),
                                  {{"limit", absl::StrCat(limit)}});
  base::AddQuotaViolation(status, "loads", absl::StrCat("at most ", limit));
  base::AddRetryInfo(status, absl::Seconds(5));
  return status;
}

absl::Status RevisionExpired(int64_t revision, int64_t oldest) {
  return journal::RevisionExpired(revision, oldest);
}

absl::Status ReplicaBehind(int64_t revision, int64_t head) {
  absl::Status status = MakeError(
      absl::StatusCode::kUnavailable, v1::ERROR_REASON_REPLICA_BEHIND,
      absl::StrCat("revision ", revision, " is not applied here yet; the head is ", head),
      {{"revision", absl::StrCat(revision)}, {"head_revision", absl::StrCat(head)}});
  base::AddRetryInfo(status, absl::Milliseconds(500));
  return status;
}

absl::Status ListVersionIncomplete(absl::string_view source) {
  const std::string what = absl::StrCat(
      source, " has no coverage yet: the import of this version of the list has not ended");
  absl::Status status =
      MakeError(absl::StatusCode::kFailedPrecondition,
                v1::ERROR_REASON_LIST_VERSION_INCOMPLETE, what, {{"source", std::string(source)}});
  base::AddPreconditionViolation(status, "LIST_VERSION", source, what);
  return status;
}

absl::Status NotImplemented(absl::string_view what) {
  return MakeError(absl::StatusCode::kUnimplemented, v1::ERROR_REASON_NOT_IMPLEMENTED,
                   absl::StrCat(what, " is in the schema and not in this server yet"),
                   {{"what", std::string(what)}});
}

absl::Status LoadLineRefused(int64_t line, const absl::Status& why) {
  // The line's own error, details and all; the line is added to its ErrorInfo.
  absl::Status status(why.code(), absl::StrCat("line ", line, ": ", why.message()));
  why.ForEachPayload([&](absl::string_view type, const absl::Cord& payload) {
    status.SetPayload(type, payload);
  });
  base::AddMetadata(status, "line", absl::StrCat(line));
  return status;
}

}  // namespace communique::store
