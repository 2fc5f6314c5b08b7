#ifndef COMMUNIQUE_SERVICE_STORE_SEARCHER_H_
#define COMMUNIQUE_SERVICE_STORE_SEARCHER_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "communique/v1/record.pb.h"
#include "service/query/text_query.h"
#include "service/store/reader.h"

namespace communique::store {

// A version that a search found; ReadView::ReadVersion has its record.
struct SearchHit {
  std::string name;
  int64_t revision = 0;
  int32_t ordinal = 0;
  double rank = 0;
};

// The best records of some kinds (none: all) for a query, best first, ties by
// name; at most kMaxSearchHits. The index says which records hold every word, and
// how heavy the texts are in which they stand. Of the heaviest the newest
// kMaxSearchRanked are read and ranked by query::RankOf; the others follow them by
// weight.
absl::StatusOr<std::vector<SearchHit>> SearchRecords(const ReadView& view,
                                                     const query::TextQuery& query,
                                                     const std::vector<v1::RecordKind>& kinds);

}  // namespace communique::store

#endif  // COMMUNIQUE_SERVICE_STORE_SEARCHER_H_
