#ifndef COMMUNIQUE_SERVICE_QUERY_NAME_ANALYSIS_H_
#define COMMUNIQUE_SERVICE_QUERY_NAME_ANALYSIS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace communique::query {

// Names as tokens that can be compared across scripts, spellings and orders: what
// the candidate index takes keys from (name_keys.h) and what screening scores.
//
// A name of any script becomes words of a-z and 0-9 (romanise.h), which are cut as
// names are written ("Abdullatif" is "abd", "latif"; "Jong-un" is "jong", "un") and
// told what they are by a small lexicon (name_lexicon.h).

// The most tokens of a name that are looked at; the longest real ones, of joint
// stock companies in full, have about thirty.
inline constexpr size_t kMaxNameTokens = 40;
// The most bytes of a name that are looked at; what a query's name may have.
inline constexpr size_t kMaxNameBytes = 1024;
// The most bytes of a token that are kept. Longer ones are no words.
inline constexpr size_t kMaxNameTokenBytes = 48;

// What bears the name, as far as it is known.
enum class NameSubject {
  kUnknown,
  kPerson,
  kOrganization,  // also states, governments, blocs
  kVessel,        // also aircraft
};

// What is known of a name besides its text.
struct NameContext {
  // BCP-47 tag; empty: not known.
  absl::string_view language_code = {};
  NameSubject subject = NameSubject::kUnknown;
};

// What a token is, as bits.
enum NameTokenFlag : uint16_t {
  kNameInitial = 1 << 0,     // a single letter
  kNameParticle = 1 << 1,    // "al", "bin", "von", "of"
  kNameHonorific = 1 << 2,   // "Dr", "Sheikh", "Haji"
  kNameLegalForm = 1 << 3,   // "LLC", "OOO", "GmbH"; `variant` is its class
  kNameNumber = 1 << 4,      // `text` is the number: "44", also for "forty-four"
  kNameVowelless = 1 << 5,   // from a script that leaves short vowels out
  kNameKorean = 1 << 6,      // a Korean syllable; `variant` is its sound
  kNameGeneric = 1 << 7,     // says what an organisation is: "company", "trading"
  kNamePatronymic = 1 << 8,  // "Ivanovich", "Ivanovna"
  kNameDotted = 1 << 9,      // written with a full stop after it: "Moh.", "J."
  kNameHan = 1 << 10,        // a Han character, in pinyin
};

// A token of a name.
struct NameToken {
  // Folded: a-z and 0-9.
  std::string text;
  // How it sounds, spelt in one way whatever the romanisation (name_sound.h).
  std::string sound;
  // The classes of its consonants, in capitals: "Muhammad" and "Mohamed" are "MMT".
  std::string skeleton;
  // What it is the same as though it sounds otherwise: a nickname's name, a legal
  // form's class, the English of a word for what an organisation is. Empty: none.
  std::string variant;
  uint16_t flags = 0;
  // Which classes its skeleton has, one bit each.
  uint32_t classes = 0;
  // The skeleton's first eight classes and a hash of the variant (0: none), to be
  // compared at once.
  uint64_t skeleton_code = 0;
  uint64_t variant_code = 0;

  bool Is(NameTokenFlag flag) const { return (flags & flag) != 0; }
};

// One way to read a name.
struct NameReading {
  std::vector<NameToken> tokens;
};

// A name, analysed. Readings differ where a text can be read in two ways ("J.C."
// as two initials or as one word); the first is the likelier one. None when
// nothing can be read.
struct AnalyzedName {
  std::vector<NameReading> readings;
};

// Analyses a name. The same text and context always give the same.
//
// Performance: about 5 us for a name in Latin, Cyrillic or Arabic script; others
// go through ICU, at about 20 us a word.
// Thread safety: any thread.
// Errors: none. What is beyond the limits above, and bytes that are not UTF-8, is
// left out.
AnalyzedName AnalyzeName(absl::string_view text, const NameContext& context);
// Whether it would have a reading; sooner.
bool CanBeRead(absl::string_view text);

}  // namespace communique::query

#endif  // COMMUNIQUE_SERVICE_QUERY_NAME_ANALYSIS_H_
