#include "service/store/searcher.h"

#include <algorithm>
#include <utility>

#include "service/base/limits.h"
#include "service/domain/names.h"
#include "service/query/candidate_index.h"

namespace communique::store {
namespace {

// Candidates that are read at once. They are the newest, so they lie close
// together in the journal.
constexpr size_t kCandidatesPerRead = 100;
// Below every rank that RankOf gives, for each tier that a hit stands above the end.
constexpr double kUnreadRank = 0.1;

class Searcher {
 public:
  Searcher(const ReadView& view, const query::TextQuery& query,
           const std::vector<v1::RecordKind>& kinds)
      : view_(view), query_(query), kinds_(kinds) {}

  absl::StatusOr<std::vector<SearchHit>> Run() {
    const std::vector<query::Candidates> tiers = view_.index().FindText(query_, view_.revision());
    for (size_t tier = 0; tier < tiers.size(); ++tier) {
      tiers[tier].ForEachNewestFirst([&](const query::Candidate& candidate) {
        if (!IsWanted(candidate.name())) return true;
        if (ranked_ >= base::kMaxSearchRanked && candidate.indexed()) {
          // The index says that it holds every word, and in how heavy a text.
          AddHit(candidate, kUnreadRank * static_cast<double>(tiers.size() - tier));
          return hits_.size() < base::kMaxSearchHits;
        }
        waiting_.push_back(candidate);
        return waiting_.size() < kCandidatesPerRead || RankWaiting();
      });
      if (!RankWaiting() || hits_.size() >= base::kMaxSearchHits) break;
    }
    if (!status_.ok()) return status_;
    std::sort(hits_.begin(), hits_.end(), [](const SearchHit& a, const SearchHit& b) {
      return a.rank != b.rank ? a.rank > b.rank : a.name < b.name;
    });
    // What was waiting when the hits were enough came on top of them.
    if (hits_.size() > base::kMaxSearchHits) hits_.resize(base::kMaxSearchHits);
    return std::move(hits_);
  }

 private:
  bool IsWanted(absl::string_view name) const {
    return kinds_.empty() ||
           std::find(kinds_.begin(), kinds_.end(), domain::KindOfName(name)) != kinds_.end();
  }

  void AddHit(const query::Candidate& candidate, double rank) {
    hits_.push_back(
        {std::string(candidate.name()), candidate.revision(), candidate.ordinal(), rank});
  }

  // False when too much was read, or something is wrong.
  bool RankWaiting() {
    const absl::Status read =
        view_.ReadVersions(waiting_, [this](size_t i, const FoundRecord& found) {
          status_ = found.ParseInto(record_);
          if (!status_.ok()) return false;
          const double rank = query::RankOf(query_, record_);
          if (rank > 0) {
            ++ranked_;
            AddHit(waiting_[i], rank);
          }
          return true;
        });
    if (!read.ok()) status_ = read;
    reads_ += waiting_.size();
    waiting_.clear();
    return status_.ok() && reads_ < base::kMaxRecordsReadPerPage;
  }

  const ReadView& view_;
  const query::TextQuery& query_;
  const std::vector<v1::RecordKind>& kinds_;
  std::vector<query::Candidate> waiting_;
  std::vector<SearchHit> hits_;
  v1::Record record_;  // reused: its fields keep their memory
  int ranked_ = 0;  // of the hits those that were read
  size_t reads_ = 0;
  absl::Status status_;
};

}  // namespace

absl::StatusOr<std::vector<SearchHit>> SearchRecords(const ReadView& view,
                                                     const query::TextQuery& query,
                                                     const std::vector<v1::RecordKind>& kinds) {
  return Searcher(view, query, kinds).Run();
}

}  // namespace communique::store
