#ifndef COMMUNIQUE_CLIENT_IMPORTERS_OFAC_CSV_H_
#define COMMUNIQUE_CLIENT_IMPORTERS_OFAC_CSV_H_

#include "absl/status/statusor.h"
#include "importers/list.h"

namespace communique::importers {

// OFAC's list in its CSV: sdn.csv, alt.csv, add.csv and sdn_comments.csv in any
// order, see ofac_tables.h; cons_prim.csv and its like, which have the same
// columns, are the list of non-SDNs and are told by "cons" before their names.
//
// The files do not say of when they are. ParseOptions.as_of_date does, or names
// that end with a date ("sdn_2021-07-15.csv"); "2021-07" is taken as the first day
// of that month: no list is made newer than it may be. INVALID_ARGUMENT without
// either, and when the names do not agree.
absl::StatusOr<ParsedList> ParseOfacCsv(const InputFiles& files, const ParseOptions& options);

}  // namespace communique::importers

#endif  // COMMUNIQUE_CLIENT_IMPORTERS_OFAC_CSV_H_
