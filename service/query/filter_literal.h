#ifndef COMMUNIQUE_SERVICE_QUERY_FILTER_LITERAL_H_
#define COMMUNIQUE_SERVICE_QUERY_FILTER_LITERAL_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "service/query/filter_node.h"
#include "service/query/filter_syntax.h"

namespace communique::query {

// What a comparison does with a field of that type.
struct TypedComparison {
  FilterOp op = FilterOp::kEquals;  // != is kEquals, for its caller to negate
  Operand operand;
};

// Why a comparison does not type.
struct LiteralProblem {
  size_t position = 0;
  std::string text;
};

// Types `comparison` for one field that its path leads to; nullopt with the
// problem when it does not fit.
std::optional<TypedComparison> TypeComparison(const FilterSyntax& comparison,
                                              const google::protobuf::FieldDescriptor& field,
                                              LiteralProblem& problem);

// "2023-09-12" as the Unix seconds of its first second, UTC; 0001 to 9999.
std::optional<int64_t> ParseDate(absl::string_view text);
// RFC 3339 with its offset ("2023-09-12T10:00:00.5+09:00"), or a date alone.
std::optional<TimePoint> ParseInstant(absl::string_view text);

}  // namespace communique::query

#endif  // COMMUNIQUE_SERVICE_QUERY_FILTER_LITERAL_H_
