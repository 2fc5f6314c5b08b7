#include "service/feed/window.h"

#include <algorithm>

#include "service/base/limits.h"

namespace communique::feed {

std::vector<std::shared_ptr<const Chunk>> Chunk::Split(const journal::CommitGroup& group) {
  std::vector<std::shared_ptr<const Chunk>> chunks;
  for (size_t begin = 0; begin < group.size();) {
    size_t bytes = 0;
    size_t end = begin;
    for (; end < group.size(); ++end) {
      size_t commit_bytes = 0;
      for (const journal::EncodedChange& change : group[end]->changes) {
        commit_bytes += change.framed.size();
      }
      if (end > begin && bytes + commit_bytes > base::kFeedChunkBytes) break;
      bytes += commit_bytes;
    }
    auto chunk = std::make_shared<Chunk>();
    chunk->first_revision_ = group[begin]->revision;
    chunk->bytes_.reserve(bytes);
    chunk->commits_.reserve(end - begin);
    uint32_t changes = 0;
    for (; begin < end; ++begin) {
      for (const journal::EncodedChange& change : group[begin]->changes) {
        chunk->bytes_ += change.framed;
      }
      changes += static_cast<uint32_t>(group[begin]->changes.size());
      chunk->commits_.push_back({static_cast<uint32_t>(chunk->bytes_.size()), changes,
                                 absl::ToUnixMicros(group[begin]->time)});
    }
    chunks.push_back(std::move(chunk));
  }
  return chunks;
}

void Window::Add(const journal::CommitGroup& group) {
  // Copied before the lock is taken: readers are not kept waiting.
  auto chunks = Chunk::Split(group);
  absl::MutexLock lock(&mutex_);
  for (auto& chunk : chunks) {
    bytes_ += chunk->Bytes();
    chunks_.push_back(std::move(chunk));
  }
  while (chunks_.size() > 1 && bytes_ > max_bytes_) {
    bytes_ -= chunks_.front()->Bytes();
    chunks_.pop_front();
  }
  head_.store(group.back()->revision, std::memory_order_release);
}

Window::Chunks::const_iterator Window::Find(int64_t revision) const {
  const auto after = std::upper_bound(
      chunks_.begin(), chunks_.end(), revision,
      [](int64_t value, const auto& chunk) { return value < chunk->first_revision(); });
  if (after == chunks_.begin()) return chunks_.end();
  return (*std::prev(after))->last_revision() >= revision ? std::prev(after) : chunks_.end();
}

bool Window::Read(int64_t from_exclusive, int64_t through, size_t max_bytes,
                  std::vector<ChunkRange>& out) const {
  if (from_exclusive >= through) return true;
  absl::ReaderMutexLock lock(&mutex_);
  auto chunk = Find(from_exclusive + 1);
  if (chunk == chunks_.end()) return false;
  size_t bytes = 0;
  for (; chunk != chunks_.end() && (*chunk)->first_revision() <= through; ++chunk) {
    ChunkRange range{*chunk, (*chunk)->CommitAfter(from_exclusive),
                     std::min((*chunk)->CommitAfter(through), (*chunk)->commit_count())};
    bytes += (*chunk)->BytesOf(range.begin, range.end).size();
    if (bytes > max_bytes && !out.empty()) break;
    out.push_back(std::move(range));
  }
  return true;
}

std::optional<absl::Time> Window::TimeOf(int64_t revision) const {
  absl::ReaderMutexLock lock(&mutex_);
  const auto chunk = Find(revision);
  if (chunk == chunks_.end()) return std::nullopt;
  return (*chunk)->TimeOf((*chunk)->CommitAfter(revision - 1));
}

int64_t Window::first_revision() const {
  absl::ReaderMutexLock lock(&mutex_);
  return chunks_.empty() ? 0 : chunks_.front()->first_revision();
}

size_t Window::bytes() const {
  absl::ReaderMutexLock lock(&mutex_);
  return bytes_;
}

}  // namespace communique::feed
