#include "service/feed/window.h"

namespace communique::feed {

void Window::Add(const journal::CommitGroup& group) {
  absl::MutexLock lock(&mutex_);
  for (const auto& commit : group) {
    bytes_ += commit->Bytes();
    head_ = commit->revision;
    commits_.push_back(commit);
  }
  while (commits_.size() > 1 && bytes_ > max_bytes_) {
    bytes_ -= commits_.front()->Bytes();
    commits_.pop_front();
  }
}

int64_t Window::head() const {
  absl::MutexLock lock(&mutex_);
  return head_;
}

bool Window::Read(int64_t from_exclusive, size_t max_bytes, journal::CommitGroup& out) const {
  absl::MutexLock lock(&mutex_);
  if (from_exclusive >= head_) return true;
  if (commits_.empty() || commits_.front()->revision > from_exclusive + 1) return false;
  // Revisions are dense, so the place is known.
  size_t bytes = 0;
  for (size_t i = static_cast<size_t>(from_exclusive + 1 - commits_.front()->revision);
       i < commits_.size(); ++i) {
    bytes += commits_[i]->Bytes();
    if (bytes > max_bytes && !out.empty()) break;
    out.push_back(commits_[i]);
  }
  return true;
}

}  // namespace communique::feed
