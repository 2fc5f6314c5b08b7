#ifndef COMMUNIQUE_NAMES_H_
#define COMMUNIQUE_NAMES_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "communique/export.h"
#include "communique/v1/record.pb.h"

namespace communique {

// The kind of a resource name by its collection ("summits/..."), or
// INVALID_ARGUMENT. Only the collection and that an id follows are checked; the
// server checks the rest.
COMMUNIQUE_EXPORT absl::StatusOr<v1::RecordKind> RecordKindOf(absl::string_view name);

// The kind by its collection alone ("summits"), or RECORD_KIND_UNSPECIFIED.
COMMUNIQUE_EXPORT v1::RecordKind RecordKindOfCollection(absl::string_view collection);

// The collection of a kind ("summits"); empty for none.
COMMUNIQUE_EXPORT absl::string_view CollectionOf(v1::RecordKind kind);

}  // namespace communique

#endif  // COMMUNIQUE_NAMES_H_
