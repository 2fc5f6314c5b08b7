#include "service/store/merged_names.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "communique/v1/change.pb.h"
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

void MergedNames::OnCommits(const journal::CommitGroup& group) {
  for (const auto& commit : group) {
    for (const journal::EncodedChange& change : commit->changes) {
      if (IsMergeOfActor(change)) {
        last_merge_.store(commit->revision, std::memory_order_release);
      }
    }
  }
}

absl::StatusOr<MergedNames::MergesPtr> MergedNames::MergesAt(int64_t revision) const {
  const int64_t last_merge = last_merge_.load(std::memory_order_acquire);
  {
    absl::MutexLock lock(&mutex_);
    if (newest_ != nullptr && newest_->revision <= revision && last_merge <= newest_->revision) {
      return newest_;
    }
    if (older_ != nullptr && older_->revision == revision) return older_;
  }
  auto merges = Scan(revision);
  if (!merges.ok()) return merges.status();
  absl::MutexLock lock(&mutex_);
  (last_merge <= revision ? newest_ : older_) = *merges;
  return merges;
}

absl::StatusOr<MergedNames::MergesPtr> MergedNames::Scan(int64_t revision) const {
  auto merges = std::make_shared<Merges>();
  merges->revision = revision;
  const std::string prefix = absl::StrCat(domain::CollectionOf(v1::RECORD_KIND_ACTOR), "/");
  absl::Status read;
  const absl::Status scanned = local_.ScanNames(
      prefix, "", revision, [&](absl::string_view name, const journal::Version& version) {
        if (version.state != journal::RecordState::kMerged) return true;
        const auto framed = local_.ReadChange(version.revision, version.ordinal);
        v1::Change change;
        const absl::string_view bytes =
            framed.ok() ? journal::UnframeChange(*framed) : absl::string_view();
        if (!framed.ok()) {
          read = framed.status();
        } else if (!change.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
          read = journal::DataCorrupt(name, "its tombstone does not parse");
        } else {
          merges->losers[change.tombstone().successor()].emplace_back(name);
        }
        return read.ok();
      });
  // A trim that overtook the scan may have taken something from it.
  if (revision < local_.oldest()) return RevisionExpired(revision, local_.oldest());
  if (!read.ok()) return read;
  if (!scanned.ok()) return scanned;
  return MergesPtr(std::move(merges));
}

absl::StatusOr<std::vector<std::string>> MergedNames::NamesOf(const ReadView& view,
                                                              const std::string& survivor) const {
  const auto merges = MergesAt(view.revision());
  if (!merges.ok()) return merges.status();
  std::vector<std::string> names = {survivor};
  // Merges make no cycles, so this ends.
  for (size_t i = 0; i < names.size(); ++i) {
    const auto losers = (*merges)->losers.find(names[i]);
    if (losers == (*merges)->losers.end()) continue;
    names.insert(names.end(), losers->second.begin(), losers->second.end());
  }
  std::sort(names.begin() + 1, names.end());
  return names;
}

}  // namespace communique::store
