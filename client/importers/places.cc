#include "importers/places.h"

#include <cstddef>
#include <string>

#include "importers/countries.h"
#include "importers/text.h"

namespace communique::importers {
namespace {

// Commas from the end within which a country is looked for: "Korea, North".
constexpr int kMaxCountryCommas = 2;

}  // namespace

v1::Place PlaceIn(absl::string_view words, absl::string_view region_code) {
  v1::Place place;
  place.set_display_name(CollapseSpace(words));
  place.set_path(std::string(region_code));
  return place;
}

v1::Place PlaceFromWords(absl::string_view words) {
  const std::string text = CollapseSpace(words);
  std::string code = CountryCode(text);
  v1::Place place = PlaceIn(text, code);
  if (!code.empty()) {
    place.set_type(v1::PLACE_TYPE_COUNTRY);
    return place;
  }
  std::size_t comma = text.size();
  for (int i = 0; i < kMaxCountryCommas; ++i) {
    comma = comma == 0 ? std::string::npos : text.rfind(',', comma - 1);
    if (comma == std::string::npos) break;
    code = CountryCode(CollapseSpace(absl::string_view(text).substr(comma + 1)));
    if (code.empty()) continue;
    place.set_path(code);
    break;
  }
  return place;
}

}  // namespace communique::importers
