#ifndef COMMUNIQUE_SERVICE_SERVER_METRICS_SERVER_H_
#define COMMUNIQUE_SERVICE_SERVER_METRICS_SERVER_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "prometheus/collectable.h"

namespace prometheus {
class Exposer;
}

namespace communique::server {

// `GET /metrics` over HTTP, without TLS or authentication: it belongs on loopback
// or on a network that only Prometheus reaches. Three threads; two requests are
// answered at once, and one that takes five seconds to arrive is dropped.
class MetricsServer {
 public:
  // Listens on HOST:PORT and nowhere else; port 0 picks one. INVALID_ARGUMENT for
  // another form of address; UNAVAILABLE when it is taken.
  static absl::StatusOr<std::unique_ptr<MetricsServer>> Start(
      const std::string& address, std::shared_ptr<prometheus::Collectable> metrics);
  ~MetricsServer();

  // HOST:PORT as bound.
  const std::string& address() const { return address_; }

 private:
  MetricsServer() = default;

  std::string address_;
  std::shared_ptr<prometheus::Collectable> metrics_;
  std::unique_ptr<prometheus::Exposer> exposer_;
};

}  // namespace communique::server

#endif  // COMMUNIQUE_SERVICE_SERVER_METRICS_SERVER_H_
