#include "service/screening/query_screener.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <limits>
#include <memory>
#include <tuple>

#include "absl/container/flat_hash_map.h"
#include "service/base/error.h"
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
// Actors that one identifier may find.
constexpr size_t kMaxOfIdentifier = 20;
// More than qualifiers can add to a name's score, an identifier apart
// (match_score.cc).
constexpr double kMostQualifiersAdd = 0.4;
// Names this far below the actor's best are not the one that matches, whatever
// their quality and births.
constexpr double kNearBest = 0.15;

// What a name of a target shares with one of the query: both are sorted. A sum's
// order must not depend on how terms are hashed, so it is of whole numbers.
double Overlap(const std::vector<std::pair<uint64_t, double>>& asked,
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
  query::FieldPath path;
  const google::protobuf::Descriptor* type = v1::Record::descriptor();
  for (const char* step : {"actor", "identity_judgements", "other", "target"}) {
    path.push_back(type->FindFieldByName(step));
    type = path.back()->message_type();
  }
  return hasher.Equals(hasher.PathOf(path), name);
}

}  // namespace

QueryScreener::QueryScreener(const Screener& screener, const Screening& screening,
                             const v1::ScreenQuery& query, ScreeningThread& thread)
    : screener_(screener),
      screening_(screening),
      view_(screening.view()),
      query_(query),
      thread_(thread),
      finder_(view_, screening.filter_, screener.designations_),
      qualifiers_(QualifiersOf(query)) {
  thread_.weights_.SetRevision(view_.index(), view_.revision());
  const query::NameContext context{{}, query::NameSubjectOf(query.type())};
  const query::TermHasher& hasher = view_.index().hasher();
  for (const std::string& name : query.names()) {
    names_.push_back(query::AnalyzeName(name, context));
    std::vector<query::WeightedTerm>& terms = terms_.emplace_back();
    CountedTerms& counted = counted_.emplace_back();
    for (const std::string& key : query::CandidateKeys(names_.back())) {
      const uint64_t term = hasher.NameKey(key);
      const double weight = WeightOfKey(key);
      terms.push_back({term, weight});
      counted.emplace_back(term, weight * thread_.weights_.RarityOfKey(key));
    }
    std::sort(counted.begin(), counted.end());
  }
  for (const v1::ScreenIdentifier& identifier : query.identifiers()) {
    const std::string folded = query::FoldIdentifier(identifier.value());
    for (VersionPlace& place :
         view_.index().FindWith(hasher.IdentifierKey(folded), view_.revision(), kMaxOfIdentifier)) {
      bearers_.insert(std::move(place.name));
    }
  }
}

absl::StatusOr<v1::ScreenResult> QueryScreener::Run() {
  v1::ScreenResult result;
  result.set_query_id(query_.query_id());
  *result.mutable_query() = query_;
  result.set_decision(v1::SCREEN_DECISION_NO_MATCH);
  if (!screening_.filter_.date) return result;  // before the first commit
  if (absl::Status status = ScoreTargets(); !status.ok()) return status;
  std::vector<const Scored*> best;
  for (const Scored& scored : scored_) {
    if (scored.score >= screening_.options().possible_threshold()) best.push_back(&scored);
  }
  std::sort(best.begin(), best.end(), [](const Scored* a, const Scored* b) {
    return a->score != b->score ? a->score > b->score : a->place.name < b->place.name;
  });
  absl::flat_hash_set<std::string> taken;
  for (const Scored* scored : best) {
    if (result.matches_size() == screening_.options().max_matches()) break;
    if (taken.contains(scored->place.name)) continue;
    if (absl::Status status = AddMatch(*scored, taken, result); !status.ok()) return status;
  }
  if (!result.matches().empty()) result.set_decision(result.matches(0).decision());
  return result;
}

// --- Candidates ----------------------------------------------------------------------

std::vector<VersionPlace> QueryScreener::FindCandidates(size_t limit) const {
  const query::CandidateIndex& index = view_.index();
  std::vector<query::TermMatch> found;
  for (const std::vector<query::WeightedTerm>& terms : terms_) {
    std::vector<query::TermMatch> of_name = index.FindBest(terms, view_.revision(), limit);
    std::move(of_name.begin(), of_name.end(), std::back_inserter(found));
  }
  std::sort(found.begin(), found.end(), [](const query::TermMatch& a, const query::TermMatch& b) {
    return a.overlap != b.overlap ? a.overlap > b.overlap : a.place.name < b.place.name;
  });
  std::vector<VersionPlace> places;
  for (const v1::ScreenIdentifier& identifier : query_.identifiers()) {
    const std::string folded = query::FoldIdentifier(identifier.value());
    for (VersionPlace& place :
         index.FindWith(index.hasher().IdentifierKey(folded), view_.revision(), kMaxOfIdentifier)) {
      places.push_back(std::move(place));
    }
  }
  for (query::TermMatch& match : found) places.push_back(std::move(match.place));
  // A name has one version that is alive. The first of it stays.
  absl::flat_hash_set<absl::string_view> seen;
  std::vector<VersionPlace> once;
  for (const VersionPlace& place : places) {
    if (once.size() == limit) break;
    if (seen.insert(place.name).second) once.push_back(place);
  }
  return once;
}

absl::StatusOr<ActorDesignations> QueryScreener::TargetOf(const std::string& name,
                                                          int64_t revision) {
  ActorDesignations none;
  if (screening_.excluded_.contains(name)) return none;
  const auto names = screener_.merged_.NamesOf(view_, name);
  if (!names.ok()) return names.status();
  auto designations = finder_.Find(*names);
  if (!designations.ok()) return designations.status();
  const int64_t since = screening_.options().changed_since_revision();
  if (std::max(revision, designations->newest_revision) <= since) return none;
  return designations;
}

absl::Status QueryScreener::FindTargets() {
  for (const size_t limit : {kFirstCandidates, kMaxCandidates}) {
    const std::vector<VersionPlace> candidates = FindCandidates(limit);
    for (const VersionPlace& candidate : candidates) {
      if (scored_.size() == kMaxTargets) break;
      if (by_name_.contains(candidate.name) ||
          domain::KindOfName(candidate.name) != v1::RECORD_KIND_ACTOR) {
        continue;
      }
      auto designations = TargetOf(candidate.name, candidate.revision);
      if (!designations.ok()) return designations.status();
      if (designations->names.empty()) continue;
      by_name_.emplace(candidate.name, scored_.size());
      Scored& scored = scored_.emplace_back();
      scored.place = candidate;
      scored.designations = *std::move(designations);
    }
    screener_.counters_.candidates.fetch_add(static_cast<int64_t>(candidates.size()),
                                             std::memory_order_relaxed);
    if (scored_.size() == kMaxTargets || candidates.size() < limit) break;
  }
  return Prepare();
}

absl::Status QueryScreener::Prepare() {
  std::vector<size_t> missing;
  std::vector<VersionPlace> places;
  for (size_t i = 0; i < scored_.size(); ++i) {
    scored_[i].actor = screener_.actors_.Find(scored_[i].place);
    if (scored_[i].actor != nullptr) continue;
    missing.push_back(i);
    places.push_back(scored_[i].place);
  }
  if (missing.empty()) return absl::OkStatus();
  absl::Status parsed;
  v1::Record record;  // reused: its fields keep their memory
  const absl::Status read =
      view_.ReadVersions(places, [&](size_t i, const store::FoundRecord& found) {
        parsed = found.ParseInto(record);
        if (!parsed.ok()) return false;
        auto prepared = std::make_shared<const PreparedActor>(
            PrepareActor(record.actor(), view_.index().hasher()));
        scored_[missing[i]].actor = prepared;
        screener_.actors_.Insert(places[i], std::move(prepared));
        return true;
      });
  return parsed.ok() ? read : parsed;
}

// --- Scores --------------------------------------------------------------------------

query::NameSubject QueryScreener::SubjectOfMatch(const PreparedActor& actor) const {
  return SubjectOf(actor.type != v1::ACTOR_TYPE_UNSPECIFIED ? actor.type : query_.type());
}

// Keys know which tokens are rare, consonants how much of the name is there: either
// alone leaves out names that the score would put first.
std::vector<QueryScreener::NameToScore> QueryScreener::NamesToScore() const {
  std::vector<NameToScore> names;
  double most_shared = 1;
  for (size_t t = 0; t < scored_.size(); ++t) {
    const std::vector<PreparedName>& of_target = scored_[t].actor->names;
    for (size_t n = 0; n < of_target.size(); ++n) {
      for (size_t q = 0; q < names_.size(); ++q) {
        const double overlap = Overlap(counted_[q], of_target[n].keys);
        most_shared = std::max(most_shared, overlap);
        if (overlap > 0 || bearers_.contains(scored_[t].place.name)) {
          names.push_back({overlap, t, n, q});
        }
      }
    }
  }
  for (NameToScore& name : names) {
    const PreparedName& prepared = scored_[name.target].actor->names[name.name];
    name.promise = bearers_.contains(scored_[name.target].place.name)
                       ? std::numeric_limits<double>::max()
                       : name.promise / most_shared +
                             QuickLikeness(names_[name.query_name], prepared.analyzed);
  }
  const auto better = [](const NameToScore& a, const NameToScore& b) {
    return std::tie(b.promise, a.target, a.name, a.query_name) <
           std::tie(a.promise, b.target, b.name, b.query_name);
  };
  std::sort(names.begin(), names.end(), better);
  // A target has a few names, and each name of the query its share of all.
  absl::flat_hash_map<std::pair<size_t, size_t>, size_t> of_pair;
  const size_t most = kMaxScoredNames + kScoredOfEachName * (names_.size() - 1);
  std::vector<NameToScore> chosen;
  for (const NameToScore& name : names) {
    if (chosen.size() == most) break;
    if (++of_pair[{name.target, name.query_name}] <= kMaxScoredNamesOfTarget) {
      chosen.push_back(name);
    }
  }
  return chosen;
}

MatchScore QueryScreener::Judge(const Scored& scored, size_t name, NameScore score) const {
  const PreparedName& prepared = scored.actor->names[name];
  return ScoreMatch(score, prepared.quality, qualifiers_,
                    scored.actor->qualifiers[prepared.qualifiers]);
}

absl::Status QueryScreener::ScoreTargets() {
  if (absl::Status status = FindTargets(); !status.ok()) return status;
  screener_.counters_.scored.fetch_add(static_cast<int64_t>(scored_.size()),
                                       std::memory_order_relaxed);
  std::vector<NameToScore> names = NamesToScore();
  std::vector<double> scores(names.size());
  std::vector<double> highest(scored_.size(), 0);
  for (size_t i = 0; i < names.size(); ++i) {
    const PreparedActor& actor = *scored_[names[i].target].actor;
    scores[i] = ScoreOnly(names_[names[i].query_name], actor.names[names[i].name].analyzed,
                          thread_.weights_, SubjectOfMatch(actor));
    highest[names[i].target] = std::max(highest[names[i].target], scores[i]);
  }
  const double needed = screening_.options().possible_threshold();
  for (size_t i = 0; i < names.size(); ++i) {
    Scored& scored = scored_[names[i].target];
    if (scores[i] + kNearBest < highest[names[i].target]) continue;
    double score = scores[i];
    if (!qualifiers_.identifiers.empty() || score + kMostQualifiersAdd >= needed) {
      NameScore of_name;
      of_name.score = score;
      score = Judge(scored, names[i].name, std::move(of_name)).score;
    }
    // Of equals the first of the record, for the first of the query.
    const auto place = std::make_pair(names[i].name, names[i].query_name);
    if (score > scored.score ||
        (score == scored.score && place < std::make_pair(scored.name, scored.query_name))) {
      scored.score = score;
      scored.name = names[i].name;
      scored.query_name = names[i].query_name;
    }
  }
  return absl::OkStatus();
}

// --- Answers -------------------------------------------------------------------------

void QueryScreener::Explain(const Scored& scored, v1::ScreenMatch& match) const {
  const PreparedName& name = scored.actor->names[scored.name];
  const query::NameSubject subject = SubjectOf(
      scored.actor->type != v1::ACTOR_TYPE_UNSPECIFIED ? scored.actor->type : query_.type());
  NameScore score = ScoreNames(names_[scored.query_name], name.analyzed, thread_.weights_, subject);
  for (const Alignment& alignment : score.alignments) {
    v1::TokenAlignment& added = *match.add_token_alignments();
    added.set_query_token(alignment.query_token);
    added.set_name_token(alignment.name_token);
    added.set_similarity(alignment.similarity);
    added.set_weight(alignment.weight);
    added.set_method(std::string(NameOf(alignment.method)));
  }
  for (v1::ScoreFeature& feature : Judge(scored, scored.name, std::move(score)).features) {
    *match.add_features() = std::move(feature);
  }
  match.set_matched_name(name.text);
  match.set_matched_name_quality(name.quality);
  match.set_query_name(query_.names(static_cast<int>(scored.query_name)));
}

absl::StatusOr<std::vector<std::string>> QueryScreener::SameAs(const Scored& scored) {
  std::vector<std::string> same;
  const auto names = screener_.merged_.NamesOf(view_, scored.place.name);
  if (!names.ok()) return names.status();
  bool judged = scored.actor->has_judgements;
  for (const std::string& name : *names) {
    judged = judged || !view_.index()
                            .FindWith(JudgedTerm(view_.index().hasher(), name), view_.revision(), 1)
                            .empty();
  }
  if (!judged) return same;
  const auto entries = JudgedEntries(view_, screener_.merged_, scored.place.name);
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

absl::Status QueryScreener::AddMatch(const Scored& scored, absl::flat_hash_set<std::string>& taken,
                                     v1::ScreenResult& result) {
  v1::ScreenMatch& match = *result.add_matches();
  match.set_actor(scored.place.name);
  match.set_display_name(scored.actor->display_name);
  match.set_score(scored.score);
  match.set_decision(Decide(scored.score, screening_.options().threshold(),
                            screening_.options().possible_threshold()));
  match.set_listed(scored.designations.listed);
  match.set_revision(scored.place.revision);
  for (const std::string& name : scored.designations.names) match.add_designations(name);
  Explain(scored, match);
  taken.insert(scored.place.name);

  const auto same = SameAs(scored);
  if (!same.ok()) return same.status();
  for (const std::string& name : *same) {
    if (!taken.insert(name).second) continue;
    v1::ScreenMember member;
    member.set_actor(name);
    if (const auto found = by_name_.find(name); found != by_name_.end()) {
      const Scored& other = scored_[found->second];
      member.set_display_name(other.actor->display_name);
      member.set_score(other.score);
      for (const std::string& one : other.designations.names) member.add_designations(one);
    } else {
      const auto record = view_.FindLive(name);
      if (!record.ok()) return record.status();
      if (!*record) continue;
      const auto parsed = (*record)->Parse();
      if (!parsed.ok()) return parsed.status();
      const auto designations = TargetOf(name, parsed->revision());
      if (!designations.ok()) return designations.status();
      if (designations->names.empty()) continue;
      member.set_display_name(parsed->actor().display_name());
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
