// A designation's record over the versions of its list: what it says, and when it
// was listed.

#ifndef COMMUNIQUE_CLIENT_IMPORTERS_DESIGNATION_H_
#define COMMUNIQUE_CLIENT_IMPORTERS_DESIGNATION_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "communique/v1/sanction.pb.h"
#include "communique/v1/time.pb.h"
#include "importers/list.h"
#include "importers/own_values.h"

namespace communique::importers {

// The version of a list that is being imported, and the one before it.
struct VersionStep {
  ListSource list;
  std::string as_of_date;  // Of this version.
  // Of the last version whose import ended; empty: this is the first one.
  std::string last_date;
  // Dates of all versions that are held, by their records' names.
  absl::flat_hash_map<std::string, std::string> dates;
};

// Some time after the one version and not after the other: "[2018-10-30..2020-11-30]",
// "[..2018-10-29]" when there is none before.
v1::FuzzyTime BetweenVersions(absl::string_view last_date, absl::string_view as_of_date);

// The end of a listing that the one version has and the other has not. The day of a
// delisting counts as listed (ComputedState "listed"), so its last day is the first
// one's at the earliest and the day before the other at the latest:
// "[2018-10-29..2020-11-29]".
v1::FuzzyTime EndBetweenVersions(absl::string_view last_date, absl::string_view as_of_date);

// Whether the list had the entry in its last version: an interval of its own is
// open, or ended by a date that the list states while it has the entry.
bool IsListed(const ListSource& list, const v1::Designation& designation);

// Brings a designation that the version has up to what it says. The framework's
// part of the record (regime, actor, authority, list_id) is taken from `names`.
// A listing that had ended begins anew; an interval that is somebody else's stays.
struct DesignationNames {
  std::string regime;
  std::string actor;
  std::string authority;
  std::string list_id;
  std::string title;
};
void MergeDesignation(const VersionStep& step, const ListEntry& entry, const EntryDesignation& ours,
                      const DesignationNames& names, IdPool* ids, v1::Sanction* sanction,
                      std::vector<std::string>* what);

// Ends the listing of one that the version has no more; whether anything changed.
bool EndListing(const VersionStep& step, v1::Sanction* sanction);

// Notes that the record had another name until this version.
void NoteRekeyed(const VersionStep& step, const ListEntry& entry, absl::string_view old_name,
                 v1::Sanction* sanction);
bool WasRekeyedBy(absl::string_view source, const v1::Sanction& sanction);

}  // namespace communique::importers

#endif  // COMMUNIQUE_CLIENT_IMPORTERS_DESIGNATION_H_
