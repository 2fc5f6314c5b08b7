#include "communique/commit_builder.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "communique/names.h"

namespace communique {

namespace {

v1::Record Named(v1::RecordKind kind, absl::string_view id) {
  v1::Record record;
  record.set_name(absl::StrCat(CollectionOf(kind), "/", id));
  return record;
}

}  // namespace

CommitBuilder& CommitBuilder::CreateSummit(absl::string_view id, v1::Summit summit) {
  v1::Record record = Named(v1::RECORD_KIND_SUMMIT, id);
  *record.mutable_summit() = std::move(summit);
  return Create(std::move(record));
}

CommitBuilder& CommitBuilder::CreateSanction(absl::string_view id, v1::Sanction sanction) {
  v1::Record record = Named(v1::RECORD_KIND_SANCTION, id);
  *record.mutable_sanction() = std::move(sanction);
  return Create(std::move(record));
}

CommitBuilder& CommitBuilder::CreateStatement(absl::string_view id, v1::Statement statement) {
  v1::Record record = Named(v1::RECORD_KIND_STATEMENT, id);
  *record.mutable_statement() = std::move(statement);
  return Create(std::move(record));
}

CommitBuilder& CommitBuilder::CreateActor(absl::string_view id, v1::Actor actor) {
  v1::Record record = Named(v1::RECORD_KIND_ACTOR, id);
  *record.mutable_actor() = std::move(actor);
  return Create(std::move(record));
}

CommitBuilder& CommitBuilder::CreateSource(absl::string_view id, v1::Source source) {
  v1::Record record = Named(v1::RECORD_KIND_SOURCE, id);
  *record.mutable_source() = std::move(source);
  return Create(std::move(record));
}

CommitBuilder& CommitBuilder::PutSummit(absl::string_view id, v1::Summit summit) {
  v1::Record record = Named(v1::RECORD_KIND_SUMMIT, id);
  *record.mutable_summit() = std::move(summit);
  return Put(std::move(record));
}

CommitBuilder& CommitBuilder::PutSanction(absl::string_view id, v1::Sanction sanction) {
  v1::Record record = Named(v1::RECORD_KIND_SANCTION, id);
  *record.mutable_sanction() = std::move(sanction);
  return Put(std::move(record));
}

CommitBuilder& CommitBuilder::PutStatement(absl::string_view id, v1::Statement statement) {
  v1::Record record = Named(v1::RECORD_KIND_STATEMENT, id);
  *record.mutable_statement() = std::move(statement);
  return Put(std::move(record));
}

CommitBuilder& CommitBuilder::PutActor(absl::string_view id, v1::Actor actor) {
  v1::Record record = Named(v1::RECORD_KIND_ACTOR, id);
  *record.mutable_actor() = std::move(actor);
  return Put(std::move(record));
}

CommitBuilder& CommitBuilder::PutSource(absl::string_view id, v1::Source source) {
  v1::Record record = Named(v1::RECORD_KIND_SOURCE, id);
  *record.mutable_source() = std::move(source);
  return Put(std::move(record));
}

CommitBuilder& CommitBuilder::Create(v1::Record record) {
  *Add().mutable_create() = std::move(record);
  return *this;
}

CommitBuilder& CommitBuilder::Put(v1::Record record) {
  *Add().mutable_put() = std::move(record);
  return *this;
}

CommitBuilder& CommitBuilder::Update(v1::Record record,
                                     std::initializer_list<absl::string_view> paths) {
  v1::UpdateMutation& update = *Add().mutable_update();
  *update.mutable_record() = std::move(record);
  for (const absl::string_view path : paths) {
    update.mutable_update_mask()->add_paths(std::string(path));
  }
  return *this;
}

CommitBuilder& CommitBuilder::Update(v1::Record record, const std::vector<std::string>& paths) {
  v1::UpdateMutation& update = *Add().mutable_update();
  *update.mutable_record() = std::move(record);
  for (const std::string& path : paths) update.mutable_update_mask()->add_paths(path);
  return *this;
}

CommitBuilder& CommitBuilder::Delete(absl::string_view name, absl::string_view etag) {
  v1::DeleteMutation& deletion = *Add().mutable_delete_();
  deletion.set_name(std::string(name));
  deletion.set_etag(std::string(etag));
  return *this;
}

CommitBuilder& CommitBuilder::Retract(absl::string_view name) {
  v1::DeleteMutation& deletion = *Add().mutable_delete_();
  deletion.set_name(std::string(name));
  deletion.set_cause(v1::TOMBSTONE_CAUSE_RETRACTED);
  return *this;
}

CommitBuilder& CommitBuilder::Rekey(absl::string_view name, absl::string_view successor) {
  v1::DeleteMutation& deletion = *Add().mutable_delete_();
  deletion.set_name(std::string(name));
  deletion.set_cause(v1::TOMBSTONE_CAUSE_REKEYED);
  deletion.set_successor(std::string(successor));
  return *this;
}

CommitBuilder& CommitBuilder::Merge(absl::string_view name, absl::string_view into) {
  v1::MergeMutation& merge = *Add().mutable_merge();
  merge.set_name(std::string(name));
  merge.set_into(std::string(into));
  return *this;
}

CommitBuilder& CommitBuilder::Unmerge(absl::string_view name) {
  Add().mutable_unmerge()->set_name(std::string(name));
  return *this;
}

CommitBuilder& CommitBuilder::AsCorrection() {
  v1::Mutation& last =
      request_.mutations().empty() ? Add() : *request_.mutable_mutations()->rbegin();
  last.set_correction(true);
  return *this;
}

CommitBuilder& CommitBuilder::RequireEtag(absl::string_view name, absl::string_view etag) {
  Require(name).set_etag(std::string(etag));
  return *this;
}

CommitBuilder& CommitBuilder::RequireRevision(absl::string_view name, std::int64_t revision) {
  Require(name).set_revision(revision);
  return *this;
}

CommitBuilder& CommitBuilder::RequireExists(absl::string_view name) {
  Require(name).set_must_exist(true);
  return *this;
}

CommitBuilder& CommitBuilder::RequireAbsent(absl::string_view name) {
  Require(name).set_must_not_exist(true);
  return *this;
}

CommitBuilder& CommitBuilder::Because(absl::string_view reason) {
  request_.set_reason(std::string(reason));
  return *this;
}

CommitBuilder& CommitBuilder::RequestId(absl::string_view request_id) {
  request_.set_request_id(std::string(request_id));
  return *this;
}

CommitBuilder& CommitBuilder::ValidateOnly() {
  request_.set_validate_only(true);
  return *this;
}

v1::Precondition& CommitBuilder::Require(absl::string_view name) {
  v1::Precondition& precondition = *request_.add_preconditions();
  precondition.set_name(std::string(name));
  return precondition;
}

}  // namespace communique
