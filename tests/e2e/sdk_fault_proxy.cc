#include "tests/e2e/sdk_fault_proxy.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <random>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace communique::testing {
namespace {

constexpr int kPollMillis = 10;

sockaddr_in Loopback(int port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

bool Readable(int fd) {
  pollfd poll_fd = {fd, POLLIN, 0};
  return poll(&poll_fd, 1, kPollMillis) > 0;
}

// So that closing it sends a reset.
void ResetOnClose(int fd) {
  const linger now = {1, 0};
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
}

}  // namespace

// Two sockets and a thread for each direction.
struct FaultProxy::Connection {
  int client;
  int server;
  int half_open_count;               // as it was when this was made
  std::atomic<bool> torn = {false};  // lost something: to be reset
  std::atomic<bool> ended = {false};
  std::atomic<int> running = {2};
  std::thread requests = {};
  std::thread answers = {};

  void Join() {
    requests.join();
    answers.join();
    ResetOnClose(client);
    ResetOnClose(server);
    close(client);
    close(server);
  }
};

FaultProxy::FaultProxy(const std::string& upstream)
    : listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof(address);
  if (!absl::SimpleAtoi(upstream.substr(upstream.rfind(':') + 1), &upstream_port_) ||
      bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      listen(listener_, 64) != 0 ||
      getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    abort();
  }
  endpoint_ = absl::StrCat("127.0.0.1:", ntohs(address.sin_port));
  acceptor_ = std::thread([this] { Accept(); });
}

FaultProxy::~FaultProxy() {
  stop_ = true;
  acceptor_.join();
  for (const auto& connection : connections_) connection->Join();
  close(listener_);
}

void FaultProxy::Set(Fault fault) {
  if (fault == Fault::kHalfOpen) ++half_open_count_;
  fault_ = fault;
}

void FaultProxy::Accept() {
  while (!stop_) {
    Reap();
    if (!Readable(listener_)) continue;
    const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) continue;
    const int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = Loopback(upstream_port_);
    const bool reset = fault_ == Fault::kReset;
    if (reset) Harm(Fault::kReset);
    if (reset ||
        connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
      ResetOnClose(client);
      close(client);
      close(server);
      continue;
    }
    const int on = 1;
    for (const int fd : {client, server}) {
      setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    }
    auto& connection =
        *connections_.emplace_back(new Connection{client, server, half_open_count_.load()});
    connection.requests = std::thread([this, &connection] { Pump(connection, Way::kRequests); });
    connection.answers = std::thread([this, &connection] { Pump(connection, Way::kAnswers); });
  }
}

// Closes the connections that have ended.
void FaultProxy::Reap() {
  for (auto it = connections_.begin(); it != connections_.end();) {
    if ((*it)->running > 0) {
      ++it;
      continue;
    }
    (*it)->Join();
    it = connections_.erase(it);
  }
}

void FaultProxy::Pump(Connection& connection, Way way) {
  Forward(connection, way);
  --connection.running;
}

// Carries bytes one way until the connection ends, or the fault is that it does not.
void FaultProxy::Forward(Connection& connection, Way way) {
  const bool answers = way == Way::kAnswers;
  const Fault lossy = answers ? Fault::kDropAnswers : Fault::kDropRequests;
  const int from = answers ? connection.server : connection.client;
  const int to = answers ? connection.client : connection.server;
  std::minstd_rand random(static_cast<unsigned>(from));
  std::vector<char> buffer(1 << 16);
  bool half_open = false;
  while (!stop_ && !connection.ended) {
    if (!half_open && connection.half_open_count != half_open_count_) {
      if (answers) return;  // There are no more.
      half_open = true;
      Harm(Fault::kHalfOpen);
      shutdown(connection.server, SHUT_RDWR);
    }
    const Fault fault = fault_;
    const bool losing = fault == Fault::kDropRequests || fault == Fault::kDropAnswers;
    if (fault == Fault::kReset) Harm(fault);
    if (fault == Fault::kReset || (connection.torn && !losing)) break;
    if (!Readable(from)) continue;
    if (fault == Fault::kBlackHole) {
      Harm(fault);
      absl::SleepFor(absl::Milliseconds(kPollMillis));
      continue;
    }
    const ssize_t size = recv(from, buffer.data(), buffer.size(), 0);
    if (size <= 0) {
      // The end of a half-open connection may be seen before it is known for one.
      if (answers && connection.half_open_count != half_open_count_) return;
      break;
    }
    if (half_open) continue;
    if (fault == lossy) {
      Harm(fault);
      connection.torn = true;
      continue;
    }
    if (fault == Fault::kDelay) {
      Harm(fault);
      absl::SleepFor(absl::Milliseconds(random() % 20));
    }
    for (ssize_t sent = 0; sent < size && !stop_ && !connection.ended;) {
      const ssize_t n = send(to, buffer.data() + sent, static_cast<std::size_t>(size - sent),
                             MSG_NOSIGNAL | MSG_DONTWAIT);
      if (n > 0) {
        sent += n;
      } else if (errno == EAGAIN) {
        absl::SleepFor(absl::Milliseconds(1));
      } else {
        connection.ended = true;
      }
    }
  }
  connection.ended = true;
}

}  // namespace communique::testing
