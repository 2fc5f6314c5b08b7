#ifndef COMMUNIQUE_SERVICE_SCREENING_DESIGNATIONS_H_
#define COMMUNIQUE_SERVICE_SCREENING_DESIGNATIONS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "communique/v1/sanction.pb.h"
#include "service/domain/valid_states.h"
#include "service/query/candidate_index.h"
#include "service/screening/version_cache.h"
#include "service/store/reader.h"

namespace communique::screening {

// What screening needs of one version of a designation.
struct DesignationDigest {
  std::string authority;  // as it is written there; may be empty
  std::string regime;
  std::vector<domain::ListingSpan> listings;

  // Whether it is listed on a date. Without an interval it is not known when.
  v1::Holds ListedOn(absl::CivilDay date) const;
  size_t Bytes() const;
};

DesignationDigest DigestOf(const v1::Designation& designation);

using DesignationCache = VersionCache<DesignationDigest>;

// Which designations count.
struct DesignationFilter {
  // After merges; empty: all.
  absl::flat_hash_set<std::string> authorities;
  absl::flat_hash_set<std::string> regimes;
  // The date at which they are to be listed, at least possibly; nullopt before the
  // first commit, where there are none.
  std::optional<absl::CivilDay> date;
  bool include_delisted = false;
  // Actors whose names lead elsewhere than at the revision that changes are counted
  // from: what is an authority's by one of them has changed.
  absl::flat_hash_set<std::string> moved;
};

// The designations of one actor that count, by name.
struct ActorDesignations {
  std::vector<std::string> names;
  // Of the one that is surest.
  v1::Holds listed = v1::HOLDS_NO;
  // The newest revision of those that are of the authorities and regimes, listed
  // or not, and of the regimes that say whose they are; that of the view when such
  // an authority has moved.
  int64_t newest_revision = 0;
};

// Finds the designations of actors in one view. What it learns of authorities and
// regimes it keeps, so it serves some queries and is then thrown away.
//
// Performance: a look-up in the index for each name of the actor, and one in the
// cache for each designation; a miss reads the record, about 15 us.
// Thread safety: one thread at a time.
class DesignationFinder {
 public:
  // All outlive this.
  DesignationFinder(const store::ReadView& view, const DesignationFilter& filter,
                    DesignationCache& cache);

  // `names`: of the actor, with those that were merged into it. RESOURCE_EXHAUSTED
  // (SIZE_LIMIT) when more than kMaxDesignationsPerActor designations name one of
  // them: looking at some of them only could answer that there is none.
  absl::StatusOr<ActorDesignations> Find(const std::vector<std::string>& names);

 private:
  absl::StatusOr<DesignationCache::Ptr> Digest(const query::VersionPlace& place);
  // A regime's authority as it is written there, and the regime's revision.
  struct RegimeAuthority {
    std::string authority;
    int64_t revision = 0;
  };
  // Whether one counts; then `newest_revision` has what it counts by.
  absl::StatusOr<bool> IsOfFilter(const DesignationDigest& digest, int64_t& newest_revision);
  // After merges; empty when nothing live is there.
  absl::StatusOr<std::string> SurvivorOf(const std::string& name);
  absl::StatusOr<RegimeAuthority> AuthorityOfRegime(const std::string& regime);

  const store::ReadView& view_;
  const DesignationFilter& filter_;
  DesignationCache& cache_;
  const uint64_t actor_path_;
  absl::flat_hash_map<std::string, std::string> survivors_;
  absl::flat_hash_map<std::string, RegimeAuthority> regime_authorities_;
};

// The name that a reference leads to in a view, after merges; empty when nothing
// live is there.
absl::StatusOr<std::string> LiveNameOf(const store::ReadView& view, const std::string& name);

}  // namespace communique::screening

#endif  // COMMUNIQUE_SERVICE_SCREENING_DESIGNATIONS_H_
