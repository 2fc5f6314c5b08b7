#ifndef COMMUNIQUE_SERVICE_SCREENING_NAME_SCORE_H_
#define COMMUNIQUE_SERVICE_SCREENING_NAME_SCORE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "service/query/name_analysis.h"

namespace communique::screening {

// What a token weighs: the rarer, the more. Ranges from kMinTokenWeight to 1.
class TokenWeights {
 public:
  virtual ~TokenWeights() = default;
  // Before what the score makes of particles, honorifics and legal forms.
  virtual double WeightOf(const query::NameToken& token) const = 0;
};

// The weight of a token that every name has.
inline constexpr double kMinTokenWeight = 0.3;

// The weight of a token that `holders` of `names` names have (by the index's count
// of query::TokenKey).
double RarityWeight(uint64_t holders, uint64_t names);

// Every token weighs the same; for pairs without an index.
class EvenWeights : public TokenWeights {
 public:
  double WeightOf(const query::NameToken&) const override { return 1; }
};

// How tokens were found alike; "left over" when one side is empty.
enum class AlignmentMethod {
  kSame,
  kEdited,
  kPhonetic,
  kInitial,
  kVariant,
  kJoined,
  kLeftOver,
};

// As TokenAlignment.method has it ("left over").
absl::string_view NameOf(AlignmentMethod method);

// One alignment of tokens; several of one side stand with a space between.
struct Alignment {
  std::string query_token;
  std::string name_token;
  double similarity = 0;
  double weight = 0;
  AlignmentMethod method = AlignmentMethod::kLeftOver;
};

// How alike two names are.
struct NameScore {
  // 0 to 1. 1 only when the tokens are the same, in any order.
  double score = 0;
  // Which readings were aligned.
  size_t query_reading = 0;
  size_t target_reading = 0;
  // In the query's order, then what is left over of the target.
  std::vector<Alignment> alignments = {};
};

// Scores two names by their best pair of readings.
//
// Performance: 2 to 10 us for names of three or four tokens; bounded by
// query::kMaxNameTokens.
// Thread safety: any thread.
NameScore ScoreNames(const query::AnalyzedName& query, const query::AnalyzedName& target,
                     const TokenWeights& weights,
                     query::NameSubject subject = query::NameSubject::kUnknown);

// The most names of one target that are worth a score, and of all targets of a
// query together: those that QuickLikeness puts first.
inline constexpr size_t kMaxScoredNamesOfTarget = 4;
inline constexpr size_t kMaxScoredNames = 100;

// About how much of the query's name the target's has, 0 to 1, by the tokens'
// consonants alone: what chooses the names that are scored. 0: nothing in common.
//
// Performance: about 50 ns.
double QuickLikeness(const query::AnalyzedName& query, const query::AnalyzedName& target);

// The score alone, without the alignments: what ranks candidates.
double ScoreOnly(const query::AnalyzedName& query, const query::AnalyzedName& target,
                 const TokenWeights& weights,
                 query::NameSubject subject = query::NameSubject::kUnknown);

}  // namespace communique::screening

#endif  // COMMUNIQUE_SERVICE_SCREENING_NAME_SCORE_H_
