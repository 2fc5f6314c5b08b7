#include "service/screening/screener.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "absl/time/clock.h"
#include "service/base/error.h"
#include "service/base/limits.h"
#include "service/base/timestamp.h"
#include "service/domain/valid_states.h"
#include "service/query/index_terms.h"
#include "service/screening/list_versions.h"
#include "service/screening/screen_request.h"
#include "service/store/errors.h"

namespace communique::screening {
namespace {

std::string DateText(absl::CivilDay date) { return absl::FormatCivilTime(date); }

}  // namespace

v1::ScreenResponse Screening::Answer() const {
  v1::ScreenResponse answer;
  *answer.mutable_pin() = view_.pin();
  answer.mutable_pin()->set_valid_date(options_.scope().valid_date());
  *answer.mutable_options() = options_;
  answer.set_algorithm_version(std::string(kAlgorithmVersion));
  answer.mutable_list_versions()->Add(list_versions_.begin(), list_versions_.end());
  return answer;
}

absl::StatusOr<std::shared_ptr<const Screening>> Screener::Begin(const v1::ScreenRequest& request,
                                                                 store::ReadView view) const {
  std::shared_ptr<Screening> screening(new Screening(std::move(view)));
  v1::ScreenRequest& options = screening->options_;
  // The queries stay where they are: there may be megabytes of them.
  options.set_threshold(request.threshold());
  options.set_possible_threshold(request.possible_threshold());
  options.set_max_matches(request.max_matches());
  options.set_include_delisted(request.include_delisted());
  options.set_changed_since_revision(request.changed_since_revision());
  *options.mutable_authorities() = request.authorities();
  *options.mutable_regimes() = request.regimes();
  *options.mutable_excluded_actors() = request.excluded_actors();
  FillDefaults(options);
  const v1::Pin& pin = screening->view_.pin();
  options.mutable_scope()->set_known_revision(pin.revision());
  if (!pin.valid_date().empty()) {
    const auto date = domain::ParseValidDate(pin.valid_date());
    if (!date.ok()) return date.status();
    screening->filter_.date = *date;
  } else if (pin.has_revision_time()) {
    screening->filter_.date =
        absl::ToCivilDay(absl::FromUnixSeconds(pin.revision_time().seconds()), absl::UTCTimeZone());
  }
  if (screening->filter_.date) {
    options.mutable_scope()->set_valid_date(DateText(*screening->filter_.date));
  }
  if (absl::Status status = Resolve(*screening); !status.ok()) return status;
  if (!screening->view_.index().WaitUntilIndexed(pin.revision(), base::kIndexWait)) {
    return store::ReplicaBehind(pin.revision(), pin.revision() - 1);
  }
  if (absl::Status status = ResolveMerges(*screening); !status.ok()) return status;
  auto versions = ListVersionsOf(screening->view_);
  if (!versions.ok()) return versions.status();
  screening->list_versions_ = *std::move(versions);
  return std::shared_ptr<const Screening>(std::move(screening));
}

absl::Status Screener::Resolve(Screening& screening) const {
  const v1::ScreenRequest& options = screening.options_;
  const store::ReadView& view = screening.view_;
  base::Violations violations;
  const auto resolve = [&](absl::string_view field, const auto& names, bool required,
                           absl::flat_hash_set<std::string>& out) {
    for (int i = 0; i < names.size(); ++i) {
      const auto live = LiveNameOf(view, names[i]);
      if (!live.ok()) return live.status();
      if (!live->empty()) {
        out.insert(*live);
      } else if (required) {
        // A slip in it would answer that nobody matches.
        violations.Add(
            absl::StrCat(field, "[", i, "]"),
            absl::StrCat("\"", names[i], "\" has no record at revision ", view.revision()));
      }
    }
    return absl::OkStatus();
  };
  for (const absl::Status& status :
       {resolve("authorities", options.authorities(), true, screening.filter_.authorities),
        resolve("regimes", options.regimes(), true, screening.filter_.regimes),
        resolve("excluded_actors", options.excluded_actors(), false, screening.excluded_)}) {
    if (!status.ok()) return status;
  }
  screening.filter_.include_delisted = options.include_delisted();
  if (options.changed_since_revision() > view.revision()) {
    violations.Add("changed_since_revision",
                   absl::StrCat(options.changed_since_revision(),
                                " is beyond the revision that is read, ", view.revision()));
  }
  return violations.ToStatus();
}

absl::StatusOr<std::vector<std::string>> Screener::ListVersionsOf(
    const store::ReadView& view) const {
  const query::TermHasher& hasher = view.index().hasher();
  const uint64_t listed = hasher.PathOf(query::PathTo({"source", "list_version"}));
  std::vector<query::VersionPlace> sources =
      view.index().FindWith(hasher.Present(listed), view.revision(), base::kMaxListSources);
  {
    absl::MutexLock lock(&mutex_);
    if (sources == listed_sources_) return list_versions_;
  }
  auto lists = FindLists(reader_, view);
  if (!lists.ok()) return lists.status();
  std::vector<std::string> versions;
  for (const v1::ListStatus& list : *lists) {
    if (!list.source().empty()) versions.push_back(list.source());
  }
  std::sort(versions.begin(), versions.end());
  absl::MutexLock lock(&mutex_);
  listed_sources_ = std::move(sources);
  list_versions_ = versions;
  return versions;
}

absl::StatusOr<std::shared_ptr<const MergedActors>> Screener::MergedAt(
    const store::ReadView& view) const {
  auto merges = merged_.At(view.revision());
  if (!merges.ok()) return merges.status();
  const auto find = [&]() -> std::shared_ptr<const MergedActors> {
    absl::MutexLock lock(&mutex_);
    const auto held = std::find_if(merged_actors_.begin(), merged_actors_.end(),
                                   [&](const auto& one) { return one->merges() == *merges; });
    if (held == merged_actors_.end()) return nullptr;
    std::rotate(merged_actors_.begin(), held, held + 1);
    return merged_actors_.front();
  };
  if (auto held = find()) return held;
  absl::MutexLock one_at_a_time(&making_);
  if (auto held = find()) return held;
  auto made = MergedActors::Make(view, *std::move(merges), actors_);
  if (!made.ok()) return made;
  absl::MutexLock lock(&mutex_);
  merged_actors_.push_front(*made);
  if (merged_actors_.size() > base::kMaxMergedActorsHeld) merged_actors_.pop_back();
  return made;
}

absl::Status Screener::ResolveMerges(Screening& screening) const {
  auto merged = MergedAt(screening.view_);
  if (!merged.ok()) return merged.status();
  screening.merged_ = *std::move(merged);
  const int64_t since = screening.options_.changed_since_revision();
  if (since == 0) return absl::OkStatus();
  auto view = reader_.OpenAt(since);
  if (!view.ok()) return view.status();
  auto merges = merged_.At(since);
  if (!merges.ok()) return merges.status();
  screening.since_view_ = *std::move(view);
  screening.since_merges_ = *std::move(merges);
  screening.filter_.moved =
      store::NamesThatMoved(*screening.since_merges_, *screening.merged_->merges(), since);
  return absl::OkStatus();
}

}  // namespace communique::screening
