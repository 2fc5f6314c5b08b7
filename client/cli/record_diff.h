#ifndef COMMUNIQUE_CLIENT_CLI_RECORD_DIFF_H_
#define COMMUNIQUE_CLIENT_CLI_RECORD_DIFF_H_

#include <vector>

#include "communique/v1/catalog.pb.h"
#include "communique/v1/record.pb.h"

namespace communique::cli {

// Where the bodies of two versions of one record differ, in field order, with
// paths as in Assertion.path ("itineraries[kim].legs[leg-1].departure_time") and
// values in protobuf JSON. A version that is null was not there: then every field
// of the other was added, or removed.
//
// Elements of a list are told apart by their ids, not by where they stand; lists
// whose elements have none, and values such as times, places and references, are
// compared whole. Where only the order of a list differs, the list is named.
std::vector<v1::FieldDifference> DifferencesBetween(const v1::Record* before,
                                                    const v1::Record* after);

}  // namespace communique::cli

#endif  // COMMUNIQUE_CLIENT_CLI_RECORD_DIFF_H_
