#ifndef COMMUNIQUE_ERRORS_H_
#define COMMUNIQUE_ERRORS_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "communique/export.h"

// What the server says about an error beyond its code and message. Every
// status of the SDK carries the details as payloads, keyed by type URL
// ("type.googleapis.com/google.rpc.ErrorInfo").
namespace communique {

// The name of a reason of communique.v1.ErrorReason without its prefix
// ("RECORD_NOT_FOUND"); empty when the error did not come from the service.
COMMUNIQUE_EXPORT std::string ErrorReason(const absl::Status& status);

// The dynamic parts of an error ("oldest_revision").
COMMUNIQUE_EXPORT std::map<std::string, std::string> ErrorMetadata(const absl::Status& status);

// One broken rule.
struct ErrorViolation {
  // What breaks it: a path of the request, a name, a limit.
  std::string subject;
  std::string description;
};

// Every violation that the error lists: fields (BadRequest), preconditions
// (PreconditionFailure) and limits (QuotaFailure), in this order.
COMMUNIQUE_EXPORT std::vector<ErrorViolation> ErrorViolations(const absl::Status& status);

// How long the server asks to wait before a retry (RetryInfo).
COMMUNIQUE_EXPORT std::optional<absl::Duration> ErrorRetryDelay(const absl::Status& status);

// Any other detail by its message, such as `communique::v1::Tombstone` of
// RECORD_DELETED or `google::rpc::ResourceInfo`.
template <typename Message>
std::optional<Message> ErrorDetail(const absl::Status& status) {
  const auto payload =
      status.GetPayload(absl::StrCat("type.googleapis.com/", Message::descriptor()->full_name()));
  Message message;
  if (!payload.has_value() || !message.ParseFromString(std::string(*payload))) return std::nullopt;
  return message;
}

}  // namespace communique

#endif  // COMMUNIQUE_ERRORS_H_
