#include "service/screening/token_likeness.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "absl/numeric/bits.h"
#include "absl/strings/ascii.h"

namespace communique::screening {
namespace {

using query::NameToken;

// ---- Costs of edits; one consonant for another that is nothing like it costs 1.

constexpr double kConsonant = 1;
constexpr double kVowelForConsonant = 1.1;
constexpr double kVowel = 0.5;              // a vowel for another, or one more or less
constexpr double kVowelBesideVowel = 0.25;  // "Andreevich", "Andreyevich"
constexpr double kAspirate = 0.35;          // an h or y more or less
constexpr double kSwapped = 0.7;            // two neighbours
// Of scripts that leave short vowels out.
constexpr double kUnwrittenVowel = 0.06;
constexpr double kWrittenVowel = 0.3;

// What sounds the same and is spelt otherwise.
constexpr double kSoundsTheSame = 0.98;
// How alike fathers' names have to be: two patronymics always end alike.
constexpr double kLeastFather = 0.75;

bool IsVowel(char c) { return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u'; }

struct NearPair {
  char a;
  char b;
  float cost;
};

// Sounds that romanisations, ears and keyboards take for each other.
constexpr NearPair kNearPairs[] = {
    {'e', 'i', 0.3f},  {'o', 'u', 0.25f}, {'a', 'e', 0.3f}, {'a', 'o', 0.4f},  {'i', 'y', 0.1f},
    {'j', 'y', 0.3f},  {'j', 'i', 0.35f}, {'e', 'y', 0.4f}, {'v', 'u', 0.3f},  {'v', 'o', 0.4f},
    {'b', 'p', 0.4f},  {'d', 't', 0.4f},  {'g', 'k', 0.4f}, {'k', 'x', 0.25f}, {'g', 'x', 0.35f},
    {'x', 'h', 0.25f}, {'k', 'h', 0.6f},  {'g', 'h', 0.4f}, {'f', 'v', 0.4f},  {'v', 'b', 0.6f},
    {'s', 'z', 0.3f},  {'s', 'S', 0.35f}, {'C', 'j', 0.3f}, {'C', 'S', 0.4f},  {'S', 'z', 0.5f},
    {'j', 'z', 0.4f},  {'j', 'S', 0.5f},  {'j', 'g', 0.4f}, {'m', 'n', 0.6f},  {'l', 'r', 0.7f},
    {'k', 'C', 0.4f},  {'s', 'C', 0.5f},  {'t', 's', 0.6f}, {'d', 'z', 0.5f},  {'x', 'C', 0.5f},
    {'c', 's', 0.3f},  {'c', 'z', 0.3f},  {'c', 'k', 0.4f}, {'c', 'C', 0.3f},  {'c', 't', 0.5f},
    {'0', 'o', 0.2f},  {'1', 'i', 0.2f},  {'1', 'l', 0.2f}, {'3', 'e', 0.2f},  {'5', 's', 0.2f},
    {'9', 'g', 0.2f},  {'4', 'a', 0.2f},  {'8', 'b', 0.2f}, {'7', 't', 0.2f},
};

using CostTable = std::array<std::array<float, 128>, 128>;

const CostTable& TheCosts() {
  static const CostTable* const kCosts = [] {
    auto* costs = new CostTable;
    for (size_t a = 0; a < 128; ++a) {
      for (size_t b = 0; b < 128; ++b) {
        const bool va = IsVowel(static_cast<char>(a));
        const bool vb = IsVowel(static_cast<char>(b));
        (*costs)[a][b] = static_cast<float>(a == b     ? 0
                                            : va && vb ? kVowel
                                            : va == vb ? kConsonant
                                                       : kVowelForConsonant);
      }
    }
    for (const NearPair& pair : kNearPairs) {
      (*costs)[static_cast<size_t>(pair.a)][static_cast<size_t>(pair.b)] = pair.cost;
      (*costs)[static_cast<size_t>(pair.b)][static_cast<size_t>(pair.a)] = pair.cost;
    }
    return costs;
  }();
  return *kCosts;
}

// What it costs that text[at] is on one side only.
double Alone(absl::string_view text, size_t at, bool vowelless) {
  const char c = text[at];
  if (IsVowel(c)) {
    if (vowelless) return kUnwrittenVowel;
    const bool beside =
        (at > 0 && IsVowel(text[at - 1])) || (at + 1 < text.size() && IsVowel(text[at + 1]));
    return beside ? kVowelBesideVowel : kVowel;
  }
  if (c == 'h' || c == 'y') return kAspirate;
  if (c == 'v' && vowelless) return kWrittenVowel;
  return kConsonant;
}

double Consonants(absl::string_view sound) {
  return static_cast<double>(
      std::count_if(sound.begin(), sound.end(), [](char c) { return !IsVowel(c); }));
}

// Whether two tokens have enough consonants in common to be worth comparing.
bool Comparable(const NameToken& a, const NameToken& b) {
  const size_t shorter = std::min(a.sound.size(), b.sound.size());
  const size_t longer = std::max(a.sound.size(), b.sound.size());
  if (a.Is(query::kNameVowelless) == b.Is(query::kNameVowelless) && 2 * shorter < longer) {
    return false;
  }
  const size_t fewer = std::min(a.skeleton.size(), b.skeleton.size());
  if (2 * fewer + 1 < std::max(a.skeleton.size(), b.skeleton.size())) return false;
  const int most = std::max(absl::popcount(a.classes), absl::popcount(b.classes));
  return 2 * absl::popcount(a.classes & b.classes) >= most;
}

Likeness CompareInitial(const NameToken& a, const NameToken& b) {
  constexpr double kInitialLikeness = 0.75;
  constexpr uint16_t kNoName = query::kNameParticle | query::kNameLegalForm | query::kNameHan;
  if (a.text[0] != b.text[0] || ((a.flags | b.flags) & kNoName) != 0) return {};
  return {kInitialLikeness, AlignmentMethod::kInitial};
}

// What comes before the ending that all patronymics have: the father's name.
absl::string_view Father(const NameToken& token) {
  constexpr size_t kEnding = 4;  // "-ovich", "-evna", as they sound
  return absl::string_view(token.sound).substr(0, token.sound.size() - kEnding);
}

// Short words that join or are added match only themselves: "al" is not "Ali". Longer
// ones have typos like others ("Mwllah").
bool MayBeRespelt(const NameToken& a, const NameToken& b) {
  constexpr size_t kLongEnough = 4;
  constexpr uint16_t kAdded = query::kNameParticle | query::kNameHonorific;
  if ((a.flags & kAdded) != (b.flags & kAdded) &&
      std::min(a.text.size(), b.text.size()) < kLongEnough) {
    return false;
  }
  return !a.Is(query::kNameLegalForm) && !b.Is(query::kNameLegalForm) &&
         !(a.Is(query::kNameHan) && b.Is(query::kNameHan));
}

Likeness CompareSpellings(const NameToken& a, const NameToken& b) {
  if (a.Is(query::kNameKorean) && b.Is(query::kNameKorean)) {
    const double likeness = SoundLikeness(a.variant, b.variant, false);
    if (likeness < kLeastLikeness) return {};
    return {likeness, AlignmentMethod::kEdited};
  }
  if (a.Is(query::kNamePatronymic) && b.Is(query::kNamePatronymic)) {
    const double likeness = SoundLikeness(Father(a), Father(b), false);
    if (likeness < kLeastFather) return {};
  }
  const bool vowelless = a.Is(query::kNameVowelless) != b.Is(query::kNameVowelless);
  const double by_sound = SoundLikeness(a.sound, b.sound, vowelless);
  // A typo may break a digraph, which then sounds like two other letters.
  const bool letters_may_tell = by_sound > 0 && by_sound < 0.9 && !vowelless;
  const double by_letter = letters_may_tell ? SoundLikeness(a.text, b.text, false) : 0;
  const double likeness = std::min(kSoundsTheSame, std::max(by_sound, by_letter));
  if (likeness < kLeastLikeness) return {};
  return {likeness,
          a.skeleton == b.skeleton ? AlignmentMethod::kPhonetic : AlignmentMethod::kEdited};
}

}  // namespace

double SoundLikeness(absl::string_view a, absl::string_view b, bool vowelless) {
  constexpr size_t kMax = query::kMaxNameTokenBytes;
  a = a.substr(0, kMax);
  b = b.substr(0, kMax);
  if (a.empty() || b.empty()) return 0;
  const double size = vowelless ? 1 + std::max(Consonants(a), Consonants(b))
                                : static_cast<double>(std::max(a.size(), b.size()));
  const float most = static_cast<float>((1 - kLeastLikeness) * size) + 0.001f;
  const CostTable& costs = TheCosts();
  std::array<std::array<float, kMax + 1>, 3> rows;
  float* before = rows[0].data();
  float* above = rows[1].data();
  float* row = rows[2].data();
  std::array<float, kMax> alone_b;
  above[0] = 0;
  for (size_t j = 0; j < b.size(); ++j) {
    alone_b[j] = static_cast<float>(Alone(b, j, vowelless));
    above[j + 1] = above[j] + alone_b[j];
  }
  float least_above = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    const float alone = static_cast<float>(Alone(a, i, vowelless));
    row[0] = above[0] + alone;
    float least = row[0];
    for (size_t j = 0; j < b.size(); ++j) {
      float cost =
          costs[static_cast<unsigned char>(a[i]) & 127][static_cast<unsigned char>(b[j]) & 127];
      if (vowelless && cost > 0 && (IsVowel(a[i]) || a[i] == 'v') &&
          (IsVowel(b[j]) || b[j] == 'v')) {
        cost = std::min(cost, static_cast<float>(kWrittenVowel));
      }
      float best = above[j] + cost;
      best = std::min(best, above[j + 1] + alone);
      best = std::min(best, row[j] + alone_b[j]);
      if (i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j] && a[i] != b[j]) {
        best = std::min(best, before[j - 1] + static_cast<float>(kSwapped));
      }
      row[j + 1] = best;
      least = std::min(least, best);
    }
    // Two rows beyond it: neither an edit nor a swap leads back.
    if (least > most && least_above > most) return 0;
    least_above = least;
    float* const free = before;
    before = above;
    above = row;
    row = free;
  }
  return std::max(0.0, 1 - static_cast<double>(above[b.size()]) / size);
}

Likeness CompareTokens(const NameToken& a, const NameToken& b) {
  constexpr double kVariantLikeness = 0.92;
  if (a.text == b.text) return {1, AlignmentMethod::kSame};
  if (((a.flags | b.flags) & query::kNameNumber) != 0) return {};
  if (((a.flags | b.flags) & query::kNameInitial) != 0) return CompareInitial(a, b);
  const bool korean = a.Is(query::kNameKorean) && b.Is(query::kNameKorean);
  if (!a.variant.empty() && a.variant == b.variant) {
    return korean ? Likeness{kSoundsTheSame, AlignmentMethod::kPhonetic}
                  : Likeness{kVariantLikeness, AlignmentMethod::kVariant};
  }
  if (!MayBeRespelt(a, b)) return {};
  if (a.sound == b.sound && !korean) return {kSoundsTheSame, AlignmentMethod::kPhonetic};
  if (!Comparable(a, b)) return {};
  return CompareSpellings(a, b);
}

}  // namespace communique::screening
