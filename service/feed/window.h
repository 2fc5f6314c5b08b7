#ifndef COMMUNIQUE_SERVICE_FEED_WINDOW_H_
#define COMMUNIQUE_SERVICE_FEED_WINDOW_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "service/journal/commit.h"

namespace communique::feed {

// The newest commits in memory, in the bytes they were stored in, up to a number
// of bytes.
//
// Thread safety: any thread.
class Window {
 public:
  Window(size_t max_bytes, int64_t head) : max_bytes_(max_bytes), head_(head) {}

  void Add(const journal::CommitGroup& group);
  // The newest revision that watchers may see.
  int64_t head() const;
  // Commits after a revision, at most `max_bytes` of them or one. False when the
  // revision fell out of the window: read the journal.
  bool Read(int64_t from_exclusive, size_t max_bytes, journal::CommitGroup& out) const;

 private:
  const size_t max_bytes_;
  mutable absl::Mutex mutex_;
  std::deque<std::shared_ptr<const journal::EncodedCommit>> commits_ ABSL_GUARDED_BY(mutex_);
  size_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t head_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace communique::feed

#endif  // COMMUNIQUE_SERVICE_FEED_WINDOW_H_
