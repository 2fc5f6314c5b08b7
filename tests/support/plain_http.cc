#include "tests/support/plain_http.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace communique::testing {

Socket::Socket(const std::string& endpoint)
    : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  const std::vector<std::string> parts = absl::StrSplit(endpoint, ':');
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(std::stoi(parts.at(1))));
  inet_pton(AF_INET, parts.at(0).c_str(), &address.sin_addr);
  const timeval patience = {.tv_sec = 10, .tv_usec = 0};
  setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  connected_ = connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
}

Socket::~Socket() { close(fd_); }

void Socket::Send(const std::string& bytes) {
  (void)!send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
}

std::string Socket::ReadAll() {
  std::string answer;
  char buffer[4096];
  ssize_t got = 0;
  while ((got = recv(fd_, buffer, sizeof buffer, 0)) > 0) {
    answer.append(buffer, static_cast<size_t>(got));
  }
  return answer;
}

std::string Ask(const std::string& endpoint, const std::string& request) {
  Socket socket(endpoint);
  socket.Send(request);
  return socket.ReadAll();
}

std::string Get(const std::string& endpoint, const std::string& path) {
  return Ask(endpoint,
             absl::StrCat("GET ", path, " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
}

}  // namespace communique::testing
