#include "importers/titles.h"

#include <cstddef>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace communique::importers {
namespace {

constexpr absl::string_view kHonorifics[] = {
    "alhaj",     "ayatollah", "dr",      "doctor",  "eng",           "engineer",
    "haji",      "hajji",     "hajj",    "hadji",   "hodjatoleslam", "hojjatoleslam",
    "imam",      "maulana",   "maulavi", "maulawi", "mawlawi",       "moulana",
    "mr",        "mrs",       "ms",      "mufti",   "mullah",        "prof",
    "professor", "qari",      "sayyid",  "shaykh",  "sheik",         "sheikh",
    "ustad",     "ustadz"};

constexpr absl::string_view kKin[] = {
    "aunt",        "brother",         "brother-in-law", "child",         "cousin",
    "daughter",    "daughter-in-law", "father",         "father-in-law", "half-brother",
    "half-sister", "husband",         "mother",         "mother-in-law", "nephew",
    "niece",       "sibling",         "sister",         "sister-in-law", "son",
    "son-in-law",  "spouse",          "uncle",          "wife"};

}  // namespace

bool IsHonorific(absl::string_view title) {
  title = absl::StripSuffix(absl::StripAsciiWhitespace(title), ".");
  for (const absl::string_view honorific : kHonorifics) {
    if (absl::EqualsIgnoreCase(title, honorific)) return true;
  }
  return false;
}

std::optional<Kinship> ParseKinship(absl::string_view text) {
  constexpr absl::string_view kOf = " of ";
  const std::size_t of = text.find(kOf);
  if (of == absl::string_view::npos) return std::nullopt;
  const absl::string_view kin = text.substr(0, of);
  for (const absl::string_view known : kKin) {
    if (!absl::EqualsIgnoreCase(kin, known)) continue;
    return Kinship{absl::StrCat(absl::AsciiStrToLower(kin), " of"),
                   std::string(absl::StripAsciiWhitespace(text.substr(of + kOf.size())))};
  }
  return std::nullopt;
}

}  // namespace communique::importers
