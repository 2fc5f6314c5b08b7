#ifndef COMMUNIQUE_CLIENT_IMPORTERS_UN_H_
#define COMMUNIQUE_CLIENT_IMPORTERS_UN_H_

#include "absl/status/statusor.h"
#include "importers/list.h"

namespace communique::importers {

// The Consolidated List of the UN Security Council: one XML file. An entry's key
// is its DATAID. What becomes of each field is said in un.cc.
absl::StatusOr<ParsedList> ParseUnList(const InputFiles& files, const ParseOptions& options);

}  // namespace communique::importers

#endif  // COMMUNIQUE_CLIENT_IMPORTERS_UN_H_
