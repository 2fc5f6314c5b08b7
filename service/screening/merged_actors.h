#ifndef COMMUNIQUE_SERVICE_SCREENING_MERGED_ACTORS_H_
#define COMMUNIQUE_SERVICE_SCREENING_MERGED_ACTORS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "service/query/candidate_index.h"
#include "service/screening/prepared_actor.h"
#include "service/store/merged_names.h"
#include "service/store/reader.h"

namespace communique::screening {

// Reads the actors of versions that the cache does not hold, and prepares them. The
// answer is in the order of the places.
absl::StatusOr<std::vector<ActorCache::Ptr>> PrepareAll(
    const store::ReadView& view, const std::vector<query::VersionPlace>& places, ActorCache& cache);

// The actors that were merged away at one revision, by the names and identifiers
// that they had: the candidate index knows only of what is alive, and somebody on
// a list must be found by the name it was listed under.
//
// Memory: about 2 KiB for each.
// Performance: making it reads those that the cache does not hold, about 100 us
// for each, else 5 us.
// Thread safety: never changes.
class MergedActors {
 public:
  // A term that is asked by, and what it counts.
  using CountedTerm = std::pair<uint64_t, double>;
  struct Match {
    const store::Merges::Loser* loser;
    double overlap;  // the sum of what the terms count that it has
  };

  static absl::StatusOr<std::shared_ptr<const MergedActors>> Make(const store::ReadView& view,
                                                                  store::MergesPtr merges,
                                                                  ActorCache& cache);

  const store::MergesPtr& merges() const { return merges_; }
  // Those that have the most of some terms, best first, then in order of names.
  std::vector<Match> FindBest(absl::Span<const CountedTerm> terms, size_t limit) const;
  // Those that have a term, in order of names.
  std::vector<const store::Merges::Loser*> FindWith(uint64_t term, size_t limit) const;

 private:
  explicit MergedActors(store::MergesPtr merges) : merges_(std::move(merges)) {}

  const store::MergesPtr merges_;
  // Places in merges_->losers(), rising.
  absl::flat_hash_map<uint64_t, std::vector<uint32_t>> by_term_;
};

}  // namespace communique::screening

#endif  // COMMUNIQUE_SERVICE_SCREENING_MERGED_ACTORS_H_
