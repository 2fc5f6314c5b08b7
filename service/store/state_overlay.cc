#include "service/store/state_overlay.h"

#include "service/journal/errors.h"

namespace communique::store {

absl::StatusOr<Standing> StateOverlay::FindAt(const std::string& name, int64_t revision) const {
  if (const auto made = accepted_.find(name); made != accepted_.end()) {
    for (auto it = made->second.rbegin(); it != made->second.rend(); ++it) {
      if (it->change->revision() <= revision) return *it;
    }
  }
  const auto version = store_.Find(name, revision);
  if (!version.ok()) return version.status();
  if (!*version) return Standing{};
  const auto framed = store_.ReadChange((*version)->revision, (*version)->ordinal);
  if (!framed.ok()) return framed.status();
  auto change = std::make_shared<v1::Change>();
  const absl::string_view bytes = journal::UnframeChange(*framed);
  if (!change->ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return journal::DataCorrupt(name, "its stored change does not parse");
  }
  return Standing{(*version)->state, std::move(change)};
}

absl::StatusOr<Standing> StateOverlay::FindBefore(const std::string& name) {
  const auto found = group_.find(name);
  if (found != group_.end()) return found->second;
  // Not in the group: what it made is found above.
  auto standing = FindAt(name, store_.head());
  if (standing.ok()) group_.emplace(name, *standing);
  return standing;
}

absl::StatusOr<Standing> StateOverlay::Find(const std::string& name) {
  const auto found = proposal_.find(name);
  return found != proposal_.end() ? absl::StatusOr<Standing>(found->second) : FindBefore(name);
}

absl::StatusOr<bool> StateOverlay::IsLive(const std::string& name) {
  if (const auto found = proposal_.find(name); found != proposal_.end()) {
    return found->second.live();
  }
  if (const auto found = group_.find(name); found != group_.end()) return found->second.live();
  if (live_.contains(name)) return true;
  const auto version = store_.Find(name, store_.head());
  if (!version.ok()) return version.status();
  const bool live = *version && (*version)->state == journal::RecordState::kLive;
  if (live) live_.insert(name);
  return live;
}

void StateOverlay::Set(const std::string& name, Standing standing) {
  proposal_.insert_or_assign(name, std::move(standing));
}

void StateOverlay::Accept() {
  for (auto& [name, standing] : proposal_) {
    accepted_[name].push_back(standing);
    group_.insert_or_assign(name, std::move(standing));
  }
  proposal_.clear();
}

}  // namespace communique::store
