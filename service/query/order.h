#ifndef COMMUNIQUE_SERVICE_QUERY_ORDER_H_
#define COMMUNIQUE_SERVICE_QUERY_ORDER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "communique/v1/record.pb.h"
#include "service/query/filter_node.h"

namespace communique::query {

// The field by whose earliest begin records of a kind are usually ordered, and
// which the index keeps as a column: `time` of summits and statements,
// `posted_time` of sources. Null for the other kinds.
const google::protobuf::FieldDescriptor* PrimaryTimeField(v1::RecordKind kind);
// The earliest begin of that field in Unix seconds; nullopt when it is unset, or
// has no date; the smallest int64 when its begin is open or unknown.
std::optional<int64_t> PrimaryTimeOf(const v1::Record& record);

// `order_by` (AIP-132): fields with commas between, each with ` desc` or ` asc`.
// Paths begin at the record ("update_time") or at its body ("title") and go
// through single messages only. Scalars (enums by number), timestamps, durations,
// and fuzzy times by their earliest begin: one that is open or unknown comes
// first, one without a date is unset. What is unset, and so a scalar that is its
// default, comes last in both directions; ties go by name, or as "name" says,
// which may stand last.
class Order {
 public:
  struct Field {
    FieldPath path;  // from the record
    bool descending = false;
  };

  // By name.
  Order() = default;
  // INVALID_ARGUMENT with one violation of `order_by` for each mistake.
  static absl::StatusOr<Order> Parse(absl::string_view text, v1::RecordKind kind);

  const std::vector<Field>& fields() const { return fields_; }  // empty: by name
  bool name_descending() const { return name_descending_; }     // "name desc"
  // Only by the kind's primary time; `descending` as in its only field. Says
  // nothing of name_descending().
  bool by_primary_time(v1::RecordKind kind) const;

  // Bytes that compare as the order wants it, the name left out. Texts count
  // with their first kMaxSortKeyTextBytes bytes.
  std::string KeyOf(const v1::Record& record) const;

 private:
  std::vector<Field> fields_;
  bool name_descending_ = false;
};

// The key of one time, as Order::KeyOf makes it: what the index's column uses.
std::string TimeKey(std::optional<int64_t> seconds, bool descending);

}  // namespace communique::query

#endif  // COMMUNIQUE_SERVICE_QUERY_ORDER_H_
