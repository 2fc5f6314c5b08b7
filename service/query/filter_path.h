#ifndef COMMUNIQUE_SERVICE_QUERY_FILTER_PATH_H_
#define COMMUNIQUE_SERVICE_QUERY_FILTER_PATH_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "communique/v1/record.pb.h"
#include "google/protobuf/descriptor.h"
#include "service/query/filter_node.h"
#include "service/query/filter_syntax.h"

namespace communique::query {

// Where the paths of an expression begin: at a record, or within any() at an
// element.
class FilterScope {
 public:
  // The fields of the envelope and those of the kind's body; with UNSPECIFIED,
  // of all five bodies.
  static FilterScope OfRecord(v1::RecordKind kind);
  static FilterScope OfElement(const google::protobuf::Descriptor& type);

  bool in_element() const { return envelope_ == nullptr; }
  // Every way in which the path can be read, one at least; or which field is
  // unknown, with those that are known there.
  absl::StatusOr<std::vector<FieldPath>> Resolve(const FilterPathText& path) const;

 private:
  struct Root {
    FieldPath prefix;
    const google::protobuf::Descriptor* type;
  };
  const google::protobuf::Descriptor* envelope_ = nullptr;
  std::vector<Root> roots_;
};

// What a field is, in words: "a text", "an integer", "a FuzzyTime".
std::string DescribeType(const google::protobuf::FieldDescriptor& field);

// "a, b, c and 12 more"; the first ones that a message has room for.
std::string ListNames(const std::vector<std::string>& names);
// " (did you mean "b"?)" when one of the names is nearly `name`, else empty.
std::string SuggestName(absl::string_view name, const std::vector<std::string>& names);

}  // namespace communique::query

#endif  // COMMUNIQUE_SERVICE_QUERY_FILTER_PATH_H_
