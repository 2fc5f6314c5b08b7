#ifndef COMMUNIQUE_CLIENT_IMPORTERS_UK_H_
#define COMMUNIQUE_CLIENT_IMPORTERS_UK_H_

#include "absl/status/statusor.h"
#include "importers/list.h"

namespace communique::importers {

// OFSI's consolidated list of financial sanctions targets in its CSV: a first line
// with the date, a header, and a row for each combination of an alias, a date of
// birth, an address and so on of a group. Columns are told by their names, so that
// the 29 of 2018 and the 36 of later years are both read; one that is not known is
// kept verbatim. INVALID_ARGUMENT when it does not end with the end of a line: it was
// cut.
absl::StatusOr<ParsedList> ParseUkList(const InputFiles& files, const ParseOptions& options);

}  // namespace communique::importers

#endif  // COMMUNIQUE_CLIENT_IMPORTERS_UK_H_
