// What a parser makes of an official list: entries by their key, each with what
// the list says of it, in the terms of the schemas. Nothing here knows a server.
//
// A parser fills in values only. The framework (sync.h) gives elements their
// ids, puts evidence behind values, works out intervals and writes.

#ifndef COMMUNIQUE_CLIENT_IMPORTERS_LIST_H_
#define COMMUNIQUE_CLIENT_IMPORTERS_LIST_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "communique/v1/actor.pb.h"
#include "communique/v1/sanction.pb.h"
#include "communique/v1/source.pb.h"
#include "communique/v1/time.pb.h"

namespace communique::importers {

// A file as it was read, whole.
struct InputFile {
  std::string name;    // Without folders.
  std::string bytes;   // Its bytes.
  std::string sha256;  // Of `bytes`, in lower-case hex.
};
using InputFiles = std::vector<InputFile>;

// Caps that keep a hostile or broken file from taking the machine with it. All
// are far above what the lists have.
struct ParseLimits {
  // Bytes of one file, also of one that comes out of an archive. The largest
  // list there is, OFAC's whole ENHANCED_XML, has about 120 MiB.
  std::size_t max_file_bytes = std::size_t{512} << 20;
  // Bytes that come out of an archive for each byte of it. XML of lists shrinks
  // about thirtyfold.
  std::size_t max_zip_ratio = 200;
  // Files in an archive.
  std::size_t max_zip_files = 16;
  // Elements within elements. The lists have at most 10.
  std::size_t max_depth = 32;
  // Bytes of the text of one element, of one attribute, of one cell of a CSV.
  std::size_t max_text_bytes = std::size_t{64} << 10;
  // Elements of a file, or cells.
  std::size_t max_elements = 50'000'000;
  // Elements of one entry; rows that make one entry.
  std::size_t max_entry_elements = 20'000;
  // Entries of a list.
  std::size_t max_entries = 1'000'000;
};

struct ParseOptions {
  ParseLimits limits = {};
  // The list's date, "2021-07-15", for lists that do not say theirs; where the
  // list says another one that is an error. Empty: not given.
  std::string as_of_date = {};
};

// A regime or programme that entries are designated under. The record
// `sanctions/{id}` is created when it is not there, else left as it is.
struct ListRegime {
  std::string id;     // "un-1718", "ofac-dprk2".
  std::string title;  // "UN sanctions on North Korea (resolution 1718)".
  // Aliases, instruments, countries; the framework sets the authority.
  v1::Regime regime;
};

// One designation of an entry. A list that puts an entry under several
// programmes has one for each.
struct EntryDesignation {
  // What tells it from the entry's others in its name, `{prefix}-{key}-{suffix}`
  // ("dprk2"); empty in a list with one designation for each entry.
  std::string suffix;
  // ListRegime.id, or the id of a regime that is known to be there.
  std::string regime_id;
  // measure_types, programs, provisions, reason, remarks, proposers and
  // verbatim_fields; the framework sets the rest. The elements of
  // verbatim_fields are values, like those of the actor.
  v1::Designation designation;
  // The date of listing that the list states; unset: it states none.
  v1::FuzzyTime stated_listed_time;
  // A date of delisting that the list states, future ones too; unset: none.
  v1::FuzzyTime stated_delisted_time;
  // Dates of amendment that the list states, as it orders them.
  std::vector<v1::FuzzyTime> amended_times;
  // Whether the list says that the listing is suspended.
  bool suspended = false;
  // For ListingInterval.listing_reason.
  std::string listing_reason;
};

// A relation to another entry of the same list.
struct EntryRelation {
  std::string other_key;  // ListEntry.key of the other.
  // Without id and evidence; actor.text may be set, actor.target is not.
  v1::ActorRelation relation;
};

// One entry of a list.
//
// Every element of `actor` and of `designation.verbatim_fields` is a value.
// `id` of a name is local to the entry and is only set when Birth.name_id
// refers to it; the framework puts stable ones in their place. `evidences` is
// empty, or one Evidence with nothing but `selectors` (where in the list it
// stands, when that is finer than the entry), `provisions` (what this value
// rests on), `modality` and `note`: the framework adds the source. The same
// holds for vessel and aircraft. Values that are equal but for that are one.
struct ListEntry {
  // The list's own stable key: a DATAID, an ent_num. Of a-z and 0-9 only, as it
  // becomes a part of names.
  std::string key;
  std::string reference;  // Its reference number ("KPi.001"); empty: none.
  std::string locator;    // Where it stands in the list ("DATAID 6908555").
  // What the list says of it, without evidences, assertions, judgements.
  v1::Actor actor;
  std::vector<EntryDesignation> designations;
  std::vector<EntryRelation> relations;
};

// A list, parsed whole.
struct ParsedList {
  std::string list_id;  // "un-sc-consolidated".
  // Of names: actors/{prefix}-{key}, sanctions/{prefix}-{key}. "un", "ofac".
  std::string prefix;
  std::string title;                   // Of the list, without its version.
  std::string authority;               // "actors/un-security-council".
  std::string authority_display_name;  // For when the record is not there.
  std::string licence;                 // Of the list; empty: not said.
  std::string as_of_date;              // "2025-04-19". Required.
  std::string version;                 // As the authority numbers or dates it.
  std::vector<ListRegime> regimes;
  // In the order of the file; keys are unique.
  std::vector<ListEntry> entries;
};

// A list's format: the words of the command line, and who reads it.
struct ListFormat {
  absl::string_view word;     // "un".
  absl::string_view summary;  // "UN Security Council Consolidated List, XML".
  // Nullptr: not read yet.
  absl::StatusOr<ParsedList> (*parse)(const InputFiles& files, const ParseOptions& options);
};

// Every format, in one place (formats.cc).
const std::vector<ListFormat>& AllFormats();
// Nullptr when there is none of that name.
const ListFormat* FindFormat(absl::string_view word);

}  // namespace communique::importers

#endif  // COMMUNIQUE_CLIENT_IMPORTERS_LIST_H_
