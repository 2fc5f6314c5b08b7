#include "cli/table.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cli/terminal.h"

namespace communique::cli {
namespace {

constexpr std::size_t kRowsMeasured = 500;
constexpr std::size_t kMaxWidth = 48;  // Of a column but the first and the last.

}  // namespace

Table::Table(Output& output, std::vector<std::string> header) : output_(output) {
  rows_.push_back(std::move(header));
}

Table::~Table() { Print(); }

void Table::Add(std::vector<std::string> row) {
  rows_.push_back(std::move(row));
  if (rows_.size() > kRowsMeasured) Print();
}

void Table::Print() {
  if (empty()) return;
  if (widths_.empty()) {
    widths_.resize(rows_[0].size());
    for (const auto& row : rows_) {
      for (std::size_t i = 0; i < row.size(); ++i) {
        widths_[i] = std::min(kMaxWidth, std::max(widths_[i], DisplayWidth(row[i])));
      }
    }
  }
  for (const auto& row : rows_) {
    std::string line;
    for (std::size_t i = 0; i + 1 < row.size(); ++i) {
      absl::StrAppend(&line, i == 0 ? Pad(row[i], widths_[i]) : Fit(row[i], widths_[i]), "  ");
    }
    absl::StrAppend(&line, row.back());
    while (!line.empty() && line.back() == ' ') line.pop_back();
    output_.Line(std::exchange(printed_, true) ? line : output_.Bold(line));
  }
  rows_.clear();
}

}  // namespace communique::cli
