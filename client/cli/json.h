#ifndef COMMUNIQUE_CLIENT_CLI_JSON_H_
#define COMMUNIQUE_CLIENT_CLI_JSON_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"

namespace communique::cli {

// Protobuf JSON with the field names of the schemas.
std::string ToJson(const google::protobuf::Message& message, bool pretty);

// Reads protobuf JSON, with either spelling of field names. Unknown fields are
// errors.
absl::Status FromJson(absl::string_view json, google::protobuf::Message* message);

}  // namespace communique::cli

#endif  // COMMUNIQUE_CLIENT_CLI_JSON_H_
