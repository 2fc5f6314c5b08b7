#include "tests/bench/nats_stream.h"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"

namespace communique::bench {
namespace {

using Clock = std::chrono::steady_clock;

// JetStream answers in JSON; the key "error" stands only in answers that are one.
bool IsError(absl::string_view answer) { return absl::StrContains(answer, "\"error\":"); }

}  // namespace

uint32_t Hundreds(Clock::duration took) {
  const auto ns = std::chrono::duration_cast<std::chrono::nanoseconds>(took).count();
  return static_cast<uint32_t>(std::max<int64_t>(ns, 0) / 100);
}

bool Payloads::ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  bytes_.assign(std::istreambuf_iterator<char>(file), {});
  size_t at = 0;
  while (at + 4 <= bytes_.size()) {
    uint32_t size = 0;
    for (size_t i = 0; i < 4; ++i) {
      size |= static_cast<uint32_t>(static_cast<unsigned char>(bytes_[at + i])) << (8 * i);
    }
    at += 4;
    if (size > bytes_.size() - at) return false;
    all_.push_back(absl::string_view(bytes_).substr(at, size));
    at += size;
  }
  return at == bytes_.size() && !all_.empty();
}

std::string Stream::subject() const { return absl::StrCat("bench.", name_); }

bool Stream::CreateIfMissing(std::string& error) {
  std::string answer;
  if (!control_.Request(absl::StrCat("$JS.API.STREAM.INFO.", name_), "", answer)) {
    error = control_.error();
    return false;
  }
  if (!IsError(answer)) return true;
  return Create(absl::StrCat("$JS.API.STREAM.CREATE.", name_),
                absl::StrFormat("{\"name\":\"%s\",\"subjects\":[\"%s\"],\"storage\":\"file\","
                                "\"retention\":\"limits\",\"num_replicas\":1}",
                                name_, subject()),
                error);
}

bool Stream::CreateConsumer(absl::string_view deliver_subject, absl::string_view deliver_policy,
                            std::string& error) {
  return Create(
      absl::StrCat("$JS.API.CONSUMER.CREATE.", name_),
      absl::StrFormat("{\"stream_name\":\"%s\",\"config\":{\"deliver_subject\":\"%s\","
                      "\"deliver_policy\":\"%s\",\"ack_policy\":\"none\",\"max_deliver\":1,"
                      "\"replay_policy\":\"instant\",\"flow_control\":true,"
                      "\"idle_heartbeat\":5000000000,\"mem_storage\":true,\"num_replicas\":1}}",
                      name_, deliver_subject, deliver_policy),
      error);
}

bool Stream::Create(const std::string& api, const std::string& request, std::string& error) {
  std::string answer;
  if (!control_.Request(api, request, answer)) {
    error = control_.error();
    return false;
  }
  if (IsError(answer)) error = answer;
  return error.empty();
}

Publisher::Publisher(Payloads& payloads, std::string subject, size_t window)
    : payloads_(payloads), subject_(std::move(subject)), sent_(window) {
  for (size_t slot = 0; slot < window; ++slot) free_.push_back(slot);
}

bool Publisher::Connect(const std::string& target) {
  if (!connection_.Connect(target)) return false;
  inbox_ = absl::StrCat("_INBOX.acks.", getpid(), ".");
  connection_.Subscribe(absl::StrCat(inbox_, "*"), 1);
  return connection_.Sync();
}

void Publisher::Put() {
  const size_t slot = free_.back();
  free_.pop_back();
  const absl::string_view payload = payloads_.Next();
  sent_[slot] = {Clock::now(), payload.size()};
  connection_.Publish(subject_, absl::StrCat(inbox_, slot), payload);
}

bool Publisher::Send() {
  Put();
  return connection_.Flush();
}

bool Publisher::Receive(NatsConnection::Wait wait, Figures& figures) {
  return connection_.Read(wait, [&](const NatsMessage& message) {
    size_t slot = 0;
    if (!absl::StartsWith(message.subject, inbox_) ||
        !absl::SimpleAtoi(message.subject.substr(inbox_.size()), &slot) || slot >= sent_.size()) {
      ++figures.errors["an acknowledgement of nothing"];
      return;
    }
    free_.push_back(slot);
    if (!message.headers.empty() || IsError(message.payload)) {
      const absl::string_view status = message.headers.substr(0, message.headers.find('\r'));
      ++figures.errors[absl::StrCat(status, message.payload)];
      return;
    }
    ++figures.publishes;
    figures.published_bytes += sent_[slot].bytes;
    figures.latencies.push_back(Hundreds(Clock::now() - sent_[slot].time));
  });
}

std::string Watchers::Add() {
  const uint32_t subscription = static_cast<uint32_t>(next_.size());
  next_.push_back(1);
  const std::string subject = absl::StrCat("_INBOX.watch.", getpid(), ".",
                                           connection_.descriptor(), ".", subscription);
  connection_.Subscribe(subject, subscription);
  return subject;
}

bool Watchers::Receive(NatsConnection::Wait wait) {
  uint64_t deliveries = 0;
  uint64_t bytes = 0;
  const bool ok = connection_.Read(wait, [&](const NatsMessage& message) {
    if (!message.headers.empty()) {
      AnswerControl(message);
      return;
    }
    CheckOrder(message);
    ++deliveries;
    bytes += message.payload.size();
  });
  deliveries_.store(deliveries_.load(std::memory_order_relaxed) + deliveries,
                    std::memory_order_relaxed);
  bytes_.store(bytes_.load(std::memory_order_relaxed) + bytes, std::memory_order_relaxed);
  return ok;
}

void Watchers::AddErrors(Figures& figures) const {
  if (gaps_ > 0) figures.errors["a consumer's messages are not in sequence"] += gaps_;
  if (!connection_.error().empty()) ++figures.errors[connection_.error()];
}

// A flow control request, or a heartbeat, which names one that was not answered.
void Watchers::AnswerControl(const NatsMessage& message) {
  static constexpr absl::string_view kStalled = "Nats-Consumer-Stalled: ";
  absl::string_view reply = message.reply;
  if (const size_t at = message.headers.find(kStalled); at != absl::string_view::npos) {
    reply = message.headers.substr(at + kStalled.size());
    reply = reply.substr(0, reply.find('\r'));
  }
  if (!reply.empty()) connection_.Publish(reply, "", "");
}

// The reply subject ends in ".N.time.pending", where N numbers the consumer's messages from 1.
void Watchers::CheckOrder(const NatsMessage& message) {
  absl::string_view rest = message.reply;
  rest = rest.substr(0, rest.rfind('.'));
  rest = rest.substr(0, rest.rfind('.'));
  uint64_t number = 0;
  for (const char digit : rest.substr(rest.rfind('.') + 1)) {
    number = 10 * number + static_cast<uint64_t>(digit - '0');
  }
  uint64_t& next = next_[message.subscription];
  if (number != next) ++gaps_;
  next = number + 1;
}

}  // namespace communique::bench
