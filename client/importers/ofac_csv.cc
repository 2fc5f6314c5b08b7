// Where the columns go:
//
//   sdn.csv    ent_num         ListEntry.key, list_entry_id; identifier "ofac-uid"
//              SDN_Name        the primary name; of a person's, its parts
//              SDN_Type        type
//              Program         a designation for each
//              Title           positions; "Haji" and the like are titles of the name
//              Call_Sign       identifier; Vess_flag: nationalities; Vess_owner: a relation
//              Vess_type, Tonnage, GRT   vessel
//              Remarks         designation.remarks as they are, and clause by clause to
//                              where the model has it: ofac_labels.cc; else verbatim
//   alt.csv    alt_name        aliases, strong: OFAC publishes weak ones in the remarks alone
//              alt_type        of what kind; alt_remarks: note
//   add.csv    Address, City   address; Country: region_code; Add_remarks: note
//
// alt_num and add_num are locators in the evidence.

#include "importers/ofac_csv.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "importers/countries.h"
#include "importers/errors.h"
#include "importers/ofac_facts.h"
#include "importers/ofac_list.h"
#include "importers/ofac_names.h"
#include "importers/ofac_remarks.h"
#include "importers/ofac_tables.h"
#include "importers/places.h"
#include "importers/text.h"
#include "importers/times.h"

namespace communique::importers {
namespace {

// Names of files of the list of non-SDNs begin with it.
constexpr absl::string_view kNonSdnFiles = "cons";

// The date at the end of "sdn_2021-07-15.csv" or "sdn_2021-07.csv"; empty: none.
std::string DateInName(absl::string_view name) {
  name = name.substr(0, name.rfind('.'));
  const std::size_t underscore = name.rfind('_');
  if (underscore == absl::string_view::npos) return std::string();
  const std::string date(name.substr(underscore + 1));
  if (IsIsoDate(date)) return date;
  const std::string first_day = absl::StrCat(date, "-01");
  return IsIsoDate(first_day) ? date : std::string();
}

// The version as the names or the options say it: a day or a month.
absl::StatusOr<std::string> FindVersion(const InputFiles& files, const ParseOptions& options) {
  if (!options.as_of_date.empty()) return options.as_of_date;
  std::string version;
  for (const InputFile& file : files) {
    const std::string date = DateInName(file.name);
    if (date.empty()) {
      return BadFile(file.name, {},
                     "does not say of when it is; give the list's date with --as_of, or name the "
                     "files like sdn_2021-07-15.csv");
    }
    if (!version.empty() && version != date) {
      return BadFile(file.name, {},
                     absl::StrCat("is named after ", date, ", another after ", version,
                                  "; give the list's date with --as_of"));
    }
    version = date;
  }
  return version;
}

OfacListKind KindOf(absl::string_view sdn_file) {
  return absl::StartsWithIgnoreCase(sdn_file, kNonSdnFiles) ? OfacListKind::kNonSdn
                                                            : OfacListKind::kSdn;
}

// "SDGT] [IRGC] [IFSR".
std::vector<std::string> SplitPrograms(absl::string_view text) {
  std::vector<std::string> programs;
  for (const absl::string_view part : absl::StrSplit(text, absl::ByAnyChar("[]"))) {
    const absl::string_view program = absl::StripAsciiWhitespace(part);
    if (!program.empty()) programs.emplace_back(program);
  }
  return programs;
}

void SetLocator(absl::string_view locator, v1::Evidence* evidence) {
  evidence->add_selectors()->set_locator(std::string(locator));
}

std::string Joined(std::vector<std::string> parts) {
  parts.erase(std::remove(parts.begin(), parts.end(), ""), parts.end());
  return absl::StrJoin(parts, ", ");
}

void AddAlias(const OfacAlias& alias, v1::Actor* actor) {
  const bool former = alias.type == "fka";
  v1::ActorName* name = AddOfacName(alias.name, former ? v1::NAME_KIND_FORMER : v1::NAME_KIND_ALIAS,
                                    v1::NAME_QUALITY_STRONG, actor);
  // "nka": it is called so now.
  const bool plain = former || alias.type == "aka";
  name->set_note(Joined({plain ? std::string() : alias.type, alias.remarks}));
  SetLocator(absl::StrCat("alt_num ", alias.number), name->add_evidences());
}

void AddAddress(const OfacAddress& from, v1::Actor* actor) {
  v1::Address address;
  address.set_text(Joined({from.address, from.city, from.country}));
  address.set_note(from.remarks);
  if (address.text().empty() && address.note().empty()) return;
  address.set_street(from.address);
  address.set_region_code(CountryCode(from.country));
  const std::string where = Joined({from.city, from.country});
  if (!where.empty()) {
    *address.mutable_place() = PlaceIn(where, address.region_code());
    if (from.city.empty()) address.mutable_place()->set_type(v1::PLACE_TYPE_COUNTRY);
  }
  SetLocator(absl::StrCat("add_num ", from.number), address.add_evidences());
  *actor->add_addresses() = std::move(address);
}

absl::StatusOr<v1::ActorType> TypeOf(const OfacEntry& row, absl::string_view file) {
  if (row.type.empty()) return v1::ACTOR_TYPE_ORGANIZATION;
  if (absl::EqualsIgnoreCase(row.type, "individual")) return v1::ACTOR_TYPE_PERSON;
  if (absl::EqualsIgnoreCase(row.type, "vessel")) return v1::ACTOR_TYPE_VESSEL;
  if (absl::EqualsIgnoreCase(row.type, "aircraft")) return v1::ACTOR_TYPE_AIRCRAFT;
  return BadFile(file, row.at, absl::StrCat("has an SDN_Type that is not known: ", row.type));
}

void AddVessel(const OfacEntry& row, OfacFacts* facts) {
  v1::Actor& actor = facts->actor();
  if (!row.call_sign.empty()) {
    v1::Identifier* identifier = actor.add_identifiers();
    identifier->set_type("call-sign");
    identifier->set_value(row.call_sign);
  }
  if (!row.flag.empty()) {
    v1::Nationality* flag = actor.add_nationalities();
    flag->set_kind(v1::NATIONALITY_KIND_FLAG);
    flag->set_text(row.flag);
    flag->set_region_code(CountryCode(row.flag));
  }
  if (!row.vessel_type.empty()) actor.mutable_vessel()->set_vessel_type(row.vessel_type);
  if (!row.tonnage.empty()) actor.mutable_vessel()->set_tonnage(row.tonnage);
  if (!row.gross_tonnage.empty()) actor.mutable_vessel()->set_gross_tonnage(row.gross_tonnage);
  if (!row.owner.empty()) {
    facts->AddRelation(row.owner, v1::ACTOR_RELATION_TYPE_OWNED_BY, "Vessel Owner");
  }
}

OfacNames NamesOf(const OfacTables& tables) {
  OfacNames names;
  for (const OfacEntry& entry : tables.entries) {
    names.AddPrimary(entry.name, entry.number);
    for (const OfacAlias& alias : entry.aliases) names.AddAlias(alias.name, entry.number);
  }
  return names;
}

absl::Status AddEntry(const OfacEntry& row, const OfacNames& names, const OfacTables& tables,
                      OfacListKind kind, OfacRegimeIds* regimes, ParsedList* list) {
  ListEntry entry;
  entry.key = row.number;
  entry.reference = row.number;
  entry.locator = absl::StrCat("ent_num ", row.number);
  absl::StatusOr<v1::ActorType> type = TypeOf(row, tables.sdn_file);
  if (!type.ok()) return type.status();
  entry.actor.set_type(*type);
  AddOfacName(row.name, v1::NAME_KIND_PRIMARY, v1::NAME_QUALITY_UNSPECIFIED, &entry.actor);
  SetOfacDisplayName(&entry.actor);
  v1::Identifier* uid = entry.actor.add_identifiers();
  uid->set_type("ofac-uid");
  uid->set_value(row.number);
  OfacFacts facts(names, &entry);
  for (const OfacAlias& alias : row.aliases) {
    if (!alias.name.empty()) AddAlias(alias, &entry.actor);
    if (alias.name.empty() && !alias.remarks.empty()) {
      facts.AddVerbatim("alt_remarks", alias.remarks);
    }
  }
  for (const OfacAddress& address : row.addresses) AddAddress(address, &entry.actor);
  AddVessel(row, &facts);
  const std::vector<std::string> titles = SplitRemarks(row.title);
  for (const std::string& title : titles) facts.AddTitle(title);
  AddRemarks(row.remarks, titles, &facts);
  for (const std::string& stray : row.stray_comments) facts.AddVerbatim("sdn_comments", stray);

  EntryDesignation what;
  what.designation.set_remarks(row.remarks);
  for (const v1::VerbatimField& kept : facts.verbatim()) {
    *what.designation.add_verbatim_fields() = kept;
  }
  if (!AddOfacDesignations(kind, SplitPrograms(row.program), what, &entry, regimes, list)) {
    return BadFile(tables.sdn_file, row.at,
                   absl::StrCat("has entry ", row.number, " of no programme"));
  }
  list->entries.push_back(std::move(entry));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ParsedList> ParseOfacCsv(const InputFiles& files, const ParseOptions& options) {
  absl::StatusOr<OfacTables> tables = ReadOfacTables(files, options.limits);
  if (!tables.ok()) return tables.status();
  absl::StatusOr<std::string> version = FindVersion(files, options);
  if (!version.ok()) return version.status();

  const OfacListKind kind = KindOf(tables->sdn_file);
  ParsedList list = MakeOfacList(kind);
  list.version = *version;
  list.as_of_date = IsIsoDate(*version) ? *version : absl::StrCat(*version, "-01");
  const OfacNames names = NamesOf(*tables);
  OfacRegimeIds regimes;
  for (const OfacEntry& row : tables->entries) {
    const absl::Status added = AddEntry(row, names, *tables, kind, &regimes, &list);
    if (!added.ok()) return added;
  }
  return list;
}

}  // namespace communique::importers
