#include "service/screening/name_score.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "service/query/name_sound.h"
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
constexpr double kTargetLeftOverOfOrganisation = 0.5;
// On top, of what both have left over: names that differ, and not only in length.
constexpr double kConflict = 0.7;
// What one token alone can prove where others are left over.
constexpr double kMostOfOneToken = 0.74;
// The most tokens that are compared as one.
constexpr size_t kMaxJoined = 4;
// How alike joined tokens have to be, and what they lose.
constexpr double kLeastJoinedLikeness = 0.85;
constexpr double kJoinedShare = 0.985;
// What an acronym is like the words it stands for.
constexpr double kAcronymLikeness = 0.75;

// Similarity counts less and less towards kLeastLikeness.
double Agreement(double similarity) { return similarity * similarity; }

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

// Tokens [query, query + query_size) aligned with [target, target + target_size).
struct Edge {
  size_t query;
  size_t query_size;
  size_t target;
  size_t target_size;
  Likeness likeness;
  double weight;
  double gain;
};

// Aligns one reading with another.
class Aligner {
 public:
  Aligner(const NameReading& query, const NameReading& target, const TokenWeights& weights,
          NameSubject subject)
      : query_(query.tokens), target_(target.tokens), subject_(subject) {
    for (const NameToken& token : query_) query_weights_.push_back(WeightOf(token, weights));
    for (const NameToken& token : target_) target_weights_.push_back(WeightOf(token, weights));
  }

  double Score() {
    FindEdges();
    Choose();
    return Judge();
  }

  std::vector<Alignment> Alignments() const {
    std::vector<Alignment> alignments;
    for (size_t i = 0; i < query_.size(); ++i) {
      if (!query_taken_[i]) {
        alignments.push_back(
            {query_[i].text, "", 0, query_weights_[i], AlignmentMethod::kLeftOver});
        continue;
      }
      for (const Edge& edge : chosen_) {
        if (edge.query != i) continue;
        alignments.push_back({.query_token = Text(query_, edge.query, edge.query_size),
                              .name_token = Text(target_, edge.target, edge.target_size),
                              .similarity = edge.likeness.similarity,
                              .weight = edge.weight,
                              .method = edge.likeness.method});
      }
    }
    for (size_t j = 0; j < target_.size(); ++j) {
      if (target_taken_[j]) continue;
      alignments.push_back(
          {"", target_[j].text, 0, target_weights_[j], AlignmentMethod::kLeftOver});
    }
    return alignments;
  }

 private:
  using Tokens = std::vector<NameToken>;

  static std::string Text(const Tokens& tokens, size_t at, size_t size) {
    std::string text;
    for (size_t i = at; i < at + size; ++i) {
      absl::StrAppend(&text, text.empty() ? "" : " ", tokens[i].text);
    }
    return text;
  }

  static double Sum(const std::vector<double>& weights, size_t at, size_t size) {
    double sum = 0;
    for (size_t i = at; i < at + size; ++i) sum += weights[i];
    return sum;
  }

  void AddEdge(size_t query, size_t query_size, size_t target, size_t target_size,
               Likeness likeness) {
    const double weight =
        (Sum(query_weights_, query, query_size) + Sum(target_weights_, target, target_size)) / 2;
    edges_.push_back({query, query_size, target, target_size, likeness, weight,
                      Agreement(likeness.similarity) * weight});
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
  void FindJoined(const Tokens& parts, const NameToken& whole, const Found& found) const {
    if (whole.Is(query::kNameNumber) || whole.Is(query::kNameInitial)) return;
    for (size_t at = 0; at + 1 < parts.size(); ++at) {
      if (parts[at].text[0] != whole.text[0] &&
          parts[at].skeleton.substr(0, 1) != whole.skeleton.substr(0, 1))
        continue;
      std::string text = parts[at].text;
      std::string initials = text.substr(0, 1);
      for (size_t size = 2; size <= kMaxJoined && at + size <= parts.size(); ++size) {
        text += parts[at + size - 1].text;
        initials += parts[at + size - 1].text[0];
        if (initials == whole.text) {
          found(at, size, Likeness{kAcronymLikeness, AlignmentMethod::kInitial});
        }
        if (text.size() + 3 < whole.text.size()) continue;
        if (text.size() > whole.text.size() + 3) break;
        const bool vowelless =
            parts[at].Is(query::kNameVowelless) != whole.Is(query::kNameVowelless);
        const double likeness = SoundLikeness(query::SoundOf(text), whole.sound, vowelless);
        if (likeness >= kLeastJoinedLikeness) {
          found(at, size, Likeness{likeness * kJoinedShare, AlignmentMethod::kJoined});
        }
      }
    }
  }

  bool Free(const Edge& edge) const {
    for (size_t i = 0; i < edge.query_size; ++i) {
      if (query_taken_[edge.query + i]) return false;
    }
    for (size_t j = 0; j < edge.target_size; ++j) {
      if (target_taken_[edge.target + j]) return false;
    }
    return true;
  }

  // The best first.
  void Choose() {
    query_taken_.assign(query_.size(), false);
    target_taken_.assign(target_.size(), false);
    std::stable_sort(edges_.begin(), edges_.end(),
                     [](const Edge& a, const Edge& b) { return a.gain > b.gain; });
    for (const Edge& edge : edges_) {
      if (!Free(edge)) continue;
      for (size_t i = 0; i < edge.query_size; ++i) query_taken_[edge.query + i] = true;
      for (size_t j = 0; j < edge.target_size; ++j) target_taken_[edge.target + j] = true;
      chosen_.push_back(edge);
    }
  }

  // Whether a token can stand for a name on its own.
  static bool Tells(const NameToken& token) {
    return (token.flags & (query::kNameParticle | query::kNameHonorific | query::kNameLegalForm |
                           query::kNameInitial)) == 0;
  }

  double Judge() const {
    double agreed = 0;
    double aligned = 0;
    size_t telling = 0;
    bool same = true;
    for (const Edge& edge : chosen_) {
      agreed += edge.gain;
      aligned += edge.weight;
      same = same && edge.likeness.method == AlignmentMethod::kSame;
      for (size_t i = 0; i < edge.query_size; ++i) telling += Tells(query_[edge.query + i]);
    }
    double query_left = 0;
    double target_left = 0;
    for (size_t i = 0; i < query_.size(); ++i) {
      if (!query_taken_[i]) query_left += query_weights_[i];
    }
    for (size_t j = 0; j < target_.size(); ++j) {
      if (!target_taken_[j]) target_left += target_weights_[j];
    }
    if (aligned <= 0) return 0;
    const double of_target =
        subject_ == NameSubject::kOrganization || subject_ == NameSubject::kVessel
            ? kTargetLeftOverOfOrganisation
            : kTargetLeftOver;
    double score = agreed / (aligned + kQueryLeftOver * query_left + of_target * target_left +
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
  const NameSubject subject_;
  std::vector<double> query_weights_;
  std::vector<double> target_weights_;
  std::vector<Edge> edges_;
  std::vector<Edge> chosen_;
  std::vector<char> query_taken_;
  std::vector<char> target_taken_;
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
