// Where the columns go:
//
//   Group ID                     ListEntry.key, list_entry_id; identifier "uk-group-id"
//   Name 1 ... Name 6            names, Name 6 last: it is the family's, or all of it
//   Title                        titles of that name
//   Name Non-Latin Script, ..    a name in its script
//   Alias Type, Alias Quality    what kind of name, how good
//   DOB, Town and Country of Birth   births
//   Nationality                  nationalities
//   Passport .., NI Number, National Identification ..   identifiers; without a number verbatim
//   Position                     positions
//   Address 1 ... 6, Post/Zip Code, Country   addresses
//   Other Information            designation.remarks; UN reference, IMO and MMSI: identifiers
//   Group Type                   type
//   Regime                       a designation for each, programs
//   Listed On                    the stated date of listing; Last Updated: dates of amendment
//
// Other columns are kept verbatim (UK Sanctions List Date Designated).

#include "importers/uk.h"

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "importers/csv.h"
#include "importers/errors.h"
#include "importers/text.h"
#include "importers/times.h"
#include "importers/uk_group.h"

namespace communique::importers {
namespace {

// Without them it is no list of OFSI's.
constexpr absl::string_view kRequired[] = {"Name 6", "Name 1",    "Group Type", "Alias Type",
                                           "Regime", "Listed On", "Group ID"};

class UkList {
 public:
  UkList(const InputFile& file, const ParseOptions& options)
      : file_(file), options_(options), reader_(file, options.limits) {
    list_.list_id = "uk-ofsi-consolidated";
    list_.prefix.append("uk");
    list_.title = "UK Consolidated List of Financial Sanctions Targets";
    list_.authority = "actors/uk-ofsi";
    list_.authority_display_name = "Office of Financial Sanctions Implementation, HM Treasury";
    list_.licence = "Open Government Licence v3.0";
  }

  absl::StatusOr<ParsedList> Parse() {
    if (absl::Status dated = ReadDate(); !dated.ok()) return dated;
    if (absl::Status headed = ReadHeader(); !headed.ok()) return headed;
    const bool whole = absl::EndsWith(file_.bytes, "\n") || absl::EndsWith(file_.bytes, "\r");
    if (absl::Status read = ReadRows(); !read.ok()) return read;
    if (!whole) {
      return BadFile(file_.name, {}, "ends early: its last line does not end");
    }
    for (const std::string& id : ids_) {
      if (absl::Status added = AddEntry(id); !added.ok()) return added;
    }
    if (list_.entries.empty()) return BadFile(file_.name, {}, "has no entries");
    return std::move(list_);
  }

 private:
  // "Last Updated,13/04/2018,,,".
  absl::Status ReadDate() {
    CsvRow row;
    absl::StatusOr<bool> more = reader_.Next(&row);
    if (!more.ok()) return more.status();
    if (!*more || row.cells.size() < 2 || CollapseSpace(row.cells[0]) != "Last Updated") {
      return BadFile(file_.name, row.at,
                     "is of another kind: it does not begin with \"Last Updated\" and a date");
    }
    list_.version = CollapseSpace(row.cells[1]);
    list_.as_of_date = TimeFromWords(list_.version).edtf();
    if (!IsIsoDate(list_.as_of_date)) {
      return BadFile(file_.name, row.at, "does not say of when it is");
    }
    if (!options_.as_of_date.empty() && options_.as_of_date != list_.as_of_date) {
      return BadFile(file_.name, row.at,
                     absl::StrCat("is of ", list_.as_of_date, ", not of ", options_.as_of_date));
    }
    return absl::OkStatus();
  }

  absl::Status ReadHeader() {
    CsvRow row;
    absl::StatusOr<bool> more = reader_.Next(&row);
    if (!more.ok()) return more.status();
    if (!*more) return BadFile(file_.name, row.at, "ends early: it has no header");
    width_ = row.cells.size();
    for (std::size_t i = 0; i < width_; ++i) {
      const std::string name = CollapseSpace(row.cells[i]);
      if (name.empty() || !columns_.emplace(name, i).second) {
        return BadFile(
            file_.name, row.at,
            absl::StrCat("has a header with a column without a name of its own: \"", name, "\""));
      }
    }
    for (const absl::string_view column : kRequired) {
      if (columns_.contains(column)) continue;
      return BadFile(file_.name, row.at,
                     absl::StrCat("is of another kind: it has no column \"", column, "\""));
    }
    return absl::OkStatus();
  }

  absl::Status ReadRows() {
    CsvRow row;
    absl::StatusOr<bool> more = reader_.Next(&row);
    for (; more.ok() && *more; more = reader_.Next(&row)) {
      if (row.cells.size() != width_) {
        return BadFile(
            file_.name, row.at,
            absl::StrCat("has a row of ", row.cells.size(), " columns, not of ", width_));
      }
      for (std::string& cell : row.cells) cell = CollapseSpace(cell);
      if (absl::Status added = AddRow(&row); !added.ok()) return added;
    }
    return more.status();
  }

  absl::Status AddRow(CsvRow* row) {
    const std::string id = UkGroup::CellOf(columns_, row->cells, "Group ID");
    const bool number =
        !id.empty() && absl::c_all_of(id, [](unsigned char c) { return absl::ascii_isdigit(c); });
    if (!number) return BadFile(file_.name, row->at, "has a row without a number as its Group ID");
    auto [group, added] = groups_.try_emplace(id);
    if (added) {
      if (ids_.size() >= options_.limits.max_entries) {
        return OverLimit(file_.name, row->at,
                         absl::StrCat("has more than ", options_.limits.max_entries, " groups"));
      }
      ids_.push_back(id);
      places_.emplace(id, row->at);
    }
    if (group->second.size() >= options_.limits.max_entry_elements) {
      return OverLimit(file_.name, row->at,
                       absl::StrCat("has more than ", options_.limits.max_entry_elements,
                                    " rows of group ", id));
    }
    group->second.push_back(std::move(row->cells));
    return absl::OkStatus();
  }

  absl::Status AddEntry(const std::string& id) {
    const FilePosition at = places_[id];
    UkGroup group(columns_, groups_[id]);
    ListEntry entry;
    entry.key = id;
    entry.reference = id;
    entry.locator = absl::StrCat("Group ID ", id);
    entry.actor = group.ReadActor();
    if (entry.actor.names_size() == 0) {
      return BadFile(file_.name, at, absl::StrCat("has group ", id, " without a name"));
    }
    if (entry.actor.names(0).kind() != v1::NAME_KIND_PRIMARY) {
      return BadFile(file_.name, at, absl::StrCat("has group ", id, " without a primary name"));
    }
    v1::Identifier* identifier = entry.actor.add_identifiers();
    identifier->set_type("uk-group-id");
    identifier->set_value(id);
    entry.designations = group.ReadDesignations();
    for (EntryDesignation& designation : entry.designations) {
      if (designation.suffix.empty()) {
        return BadFile(file_.name, at, absl::StrCat("has group ", id, " of a regime without name"));
      }
      designation.regime_id = RegimeOf(designation);
    }
    if (entry.designations.empty()) {
      return BadFile(file_.name, at, absl::StrCat("has group ", id, " of no regime"));
    }
    list_.entries.push_back(std::move(entry));
    return absl::OkStatus();
  }

  // The regime's id; a new one is put into the list.
  std::string RegimeOf(const EntryDesignation& designation) {
    const std::string id = absl::StrCat("uk-", designation.suffix);
    if (regimes_.insert(id).second) {
      const std::string& name = designation.designation.programs(0);
      ListRegime regime;
      regime.id = id;
      regime.title = absl::StrCat("UK financial sanctions: ", name);
      regime.regime.add_aliases(name);
      list_.regimes.push_back(std::move(regime));
    }
    return id;
  }

  const InputFile& file_;
  const ParseOptions& options_;
  CsvReader reader_;
  ParsedList list_;
  std::size_t width_ = 0;
  UkGroup::Columns columns_;
  std::vector<std::string> ids_;  // In the order of the file.
  absl::flat_hash_map<std::string, std::vector<UkGroup::Row>> groups_;
  absl::flat_hash_map<std::string, FilePosition> places_;  // Of a group's first row.
  absl::flat_hash_set<std::string> regimes_;
};

}  // namespace

absl::StatusOr<ParsedList> ParseUkList(const InputFiles& files, const ParseOptions& options) {
  if (files.size() != 1) {
    return absl::InvalidArgumentError("the UK's list is one CSV file; give that alone");
  }
  return UkList(files[0], options).Parse();
}

}  // namespace communique::importers
