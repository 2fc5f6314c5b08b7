#ifndef COMMUNIQUE_CLIENT_IMPORTERS_OFAC_NAMES_H_
#define COMMUNIQUE_CLIENT_IMPORTERS_OFAC_NAMES_H_

#include "absl/strings/string_view.h"
#include "communique/v1/actor.pb.h"

namespace communique::importers {

// Adds a name as OFAC writes it; of a person's, "FAMILY, Given" becomes its parts.
// Needs `actor->type()`.
v1::ActorName* AddOfacName(absl::string_view text, v1::NameKind kind, v1::NameQuality quality,
                           v1::Actor* actor);

// The display name of the first name: "Given FAMILY".
void SetOfacDisplayName(v1::Actor* actor);

}  // namespace communique::importers

#endif  // COMMUNIQUE_CLIENT_IMPORTERS_OFAC_NAMES_H_
