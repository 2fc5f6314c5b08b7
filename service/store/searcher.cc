#include "service/store/searcher.h"

#include <algorithm>
#include <utility>

#include "service/base/limits.h"
#include "service/domain/names.h"
#include "service/query/candidate_index.h"

namespace communique::store {

absl::StatusOr<std::vector<SearchHit>> SearchRecords(const ReadView& view,
                                                     const query::TextQuery& query,
                                                     const std::vector<v1::RecordKind>& kinds) {
  const auto wanted = [&kinds](absl::string_view name) {
    return kinds.empty() ||
           std::find(kinds.begin(), kinds.end(), domain::KindOfName(name)) != kinds.end();
  };
  std::vector<SearchHit> hits;
  absl::Status status;
  for (const query::Candidates& tier : view.index().FindText(query, view.revision())) {
    tier.ForEachNewestFirst([&](const query::Candidate& candidate) {
      if (hits.size() == base::kMaxSearchRanked) return false;
      if (!wanted(candidate.name())) return true;
      auto found =
          view.ReadVersion(candidate.name(), candidate.revision(), candidate.ordinal());
      auto record = found.ok() ? found->Parse() : found.status();
      if (!record.ok()) {
        status = record.status();
        return false;
      }
      const double rank = query::RankOf(query, *record);
      if (rank > 0) hits.push_back({*std::move(found), rank});
      return true;
    });
    if (!status.ok()) return status;
  }
  std::sort(hits.begin(), hits.end(), [](const SearchHit& a, const SearchHit& b) {
    return a.rank != b.rank ? a.rank > b.rank : a.found.name < b.found.name;
  });
  return hits;
}

}  // namespace communique::store
