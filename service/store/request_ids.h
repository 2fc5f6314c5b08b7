#ifndef COMMUNIQUE_SERVICE_STORE_REQUEST_IDS_H_
#define COMMUNIQUE_SERVICE_STORE_REQUEST_IDS_H_

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "communique/v1/publish.pb.h"

namespace communique::store {

// Which revision answered a principal's request id, for the last revisions.
//
// Rebuilt from the journal's headers at start. A commit that changed nothing took
// no revision and left no header: it is remembered until the process ends only.
//
// Thread safety: none; the writer's thread owns it.
class RequestIds {
 public:
  explicit RequestIds(int64_t window_revisions) : window_(window_revisions) {}

  struct Answer {
    int64_t revision = 0;     // the revision that was answered
    std::string digest;       // SHA-256 of the request
    // Set for a commit that changed nothing, which no header tells.
    std::optional<v1::CommitResponse> unchanged;
  };

  // Null when the id is not remembered.
  const Answer* Find(absl::string_view principal, absl::string_view request_id) const;
  void Remember(absl::string_view principal, absl::string_view request_id, Answer answer);
  // Forgets what fell out of the window.
  void Advance(int64_t head);
  size_t size() const { return answers_.size(); }
  size_t unchanged_bytes() const { return unchanged_bytes_; }

 private:
  // 128 bits of SHA-256 over principal and id.
  using Key = std::pair<uint64_t, uint64_t>;
  static Key MakeKey(absl::string_view principal, absl::string_view request_id);

  const int64_t window_;
  absl::flat_hash_map<Key, Answer> answers_;
  void ForgetOldestUnchanged();

  std::deque<std::pair<int64_t, Key>> order_;  // by revision
  // Commits that changed nothing never move the head: they are limited by number
  // and size instead.
  std::deque<std::pair<Key, size_t>> unchanged_;
  size_t unchanged_bytes_ = 0;
};

}  // namespace communique::store

#endif  // COMMUNIQUE_SERVICE_STORE_REQUEST_IDS_H_
