#ifndef COMMUNIQUE_SERVICE_QUERY_FILTER_H_
#define COMMUNIQUE_SERVICE_QUERY_FILTER_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace communique::query {

// A filter (AIP-160), compiled once for a request.
//
// So far: `kind = actor`, `name = "actors/kim-jong-un"`, a trailing `*` in a
// name as a wildcard, `=`, `!=`, `AND`, `OR`, `NOT`, `-`, parentheses. OR binds
// tighter than AND, as the AIP says.
//
// Thread safety: const methods from any thread.
class Filter {
 public:
  // Matches everything.
  Filter();
  // INVALID_ARGUMENT (INVALID_FILTER) with the position and what was expected.
  static absl::StatusOr<Filter> Parse(absl::string_view text);

  bool MatchesName(absl::string_view name) const;
  bool matches_all() const { return root_ == nullptr; }
  // Of the text; filters of one text are one query.
  uint64_t fingerprint() const { return fingerprint_; }

  struct Node;

 private:
  std::shared_ptr<const Node> root_;
  uint64_t fingerprint_ = 0;
};

}  // namespace communique::query

#endif  // COMMUNIQUE_SERVICE_QUERY_FILTER_H_
