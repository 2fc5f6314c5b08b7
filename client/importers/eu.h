#ifndef COMMUNIQUE_CLIENT_IMPORTERS_EU_H_
#define COMMUNIQUE_CLIENT_IMPORTERS_EU_H_

#include "absl/status/statusor.h"
#include "importers/list.h"

namespace communique::importers {

// The EU's consolidated list, XML of the Financial Sanctions Files 1.1. An entity
// whose logicalId an earlier one has, with other contents, is an entry of its own
// with "x2" and so on behind its key; with the same contents it is that entry.
absl::StatusOr<ParsedList> ParseEuList(const InputFiles& files, const ParseOptions& options);

}  // namespace communique::importers

#endif  // COMMUNIQUE_CLIENT_IMPORTERS_EU_H_
