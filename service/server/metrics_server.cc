#include "service/server/metrics_server.h"

#include <exception>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "prometheus/exposer.h"

namespace communique::server {
namespace {

constexpr char kThreads[] = "2";
constexpr char kRequestTimeoutMs[] = "5000";

// The library would take more than one address, a bare port for every interface,
// and letters after a port for TLS: none of it by mistake.
bool IsHostAndPort(absl::string_view address) {
  const size_t colon = address.rfind(':');
  if (colon == 0 || colon == absl::string_view::npos) return false;
  for (const char c : address.substr(0, colon)) {
    if (!absl::ascii_isalnum(c) && absl::string_view(".:-[]").find(c) == absl::string_view::npos) {
      return false;
    }
  }
  const absl::string_view port = address.substr(colon + 1);
  int number = 0;
  return !port.empty() && port.size() <= 5 && absl::ascii_isdigit(port[0]) &&
         absl::SimpleAtoi(port, &number) && number <= 65535;
}

}  // namespace

absl::StatusOr<std::unique_ptr<MetricsServer>> MetricsServer::Start(
    const std::string& address, std::shared_ptr<prometheus::Collectable> metrics) {
  if (!IsHostAndPort(address)) {
    return absl::InvalidArgumentError(
        absl::StrCat("--metrics_listen=", address, ": must be HOST:PORT"));
  }
  std::unique_ptr<MetricsServer> server(new MetricsServer());
  server->metrics_ = std::move(metrics);
  try {
    server->exposer_ = std::make_unique<prometheus::Exposer>(std::vector<std::string>{
        "listening_ports", address, "num_threads", kThreads, "request_timeout_ms",
        kRequestTimeoutMs});
    server->exposer_->RegisterCollectable(server->metrics_);
  } catch (const std::exception&) {
    // What it throws says no more.
    return absl::UnavailableError(
        absl::StrCat("cannot listen on ", address, " for metrics: in use, or no such address"));
  }
  const std::vector<int> ports = server->exposer_->GetListeningPorts();
  server->address_ = absl::StrCat(address.substr(0, address.rfind(':')), ":",
                                  ports.empty() ? 0 : ports.front());
  return server;
}

MetricsServer::~MetricsServer() = default;

}  // namespace communique::server
