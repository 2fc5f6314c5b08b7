#ifndef COMMUNIQUE_SERVICE_QUERY_NAME_LEXICON_H_
#define COMMUNIQUE_SERVICE_QUERY_NAME_LEXICON_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace communique::query {

// General knowledge of how names are written, by hand: no list's rows.

// What the lexicon knows of a word.
struct LexiconWord {
  uint16_t flags = 0;
  // The class of a legal form; empty: it is none.
  absl::string_view form = {};
  // OrganisationWord.
  absl::string_view organisation_word = {};
  // For nicknames and forms of a person's name.
  absl::string_view person_variant = {};
};

// What is known of a folded word; nothing of most.
LexiconWord LookUp(absl::string_view word);

// Whether words[at...] begin a phrase that is a legal form ("limited liability
// company"): how many words it has, and its class. 0: none.
size_t LegalPhraseAt(const std::vector<absl::string_view>& words, size_t at,
                     absl::string_view& form);

// The surname's sound that a Korean surname is compared by, whichever of its
// romanisations it is ("ri" for "lee", "yi", "rhee"); empty: it is none.
absl::string_view KoreanSurname(absl::string_view word);

// The number a word spells ("four", "fourth"), or -1.
int NumberOf(absl::string_view word);

}  // namespace communique::query

#endif  // COMMUNIQUE_SERVICE_QUERY_NAME_LEXICON_H_
