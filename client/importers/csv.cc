#include "importers/csv.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "importers/text.h"

namespace communique::importers {
namespace {

constexpr char kCtrlZ = '\x1a';

bool IsLineEnd(char c) { return c == '\r' || c == '\n'; }

}  // namespace

CsvReader::CsvReader(const InputFile& file, const ParseLimits& limits, char separator)
    : file_(file.name),
      limits_(limits),
      separator_(separator),
      // One that is over the limit is refused by Next; it is not converted.
      text_(file.bytes.size() > limits.max_file_bytes ? std::string(1, '\0') : ToUtf8(file.bytes)) {
}

void CsvReader::Advance() {
  const char c = text_[at_++];
  const bool second_of_pair = c == '\n' && at_ >= 2 && text_[at_ - 2] == '\r';
  if (second_of_pair) return;  // CR LF is one end of line.
  if (IsLineEnd(c)) {
    ++position_.line;
    position_.column = 1;
  } else {
    ++position_.column;
  }
}

absl::Status CsvReader::Add(std::string* cell, char c) {
  if (c == '\0') return BadFile(file_, position_, "is no CSV of a list: it has a NUL");
  if (cell->size() >= limits_.max_text_bytes) {
    return OverLimit(file_, position_,
                     absl::StrCat("has a cell of more than ", limits_.max_text_bytes, " bytes"));
  }
  cell->push_back(c);
  Advance();
  return absl::OkStatus();
}

absl::Status CsvReader::ReadQuoted(std::string* cell) {
  const FilePosition begin = position_;
  Advance();
  while (!AtEnd()) {
    if (text_[at_] != '"') {
      if (absl::Status status = Add(cell, text_[at_]); !status.ok()) return status;
      continue;
    }
    Advance();
    if (!AtEnd() && text_[at_] == '"') {
      if (absl::Status status = Add(cell, '"'); !status.ok()) return status;
      continue;
    }
    while (!AtEnd() && text_[at_] == ' ') Advance();
    if (AtEnd() || text_[at_] == separator_ || IsLineEnd(text_[at_]) || text_[at_] == kCtrlZ) {
      return absl::OkStatus();
    }
    return BadFile(file_, position_, "has something behind the closing quote of a cell");
  }
  return BadFile(file_, begin, "ends early: this quote is never closed");
}

absl::Status CsvReader::ReadCell(std::string* cell) {
  if (++cells_ > limits_.max_elements) {
    return OverLimit(file_, position_,
                     absl::StrCat("has more than ", limits_.max_elements, " cells"));
  }
  if (!AtEnd() && text_[at_] == '"') return ReadQuoted(cell);
  while (!AtEnd() && text_[at_] != separator_ && !IsLineEnd(text_[at_]) && text_[at_] != kCtrlZ) {
    if (absl::Status status = Add(cell, text_[at_]); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> CsvReader::Next(CsvRow* row) {
  if (text_.size() == 1 && text_[0] == '\0') {
    return OverLimit(
        file_, {}, absl::StrCat("has more than ", limits_.max_file_bytes, " bytes, or is no CSV"));
  }
  while (!AtEnd() && IsLineEnd(text_[at_])) Advance();
  if (!AtEnd() && text_[at_] == kCtrlZ) {
    Advance();
    while (!AtEnd() && absl::ascii_isspace(static_cast<unsigned char>(text_[at_]))) Advance();
    if (!AtEnd()) return BadFile(file_, position_, "goes on behind a Ctrl-Z");
  }
  if (AtEnd()) return false;
  row->at = position_;
  row->cells.clear();
  while (true) {
    std::string cell;
    if (absl::Status status = ReadCell(&cell); !status.ok()) return status;
    row->cells.push_back(std::move(cell));
    if (row->cells.size() > limits_.max_entry_elements) {
      return OverLimit(file_, position_, "has a row of too many cells");
    }
    if (AtEnd() || text_[at_] != separator_) return true;
    Advance();
  }
}

}  // namespace communique::importers
