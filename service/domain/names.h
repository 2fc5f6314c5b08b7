#ifndef COMMUNIQUE_SERVICE_DOMAIN_NAMES_H_
#define COMMUNIQUE_SERVICE_DOMAIN_NAMES_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "communique/v1/record.pb.h"

// Resource names (AIP-122): `{collection}/{id}`, and `{collection}/{id}#{element}`
// for what is embedded. Parse and Make stand as pairs.
namespace communique::domain {

struct RecordName {
  v1::RecordKind kind = v1::RECORD_KIND_UNSPECIFIED;
  absl::string_view id;  // points into the text that was parsed
};

// nullopt unless `text` is a well-formed name of a known collection.
std::optional<RecordName> ParseRecordName(absl::string_view text);
std::string MakeRecordName(v1::RecordKind kind, absl::string_view id);
// What is wrong with a name, in a sentence; empty when nothing is.
std::string DescribeNameProblem(absl::string_view text);

struct ReferenceTarget {
  absl::string_view name;     // of the record
  absl::string_view element;  // empty: the record itself
};

std::optional<ReferenceTarget> ParseReferenceTarget(absl::string_view text);
std::string MakeReferenceTarget(absl::string_view name, absl::string_view element);

// An id of a record or an element: 1 to 128 of a-z, 0-9, '-', '.', '_', first and
// last a letter or digit.
bool IsValidId(absl::string_view id);

// "summits" for SUMMIT, ...; empty for UNSPECIFIED.
absl::string_view CollectionOf(v1::RecordKind kind);
// "summit" for SUMMIT, ...
absl::string_view SingularOf(v1::RecordKind kind);
v1::RecordKind KindOfCollection(absl::string_view collection);
// From a name that is known to be well-formed.
v1::RecordKind KindOfName(absl::string_view name);

// Which of the five bodies a record holds.
v1::RecordKind KindOfBody(const v1::Record& record);
// The body; null when there is none.
const google::protobuf::Message* BodyOf(const v1::Record& record);
google::protobuf::Message* MutableBodyOf(v1::Record& record);

}  // namespace communique::domain

#endif  // COMMUNIQUE_SERVICE_DOMAIN_NAMES_H_
