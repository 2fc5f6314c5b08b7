#ifndef COMMUNIQUE_CLIENT_IMPORTERS_PLACES_H_
#define COMMUNIQUE_CLIENT_IMPORTERS_PLACES_H_

#include "absl/strings/string_view.h"
#include "communique/v1/place.pb.h"

namespace communique::importers {

// A place out of words, the country last: "Bannu, Pakistan" is within PK,
// "Pyongyang, Korea, North" within KP, "Pakistan" is the country itself. Words
// without a country that is known have no path.
v1::Place PlaceFromWords(absl::string_view words);

// A place whose country is told apart; either may be empty.
v1::Place PlaceIn(absl::string_view words, absl::string_view region_code);

}  // namespace communique::importers

#endif  // COMMUNIQUE_CLIENT_IMPORTERS_PLACES_H_
