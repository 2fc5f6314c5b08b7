#ifndef COMMUNIQUE_SERVICE_SCREENING_LIMITS_H_
#define COMMUNIQUE_SERVICE_SCREENING_LIMITS_H_

#include <cstddef>

// The limits of what is asked of sanctions; those of the whole service are in
// base/limits.h.
namespace communique::screening {

// Entries that judgements join to one actor when a claim is verified; more say
// that the judgements are wrong.
inline constexpr int kMaxJudgedEntries = 64;
// Rows that an answer to VerifyClaim shows of what holds, and of coverage; those
// that are left out are counted in its explanation, and decide all the same.
inline constexpr int kMaxSanctionRows = 400;
inline constexpr int kMaxCoverageRows = 100;
// Comparisons in one filter of ForEachOf: a field and a name take at most 200
// bytes of the filter's 8 KiB.
inline constexpr size_t kMaxComparisonsPerFilter = 32;
// Lists that metrics tell apart; their names come from data, not from a fixed list.
inline constexpr size_t kMaxListMetrics = 100;

}  // namespace communique::screening

#endif  // COMMUNIQUE_SERVICE_SCREENING_LIMITS_H_
