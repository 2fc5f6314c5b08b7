#include "communique/errors.h"

#include "google/rpc/error_details.pb.h"

namespace communique {

std::string ErrorReason(const absl::Status& status) {
  const auto info = ErrorDetail<google::rpc::ErrorInfo>(status);
  return info.has_value() ? info->reason() : std::string();
}

std::map<std::string, std::string> ErrorMetadata(const absl::Status& status) {
  const auto info = ErrorDetail<google::rpc::ErrorInfo>(status);
  if (!info.has_value()) return {};
  return {info->metadata().begin(), info->metadata().end()};
}

std::vector<ErrorViolation> ErrorViolations(const absl::Status& status) {
  std::vector<ErrorViolation> violations;
  if (const auto bad_request = ErrorDetail<google::rpc::BadRequest>(status)) {
    for (const auto& v : bad_request->field_violations()) {
      violations.push_back({v.field(), v.description()});
    }
  }
  if (const auto failure = ErrorDetail<google::rpc::PreconditionFailure>(status)) {
    for (const auto& v : failure->violations()) {
      violations.push_back({v.subject(), v.description()});
    }
  }
  if (const auto failure = ErrorDetail<google::rpc::QuotaFailure>(status)) {
    for (const auto& v : failure->violations()) {
      violations.push_back({v.subject(), v.description()});
    }
  }
  return violations;
}

std::optional<absl::Duration> ErrorRetryDelay(const absl::Status& status) {
  const auto info = ErrorDetail<google::rpc::RetryInfo>(status);
  if (!info.has_value() || !info->has_retry_delay()) return std::nullopt;
  return absl::Seconds(info->retry_delay().seconds()) +
         absl::Nanoseconds(info->retry_delay().nanos());
}

}  // namespace communique
