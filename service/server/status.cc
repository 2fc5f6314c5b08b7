#include "service/server/status.h"

#include "absl/strings/cord.h"
#include "absl/strings/match.h"
#include "google/rpc/status.pb.h"

namespace communique::server {
namespace {

// gRPC sends the message as a header, whose size is limited.
constexpr size_t kMaxMessageBytes = 1024;
constexpr absl::string_view kTypePrefix = "type.googleapis.com/";

}  // namespace

grpc::Status ToGrpcStatus(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  std::string message(status.message().substr(0, kMaxMessageBytes));
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
    bytes = details.SerializeAsString();
  }
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()), message, bytes);
}

}  // namespace communique::server
