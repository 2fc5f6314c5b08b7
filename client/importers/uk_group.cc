#include "importers/uk_group.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "importers/countries.h"
#include "importers/places.h"
#include "importers/text.h"
#include "importers/times.h"
#include "importers/titles.h"
#include "importers/uk_text.h"

namespace communique::importers {
namespace {

constexpr absl::string_view kGivenNames[] = {"Name 1", "Name 2", "Name 3", "Name 4", "Name 5"};
constexpr absl::string_view kFamilyName = "Name 6";
constexpr absl::string_view kAddressLines[] = {"Address 1", "Address 2", "Address 3",
                                               "Address 4", "Address 5", "Address 6"};

v1::NameKind KindOf(absl::string_view alias_type, bool primary) {
  if (primary) return v1::NAME_KIND_PRIMARY;
  return absl::StartsWithIgnoreCase(alias_type, "FKA") ? v1::NAME_KIND_FORMER : v1::NAME_KIND_ALIAS;
}

v1::NameQuality QualityOf(absl::string_view alias_quality) {
  if (absl::StartsWithIgnoreCase(alias_quality, "good")) return v1::NAME_QUALITY_STRONG;
  if (absl::StartsWithIgnoreCase(alias_quality, "low")) return v1::NAME_QUALITY_WEAK;
  return v1::NAME_QUALITY_UNSPECIFIED;
}

// "Maulavi/Mullah", "1) Mullah, 2) Maulavi".
std::vector<std::string> TitlesOf(const std::string& cell) {
  std::vector<std::string> titles;
  for (const UkItem& item : UkItems(cell)) {
    const std::vector<std::string> parts = absl::StrSplit(item.text, '/');
    const bool apart = parts.size() > 1 && absl::c_all_of(parts, IsHonorific);
    for (const std::string& part : parts) {
      if (apart) titles.emplace_back(absl::StripAsciiWhitespace(part));
    }
    if (!apart) titles.push_back(item.text);
  }
  return titles;
}

// A name that says the same, or nullptr.
v1::ActorName* FindName(const std::string& text, v1::NameKind kind, v1::NameQuality quality,
                        v1::Actor* actor) {
  for (v1::ActorName& name : *actor->mutable_names()) {
    if (name.text() == text && name.kind() == kind && name.quality() == quality) return &name;
  }
  return nullptr;
}

void AddTitle(const std::string& title, v1::ActorName* name) {
  if (!absl::c_linear_search(name->titles(), title)) name->add_titles(title);
}

void AddPart(const std::string& text, v1::NamePartKind kind, v1::ActorName* name) {
  v1::NamePart* part = name->add_parts();
  part->set_text(text);
  part->set_kind(kind);
}

// "Pakistan (previous address)" is a country and a note.
void SplitCountry(const std::string& written, std::string* country, std::string* note) {
  const std::size_t open = written.find(" (");
  *country = written.substr(0, open);
  if (open == std::string::npos || !CountryCode(written).empty()) {
    *country = written;
    return;
  }
  absl::string_view rest = absl::string_view(written).substr(open + 2);
  absl::ConsumeSuffix(&rest, ")");
  *note = std::string(rest);
}

v1::Place PlaceOf(const std::string& town, const std::string& country) {
  if (town.empty()) return PlaceFromWords(country);
  if (country.empty()) return PlaceFromWords(town);
  const std::string words = absl::StrCat(town, ", ", country);
  const std::string code = CountryCode(country);
  return code.empty() ? PlaceFromWords(words) : PlaceIn(words, code);
}

// Places by the numbers that their cells give them: items of one number are one
// place, as in "(1) Tiaret (2) Mahdia" and "(1)-(2) Algeria".
std::vector<v1::Place> NumberedPlaces(const std::string& towns, const std::string& countries) {
  struct Words {
    std::string town;
    std::string country;
  };
  std::map<int, Words> numbered;
  for (const UkItem& item : UkItems(towns)) numbered[item.number].town = item.text;
  int from = 1;
  for (const UkItem& item : UkItems(countries)) {
    // "(1)-(5) Tunisia": the towns of the numbers before it are in it, too.
    for (int n = from; n < item.number; ++n) {
      if (numbered.count(n) > 0) numbered[n].country = item.text;
    }
    numbered[item.number].country = item.text;
    from = item.number + 1;
  }
  // A country without a number is that of all towns.
  if (const auto whole = numbered.find(0); whole != numbered.end() && numbered.size() > 1) {
    for (auto& [number, place] : numbered) {
      if (place.country.empty()) place.country = whole->second.country;
    }
    if (whole->second.town.empty()) numbered.erase(whole);
  }
  std::vector<v1::Place> places;
  for (const auto& [number, place] : numbered) {
    places.push_back(PlaceOf(place.town, place.country));
  }
  return places;
}

}  // namespace

const std::string& UkGroup::CellOf(const Columns& columns, const Row& row,
                                   absl::string_view column) {
  static const auto& none = *new std::string();
  const auto found = columns.find(column);
  return found == columns.end() ? none : row[found->second];
}

const std::string& UkGroup::Cell(const Row& row, absl::string_view column) {
  read_.insert(std::string(column));
  return CellOf(columns_, row, column);
}

std::vector<std::string> UkGroup::Values(absl::string_view column) {
  std::vector<std::string> values;
  absl::flat_hash_set<absl::string_view> seen;
  for (const Row& row : rows_) {
    const std::string& value = Cell(row, column);
    if (!value.empty() && seen.insert(value).second) values.push_back(value);
  }
  return values;
}

void UkGroup::AddVerbatim(absl::string_view field, absl::string_view text) {
  v1::VerbatimField& kept = verbatim_.emplace_back();
  kept.set_field(std::string(field));
  kept.set_text(std::string(text));
}

void UkGroup::ReadName(const Row& row, bool primary, v1::Actor* actor) {
  std::vector<std::string> given;
  for (const absl::string_view column : kGivenNames) {
    if (const std::string& part = Cell(row, column); !part.empty()) given.push_back(part);
  }
  const std::string& family = Cell(row, kFamilyName);
  std::vector<std::string> all = given;
  if (!family.empty()) all.push_back(family);
  const std::string text = absl::StrJoin(all, " ");
  const v1::NameKind kind = KindOf(Cell(row, "Alias Type"), primary);
  const v1::NameQuality quality = QualityOf(Cell(row, "Alias Quality"));
  if (text.empty()) return;
  v1::ActorName* name = FindName(text, kind, quality, actor);
  if (name == nullptr) {
    name = actor->add_names();
    name->set_text(text);
    name->set_kind(kind);
    name->set_quality(quality);
    const bool person = actor->type() == v1::ACTOR_TYPE_PERSON;
    // What is no person has its whole name in one column.
    for (const std::string& part : given) AddPart(part, v1::NAME_PART_KIND_GIVEN, name);
    if (!family.empty()) {
      AddPart(family, person ? v1::NAME_PART_KIND_FAMILY : v1::NAME_PART_KIND_ENTITY, name);
    }
    if (person) {
      name->set_given_name(absl::StrJoin(given, " "));
      name->set_family_name(family);
    }
  }
  for (const std::string& title : TitlesOf(Cell(row, "Title"))) AddTitle(title, name);
}

void UkGroup::ReadNonLatinName(const Row& row, v1::Actor* actor) {
  const std::string& text = Cell(row, "Name Non-Latin Script");
  const std::string& script = Cell(row, "Non-Latin Script Type");
  const std::string& language = Cell(row, "Non-Latin Script Language");
  if (text.empty()) return;
  if (FindName(text, v1::NAME_KIND_ORIGINAL_SCRIPT, v1::NAME_QUALITY_UNSPECIFIED, actor)) return;
  v1::ActorName* name = actor->add_names();
  name->set_text(text);
  name->set_kind(v1::NAME_KIND_ORIGINAL_SCRIPT);
  name->set_language_code(ScriptTag(text));
  std::vector<std::string> words;
  if (!script.empty()) words.push_back(absl::StrCat("script: ", script));
  if (!language.empty()) words.push_back(absl::StrCat("language: ", language));
  name->set_note(absl::StrJoin(words, "; "));
}

void UkGroup::ReadNames(v1::Actor* actor) {
  const auto is_primary = [this](const Row& row) {
    const std::string& type = Cell(row, "Alias Type");
    return absl::EqualsIgnoreCase(type, "Prime Alias") ||
           absl::EqualsIgnoreCase(type, "Primary name");
  };
  // The primary name first, wherever its row stands.
  for (const Row& row : rows_) {
    if (is_primary(row)) ReadName(row, true, actor);
  }
  for (const Row& row : rows_) {
    if (!is_primary(row)) ReadName(row, false, actor);
  }
  for (const Row& row : rows_) ReadNonLatinName(row, actor);
  if (actor->names_size() > 0) actor->set_display_name(actor->names(0).text());
}

std::vector<v1::Place> UkGroup::ReadBirthPlaces() {
  const std::vector<std::string> towns = Values("Town of Birth");
  const std::vector<std::string> countries = Values("Country of Birth");
  if (towns.size() <= 1 && countries.size() <= 1) {
    return NumberedPlaces(towns.empty() ? "" : towns[0], countries.empty() ? "" : countries[0]);
  }
  std::vector<v1::Place> places;
  for (const Row& row : rows_) {
    const std::string& town = Cell(row, "Town of Birth");
    const std::string& country = Cell(row, "Country of Birth");
    if (!town.empty() || !country.empty()) places.push_back(PlaceOf(town, country));
  }
  return places;
}

// Rows combine each date with each place: which go together the list does not say,
// but where there is one of one of them.
void UkGroup::ReadBirths(v1::Actor* actor) {
  const std::vector<std::string> dates = Values("DOB");
  const std::vector<v1::Place> places = ReadBirthPlaces();
  const bool together = dates.size() <= 1 && places.size() == 1;
  absl::flat_hash_set<std::string> seen;
  const auto add = [&seen, actor](v1::Birth birth) {
    if (seen.insert(birth.SerializeAsString()).second) *actor->add_births() = std::move(birth);
  };
  for (const std::string& date : dates) {
    v1::Birth birth;
    *birth.mutable_time() = TimeFromWords(date);
    if (together) *birth.mutable_place() = places[0];
    add(std::move(birth));
  }
  if (together && !dates.empty()) return;
  for (const v1::Place& place : places) {
    v1::Birth birth;
    *birth.mutable_place() = place;
    add(std::move(birth));
  }
}

void UkGroup::ReadNationalities(v1::Actor* actor) {
  for (const std::string& cell : Values("Nationality")) {
    for (const UkItem& item : UkItems(cell)) {
      v1::Nationality* nationality = actor->add_nationalities();
      nationality->set_text(item.text);
      absl::string_view country = item.text;
      const bool citizen = absl::ConsumeSuffix(&country, " citizenship");
      nationality->set_kind(citizen ? v1::NATIONALITY_KIND_CITIZENSHIP
                                    : v1::NATIONALITY_KIND_NATIONALITY);
      nationality->set_region_code(CountryCode(country));
    }
  }
}

// Numbers and, in later years, what is told of them in a column of its own.
void UkGroup::ReadDocuments(absl::string_view numbers, absl::string_view details,
                            absl::string_view type, v1::Actor* actor) {
  const auto add = [&](const std::string& words, absl::string_view column) {
    v1::Identifier identifier = UkDocument(words, type);
    if (identifier.value().empty()) return AddVerbatim(column, words);
    for (const v1::Identifier& other : actor->identifiers()) {
      if (other.SerializeAsString() == identifier.SerializeAsString()) return;
    }
    *actor->add_identifiers() = std::move(identifier);
  };
  std::vector<UkItem> told;
  for (const std::string& cell : Values(details)) {
    for (UkItem& item : UkItems(cell)) told.push_back(std::move(item));
  }
  std::vector<UkItem> numbered;
  for (const std::string& cell : Values(numbers)) {
    for (UkItem& item : UkItems(cell)) numbered.push_back(std::move(item));
  }
  for (const UkItem& item : numbered) {
    const auto same = std::find_if(told.begin(), told.end(), [&item](const UkItem& other) {
      return other.number == item.number;
    });
    if (same == told.end()) {
      add(item.text, numbers);
    } else {
      add(absl::StrCat(item.text, ". ", same->text), numbers);
      told.erase(same);
    }
  }
  for (const UkItem& item : told) add(item.text, details);
}

void UkGroup::ReadAddresses(v1::Actor* actor) {
  absl::flat_hash_set<std::string> seen;
  for (const Row& row : rows_) {
    std::vector<std::string> lines;
    for (const absl::string_view column : kAddressLines) {
      if (const std::string& line = Cell(row, column); !line.empty()) lines.push_back(line);
    }
    const std::string& postal_code = Cell(row, "Post/Zip Code");
    std::string country;
    std::string note;
    SplitCountry(Cell(row, "Country"), &country, &note);
    std::vector<std::string> all = lines;
    for (const std::string& part : {postal_code, country}) {
      if (!part.empty()) all.push_back(part);
    }
    if (all.empty() || !seen.insert(absl::StrCat(absl::StrJoin(all, "\n"), "\n", note)).second) {
      continue;
    }
    v1::Address* address = actor->add_addresses();
    address->set_text(absl::StrJoin(all, ", "));
    address->set_postal_code(postal_code);
    address->set_region_code(CountryCode(country));
    address->set_note(note);
    if (!country.empty()) {
      *address->mutable_place() = PlaceIn(country, address->region_code());
      address->mutable_place()->set_type(v1::PLACE_TYPE_COUNTRY);
    }
  }
}

void UkGroup::ReadOtherInformation(v1::Actor* actor) {
  const auto add = [actor](absl::string_view type, const std::string& value) {
    if (value.empty()) return;
    v1::Identifier* identifier = actor->add_identifiers();
    identifier->set_type(std::string(type));
    identifier->set_value(value);
  };
  for (const std::string& text : Values("Other Information")) {
    add("un-reference", UkUnReference(text));
    const bool company = absl::StrContains(text, "Company Number IMO");
    if (!company) add("imo", UkShipNumber(text, "IMO", 7));
    add("mmsi", UkShipNumber(text, "MMSI", 9));
  }
}

v1::Actor UkGroup::ReadActor() {
  v1::Actor actor;
  const std::vector<std::string> types = Values("Group Type");
  const std::string type = types.empty() ? std::string() : types[0];
  actor.set_type(absl::EqualsIgnoreCase(type, "Individual") ? v1::ACTOR_TYPE_PERSON
                 : absl::EqualsIgnoreCase(type, "Ship")     ? v1::ACTOR_TYPE_VESSEL
                                                            : v1::ACTOR_TYPE_ORGANIZATION);
  ReadNames(&actor);
  ReadBirths(&actor);
  ReadNationalities(&actor);
  ReadDocuments("Passport Number", "Passport Details", "passport", &actor);
  ReadDocuments("National Identification Number", "National Identification Details", "national-id",
                &actor);
  ReadDocuments("NI Number", "", "national-id", &actor);
  for (const std::string& cell : Values("Position")) {
    for (const UkItem& item : UkItems(cell)) actor.add_positions()->set_title(item.text);
  }
  ReadAddresses(&actor);
  ReadOtherInformation(&actor);
  return actor;
}

void UkGroup::ReadDates(const std::string& regime, EntryDesignation* designation) {
  absl::flat_hash_set<absl::string_view> seen;
  for (const Row& row : rows_) {
    if (Cell(row, "Regime") != regime) continue;
    const std::string& listed = Cell(row, "Listed On");
    if (!listed.empty() && designation->stated_listed_time.edtf().empty()) {
      designation->stated_listed_time = TimeFromWords(listed);
    }
    const std::string& updated = Cell(row, "Last Updated");
    if (!updated.empty() && seen.insert(updated).second) {
      designation->amended_times.push_back(TimeFromWords(updated));
    }
  }
}

// Regimes whose names differ in what no name of a record has are one.
std::vector<EntryDesignation> UkGroup::ReadDesignations() {
  std::vector<EntryDesignation> designations;
  for (const std::string& regime : Values("Regime")) {
    const std::string slug = ToSlug(regime);
    auto out = absl::c_find_if(
        designations, [&slug](const EntryDesignation& other) { return other.suffix == slug; });
    if (out == designations.end()) {
      out = designations.insert(out, EntryDesignation());
      out->suffix = slug;
      out->designation.set_remarks(absl::StrJoin(Values("Other Information"), "\n"));
    }
    out->designation.add_programs(regime);
    ReadDates(regime, &*out);
  }
  Values("Group ID");
  // Columns that nobody read.
  std::map<std::size_t, std::string> in_order;
  for (const auto& [column, index] : columns_) in_order[index] = column;
  for (const auto& [index, column] : in_order) {
    if (read_.contains(column)) continue;
    for (const std::string& value : Values(column)) AddVerbatim(column, value);
  }
  for (const v1::VerbatimField& kept : verbatim_) {
    if (!designations.empty()) *designations[0].designation.add_verbatim_fields() = kept;
  }
  return designations;
}

}  // namespace communique::importers
