#ifndef COMMUNIQUE_CLIENT_IMPORTERS_ERRORS_H_
#define COMMUNIQUE_CLIENT_IMPORTERS_ERRORS_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace communique::importers {

// Where in a file; 0: not known. Lines and columns begin at 1.
struct FilePosition {
  std::int64_t line = 0;
  std::int64_t column = 0;
};

// The file is not what it should be: not well-formed, of another kind, or a value
// that no list of its kind has. INVALID_ARGUMENT.
inline absl::Status BadFile(absl::string_view file, FilePosition at, absl::string_view what) {
  std::string where(file);
  if (at.line > 0) absl::StrAppend(&where, ": line ", at.line, ", column ", at.column);
  return absl::InvalidArgumentError(absl::StrCat(where, ": ", what));
}

// The file goes beyond a limit of ParseLimits. RESOURCE_EXHAUSTED.
inline absl::Status OverLimit(absl::string_view file, FilePosition at, absl::string_view what) {
  std::string where(file);
  if (at.line > 0) absl::StrAppend(&where, ": line ", at.line, ", column ", at.column);
  return absl::ResourceExhaustedError(absl::StrCat(where, ": ", what));
}

}  // namespace communique::importers

#endif  // COMMUNIQUE_CLIENT_IMPORTERS_ERRORS_H_
