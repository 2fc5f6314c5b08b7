#ifndef COMMUNIQUE_SERVICE_STORE_SEARCHER_H_
#define COMMUNIQUE_SERVICE_STORE_SEARCHER_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "communique/v1/record.pb.h"
#include "service/query/text_query.h"
#include "service/store/reader.h"

namespace communique::store {

// A record that a search found.
struct SearchHit {
  FoundRecord found;
  double rank = 0;
};

// The best records of some kinds (none: all) for a query, best first, ties by
// name; at most kMaxSearchRanked. The index says which records hold every word,
// and how heavy the texts are in which they stand; of each weight the newest are
// ranked, by query::RankOf, until there are enough.
absl::StatusOr<std::vector<SearchHit>> SearchRecords(const ReadView& view,
                                                     const query::TextQuery& query,
                                                     const std::vector<v1::RecordKind>& kinds);

}  // namespace communique::store

#endif  // COMMUNIQUE_SERVICE_STORE_SEARCHER_H_
