#include "service/server/status.h"

#include <type_traits>

#include "absl/strings/cord.h"
#include "absl/strings/match.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "service/base/error.h"

namespace communique::server {
namespace {

// gRPC sends the message as a header, whose size is limited.
constexpr size_t kMaxMessageBytes = 512;
// So are the details: clients of other languages take 8 KiB of headers, and bytes
// travel as base64.
constexpr size_t kMaxDetailBytes = 4608;
constexpr absl::string_view kTypePrefix = "type.googleapis.com/";

// Drops violations from the back until all fits; the count of all stays in
// ErrorInfo. Answers whether the detail was one of this type.
template <typename Message>
bool Shorten(google::protobuf::Any& any, google::rpc::Status& details) {
  Message message;
  if (!any.Is<Message>() || !any.UnpackTo(&message)) return false;
  while (message.ByteSizeLong() > 0 && details.ByteSizeLong() > kMaxDetailBytes) {
    if constexpr (std::is_same_v<Message, google::rpc::BadRequest>) {
      if (message.field_violations_size() <= 1) break;
      message.mutable_field_violations()->RemoveLast();
    } else {
      if (message.violations_size() <= 1) break;
      message.mutable_violations()->RemoveLast();
    }
    any.PackFrom(message);
  }
  return true;
}

void FitDetails(google::rpc::Status& details) {
  if (details.ByteSizeLong() <= kMaxDetailBytes) return;
  for (google::protobuf::Any& any : *details.mutable_details()) {
    if (Shorten<google::rpc::BadRequest>(any, details)) continue;
    if (Shorten<google::rpc::PreconditionFailure>(any, details)) continue;
    Shorten<google::rpc::QuotaFailure>(any, details);
  }
}

}  // namespace

grpc::Status ToGrpcStatus(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  const std::string message(base::CutText(status.message(), kMaxMessageBytes));
  google::rpc::Status details;
  details.set_code(static_cast<int>(status.code()));
  status.ForEachPayload([&](absl::string_view type, const absl::Cord& payload) {
    // Only what is meant for callers is keyed by a type URL.
    if (!absl::StartsWith(type, kTypePrefix)) return;
    auto* any = details.add_details();
    any->set_type_url(std::string(type));
    any->set_value(std::string(payload));
  });
  std::string bytes;
  if (details.details_size() > 0) {
    details.set_message(message);
    FitDetails(details);
    bytes = details.SerializeAsString();
  }
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()), message, bytes);
}

}  // namespace communique::server
