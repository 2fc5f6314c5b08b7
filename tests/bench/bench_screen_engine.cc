// Screens names against targets with the engine alone, in this process: the keys,
// the scores and the decisions of service/query and service/screening over an index in
// memory. What tests/bench/screening tunes and measures without a server.
//
//   bench_screen_engine --targets=FILE --answer < queries.jsonl
//
// Targets are lines {"name": ..., "actor": v1.Actor} and queries v1.ScreenQuery, in
// JSON; a line out is {"latency_us": ..., "cpu_us": ..., "result": v1.ScreenResult}, as of
// bench_screen, which asks a server.

#include <google/protobuf/util/json_util.h>
#include <time.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <iostream>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "communique/v1/record.pb.h"
#include "communique/v1/screening.pb.h"
#include "service/query/actor_names.h"
#include "service/query/name_analysis.h"
#include "service/query/name_keys.h"
#include "service/screening/match_score.h"
#include "service/screening/name_score.h"

ABSL_FLAG(std::string, targets, "", "Targets, JSON lines.");
ABSL_FLAG(bool, answer, false, "Answer each query of standard input; the only thing it does.");
ABSL_FLAG(int, matches, 20, "Matches of a query at most.");
ABSL_FLAG(int, max_candidates, 100, "Targets of a query that are scored.");
ABSL_FLAG(double, threshold, communique::screening::kMatchThreshold, "Least score of a MATCH.");
ABSL_FLAG(double, possible_threshold, communique::screening::kPossibleThreshold,
          "Least score that is answered.");
ABSL_FLAG(bool, explain, false, "Features and alignments too.");

namespace communique::screening {
namespace {

using Clock = std::chrono::steady_clock;

struct Target {
  std::string name;
  v1::Actor actor;
  std::vector<query::AnalyzedName> names;
  Qualifiers qualifiers;
};

class Engine : public TokenWeights {
 public:
  void Add(v1::Record record) {
    Target target;
    target.name = record.name();
    target.actor = std::move(*record.mutable_actor());
    target.qualifiers = QualifiersOf(target.actor, "");
    const uint32_t number = static_cast<uint32_t>(targets_.size());
    for (const v1::ActorName& name : target.actor.names()) {
      target.names.push_back(
          query::AnalyzeName(name.text(), {.language_code = name.language_code(),
                                           .subject = query::NameSubjectOf(target.actor.type())}));
      for (std::string& key : query::CandidateKeys(target.names.back())) {
        std::vector<uint32_t>& holders = postings_[std::move(key)];
        if (holders.empty() || holders.back() != number) holders.push_back(number);
      }
    }
    targets_.push_back(std::move(target));
    counts_.push_back(0);
  }

  double WeightOf(const query::NameToken& token) const override {
    const std::string key = query::TokenKey(token);
    if (const auto known = weights_.find(key); known != weights_.end()) return known->second;
    const auto found = postings_.find(key);
    const double weight =
        RarityWeight(found == postings_.end() ? 0 : found->second.size(), targets_.size());
    weights_.emplace(key, weight);
    return weight;
  }

  v1::ScreenResult Screen(const v1::ScreenQuery& query) {
    v1::ScreenResult result;
    result.set_query_id(query.query_id());
    const Qualifiers qualifiers = QualifiersOf(query);
    for (const std::string& text : query.names()) {
      const query::AnalyzedName name =
          query::AnalyzeName(text, {.subject = query::NameSubjectOf(query.type())});
      for (const auto& [number, names] : Chosen(name, Candidates(name))) {
        AddMatch(text, name, qualifiers, targets_[number], names, result);
      }
    }
    auto* matches = result.mutable_matches();
    std::stable_sort(
        matches->begin(), matches->end(), [](const v1::ScreenMatch& a, const v1::ScreenMatch& b) {
          return a.score() != b.score() ? a.score() > b.score() : a.actor() < b.actor();
        });
    const int most = absl::GetFlag(FLAGS_matches);
    if (matches->size() > most) matches->DeleteSubrange(most, matches->size() - most);
    result.set_decision(matches->empty() ? v1::SCREEN_DECISION_NO_MATCH
                                         : matches->at(0).decision());
    return result;
  }

  size_t size() const { return targets_.size(); }

 private:
  struct Candidate {
    uint32_t target;
    double overlap;  // 1 for the one that shares most
  };

  // Targets by the keys they share with the name, the rarer keys the better.
  std::vector<Candidate> Candidates(const query::AnalyzedName& name) {
    std::vector<uint32_t> touched;
    for (const std::string& key : query::CandidateKeys(name)) {
      const auto found = postings_.find(key);
      if (found == postings_.end()) continue;
      const float weight = static_cast<float>(std::log(
          static_cast<double>(targets_.size()) / static_cast<double>(found->second.size()) + 1));
      for (const uint32_t number : found->second) {
        if (counts_[number] == 0) touched.push_back(number);
        counts_[number] += weight;
      }
    }
    const size_t most = std::min<size_t>(touched.size(), absl::GetFlag(FLAGS_max_candidates));
    std::partial_sort(touched.begin(), touched.begin() + static_cast<std::ptrdiff_t>(most),
                      touched.end(), [&](uint32_t a, uint32_t b) {
                        return std::make_pair(-counts_[a], a) < std::make_pair(-counts_[b], b);
                      });
    std::vector<Candidate> candidates;
    for (size_t i = 0; i < most; ++i) {
      candidates.push_back({touched[i], counts_[touched[i]] / counts_[touched[0]]});
    }
    for (const uint32_t number : touched) counts_[number] = 0;
    return candidates;
  }

  // The names of the candidates that are worth a score, by target.
  absl::flat_hash_map<uint32_t, std::vector<int>> Chosen(const query::AnalyzedName& name,
                                                         const std::vector<Candidate>& candidates) {
    constexpr double kOfOverlap = 1;  // it knows which tokens are rare
    struct Choice {
      double likeness;
      uint32_t target;
      int name;
    };
    const auto before = [](const Choice& a, const Choice& b) {
      return std::make_tuple(-a.likeness, a.target, a.name) <
             std::make_tuple(-b.likeness, b.target, b.name);
    };
    std::vector<Choice> all;
    std::vector<Choice> of_target;
    for (const auto& [number, overlap] : candidates) {
      of_target.clear();
      const std::vector<query::AnalyzedName>& names = targets_[number].names;
      for (size_t i = 0; i < names.size(); ++i) {
        const double likeness = QuickLikeness(name, names[i]);
        if (likeness > 0) {
          of_target.push_back({likeness + kOfOverlap * overlap, number, static_cast<int>(i)});
        }
      }
      std::sort(of_target.begin(), of_target.end(), before);
      if (of_target.size() > kMaxScoredNamesOfTarget) of_target.resize(kMaxScoredNamesOfTarget);
      all.insert(all.end(), of_target.begin(), of_target.end());
    }
    std::sort(all.begin(), all.end(), before);
    if (all.size() > kMaxScoredNames) all.resize(kMaxScoredNames);
    absl::flat_hash_map<uint32_t, std::vector<int>> chosen;
    for (const Choice& choice : all) chosen[choice.target].push_back(choice.name);
    return chosen;
  }

  void AddMatch(const std::string& text, const query::AnalyzedName& name,
                const Qualifiers& qualifiers, const Target& target, const std::vector<int>& names,
                v1::ScreenResult& result) {
    const query::NameSubject subject = query::NameSubjectOf(target.actor.type());
    int best = -1;
    double best_score = 0;
    for (const int i : names) {
      const double score = ScoreOnly(name, target.names[static_cast<size_t>(i)], *this, subject);
      if (score <= best_score) continue;
      best = i;
      best_score = score;
    }
    if (best < 0 || best_score < kLeastWorthy) return;
    const MatchScore score = ScoreMatch({.score = best_score}, target.actor.names(best).quality(),
                                        qualifiers, target.qualifiers);
    const v1::ScreenDecision decision = Decide(score.score, absl::GetFlag(FLAGS_threshold),
                                               absl::GetFlag(FLAGS_possible_threshold));
    if (decision == v1::SCREEN_DECISION_NO_MATCH) return;
    v1::ScreenMatch& match = *result.add_matches();
    match.set_actor(target.name);
    match.set_score(score.score);
    match.set_matched_name(target.actor.names(best).text());
    match.set_query_name(text);
    match.set_decision(decision);
    if (!absl::GetFlag(FLAGS_explain)) return;
    for (const v1::ScoreFeature& feature : score.features) *match.add_features() = feature;
    const NameScore of_name =
        ScoreNames(name, target.names[static_cast<size_t>(best)], *this, subject);
    for (const Alignment& alignment : of_name.alignments) {
      v1::TokenAlignment& added = *match.add_token_alignments();
      added.set_query_token(alignment.query_token);
      added.set_name_token(alignment.name_token);
      added.set_similarity(alignment.similarity);
      added.set_weight(alignment.weight);
      added.set_method(std::string(NameOf(alignment.method)));
    }
  }

  // Below it no qualifier brings a name to an answer, but an identifier.
  static constexpr double kLeastWorthy = 0.5;

  std::vector<Target> targets_;
  absl::flat_hash_map<std::string, std::vector<uint32_t>> postings_;
  mutable absl::flat_hash_map<std::string, double> weights_;
  std::vector<float> counts_;
};

template <typename Message, typename Handle>
bool ForEachLine(std::istream& lines, const Handle& handle) {
  for (std::string line; std::getline(lines, line);) {
    Message message;
    if (const auto parsed = google::protobuf::util::JsonStringToMessage(line, &message);
        !parsed.ok()) {
      std::cerr << "bench_screen_engine: " << parsed.ToString() << ": " << line << "\n";
      return false;
    }
    handle(std::move(message));
  }
  return true;
}

// Processor time of this thread: what a query costs on a machine that does other things.
int64_t ThreadMicros() {
  timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return now.tv_sec * 1'000'000 + now.tv_nsec / 1000;
}

int Run() {
  Engine engine;
  std::ifstream targets(absl::GetFlag(FLAGS_targets));
  if (!targets || !ForEachLine<v1::Record>(
                      targets, [&](v1::Record record) { engine.Add(std::move(record)); })) {
    std::cerr << "bench_screen_engine: no targets in \"" << absl::GetFlag(FLAGS_targets) << "\"\n";
    return 2;
  }
  const bool read = ForEachLine<v1::ScreenQuery>(std::cin, [&](const v1::ScreenQuery& query) {
    const Clock::time_point asked = Clock::now();
    const int64_t cpu_before = ThreadMicros();
    const v1::ScreenResult result = engine.Screen(query);
    const int64_t cpu = ThreadMicros() - cpu_before;
    const auto took = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - asked);
    std::string json;
    (void)google::protobuf::util::MessageToJsonString(result, &json);
    std::cout << "{\"latency_us\": " << took.count() << ", \"cpu_us\": " << cpu
              << ", \"result\": " << json << "}\n";
  });
  return read ? 0 : 2;
}

}  // namespace
}  // namespace communique::screening

int main(int argc, char** argv) {
  absl::ParseCommandLine(argc, argv);
  return communique::screening::Run();
}
