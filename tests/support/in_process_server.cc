#include "tests/support/in_process_server.h"

#include <utility>

namespace communique::testing {

absl::StatusOr<std::unique_ptr<InProcessServer>> InProcessServer::Start() {
  std::unique_ptr<InProcessServer> result(new InProcessServer());
  server::ServiceOptions service_options;
  service_options.journal = "memory";
  auto service = server::Service::Start(service_options, result->clock_);
  if (!service.ok()) return service.status();
  result->service_ = *std::move(service);
  server::GrpcServerOptions options;
  options.listen = "127.0.0.1:0";
  options.admin_listen = "127.0.0.1:0";
  options.drain_pause = absl::ZeroDuration();
  auto server = server::GrpcServer::Start(options, *result->service_);
  if (!server.ok()) return server.status();
  result->server_ = *std::move(server);
  return result;
}

}  // namespace communique::testing
