#include "service/screening/name_score.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "absl/numeric/bits.h"
#include "absl/strings/str_cat.h"
#include "service/screening/token_likeness.h"

namespace communique::screening {
namespace {

using query::NameReading;
using query::NameSubject;
using query::NameToken;

// ---- What tokens weigh, times their rarity.

constexpr double kParticleShare = 0.1;
constexpr double kHonorificShare = 0.12;
constexpr double kLegalFormShare = 0.2;
constexpr double kGenericShare = 0.55;
constexpr double kInitialShare = 0.4;
constexpr double kPatronymicShare = 0.7;
constexpr double kNumberWeight = 0.9;

// ---- What is left over.

// Of the query: it says something that the record does not.
constexpr double kQueryLeftOver = 0.5;
// Of the record, which gives names in full where people do not; for what is no
// person a word more is more often another.
constexpr double kTargetLeftOver = 0.25;
constexpr double kTargetLeftOverOfOrganisation = 0.6;
// On top, of what both have left over: names that differ, and not only in length.
constexpr double kConflict = 0.7;
// What one token alone can prove where others are left over.
constexpr double kMostOfOneToken = 0.74;
// The most tokens that are compared as one.
constexpr size_t kMaxJoined = 4;
// How alike joined tokens have to be, and what they lose.
constexpr double kLeastJoinedLikeness = 0.82;
constexpr double kJoinedShare = 0.985;
// The most alignments that are weighed against each other; real names have a dozen,
// names made to be costly are taken best first.
constexpr size_t kMaxEdges = 400;
constexpr size_t kMaxSearchedEdges = 64;
constexpr int kMaxSearchSteps = 500;
// What an acronym is like the words it stands for.
constexpr double kAcronymLikeness = 0.85;

// What similarity counts for: nothing at kAgreesFrom and below, from there on the whole.
constexpr double kAgreesFrom = 0.55;
double Agreement(double similarity) {
  return std::max(0.0, (similarity - kAgreesFrom) / (1 - kAgreesFrom));
}

double WeightOf(const NameToken& token, const TokenWeights& weights) {
  if (token.Is(query::kNameNumber)) return kNumberWeight;
  const double rarity = weights.WeightOf(token);
  if (token.Is(query::kNameParticle)) return rarity * kParticleShare;
  if (token.Is(query::kNameHonorific)) return rarity * kHonorificShare;
  if (token.Is(query::kNameLegalForm)) return rarity * kLegalFormShare;
  if (token.Is(query::kNameInitial)) return rarity * kInitialShare;
  if (token.Is(query::kNameGeneric)) return rarity * kGenericShare;
  if (token.Is(query::kNamePatronymic)) return rarity * kPatronymicShare;
  return rarity;
}

// Whether a token can stand for a name on its own.
bool Tells(const NameToken& token) {
  return (token.flags & (query::kNameParticle | query::kNameHonorific | query::kNameLegalForm |
                         query::kNameInitial)) == 0;
}

// Of one reading of each.
double QuickLikenessOf(const std::vector<NameToken>& query, const std::vector<NameToken>& target) {
  constexpr double kComparable = 0.5;
  constexpr double kOfGeneric = 0.5;
  constexpr double kOfExtra = 0.08;  // for each token of the target that has no use
  double had = 0;
  double all = 0;
  size_t telling = 0;
  for (const NameToken& token : query) {
    if (!Tells(token)) continue;
    ++telling;
    double best = 0;
    for (const NameToken& other : target) {
      if (token.skeleton_code == other.skeleton_code ||
          (token.variant_code != 0 && token.variant_code == other.variant_code)) {
        best = 1;
        break;
      }
      const int most = std::max(absl::popcount(token.classes), absl::popcount(other.classes));
      if (2 * absl::popcount(token.classes & other.classes) >= most) best = kComparable;
    }
    const double weight = token.Is(query::kNameGeneric) ? kOfGeneric : 1;
    had += best * weight;
    all += weight;
  }
  if (telling == 0) return kComparable;
  const size_t extra = target.size() > query.size() ? target.size() - query.size() : 0;
  return had / (all * (1 + kOfExtra * static_cast<double>(extra)));
}

// Tokens [query, query + query_size) aligned with [target, target + target_size).
struct Edge {
  uint8_t query;
  uint8_t query_size;
  uint8_t target;
  uint8_t target_size;
  AlignmentMethod method;
  double similarity;
  double weight;
  double gain;
};

// Aligned tokens, one bit each.
static_assert(query::kMaxNameTokens <= 64);
uint64_t Bits(size_t at, size_t size) { return ((uint64_t{1} << size) - 1) << at; }

// Aligns one reading with another.
class Aligner {
 public:
  Aligner(const NameReading& query, const NameReading& target, const TokenWeights& weights,
          NameSubject subject)
      : query_(query.tokens),
        target_(target.tokens),
        weights_(weights),
        of_target_(subject == NameSubject::kOrganization || subject == NameSubject::kVessel
                       ? kTargetLeftOverOfOrganisation
                       : kTargetLeftOver) {}

  double Score() {
    FindEdges();
    // Most candidates share a token that tells nothing, and end here: before weights
    // are looked up.
    if (!AnyTelling()) return 0;
    WeighAll();
    Choose();
    return Judge();
  }

  std::vector<Alignment> Alignments() {
    if (query_weights_.empty()) WeighAll();
    std::vector<Alignment> alignments;
    for (size_t i = 0; i < query_.size(); ++i) {
      if ((query_taken_ & Bits(i, 1)) == 0) {
        alignments.push_back(
            {query_[i].text, "", 0, query_weights_[i], AlignmentMethod::kLeftOver});
        continue;
      }
      for (const Edge& edge : chosen_) {
        if (edge.query != i) continue;
        alignments.push_back({Text(query_, edge.query, edge.query_size),
                              Text(target_, edge.target, edge.target_size), edge.similarity,
                              edge.weight, edge.method});
      }
    }
    for (size_t j = 0; j < target_.size(); ++j) {
      if ((target_taken_ & Bits(j, 1)) != 0) continue;
      alignments.push_back(
          {"", target_[j].text, 0, target_weights_[j], AlignmentMethod::kLeftOver});
    }
    return alignments;
  }

 private:
  using Tokens = std::vector<NameToken>;
  using Weights = absl::InlinedVector<double, 8>;
  using Edges = absl::InlinedVector<Edge, 16>;

  static void Weigh(const Tokens& tokens, const TokenWeights& weights, Weights& to) {
    to.reserve(tokens.size());
    for (const NameToken& token : tokens) to.push_back(WeightOf(token, weights));
  }

  static std::string Text(const Tokens& tokens, size_t at, size_t size) {
    std::string text;
    for (size_t i = at; i < at + size; ++i) {
      absl::StrAppend(&text, text.empty() ? "" : " ", tokens[i].text);
    }
    return text;
  }

  static double Sum(const Weights& weights, size_t at, size_t size) {
    double sum = 0;
    for (size_t i = at; i < at + size; ++i) sum += weights[i];
    return sum;
  }

  void AddEdge(size_t query, size_t query_size, size_t target, size_t target_size,
               Likeness likeness) {
    if (edges_.size() >= kMaxEdges) return;
    edges_.push_back({static_cast<uint8_t>(query), static_cast<uint8_t>(query_size),
                      static_cast<uint8_t>(target), static_cast<uint8_t>(target_size),
                      likeness.method, likeness.similarity, 0, 0});
  }

  // Whether a token that can stand for a name is aligned, or the names have none.
  bool AnyTelling() const {
    if (edges_.empty()) return false;
    for (const Edge& edge : edges_) {
      if (edge.query_size > 1 || edge.target_size > 1 || Tells(query_[edge.query])) return true;
    }
    return Telling(query_) == 0 || Telling(target_) == 0;
  }

  void WeighAll() {
    Weigh(query_, weights_, query_weights_);
    Weigh(target_, weights_, target_weights_);
    for (Edge& edge : edges_) {
      edge.weight = (Sum(query_weights_, edge.query, edge.query_size) +
                     Sum(target_weights_, edge.target, edge.target_size)) /
                    2;
      edge.gain = Agreement(edge.similarity) * edge.weight;
    }
  }

  void FindEdges() {
    for (size_t i = 0; i < query_.size(); ++i) {
      for (size_t j = 0; j < target_.size(); ++j) {
        const Likeness likeness = CompareTokens(query_[i], target_[j]);
        if (likeness.similarity > 0) AddEdge(i, 1, j, 1, likeness);
      }
    }
    for (size_t j = 0; j < target_.size(); ++j) {
      FindJoined(query_, target_[j], [&](size_t at, size_t size, Likeness likeness) {
        AddEdge(at, size, j, 1, likeness);
      });
    }
    for (size_t i = 0; i < query_.size(); ++i) {
      FindJoined(target_, query_[i], [&](size_t at, size_t size, Likeness likeness) {
        AddEdge(i, 1, at, size, likeness);
      });
    }
  }

  // Runs of two or more tokens that, written as one, are like `whole`, or of which
  // it is the acronym.
  template <typename Found>
  static void FindJoined(const Tokens& parts, const NameToken& whole, const Found& found) {
    constexpr uint16_t kAlone =
        query::kNameNumber | query::kNameInitial | query::kNameParticle | query::kNameHan;
    if ((whole.flags & kAlone) != 0) return;
    for (size_t at = 0; at + 1 < parts.size(); ++at) {
      const NameToken& first = parts[at];
      if (first.text[0] != whole.text[0] && first.skeleton[0] != whole.skeleton[0]) continue;
      FindJoinedAt(parts, at, whole, found);
    }
  }

  template <typename Found>
  static void FindJoinedAt(const Tokens& parts, size_t at, const NameToken& whole,
                           const Found& found) {
    constexpr size_t kSlack = 2;  // letters, or consonants
    const NameToken& first = parts[at];
    const bool vowelless = first.Is(query::kNameVowelless) != whole.Is(query::kNameVowelless);
    const auto size_of = [vowelless](const NameToken& token) {
      return vowelless ? token.skeleton.size() : token.text.size();
    };
    const size_t wanted = size_of(whole);
    const bool acronym_may = whole.text.size() <= kMaxJoined && first.text[0] == whole.text[0];
    if (!acronym_may && size_of(first) > wanted + kSlack) return;
    bool acronym = acronym_may;
    size_t letters = size_of(first);
    std::string sound = first.sound;
    for (size_t size = 2; size <= kMaxJoined && at + size <= parts.size(); ++size) {
      const NameToken& part = parts[at + size - 1];
      acronym = acronym && size <= whole.text.size() && part.text[0] == whole.text[size - 1];
      if (acronym && size == whole.text.size()) {
        found(at, size, Likeness{kAcronymLikeness, AlignmentMethod::kInitial});
      }
      letters += size_of(part);
      if (!acronym && letters > wanted + kSlack) return;
      // A letter on both sides of the seam is one.
      sound.append(part.sound, !sound.empty() && sound.back() == part.sound[0] ? 1 : 0);
      if (letters + kSlack < wanted || letters > wanted + kSlack) continue;
      const double likeness = SoundLikeness(sound, whole.sound, vowelless);
      if (likeness >= kLeastJoinedLikeness) {
        found(at, size, Likeness{likeness * kJoinedShare, AlignmentMethod::kJoined});
      }
    }
  }

  // The best first; then, where alignments compete, the best set of them.
  void Choose() {
    std::stable_sort(edges_.begin(), edges_.end(),
                     [](const Edge& a, const Edge& b) { return a.gain > b.gain; });
    uint64_t picked = 0;
    double gain = 0;
    bool competing = false;
    Take(0, edges_.size(), picked, gain, competing);
    if (competing && edges_.size() <= kMaxSearchedEdges) {
      best_gain_ = gain;
      best_ = picked;
      steps_ = 0;
      double left = 0;
      for (const Edge& edge : edges_) left += edge.gain;
      Search(0, 0, 0, 0, 0, left);
      picked = best_;
    }
    query_taken_ = target_taken_ = 0;
    for (size_t e = 0; e < edges_.size(); ++e) {
      if (e < 64 ? (picked & Bits(e, 1)) == 0 : false) continue;
      const Edge& edge = edges_[e];
      if (!Free(edge, query_taken_, target_taken_)) continue;
      query_taken_ |= Bits(edge.query, edge.query_size);
      target_taken_ |= Bits(edge.target, edge.target_size);
      chosen_.push_back(edge);
    }
  }

  static bool Free(const Edge& edge, uint64_t query_taken, uint64_t target_taken) {
    return (query_taken & Bits(edge.query, edge.query_size)) == 0 &&
           (target_taken & Bits(edge.target, edge.target_size)) == 0;
  }

  // One after the other.
  void Take(size_t begin, size_t end, uint64_t& picked, double& gain, bool& competing) const {
    uint64_t query_taken = 0;
    uint64_t target_taken = 0;
    for (size_t e = begin; e < end; ++e) {
      const Edge& edge = edges_[e];
      if (!Free(edge, query_taken, target_taken)) {
        competing = true;
        continue;
      }
      query_taken |= Bits(edge.query, edge.query_size);
      target_taken |= Bits(edge.target, edge.target_size);
      if (e < 64) picked |= Bits(e, 1);
      gain += edge.gain;
    }
  }

  // With or without edge `e`, by what the rest could still bring.
  void Search(size_t e, uint64_t picked, uint64_t query_taken, uint64_t target_taken, double gain,
              double left) {
    if (gain > best_gain_ + 1e-9) {
      best_gain_ = gain;
      best_ = picked;
    }
    if (e == edges_.size() || gain + left <= best_gain_ + 1e-9 || ++steps_ > kMaxSearchSteps)
      return;
    const Edge& edge = edges_[e];
    if (Free(edge, query_taken, target_taken)) {
      Search(e + 1, picked | Bits(e, 1), query_taken | Bits(edge.query, edge.query_size),
             target_taken | Bits(edge.target, edge.target_size), gain + edge.gain,
             left - edge.gain);
    }
    Search(e + 1, picked, query_taken, target_taken, gain, left - edge.gain);
  }

  double Judge() const {
    double agreed = 0;
    double aligned = 0;
    size_t telling = 0;
    bool same = true;
    for (const Edge& edge : chosen_) {
      agreed += edge.gain;
      aligned += edge.weight;
      same = same && edge.method == AlignmentMethod::kSame;
      for (size_t i = 0; i < edge.query_size; ++i) telling += Tells(query_[edge.query + i]);
    }
    double query_left = 0;
    double target_left = 0;
    for (size_t i = 0; i < query_.size(); ++i) {
      if ((query_taken_ & Bits(i, 1)) == 0) query_left += query_weights_[i];
    }
    for (size_t j = 0; j < target_.size(); ++j) {
      if ((target_taken_ & Bits(j, 1)) == 0) target_left += target_weights_[j];
    }
    if (aligned <= 0) return 0;
    double score = agreed / (aligned + kQueryLeftOver * query_left + of_target_ * target_left +
                             kConflict * std::min(query_left, target_left));
    const bool whole = query_left <= 0 && target_left <= 0;
    if (!whole && telling < 2 && Telling(query_) + Telling(target_) > 2) {
      score = std::min(score, kMostOfOneToken);
    }
    constexpr double kBelowSame = 0.995;
    return whole && same ? 1 : std::min(score, kBelowSame);
  }

  static size_t Telling(const Tokens& tokens) {
    return static_cast<size_t>(std::count_if(tokens.begin(), tokens.end(), Tells));
  }

  const Tokens& query_;
  const Tokens& target_;
  const TokenWeights& weights_;
  const double of_target_;
  Weights query_weights_;
  Weights target_weights_;
  Edges edges_;
  Edges chosen_;
  uint64_t query_taken_ = 0;
  uint64_t target_taken_ = 0;
  // Of Search.
  uint64_t best_ = 0;
  double best_gain_ = 0;
  int steps_ = 0;
};

}  // namespace

double RarityWeight(uint64_t holders, uint64_t names) {
  if (names < 2) return 1;
  const double rarity =
      1 - std::log1p(static_cast<double>(holders)) / std::log1p(static_cast<double>(names));
  return std::clamp(kMinTokenWeight + (1 - kMinTokenWeight) * rarity * 1.25, kMinTokenWeight, 1.0);
}

absl::string_view NameOf(AlignmentMethod method) {
  switch (method) {
    case AlignmentMethod::kSame:
      return "same";
    case AlignmentMethod::kEdited:
      return "edited";
    case AlignmentMethod::kPhonetic:
      return "phonetic";
    case AlignmentMethod::kInitial:
      return "initial";
    case AlignmentMethod::kVariant:
      return "variant";
    case AlignmentMethod::kJoined:
      return "joined";
    case AlignmentMethod::kLeftOver:
      return "left over";
  }
  std::abort();
}

NameScore ScoreNames(const query::AnalyzedName& query, const query::AnalyzedName& target,
                     const TokenWeights& weights, NameSubject subject) {
  NameScore best;
  for (size_t i = 0; i < query.readings.size(); ++i) {
    for (size_t j = 0; j < target.readings.size(); ++j) {
      Aligner aligner(query.readings[i], target.readings[j], weights, subject);
      const double score = aligner.Score();
      if (score > best.score || (i == 0 && j == 0)) {
        best = {.score = score,
                .query_reading = i,
                .target_reading = j,
                .alignments = aligner.Alignments()};
      }
    }
  }
  return best;
}

double QuickLikeness(const query::AnalyzedName& query, const query::AnalyzedName& target) {
  double best = 0;
  for (const NameReading& of_query : query.readings) {
    for (const NameReading& of_target : target.readings) {
      best = std::max(best, QuickLikenessOf(of_query.tokens, of_target.tokens));
    }
  }
  return best;
}

double ScoreOnly(const query::AnalyzedName& query, const query::AnalyzedName& target,
                 const TokenWeights& weights, NameSubject subject) {
  double best = 0;
  for (const NameReading& of_query : query.readings) {
    for (const NameReading& of_target : target.readings) {
      best = std::max(best, Aligner(of_query, of_target, weights, subject).Score());
    }
  }
  return best;
}

}  // namespace communique::screening
