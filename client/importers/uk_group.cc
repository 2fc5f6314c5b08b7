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

// The note of one more account is not lost with the account.
bool IsNewBirth(const v1::Birth& birth, const v1::Actor& actor) {
  const std::string bytes = birth.SerializeAsString();
  return absl::c_none_of(actor.births(), [&bytes](const v1::Birth& other) {
    return other.SerializeAsString() == bytes;
  });
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
  for (const Row& row : rows_) {
    const std::string& value = Cell(row, column);
    if (!value.empty() && !absl::c_linear_search(values, value)) values.push_back(value);
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

// Rows combine each date with each place: which go together the list does not say,
// but where there is one of one of them.
void UkGroup::ReadBirths(v1::Actor* actor) {
  std::vector<v1::FuzzyTime> times;
  for (const std::string& date : Values("DOB")) times.push_back(TimeFromWords(date));
  // Items of the same number are one place: "(1) Tiaret (2) Mahdia", "(1)-(2) Algeria".
  std::map<int, std::pair<std::string, std::string>> numbered;
  std::vector<v1::Place> places;
  const std::vector<std::string> towns = Values("Town of Birth");
  const std::vector<std::string> countries = Values("Country of Birth");
  if (towns.size() <= 1 && countries.size() <= 1) {
    for (const std::string& cell : towns) {
      for (const UkItem& item : UkItems(cell)) numbered[item.number].first = item.text;
    }
    for (const std::string& cell : countries) {
      const std::vector<UkItem> items = UkItems(cell);
      for (std::size_t i = 0; i < items.size(); ++i) {
        // "(1)-(5) Tunisia": the numbers before it that have none are of it, too.
        const int from = i == 0 ? (items[i].number == 0 ? 0 : 1) : items[i - 1].number + 1;
        for (int n = from; n <= items[i].number; ++n) {
          if (n == items[i].number || numbered.count(n) > 0) numbered[n].second = items[i].text;
        }
      }
    }
    // An unnumbered country is that of all towns.
    if (numbered.count(0) > 0 && numbered.size() > 1 && numbered[0].first.empty()) {
      for (auto& [number, place] : numbered) {
        if (place.second.empty()) place.second = numbered[0].second;
      }
      numbered.erase(0);
    }
    for (const auto& [number, place] : numbered) {
      const std::string words = place.first.empty() ? place.second
                                : place.second.empty()
                                    ? place.first
                                    : absl::StrCat(place.first, ", ", place.second);
      places.push_back(place.first.empty() ? PlaceFromWords(words)
                                           : PlaceIn(words, CountryCode(place.second)));
      if (places.back().path().empty()) places.back() = PlaceFromWords(words);
    }
  } else {
    for (const Row& row : rows_) {
      const std::string& town = Cell(row, "Town of Birth");
      const std::string& country = Cell(row, "Country of Birth");
      if (town.empty() && country.empty()) continue;
      const std::string words = town.empty() || country.empty() ? absl::StrCat(town, country)
                                                                : absl::StrCat(town, ", ", country);
      places.push_back(PlaceFromWords(words));
    }
  }
  const bool together = times.size() <= 1 && places.size() == 1;
  for (v1::FuzzyTime& time : times) {
    v1::Birth birth;
    *birth.mutable_time() = std::move(time);
    if (together) *birth.mutable_place() = places[0];
    if (IsNewBirth(birth, *actor)) *actor->add_births() = std::move(birth);
  }
  if (together && !times.empty()) return;
  for (v1::Place& place : places) {
    v1::Birth birth;
    *birth.mutable_place() = std::move(place);
    if (IsNewBirth(birth, *actor)) *actor->add_births() = std::move(birth);
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

std::vector<EntryDesignation> UkGroup::ReadDesignations() {
  std::vector<EntryDesignation> designations;
  for (const std::string& regime : Values("Regime")) {
    EntryDesignation& out = designations.emplace_back();
    out.suffix = ToSlug(regime);
    out.designation.add_programs(regime);
    out.designation.set_remarks(absl::StrJoin(Values("Other Information"), "\n"));
    std::vector<std::string> amended;
    for (const Row& row : rows_) {
      if (Cell(row, "Regime") != regime) continue;
      const std::string& listed = Cell(row, "Listed On");
      if (!listed.empty() && out.stated_listed_time.edtf().empty()) {
        out.stated_listed_time = TimeFromWords(listed);
      }
      const std::string& updated = Cell(row, "Last Updated");
      if (!updated.empty() && !absl::c_linear_search(amended, updated)) amended.push_back(updated);
    }
    for (const std::string& date : amended) out.amended_times.push_back(TimeFromWords(date));
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
