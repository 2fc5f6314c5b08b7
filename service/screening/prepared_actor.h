#ifndef COMMUNIQUE_SERVICE_SCREENING_PREPARED_ACTOR_H_
#define COMMUNIQUE_SERVICE_SCREENING_PREPARED_ACTOR_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "communique/v1/actor.pb.h"
#include "service/query/index_terms.h"
#include "service/query/name_analysis.h"
#include "service/screening/match_score.h"
#include "service/screening/version_cache.h"

namespace communique::screening {

// A name of an actor, ready to be scored.
struct PreparedName {
  std::string text;
  v1::NameQuality quality = v1::NAME_QUALITY_UNSPECIFIED;
  query::AnalyzedName analyzed;
  // The terms of its keys in the index, sorted.
  std::vector<uint64_t> keys;
  // Into PreparedActor.qualifiers: births may be of one name alone.
  size_t qualifiers = 0;
};

// What screening needs of one version of an actor.
struct PreparedActor {
  std::string display_name;
  v1::ActorType type = v1::ACTOR_TYPE_UNSPECIFIED;
  std::vector<PreparedName> names;
  std::vector<Qualifiers> qualifiers;
  bool has_judgements = false;

  // About how much memory it takes.
  size_t Bytes() const;
};

PreparedActor PrepareActor(const v1::Actor& actor, const query::TermHasher& hasher);

using ActorCache = VersionCache<PreparedActor>;

}  // namespace communique::screening

#endif  // COMMUNIQUE_SERVICE_SCREENING_PREPARED_ACTOR_H_
