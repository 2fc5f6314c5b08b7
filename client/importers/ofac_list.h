// What OFAC's lists have in common, whatever format they come in.

#ifndef COMMUNIQUE_CLIENT_IMPORTERS_OFAC_LIST_H_
#define COMMUNIQUE_CLIENT_IMPORTERS_OFAC_LIST_H_

#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "importers/list.h"

namespace communique::importers {

// The list of Specially Designated Nationals, or the consolidated one of all who
// are on OFAC's other lists. An entry of both has one ent_num, so one actor.
enum class OfacListKind { kSdn, kNonSdn };

// The list without date, entries and regimes.
ParsedList MakeOfacList(OfacListKind kind);

// The regime of a programme: "IRAN-EO13902" is "ofac-iran-eo13902". The id is
// empty for a programme that makes none.
ListRegime OfacRegime(absl::string_view program);

// Ids of the regimes that a list has already.
using OfacRegimeIds = absl::flat_hash_set<std::string>;

// Gives `entry` a designation for each of `programs`, in the order of their names:
// each a copy of `what`, the verbatim fields in the first one only, so that they are
// counted once. Regimes that `seen` has not are added to `list`. False when there is
// none, or a programme makes no name.
bool AddOfacDesignations(OfacListKind kind, std::vector<std::string> programs,
                         const EntryDesignation& what, ListEntry* entry, OfacRegimeIds* seen,
                         ParsedList* list);

}  // namespace communique::importers

#endif  // COMMUNIQUE_CLIENT_IMPORTERS_OFAC_LIST_H_
