#include "service/feed/verdicts.h"

namespace communique::feed {
namespace {

// Two nodes of trees, a shared pointer's block, and what the allocator takes.
constexpr size_t kKeepingBytes = 256;

}  // namespace

size_t Verdict::Bytes() const {
  return sizeof *this + commits.capacity() * sizeof(Commit) +
         pieces.capacity() * sizeof(absl::string_view) + told.capacity() + kKeepingBytes;
}

std::shared_ptr<const Verdict> Verdicts::Find(const SharedFilter& filter,
                                              int64_t first_revision) const {
  absl::ReaderMutexLock lock(&mutex_);
  const auto kept = filters_.find(&filter);
  if (kept == filters_.end()) return nullptr;
  const auto found = kept->second.find(first_revision);
  return found == kept->second.end() ? nullptr : found->second;
}

void Verdicts::Keep(const SharedFilter& filter, int64_t first_revision,
                    std::shared_ptr<const Verdict> verdict) {
  const size_t bytes = verdict->Bytes();
  absl::MutexLock lock(&mutex_);
  if (!filters_[&filter].emplace(first_revision, std::move(verdict)).second) return;
  order_.emplace(first_revision, &filter);
  bytes_ += bytes;
  while (bytes_ > max_bytes_) EraseOldest();
}

void Verdicts::EraseOldest() {
  const auto [revision, filter] = *order_.begin();
  order_.erase(order_.begin());
  const auto of_filter = filters_.find(filter);
  const auto verdict = of_filter->second.find(revision);
  bytes_ -= verdict->second->Bytes();
  of_filter->second.erase(verdict);
  if (of_filter->second.empty()) filters_.erase(of_filter);
}

void Verdicts::Forget(const SharedFilter& filter) {
  absl::MutexLock lock(&mutex_);
  const auto of_filter = filters_.find(&filter);
  if (of_filter == filters_.end()) return;
  for (const auto& [revision, verdict] : of_filter->second) {
    bytes_ -= verdict->Bytes();
    order_.erase({revision, &filter});
  }
  filters_.erase(of_filter);
}

size_t Verdicts::bytes() const {
  absl::ReaderMutexLock lock(&mutex_);
  return bytes_;
}

}  // namespace communique::feed
