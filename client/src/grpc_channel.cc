#include "src/grpc_channel.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>
#include <grpcpp/support/channel_arguments.h>

#include <algorithm>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "communique/errors.h"
#include "src/check_options.h"
#include "src/endpoints.h"
#include "src/read_file.h"

namespace communique::internal {
namespace {

// The largest answer taken: a page of 1,000 records has no smaller bound of its
// own, and a server that sends more than this is not ours.
constexpr int kMaxReceiveBytes = 256 << 20;
// Error details (every violation, a tombstone) come in the trailers, which gRPC
// cuts at 8 KiB unless told.
constexpr int kMaxMetadataBytes = 1 << 20;
// gRPC's own back-off between attempts to connect. Its default grows to two
// minutes, in which every call would fail after the server is back.
constexpr int kInitialReconnectMillis = 100;
constexpr int kMaxReconnectMillis = 2'000;
// How long one attempt to connect may take.
constexpr int kConnectTimeoutMillis = 10'000;

int Millis(absl::Duration duration) {
  return static_cast<int>(std::clamp<std::int64_t>(absl::ToInt64Milliseconds(duration), 1,
                                                   std::int64_t{1} << 30));
}

std::shared_ptr<grpc::ChannelCredentials> MakeCredentials(const TlsOptions& tls) {
  if (!tls.enabled) return grpc::InsecureChannelCredentials();
  const bool roots = !tls.root_certificates_file.empty();
  // One without the other is refused above (check_options.cc); gRPC would abort.
  const bool identity = !tls.certificate_file.empty() && !tls.private_key_file.empty();
  grpc::experimental::TlsChannelCredentialsOptions options;
  if (roots || identity) {
    options.set_certificate_provider(
        std::make_shared<grpc::experimental::FileWatcherCertificateProvider>(
            identity ? tls.private_key_file : "", identity ? tls.certificate_file : "",
            tls.root_certificates_file,
            static_cast<unsigned>(
                std::max<std::int64_t>(absl::ToInt64Seconds(tls.reload_interval), 1))));
  }
  if (roots) options.watch_root_certs();
  if (identity) options.watch_identity_key_cert_pairs();
  return grpc::experimental::TlsCredentials(options);
}

std::shared_ptr<grpc::Channel> MakeChannel(
    const std::string& target, const ClientOptions& options,
    const std::shared_ptr<grpc::ChannelCredentials>& credentials) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);  // One retry loop, ours: it can be seen.
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, Millis(options.keepalive_time));
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, Millis(options.keepalive_timeout));
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kInitialReconnectMillis);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kMaxReconnectMillis);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kConnectTimeoutMillis);
  arguments.SetInt(GRPC_ARG_MAX_METADATA_SIZE, kMaxMetadataBytes);
  arguments.SetMaxReceiveMessageSize(kMaxReceiveBytes);
  arguments.SetLoadBalancingPolicyName("round_robin");  // over the addresses of a name
  if (!options.tls.server_name.empty()) {
    arguments.SetSslTargetNameOverride(options.tls.server_name);
  }
  std::string agent = options.user_agent.empty() ? "" : options.user_agent + " ";
  absl::c_replace_if(
      agent, [](char c) { return c < ' ' || c > '~'; }, '_');
  arguments.SetUserAgentPrefix(agent + "communique-cpp/" COMMUNIQUE_VERSION);
  return grpc::CreateCustomChannel(target, credentials, arguments);
}

std::unique_ptr<Lane> MakeLane(const std::string& target, const ClientOptions& options,
                               const std::shared_ptr<grpc::ChannelCredentials>& credentials) {
  return std::make_unique<Lane>(MakeChannel(target, options, credentials),
                                std::make_shared<ConnectFault>(TlsFiles(options.tls)));
}

}  // namespace

absl::Status ConnectFault::Take(absl::Status status) {
  if (status.ok() ? !known_.load(std::memory_order_relaxed) : !absl::IsUnavailable(status)) {
    return status;
  }
  // What comes from the service has a reason.
  if (!status.ok() && ErrorReason(status).empty()) {
    for (const std::string& file : files_) {
      const absl::Status readable = CheckReadable(file);
      if (readable.ok()) continue;
      status = absl::UnavailableError(absl::StrCat(status.message(), "; ", readable.message()));
    }
  }
  absl::MutexLock lock(&mutex_);
  message_ = std::string(status.message());
  known_ = !status.ok();
  return status;
}

absl::Status ConnectFault::NotReached() const {
  absl::MutexLock lock(&mutex_);
  return absl::UnavailableError(absl::StrCat("the server could not be reached in time",
                                             message_.empty() ? "" : ": ", message_));
}

Channels::Channels(const ClientOptions& options) {
  const std::shared_ptr<grpc::ChannelCredentials> credentials = MakeCredentials(options.tls);
  for (const std::string& target : SplitEndpoints(options.endpoint)) {
    endpoints_.push_back(MakeLane(target, options, credentials));
  }
  if (!options.admin_endpoint.empty()) {
    admin_ = MakeLane(options.admin_endpoint, options, credentials);
  }
}

Lane& Channels::PickEndpoint() {
  const std::size_t count = endpoints_.size();
  if (count == 1) return *endpoints_.front();
  const std::size_t first = next_.fetch_add(1, std::memory_order_relaxed) % count;
  Lane* usable = nullptr;
  for (std::size_t i = 0; i < count; ++i) {
    Lane& lane = *endpoints_[(first + i) % count];
    if (lane.IsReady()) return lane;
    if (usable == nullptr && !lane.IsBroken()) usable = &lane;
  }
  return usable != nullptr ? *usable : *endpoints_[first];
}

}  // namespace communique::internal
