#ifndef COMMUNIQUE_SERVICE_FEED_TURNS_H_
#define COMMUNIQUE_SERVICE_FEED_TURNS_H_

#include <deque>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"

namespace communique::feed {

// What waits, by whose it is: principals take turns, however much one of them has
// waiting; within one, first come, first served.
//
// Thread safety: none of its own.
template <typename T>
class Turns {
 public:
  bool empty() const { return turns_.empty(); }

  void Push(const std::string& principal, T item) {
    std::deque<T>& waiting = waiting_[principal];
    if (waiting.empty()) turns_.push_back(principal);
    waiting.push_back(std::move(item));
  }

  // Requires that something waits.
  T Pop() {
    std::string principal = std::move(turns_.front());
    turns_.pop_front();
    const auto found = waiting_.find(principal);
    T item = std::move(found->second.front());
    found->second.pop_front();
    if (found->second.empty()) {
      waiting_.erase(found);
    } else {
      turns_.push_back(std::move(principal));
    }
    return item;
  }

  void Clear() {
    turns_.clear();
    waiting_.clear();
  }

 private:
  std::deque<std::string> turns_;  // principals that have something waiting
  absl::flat_hash_map<std::string, std::deque<T>> waiting_;  // none is empty
};

}  // namespace communique::feed

#endif  // COMMUNIQUE_SERVICE_FEED_TURNS_H_
