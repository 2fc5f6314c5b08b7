#include "cli/json.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"

namespace communique::cli {

std::string ToJson(const google::protobuf::Message& message, bool pretty) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  options.add_whitespace = pretty;
  std::string json;
  // Fails only for an Any of an unknown type; no public message holds one.
  const auto status = google::protobuf::util::MessageToJsonString(message, &json, options);
  if (!status.ok()) json = "{}";
  while (!json.empty() && json.back() == '\n') json.pop_back();
  return json;
}

absl::Status FromJson(absl::string_view json, google::protobuf::Message* message) {
  const auto status = google::protobuf::util::JsonStringToMessage(
      google::protobuf::StringPiece(json.data(), json.size()), message);
  if (status.ok()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::string_view(status.message().data(), status.message().size()));
}

std::string JsonText(absl::string_view text) {
  google::protobuf::Value value;
  value.set_string_value(std::string(text));
  return ToJson(value, false);
}

std::string JsonList(const std::vector<std::string>& elements) {
  return absl::StrCat("[", absl::StrJoin(elements, ","), "]");
}

JsonObject::JsonObject(const google::protobuf::Message& message) {
  const std::string json = ToJson(message, false);
  fields_ = json.substr(1, json.size() - 2);
}

JsonObject& JsonObject::Text(absl::string_view key, absl::string_view value) {
  return Json(key, JsonText(value));
}

JsonObject& JsonObject::Number(absl::string_view key, std::int64_t value) {
  return Json(key, absl::StrCat(value));
}

JsonObject& JsonObject::Number(absl::string_view key, double value) {
  return Json(key, absl::StrFormat("%.6g", value));
}

JsonObject& JsonObject::Json(absl::string_view key, absl::string_view json) {
  absl::StrAppend(&fields_, fields_.empty() ? "" : ",", JsonText(key), ":", json);
  return *this;
}

}  // namespace communique::cli
