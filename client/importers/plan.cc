#include "importers/plan.h"

#include <cstddef>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "importers/entries.h"
#include "importers/merge.h"
#include "importers/text.h"

namespace communique::importers {
namespace {

// What record.proto and publish.proto allow, less what the service adds: revision,
// times, etag.
constexpr std::size_t kServiceBytes = 1024;
constexpr std::size_t kMaxRecordBytes = (512 << 10) - kServiceBytes;
constexpr std::size_t kMaxCommitBytes = (1 << 20) - kServiceBytes;

// What a commit's reason may have, in bytes.
constexpr std::size_t kMaxReasonBytes = 1024;

// A record on its way: as it is held, and as it shall be.
struct Draft {
  v1::Record held;  // Without a name: there is none.
  v1::Record next;
  std::string old_name;  // Of a re-key.
  IdPool ids;
};

class Planner {
 public:
  Planner(const ParsedList& list, const VersionStep& step, const HeldList& held, RelationPass pass)
      : list_(list), step_(step), held_(held), pass_(pass), rekeyed_(FindRekeyed(list, held)) {
    for (std::size_t i = 0; i < list.entries.size(); ++i) {
      const ListEntry& entry = list.entries[i];
      position_[entry.key] = i;
      sharing_[RecordOf(ActorName(list, entry.key))].push_back(&entry);
    }
    for (HeldEntry& entry : HeldEntries(list, held)) {
      std::string key = entry.key;
      held_entries_.emplace(std::move(key), std::move(entry));
    }
  }

  Plan Make() {
    for (const ListEntry& entry : list_.entries) PlanEntry(entry);
    absl::flat_hash_set<std::string> moved;
    for (const auto& [key, old_key] : rekeyed_) moved.insert(old_key);
    for (const auto& [key, entry] : held_entries_) {
      if (!position_.contains(key) && !moved.contains(key)) PlanGone(entry);
    }
    return std::move(plan_);
  }

 private:
  void PlanEntry(const ListEntry& entry) {
    EntryDifference difference{.kind = DifferenceKind::kChanged,
                               .key = entry.key,
                               .old_key = {},
                               .reference = entry.reference,
                               .display_name = entry.actor.display_name(),
                               .what = {}};
    if (const auto old = rekeyed_.find(entry.key); old != rekeyed_.end()) {
      difference.old_key = old->second;
    }
    const HeldEntry* before = Before(entry, difference.old_key);
    difference.kind = KindOf(before, difference.old_key);

    v1::CommitRequest commit;
    PlanActor(entry, difference.old_key, &commit, &difference.what);
    absl::flat_hash_set<std::string> names;
    for (const EntryDesignation& designation : entry.designations) {
      const std::string name = DesignationName(list_, entry.key, designation.suffix);
      names.insert(name);
      PlanDesignation(entry, designation, name, difference.old_key, &commit, &difference.what);
    }
    // Programmes that it is under no more.
    for (const v1::Record* record :
         before == nullptr ? std::vector<const v1::Record*>() : before->designations) {
      const std::string name = Renamed(record->name(), entry.key, difference.old_key);
      if (names.contains(name)) continue;
      Draft draft = Open(name, difference.old_key.empty() ? "" : record->name());
      EndListing(step_, draft.next.mutable_sanction());
      draft.next.mutable_sanction()->mutable_designation()->mutable_actor()->set_target(
          ActorTarget(entry.key, draft.held));
      if (Close(std::move(draft), &commit)) difference.what.push_back("designation ended");
    }
    Add(std::move(difference), std::move(commit));
  }

  void PlanGone(const HeldEntry& entry) {
    v1::CommitRequest commit;
    EntryDifference difference{.kind = DifferenceKind::kRemoved,
                               .key = entry.key,
                               .old_key = {},
                               .reference = entry.reference,
                               .display_name = DisplayNameOf(entry),
                               .what = {}};
    for (const v1::Record* record : entry.designations) {
      Draft draft = Open(record->name(), "");
      if (!EndListing(step_, draft.next.mutable_sanction())) continue;
      Close(std::move(draft), &commit);
    }
    Add(std::move(difference), std::move(commit));
  }

  void PlanActor(const ListEntry& entry, const std::string& old_key, v1::CommitRequest* commit,
                 std::vector<std::string>* what) {
    const std::string asked = ActorName(list_, entry.key);
    const std::string actual = RecordOf(asked);
    // Of entries whose records were merged the first in the file carries all.
    const std::vector<const ListEntry*>& sharing = sharing_[actual];
    if (sharing.front() != &entry) return;
    std::string old_name = old_key.empty() ? "" : ActorName(list_, old_key);
    // One that was merged away is left where it went.
    if (!old_name.empty() && RecordOf(old_name) != old_name) old_name.clear();
    Draft draft = Open(actual, old_name);
    std::vector<ActorEntry> entries;
    for (const ListEntry* shared : sharing) {
      entries.push_back({shared, RelationsOf(*shared, draft.next.actor())});
    }
    MergeActor(step_.list, entries, &draft.ids, draft.next.mutable_actor(), what);
    Close(std::move(draft), commit);
  }

  void PlanDesignation(const ListEntry& entry, const EntryDesignation& ours,
                       const std::string& name, const std::string& old_key,
                       v1::CommitRequest* commit, std::vector<std::string>* what) {
    const std::string old_name =
        old_key.empty() ? "" : DesignationName(list_, old_key, ours.suffix);
    Draft draft = Open(name, old_name);
    DesignationNames names;
    names.regime = absl::StrCat("sanctions/", ours.regime_id);
    names.actor = ActorTarget(entry.key, draft.held);
    names.authority = list_.authority;
    names.list_id = list_.list_id;
    names.title = absl::StrCat(entry.actor.display_name(), ": ", RegimeTitle(ours.regime_id));
    if (!draft.old_name.empty()) {
      NoteRekeyed(step_, entry, draft.old_name, draft.next.mutable_sanction());
    }
    MergeDesignation(step_, entry, ours, names, &draft.ids, draft.next.mutable_sanction(), what);
    Close(std::move(draft), commit);
  }

  // The record as it is held under that name, or under its old one.
  Draft Open(const std::string& name, const std::string& old_name) {
    Draft draft;
    if (const v1::Record* record = Find(old_name); record != nullptr) {
      draft.held = *record;
      draft.old_name = old_name;
    } else if (record = Find(name); record != nullptr) {
      draft.held = *record;
    }
    draft.ids = IdPool(draft.held);
    if (const auto gone = held_.tombstones.find(name); gone != held_.tombstones.end()) {
      for (const std::string& retired : gone->second.retired_ids()) draft.ids.Add(retired);
    }
    draft.next = draft.held;
    draft.next.set_name(name);
    return draft;
  }

  // Writes it into the commit when it is not as it is held; whether it was.
  bool Close(Draft draft, v1::CommitRequest* commit) {
    if (Deterministic(draft.next) == Deterministic(draft.held)) return false;
    v1::Record written;
    written.set_name(draft.next.name());
    if (draft.next.has_actor()) *written.mutable_actor() = std::move(*draft.next.mutable_actor());
    if (draft.next.has_sanction()) {
      *written.mutable_sanction() = std::move(*draft.next.mutable_sanction());
    }
    const bool stands = !draft.held.name().empty() && draft.old_name.empty();
    v1::Mutation* mutation = commit->add_mutations();
    if (stands) {
      written.set_etag(draft.held.etag());
      *mutation->mutable_put() = std::move(written);
    } else if (held_.tombstones.contains(written.name())) {
      *mutation->mutable_put() = std::move(written);
    } else {
      *mutation->mutable_create() = std::move(written);
    }
    if (!draft.old_name.empty()) {
      v1::DeleteMutation* removal = commit->add_mutations()->mutable_delete_();
      removal->set_name(draft.old_name);
      removal->set_cause(v1::TOMBSTONE_CAUSE_REKEYED);
      removal->set_successor(draft.next.name());
      removal->set_etag(draft.held.etag());
    }
    return true;
  }

  void Add(EntryDifference difference, v1::CommitRequest commit) {
    if (commit.mutations_size() == 0) return;
    // Only evidence changed: what a value rests on.
    if (difference.what.empty() && difference.kind == DifferenceKind::kChanged) {
      difference.what.push_back("evidences");
    }
    std::string reason =
        absl::StrCat(list_.list_id, " of ", step_.as_of_date, ": ", WordOf(difference.kind), " ",
                     difference.reference.empty() ? difference.key : difference.reference, " ",
                     difference.display_name);
    while (reason.size() > kMaxReasonBytes || !IsUtf8(reason)) {
      reason.resize(std::min(reason.size() - 1, kMaxReasonBytes));
    }
    commit.set_reason(std::move(reason));
    plan_.differences.push_back(std::move(difference));
    plan_.commits.push_back(std::move(commit));
  }

  const v1::Record* Find(const std::string& name) const {
    if (const auto held = held_.designations.find(name); held != held_.designations.end()) {
      return &held->second;
    }
    const auto record = held_.records.find(name);
    return record == held_.records.end() ? nullptr : &record->second;
  }

  // The name that a record has now: another one when it was merged.
  std::string RecordOf(const std::string& name) const {
    const v1::Record* record = Find(name);
    return record == nullptr ? name : record->name();
  }

  // What a designation refers to. A reference to a merged record stays as it was
  // written; a new one leads to the survivor.
  std::string ActorTarget(const std::string& key, const v1::Record& held_designation) const {
    const std::string actual = RecordOf(ActorName(list_, key));
    const std::string& written = held_designation.sanction().designation().actor().target();
    return !written.empty() && RecordOf(written) == actual ? written : actual;
  }

  const HeldEntry* Before(const ListEntry& entry, const std::string& old_key) const {
    const auto before = held_entries_.find(old_key.empty() ? entry.key : old_key);
    return before == held_entries_.end() ? nullptr : &before->second;
  }

  DifferenceKind KindOf(const HeldEntry* before, const std::string& old_key) const {
    if (before == nullptr) return DifferenceKind::kAdded;
    bool listed = false;
    for (const v1::Record* record : before->designations) {
      listed = listed || IsListed(step_.list, record->sanction().designation());
    }
    if (!listed) return DifferenceKind::kRelisted;
    return old_key.empty() ? DifferenceKind::kChanged : DifferenceKind::kRekeyed;
  }

  std::string Renamed(const std::string& name, const std::string& key,
                      const std::string& old_key) const {
    if (old_key.empty()) return name;
    absl::string_view rest = name;
    absl::ConsumePrefix(&rest, DesignationName(list_, old_key, ""));
    return absl::StrCat(DesignationName(list_, key, ""), rest);
  }

  std::string RegimeTitle(const std::string& id) const {
    for (const ListRegime& regime : list_.regimes) {
      if (regime.id == id) return regime.title;
    }
    return id;
  }

  std::string DisplayNameOf(const HeldEntry& entry) const {
    const v1::Record* actor = Find(ActorName(list_, entry.key));
    return actor == nullptr ? std::string() : actor->actor().display_name();
  }

  // The relations of an entry that this pass writes: those whose other side comes
  // before it in the file, those that stand already, and in the second pass all.
  std::vector<v1::ActorRelation> RelationsOf(const ListEntry& entry, const v1::Actor& held) const {
    absl::flat_hash_set<std::string> standing;
    for (const v1::ActorRelation& relation : held.relations()) standing.insert(ValueKey(relation));
    std::vector<v1::ActorRelation> relations;
    for (const EntryRelation& of : entry.relations) {
      v1::ActorRelation relation = of.relation;
      const auto other = position_.find(of.other_key);
      const std::string name = ActorName(list_, of.other_key);
      if (other == position_.end()) {
        // Not on the list: it was once, or there are only its words.
        if (Find(name) != nullptr) {
          relation.mutable_actor()->set_target(name);
        } else if (relation.actor().text().empty()) {
          relation.mutable_actor()->set_text(of.other_key);
        }
      } else {
        relation.mutable_actor()->set_target(name);
        const bool earlier = other->second < position_.at(entry.key);
        if (pass_ == RelationPass::kEarlier && !earlier && !standing.contains(ValueKey(relation))) {
          continue;
        }
      }
      relations.push_back(std::move(relation));
    }
    return relations;
  }

  const ParsedList& list_;
  const VersionStep& step_;
  const HeldList& held_;
  const RelationPass pass_;
  const absl::flat_hash_map<std::string, std::string> rekeyed_;
  absl::flat_hash_map<std::string, std::size_t> position_;
  absl::flat_hash_map<std::string, std::vector<const ListEntry*>> sharing_;
  absl::btree_map<std::string, HeldEntry> held_entries_;
  Plan plan_;
};

}  // namespace

absl::string_view WordOf(DifferenceKind kind) {
  switch (kind) {
    case DifferenceKind::kAdded:
      return "added";
    case DifferenceKind::kRelisted:
      return "relisted";
    case DifferenceKind::kChanged:
      return "changed";
    case DifferenceKind::kRekeyed:
      return "re-keyed";
    case DifferenceKind::kRemoved:
      return "removed";
  }
  return "";
}

Plan MakePlan(const ParsedList& list, const VersionStep& step, const HeldList& held,
              RelationPass pass) {
  return Planner(list, step, held, pass).Make();
}

absl::Status CheckSizes(const Plan& plan) {
  for (std::size_t i = 0; i < plan.commits.size(); ++i) {
    const auto too_large = [&](absl::string_view what, std::size_t size, std::size_t limit) {
      const EntryDifference& entry = plan.differences[i];
      return absl::InvalidArgumentError(
          absl::StrCat("entry ", entry.key, " (", entry.display_name, ") makes a ", what, " of ",
                       size, " bytes; at most ", limit, " can be stored, and nothing was written"));
    };
    for (const v1::Mutation& mutation : plan.commits[i].mutations()) {
      const v1::Record& record = mutation.has_create() ? mutation.create() : mutation.put();
      const std::size_t size = record.ByteSizeLong();
      if (size > kMaxRecordBytes) return too_large("record", size, kMaxRecordBytes);
    }
    const std::size_t size = plan.commits[i].ByteSizeLong();
    if (size > kMaxCommitBytes) return too_large("commit", size, kMaxCommitBytes);
  }
  return absl::OkStatus();
}

}  // namespace communique::importers
