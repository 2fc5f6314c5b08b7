// The rows of one group of OFSI's list as one entry.

#ifndef COMMUNIQUE_CLIENT_IMPORTERS_UK_GROUP_H_
#define COMMUNIQUE_CLIENT_IMPORTERS_UK_GROUP_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "importers/list.h"

namespace communique::importers {

// The rows that have one Group ID, in the order of the file.
class UkGroup {
 public:
  // Index of a column by its name.
  using Columns = absl::flat_hash_map<std::string, std::size_t>;
  using Row = std::vector<std::string>;  // Cells, white space collapsed.

  // Both live longer than this.
  UkGroup(const Columns& columns, const std::vector<Row>& rows) : columns_(columns), rows_(rows) {}

  // The actor, without identifiers of the list itself.
  v1::Actor ReadActor();
  // The designations: one for each regime, each with its own dates.
  std::vector<EntryDesignation> ReadDesignations();

  // The cell of a column; empty when there is no such column.
  static const std::string& CellOf(const Columns& columns, const Row& row,
                                   absl::string_view column);

 private:
  // The values of a column that are not empty, each once, in order; marks the column
  // as read.
  std::vector<std::string> Values(absl::string_view column);
  const std::string& Cell(const Row& row, absl::string_view column);

  void ReadNames(v1::Actor* actor);
  void ReadName(const Row& row, bool primary, v1::Actor* actor);
  void ReadNonLatinName(const Row& row, v1::Actor* actor);
  std::vector<v1::Place> ReadBirthPlaces();
  void ReadBirths(v1::Actor* actor);
  void ReadNationalities(v1::Actor* actor);
  void ReadDocuments(absl::string_view numbers, absl::string_view details, absl::string_view type,
                     v1::Actor* actor);
  void ReadAddresses(v1::Actor* actor);
  void ReadOtherInformation(v1::Actor* actor);
  void ReadDates(const std::string& regime, EntryDesignation* designation);
  void AddVerbatim(absl::string_view field, absl::string_view text);

  const Columns& columns_;
  const std::vector<Row>& rows_;
  absl::flat_hash_set<std::string> read_;  // Columns that have a place in the model.
  std::vector<v1::VerbatimField> verbatim_;
};

}  // namespace communique::importers

#endif  // COMMUNIQUE_CLIENT_IMPORTERS_UK_GROUP_H_
