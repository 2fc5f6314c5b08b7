#ifndef COMMUNIQUE_SERVICE_QUERY_NAME_KEYS_H_
#define COMMUNIQUE_SERVICE_QUERY_NAME_KEYS_H_

#include <cstddef>
#include <string>
#include <vector>

#include "service/query/name_analysis.h"

namespace communique::query {

// The most keys of a name.
inline constexpr size_t kMaxNameKeys = 40;

// Keys by which the candidate index finds a name: short ASCII strings, each once.
// The index keeps the keys of every name of a version; a query asks with its own,
// and the more and the rarer keys they share the likelier they are one name.
//
//   =SKELETON   a token's skeleton, or that of two neighbours, as if written as one
//   -SKELETON   a skeleton with one of its classes left out: finds one wrong, lost,
//               added or swapped consonant
//   ~variant    a token's variant
//   #number     a number
//   kSOUND      two neighbouring Korean syllables
std::vector<std::string> CandidateKeys(const AnalyzedName& name);

// The key of a token alone: the names that hold it are those that have the token,
// in any spelling, so the index's count of it says how rare the token is.
std::string TokenKey(const NameToken& token);

}  // namespace communique::query

#endif  // COMMUNIQUE_SERVICE_QUERY_NAME_KEYS_H_
