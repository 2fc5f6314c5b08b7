#ifndef COMMUNIQUE_SERVICE_SCREENING_SCREENER_H_
#define COMMUNIQUE_SERVICE_SCREENING_SCREENER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "communique/v1/screening.pb.h"
#include "service/query/candidate_index.h"
#include "service/screening/designations.h"
#include "service/screening/index_weights.h"
#include "service/screening/prepared_actor.h"
#include "service/screening/stats.h"
#include "service/screening/version_cache.h"
#include "service/store/merged_names.h"
#include "service/store/reader.h"

namespace communique::screening {

using ActorCache = VersionCache<PreparedActor>;

// Memory of what is kept ready of actors and of designations. An actor of an
// official list takes 2 to 20 KiB, a designation about 300 bytes.
inline constexpr size_t kActorCacheBytes = size_t{192} << 20;
inline constexpr size_t kDesignationCacheBytes = size_t{32} << 20;

// How long a request waits for the index to have the terms of what it reads.
inline constexpr absl::Duration kIndexWait = absl::Seconds(5);
// Sources that are looked at for the versions of lists.
inline constexpr size_t kMaxListSources = 100'000;

// Actors that the index finds for one query, those that share the most with its
// names: so many at first, and where too few of them are targets more. Of these the
// first so many targets are looked at, and of their names those that promise the most
// are scored (kMaxScoredNames, name_score.h).
inline constexpr size_t kFirstCandidates = 200;
inline constexpr size_t kMaxCandidates = 1000;
inline constexpr size_t kMaxTargets = 100;

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
};

// What one thread that screens keeps from query to query.
class ScreeningThread {
 private:
  friend class QueryScreener;
  IndexWeights weights_;
};

// Scores names against the sanctioned actors of a view.
//
// The same query under the same options at the same revision is answered the same
// by every server of one kAlgorithmVersion, whatever was committed since, and
// whether its index was worked out anew: candidates and weights depend only on
// what was alive at the revision, ties are broken by names. (After a trim and a
// new index, terms of more than kMaxTermVisits versions may count again that were
// left out before.)
//
// Performance: a query of one name among 12,000 targets takes about a millisecond.
// Thread safety: any thread; a ScreeningThread is one thread's at a time.
class Screener {
 public:
  // All outlive this.
  Screener(const store::Reader& reader, const store::MergedNames& merged)
      : reader_(reader), merged_(merged) {}

  // Resolves a request, which was checked (CheckScreenRequest), in the view of its
  // scope. Waits until the index has the terms of that view. INVALID_ARGUMENT for
  // an authority or regime that is not there and for a revision beyond the view's;
  // UNAVAILABLE (REPLICA_BEHIND) when the index does not get there in time.
  absl::StatusOr<std::shared_ptr<const Screening>> Begin(const v1::ScreenRequest& request,
                                                         store::ReadView view) const;

  absl::StatusOr<v1::ScreenResult> Screen(const Screening& screening, const v1::ScreenQuery& query,
                                          ScreeningThread& thread) const;

  const ScreenCounters& counters() const { return counters_; }
  const ActorCache& actors() const { return actors_; }
  const DesignationCache& designations() const { return designations_; }

 private:
  friend class QueryScreener;
  absl::Status Resolve(Screening& screening) const;
  // The newest whole version of each list, by name.
  absl::StatusOr<std::vector<std::string>> ListVersionsOf(const store::ReadView& view) const;

  const store::Reader& reader_;
  const store::MergedNames& merged_;
  mutable ActorCache actors_{kActorCacheBytes};
  mutable DesignationCache designations_{kDesignationCacheBytes};
  mutable ScreenCounters counters_;

  // The list versions of the sources that were alive when they were asked for last.
  mutable absl::Mutex mutex_;
  mutable std::vector<query::VersionPlace> listed_sources_ ABSL_GUARDED_BY(mutex_);
  mutable std::vector<std::string> list_versions_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace communique::screening

#endif  // COMMUNIQUE_SERVICE_SCREENING_SCREENER_H_
