#include "service/base/error.h"

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "google/rpc/error_details.pb.h"
#include "service/base/limits.h"

namespace communique::base {
namespace {

constexpr absl::string_view kTypePrefix = "type.googleapis.com/";

template <typename Message>
std::string TypeUrl() {
  return absl::StrCat(kTypePrefix, Message::descriptor()->full_name());
}

template <typename Message>
Message Payload(const absl::Status& status) {
  Message message;
  if (auto payload = status.GetPayload(TypeUrl<Message>())) {
    message.ParseFromString(std::string(*payload));
  }
  return message;
}

template <typename Message>
void SetPayload(absl::Status& status, const Message& message) {
  status.SetPayload(TypeUrl<Message>(), absl::Cord(message.SerializeAsString()));
}

}  // namespace

absl::Status MakeError(absl::StatusCode code, v1::ErrorReason reason, absl::string_view message,
                       const Metadata& metadata) {
  absl::Status status(code, message);
  google::rpc::ErrorInfo info;
  info.set_reason(
      std::string(absl::StripPrefix(v1::ErrorReason_Name(reason), "ERROR_REASON_")));
  info.set_domain("communique");
  for (const auto& [key, value] : metadata) {
    (*info.mutable_metadata())[key] = std::string(CutText(value, kMaxDetailTextBytes));
  }
  SetPayload(status, info);
  return status;
}

v1::ErrorReason ReasonOf(const absl::Status& status) {
  v1::ErrorReason reason = v1::ERROR_REASON_UNSPECIFIED;
  v1::ErrorReason_Parse(
      absl::StrCat("ERROR_REASON_", Payload<google::rpc::ErrorInfo>(status).reason()), &reason);
  return reason;
}

std::string MetadataOf(const absl::Status& status, absl::string_view key) {
  const auto info = Payload<google::rpc::ErrorInfo>(status);
  const auto found = info.metadata().find(std::string(key));
  return found == info.metadata().end() ? "" : found->second;
}

void AddMetadata(absl::Status& status, absl::string_view key, absl::string_view value) {
  auto info = Payload<google::rpc::ErrorInfo>(status);
  (*info.mutable_metadata())[std::string(key)] =
      std::string(CutText(value, kMaxDetailTextBytes));
  SetPayload(status, info);
}

void AddResourceInfo(absl::Status& status, absl::string_view name, absl::string_view description) {
  google::rpc::ResourceInfo info;
  info.set_resource_type("communique/Record");
  info.set_resource_name(std::string(name));
  info.set_description(std::string(description));
  SetPayload(status, info);
}

void AddRetryInfo(absl::Status& status, absl::Duration delay) {
  google::rpc::RetryInfo info;
  info.mutable_retry_delay()->set_seconds(absl::ToInt64Seconds(delay));
  info.mutable_retry_delay()->set_nanos(
      static_cast<int32_t>(absl::ToInt64Nanoseconds(delay - absl::Floor(delay, absl::Seconds(1)))));
  SetPayload(status, info);
}

void AddPreconditionViolation(absl::Status& status, absl::string_view type,
                              absl::string_view subject, absl::string_view description) {
  auto failure = Payload<google::rpc::PreconditionFailure>(status);
  auto* violation = failure.add_violations();
  violation->set_type(std::string(type));
  violation->set_subject(std::string(subject));
  violation->set_description(std::string(description));
  SetPayload(status, failure);
}

void AddQuotaViolation(absl::Status& status, absl::string_view subject,
                       absl::string_view description) {
  auto failure = Payload<google::rpc::QuotaFailure>(status);
  auto* violation = failure.add_violations();
  violation->set_subject(std::string(subject));
  violation->set_description(std::string(description));
  SetPayload(status, failure);
}

void AddDetail(absl::Status& status, absl::string_view full_name, absl::string_view bytes) {
  status.SetPayload(absl::StrCat(kTypePrefix, full_name), absl::Cord(bytes));
}

std::string DetailOf(const absl::Status& status, absl::string_view full_name) {
  return std::string(
      status.GetPayload(absl::StrCat(kTypePrefix, full_name)).value_or(absl::Cord()));
}

std::string Quoted(absl::string_view text) {
  const absl::string_view cut = CutText(text, kMaxQuotedBytes);
  return absl::StrCat("\"", cut, cut.size() < text.size() ? "..." : "", "\"");
}

absl::string_view CutText(absl::string_view text, size_t max_bytes) {
  if (text.size() <= max_bytes) return text;
  size_t size = max_bytes;
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xc0) == 0x80) --size;
  return text.substr(0, size);
}

void Violations::Add(absl::string_view field, absl::string_view description) {
  if (++count_ > kMaxViolations) return;
  kept_.emplace_back(CutText(field, kMaxDetailTextBytes),
                     CutText(description, kMaxDetailTextBytes));
}

absl::Status Violations::ToStatus(v1::ErrorReason reason) const {
  if (empty()) return absl::OkStatus();
  google::rpc::BadRequest bad_request;
  for (const auto& [field, description] : kept_) {
    auto* violation = bad_request.add_field_violations();
    violation->set_field(field);
    violation->set_description(description);
  }
  const std::string first =
      kept_[0].first.empty() ? kept_[0].second
                             : absl::StrCat(kept_[0].first, ": ", kept_[0].second);
  const std::string message =
      count_ == 1 ? first : absl::StrCat(first, " (and ", count_ - 1, " more)");
  absl::Status status =
      MakeError(absl::StatusCode::kInvalidArgument, reason, message,
                {{"violation_count", absl::StrCat(count_)}, {"field", kept_[0].first}});
  SetPayload(status, bad_request);
  return status;
}

}  // namespace communique::base
