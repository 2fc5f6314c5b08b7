#include "service/store/planner.h"

#include <map>
#include <set>
#include <utility>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "communique/storage/v1/journal.pb.h"
#include "service/base/limits.h"
#include "service/base/timestamp.h"
#include "service/base/wire.h"
#include "service/domain/diff.h"
#include "service/domain/elements.h"
#include "service/domain/names.h"
#include "service/domain/update_mask.h"
#include "service/domain/validate.h"
#include "service/journal/errors.h"
#include "service/store/commit_rules.h"
#include "service/store/errors.h"

namespace communique::store {
namespace {

using base::SetTimestamp;
using journal::RecordState;

// Etag and revision of what stands; empty and 0 for nothing.
std::pair<std::string, int64_t> EtagAndRevision(const Standing& standing) {
  if (!standing.live()) return {"", 0};
  return {standing.record().etag(), standing.record().revision()};
}

// The error for an operation that needs a live record and has none.
absl::Status NotLive(const std::string& name, const Standing& standing) {
  if (standing.merged()) return NameMerged(name, standing.change->tombstone().successor());
  if (standing.change != nullptr) return RecordDeleted(standing.change->tombstone(), name);
  return RecordNotFound(name);
}

class Planner {
 public:
  Planner(v1::CommitRequest& request, const PlanInput& input, StateOverlay& state)
      : request_(request), input_(input), state_(state) {}

  absl::StatusOr<Plan> Run() {
    for (const v1::Precondition& precondition : request_.preconditions()) {
      if (absl::Status status = CheckPrecondition(precondition); !status.ok()) return status;
    }
    for (int i = 0; i < request_.mutations_size(); ++i) {
      path_ = absl::StrCat("mutations[", i, "]");
      if (absl::Status status = Apply(*request_.mutable_mutations(i)); !status.ok()) return status;
    }
    if (!violations_.empty()) return violations_.ToStatus();
    for (const auto& [loser, survivor] : survivors_) {
      const auto standing = state_.Find(survivor);
      if (!standing.ok()) return standing.status();
      // It may have been merged on within the commit; it must not have gone.
      if (!standing->live() && !standing->merged()) return NotLive(survivor, *standing);
    }
    for (const auto& [name, targets] : new_targets_) {
      for (const std::string& target : targets) {
        if (absl::Status status = CheckTarget(name, target); !status.ok()) return status;
      }
    }
    if (!missing_.empty()) return ReferencesNotFound(missing_);
    return Finish();
  }

 private:
  absl::Status CheckPrecondition(const v1::Precondition& precondition) {
    const auto standing = state_.FindBefore(precondition.name());
    if (!standing.ok()) return standing.status();
    const auto [etag, revision] = EtagAndRevision(*standing);
    switch (precondition.condition_case()) {
      case v1::Precondition::kEtag:
        if (etag != precondition.etag()) {
          return EtagMismatch(precondition.name(), precondition.etag(), etag, revision);
        }
        break;
      case v1::Precondition::kRevision:
        if (revision != precondition.revision()) {
          return RevisionMismatch(precondition.name(), precondition.revision(), etag, revision);
        }
        break;
      case v1::Precondition::kMustExist:
        if (!standing->live()) return NotLive(precondition.name(), *standing);
        break;
      case v1::Precondition::kMustNotExist:
        if (standing->live()) return RecordExists(precondition.name(), etag);
        break;
      case v1::Precondition::CONDITION_NOT_SET:
        break;
    }
    return absl::OkStatus();
  }

  absl::Status Apply(v1::Mutation& mutation) {
    const std::string& name = NameOf(mutation);
    const auto standing = state_.Find(name);
    if (!standing.ok()) return standing.status();
    switch (mutation.operation_case()) {
      case v1::Mutation::kCreate:
        if (standing->live()) return RecordExists(name, standing->record().etag());
        if (standing->merged()) return NotLive(name, *standing);
        return Write(std::move(*mutation.mutable_create()), *standing, mutation.correction());
      case v1::Mutation::kPut: {
        if (standing->merged()) return NotLive(name, *standing);
        if (absl::Status status = CheckEtag(name, mutation.put().etag(), *standing); !status.ok()) {
          return status;
        }
        return Write(std::move(*mutation.mutable_put()), *standing, mutation.correction());
      }
      case v1::Mutation::kUpdate:
        return Update(mutation, name, *standing);
      case v1::Mutation::kDelete: {
        if (!standing->live()) return NotLive(name, *standing);
        const v1::DeleteMutation& deletion = mutation.delete_();
        if (absl::Status status = CheckEtag(name, deletion.etag(), *standing); !status.ok()) {
          return status;
        }
        const v1::TombstoneCause cause = deletion.cause() == v1::TOMBSTONE_CAUSE_UNSPECIFIED
                                             ? v1::TOMBSTONE_CAUSE_DELETED
                                             : deletion.cause();
        if (cause == v1::TOMBSTONE_CAUSE_REKEYED) new_targets_[name].insert(deletion.successor());
        Bury(name, *standing, cause, deletion.successor());
        return absl::OkStatus();
      }
      case v1::Mutation::kMerge:
        return Merge(mutation.merge(), *standing);
      case v1::Mutation::kUnmerge:
        return Unmerge(name, *standing);
      case v1::Mutation::OPERATION_NOT_SET:
        break;
    }
    return absl::OkStatus();
  }

  // An etag in a mutation is a precondition on what stood before the commit.
  absl::Status CheckEtag(const std::string& name, const std::string& wanted,
                         const Standing& standing) {
    if (wanted.empty()) return absl::OkStatus();
    const auto [etag, revision] = EtagAndRevision(standing);
    return etag == wanted ? absl::OkStatus() : EtagMismatch(name, wanted, etag, revision);
  }

  absl::Status Update(const v1::Mutation& mutation, const std::string& name,
                      const Standing& standing) {
    if (!standing.live()) return NotLive(name, standing);
    const v1::UpdateMutation& update = mutation.update();
    if (absl::Status status = CheckEtag(name, update.record().etag(), standing); !status.ok()) {
      return status;
    }
    v1::Record after = domain::ApplyUpdate(standing.record(), update);
    const int before = violations_.count();
    domain::ValidateRecord(after, absl::StrCat(path_, ".update.record"), violations_);
    if (violations_.count() != before) return absl::OkStatus();  // told with the others
    return Write(std::move(after), standing, mutation.correction());
  }

  // Puts a record under its name, over what stands.
  absl::Status Write(v1::Record after, const Standing& standing, bool correction) {
    const std::string name = after.name();
    const v1::Record* before = standing.live() ? &standing.record() : nullptr;
    if (before != nullptr && domain::BodyOf(*before)->SerializeAsString() ==
                                 domain::BodyOf(after)->SerializeAsString()) {
      AddResult(name, before->etag(), false);
      return absl::OkStatus();
    }
    const auto ids = domain::ElementIds(after);
    // The last body under the name, standing or buried.
    const v1::Record* last = before;
    Standing buried;
    if (before == nullptr && standing.change != nullptr) {
      auto found = state_.FindAt(name, standing.change->tombstone().last_revision());
      if (!found.ok()) return found.status();
      buried = *std::move(found);
      if (buried.live()) last = &buried.record();
    }
    absl::btree_set<std::string> retired;
    if (before != nullptr) {
      retired.insert(before->retired_ids().begin(), before->retired_ids().end());
    } else if (standing.change != nullptr) {
      const auto& kept = standing.change->tombstone().retired_ids();
      retired.insert(kept.begin(), kept.end());
    }
    const int violations_before = violations_.count();
    for (const std::string& id : ids) {
      if (retired.contains(id)) {
        violations_.Add(path_, absl::StrCat(name, "#", id,
                                            " was used before and removed; ids are never used "
                                            "again"));
      }
    }
    if (violations_.count() != violations_before) return absl::OkStatus();
    if (last != nullptr) {
      for (std::string& id : domain::ElementIds(*last)) {
        if (!ids.contains(id)) retired.insert(std::move(id));
      }
    }
    absl::btree_set<std::string> targets = domain::ReferenceTargets(after);
    if (before != nullptr) {
      for (const std::string& target : domain::ReferenceTargets(*before)) targets.erase(target);
    }
    if (!targets.empty()) new_targets_[name].insert(targets.begin(), targets.end());
    after.clear_retired_ids();
    for (const std::string& id : retired) after.add_retired_ids(id);
    after.set_revision(input_.revision);
    SetTimestamp(input_.commit_time, *after.mutable_update_time());
    if (before != nullptr) {
      after.set_create_revision(before->create_revision());
      *after.mutable_create_time() = before->create_time();
    } else {
      after.set_create_revision(input_.revision);
      *after.mutable_create_time() = after.update_time();
      ++live_delta_;
    }
    after.set_etag(MakeEtag(input_.epoch, input_.revision));
    if (const size_t bytes = after.ByteSizeLong(); bytes > base::kMaxRecordBytes) {
      return SizeLimit(name, "bytes of a record", static_cast<int64_t>(bytes),
                       base::kMaxRecordBytes);
    }
    auto change = NewChange(name, standing);
    for (const v1::ChangeKind kind : domain::ChangeKinds(before, after, correction)) {
      change->add_kinds(kind);
    }
    if (before != nullptr) {
      for (std::string& path : domain::ChangedPaths(
               *domain::BodyOf(*before), *domain::BodyOf(after), base::kMaxChangedPaths)) {
        change->add_paths(std::move(path));
      }
    }
    AddResult(name, after.etag(), true);
    *change->mutable_record() = std::move(after);
    Add(name, RecordState::kLive, std::move(change));
    return absl::OkStatus();
  }

  // Leaves a tombstone where a live record stands.
  void Bury(const std::string& name, const Standing& standing, v1::TombstoneCause cause,
            const std::string& successor) {
    auto change = NewChange(name, standing);
    change->add_kinds(cause == v1::TOMBSTONE_CAUSE_MERGED      ? v1::CHANGE_KIND_MERGED
                      : cause == v1::TOMBSTONE_CAUSE_RETRACTED ? v1::CHANGE_KIND_RETRACTED
                      : cause == v1::TOMBSTONE_CAUSE_REKEYED   ? v1::CHANGE_KIND_REKEYED
                                                               : v1::CHANGE_KIND_DELETED);
    v1::Tombstone& tombstone = *change->mutable_tombstone();
    tombstone.set_name(name);
    tombstone.set_cause(cause);
    tombstone.set_successor(successor);
    tombstone.set_reason(request_.reason());
    tombstone.set_revision(input_.revision);
    SetTimestamp(input_.commit_time, *tombstone.mutable_delete_time());
    tombstone.set_principal(input_.principal);
    tombstone.set_last_revision(standing.record().revision());
    *tombstone.mutable_retired_ids() = standing.record().retired_ids();
    --live_delta_;
    AddResult(name, "", true);
    Add(name, cause == v1::TOMBSTONE_CAUSE_MERGED ? RecordState::kMerged : RecordState::kDeleted,
        std::move(change));
  }

  absl::Status Merge(const v1::MergeMutation& merge, const Standing& standing) {
    if (merge.name() == merge.into()) return MergeCycle(merge.name(), merge.into());
    if (!standing.live()) return NotLive(merge.name(), standing);
    auto into = state_.Find(merge.into());
    if (!into.ok()) return into.status();
    if (!into->live()) {
      // Does the survivor lead back here?
      Standing next = *into;
      // Chains end: none leads back to itself.
      while (next.merged()) {
        const std::string& successor = next.change->tombstone().successor();
        if (successor == merge.name()) return MergeCycle(merge.name(), merge.into());
        auto followed = state_.Find(successor);
        if (!followed.ok()) return followed.status();
        next = *std::move(followed);
      }
      return NotLive(merge.into(), *into);
    }
    survivors_.emplace_back(merge.name(), merge.into());
    Bury(merge.name(), standing, v1::TOMBSTONE_CAUSE_MERGED, merge.into());
    return absl::OkStatus();
  }

  absl::Status Unmerge(const std::string& name, const Standing& standing) {
    if (!standing.merged()) {
      return standing.live() ? NotMerged(name) : NotLive(name, standing);
    }
    const auto old = state_.FindAt(name, standing.change->tombstone().last_revision());
    if (!old.ok()) return old.status();
    if (!old->live()) return journal::DataCorrupt(name, "the version before its merge is gone");
    auto change = NewChange(name, standing);
    change->add_kinds(v1::CHANGE_KIND_UNMERGED);
    *change->mutable_record() = old->record();
    v1::Record& after = *change->mutable_record();
    after.set_revision(input_.revision);
    SetTimestamp(input_.commit_time, *after.mutable_update_time());
    after.set_etag(MakeEtag(input_.epoch, input_.revision));
    ++live_delta_;
    AddResult(name, after.etag(), true);
    Add(name, RecordState::kLive, std::move(change));
    return absl::OkStatus();
  }

  std::shared_ptr<v1::Change> NewChange(const std::string& name, const Standing& before) const {
    auto change = std::make_shared<v1::Change>();
    change->set_revision(input_.revision);
    SetTimestamp(input_.commit_time, *change->mutable_commit_time());
    change->set_principal(input_.principal);
    change->set_reason(request_.reason());
    change->set_name(name);
    change->set_previous_revision(before.change == nullptr ? 0 : before.change->revision());
    return change;
  }

  void AddResult(const std::string& name, const std::string& etag, bool changed) {
    v1::MutationResult& result = *plan_.response.add_results();
    result.set_name(name);
    result.set_etag(etag);
    result.set_changed(changed);
  }

  void Add(const std::string& name, RecordState state, std::shared_ptr<const v1::Change> change) {
    journal::EncodedChange& encoded = changes_.emplace_back();
    encoded.name = name;
    encoded.state = state;
    const size_t size = change->ByteSizeLong();
    base::AppendBytesHeader(1, size, encoded.framed);
    const size_t header = encoded.framed.size();
    encoded.framed.resize(header + size);
    change->SerializeWithCachedSizesToArray(
        reinterpret_cast<uint8_t*>(encoded.framed.data()) + header);
    state_.Set(name, Standing{state, std::move(change)});
  }

  // Whether a newly added reference leads somewhere, now that all is applied. A
  // merged name counts as its survivor.
  absl::Status CheckTarget(const std::string& from, const std::string& target) {
    const auto parsed = domain::ParseReferenceTarget(target);
    if (!parsed) {
      missing_.push_back({from, target, "is malformed"});
      return absl::OkStatus();
    }
    std::string name(parsed->name);
    if (parsed->element.empty()) {
      const auto live = state_.IsLive(name);
      if (!live.ok()) return live.status();
      if (*live) return absl::OkStatus();
    }
    for (int i = 0; i < base::kMaxRedirects; ++i) {
      const auto standing = state_.Find(name);
      if (!standing.ok()) return standing.status();
      if (standing->merged()) {
        name = standing->change->tombstone().successor();
        continue;
      }
      if (!standing->live()) {
        missing_.push_back({from, target, standing->change == nullptr ? "is not there"
                                                                      : "was deleted"});
      } else if (!parsed->element.empty() &&
                 !ElementIdsOf(name, standing->record()).contains(std::string(parsed->element))) {
        missing_.push_back({from, target, "has no element of that id"});
      }
      return absl::OkStatus();
    }
    return TooManyRedirects(target, name, base::kMaxRedirects);
  }

  const absl::btree_set<std::string>& ElementIdsOf(const std::string& name,
                                                   const v1::Record& record) {
    const auto found = element_ids_.find(name);
    if (found != element_ids_.end()) return *found->second;
    auto ids = std::make_unique<absl::btree_set<std::string>>(domain::ElementIds(record));
    return *element_ids_.emplace(name, std::move(ids)).first->second;
  }

  absl::StatusOr<Plan> Finish() {
    if (changes_.empty()) return std::move(plan_);
    size_t stored_bytes = 0;
    for (const journal::EncodedChange& change : changes_) stored_bytes += change.framed.size();
    if (stored_bytes > base::kMaxStoredCommitBytes) {
      return SizeLimit("the commit", "bytes as stored", static_cast<int64_t>(stored_bytes),
                       base::kMaxStoredCommitBytes);
    }
    auto commit = std::make_shared<journal::EncodedCommit>();
    commit->revision = input_.revision;
    commit->time = input_.commit_time;
    commit->changes = std::move(changes_);
    commit->live_delta = live_delta_;
    if (!input_.load_id.empty()) {
      commit->load_key = journal::MakeLoadKey(input_.principal, input_.load_id);
      commit->load_line = input_.load_line;
    }
    storage::v1::CommitHeader header;
    header.set_revision(input_.revision);
    header.set_commit_time_us(absl::ToUnixMicros(input_.commit_time));
    header.set_principal(input_.principal);
    header.set_reason(request_.reason());
    header.set_request_id(request_.request_id());
    header.set_request_digest(input_.request_digest);
    header.set_change_count(static_cast<int32_t>(commit->changes.size()));
    header.set_load_id(input_.load_id);
    header.set_load_line(input_.load_line);
    if (!request_.request_id().empty()) {
      for (const v1::MutationResult& result : plan_.response.results()) {
        storage::v1::MutationOutcome& outcome = *header.add_outcomes();
        outcome.set_name(result.name());
        outcome.set_etag(result.etag());
        outcome.set_changed(result.changed());
      }
    }
    commit->header = header.SerializeAsString();
    commit->hash = journal::ChainHash(input_.previous_hash, *commit);
    plan_.response.set_revision(input_.revision);
    SetTimestamp(input_.commit_time, *plan_.response.mutable_commit_time());
    plan_.commit = std::move(commit);
    return std::move(plan_);
  }

  v1::CommitRequest& request_;
  const PlanInput& input_;
  StateOverlay& state_;
  Plan plan_;
  std::vector<journal::EncodedChange> changes_;
  int live_delta_ = 0;
  std::string path_;             // of the mutation under way, for violations
  base::Violations violations_;  // of all mutations
  std::vector<std::pair<std::string, std::string>> survivors_;  // of merges: loser, survivor
  // By the record that refers; ordered, so that errors are the same each time.
  std::map<std::string, std::set<std::string>> new_targets_;
  std::vector<MissingReference> missing_;
  absl::flat_hash_map<std::string, std::unique_ptr<absl::btree_set<std::string>>> element_ids_;
};

}  // namespace

std::string MakeEtag(absl::string_view epoch, int64_t revision) {
  return absl::StrCat(epoch, "-", absl::Hex(revision));
}

absl::StatusOr<Plan> PlanCommit(v1::CommitRequest& request, const PlanInput& input,
                                StateOverlay& state) {
  auto plan = Planner(request, input, state).Run();
  if (!plan.ok()) state.Refuse();
  return plan;
}

}  // namespace communique::store
