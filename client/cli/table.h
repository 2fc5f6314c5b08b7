#ifndef COMMUNIQUE_CLIENT_CLI_TABLE_H_
#define COMMUNIQUE_CLIENT_CLI_TABLE_H_

#include <cstddef>
#include <string>
#include <vector>

#include "cli/output.h"

namespace communique::cli {

// Rows in columns. Widths come from the first rows; later ones follow them, so
// that a long list needs little memory. Cells are printed as they are; only the
// last may hold what a terminal obeys, since nothing is measured after it.
class Table {
 public:
  Table(Output& output, std::vector<std::string> header);
  // Prints what was not printed yet. Without a row, nothing is printed at all.
  ~Table();
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;

  void Add(std::vector<std::string> row);
  bool empty() const { return !printed_ && rows_.size() == 1; }

 private:
  void Print();

  Output& output_;
  std::vector<std::vector<std::string>> rows_;
  std::vector<std::size_t> widths_;
  bool printed_ = false;
};

}  // namespace communique::cli

#endif  // COMMUNIQUE_CLIENT_CLI_TABLE_H_
