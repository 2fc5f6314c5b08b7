#ifndef COMMUNIQUE_CLIENT_IMPORTERS_OFAC_ENHANCED_H_
#define COMMUNIQUE_CLIENT_IMPORTERS_OFAC_ENHANCED_H_

#include "absl/status/statusor.h"
#include "importers/list.h"

namespace communique::importers {

// OFAC's ENHANCED_XML, or the zip that it comes in. The file says which list it is:
// the SDN list or the consolidated one. INVALID_ARGUMENT for an export of a part of
// a list, by programme or of one sub-list: what it lacks would seem delisted.
absl::StatusOr<ParsedList> ParseOfacEnhanced(const InputFiles& files, const ParseOptions& options);

}  // namespace communique::importers

#endif  // COMMUNIQUE_CLIENT_IMPORTERS_OFAC_ENHANCED_H_
