#ifndef COMMUNIQUE_WATCH_RESULT_H_
#define COMMUNIQUE_WATCH_RESULT_H_

#include <memory>
#include <optional>
#include <utility>

#include "communique/export.h"
#include "communique/v1/feed.pb.h"

namespace communique {

// What Watch::Next answers: a response, or nothing when the end was reached. It
// reads like a std::optional of a response:
//
//   for (const auto& change : (*response)->changes()) ...     // StatusOr, then this
//
// Performance: a response from the network stands in one block of memory of its
// own, since it may have tens of thousands of small parts; moving a WatchResult is
// free, and moving the response out of it copies. Keep the WatchResult, or copy
// what you keep of it.
// Thread safety: as of any value.
class COMMUNIQUE_EXPORT WatchResult {
 public:
  // Nothing.
  WatchResult();
  WatchResult(std::nullopt_t);  // NOLINT(google-explicit-constructor)
  WatchResult(v1::WatchResponse response);  // NOLINT(google-explicit-constructor)
  // A copy has a response of its own.
  WatchResult(const WatchResult& other);
  WatchResult& operator=(const WatchResult& other);
  WatchResult(WatchResult&& other) noexcept;
  WatchResult& operator=(WatchResult&& other) noexcept;
  ~WatchResult();

  // An empty response in a block of its own, to be filled by a transport.
  static WatchResult Make();

  bool has_value() const { return response_ != nullptr; }
  explicit operator bool() const { return has_value(); }

  // Only while it has one.
  const v1::WatchResponse& operator*() const& { return *response_; }
  v1::WatchResponse& operator*() & { return *response_; }
  v1::WatchResponse&& operator*() && { return std::move(*response_); }
  const v1::WatchResponse* operator->() const { return response_; }
  v1::WatchResponse* operator->() { return response_; }

 private:
  struct Block;
  std::unique_ptr<Block> block_;
  v1::WatchResponse* response_ = nullptr;  // in the block
};

}  // namespace communique

#endif  // COMMUNIQUE_WATCH_RESULT_H_
