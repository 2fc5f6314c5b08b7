#include "service/screening/query_screener.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "service/base/error.h"
#include "service/base/limits.h"
#include "service/domain/names.h"
#include "service/query/actor_names.h"
#include "service/query/index_terms.h"
#include "service/query/name_keys.h"
#include "service/screening/judged_entries.h"

namespace communique::screening {
namespace {

using query::VersionPlace;

// How much a key counts by its kind (name_keys.h): a token whole counts more than
// one with a consonant left out.
double WeightOfKey(const std::string& key) {
  switch (key[0]) {
    case '-':
      return 0.4;
    case '#':
      return 0.6;
    default:
      return 1;
  }
}

// What each name of a query but the first adds to kMaxScoredNames.
constexpr size_t kScoredOfEachName = 20;
// More than qualifiers can add to a name's score, an identifier apart
// (match_score.cc).
constexpr double kMostQualifiersAdd = 0.4;
// Names this far below the actor's best are not the one that matches, whatever
// their quality and births.
constexpr double kNearBest = 0.15;

// What one piece does.
constexpr size_t kCandidatesAPiece = 100;
constexpr size_t kTargetsPreparedAPiece = 20;
constexpr size_t kNamesLookedAtAPiece = 2000;
constexpr size_t kNamesScoredAPiece = 20;

// What a name of a target shares with one of the query: both are sorted. A sum's
// order must not depend on how terms are hashed, so it is of whole numbers.
double Overlap(const std::vector<MergedActors::CountedTerm>& asked,
               const std::vector<uint64_t>& keys) {
  constexpr double kUnit = 1'000'000;
  int64_t sum = 0;
  auto key = keys.begin();
  for (const auto& [term, count] : asked) {
    while (key != keys.end() && *key < term) ++key;
    if (key == keys.end()) break;
    if (*key == term) sum += static_cast<int64_t>(count * kUnit);
  }
  return static_cast<double>(sum);
}

// Where the judgements of others on an actor stand.
uint64_t JudgedTerm(const query::TermHasher& hasher, const std::string& name) {
  return hasher.Equals(
      hasher.PathOf(query::PathTo({"actor", "identity_judgements", "other", "target"})), name);
}

// What is known of both: facts of an actor that was merged away are its survivor's.
Qualifiers Joined(Qualifiers own, const Qualifiers& other) {
  if (own.type == v1::ACTOR_TYPE_UNSPECIFIED) own.type = other.type;
  if (own.gender.empty()) own.gender = other.gender;
  own.births.insert(own.births.end(), other.births.begin(), other.births.end());
  own.region_codes.insert(own.region_codes.end(), other.region_codes.begin(),
                          other.region_codes.end());
  own.identifiers.insert(own.identifiers.end(), other.identifiers.begin(), other.identifiers.end());
  return own;
}

}  // namespace

QueryScreener::QueryScreener(const Screener& screener, const Screening& screening,
                             const v1::ScreenQuery& query)
    : screener_(screener),
      screening_(screening),
      view_(screening.view()),
      merges_(*screening.merged_->merges()),
      query_(query),
      finder_(view_, screening.filter_, screener.designations_),
      qualifiers_(QualifiersOf(query)),
      limit_(base::kFirstCandidates) {
  result_.set_query_id(query_.query_id());
  *result_.mutable_query() = query_;
  result_.set_decision(v1::SCREEN_DECISION_NO_MATCH);
}

absl::StatusOr<bool> QueryScreener::Advance(ScreeningThread& thread) {
  const absl::Time begin = absl::Now();
  weights_ = &thread.WeightsAt(view_.index(), view_.revision());
  const absl::Status status = DoPiece();
  taken_time_ += absl::Now() - begin;
  if (!status.ok()) return status;
  if (phase_ != Phase::kDone) return false;
  ScreenCounters& counters = screener_.counters_;
  counters.queries.fetch_add(1, std::memory_order_relaxed);
  for (const v1::ScreenMatch& match : result_.matches()) {
    (match.decision() == v1::SCREEN_DECISION_MATCH ? counters.matches : counters.possibles)
        .fetch_add(1, std::memory_order_relaxed);
  }
  counters.query_seconds.Observe(taken_time_);
  return true;
}

absl::Status QueryScreener::DoPiece() {
  switch (phase_) {
    case Phase::kNames:
      // Before the first commit there is nobody.
      if (!screening_.filter_.date) {
        Go(Phase::kDone);
      } else {
        AskByNextName();
      }
      return absl::OkStatus();
    case Phase::kTargets:
      return LookAtCandidates();
    case Phase::kPrepare:
      return PrepareTargets();
    case Phase::kChoose:
      LookAtNames();
      return absl::OkStatus();
    case Phase::kScore:
      ScoreChosen();
      return absl::OkStatus();
    case Phase::kAnswer:
      return AnswerNext();
    case Phase::kDone:
      break;
  }
  return absl::OkStatus();
}

// --- Candidates ----------------------------------------------------------------------

void QueryScreener::Analyze(const std::string& name) {
  const query::NameContext context{{}, query::NameSubjectOf(query_.type())};
  const query::TermHasher& hasher = view_.index().hasher();
  names_.push_back(query::AnalyzeName(name, context));
  std::vector<query::WeightedTerm>& terms = terms_.emplace_back();
  CountedTerms& counted = counted_.emplace_back();
  for (const std::string& key : query::CandidateKeys(names_.back())) {
    const uint64_t term = hasher.NameKey(key);
    const double weight = WeightOfKey(key);
    terms.push_back({term, weight});
    counted.emplace_back(term, weight * weights_->RarityOfKey(key));
  }
  CountedTerms& sorted = sorted_.emplace_back(counted);
  std::sort(sorted.begin(), sorted.end());
}

// By its own names, and by those that led to it when they were merged.
void QueryScreener::AskByNextName() {
  if (next_ == names_.size()) Analyze(query_.names(static_cast<int>(next_)));
  for (query::TermMatch& match : view_.index().FindBest(terms_[next_], view_.revision(), limit_)) {
    std::string name = match.place.name;
    found_.push_back({std::move(name), std::move(match.place), match.overlap});
  }
  for (const auto& [loser, overlap] : screening_.merged_->FindBest(counted_[next_], limit_)) {
    found_.push_back({std::string(merges_.SurvivorOf(loser->name)), std::nullopt, overlap});
  }
  if (++next_ < static_cast<size_t>(query_.names_size())) return;
  candidates_ = TakeFound(limit_);
  screener_.counters_.candidates.fetch_add(static_cast<int64_t>(candidates_.size()),
                                           std::memory_order_relaxed);
  Go(Phase::kTargets);
}

std::vector<QueryScreener::Candidate> QueryScreener::FindBearers() const {
  const query::CandidateIndex& index = view_.index();
  std::vector<std::vector<Candidate>> of_each;
  for (const Qualifiers::Id& identifier : qualifiers_.identifiers) {
    const uint64_t term = index.hasher().IdentifierKey(identifier.value);
    std::vector<Candidate>& bearers = of_each.emplace_back();
    for (VersionPlace& place : index.FindWith(term, view_.revision(), base::kMaxOfIdentifier)) {
      std::string name = place.name;
      bearers.push_back({std::move(name), std::move(place)});
    }
    for (const auto* loser : screening_.merged_->FindWith(term, base::kMaxOfIdentifier)) {
      bearers.push_back({std::string(merges_.SurvivorOf(loser->name)), std::nullopt});
    }
  }
  // The fewer have it, the more it says.
  std::stable_sort(of_each.begin(), of_each.end(),
                   [](const auto& a, const auto& b) { return a.size() < b.size(); });
  std::vector<Candidate> all;
  for (std::vector<Candidate>& bearers : of_each) {
    std::move(bearers.begin(), bearers.end(), std::back_inserter(all));
  }
  return all;
}

std::vector<QueryScreener::Candidate> QueryScreener::TakeFound(size_t limit) {
  std::sort(found_.begin(), found_.end(), [](const Candidate& a, const Candidate& b) {
    return a.overlap != b.overlap ? a.overlap > b.overlap : a.name < b.name;
  });
  // A name has one version that is alive. The first of it stays.
  absl::flat_hash_set<std::string> seen;
  std::vector<Candidate> once;
  for (Candidate& bearer : FindBearers()) {
    if (seen.insert(bearer.name).second) once.push_back(std::move(bearer));
  }
  bearers_ = once.size();
  for (Candidate& candidate : found_) {
    if (once.size() == bearers_ + limit) break;
    if (seen.insert(candidate.name).second) once.push_back(std::move(candidate));
  }
  found_.clear();
  return once;
}

bool QueryScreener::IsJudged(const std::vector<std::string>& names, int64_t revision) const {
  return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
    return !view_.index().FindWith(JudgedTerm(view_.index().hasher(), name), revision, 1).empty();
  });
}

absl::StatusOr<bool> QueryScreener::GroupChanged(const VersionPlace& place,
                                                 const std::vector<std::string>& names) {
  const int64_t since = screening_.options().changed_since_revision();
  if (!IsJudged(names, view_.revision()) && !IsJudged(names, since)) {
    const auto prepared = PrepareAll(view_, {place}, screener_.actors_);
    if (!prepared.ok()) return prepared.status();
    if (!prepared->front()->has_judgements) return false;
  }
  const auto now = JudgedEntries(view_, merges_, place.name);
  const auto then = JudgedEntries(*screening_.since_view_, *screening_.since_merges_, place.name);
  for (const absl::Status& status : {now.status(), then.status()}) {
    const v1::ErrorReason reason = base::ReasonOf(status);
    // Too many, or not there then: whoever asks is to look.
    if (reason == v1::ERROR_REASON_SIZE_LIMIT || reason == v1::ERROR_REASON_RECORD_NOT_FOUND ||
        reason == v1::ERROR_REASON_RECORD_DELETED) {
      return true;
    }
    if (!status.ok()) return status;
  }
  const auto members = [](const std::vector<Entry>& entries) {
    std::vector<std::pair<std::string, bool>> members;
    for (const Entry& entry : entries) members.emplace_back(entry.name, entry.certain);
    std::sort(members.begin(), members.end());
    return members;
  };
  if (members(*now) != members(*then)) return true;
  for (const Entry& entry : *now) {
    if (entry.revision > since || screening_.filter_.moved.contains(entry.name)) return true;
    const auto designations = finder_.Find(entry.names);
    if (!designations.ok()) return designations.status();
    if (designations->newest_revision > since) return true;
  }
  return false;
}

absl::StatusOr<ActorDesignations> QueryScreener::TargetOf(const VersionPlace& place) {
  ActorDesignations none;
  if (screening_.excluded_.contains(place.name)) return none;
  const std::vector<std::string> names = merges_.NamesOf(place.name);
  auto designations = finder_.Find(names);
  if (!designations.ok()) return designations.status();
  const int64_t since = screening_.options().changed_since_revision();
  if (designations->names.empty() ||
      std::max(place.revision, designations->newest_revision) > since ||
      screening_.filter_.moved.contains(place.name)) {
    return designations;
  }
  const auto changed = GroupChanged(place, names);
  if (!changed.ok()) return changed.status();
  return *changed ? *std::move(designations) : none;
}

absl::Status QueryScreener::LookAt(const Candidate& candidate) {
  if (by_name_.contains(candidate.name) ||
      domain::KindOfName(candidate.name) != v1::RECORD_KIND_ACTOR) {
    return absl::OkStatus();
  }
  std::optional<VersionPlace> place = candidate.place;
  if (!place) {
    auto found = view_.FindPlace(candidate.name);
    if (!found.ok()) return found.status();
    if (!*found) return absl::OkStatus();
    place = *std::move(found);
  }
  auto designations = TargetOf(*place);
  if (!designations.ok()) return designations.status();
  if (designations->names.empty()) return absl::OkStatus();
  by_name_.emplace(candidate.name, scored_.size());
  Scored& scored = scored_.emplace_back();
  scored.bodies.push_back(*place);
  for (const std::string& name : merges_.NamesOf(candidate.name)) {
    if (const auto* loser = merges_.Find(name)) scored.bodies.push_back(loser->body);
  }
  scored.place = *std::move(place);
  scored.designations = *std::move(designations);
  return absl::OkStatus();
}

absl::Status QueryScreener::LookAtCandidates() {
  const size_t end = std::min(candidates_.size(), next_ + kCandidatesAPiece);
  for (; next_ < end && scored_.size() < base::kMaxTargets; ++next_) {
    const bool bearer = next_ < bearers_;
    // Identifiers that many have must not hide who has the name.
    if (bearer && scored_.size() >= base::kMaxIdentifiedTargets) continue;
    const size_t before = scored_.size();
    if (absl::Status status = LookAt(candidates_[next_]); !status.ok()) return status;
    if (bearer && scored_.size() > before) scored_.back().identified = true;
  }
  const bool enough = scored_.size() == base::kMaxTargets;
  if (next_ < candidates_.size() && !enough) return absl::OkStatus();
  if (enough || candidates_.size() < bearers_ + limit_ || limit_ == base::kMaxCandidates) {
    screener_.counters_.scored.fetch_add(static_cast<int64_t>(scored_.size()),
                                         std::memory_order_relaxed);
    Go(Phase::kPrepare);
  } else {
    limit_ = base::kMaxCandidates;
    Go(Phase::kNames);
  }
  return absl::OkStatus();
}

absl::Status QueryScreener::PrepareTargets() {
  const size_t end = std::min(scored_.size(), next_ + kTargetsPreparedAPiece);
  std::vector<VersionPlace> places;
  for (size_t i = next_; i < end; ++i) {
    places.insert(places.end(), scored_[i].bodies.begin(), scored_[i].bodies.end());
  }
  auto actors = PrepareAll(view_, places, screener_.actors_);
  if (!actors.ok()) return actors.status();
  for (auto actor = actors->begin(); next_ < end; ++next_) {
    const auto bodies = static_cast<ptrdiff_t>(scored_[next_].bodies.size());
    scored_[next_].actors.assign(actor, actor + bodies);
    actor += bodies;
  }
  if (next_ == scored_.size()) Go(Phase::kChoose);
  return absl::OkStatus();
}

// --- Scores --------------------------------------------------------------------------

query::NameSubject QueryScreener::SubjectOfMatch(const PreparedActor& actor) const {
  return query::NameSubjectOf(actor.type != v1::ACTOR_TYPE_UNSPECIFIED ? actor.type
                                                                       : query_.type());
}

void QueryScreener::LookAtNames() {
  for (size_t looked = 0; next_ < scored_.size() && looked < kNamesLookedAtAPiece; ++next_) {
    const Scored& scored = scored_[next_];
    for (size_t b = 0; b < scored.actors.size(); ++b) {
      const std::vector<PreparedName>& names = scored.actors[b]->names;
      looked += names.size() * names_.size();
      for (size_t n = 0; n < names.size(); ++n) {
        for (size_t q = 0; q < names_.size(); ++q) {
          const double overlap = Overlap(sorted_[q], names[n].keys);
          most_shared_ = std::max(most_shared_, overlap);
          if (overlap == 0 && !scored.identified) continue;
          to_score_.push_back(
              {overlap, QuickLikeness(names_[q], names[n].analyzed), next_, b, n, q});
        }
      }
    }
  }
  if (next_ < scored_.size()) return;
  ChooseNames();
  Go(Phase::kScore);
}

// Keys know which tokens are rare, consonants how much of the name is there: either
// alone leaves out names that the score would put first.
void QueryScreener::ChooseNames() {
  for (NameToScore& name : to_score_) name.promise += name.overlap / most_shared_;
  std::sort(to_score_.begin(), to_score_.end(), [](const NameToScore& a, const NameToScore& b) {
    return std::tie(b.promise, a.target, a.body, a.name, a.query_name) <
           std::tie(a.promise, b.target, b.body, b.name, b.query_name);
  });
  // A target has a few names, and each name of the query its share of all. Those of
  // identified targets come first, up to a half.
  absl::flat_hash_map<std::pair<size_t, size_t>, size_t> of_pair;
  const size_t most = kMaxScoredNames + kScoredOfEachName * (names_.size() - 1);
  std::vector<NameToScore> chosen;
  std::vector<bool> is_chosen(to_score_.size());
  for (const bool identified : {true, false}) {
    for (size_t i = 0; i < to_score_.size(); ++i) {
      if (chosen.size() >= (identified ? most / 2 : most)) break;
      const NameToScore& name = to_score_[i];
      if (is_chosen[i] || (identified && !scored_[name.target].identified)) continue;
      if (++of_pair[{name.target, name.query_name}] > kMaxScoredNamesOfTarget) continue;
      is_chosen[i] = true;
      chosen.push_back(name);
    }
  }
  to_score_ = std::move(chosen);
}

MatchScore QueryScreener::Judge(const Scored& scored, size_t body, size_t name,
                                NameScore score) const {
  const PreparedName& prepared = scored.actors[body]->names[name];
  const Qualifiers& own = scored.actors[body]->qualifiers[prepared.qualifiers];
  if (scored.actors.size() == 1) {
    return ScoreMatch(score, prepared.quality, qualifiers_, own);
  }
  Qualifiers joined = own;
  for (size_t other = 0; other < scored.actors.size(); ++other) {
    if (other != body) {
      joined = Joined(std::move(joined), scored.actors[other]->qualifiers.front());
    }
  }
  return ScoreMatch(score, prepared.quality, qualifiers_, joined);
}

void QueryScreener::ScoreChosen() {
  const size_t end = std::min(to_score_.size(), next_ + kNamesScoredAPiece);
  for (; next_ < end; ++next_) {
    NameToScore& name = to_score_[next_];
    name.score = ScoreOnly(names_[name.query_name], NameAt(name).analyzed, *weights_,
                           SubjectOfMatch(*scored_[name.target].actors[name.body]));
  }
  if (next_ < to_score_.size()) return;
  TakeScores();
  Go(Phase::kAnswer);
}

void QueryScreener::TakeScores() {
  std::vector<double> highest(scored_.size(), 0);
  for (const NameToScore& name : to_score_) {
    highest[name.target] = std::max(highest[name.target], name.score);
  }
  const double needed = screening_.options().possible_threshold();
  for (const NameToScore& name : to_score_) {
    Scored& scored = scored_[name.target];
    if (name.score + kNearBest < highest[name.target]) continue;
    double score = name.score;
    if (!qualifiers_.identifiers.empty() || score + kMostQualifiersAdd >= needed) {
      NameScore of_name;
      of_name.score = score;
      score = Judge(scored, name.body, name.name, std::move(of_name)).score;
    }
    // Of equals the first of the record, for the first of the query.
    const auto place = std::tie(name.body, name.name, name.query_name);
    if (score > scored.score ||
        (score == scored.score && place < std::tie(scored.body, scored.name, scored.query_name))) {
      scored.score = score;
      scored.body = name.body;
      scored.name = name.name;
      scored.query_name = name.query_name;
    }
  }
  for (const Scored& scored : scored_) {
    if (scored.score >= needed) best_.push_back(&scored);
  }
  std::sort(best_.begin(), best_.end(), [](const Scored* a, const Scored* b) {
    return a->score != b->score ? a->score > b->score : a->place.name < b->place.name;
  });
}

// --- Answers -------------------------------------------------------------------------

absl::Status QueryScreener::AnswerNext() {
  while (next_ < best_.size() && taken_.contains(best_[next_]->place.name)) ++next_;
  if (next_ < best_.size() && result_.matches_size() < screening_.options().max_matches()) {
    return AddMatch(*best_[next_++]);
  }
  if (!result_.matches().empty()) result_.set_decision(result_.matches(0).decision());
  Go(Phase::kDone);
  return absl::OkStatus();
}

void QueryScreener::Explain(const Scored& scored, v1::ScreenMatch& match) const {
  const PreparedActor& actor = *scored.actors[scored.body];
  const PreparedName& name = actor.names[scored.name];
  NameScore score =
      ScoreNames(names_[scored.query_name], name.analyzed, *weights_, SubjectOfMatch(actor));
  for (const Alignment& alignment : score.alignments) {
    v1::TokenAlignment& added = *match.add_token_alignments();
    added.set_query_token(alignment.query_token);
    added.set_name_token(alignment.name_token);
    added.set_similarity(alignment.similarity);
    added.set_weight(alignment.weight);
    added.set_method(std::string(NameOf(alignment.method)));
  }
  MatchScore judged = Judge(scored, scored.body, scored.name, std::move(score));
  for (v1::ScoreFeature& feature : judged.features) *match.add_features() = std::move(feature);
  if (scored.body > 0) {
    v1::ScoreFeature& feature = *match.add_features();
    feature.set_feature("merged_name");
    feature.set_explanation(
        absl::StrCat("a name of ", scored.bodies[scored.body].name, ", which was merged into it"));
  }
  match.set_matched_name(name.text);
  match.set_matched_name_quality(name.quality);
  match.set_query_name(query_.names(static_cast<int>(scored.query_name)));
}

absl::StatusOr<std::vector<std::string>> QueryScreener::SameAs(const Scored& scored) {
  std::vector<std::string> same;
  if (!scored.actors.front()->has_judgements &&
      !IsJudged(merges_.NamesOf(scored.place.name), view_.revision())) {
    return same;
  }
  const auto entries = JudgedEntries(view_, merges_, scored.place.name);
  if (!entries.ok()) {
    // So many that the judgements are wrong: each stands by itself.
    if (base::ReasonOf(entries.status()) == v1::ERROR_REASON_SIZE_LIMIT) return same;
    return entries.status();
  }
  for (const Entry& entry : *entries) {
    if (entry.certain && entry.name != scored.place.name) same.push_back(entry.name);
  }
  return same;
}

absl::Status QueryScreener::AddMatch(const Scored& scored) {
  v1::ScreenMatch& match = *result_.add_matches();
  match.set_actor(scored.place.name);
  match.set_display_name(scored.actors.front()->display_name);
  match.set_score(scored.score);
  match.set_decision(Decide(scored.score, screening_.options().threshold(),
                            screening_.options().possible_threshold()));
  match.set_listed(scored.designations.listed);
  match.set_revision(scored.place.revision);
  for (const std::string& name : scored.designations.names) match.add_designations(name);
  Explain(scored, match);
  taken_.insert(scored.place.name);

  const auto same = SameAs(scored);
  if (!same.ok()) return same.status();
  for (const std::string& name : *same) {
    if (!taken_.insert(name).second) continue;
    v1::ScreenMember member;
    member.set_actor(name);
    if (const auto found = by_name_.find(name); found != by_name_.end()) {
      const Scored& other = scored_[found->second];
      member.set_display_name(other.actors.front()->display_name);
      member.set_score(other.score);
      for (const std::string& one : other.designations.names) member.add_designations(one);
    } else {
      const auto place = view_.FindPlace(name);
      if (!place.ok()) return place.status();
      if (!*place) continue;
      const auto designations = TargetOf(**place);
      if (!designations.ok()) return designations.status();
      if (designations->names.empty()) continue;
      const auto prepared = PrepareAll(view_, {**place}, screener_.actors_);
      if (!prepared.ok()) return prepared.status();
      member.set_display_name(prepared->front()->display_name);
      for (const std::string& one : designations->names) member.add_designations(one);
    }
    *match.add_members() = std::move(member);
  }
  std::sort(match.mutable_members()->begin(), match.mutable_members()->end(),
            [](const v1::ScreenMember& a, const v1::ScreenMember& b) {
              return a.score() != b.score() ? a.score() > b.score() : a.actor() < b.actor();
            });
  return absl::OkStatus();
}

}  // namespace communique::screening
