#ifndef COMMUNIQUE_SERVICE_STORE_STATE_OVERLAY_H_
#define COMMUNIQUE_SERVICE_STORE_STATE_OVERLAY_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "communique/v1/change.pb.h"
#include "service/journal/local_store.h"

namespace communique::store {

// What stands under a name: nothing, a record, or a tombstone.
struct Standing {
  journal::RecordState state = journal::RecordState::kDeleted;
  // The change that made it; null when the name never had anything.
  std::shared_ptr<const v1::Change> change;

  bool live() const { return change != nullptr && state == journal::RecordState::kLive; }
  bool merged() const { return change != nullptr && state == journal::RecordState::kMerged; }
  // Requires live().
  const v1::Record& record() const { return change->record(); }
};

// The state a proposal lands on: what is stored, the accepted proposals of the
// same group over it, and the proposal's own mutations over those. A refused
// proposal's layer is dropped.
class StateOverlay {
 public:
  explicit StateOverlay(const journal::LocalStore& store) : store_(store) {}

  absl::StatusOr<Standing> Find(const std::string& name);
  // Whether a live record stands under the name, without reading it.
  absl::StatusOr<bool> IsLive(const std::string& name);
  // What stood under the name before this proposal.
  absl::StatusOr<Standing> FindBefore(const std::string& name);
  // The version in force at a revision, one of this group's too.
  absl::StatusOr<Standing> FindAt(const std::string& name, int64_t revision) const;

  void Set(const std::string& name, Standing standing);
  // The proposal is part of the group, or is not.
  void Accept();
  void Refuse() { proposal_.clear(); }

 private:
  const journal::LocalStore& store_;
  absl::flat_hash_map<std::string, Standing> group_;  // also caches what was read
  absl::flat_hash_map<std::string, Standing> proposal_;
  absl::flat_hash_set<std::string> live_;  // names that were stored as live before the group
  // Every version that the group made, oldest first.
  absl::flat_hash_map<std::string, std::vector<Standing>> accepted_;
};

}  // namespace communique::store

#endif  // COMMUNIQUE_SERVICE_STORE_STATE_OVERLAY_H_
