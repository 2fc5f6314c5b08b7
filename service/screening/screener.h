#ifndef COMMUNIQUE_SERVICE_SCREENING_SCREENER_H_
#define COMMUNIQUE_SERVICE_SCREENING_SCREENER_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "communique/v1/screening.pb.h"
#include "service/base/limits.h"
#include "service/query/candidate_index.h"
#include "service/screening/designations.h"
#include "service/screening/index_weights.h"
#include "service/screening/merged_actors.h"
#include "service/screening/prepared_actor.h"
#include "service/screening/stats.h"
#include "service/screening/version_cache.h"
#include "service/store/merged_names.h"
#include "service/store/reader.h"

namespace communique::screening {

// One request, checked and resolved in one view: what each of its queries is asked
// under. Made by Screener only; never changes.
class Screening {
 public:
  const store::ReadView& view() const { return view_; }
  // As ScreenResponse.options.
  const v1::ScreenRequest& options() const { return options_; }
  // Everything of the answer but its results.
  v1::ScreenResponse Answer() const;

 private:
  friend class Screener;
  friend class QueryScreener;
  explicit Screening(store::ReadView view) : view_(std::move(view)) {}

  store::ReadView view_;
  v1::ScreenRequest options_;
  DesignationFilter filter_;
  absl::flat_hash_set<std::string> excluded_;  // after merges
  std::vector<std::string> list_versions_;
  std::shared_ptr<const MergedActors> merged_;
  // At `changed_since_revision`; unset without one.
  std::optional<store::ReadView> since_view_;
  store::MergesPtr since_merges_;
};

// What one thread that screens keeps from query to query.
class ScreeningThread {
 private:
  friend class QueryScreener;
  // Requests of several revisions take turns; each finds its weights again.
  IndexWeights& WeightsAt(const query::CandidateIndex& index, int64_t revision) {
    const auto held = std::find_if(weights_.begin(), weights_.end(), [&](const IndexWeights& one) {
      return one.revision() == revision;
    });
    const auto used = held == weights_.end() ? held - 1 : held;
    std::rotate(weights_.begin(), used, used + 1);
    weights_.front().SetRevision(index, revision);
    return weights_.front();
  }
  // The one used last in front.
  std::array<IndexWeights, 4> weights_;
};

// Scores names against the sanctioned actors of a view: what each query is asked
// with (query_screener.h).
//
// The same query under the same options at the same revision is answered the same
// by every server of one kAlgorithmVersion, whatever was committed since, and
// whether its index was worked out anew: candidates and weights depend only on
// what was alive at the revision, ties are broken by names. (After a trim and a
// new index, terms of more than kMaxTermVisits versions may count again that were
// left out before.)
//
// Performance: a query of one name among 12,000 targets takes about 2 ms; the first
// request after a merge reads what MergedNames and MergedActors say.
// Thread safety: any thread; a ScreeningThread is one thread's at a time.
class Screener {
 public:
  // All outlive this.
  Screener(const store::Reader& reader, const store::MergedNames& merged)
      : reader_(reader), merged_(merged) {}

  // Resolves a request, which was checked (CheckScreenRequest), in the view of its
  // scope. Waits until the index has the terms of that view. INVALID_ARGUMENT for
  // an authority or regime that is not there and for a revision beyond the view's;
  // OUT_OF_RANGE (REVISION_EXPIRED) when changes are asked for since a revision that
  // is no longer held; UNAVAILABLE (REPLICA_BEHIND) when the index does not get there
  // in time.
  absl::StatusOr<std::shared_ptr<const Screening>> Begin(const v1::ScreenRequest& request,
                                                         store::ReadView view) const;

  const ScreenCounters& counters() const { return counters_; }
  const ActorCache& actors() const { return actors_; }
  const DesignationCache& designations() const { return designations_; }

 private:
  friend class QueryScreener;
  absl::Status Resolve(Screening& screening) const;
  // What is to be known of merges, and of what changed.
  absl::Status ResolveMerges(Screening& screening) const;
  absl::StatusOr<std::shared_ptr<const MergedActors>> MergedAt(const store::ReadView& view) const;
  // The newest whole version of each list, by name.
  absl::StatusOr<std::vector<std::string>> ListVersionsOf(const store::ReadView& view) const;

  const store::Reader& reader_;
  const store::MergedNames& merged_;
  mutable ActorCache actors_{base::kActorCacheBytes};
  mutable DesignationCache designations_{base::kDesignationCacheBytes};
  mutable ScreenCounters counters_;

  // The list versions of the sources that were alive when they were asked for last.
  mutable absl::Mutex mutex_;
  mutable std::vector<query::VersionPlace> listed_sources_ ABSL_GUARDED_BY(mutex_);
  mutable std::vector<std::string> list_versions_ ABSL_GUARDED_BY(mutex_);
  // The ones used last, the latest in front. One is made at a time, under `making_`,
  // which is taken before mutex_.
  mutable absl::Mutex making_ ABSL_ACQUIRED_BEFORE(mutex_);
  mutable std::deque<std::shared_ptr<const MergedActors>> merged_actors_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace communique::screening

#endif  // COMMUNIQUE_SERVICE_SCREENING_SCREENER_H_
