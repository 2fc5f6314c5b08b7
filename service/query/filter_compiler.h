#ifndef COMMUNIQUE_SERVICE_QUERY_FILTER_COMPILER_H_
#define COMMUNIQUE_SERVICE_QUERY_FILTER_COMPILER_H_

#include <memory>

#include "absl/status/statusor.h"
#include "service/query/filter_node.h"
#include "service/query/filter_path.h"
#include "service/query/filter_syntax.h"

namespace communique::query {

// Looks up every name of a filter and types every literal. Errors are those of
// FilterError. What it answers points to nothing of `syntax`.
absl::StatusOr<std::unique_ptr<const FilterNode>> CompileFilter(const FilterSyntax& syntax,
                                                                const FilterScope& scope);

}  // namespace communique::query

#endif  // COMMUNIQUE_SERVICE_QUERY_FILTER_COMPILER_H_
