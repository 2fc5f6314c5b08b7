#ifndef COMMUNIQUE_TESTS_SUPPORT_TEST_SERVER_H_
#define COMMUNIQUE_TESTS_SUPPORT_TEST_SERVER_H_

#include <memory>
#include <ostream>
#include <string>

#include "communique/client.h"

namespace communique::testing {

// A server for a test, wherever it runs: one body of tests goes over all.
class TestServer {
 public:
  virtual ~TestServer() = default;
  // HOST:PORT.
  virtual const std::string& endpoint() const = 0;
  virtual const std::string& admin_endpoint() const = 0;

  // A client that claims to be `principal`. Each has a connection of its own.
  Client MakeClient(const std::string& principal = "tester") const;
  // The newest revision; -1 when the server does not answer.
  int64_t Head() const;
};

enum class ServerKind {
  kInProcess,  // service::Service and GrpcServer on the memory engine
  kProcess,    // communiqued on RocksDB
};

// For INSTANTIATE_TEST_SUITE_P.
std::string ServerKindName(ServerKind kind);
// What GoogleTest calls it.
void PrintTo(ServerKind kind, std::ostream* out);

// Aborts, saying why, when it does not start.
std::unique_ptr<TestServer> StartServer(ServerKind kind);

}  // namespace communique::testing

#endif  // COMMUNIQUE_TESTS_SUPPORT_TEST_SERVER_H_
