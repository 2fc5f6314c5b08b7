// The four files of OFAC's CSV, read and joined.

#ifndef COMMUNIQUE_CLIENT_IMPORTERS_OFAC_TABLES_H_
#define COMMUNIQUE_CLIENT_IMPORTERS_OFAC_TABLES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "importers/csv.h"
#include "importers/list.h"

namespace communique::importers {

// Cells have no white space at either end; "-0-", which is null, is empty.

// A row of alt.csv.
struct OfacAlias {
  std::string number, type, name, remarks;
};

// A row of add.csv.
struct OfacAddress {
  std::string number, address, city, country, remarks;
};

// A row of sdn.csv with the rows of the others that go with it, in their order.
struct OfacEntry {
  FilePosition at;
  std::string number;  // ent_num.
  std::string name, type, program, title;
  std::string call_sign, vessel_type, tonnage, gross_tonnage, flag, owner;
  std::string remarks;  // Whole: with what sdn_comments.csv continues.
  std::vector<OfacAlias> aliases;
  std::vector<OfacAddress> addresses;
  // Comments that continue no remarks of it: of another version of the list.
  std::vector<std::string> stray_comments;
};

struct OfacTables {
  std::string sdn_file;  // Name of the file with the entries.
  std::vector<OfacEntry> entries;
};

// Tells the files apart by their columns (12, 5, 6 and 2), whatever their order,
// reads and joins them.
//
// sdn.csv cuts remarks at 1,000 characters; sdn_comments.csv has the rest. It may
// be left out only when nothing is cut. Comments of entries that are not there are
// of another version and left out: real copies come with such files.
//
// Errors: INVALID_ARGUMENT for a file too few or too many, of another kind or of
// another number of columns, an entry that is there twice, an alias or address
// without its entry, remarks whose rest is missing, and a file without the Ctrl-Z
// that the others end with; RESOURCE_EXHAUSTED over a limit.
absl::StatusOr<OfacTables> ReadOfacTables(const InputFiles& files, const ParseLimits& limits);

}  // namespace communique::importers

#endif  // COMMUNIQUE_CLIENT_IMPORTERS_OFAC_TABLES_H_
