#ifndef COMMUNIQUE_SERVICE_SCREENING_MATCH_SCORE_H_
#define COMMUNIQUE_SERVICE_SCREENING_MATCH_SCORE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "communique/v1/actor.pb.h"
#include "communique/v1/screening.pb.h"
#include "service/screening/name_score.h"

namespace communique::screening {

// The version of the algorithm: analysis, keys, scores and thresholds. It changes
// with each of them.
inline constexpr absl::string_view kAlgorithmVersion = "communique-names-2";

// Least score that is decided MATCH, and least that is decided POSSIBLE, unless a
// request says otherwise. Chosen on tests/bench/screening.
inline constexpr double kMatchThreshold = 0.75;
inline constexpr double kPossibleThreshold = 0.64;

// When somebody was born: a day or a span of days since 1970-01-01, inclusive.
struct BirthSpan {
  std::optional<int64_t> first_day;
  std::optional<int64_t> last_day;
};

// What tells namesakes apart, of a query or of a target.
struct Qualifiers {
  v1::ActorType type = v1::ACTOR_TYPE_UNSPECIFIED;
  // Accounts of the birth; several are alternatives.
  std::vector<BirthSpan> births;
  // ISO 3166-1 alpha-2, in capitals.
  std::vector<std::string> region_codes;
  // "male", "female"; empty or another: not compared.
  std::string gender;
  struct Id {
    // Empty: any.
    std::string type;
    // Without case, spaces and punctuation.
    std::string value;
  };
  std::vector<Id> identifiers;
};

// Of a query. Its birth date has been checked to be EDTF; what cannot be read is
// not compared.
Qualifiers QualifiersOf(const v1::ScreenQuery& query);
// Of a target, from every account it has. `name_id`: of the name that matched;
// births of another alias's own are left out.
Qualifiers QualifiersOf(const v1::Actor& actor, absl::string_view name_id);

// A score with what made it.
struct MatchScore {
  double score = 0;
  // Those that apply, the name first.
  std::vector<v1::ScoreFeature> features;
};

// Puts a name's score and the qualifiers together. `quality` is the matched
// name's.
MatchScore ScoreMatch(const NameScore& name, v1::NameQuality quality, const Qualifiers& query,
                      const Qualifiers& target);

// What a score is decided to mean.
v1::ScreenDecision Decide(double score, double threshold, double possible_threshold);

}  // namespace communique::screening

#endif  // COMMUNIQUE_SERVICE_SCREENING_MATCH_SCORE_H_
