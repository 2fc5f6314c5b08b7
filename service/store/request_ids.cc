#include "service/store/request_ids.h"

#include <cstring>

#include "service/base/hash.h"
#include "service/base/limits.h"

namespace communique::store {

RequestIds::Key RequestIds::MakeKey(absl::string_view principal, absl::string_view request_id) {
  const std::string hash = base::Sha256({principal, absl::string_view("\0", 1), request_id});
  Key key;
  std::memcpy(&key.first, hash.data(), sizeof key.first);
  std::memcpy(&key.second, hash.data() + sizeof key.first, sizeof key.second);
  return key;
}

const RequestIds::Answer* RequestIds::Find(absl::string_view principal,
                                           absl::string_view request_id) const {
  const auto found = answers_.find(MakeKey(principal, request_id));
  return found == answers_.end() ? nullptr : &found->second;
}

void RequestIds::Remember(absl::string_view principal, absl::string_view request_id,
                          Answer answer) {
  const Key key = MakeKey(principal, request_id);
  if (answer.unchanged) {
    unchanged_.emplace_back(key, answer.unchanged->SpaceUsedLong());
    unchanged_bytes_ += unchanged_.back().second;
  } else {
    order_.emplace_back(answer.revision, key);
  }
  answers_.insert_or_assign(key, std::move(answer));
  while (unchanged_.size() > base::kMaxUnchangedAnswers ||
         unchanged_bytes_ > base::kMaxUnchangedAnswerBytes) {
    ForgetOldestUnchanged();
  }
}

void RequestIds::ForgetOldestUnchanged() {
  const auto [key, bytes] = unchanged_.front();
  unchanged_.pop_front();
  unchanged_bytes_ -= bytes;
  const auto found = answers_.find(key);
  if (found != answers_.end() && found->second.unchanged) answers_.erase(found);
}

void RequestIds::Advance(int64_t head) {
  while (!order_.empty() && order_.front().first <= head - window_) {
    const auto found = answers_.find(order_.front().second);
    // The id may have been remembered again, at a later revision.
    if (found != answers_.end() && found->second.revision == order_.front().first) {
      answers_.erase(found);
    }
    order_.pop_front();
  }
}

}  // namespace communique::store
