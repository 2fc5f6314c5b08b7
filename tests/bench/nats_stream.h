// What a load client of JetStream is made of: a stream, a publisher that waits
// for acknowledgements, and consumers that count what they are sent.

#ifndef TESTS_BENCH_NATS_STREAM_H_
#define TESTS_BENCH_NATS_STREAM_H_

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "tests/bench/nats_connection.h"

namespace communique::bench {

// What was measured.
struct Figures {
  uint64_t deliveries = 0;
  uint64_t delivered_bytes = 0;
  uint64_t publishes = 0;  // acknowledged
  uint64_t published_bytes = 0;
  double seconds = 0;
  std::vector<uint32_t> latencies;         // in units of 100 ns
  std::map<std::string, uint64_t> errors;  // how often each
};

// A duration as Figures keeps it; zero if it is negative.
uint32_t Hundreds(std::chrono::steady_clock::duration took);

// The payloads of a file, each a 4-byte little-endian length and its bytes.
class Payloads {
 public:
  // False if the file is not such a file or holds none.
  bool ReadFile(const std::string& path);
  // In turn, and again from the start.
  absl::string_view Next() { return all_[next_++ % all_.size()]; }

 private:
  std::string bytes_;
  std::vector<absl::string_view> all_;
  size_t next_ = 0;
};

// A stream of one subject, kept in files. Calls answer false with the reason in `error`.
class Stream {
 public:
  // `control` outlives it, and nothing else reads from it.
  Stream(NatsConnection& control, std::string name) : control_(control), name_(std::move(name)) {}

  std::string subject() const;

  bool CreateIfMissing(std::string& error);

  // Makes a push consumer as client libraries do for reading in order: nothing is
  // acknowledged or sent again, and flow control keeps the server to the client's
  // pace. Somebody has to be subscribed to `deliver_subject` already.
  // `deliver_policy`: "all" from the first message on, "new" only what comes.
  bool CreateConsumer(absl::string_view deliver_subject, absl::string_view deliver_policy,
                      std::string& error);

 private:
  bool Create(const std::string& api, const std::string& request, std::string& error);

  NatsConnection& control_;
  const std::string name_;
};

// Publishes on a connection of its own, with at most a window of messages under way.
class Publisher {
 public:
  // `payloads` outlives it; `window` is 1 or more.
  Publisher(Payloads& payloads, std::string subject, size_t window);

  bool Connect(const std::string& target);

  // Sends as long as `more()` and the window allow, then receives acknowledgements
  // once. False when none is under way and none is to come, or after a failure.
  template <typename More>
  bool Step(Figures& figures, More&& more) {
    while (!free_.empty() && connection_.unsent_bytes() < kSendBytes && more()) Put();
    if (!connection_.Flush() || free_.size() == sent_.size()) return false;
    return Receive(NatsConnection::Wait::kForData, figures);
  }

  // Sends one. Only when none is under way.
  bool Send();
  bool Receive(NatsConnection::Wait wait, Figures& figures);

  const NatsConnection& connection() const { return connection_; }

 private:
  // Publishes that wait to be sent are sent together, up to this.
  static constexpr size_t kSendBytes = 128 * 1024;

  struct Sent {
    std::chrono::steady_clock::time_point time;
    size_t bytes = 0;
  };

  void Put();

  Payloads& payloads_;
  const std::string subject_;
  NatsConnection connection_;
  std::string inbox_;
  std::vector<Sent> sent_;    // by slot; the reply subject is inbox_ and the slot
  std::vector<size_t> free_;  // slots
};

// The consumers that share one connection.
class Watchers {
 public:
  bool Connect(const std::string& target) { return connection_.Connect(target); }

  // Answers the subject that the new one listens on, once the connection is flushed.
  std::string Add();
  bool Sync() { return connection_.Sync(); }

  // Counts what came, answers flow control, and checks that each consumer's
  // messages come in order and without a gap.
  bool Receive(NatsConnection::Wait wait);

  // These may be asked by another thread.
  uint64_t deliveries() const { return deliveries_.load(std::memory_order_relaxed); }
  uint64_t bytes() const { return bytes_.load(std::memory_order_relaxed); }

  void AddErrors(Figures& figures) const;
  const NatsConnection& connection() const { return connection_; }

 private:
  void AnswerControl(const NatsMessage& message);
  void CheckOrder(const NatsMessage& message);

  NatsConnection connection_;
  std::vector<uint64_t> next_;  // by subscription: the number of its next message
  uint64_t gaps_ = 0;
  std::atomic<uint64_t> deliveries_{0};
  std::atomic<uint64_t> bytes_{0};
};

}  // namespace communique::bench

#endif  // TESTS_BENCH_NATS_STREAM_H_
