#ifndef COMMUNIQUE_SERVICE_SCREENING_QUERY_SCREENER_H_
#define COMMUNIQUE_SERVICE_SCREENING_QUERY_SCREENER_H_

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "service/screening/screener.h"

namespace communique::screening {

// One query on its way: candidates from the index, of these the targets, their
// scores, the best of them with what they are judged to be the same as.
class QueryScreener {
 public:
  // All outlive this.
  QueryScreener(const Screener& screener, const Screening& screening, const v1::ScreenQuery& query,
                ScreeningThread& thread);

  absl::StatusOr<v1::ScreenResult> Run();

 private:
  using ActorPtr = ActorCache::Ptr;

  // A target that was scored.
  struct Scored {
    query::VersionPlace place;
    ActorPtr actor;
    ActorDesignations designations;
    double score = 0;
    size_t query_name = 0;  // which of each matched
    size_t name = 0;
  };

  // A term that the query asks by, and what it counts.
  using CountedTerms = std::vector<std::pair<uint64_t, double>>;
  // A name of a target to be scored.
  struct NameToScore {
    double promise = 0;  // keys in common first, then what chooses
    size_t target = 0;   // into scored_
    size_t name = 0;
    size_t query_name = 0;
  };

  // What shares the most with the query's names, and whoever has an identifier; at
  // most `limit`.
  std::vector<query::VersionPlace> FindCandidates(size_t limit) const;
  // Fills scored_, without scores.
  absl::Status FindTargets();
  absl::Status ScoreTargets();
  // The names of all targets that promise the most for a name of the query.
  std::vector<NameToScore> NamesToScore() const;
  // The designations for which a name is a target of the request; none: it is not.
  absl::StatusOr<ActorDesignations> TargetOf(const std::string& name, int64_t revision);
  // Gives every target its prepared actor; reads those that are not held at once.
  absl::Status Prepare();
  query::NameSubject SubjectOfMatch(const PreparedActor& actor) const;
  MatchScore Judge(const Scored& scored, size_t name, NameScore score) const;

  // Fills one match for a group; what it joins is in `taken` afterwards.
  absl::Status AddMatch(const Scored& scored, absl::flat_hash_set<std::string>& taken,
                        v1::ScreenResult& result);
  void Explain(const Scored& scored, v1::ScreenMatch& match) const;
  // The actors that are judged the same as one, for certain; without itself.
  absl::StatusOr<std::vector<std::string>> SameAs(const Scored& scored);

  const Screener& screener_;
  const Screening& screening_;
  const store::ReadView& view_;
  const v1::ScreenQuery& query_;
  ScreeningThread& thread_;
  DesignationFinder finder_;
  const Qualifiers qualifiers_;
  std::vector<query::AnalyzedName> names_;
  std::vector<std::vector<query::WeightedTerm>> terms_;  // of each name, in its keys' order
  std::vector<CountedTerms> counted_;                    // the same by term, with their rarity
  absl::flat_hash_set<std::string> bearers_;  // who has one of the identifiers: always scored
  std::vector<Scored> scored_;
  absl::flat_hash_map<std::string, size_t> by_name_;  // into scored_
};

}  // namespace communique::screening

#endif  // COMMUNIQUE_SERVICE_SCREENING_QUERY_SCREENER_H_
