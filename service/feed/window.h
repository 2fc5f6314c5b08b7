#ifndef COMMUNIQUE_SERVICE_FEED_WINDOW_H_
#define COMMUNIQUE_SERVICE_FEED_WINDOW_H_

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "service/journal/commit.h"

namespace communique::feed {

// Commits that became durable together, side by side in one buffer, in the bytes
// they were stored in: what is sent are slices of it. Never changed. Commits are
// counted from 0; their revisions are dense.
class Chunk {
 public:
  // A group as chunks of at most kFeedChunkBytes, or of one commit.
  static std::vector<std::shared_ptr<const Chunk>> Split(const journal::CommitGroup& group);

  int64_t first_revision() const { return first_revision_; }
  int64_t last_revision() const { return RevisionOf(commits_.size()) - 1; }
  int64_t RevisionOf(size_t commit) const { return first_revision_ + static_cast<int64_t>(commit); }
  // The first commit after a revision.
  size_t CommitAfter(int64_t revision) const {
    return revision < first_revision_ ? 0 : static_cast<size_t>(revision + 1 - first_revision_);
  }
  size_t commit_count() const { return commits_.size(); }
  absl::Time TimeOf(size_t commit) const {
    return absl::FromUnixMicros(commits_[commit].time_micros);
  }
  // The framed changes of one commit, and of several.
  absl::string_view BytesOf(size_t commit) const { return BytesOf(commit, commit + 1); }
  absl::string_view BytesOf(size_t begin, size_t end) const {
    return absl::string_view(bytes_).substr(BeginOf(begin), BeginOf(end) - BeginOf(begin));
  }
  size_t BeginOf(size_t commit) const { return commit == 0 ? 0 : commits_[commit - 1].end; }
  int64_t ChangesOf(size_t begin, size_t end) const {
    return (end == 0 ? 0 : commits_[end - 1].end_change) -
           (begin == 0 ? 0 : commits_[begin - 1].end_change);
  }
  const std::string& bytes() const { return bytes_; }
  // What it costs in memory.
  size_t Bytes() const { return sizeof *this + bytes_.size() + commits_.size() * sizeof(Commit); }

 private:
  struct Commit {
    uint32_t end = 0;         // in bytes_
    uint32_t end_change = 0;  // changes up to here
    int64_t time_micros = 0;
  };

  int64_t first_revision_ = 0;
  std::string bytes_;
  std::vector<Commit> commits_;
};

// Some commits of a chunk.
struct ChunkRange {
  std::shared_ptr<const Chunk> chunk;
  size_t begin = 0;  // commits, end exclusive
  size_t end = 0;
};

// The newest commits in memory, up to a number of bytes.
//
// Thread safety: any thread.
class Window {
 public:
  Window(size_t max_bytes, int64_t head) : max_bytes_(max_bytes), head_(head) {}

  void Add(const journal::CommitGroup& group);
  // The newest revision that watchers may see.
  int64_t head() const { return head_.load(std::memory_order_acquire); }
  // Commits after a revision up to another, at most `max_bytes` of them or one
  // chunk. False when the first fell out of the window: read the journal.
  bool Read(int64_t from_exclusive, int64_t through, size_t max_bytes,
            std::vector<ChunkRange>& out) const;
  // When the commit was made, if the window holds it.
  std::optional<absl::Time> TimeOf(int64_t revision) const;

  // 0 when nothing is held.
  int64_t first_revision() const;
  size_t bytes() const;

 private:
  using Chunks = std::deque<std::shared_ptr<const Chunk>>;
  // The chunk that holds a revision; end() when none does.
  Chunks::const_iterator Find(int64_t revision) const ABSL_SHARED_LOCKS_REQUIRED(mutex_);

  const size_t max_bytes_;
  std::atomic<int64_t> head_;
  mutable absl::Mutex mutex_;
  Chunks chunks_ ABSL_GUARDED_BY(mutex_);
  size_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace communique::feed

#endif  // COMMUNIQUE_SERVICE_FEED_WINDOW_H_
