#ifndef COMMUNIQUE_SERVICE_QUERY_NARROW_H_
#define COMMUNIQUE_SERVICE_QUERY_NARROW_H_

#include <cstdint>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "service/query/bitmap.h"
#include "service/query/filter_node.h"
#include "service/query/index_segment.h"

namespace communique::query {

// What narrowing asks of a segment, open or sealed.
struct SegmentTerms {
  const VersionTable* versions = nullptr;
  uint32_t indexed = 0;  // only ids below it are asked for
  absl::FunctionRef<void(uint64_t term, Bitmap& out)> add_term;
  absl::FunctionRef<void(unsigned char weight, absl::string_view word, Bitmap& out)>
      add_word;
  absl::FunctionRef<void(unsigned char weight, absl::string_view prefix, int limit,
                         Bitmap& out)>
      add_prefix;
};

// The ids of a segment that a filter may match: never too few. `exact` says that
// it is not too many either, so that NOT may turn it round.
struct Narrowed {
  bool all = true;  // `ids` says nothing then
  bool exact = false;
  Bitmap ids;
};
Narrowed Narrow(const FilterNode& node, const TermHasher& hasher, const SegmentTerms& segment);

// The ids whose texts of one weight hold a word of the query.
Bitmap FindWord(const TextQuery& query, size_t word, unsigned char weight,
                          const SegmentTerms& segment);

}  // namespace communique::query

#endif  // COMMUNIQUE_SERVICE_QUERY_NARROW_H_
