#ifndef COMMUNIQUE_CLIENT_IMPORTERS_TITLES_H_
#define COMMUNIQUE_CLIENT_IMPORTERS_TITLES_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace communique::importers {

// Whether it goes with a name and is no post ("Haji", "Dr."), whatever the case.
bool IsHonorific(absl::string_view title);

// Kinship as lists write it: "half-brother of" and whose.
struct Kinship {
  std::string relation;
  std::string whose;
};

// "wife of Ratka Sample" and the like; nullopt: it says something else.
std::optional<Kinship> ParseKinship(absl::string_view text);

}  // namespace communique::importers

#endif  // COMMUNIQUE_CLIENT_IMPORTERS_TITLES_H_
