#include "importers/ofac_list.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "importers/text.h"

namespace communique::importers {

ParsedList MakeOfacList(OfacListKind kind) {
  const bool sdn = kind == OfacListKind::kSdn;
  ParsedList list;
  list.list_id = sdn ? "ofac-sdn" : "ofac-non-sdn";
  list.prefix = "ofac";
  list.title = sdn ? "OFAC Specially Designated Nationals and Blocked Persons List"
                   : "OFAC Consolidated Non-SDN List";
  list.authority = "actors/ofac";
  list.authority_display_name = "Office of Foreign Assets Control";
  list.licence = "US government work";
  return list;
}

ListRegime OfacRegime(absl::string_view program) {
  ListRegime regime;
  const std::string slug = ToSlug(program);
  if (slug.empty()) return regime;
  regime.id = absl::StrCat("ofac-", slug);
  regime.title = absl::StrCat("OFAC programme ", program);
  regime.regime.add_aliases(std::string(program));
  return regime;
}

bool AddOfacDesignations(OfacListKind kind, std::vector<std::string> programs,
                         const EntryDesignation& what, ListEntry* entry, OfacRegimeIds* seen,
                         ParsedList* list) {
  std::sort(programs.begin(), programs.end());
  programs.erase(std::unique(programs.begin(), programs.end()), programs.end());
  absl::flat_hash_set<std::string> suffixes;
  for (const std::string& program : programs) {
    ListRegime regime = OfacRegime(program);
    if (regime.id.empty()) return false;
    EntryDesignation designation = what;
    // Both lists may have the entry under one programme.
    designation.suffix =
        absl::StrCat(kind == OfacListKind::kSdn ? "sdn-" : "non-sdn-", ToSlug(program));
    // Two programmes of one slug are one regime.
    if (!suffixes.insert(designation.suffix).second) continue;
    designation.regime_id = regime.id;
    designation.designation.add_programs(program);
    if (!entry->designations.empty()) designation.designation.clear_verbatim_fields();
    entry->designations.push_back(std::move(designation));
    if (seen->insert(regime.id).second) list->regimes.push_back(std::move(regime));
  }
  return !entry->designations.empty();
}

}  // namespace communique::importers
