#include "communique/watch_result.h"

#include "google/protobuf/arena.h"

namespace communique {
namespace {

// Most responses are a change or a checkpoint; a replay's are 2 MiB.
constexpr std::size_t kFirstBlockBytes = std::size_t{4} << 10;
constexpr std::size_t kLargestBlockBytes = std::size_t{1} << 20;

google::protobuf::ArenaOptions Options() {
  google::protobuf::ArenaOptions options;
  options.start_block_size = kFirstBlockBytes;
  options.max_block_size = kLargestBlockBytes;
  return options;
}

}  // namespace

struct WatchResult::Block {
  google::protobuf::Arena arena{Options()};
};

WatchResult::WatchResult() = default;
WatchResult::WatchResult(std::nullopt_t) {}
WatchResult::WatchResult(v1::WatchResponse response) : WatchResult(Make()) {
  *response_ = std::move(response);
}
WatchResult::WatchResult(const WatchResult& other) { *this = other; }
WatchResult& WatchResult::operator=(const WatchResult& other) {
  if (this == &other) return *this;
  if (!other.has_value()) return *this = WatchResult();
  WatchResult copy = Make();
  *copy.response_ = *other.response_;
  return *this = std::move(copy);
}
WatchResult::WatchResult(WatchResult&& other) noexcept
    : block_(std::move(other.block_)), response_(std::exchange(other.response_, nullptr)) {}
WatchResult& WatchResult::operator=(WatchResult&& other) noexcept {
  if (this == &other) return *this;
  response_ = std::exchange(other.response_, nullptr);
  block_ = std::move(other.block_);
  return *this;
}
WatchResult::~WatchResult() = default;

WatchResult WatchResult::Make() {
  WatchResult result;
  result.block_ = std::make_unique<Block>();
  result.response_ =
      google::protobuf::Arena::CreateMessage<v1::WatchResponse>(&result.block_->arena);
  return result;
}

}  // namespace communique
