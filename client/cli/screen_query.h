#ifndef COMMUNIQUE_CLIENT_CLI_SCREEN_QUERY_H_
#define COMMUNIQUE_CLIENT_CLI_SCREEN_QUERY_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/flags.h"
#include "communique/v1/screening.pb.h"

// Queries for screening, from the command line and from rows of a file. Errors are
// INVALID_ARGUMENT, made to be shown to whoever wrote them.
namespace communique::cli {

// What the flags say about every query: the request without its queries.
absl::StatusOr<v1::ScreenRequest> ScreenOptionsOf(const CommandLine& line);

// What the flags say about the one that is asked about, but its names.
absl::StatusOr<v1::ScreenQuery> ScreenQueryOf(const CommandLine& line);

// Which column of a file is what.
class ScreenColumns {
 public:
  // From the header. Columns that are not known are in `unknown`.
  static absl::StatusOr<ScreenColumns> Parse(const std::vector<std::string>& header,
                                             std::vector<std::string>& unknown);

  // A row as a query, over the defaults that the flags gave. An empty id is the
  // number of the line.
  absl::StatusOr<v1::ScreenQuery> QueryOf(const std::vector<std::string>& row, std::int64_t line,
                                          const v1::ScreenQuery& defaults) const;

 private:
  // By column, from 0: a name of kColumns; null: not known.
  std::vector<const char*> columns_;
};

}  // namespace communique::cli

#endif  // COMMUNIQUE_CLIENT_CLI_SCREEN_QUERY_H_
