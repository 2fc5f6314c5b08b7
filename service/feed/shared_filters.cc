#include "service/feed/shared_filters.h"

#include "absl/strings/str_cat.h"
#include "service/feed/errors.h"

namespace communique::feed {

FilterHold::~FilterHold() { filters_.Release(*this); }

absl::Status SharedFilters::Admit(const Share& share, size_t bytes, int64_t terms,
                                  bool is_new) const {
  if (is_new && bytes_ + bytes > static_cast<size_t>(limits_.filter_bytes)) {
    return TooManyFilters("", "bytes", limits_.filter_bytes);
  }
  if (share.bytes + bytes > static_cast<size_t>(limits_.filter_bytes_per_principal)) {
    return TooManyFilters("principal", "bytes", limits_.filter_bytes_per_principal);
  }
  if (share.terms + terms > limits_.filter_terms_per_principal) {
    return TooManyFilters("principal", "terms", limits_.filter_terms_per_principal);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<const FilterHold>> SharedFilters::Get(WatchQuery query,
                                                                     const std::string& principal) {
  const std::string key = absl::StrCat(query.shard_index, "/", query.shard_count, "/", query.text);
  query.text = std::string();
  absl::MutexLock lock(&mutex_);
  const auto known = filters_.find(key);
  std::shared_ptr<SharedFilter> filter;
  if (known != filters_.end()) {
    filter = known->second.filter;
    const auto held = holds_.find({principal, filter.get()});
    if (held != holds_.end()) {
      if (auto hold = held->second.lock()) return hold;
    }
  } else {
    filter = std::make_shared<SharedFilter>(std::move(query), key.size(), context_);
  }
  const auto share = shares_.find(principal);
  const absl::Status admitted = Admit(share == shares_.end() ? Share{} : share->second,
                                      filter->bytes(), filter->terms(), known == filters_.end());
  if (!admitted.ok()) return admitted;
  Entry& entry = filters_[key];
  if (entry.holds++ == 0) {
    entry.filter = filter;
    bytes_ += filter->bytes();
  }
  Share& mine = shares_[principal];
  mine.bytes += filter->bytes();
  mine.terms += filter->terms();
  ++mine.holds;
  auto hold = std::make_shared<const FilterHold>(*this, filter, key, principal);
  holds_[{principal, filter.get()}] = hold;
  return hold;
}

void SharedFilters::Release(const FilterHold& hold) {
  absl::MutexLock lock(&mutex_);
  // Another may have taken its place since the last watch let go of it.
  const auto held = holds_.find({hold.principal_, hold.filter_.get()});
  if (held != holds_.end() && held->second.expired()) holds_.erase(held);
  const auto share = shares_.find(hold.principal_);
  share->second.bytes -= hold.filter_->bytes();
  share->second.terms -= hold.filter_->terms();
  if (--share->second.holds == 0) shares_.erase(share);
  const auto entry = filters_.find(hold.key_);
  if (--entry->second.holds > 0) return;
  bytes_ -= hold.filter_->bytes();
  filters_.erase(entry);
}

int64_t SharedFilters::count() const {
  absl::MutexLock lock(&mutex_);
  return static_cast<int64_t>(filters_.size());
}

size_t SharedFilters::bytes() const {
  absl::MutexLock lock(&mutex_);
  return bytes_;
}

}  // namespace communique::feed
