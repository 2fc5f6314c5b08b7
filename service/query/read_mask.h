#ifndef COMMUNIQUE_SERVICE_QUERY_READ_MASK_H_
#define COMMUNIQUE_SERVICE_QUERY_READ_MASK_H_

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "communique/v1/record.pb.h"
#include "google/protobuf/field_mask.pb.h"
#include "service/base/error.h"
#include "service/query/filter_node.h"

namespace communique::query {

// Which fields of a record an answer has (AIP-157). Paths begin at the record
// ("summit.title", "update_time") or, when the kind is known, at its body
// ("title"); they go through messages and repeated fields, whose elements keep
// their number and order. A path to the body of another kind selects nothing of
// the record. Of two paths the shorter one wins. The name is always answered, and
// so is what only answers have (pin, computed states, redirected_from).
class ReadMask {
 public:
  // Everything.
  ReadMask() = default;
  // No path, and `*` alone: everything. `kind` UNSPECIFIED: any, paths begin at
  // the record. Adds a violation of `read_mask` for each path that is wrong.
  static ReadMask Parse(const google::protobuf::FieldMask& mask, v1::RecordKind kind,
                        base::Violations& violations);

  bool all() const { return root_.children.empty(); }
  void Apply(v1::Record& record) const;

 private:
  struct Node {
    std::map<int, Node> children;  // by field number; empty: the whole field
  };
  static void Select(const FieldPath& path, Node& root);
  static void Trim(const Node& node, google::protobuf::Message& message);
  Node root_;
};

}  // namespace communique::query

#endif  // COMMUNIQUE_SERVICE_QUERY_READ_MASK_H_
