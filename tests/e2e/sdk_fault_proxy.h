#ifndef COMMUNIQUE_TESTS_E2E_SDK_FAULT_PROXY_H_
#define COMMUNIQUE_TESTS_E2E_SDK_FAULT_PROXY_H_

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace communique::testing {

// A TCP proxy on loopback that harms what goes through it.
//
// Thread safety: Set from any thread.
class FaultProxy {
 public:
  enum class Fault {
    kNone,
    kDelay,      // each piece up to 20 ms late
    kReset,      // every connection is reset, new ones too
    kBlackHole,  // nothing gets through, and nobody is told
    kHalfOpen,   // what clients send gets through, answers do not
  };

  // To HOST:PORT on 127.0.0.1. Aborts when it cannot listen.
  explicit FaultProxy(const std::string& upstream);
  // Ends every connection.
  ~FaultProxy();

  const std::string& endpoint() const { return endpoint_; }
  void Set(Fault fault) { fault_ = fault; }

 private:
  struct Connection;

  void Accept();
  void Pump(Connection& connection, bool answers);

  int upstream_port_;
  int listener_;
  std::string endpoint_;
  std::atomic<Fault> fault_{Fault::kNone};
  std::atomic<bool> stop_{false};
  std::vector<std::unique_ptr<Connection>> connections_;  // of the accepting thread
  std::thread acceptor_;
};

}  // namespace communique::testing

#endif  // COMMUNIQUE_TESTS_E2E_SDK_FAULT_PROXY_H_
