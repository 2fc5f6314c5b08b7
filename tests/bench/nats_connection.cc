#include "tests/bench/nats_connection.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace communique::bench {
namespace {

constexpr size_t kBufferBytes = 512 * 1024;
constexpr time_t kSilenceSeconds = 10;
// Of the answers to Request; callers number theirs below it.
constexpr uint32_t kRequestSubscription = 4'000'000'000;

template <typename Number>
bool ParseNumber(absl::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

NatsConnection::~NatsConnection() {
  if (descriptor_ >= 0) close(descriptor_);
}

bool NatsConnection::Fail(absl::string_view what) {
  if (error_.empty()) error_ = std::string(what);
  return false;
}

bool NatsConnection::Connect(const std::string& target) {
  const size_t colon = target.rfind(':');
  if (colon == std::string::npos) return Fail("the target is not HOST:PORT");
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(target.substr(0, colon).c_str(), target.substr(colon + 1).c_str(), &hints,
                  &found) != 0) {
    return Fail(absl::StrCat("cannot resolve ", target));
  }
  descriptor_ = socket(found->ai_family, found->ai_socktype | SOCK_CLOEXEC, found->ai_protocol);
  const bool connected =
      descriptor_ >= 0 && connect(descriptor_, found->ai_addr, found->ai_addrlen) == 0;
  freeaddrinfo(found);
  if (!connected) return Fail(absl::StrCat("cannot connect to ", target));
  const int on = 1;
  setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  const timeval silence{kSilenceSeconds, 0};
  setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &silence, sizeof(silence));
  setsockopt(descriptor_, SOL_SOCKET, SO_SNDTIMEO, &silence, sizeof(silence));

  in_capacity_ = kBufferBytes;
  in_ = std::make_unique<char[]>(in_capacity_);
  out_ =
      "CONNECT {\"verbose\":false,\"pedantic\":false,\"tls_required\":false,\"headers\":true,"
      "\"no_responders\":true,\"protocol\":1,\"lang\":\"c++\",\"version\":\"1\","
      "\"name\":\"bench_nats\"}\r\n";
  return Sync();
}

void NatsConnection::Subscribe(absl::string_view subject, uint32_t subscription) {
  absl::StrAppend(&out_, "SUB ", subject, " ", subscription, "\r\n");
}

void NatsConnection::Publish(absl::string_view subject, absl::string_view reply,
                             absl::string_view payload) {
  absl::StrAppend(&out_, "PUB ", subject, " ", reply);
  absl::StrAppend(&out_, reply.empty() ? "" : " ", payload.size(), "\r\n", payload, "\r\n");
}

bool NatsConnection::Flush() {
  if (!error_.empty()) return false;
  size_t sent = 0;
  while (sent < out_.size()) {
    const ssize_t count =
        send(descriptor_, out_.data() + sent, out_.size() - sent, MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return Fail(absl::StrCat("cannot send: ", strerror(errno)));
    sent += static_cast<size_t>(count);
  }
  out_.clear();
  return true;
}

bool NatsConnection::Sync() {
  const uint64_t before = pongs_;
  out_ += "PING\r\n";
  if (!Flush()) return false;
  while (pongs_ == before) {
    if (!Read(Wait::kForData, [](const NatsMessage&) {})) return false;
  }
  return true;
}

bool NatsConnection::Request(absl::string_view subject, absl::string_view payload,
                             std::string& answer) {
  const std::string inbox = absl::StrCat("_INBOX.bench.", getpid(), ".", descriptor_);
  if (requests_ == 0) Subscribe(absl::StrCat(inbox, ".*"), kRequestSubscription);
  const std::string reply = absl::StrCat(inbox, ".", ++requests_);
  Publish(subject, reply, payload);
  if (!Flush()) return false;
  bool answered = false;
  while (!answered) {
    const bool ok = Read(Wait::kForData, [&](const NatsMessage& message) {
      if (message.subject != reply) return;
      answered = true;
      if (absl::StartsWith(message.headers, "NATS/1.0 503")) {
        Fail(absl::StrCat("nobody answers ", subject, "; is JetStream on?"));
      }
      answer = std::string(message.payload);
    });
    if (!ok) return false;
  }
  return true;
}

bool NatsConnection::Receive(Wait wait) {
  if (!error_.empty()) return false;
  // Only what belongs to an unfinished message is moved.
  if (begin_ > 0) {
    std::memmove(in_.get(), in_.get() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (std::max(needed_, end_ + 1) > in_capacity_) {
    in_capacity_ = 2 * std::max(needed_, in_capacity_);
    auto larger = std::make_unique<char[]>(in_capacity_);
    std::memcpy(larger.get(), in_.get(), end_);
    in_ = std::move(larger);
  }
  while (true) {
    const ssize_t count = recv(descriptor_, in_.get() + end_, in_capacity_ - end_,
                               wait == Wait::kNo ? MSG_DONTWAIT : 0);
    if (count > 0) {
      end_ += static_cast<size_t>(count);
      return true;
    }
    if (count == 0) return Fail("the server closed the connection");
    if (errno == EINTR) continue;
    if (errno != EAGAIN) return Fail(absl::StrCat("cannot receive: ", strerror(errno)));
    if (wait == Wait::kNo) return true;
    return Fail(absl::StrCat("nothing came for ", kSilenceSeconds, " seconds"));
  }
}

bool NatsConnection::ParseArguments(absl::string_view arguments, bool with_headers,
                                    NatsMessage& message, size_t& header_size,
                                    size_t& total_size) {
  // MSG:  subject subscription [reply] size
  // HMSG: subject subscription [reply] header-size size, which counts both
  std::array<absl::string_view, 5> parts;
  size_t count = 0;
  while (true) {
    if (count == parts.size()) return false;
    const size_t space = arguments.find(' ');
    parts[count++] = arguments.substr(0, space);
    if (space == absl::string_view::npos) break;
    arguments.remove_prefix(space + 1);
  }
  const size_t sizes = with_headers ? 2 : 1;
  if (count != 2 + sizes && count != 3 + sizes) return false;
  message.subject = parts[0];
  message.reply = count == 3 + sizes ? parts[2] : absl::string_view();
  header_size = 0;
  return ParseNumber(parts[1], message.subscription) &&
         ParseNumber(parts[count - 1], total_size) &&
         (!with_headers || ParseNumber(parts[count - 2], header_size)) &&
         header_size <= total_size;
}

bool NatsConnection::NextMessage(NatsMessage& message) {
  while (error_.empty()) {
    const absl::string_view rest(in_.get() + begin_, end_ - begin_);
    if (rest.size() < needed_) return false;
    const size_t line_end = rest.find('\n');
    if (line_end == absl::string_view::npos || line_end == 0) return false;
    const absl::string_view line = rest.substr(0, line_end - 1);  // without "\r\n"
    const size_t body = line_end + 1;

    const bool with_headers = absl::StartsWith(line, "HMSG ");
    if (with_headers || absl::StartsWith(line, "MSG ")) {
      size_t header_size = 0;
      size_t size = 0;
      if (!ParseArguments(line.substr(with_headers ? 5 : 4), with_headers, message, header_size,
                          size)) {
        return Fail(absl::StrCat("malformed: ", line));
      }
      needed_ = body + size + 2;
      if (rest.size() < needed_) return false;
      message.headers = rest.substr(body, header_size);
      message.payload = rest.substr(body + header_size, size - header_size);
      begin_ += needed_;
      needed_ = 0;
      return true;
    }

    begin_ += body;
    if (line == "PING") {
      out_ += "PONG\r\n";
    } else if (line == "PONG") {
      ++pongs_;
    } else if (absl::StartsWith(line, "-ERR")) {
      return Fail(line);
    } else if (!absl::StartsWith(line, "INFO") && !absl::StartsWith(line, "+OK")) {
      return Fail(absl::StrCat("not understood: ", line));
    }
  }
  return false;
}

}  // namespace communique::bench
