#ifndef COMMUNIQUE_SERVICE_DOMAIN_VALIDATE_H_
#define COMMUNIQUE_SERVICE_DOMAIN_VALIDATE_H_

#include "absl/strings/string_view.h"
#include "communique/v1/record.pb.h"
#include "service/base/error.h"

namespace communique::domain {

// Checks everything that can be known of a record by itself, and fills in what
// is derived (the corners of times). Every violation is added, each with the
// path from `prefix` on. Fields that the server keeps are cleared.
//
// What needs other records (references, ids once used) is checked where the
// state is known: store/planner.h.
void ValidateRecord(v1::Record& record, absl::string_view prefix, base::Violations& violations);

// The rules of one kind, beyond those of the values within it.
// validate_kinds.cc.
void ValidateSummit(const v1::Summit& summit, absl::string_view path, base::Violations& violations);
void ValidateSanction(const v1::Sanction& sanction, absl::string_view path,
                      base::Violations& violations);
void ValidateStatement(const v1::Statement& statement, absl::string_view path,
                       base::Violations& violations);
void ValidateActor(const v1::Actor& actor, absl::string_view path, base::Violations& violations);
void ValidateSource(const v1::Source& source, absl::string_view path,
                    base::Violations& violations);

// Plain fields against their assertions. validate_assertions.cc.
void ValidateAssertions(const google::protobuf::Message& body,
                        const google::protobuf::RepeatedPtrField<v1::Assertion>& assertions,
                        absl::string_view path, base::Violations& violations);

}  // namespace communique::domain

#endif  // COMMUNIQUE_SERVICE_DOMAIN_VALIDATE_H_
