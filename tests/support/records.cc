#include "tests/support/records.h"

#include "absl/strings/str_cat.h"
#include "communique/names.h"
#include "google/protobuf/util/json_util.h"

namespace communique::testing {

v1::Record MakeRecord(absl::string_view name, absl::string_view title) {
  const std::string text(title);
  v1::Record record;
  record.set_name(std::string(name));
  switch (RecordKindOfCollection(name.substr(0, name.find('/')))) {
    case v1::RECORD_KIND_SUMMIT:
      record.mutable_summit()->set_title(text);
      record.mutable_summit()->set_type(v1::SUMMIT_TYPE_MEETING);
      break;
    case v1::RECORD_KIND_SANCTION:
      record.mutable_sanction()->set_title(text);
      record.mutable_sanction()->mutable_regime()->mutable_authority()->set_text("the authority");
      break;
    case v1::RECORD_KIND_STATEMENT:
      record.mutable_statement()->set_title(text);
      record.mutable_statement()->mutable_speaker()->mutable_actor()->set_text("the speaker");
      break;
    case v1::RECORD_KIND_SOURCE:
      record.mutable_source()->set_title(text);
      record.mutable_source()->set_type(v1::SOURCE_TYPE_ARTICLE);
      break;
    default:
      record.mutable_actor()->set_display_name(text);
      record.mutable_actor()->set_type(v1::ACTOR_TYPE_PERSON);
  }
  return record;
}

v1::Record MakeSummit(absl::string_view id, absl::string_view title) {
  return MakeRecord(absl::StrCat("summits/", id), title);
}
v1::Record MakeSanction(absl::string_view id, absl::string_view title) {
  return MakeRecord(absl::StrCat("sanctions/", id), title);
}
v1::Record MakeStatement(absl::string_view id, absl::string_view title) {
  return MakeRecord(absl::StrCat("statements/", id), title);
}
v1::Record MakeActor(absl::string_view id, absl::string_view title) {
  return MakeRecord(absl::StrCat("actors/", id), title);
}
v1::Record MakeSource(absl::string_view id, absl::string_view title) {
  return MakeRecord(absl::StrCat("sources/", id), title);
}

std::string TitleOf(const v1::Record& record) {
  switch (record.kind_case()) {
    case v1::Record::kSummit:
      return record.summit().title();
    case v1::Record::kSanction:
      return record.sanction().title();
    case v1::Record::kStatement:
      return record.statement().title();
    case v1::Record::kActor:
      return record.actor().display_name();
    case v1::Record::kSource:
      return record.source().title();
    case v1::Record::KIND_NOT_SET:
      break;
  }
  return "";
}

v1::CommitRequest Put(std::initializer_list<v1::Record> records) {
  v1::CommitRequest request;
  for (const v1::Record& record : records) *request.add_mutations()->mutable_put() = record;
  return request;
}

v1::CommitRequest Put(const v1::Record& record) { return Put({record}); }

v1::CommitRequest Delete(absl::string_view name) {
  v1::CommitRequest request;
  request.add_mutations()->mutable_delete_()->set_name(std::string(name));
  return request;
}

v1::CommitRequest Merge(absl::string_view name, absl::string_view into) {
  v1::CommitRequest request;
  v1::MergeMutation& merge = *request.add_mutations()->mutable_merge();
  merge.set_name(std::string(name));
  merge.set_into(std::string(into));
  return request;
}

std::string ToJsonLine(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string json;
  if (!google::protobuf::util::MessageToJsonString(message, &json, options).ok()) return "";
  return json + "\n";
}

}  // namespace communique::testing
