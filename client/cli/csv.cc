#include "cli/csv.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace communique::cli {
namespace {

// What a row is made of, a character at a time.
class RowParser {
 public:
  // Takes a line without its end. A message when it is no CSV; empty: it is.
  absl::string_view Take(absl::string_view line) {
    if (quoted_) fields_.back().push_back('\n');
    for (const char c : line) {
      if (quoted_ && c == '"') {
        quoted_ = false;
        closed_ = true;
      } else if (quoted_) {
        fields_.back().push_back(c);
      } else if (closed_ && c == '"') {
        fields_.back().push_back('"');  // a doubled quote is one
        quoted_ = true;
        closed_ = false;
      } else if (c == ',') {
        fields_.emplace_back();
        closed_ = false;
      } else if (closed_) {
        return "something follows the quotation mark that ends a field";
      } else if (c == '"' && fields_.back().empty()) {
        quoted_ = true;
      } else if (c == '"') {
        return "a quotation mark stands within a field that does not begin with one";
      } else {
        fields_.back().push_back(c);
      }
    }
    return "";
  }
  // Whether the row goes on in the next line.
  bool open() const { return quoted_; }
  std::size_t Bytes() const {
    std::size_t bytes = 0;
    for (const std::string& field : fields_) bytes += field.size() + 1;
    return bytes;
  }
  std::vector<std::string> Fields() { return std::move(fields_); }

 private:
  std::vector<std::string> fields_ = std::vector<std::string>(1);
  bool quoted_ = false;  // within quotation marks
  bool closed_ = false;  // just after the one that ends a field
};

}  // namespace

absl::StatusOr<std::optional<std::vector<std::string>>> CsvReader::Row() {
  RowParser row;
  const auto refuse = [this](absl::string_view why) {
    return absl::InvalidArgumentError(absl::StrCat("line ", row_line_, ": ", why));
  };
  bool begun = false;
  while (true) {
    absl::StatusOr<std::optional<std::string>> read = input_.Line();
    if (!read.ok()) return read.status();
    if (!read->has_value()) {
      if (!begun) return std::optional<std::vector<std::string>>();
      return refuse("the file ends within quotation marks");
    }
    std::string line = **std::move(read);
    ++lines_;
    if (lines_ == 1 && absl::StartsWith(line, "\xef\xbb\xbf")) line.erase(0, 3);
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (!begun) {
      if (line.empty()) continue;
      row_line_ = lines_;
      begun = true;
    }
    if (const absl::string_view problem = row.Take(line); !problem.empty()) return refuse(problem);
    if (row.Bytes() > kMaxRowBytes) {
      return refuse(absl::StrCat("a row has more than ", kMaxRowBytes, " bytes"));
    }
    if (!row.open()) return std::optional<std::vector<std::string>>(row.Fields());
  }
}

}  // namespace communique::cli
