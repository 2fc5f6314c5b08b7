#ifndef COMMUNIQUE_CLIENT_CLI_JSON_H_
#define COMMUNIQUE_CLIENT_CLI_JSON_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"

namespace communique::cli {

// Protobuf JSON with the field names of the schemas.
std::string ToJson(const google::protobuf::Message& message, bool pretty);

// Reads protobuf JSON, with either spelling of field names. Unknown fields are
// errors.
absl::Status FromJson(absl::string_view json, google::protobuf::Message* message);

// A text as JSON, quoted.
std::string JsonText(absl::string_view text);

// "[a,b]", of elements that are JSON already.
std::string JsonList(const std::vector<std::string>& elements);

// An object of JSON for what no message of the schemas holds. Keys come in the
// order in which they were added; every one is a new one.
class JsonObject {
 public:
  JsonObject() = default;
  // Begins with the fields of a message.
  explicit JsonObject(const google::protobuf::Message& message);

  JsonObject& Text(absl::string_view key, absl::string_view value);
  JsonObject& Number(absl::string_view key, std::int64_t value);
  JsonObject& Number(absl::string_view key, double value);
  // `json` is a value in JSON.
  JsonObject& Json(absl::string_view key, absl::string_view json);
  // In one line.
  std::string ToString() const { return "{" + fields_ + "}"; }

 private:
  std::string fields_;
};

}  // namespace communique::cli

#endif  // COMMUNIQUE_CLIENT_CLI_JSON_H_
