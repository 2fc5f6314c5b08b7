#include "tests/support/test_server.h"

#include <cstdio>
#include <cstdlib>

#include "tests/support/in_process_server.h"
#include "tests/support/server_process.h"

namespace communique::testing {
namespace {

template <typename Server>
std::unique_ptr<TestServer> Started(absl::StatusOr<std::unique_ptr<Server>> server) {
  if (server.ok()) return *std::move(server);
  std::fprintf(stderr, "no server: %s\n", server.status().ToString().c_str());
  std::abort();
}

}  // namespace

Client TestServer::MakeClient(const std::string& principal) const {
  return Client(MakeConnection(
      {.endpoint = endpoint(), .admin_endpoint = admin_endpoint(), .principal = principal}));
}

int64_t TestServer::Head() const {
  const auto status = MakeClient().Status({.timeout = absl::Seconds(10)});
  return status.ok() ? status->head_revision() : -1;
}

std::string ServerKindName(ServerKind kind) {
  return kind == ServerKind::kInProcess ? "InProcess" : "Process";
}

void PrintTo(ServerKind kind, std::ostream* out) { *out << ServerKindName(kind); }

std::unique_ptr<TestServer> StartServer(ServerKind kind) {
  return kind == ServerKind::kInProcess ? Started(InProcessServer::Start())
                                        : Started(ServerProcess::Start());
}

}  // namespace communique::testing
