#include "importers/ofac_tables.h"

#include <array>
#include <cstddef>
#include <optional>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "importers/text.h"

namespace communique::importers {
namespace {

// The columns of each file tell what it is.
struct Kind {
  absl::string_view name;
  std::size_t columns;
};
enum : std::size_t { kSdn, kAlt, kAdd, kComments, kKinds };
constexpr std::array<Kind, kKinds> kFileKinds = {
    {{"sdn.csv", 12}, {"alt.csv", 5}, {"add.csv", 6}, {"sdn_comments.csv", 2}}};

// Characters after which sdn.csv cuts remarks.
constexpr std::size_t kRemarksCut = 1000;

constexpr absl::string_view kNull = "-0-";

bool IsNumber(absl::string_view text) {
  return !text.empty() &&
         absl::c_all_of(text, [](unsigned char c) { return absl::ascii_isdigit(c); });
}

std::string Cell(absl::string_view raw) {
  const std::string text = CollapseSpace(raw);
  return text == kNull ? std::string() : text;
}

// Code points of valid UTF-8.
std::size_t CountCharacters(absl::string_view text) {
  return static_cast<std::size_t>(
      absl::c_count_if(text, [](unsigned char c) { return (c & 0xC0) != 0x80; }));
}

bool EndsWithCtrlZ(const InputFile& file) {
  return absl::EndsWith(absl::StripTrailingAsciiWhitespace(file.bytes), "\x1a");
}

class Joining {
 public:
  explicit Joining(const ParseLimits& limits) : limits_(limits) {}

  absl::StatusOr<OfacTables> Run(const InputFiles& files) {
    for (const InputFile& file : files) {
      if (absl::Status status = Sort(file); !status.ok()) return status;
    }
    for (const std::size_t kind : {kSdn, kAlt, kAdd}) {
      if (files_[kind] == nullptr) return Missing(kind);
    }
    if (absl::Status status = CheckEnds(); !status.ok()) return status;
    tables_.sdn_file = files_[kSdn]->name;
    // The entries first: the others are joined to them.
    for (const std::size_t kind : {kSdn, kAlt, kAdd, kComments}) {
      if (files_[kind] == nullptr) continue;
      if (absl::Status status = ReadRows(kind); !status.ok()) return status;
    }
    if (absl::Status status = FinishRemarks(); !status.ok()) return status;
    return std::move(tables_);
  }

 private:
  static absl::Status Missing(std::size_t kind) {
    return absl::InvalidArgumentError(
        absl::StrCat("a list of OFAC's needs sdn.csv, alt.csv, add.csv and sdn_comments.csv of one "
                     "day; there is no ",
                     kFileKinds[kind].name, ", a file of ", kFileKinds[kind].columns, " columns"));
  }

  // Finds out what a file is by its first row.
  absl::Status Sort(const InputFile& file) {
    CsvReader reader(file, limits_);
    CsvRow row;
    absl::StatusOr<bool> more = reader.Next(&row);
    if (!more.ok()) return more.status();
    if (!*more) return BadFile(file.name, {}, "is empty");
    for (std::size_t kind = 0; kind < kKinds; ++kind) {
      if (row.cells.size() != kFileKinds[kind].columns || !IsNumber(Cell(row.cells[0]))) continue;
      if (files_[kind] != nullptr) {
        return BadFile(
            file.name, {},
            absl::StrCat("is a second ", kFileKinds[kind].name, ", beside ", files_[kind]->name));
      }
      files_[kind] = &file;
      return absl::OkStatus();
    }
    return BadFile(file.name, row.at,
                   absl::StrCat("is of another kind: no file of OFAC's list begins with a row of ",
                                row.cells.size(), " columns and \"",
                                absl::string_view(row.cells[0]).substr(0, 20), "\""));
  }

  // OFAC ends each file with Ctrl-Z. Copies that went through other hands have lost
  // it in all of them; one that has lost it alone has lost more. Not so the comments:
  // there are copies of another day's.
  absl::Status CheckEnds() const {
    const InputFile* with = nullptr;
    const InputFile* without = nullptr;
    for (const std::size_t kind : {kSdn, kAlt, kAdd}) {
      (EndsWithCtrlZ(*files_[kind]) ? with : without) = files_[kind];
    }
    if (with == nullptr || without == nullptr) return absl::OkStatus();
    return BadFile(
        without->name, {},
        absl::StrCat("ends early: it has no Ctrl-Z at its end, which ", with->name, " has"));
  }

  absl::Status ReadRows(std::size_t kind) {
    const InputFile& file = *files_[kind];
    CsvReader reader(file, limits_);
    CsvRow row;
    CsvRow next;
    absl::StatusOr<bool> more = reader.Next(&row);
    while (more.ok() && *more) {
      more = reader.Next(&next);
      if (!more.ok()) break;
      if (row.cells.size() != kFileKinds[kind].columns) {
        return BadFile(file.name, row.at,
                       absl::StrCat("has a row of ", row.cells.size(), " columns, not of ",
                                    kFileKinds[kind].columns));
      }
      // A copy without its Ctrl-Z may have lost the last byte before it, too.
      if (!*more && CollapseSpace(row.cells.back()) == "-0") row.cells.back().clear();
      if (absl::Status status = AddRow(kind, row); !status.ok()) return status;
      std::swap(row, next);
    }
    return more.status();
  }

  absl::Status AddRow(std::size_t kind, const CsvRow& row) {
    const std::string number = Cell(row.cells[0]);
    if (!IsNumber(number)) {
      return BadFile(files_[kind]->name, row.at, "has a row that does not begin with a number");
    }
    if (kind == kSdn) return AddEntry(number, row);
    const auto found = index_.find(number);
    if (found == index_.end()) {
      if (kind == kComments) return absl::OkStatus();
      return BadFile(files_[kind]->name, row.at,
                     absl::StrCat("is not of the same day as ", tables_.sdn_file,
                                  ", or that ends "
                                  "early: entry ",
                                  number, " is not in it"));
    }
    OfacEntry& entry = tables_.entries[found->second];
    if (entry.aliases.size() + entry.addresses.size() >= limits_.max_entry_elements) {
      return OverLimit(
          files_[kind]->name, row.at,
          absl::StrCat("has more than ", limits_.max_entry_elements, " rows of entry ", number));
    }
    if (kind == kComments) return AddComment(row, &entry);
    if (kind == kAlt) {
      entry.aliases.push_back(
          {Cell(row.cells[1]), Cell(row.cells[2]), Cell(row.cells[3]), Cell(row.cells[4])});
    } else {
      entry.addresses.push_back({Cell(row.cells[1]), Cell(row.cells[2]), Cell(row.cells[3]),
                                 Cell(row.cells[4]), Cell(row.cells[5])});
    }
    return absl::OkStatus();
  }

  absl::Status AddEntry(const std::string& number, const CsvRow& row) {
    const InputFile& file = *files_[kSdn];
    if (tables_.entries.size() >= limits_.max_entries) {
      return OverLimit(file.name, row.at,
                       absl::StrCat("has more than ", limits_.max_entries, " entries"));
    }
    if (!index_.emplace(number, tables_.entries.size()).second) {
      return BadFile(file.name, row.at, absl::StrCat("has entry ", number, " twice"));
    }
    OfacEntry entry;
    entry.at = row.at;
    entry.number = number;
    std::string* const fields[] = {
        &entry.name,        &entry.type,    &entry.program,       &entry.title, &entry.call_sign,
        &entry.vessel_type, &entry.tonnage, &entry.gross_tonnage, &entry.flag,  &entry.owner};
    for (std::size_t i = 0; i < std::size(fields); ++i) *fields[i] = Cell(row.cells[i + 1]);
    // As it is: what is behind the cut goes on at the very next character.
    entry.remarks = row.cells.back();
    if (CollapseSpace(entry.remarks) == kNull) entry.remarks.clear();
    if (entry.name.empty()) {
      return BadFile(file.name, row.at, absl::StrCat("has entry ", number, " without a name"));
    }
    tables_.entries.push_back(std::move(entry));
    return absl::OkStatus();
  }

  absl::Status AddComment(const CsvRow& row, OfacEntry* entry) {
    const std::string& comment = row.cells[1];
    if (Cell(comment).empty()) return absl::OkStatus();
    if (CountCharacters(entry->remarks) != kRemarksCut) {
      entry->stray_comments.push_back(CollapseSpace(comment));
      return absl::OkStatus();
    }
    if (entry->remarks.size() + comment.size() > limits_.max_text_bytes) {
      return OverLimit(files_[kComments]->name, row.at,
                       absl::StrCat("has remarks of more than ", limits_.max_text_bytes, " bytes"));
    }
    entry->remarks += comment;
    return absl::OkStatus();
  }

  // Remarks that are still as long as a cut, and do not end as remarks do.
  absl::Status FinishRemarks() {
    for (OfacEntry& entry : tables_.entries) {
      const bool cut =
          CountCharacters(entry.remarks) == kRemarksCut && !absl::EndsWith(entry.remarks, ".");
      if (cut) {
        return BadFile(tables_.sdn_file, entry.at,
                       absl::StrCat("has remarks of entry ", entry.number, " that are cut after ",
                                    kRemarksCut, " characters; their rest is in ",
                                    kFileKinds[kComments].name, " of the same day, which ",
                                    files_[kComments] == nullptr ? "is not given" : "lacks it"));
      }
      entry.remarks = CollapseSpace(entry.remarks);
    }
    return absl::OkStatus();
  }

  const ParseLimits& limits_;
  std::array<const InputFile*, kKinds> files_ = {};
  OfacTables tables_;
  absl::flat_hash_map<std::string, std::size_t> index_;  // Of entries, by ent_num.
};

}  // namespace

absl::StatusOr<OfacTables> ReadOfacTables(const InputFiles& files, const ParseLimits& limits) {
  return Joining(limits).Run(files);
}

}  // namespace communique::importers
