#ifndef COMMUNIQUE_TESTS_SUPPORT_IN_PROCESS_SERVER_H_
#define COMMUNIQUE_TESTS_SUPPORT_IN_PROCESS_SERVER_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "service/base/clock.h"
#include "service/server/grpc_server.h"
#include "service/server/service.h"
#include "tests/support/test_server.h"

namespace communique::testing {

// The server within this process, on the memory engine and free ports.
class InProcessServer final : public TestServer {
 public:
  static absl::StatusOr<std::unique_ptr<InProcessServer>> Start();

  const std::string& endpoint() const override { return server_->address(); }
  const std::string& admin_endpoint() const override { return server_->admin_address(); }
  server::Service& service() { return *service_; }

 private:
  InProcessServer() = default;

  base::RealClock clock_;
  std::unique_ptr<server::Service> service_;
  std::unique_ptr<server::GrpcServer> server_;  // goes down first
};

}  // namespace communique::testing

#endif  // COMMUNIQUE_TESTS_SUPPORT_IN_PROCESS_SERVER_H_
