// What an import has to do: the difference between a list and what a store holds
// of it, as commits. Reads nothing and writes nothing.

#ifndef COMMUNIQUE_CLIENT_IMPORTERS_PLAN_H_
#define COMMUNIQUE_CLIENT_IMPORTERS_PLAN_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "communique/v1/publish.pb.h"
#include "importers/designation.h"
#include "importers/held.h"
#include "importers/list.h"

namespace communique::importers {

enum class DifferenceKind { kAdded, kRelisted, kChanged, kRekeyed, kRemoved };
// "added".
absl::string_view WordOf(DifferenceKind kind);

// One entry that is not as the store holds it.
struct EntryDifference {
  DifferenceKind kind;
  std::string key;
  std::string old_key;  // Of a re-key.
  std::string reference;
  std::string display_name;
  std::vector<std::string> what;  // "names +1 -2", "designation.remarks".
};

struct Plan {
  std::vector<EntryDifference> differences;
  // One for each difference, in its order: the entries in the order of the file,
  // then those that are gone.
  std::vector<v1::CommitRequest> commits;
};

// Which relations between entries are written. An entry may refer to one that
// comes later in the file and is not there yet, so relations to later entries are
// written in a second pass. Which pass writes one does not depend on what is
// there already: a run that was cut off makes the same commits in the end.
enum class RelationPass { kEarlier, kAll };

Plan MakePlan(const ParsedList& list, const VersionStep& step, const HeldList& held,
              RelationPass pass);

// INVALID_ARGUMENT with the key of the first entry that is larger than what a
// service takes as one record or one commit.
absl::Status CheckSizes(const Plan& plan);

}  // namespace communique::importers

#endif  // COMMUNIQUE_CLIENT_IMPORTERS_PLAN_H_
