#ifndef COMMUNIQUE_SERVICE_QUERY_PAGE_TOKEN_H_
#define COMMUNIQUE_SERVICE_QUERY_PAGE_TOKEN_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace communique::query {

// Where the next page begins. Bound to its query and pinned to one revision.
struct PageToken {
  std::string epoch;       // of the store that made it
  int64_t revision = 0;    // every page sees this one
  uint64_t query = 0;      // fingerprint of everything in the request but the page
  std::string after;       // the last name, or the last revision, of the page before
  std::string after_key;   // its sort key, where the order is not by name
};

std::string MakePageToken(const PageToken& token);
// INVALID_ARGUMENT (INVALID_PAGE_TOKEN) when it is damaged, of another store or
// epoch, or of another query.
absl::StatusOr<PageToken> ParsePageToken(absl::string_view text, absl::string_view epoch,
                                         uint64_t query);

}  // namespace communique::query

#endif  // COMMUNIQUE_SERVICE_QUERY_PAGE_TOKEN_H_
