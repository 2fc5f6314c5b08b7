#ifndef COMMUNIQUE_CLIENT_IMPORTERS_CSV_H_
#define COMMUNIQUE_CLIENT_IMPORTERS_CSV_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "importers/errors.h"
#include "importers/list.h"

namespace communique::importers {

struct CsvRow {
  FilePosition at;                 // Of its first byte.
  std::vector<std::string> cells;  // UTF-8, without quotes; white space is kept.
};

// Reads rows of CSV (RFC 4180): cells in double quotes may hold separators, line
// breaks and doubled quotes. Beyond it: any of CR, LF and CR LF ends a row; blank
// lines are no rows; a file may end with Ctrl-Z, as OFAC's do, and what follows
// it must be blank; a quote within a cell that does not begin with one is itself.
//
// `bytes` are UTF-8 or, when they are not, Windows-1252 as a whole.
// Errors: INVALID_ARGUMENT with line and column for a quote that is never closed
// or is followed by something else than a separator, and for a NUL; and
// RESOURCE_EXHAUSTED over a limit.
class CsvReader {
 public:
  CsvReader(const InputFile& file, const ParseLimits& limits, char separator = ',');

  // Moves to the next row; false at the end.
  absl::StatusOr<bool> Next(CsvRow* row);

 private:
  bool AtEnd() const { return at_ >= text_.size(); }
  void Advance();
  absl::Status ReadCell(std::string* cell);
  absl::Status ReadQuoted(std::string* cell);
  absl::Status Add(std::string* cell, char c);

  const std::string file_;
  const ParseLimits limits_;
  const char separator_;
  const std::string text_;
  std::size_t at_ = 0;
  std::size_t cells_ = 0;
  FilePosition position_ = {1, 1};
};

}  // namespace communique::importers

#endif  // COMMUNIQUE_CLIENT_IMPORTERS_CSV_H_
