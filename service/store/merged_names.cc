#include "service/store/merged_names.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "communique/v1/change.pb.h"
#include "service/base/limits.h"
#include "service/base/wire.h"
#include "service/domain/names.h"
#include "service/journal/errors.h"
#include "service/store/errors.h"

namespace communique::store {

bool IsMergeOfActor(const journal::EncodedChange& change) {
  if (domain::KindOfName(change.name) != v1::RECORD_KIND_ACTOR) return false;
  if (change.state == journal::RecordState::kMerged) return true;
  // Kinds are a packed list of small numbers: a byte each.
  const auto kinds =
      base::FindBytesField(journal::UnframeChange(change.framed), v1::Change::kKindsFieldNumber);
  return kinds && absl::StrContains(*kinds, static_cast<char>(v1::CHANGE_KIND_UNMERGED));
}

// --- At one revision -----------------------------------------------------------------

Merges::Merges(std::vector<Loser> losers) : losers_(std::move(losers)) {
  for (const Loser& loser : losers_) by_successor_[loser.successor].push_back(&loser);
}

const Merges::Loser* Merges::Find(absl::string_view name) const {
  const auto found = std::lower_bound(
      losers_.begin(), losers_.end(), name,
      [](const Loser& loser, absl::string_view wanted) { return loser.name < wanted; });
  return found == losers_.end() || found->name != name ? nullptr : &*found;
}

absl::string_view Merges::SurvivorOf(absl::string_view name) const {
  // Merges make no cycles, so this ends.
  for (const Loser* loser = Find(name); loser != nullptr; loser = Find(name)) {
    name = loser->successor;
  }
  return name;
}

std::vector<std::string> Merges::NamesOf(const std::string& survivor) const {
  std::vector<std::string> names = {survivor};
  for (size_t i = 0; i < names.size(); ++i) {
    const auto losers = by_successor_.find(names[i]);
    if (losers == by_successor_.end()) continue;
    for (const Loser* loser : losers->second) names.push_back(loser->name);
  }
  std::sort(names.begin() + 1, names.end());
  return names;
}

absl::flat_hash_set<std::string> NamesThatMoved(const Merges& before, const Merges& after,
                                                int64_t before_revision) {
  absl::flat_hash_set<std::string> moved;
  const auto compare = [&](const Merges::Loser& loser) {
    const absl::string_view then = before.SurvivorOf(loser.name);
    const absl::string_view now = after.SurvivorOf(loser.name);
    // Unmerged and merged again, it may have changed in between.
    const bool again = loser.revision > before_revision;
    if (then == now && !again) return;
    moved.emplace(then);
    moved.emplace(now);
  };
  for (const Merges::Loser& loser : before.losers()) compare(loser);
  for (const Merges::Loser& loser : after.losers()) compare(loser);
  return moved;
}

// --- At any --------------------------------------------------------------------------

void MergedNames::OnCommits(const journal::CommitGroup& group) {
  for (const auto& commit : group) {
    for (const journal::EncodedChange& change : commit->changes) {
      if (!IsMergeOfActor(change)) continue;
      absl::MutexLock lock(&mutex_);
      merge_revisions_.push_back(commit->revision);
      break;
    }
  }
}

int64_t MergedNames::KeyOf(int64_t revision) const {
  if (revision < start_) return revision;
  const auto later = std::upper_bound(merge_revisions_.begin(), merge_revisions_.end(), revision);
  return later == merge_revisions_.begin() ? start_ : *(later - 1);
}

MergesPtr MergedNames::FindHeld(int64_t key) const {
  const auto found = std::find_if(held_.begin(), held_.end(),
                                  [key](const auto& held) { return held.first == key; });
  if (found == held_.end()) return nullptr;
  std::rotate(held_.begin(), found, found + 1);
  return held_.front().second;
}

absl::StatusOr<MergesPtr> MergedNames::At(int64_t revision) const {
  {
    absl::MutexLock lock(&mutex_);
    if (MergesPtr held = FindHeld(KeyOf(revision))) return held;
  }
  absl::MutexLock one_at_a_time(&scanning_);
  {
    absl::MutexLock lock(&mutex_);
    if (MergesPtr held = FindHeld(KeyOf(revision))) return held;
  }
  auto merges = Scan(revision);
  if (!merges.ok()) return merges.status();
  absl::MutexLock lock(&mutex_);
  held_.emplace_front(KeyOf(revision), *merges);
  if (held_.size() > base::kMaxMergesHeld) held_.pop_back();
  return merges;
}

absl::StatusOr<MergesPtr> MergedNames::Scan(int64_t revision) const {
  scans_.fetch_add(1, std::memory_order_relaxed);
  std::vector<Merges::Loser> losers;
  const std::string prefix = absl::StrCat(domain::CollectionOf(v1::RECORD_KIND_ACTOR), "/");
  absl::Status read;
  const auto add = [&](absl::string_view name, const journal::Version& version) -> absl::Status {
    const auto framed = local_.ReadChange(version.revision, version.ordinal);
    if (!framed.ok()) return framed.status();
    v1::Change change;
    const absl::string_view bytes = journal::UnframeChange(*framed);
    if (!change.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
      return journal::DataCorrupt(name, "its tombstone does not parse");
    }
    const int64_t last = change.tombstone().last_revision();
    const auto body = local_.Find(name, last);
    if (!body.ok()) return body.status();
    if (!*body || (*body)->revision != last) {
      return journal::DataCorrupt(name, "the version before its merge is gone");
    }
    losers.push_back({std::string(name),
                      change.tombstone().successor(),
                      version.revision,
                      {last, (*body)->ordinal, std::string(name)}});
    return absl::OkStatus();
  };
  const absl::Status scanned = local_.ScanNames(
      prefix, "", revision, [&](absl::string_view name, const journal::Version& version) {
        if (version.state == journal::RecordState::kMerged) read = add(name, version);
        return read.ok();
      });
  // A trim that overtook the scan may have taken something from it.
  if (revision < local_.oldest()) return RevisionExpired(revision, local_.oldest());
  if (!read.ok()) return read;
  if (!scanned.ok()) return scanned;
  return MergesPtr(new Merges(std::move(losers)));
}

}  // namespace communique::store
