#include "communique/testing/in_process_service.h"

#include <utility>

#include "service/base/clock.h"
#include "service/server/grpc_server.h"
#include "service/server/service.h"

namespace communique::testing {

// In the order in which they are made; they go in the other one.
struct InProcessService::Parts {
  base::RealClock clock;
  std::unique_ptr<server::Service> service;
  std::unique_ptr<server::GrpcServer> server;
};

absl::StatusOr<std::unique_ptr<InProcessService>> InProcessService::Start() {
  auto parts = std::make_unique<Parts>();
  server::ServiceOptions service_options;
  service_options.journal = "memory";
  auto service = server::Service::Start(service_options, parts->clock);
  if (!service.ok()) return service.status();
  parts->service = *std::move(service);
  server::GrpcServerOptions options;
  options.listen = "127.0.0.1:0";
  options.admin_listen = "127.0.0.1:0";
  options.drain_pause = absl::ZeroDuration();
  auto server = server::GrpcServer::Start(options, *parts->service);
  if (!server.ok()) return server.status();
  parts->server = *std::move(server);
  return std::unique_ptr<InProcessService>(new InProcessService(std::move(parts)));
}

InProcessService::InProcessService(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
InProcessService::~InProcessService() = default;

const std::string& InProcessService::endpoint() const { return parts_->server->address(); }
const std::string& InProcessService::admin_endpoint() const {
  return parts_->server->admin_address();
}

Client InProcessService::MakeClient(ClientOptions options) const {
  options.endpoint = endpoint();
  options.admin_endpoint = admin_endpoint();
  return Client(MakeConnection(std::move(options)));
}

}  // namespace communique::testing
