#include "service/query/name_keys.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "service/query/name_sound.h"

namespace communique::query {
namespace {

// The least classes of a skeleton of which one may be missing: below it what is left
// says next to nothing, unless the name has nothing else.
constexpr size_t kMinDeletionClasses = 4;
constexpr size_t kMinDeletionClassesOfShortName = 3;
// A name of at most this many tokens that matter is short.
constexpr size_t kShortNameTokens = 2;
// The least classes of a joined skeleton.
constexpr size_t kMinJoinedClasses = 3;

// Whether a token says who it is, so that names are looked for by it.
bool Matters(const NameToken& token) {
  return (token.flags & (kNameParticle | kNameHonorific | kNameLegalForm | kNameInitial)) == 0;
}

class Keys {
 public:
  void Add(std::string key) {
    if (keys_.size() < kMaxNameKeys && seen_.insert(key).second) keys_.push_back(std::move(key));
  }

  void AddReading(const NameReading& reading) {
    std::vector<const NameToken*> tokens;
    for (const NameToken& token : reading.tokens) {
      if (Matters(token)) tokens.push_back(&token);
    }
    // Particles and the like are all that some names have.
    if (tokens.empty()) {
      for (const NameToken& token : reading.tokens) tokens.push_back(&token);
    }
    for (const NameToken* token : tokens) Add(TokenKey(*token));
    for (const NameToken* token : tokens) {
      if (!token->variant.empty() && !token->Is(kNameKorean))
        Add(absl::StrCat("~", token->variant));
      // Waw is "w" or a vowel; as it is not known which, it is asked for as both.
      if (token->Is(kNameVowelless) && absl::StrContains(token->text, 'w')) {
        Add(absl::StrCat("=", SkeletonOf(SoundOf(absl::StrReplaceAll(token->text, {{"w", "u"}})))));
      }
    }
    AddJoined(reading, tokens);
    AddDeletions(tokens);
  }

  std::vector<std::string> Take() { return std::move(keys_); }

 private:
  void AddJoined(const NameReading& reading, const std::vector<const NameToken*>& tokens) {
    // Neighbours as written, particles too ("alqaida"), then without them.
    for (size_t i = 1; i < reading.tokens.size(); ++i) {
      AddPair(reading.tokens[i - 1], reading.tokens[i]);
    }
    for (size_t i = 1; i < tokens.size(); ++i) AddPair(*tokens[i - 1], *tokens[i]);
    for (size_t i = 1; i < tokens.size(); ++i) {
      if (tokens[i - 1]->Is(kNameKorean) && tokens[i]->Is(kNameKorean)) {
        Add(absl::StrCat("k", KoreanSound(*tokens[i - 1]), KoreanSound(*tokens[i])));
      }
    }
  }

  static absl::string_view KoreanSound(const NameToken& token) {
    return token.variant.empty() ? token.sound : token.variant;
  }

  void AddPair(const NameToken& left, const NameToken& right) {
    if (left.Is(kNameNumber) || right.Is(kNameNumber)) return;
    std::string joined = left.skeleton;
    for (size_t i = 0; i < right.skeleton.size(); ++i) {
      const char c = right.skeleton[i];
      if (c == 'A' || c == 'H') continue;  // a vowel and h count only where a word begins
      if (joined.empty() || joined.back() != c) joined.push_back(c);
    }
    if (joined.size() >= kMinJoinedClasses) Add(absl::StrCat("=", joined));
  }

  void AddDeletions(const std::vector<const NameToken*>& tokens) {
    const size_t least =
        tokens.size() <= kShortNameTokens ? kMinDeletionClassesOfShortName : kMinDeletionClasses;
    for (const NameToken* token : tokens) {
      const std::string& skeleton = token->skeleton;
      if (skeleton.size() < least) continue;
      for (size_t i = 0; i < skeleton.size(); ++i) {
        std::string rest = "-";
        rest.append(skeleton, 0, i).append(skeleton, i + 1, std::string::npos);
        Add(std::move(rest));
      }
      Add(absl::StrCat("-", skeleton));  // meets one that has a class more
    }
  }

  std::vector<std::string> keys_;
  absl::flat_hash_set<std::string> seen_;
};

}  // namespace

std::vector<std::string> CandidateKeys(const AnalyzedName& name) {
  Keys keys;
  for (const NameReading& reading : name.readings) keys.AddReading(reading);
  return keys.Take();
}

std::string TokenKey(const NameToken& token) {
  if (token.Is(kNameNumber)) return absl::StrCat("#", token.text);
  return absl::StrCat("=", token.skeleton.empty() ? token.text : token.skeleton);
}

}  // namespace communique::query
