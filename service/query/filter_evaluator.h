#ifndef COMMUNIQUE_SERVICE_QUERY_FILTER_EVALUATOR_H_
#define COMMUNIQUE_SERVICE_QUERY_FILTER_EVALUATOR_H_

#include "absl/strings/string_view.h"
#include "communique/v1/record.pb.h"
#include "service/query/filter_node.h"
#include "service/query/record_terms.h"

// The one evaluator of filters, over protobuf's reflection.
namespace communique::query {

// Whether a record meets a compiled filter.
bool Evaluate(const FilterNode& node, const v1::Record& record);
// The same; `terms` are of the record.
bool Evaluate(const FilterNode& node, const v1::Record& record, RecordTerms& terms);

// Whether it takes more than the name to tell.
bool NeedsRecord(const FilterNode& node);
// Requires !NeedsRecord(node).
bool EvaluateName(const FilterNode& node, absl::string_view name);

}  // namespace communique::query

#endif  // COMMUNIQUE_SERVICE_QUERY_FILTER_EVALUATOR_H_
