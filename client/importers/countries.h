#ifndef COMMUNIQUE_CLIENT_IMPORTERS_COUNTRIES_H_
#define COMMUNIQUE_CLIENT_IMPORTERS_COUNTRIES_H_

#include <string>

#include "absl/strings/string_view.h"

namespace communique::importers {

// The ISO 3166-1 alpha-2 code of a country as lists write it: its name in one of
// several spellings, its three-letter code, or the adjective ("Pakistani"),
// whatever the case. Empty when it is none, or a state that is no more.
std::string CountryCode(absl::string_view name);

}  // namespace communique::importers

#endif  // COMMUNIQUE_CLIENT_IMPORTERS_COUNTRIES_H_
