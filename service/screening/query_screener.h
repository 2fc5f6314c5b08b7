#ifndef COMMUNIQUE_SERVICE_SCREENING_QUERY_SCREENER_H_
#define COMMUNIQUE_SERVICE_SCREENING_QUERY_SCREENER_H_

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "service/screening/merged_actors.h"
#include "service/screening/screener.h"

namespace communique::screening {

// One query on its way: candidates from the index, of these the targets, their
// scores, the best of them with what they are judged to be the same as. It is taken
// in pieces, so that a long query holds up nobody.
//
// Performance: a piece takes about a millisecond, what is read from disk apart.
// Thread safety: one thread at a time, which may be another for each piece.
class QueryScreener {
 public:
  // All outlive this.
  QueryScreener(const Screener& screener, const Screening& screening, const v1::ScreenQuery& query);

  // The next piece. True when the result is whole; after an error nothing is.
  absl::StatusOr<bool> Advance(ScreeningThread& thread);
  v1::ScreenResult& result() { return result_; }

 private:
  using ActorPtr = ActorCache::Ptr;

  enum class Phase { kNames, kTargets, kPrepare, kChoose, kScore, kAnswer, kDone };

  // What was found: an actor that is alive, by its own names or by those of one that
  // was merged into it; then its place is yet to be looked up.
  struct Candidate {
    std::string name;
    std::optional<query::VersionPlace> place;
    double overlap = 0;
  };
  // A target, of which names are scored: its own, and those of every actor that was
  // merged into it.
  struct Scored {
    query::VersionPlace place;
    std::vector<query::VersionPlace> bodies;  // its own first
    std::vector<ActorPtr> actors;             // of each body
    ActorDesignations designations;
    bool identified = false;  // has one of the identifiers: always scored
    double score = 0;
    size_t query_name = 0;  // which of each matched
    size_t body = 0;
    size_t name = 0;
  };
  // A name of a target to be scored.
  struct NameToScore {
    double overlap = 0;  // keys in common
    double promise = 0;  // what chooses
    size_t target = 0;   // into scored_
    size_t body = 0;
    size_t name = 0;
    size_t query_name = 0;
    double score = 0;
  };
  // Terms that the query asks by, and what each counts.
  using CountedTerms = std::vector<MergedActors::CountedTerm>;

  absl::Status DoPiece();
  // Each does a piece of its phase, and the last one goes on to the next phase.
  void AskByNextName();
  absl::Status LookAtCandidates();
  absl::Status PrepareTargets();
  void LookAtNames();
  void ScoreChosen();
  absl::Status AnswerNext();
  void Go(Phase phase) {
    phase_ = phase;
    next_ = 0;
  }

  void Analyze(const std::string& name);
  // Whoever has one of the identifiers, those of the rarest first.
  std::vector<Candidate> FindBearers() const;
  // What was found, each actor once, at most so many of those found by names.
  std::vector<Candidate> TakeFound(size_t limit);
  absl::Status LookAt(const Candidate& candidate);
  // The designations for which an actor is a target of the request; none: it is not.
  absl::StatusOr<ActorDesignations> TargetOf(const query::VersionPlace& place);
  // Whether an unchanged actor belongs to a group that changed.
  absl::StatusOr<bool> GroupChanged(const query::VersionPlace& place,
                                    const std::vector<std::string>& names);
  bool IsJudged(const std::vector<std::string>& names, int64_t revision) const;
  // The names of all targets that promise the most for a name of the query.
  void ChooseNames();
  void TakeScores();

  const PreparedName& NameAt(const NameToScore& name) const {
    return scored_[name.target].actors[name.body]->names[name.name];
  }
  query::NameSubject SubjectOfMatch(const PreparedActor& actor) const;
  MatchScore Judge(const Scored& scored, size_t body, size_t name, NameScore score) const;

  // Fills one match for a group; what it joins is in `taken_` afterwards.
  absl::Status AddMatch(const Scored& scored);
  void Explain(const Scored& scored, v1::ScreenMatch& match) const;
  // The actors that are judged the same as one, for certain; without itself.
  absl::StatusOr<std::vector<std::string>> SameAs(const Scored& scored);

  const Screener& screener_;
  const Screening& screening_;
  const store::ReadView& view_;
  const store::Merges& merges_;
  const v1::ScreenQuery& query_;
  IndexWeights* weights_ = nullptr;  // of the thread that takes the piece
  DesignationFinder finder_;
  const Qualifiers qualifiers_;
  absl::Duration taken_time_;

  Phase phase_ = Phase::kNames;
  size_t next_ = 0;  // what the phase goes on with
  size_t limit_;     // of candidates
  std::vector<query::AnalyzedName> names_;
  std::vector<std::vector<query::WeightedTerm>> terms_;  // of each name, in its keys' order
  std::vector<CountedTerms> counted_;                    // the same with their rarity
  std::vector<CountedTerms> sorted_;                     // the same by term
  std::vector<Candidate> found_;
  std::vector<Candidate> candidates_;
  size_t bearers_ = 0;  // as many of the candidates have an identifier
  std::vector<Scored> scored_;
  absl::flat_hash_map<std::string, size_t> by_name_;  // into scored_
  double most_shared_ = 1;
  std::vector<NameToScore> to_score_;
  std::vector<const Scored*> best_;
  absl::flat_hash_set<std::string> taken_;
  v1::ScreenResult result_;
};

}  // namespace communique::screening

#endif  // COMMUNIQUE_SERVICE_SCREENING_QUERY_SCREENER_H_
