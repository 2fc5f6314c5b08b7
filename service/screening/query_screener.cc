#include "service/screening/query_screener.h"

#include <algorithm>
#include <memory>

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

// Actors that one identifier may find.
constexpr size_t kMaxOfIdentifier = 20;
// More than qualifiers can add to a name's score, an identifier apart
// (match_score.cc).
constexpr double kMostQualifiersAdd = 0.4;
// Names this far below the actor's best are not the one that matches, whatever
// their quality and births.
constexpr double kNearBest = 0.15;

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
  for (const std::string& name : query.names()) {
    names_.push_back(query::AnalyzeName(name, context));
  }
}

absl::StatusOr<v1::ScreenResult> QueryScreener::Run() {
  v1::ScreenResult result;
  result.set_query_id(query_.query_id());
  *result.mutable_query() = query_;
  result.set_decision(v1::SCREEN_DECISION_NO_MATCH);
  if (!screening_.filter_.date) return result;  // before the first commit
  if (absl::Status status = ScoreCandidates(); !status.ok()) return status;
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

std::vector<VersionPlace> QueryScreener::FindCandidates() const {
  const query::CandidateIndex& index = view_.index();
  std::vector<query::TermMatch> found;
  for (const query::AnalyzedName& name : names_) {
    std::vector<query::WeightedTerm> terms;
    for (const std::string& key : query::CandidateKeys(name)) {
      terms.push_back({index.hasher().NameKey(key), WeightOfKey(key)});
    }
    const std::vector<query::TermMatch> of_name =
        index.FindBest(terms, view_.revision(), kMaxCandidates);
    found.insert(found.end(), of_name.begin(), of_name.end());
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
    if (once.size() == kMaxCandidates) break;
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

absl::Status QueryScreener::ScoreCandidates() {
  const std::vector<VersionPlace> candidates = FindCandidates();
  screener_.counters_.candidates.fetch_add(static_cast<int64_t>(candidates.size()),
                                           std::memory_order_relaxed);
  std::vector<VersionPlace> places;
  for (const VersionPlace& candidate : candidates) {
    if (places.size() == kMaxScored) break;
    if (domain::KindOfName(candidate.name) != v1::RECORD_KIND_ACTOR) continue;
    auto designations = TargetOf(candidate.name, candidate.revision);
    if (!designations.ok()) return designations.status();
    if (designations->names.empty()) continue;
    places.push_back(candidate);
    scored_.push_back({candidate, nullptr, *std::move(designations)});
  }
  if (absl::Status status = Prepare(places); !status.ok()) return status;
  for (size_t i = 0; i < scored_.size(); ++i) {
    auto actor = Prepared(scored_[i].place);
    if (!actor.ok()) return actor.status();
    scored_[i].actor = *std::move(actor);
    Score(scored_[i]);
    by_name_.emplace(scored_[i].place.name, i);
  }
  screener_.counters_.scored.fetch_add(static_cast<int64_t>(scored_.size()),
                                       std::memory_order_relaxed);
  return absl::OkStatus();
}

absl::Status QueryScreener::Prepare(const std::vector<VersionPlace>& places) const {
  std::vector<VersionPlace> missing;
  for (const VersionPlace& place : places) {
    if (!screener_.actors_.Holds(place)) missing.push_back(place);
  }
  if (missing.empty()) return absl::OkStatus();
  absl::Status parsed;
  v1::Record record;  // reused: its fields keep their memory
  const absl::Status read =
      view_.ReadVersions(missing, [&](size_t i, const store::FoundRecord& found) {
        parsed = found.ParseInto(record);
        if (!parsed.ok()) return false;
        screener_.actors_.Insert(
            missing[i], std::make_shared<const PreparedActor>(PrepareActor(record.actor())));
        return true;
      });
  return parsed.ok() ? read : parsed;
}

absl::StatusOr<QueryScreener::ActorPtr> QueryScreener::Prepared(const VersionPlace& place) const {
  if (ActorPtr held = screener_.actors_.Find(place)) return held;
  // It made room for others already.
  const auto found = view_.ReadVersion(place.name, place.revision, place.ordinal);
  if (!found.ok()) return found.status();
  const auto record = found->Parse();
  if (!record.ok()) return record.status();
  return std::make_shared<const PreparedActor>(PrepareActor(record->actor()));
}

// --- Scores --------------------------------------------------------------------------

MatchScore QueryScreener::Judge(const Scored& scored, size_t name, NameScore score) const {
  const PreparedName& prepared = scored.actor->names[name];
  return ScoreMatch(score, prepared.quality, qualifiers_,
                    scored.actor->qualifiers[prepared.qualifiers]);
}

void QueryScreener::Score(Scored& scored) const {
  const query::NameSubject subject = SubjectOf(
      scored.actor->type != v1::ACTOR_TYPE_UNSPECIFIED ? scored.actor->type : query_.type());
  const std::vector<PreparedName>& names = scored.actor->names;
  struct Best {
    double score = 0;
    size_t query_name = 0;
  };
  std::vector<Best> best(names.size());
  double highest = 0;
  for (size_t n = 0; n < names.size(); ++n) {
    for (size_t q = 0; q < names_.size(); ++q) {
      const double score = ScoreOnly(names_[q], names[n].analyzed, thread_.weights_, subject);
      if (score > best[n].score) best[n] = {score, q};
    }
    highest = std::max(highest, best[n].score);
  }
  const double needed = screening_.options().possible_threshold();
  if (qualifiers_.identifiers.empty() && highest + kMostQualifiersAdd < needed) {
    scored.score = highest;
    return;
  }
  for (size_t n = 0; n < names.size(); ++n) {
    if (best[n].score + kNearBest < highest) continue;
    NameScore of_name;
    of_name.score = best[n].score;
    const double score = Judge(scored, n, std::move(of_name)).score;
    if (score > scored.score) {
      scored.score = score;
      scored.query_name = best[n].query_name;
      scored.name = n;
    }
  }
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
