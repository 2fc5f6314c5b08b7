#ifndef COMMUNIQUE_SERVICE_QUERY_ORGANISATION_WORDS_H_
#define COMMUNIQUE_SERVICE_QUERY_ORGANISATION_WORDS_H_

#include <string>

#include "absl/strings/string_view.h"

namespace communique::query {

// The English of a word for what an organisation is or does, in the languages of
// lists and as romanise.h spells them, inflected or not: "zavod", "zavoda" and
// "plants" are "plant". Empty: not known.
absl::string_view OrganisationWord(absl::string_view word);

// A word of an organisation's name without the endings that Slavic and English
// inflect and derive by, as it sounds: "muromskiy" and "Murom" are "murom",
// "metallurgicheskiy" and "metallurgical" are "metalurg". At least four letters
// are left.
std::string StemOf(absl::string_view word);

}  // namespace communique::query

#endif  // COMMUNIQUE_SERVICE_QUERY_ORGANISATION_WORDS_H_
