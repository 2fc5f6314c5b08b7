#ifndef COMMUNIQUE_CLIENT_CLI_CSV_H_
#define COMMUNIQUE_CLIENT_CLI_CSV_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/input.h"

namespace communique::cli {

// The rows of a file of comma-separated values (RFC 4180): fields in double quotes
// may hold commas, line ends and doubled quotes; lines end with LF or CRLF. Blank
// lines are skipped, and so is the mark that some programs put before UTF-8.
class CsvReader {
 public:
  // The most bytes of a row.
  static constexpr std::size_t kMaxRowBytes = std::size_t{1} << 20;

  explicit CsvReader(Input& input) : input_(input) {}

  // The next row; nullopt at the end. INVALID_ARGUMENT, with the line, for what is
  // no CSV: where the row after it begins is then not known.
  absl::StatusOr<std::optional<std::vector<std::string>>> Row();
  // The line, from 1, at which the row that was read last begins.
  std::int64_t line() const { return row_line_; }

 private:
  Input& input_;
  std::int64_t lines_ = 0;  // read
  std::int64_t row_line_ = 0;
};

}  // namespace communique::cli

#endif  // COMMUNIQUE_CLIENT_CLI_CSV_H_
