#include "service/feed/watch_registry.h"

#include <utility>

#include "service/feed/errors.h"

namespace communique::feed {

WatchRegistry::Ticket& WatchRegistry::Ticket::operator=(Ticket&& other) noexcept {
  std::swap(registry_, other.registry_);
  std::swap(principal_, other.principal_);
  std::swap(connection_, other.connection_);
  std::swap(progress_, other.progress_);
  return *this;
}

WatchRegistry::Ticket::~Ticket() {
  if (registry_ == nullptr) return;
  absl::MutexLock lock(&registry_->mutex_);
  --registry_->count_;
  registry_->watches_.erase(progress_);
  if (--principal_->second == 0) {
    registry_->principals_.erase(registry_->principals_.find(principal_->first));
  }
  if (--connection_->second == 0) {
    registry_->connections_.erase(registry_->connections_.find(connection_->first));
  }
}

void WatchRegistry::Ticket::Attach(const WatchProgress& progress) {
  absl::MutexLock lock(&registry_->mutex_);
  progress_ = &progress;
  registry_->watches_.insert(&progress);
}

absl::StatusOr<WatchRegistry::Ticket> WatchRegistry::Admit(const WatchOwner& owner) {
  absl::MutexLock lock(&mutex_);
  if (count_ >= limits_.total) return TooManyWatches("", limits_.total);
  const auto count_of = [](const Counts& counts, const std::string& key) {
    const auto found = counts.find(key);
    return found == counts.end() ? 0 : found->second;
  };
  if (count_of(principals_, owner.principal) >= limits_.per_principal) {
    return TooManyWatches("principal", limits_.per_principal);
  }
  if (count_of(connections_, owner.connection) >= limits_.per_connection) {
    return TooManyWatches("connection", limits_.per_connection);
  }
  Ticket ticket;
  ticket.registry_ = this;
  ticket.principal_ = &*principals_.try_emplace(owner.principal).first;
  ticket.connection_ = &*connections_.try_emplace(owner.connection).first;
  ++ticket.principal_->second;
  ++ticket.connection_->second;
  ++count_;
  return ticket;
}

int64_t WatchRegistry::count() const {
  absl::MutexLock lock(&mutex_);
  return count_;
}

void WatchRegistry::ForEach(absl::FunctionRef<void(const WatchProgress&)> visit) const {
  absl::MutexLock lock(&mutex_);
  for (const WatchProgress* progress : watches_) visit(*progress);
}

}  // namespace communique::feed
