#ifndef COMMUNIQUE_SERVICE_SCREENING_MATCHES_H_
#define COMMUNIQUE_SERVICE_SCREENING_MATCHES_H_

#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "communique/v1/record.pb.h"
#include "service/store/reader.h"

// Records that a filter finds, of which the candidate index reads only those that
// may match.
namespace communique::screening {

// Every live record of the kind that matches, in order of names, to the last
// page, until `visit` returns anything but OK.
absl::Status ForEachMatch(const store::ReadView& view, v1::RecordKind kind,
                          absl::string_view filter,
                          absl::FunctionRef<absl::Status(const v1::Record&)> visit);

// The same of every record of which one of the fields is one of the names, each
// once, in no order to rely on.
absl::Status ForEachOf(const store::ReadView& view, v1::RecordKind kind,
                       const std::vector<absl::string_view>& fields,
                       const std::vector<std::string>& names,
                       absl::FunctionRef<absl::Status(const v1::Record&)> visit);

}  // namespace communique::screening

#endif  // COMMUNIQUE_SERVICE_SCREENING_MATCHES_H_
