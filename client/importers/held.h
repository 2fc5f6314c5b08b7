// What a store holds of a list, read through the SDK.

#ifndef COMMUNIQUE_CLIENT_IMPORTERS_HELD_H_
#define COMMUNIQUE_CLIENT_IMPORTERS_HELD_H_

#include <string>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "communique/client.h"
#include "communique/v1/record.pb.h"
#include "importers/list.h"

namespace communique::importers {

struct HeldList {
  // Versions of the list by their names, also those whose import did not end.
  absl::btree_map<std::string, v1::Record> versions;
  // Every designation of the list by its name, in order.
  absl::btree_map<std::string, v1::Record> designations;
  // Other records that were asked for, by the name that was asked: of a merged one
  // the survivor.
  absl::flat_hash_map<std::string, v1::Record> records;
  // Names that were asked for and are gone.
  absl::flat_hash_map<std::string, v1::Tombstone> tombstones;
};

// The date of a version that is held; empty when it has none.
std::string DateOf(const v1::Record& version);
// Whether its import ended: it counts as used.
bool IsComplete(const v1::Record& version);
// The newest version that counts as used; null: none.
const v1::Record* LastComplete(const HeldList& held);

// The name of an entry's actor, and of a designation of it.
std::string ActorName(const ParsedList& list, absl::string_view key);
std::string DesignationName(const ParsedList& list, absl::string_view key,
                            absl::string_view suffix);

// Reads what an import of `list` compares it with. The reads are of several
// revisions; what changes between them shows when it is written.
absl::StatusOr<HeldList> ReadHeld(const Client& client, const ParsedList& list);

}  // namespace communique::importers

#endif  // COMMUNIQUE_CLIENT_IMPORTERS_HELD_H_
