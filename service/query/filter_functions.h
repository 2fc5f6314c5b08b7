#ifndef COMMUNIQUE_SERVICE_QUERY_FILTER_FUNCTIONS_H_
#define COMMUNIQUE_SERVICE_QUERY_FILTER_FUNCTIONS_H_

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "communique/v1/place.pb.h"
#include "communique/v1/record.pb.h"
#include "communique/v1/time.pb.h"
#include "service/query/filter_node.h"

// What the functions of the filter language ask of a record and its values.
// Times are as stored: with their corners.
namespace communique::query {

// Certain to lie wholly within: whatever the time turns out to be, it neither
// begins before the range nor ends after it.
bool LiesDefinitely(const v1::FuzzyTime& time, const TimeRange& range);
// Not certain to lie outside. A time in words alone may lie anywhere.
bool LiesPossibly(const v1::FuzzyTime& time, const TimeRange& range);
// Whether an assertion of the path, that still stands, gives such a time. Paths
// are those of Assertion.path without the ids in brackets.
bool IsPossiblyAsserted(const v1::Record& record, absl::string_view path, const TimeRange& range);

// Whether the place's containment path is `path` or goes on from it.
bool LiesWithin(const v1::Place& place, absl::string_view path);

// Whether a reference anywhere in the body leads to `target`: a name, or an
// element of one. A name stands for its elements too; an evidence leads to the
// revision of its source.
bool Mentions(const v1::Record& record, absl::string_view target);
// Calls `visit` with every target that Mentions answers true for, some more than
// once. The view lasts for the call.
void ForEachMentioned(const v1::Record& record,
                      absl::FunctionRef<void(absl::string_view target)> visit);

// Whether two assertions of one field, which is of the path when ids are left
// out, disagree: other values, a value and none, or one value asserted and denied.
bool HasConflict(const v1::Record& record, absl::string_view path);

}  // namespace communique::query

#endif  // COMMUNIQUE_SERVICE_QUERY_FILTER_FUNCTIONS_H_
