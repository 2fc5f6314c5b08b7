#include "tests/support/raw_http2.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace communique::testing {
namespace {

// RFC 9113.
constexpr int kFrameHeaderBytes = 9;
enum FrameType : uint8_t { kData = 0, kHeaders = 1, kRstStream = 3, kSettings = 4, kGoAway = 7 };
constexpr uint8_t kEndStream = 1;
constexpr uint8_t kEndHeaders = 4;

void AppendBigEndian(uint64_t value, int bytes, std::string& out) {
  for (int i = bytes - 1; i >= 0; --i) out.push_back(static_cast<char>(value >> (8 * i)));
}

void AppendFrame(FrameType type, uint8_t flags, uint32_t stream, absl::string_view payload,
                 std::string& out) {
  AppendBigEndian(payload.size(), 3, out);
  out.push_back(static_cast<char>(type));
  out.push_back(static_cast<char>(flags));
  AppendBigEndian(stream, 4, out);
  absl::StrAppend(&out, payload);
}

// HPACK: a literal without indexing and without Huffman; each length below 127.
void AppendHeader(absl::string_view name, absl::string_view value, std::string& out) {
  out.push_back('\0');
  out.push_back(static_cast<char>(name.size()));
  absl::StrAppend(&out, name);
  out.push_back(static_cast<char>(value.size()));
  absl::StrAppend(&out, value);
}

// Whether the frames so far end stream 1.
bool Ended(absl::string_view frames) {
  while (frames.size() >= kFrameHeaderBytes) {
    const auto byte = [&](int i) { return static_cast<uint8_t>(frames[i]); };
    const size_t length = byte(0) << 16 | byte(1) << 8 | byte(2);
    if (frames.size() < kFrameHeaderBytes + length) return false;
    const uint8_t type = byte(3);
    if (type == kGoAway || type == kRstStream) return true;
    if (type == kHeaders && (byte(4) & kEndStream) != 0) return true;
    frames.remove_prefix(kFrameHeaderBytes + length);
  }
  return false;
}

}  // namespace

std::string SendRawHttp2(const std::string& endpoint, const std::string& path,
                         const std::vector<std::pair<std::string, std::string>>& headers,
                         absl::string_view message) {
  const size_t colon = endpoint.rfind(':');
  int port = 0;
  if (!absl::SimpleAtoi(endpoint.substr(colon + 1), &port)) return "";
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  inet_pton(AF_INET, endpoint.substr(0, colon).c_str(), &address.sin_addr);
  const int socket_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval patience = {.tv_sec = 10, .tv_usec = 0};
  setsockopt(socket_fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  std::string answer;
  if (connect(socket_fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) {
    std::string block;
    AppendHeader(":method", "POST", block);
    AppendHeader(":scheme", "http", block);
    AppendHeader(":path", path, block);
    AppendHeader(":authority", endpoint, block);
    AppendHeader("te", "trailers", block);
    AppendHeader("content-type", "application/grpc", block);
    for (const auto& [name, value] : headers) AppendHeader(name, value, block);
    std::string framed_message(1, '\0');
    AppendBigEndian(message.size(), 4, framed_message);
    absl::StrAppend(&framed_message, message);
    std::string sent = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    AppendFrame(kSettings, 0, 0, "", sent);
    AppendFrame(kHeaders, kEndHeaders, 1, block, sent);
    AppendFrame(kData, kEndStream, 1, framed_message, sent);
    if (send(socket_fd, sent.data(), sent.size(), MSG_NOSIGNAL) ==
        static_cast<ssize_t>(sent.size())) {
      char buffer[4096];
      ssize_t got = 0;
      while (!Ended(answer) && (got = recv(socket_fd, buffer, sizeof buffer, 0)) > 0) {
        answer.append(buffer, static_cast<size_t>(got));
      }
    }
  }
  close(socket_fd);
  return answer;
}

}  // namespace communique::testing
