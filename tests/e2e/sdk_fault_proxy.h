#ifndef COMMUNIQUE_TESTS_E2E_SDK_FAULT_PROXY_H_
#define COMMUNIQUE_TESTS_E2E_SDK_FAULT_PROXY_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace communique::testing {

// A TCP proxy on loopback that harms what goes through it.
//
// Thread safety: Set from one thread, all else from any.
class FaultProxy {
 public:
  enum class Fault {
    kNone,
    // Each piece is up to 20 ms late.
    kDelay,
    // Every connection is reset, new ones too.
    kReset,
    // What goes one way is lost: the sender believes it was sent, the receiver never sees
    // it, and the other way works. TCP delivers nothing beyond a hole, so a path that loses
    // longer than the ends resend is reset: here each connection that lost something, when
    // the fault is over.
    kDropRequests,
    kDropAnswers,
    // Nothing gets through, and nobody is told; it arrives when the fault is over, as
    // packets do that the ends send again.
    kBlackHole,
    // The server's ends of all connections go, and no client is told: what it sends is
    // acknowledged and gone, as behind a balancer that forgot. That does not pass: a
    // connection is of no use until its client gives it up. New ones work at once.
    kHalfOpen,
  };
  static constexpr std::size_t kFaultCount = 7;

  // To HOST:PORT on 127.0.0.1. Aborts when it cannot listen.
  explicit FaultProxy(const std::string& upstream);
  // Ends every connection.
  ~FaultProxy();

  const std::string& endpoint() const { return endpoint_; }
  void Set(Fault fault);

  // How often a fault did harm: pieces that it delayed, lost or held back, connections that it
  // reset or left half open.
  std::int64_t harm(Fault fault) const { return harm_[static_cast<std::size_t>(fault)]; }

 private:
  struct Connection;
  enum class Way { kRequests, kAnswers };

  void Accept();
  void Reap();
  void Pump(Connection& connection, Way way);
  void Forward(Connection& connection, Way way);
  void Harm(Fault fault) { ++harm_[static_cast<std::size_t>(fault)]; }

  int upstream_port_;
  int listener_;
  std::string endpoint_;
  std::atomic<Fault> fault_{Fault::kNone};
  // Connections that were there when this was counted up are half open.
  std::atomic<int> half_open_count_{0};
  std::atomic<bool> stop_{false};
  std::array<std::atomic<std::int64_t>, kFaultCount> harm_ = {};
  std::vector<std::unique_ptr<Connection>> connections_;  // of the accepting thread
  std::thread acceptor_;
};

}  // namespace communique::testing

#endif  // COMMUNIQUE_TESTS_E2E_SDK_FAULT_PROXY_H_
