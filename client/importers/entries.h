#ifndef COMMUNIQUE_CLIENT_IMPORTERS_ENTRIES_H_
#define COMMUNIQUE_CLIENT_IMPORTERS_ENTRIES_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "importers/designation.h"
#include "importers/held.h"
#include "importers/list.h"

namespace communique::importers {

// An entry as the store holds it: its designations, one for each programme.
struct HeldEntry {
  std::string key;
  std::string reference;                        // Designation.list_entry_id.
  std::vector<const v1::Record*> designations;  // By name.
};

// The entries of a list that are held, by key. A designation whose name is not one
// that an import gives is somebody else's and of no entry.
std::vector<HeldEntry> HeldEntries(const ParsedList& list, const HeldList& held);

// Entries that changed their key and kept their reference: the new key and the old
// one. Where two entries have a reference nothing is concluded from it.
absl::flat_hash_map<std::string, std::string> FindRekeyed(const ParsedList& list,
                                                          const HeldList& held);

}  // namespace communique::importers

#endif  // COMMUNIQUE_CLIENT_IMPORTERS_ENTRIES_H_
