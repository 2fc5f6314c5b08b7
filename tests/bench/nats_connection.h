// One connection to nats-server, spoken to in its text protocol: enough of it
// for a load client. No TLS, no user, no reconnect.
//
// A failure is kept: after the first, calls answer false and error() says what
// it was. Not safe for several threads at once.

#ifndef TESTS_BENCH_NATS_CONNECTION_H_
#define TESTS_BENCH_NATS_CONNECTION_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"

namespace communique::bench {

// Points into the connection's buffer; valid until its handler returns.
struct NatsMessage {
  uint32_t subscription = 0;
  absl::string_view subject;
  absl::string_view reply;    // empty: no answer is expected
  absl::string_view headers;  // from "NATS/1.0" to the empty line, or empty
  absl::string_view payload;
};

class NatsConnection {
 public:
  enum class Wait {
    kNo,       // reads what is there, maybe nothing
    kForData,  // waits until there is something; ten seconds of silence are a failure
  };

  NatsConnection() = default;
  ~NatsConnection();
  NatsConnection(const NatsConnection&) = delete;
  NatsConnection& operator=(const NatsConnection&) = delete;

  // `target` is HOST:PORT. Returns when the server has accepted the client.
  bool Connect(const std::string& target);

  // These fill a buffer, which Flush sends.
  void Subscribe(absl::string_view subject, uint32_t subscription);
  void Publish(absl::string_view subject, absl::string_view reply, absl::string_view payload);
  size_t unsent_bytes() const { return out_.size(); }
  bool Flush();

  // Flushes, and returns when the server has processed all of it. Messages that
  // come meanwhile are dropped.
  bool Sync();

  // Publishes to `subject` and waits for the one answer: its payload goes to
  // `answer`. Other messages that come meanwhile are dropped.
  bool Request(absl::string_view subject, absl::string_view payload, std::string& answer);

  // Receives once, as much as the buffer holds, and hands each whole message to
  // `handle(const NatsMessage&)`. Answers pings. False after a failure.
  template <typename Handle>
  bool Read(Wait wait, Handle&& handle) {
    if (!Receive(wait)) return false;
    NatsMessage message;
    while (NextMessage(message)) handle(message);
    return Flush();
  }

  int descriptor() const { return descriptor_; }
  const std::string& error() const { return error_; }

 private:
  bool Fail(absl::string_view what);
  bool Receive(Wait wait);

  // Takes the next whole message out of the buffer, and whatever else stands
  // before it. False when there is none, or after a failure.
  bool NextMessage(NatsMessage& message);
  // Parses what follows "MSG " or "HMSG " in its line. False: malformed.
  static bool ParseArguments(absl::string_view arguments, bool with_headers, NatsMessage& message,
                             size_t& header_size, size_t& total_size);

  int descriptor_ = -1;
  std::string error_;
  std::string out_;
  std::unique_ptr<char[]> in_;
  size_t in_capacity_ = 0;
  size_t begin_ = 0;  // of what is not parsed yet
  size_t end_ = 0;    // of what was received
  size_t needed_ = 0;  // size of the message that begins there, once that is known
  uint64_t pongs_ = 0;
  uint64_t requests_ = 0;
};

}  // namespace communique::bench

#endif  // TESTS_BENCH_NATS_CONNECTION_H_
