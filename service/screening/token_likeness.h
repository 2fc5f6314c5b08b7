#ifndef COMMUNIQUE_SERVICE_SCREENING_TOKEN_LIKENESS_H_
#define COMMUNIQUE_SERVICE_SCREENING_TOKEN_LIKENESS_H_

#include "absl/strings/string_view.h"
#include "service/query/name_analysis.h"
#include "service/screening/name_score.h"

namespace communique::screening {

// How alike two tokens are, 0 to 1, and why.
struct Likeness {
  double similarity = 0;
  AlignmentMethod method = AlignmentMethod::kLeftOver;
};

// Below this two tokens are not aligned at all.
inline constexpr double kLeastLikeness = 0.6;

// Compares two tokens: the same, by sound, by a variant, as an initial, or by the
// cost of editing one into the other; 0 when they have too little in common.
//
// Performance: under 1 us; most pairs are told apart by their consonants at 20 ns.
Likeness CompareTokens(const query::NameToken& a, const query::NameToken& b);

// 1 less the cost of editing one sound (name_sound.h) into the other, by letter.
// Letters that are mistaken for each other cost less, vowels less than consonants;
// `vowelless`: one of them is from a script without short vowels, so that vowels cost
// next to nothing.
double SoundLikeness(absl::string_view a, absl::string_view b, bool vowelless);

}  // namespace communique::screening

#endif  // COMMUNIQUE_SERVICE_SCREENING_TOKEN_LIKENESS_H_
