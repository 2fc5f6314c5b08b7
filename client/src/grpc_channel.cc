#include "src/grpc_channel.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>
#include <grpcpp/support/channel_arguments.h>

#include <algorithm>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

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
  // One without the other is refused above (call_metadata.cc); gRPC would abort.
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

}  // namespace

Channels::Channels(const ClientOptions& options) {
  const std::shared_ptr<grpc::ChannelCredentials> credentials = MakeCredentials(options.tls);
  for (const std::string& target : SplitEndpoints(options.endpoint)) {
    endpoints_.push_back(std::make_unique<Lane>(MakeChannel(target, options, credentials)));
  }
  admin_ = std::make_unique<Lane>(MakeChannel(options.admin_endpoint, options, credentials));
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

std::vector<std::string> SplitEndpoints(const std::string& endpoint) {
  std::vector<std::string> targets = absl::StrSplit(endpoint, ',', absl::SkipWhitespace());
  for (std::string& target : targets) absl::StripAsciiWhitespace(&target);
  if (targets.empty()) targets.push_back(endpoint);
  return targets;
}

bool IsLoopback(const std::string& target) {
  absl::string_view address = target;
  if (absl::StartsWith(address, "unix:")) return true;
  for (const absl::string_view scheme : {"dns:///", "ipv4:", "ipv6:"}) {
    if (absl::ConsumePrefix(&address, scheme)) break;
  }
  if (absl::StartsWith(address, "localhost:") || absl::StartsWith(address, "[::1]:")) return true;
  return absl::StartsWith(address, "127.") &&
         absl::c_all_of(address,
                        [](char c) { return absl::ascii_isdigit(c) || c == '.' || c == ':'; });
}

}  // namespace communique::internal
