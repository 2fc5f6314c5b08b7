#ifndef COMMUNIQUE_CLIENT_CLI_PRINT_RANGE_H_
#define COMMUNIQUE_CLIENT_CLI_PRINT_RANGE_H_

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "cli/output.h"

namespace communique::cli {

// The elements of a JSON array, so that -o json is one document.
class JsonArray {
 public:
  explicit JsonArray(Output& output) : output_(output) {}
  // `json` is one element.
  void Add(absl::string_view json) {
    output_.Line(std::exchange(begun_, true) ? "," : "[");
    output_.Line(json);
  }
  void End() { output_.Line(begun_ ? "]" : "[]"); }

 private:
  Output& output_;
  bool begun_ = false;
};

// Prints a range in the chosen format: `row` prints an element of a table,
// `json` answers one as JSON, pretty or in a line. Answers the status of the
// range; what came before an error is printed.
template <typename Range, typename Row, typename Json>
absl::Status PrintRange(Output& output, Range&& range, Row row, Json json) {
  JsonArray array(output);
  for (auto& item : range) {
    if (!item.ok()) return item.status();
    switch (output.format()) {
      case Format::kTable:
        row(*item);
        break;
      case Format::kJson:
        array.Add(json(*item, true));
        break;
      case Format::kJsonl:
        output.Line(json(*item, false));
        break;
    }
  }
  if (output.format() == Format::kJson) array.End();
  return absl::OkStatus();
}

// What a command ends with: its output is handed over, its error explained.
// Answers the exit code.
inline int Finish(Output& output, const absl::Status& status) {
  if (absl::Status flushed = output.Flush(); !flushed.ok()) return Explain(flushed);
  return status.ok() ? kOk : Explain(status);
}

}  // namespace communique::cli

#endif  // COMMUNIQUE_CLIENT_CLI_PRINT_RANGE_H_
