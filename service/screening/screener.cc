#include "service/screening/screener.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "absl/time/clock.h"
#include "service/base/error.h"
#include "service/base/timestamp.h"
#include "service/domain/valid_states.h"
#include "service/query/index_terms.h"
#include "service/screening/list_versions.h"
#include "service/screening/query_screener.h"
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
  if (!screening->view_.index().WaitUntilIndexed(pin.revision(), kIndexWait)) {
    return store::ReplicaBehind(pin.revision(), pin.revision() - 1);
  }
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
  const auto* source = v1::Record::descriptor()->FindFieldByName("source");
  const query::FieldPath path = {source, source->message_type()->FindFieldByName("list_version")};
  const query::TermHasher& hasher = view.index().hasher();
  std::vector<query::VersionPlace> sources =
      view.index().FindWith(hasher.Present(hasher.PathOf(path)), view.revision(), kMaxListSources);
  {
    absl::MutexLock lock(&mutex_);
    if (sources == listed_sources_) return list_versions_;
  }
  auto lists = FindLists(reader_, view);
  if (!lists.ok()) return lists.status();
  std::vector<std::string> versions;
  for (const v1::ListStatus& list : *lists) versions.push_back(list.source());
  std::sort(versions.begin(), versions.end());
  absl::MutexLock lock(&mutex_);
  listed_sources_ = std::move(sources);
  list_versions_ = versions;
  return versions;
}

absl::StatusOr<v1::ScreenResult> Screener::Screen(const Screening& screening,
                                                  const v1::ScreenQuery& query,
                                                  ScreeningThread& thread) const {
  const absl::Time begin = absl::Now();
  auto result = QueryScreener(*this, screening, query, thread).Run();
  if (!result.ok()) return result;
  counters_.queries.fetch_add(1, std::memory_order_relaxed);
  for (const v1::ScreenMatch& match : result->matches()) {
    (match.decision() == v1::SCREEN_DECISION_MATCH ? counters_.matches : counters_.possibles)
        .fetch_add(1, std::memory_order_relaxed);
  }
  counters_.query_seconds.Observe(absl::Now() - begin);
  return result;
}

}  // namespace communique::screening
