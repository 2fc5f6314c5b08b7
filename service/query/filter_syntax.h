#ifndef COMMUNIQUE_SERVICE_QUERY_FILTER_SYNTAX_H_
#define COMMUNIQUE_SERVICE_QUERY_FILTER_SYNTAX_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

// A filter as it is written (AIP-160), before any name in it is looked up.
namespace communique::query {

// A word or a quotation. A star that is not escaped, at either end, is no part
// of the text.
struct FilterLiteral {
  size_t position = 0;        // of its first byte, from 0, in the filter as sent
  std::string text;           // without quotation marks, escapes and stars
  absl::string_view written;  // as in the filter, into which it points
  bool quoted = false;
  bool star_before = false;
  bool star_after = false;

  bool has_star() const { return star_before || star_after; }
  // `*` or "*": anything.
  bool is_star() const { return has_star() && text.empty(); }
};

struct FilterPathSegment {
  size_t position = 0;
  absl::string_view name;  // points into the filter
};

// `itineraries.legs.departure`; never empty.
struct FilterPathText {
  size_t position = 0;
  absl::string_view text;
  std::vector<FilterPathSegment> segments;
};

enum class Comparator { kEquals, kNotEquals, kLess, kLessEqual, kGreater, kGreaterEqual, kHas };
// "=", "!=", ...
absl::string_view SignOf(Comparator comparator);

struct FilterSyntax {
  enum class Type {
    kAnd,      // all of `children`
    kOr,       // one of `children`
    kNot,      // not its only child
    kCompare,  // `path` `comparator` `literal`
    kCall,     // `function`(`children`)
    kBare,     // `literal` alone; it has a meaning in a call only
  };
  Type type = Type::kBare;
  size_t position = 0;  // of its first byte
  std::vector<FilterSyntax> children;

  FilterPathText path;
  Comparator comparator = Comparator::kEquals;
  size_t comparator_position = 0;
  FilterLiteral literal;
  absl::string_view function;
};

// The tree of a filter that is not blank; it points into `text`. Errors are those
// of FilterError. Holds kMaxFilterDepth and kMaxFilterTerms; the length is the
// caller's to check.
absl::StatusOr<FilterSyntax> ParseFilterSyntax(absl::string_view text);

// A word as a path, which begins at `position` of the filter.
absl::StatusOr<FilterPathText> ParseFilterPath(absl::string_view text, size_t position);

// INVALID_ARGUMENT (INVALID_FILTER); the position, in bytes from 0, is in the
// message and in the metadata `position`.
absl::Status FilterError(size_t position, absl::string_view what);

}  // namespace communique::query

#endif  // COMMUNIQUE_SERVICE_QUERY_FILTER_SYNTAX_H_
