#include "importers/un_values.h"

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
#include "importers/text.h"
#include "importers/times.h"

namespace communique::importers {
namespace {

constexpr absl::string_view kLatin = "und-Latn";

void SetLanguage(v1::ActorName* name) {
  const std::string tag = ScriptTag(name->text());
  if (tag != kLatin) name->set_language_code(tag);
}

bool InOtherScript(absl::string_view one, absl::string_view other) {
  const std::string first = ScriptTag(one);
  const std::string second = ScriptTag(other);
  return !first.empty() && !second.empty() && first != second;
}

// ';' where it stands outside of parentheses.
std::vector<std::string> SplitOutside(absl::string_view text) {
  std::vector<std::string> parts(1);
  int depth = 0;
  for (const char c : text) {
    if (c == '(') ++depth;
    if (c == ')') --depth;
    if (c == ';' && depth == 0) {
      parts.emplace_back();
    } else {
      parts.back().push_back(c);
    }
  }
  std::vector<std::string> out;
  for (const std::string& part : parts) {
    const absl::string_view stripped = absl::StripAsciiWhitespace(part);
    if (!stripped.empty()) out.emplace_back(stripped);
  }
  return out;
}

// One name of an ALIAS_NAME and whether it is the form in the original script.
struct AliasText {
  std::string text;
  bool original = false;
};

// The names in an ALIAS_NAME: "A; B", "A (original script: B)", "B (A; A2)" where A
// and B are in two scripts. Everything else is one name as it stands.
std::vector<AliasText> AliasTexts(absl::string_view written) {
  std::vector<AliasText> names;
  for (const std::string& part : SplitOutside(written)) {
    const std::size_t open = part.find('(');
    const bool ends = !part.empty() && part.back() == ')' && open != std::string::npos && open > 0;
    const std::string outer =
        ends ? std::string(absl::StripAsciiWhitespace(part.substr(0, open))) : part;
    absl::string_view inner;
    if (ends) inner = absl::string_view(part).substr(open + 1, part.size() - open - 2);
    if (absl::ConsumePrefix(&inner, "original script: ")) {
      names.push_back({outer, false});
      names.push_back({std::string(inner), true});
    } else if (ends && !absl::StrContains(inner, '(') && InOtherScript(outer, inner)) {
      const bool outer_latin = ScriptTag(outer) == kLatin;
      names.push_back({outer, !outer_latin});
      for (const std::string& text : SplitOutside(inner)) names.push_back({text, outer_latin});
    } else {
      names.push_back({part, ScriptTag(part) != kLatin && !ScriptTag(part).empty()});
    }
  }
  return names;
}

std::string Joined(std::vector<std::string> parts) {
  std::vector<std::string> filled;
  for (std::string& part : parts) {
    if (!part.empty()) filled.push_back(std::move(part));
  }
  return absl::StrJoin(filled, ", ");
}

// A place of its parts; unset when all are empty.
void SetPlace(const std::string& fine, const std::string& country, v1::Place* place) {
  place->set_display_name(Joined({fine, country}));
  place->set_path(CountryCode(country));
  if (fine.empty()) place->set_type(v1::PLACE_TYPE_COUNTRY);
}

void AddPrimaryName(XmlElement& entry, bool individual, v1::Actor* actor) {
  std::vector<std::string> parts;
  for (const absl::string_view field : {"FIRST_NAME", "SECOND_NAME", "THIRD_NAME", "FOURTH_NAME"}) {
    for (std::string& part : entry.TakeAll(field)) parts.push_back(std::move(part));
  }
  if (parts.empty()) return;
  v1::ActorName* name = actor->add_names();
  name->set_kind(v1::NAME_KIND_PRIMARY);
  name->set_text(absl::StrJoin(parts, " "));
  SetLanguage(name);
  for (std::string& text : parts) {
    v1::NamePart* part = name->add_parts();
    part->set_text(std::move(text));
    if (!individual) part->set_kind(v1::NAME_PART_KIND_ENTITY);
  }
  for (XmlElement* title : entry.TakeElements("TITLE")) {
    for (std::string& text : title->TakeAll("VALUE")) name->add_titles(std::move(text));
  }
  actor->set_display_name(name->text());
}

void AddOriginalScript(XmlElement& entry, v1::Actor* actor) {
  for (std::string& text : entry.TakeAll("NAME_ORIGINAL_SCRIPT")) {
    v1::ActorName* name = actor->add_names();
    name->set_kind(v1::NAME_KIND_ORIGINAL_SCRIPT);
    name->set_text(std::move(text));
    SetLanguage(name);
  }
}

// The birth that goes with an alias, when it has one. `name` is null where the list
// leaves the alias's name out: it gives one more account of the entry's own birth.
void AddAliasBirth(XmlElement& alias, v1::ActorName* name, v1::Actor* actor) {
  const std::string city = alias.Take("CITY_OF_BIRTH");
  const std::string country = alias.Take("COUNTRY_OF_BIRTH");
  // "null" is how the list writes that it has none.
  std::string date = alias.Take("DATE_OF_BIRTH");
  if (date == "null") date.clear();
  if (city.empty() && country.empty() && date.empty()) return;
  v1::Birth* birth = actor->add_births();
  if (!date.empty()) *birth->mutable_time() = TimeFromWords(date);
  if (!city.empty() || !country.empty()) SetPlace(city, country, birth->mutable_place());
  if (name == nullptr) return;
  if (name->id().empty()) name->set_id(absl::StrCat("n", actor->names_size()));
  birth->set_name_id(name->id());
}

void AddAlias(XmlElement& alias, v1::Actor* actor) {
  const std::string written = alias.Take("ALIAS_NAME");
  if (written.empty()) return AddAliasBirth(alias, nullptr, actor);
  const std::string quality = alias.Take("QUALITY");
  const std::string note = alias.Take("NOTE");
  int first = -1;
  for (AliasText& text : AliasTexts(written)) {
    v1::ActorName* name = actor->add_names();
    if (first < 0) first = actor->names_size() - 1;
    name->set_text(std::move(text.text));
    name->set_note(note);
    SetLanguage(name);
    name->set_kind(text.original ? v1::NAME_KIND_ORIGINAL_SCRIPT : v1::NAME_KIND_ALIAS);
    if (quality == "Good") name->set_quality(v1::NAME_QUALITY_STRONG);
    if (quality == "Low") name->set_quality(v1::NAME_QUALITY_WEAK);
    const bool former = quality == "f.k.a." || absl::StartsWithIgnoreCase(note, "formerly") ||
                        absl::StartsWithIgnoreCase(note, "previously");
    if (former && !text.original) name->set_kind(v1::NAME_KIND_FORMER);
  }
  if (first >= 0) AddAliasBirth(alias, actor->mutable_names(first), actor);
}

// EXACT with DATE or YEAR, APPROXIMATELY with YEAR, BETWEEN with two years; a NOTE
// may stand for all of them ("Nov. 1973") or for the month ("Sep." with a YEAR).
v1::FuzzyTime BirthTime(XmlElement& xml, std::string* note) {
  const std::string type = xml.Take("TYPE_OF_DATE");
  const std::string date = xml.Take("DATE");
  const std::string year = xml.Take("YEAR");
  const std::string from = xml.Take("FROM_YEAR");
  const std::string to = xml.Take("TO_YEAR");
  *note = xml.Take("NOTE");
  v1::FuzzyTime time;
  if (!date.empty()) {
    time = TimeFromWords(date);
  } else if (!year.empty()) {
    const v1::FuzzyTime with_month = TimeFromWords(absl::StrCat(*note, " ", year));
    time = note->empty() || with_month.edtf().empty() ? TimeFromWords(year) : with_month;
  } else if (!from.empty() || !to.empty()) {
    const bool years = IsIsoDate(absl::StrCat(from, "-01-01")) &&
                       IsIsoDate(absl::StrCat(to, "-01-01")) && from <= to;
    time = years ? OneOfRange(from, to) : WordsTime(Joined({from, to}));
  } else if (!note->empty()) {
    time = TimeFromWords(*note);
  } else {
    return time;
  }
  return type == "APPROXIMATELY" ? Approximate(std::move(time)) : time;
}

void AddBirths(XmlElement& entry, v1::Actor* actor) {
  for (XmlElement* xml : entry.TakeElements("INDIVIDUAL_DATE_OF_BIRTH")) {
    std::string note;
    v1::FuzzyTime time = BirthTime(*xml, &note);
    if (time.edtf().empty() && time.text().empty()) continue;
    v1::Birth* birth = actor->add_births();
    *birth->mutable_time() = std::move(time);
    birth->set_note(std::move(note));
  }
  for (XmlElement* xml : entry.TakeElements("INDIVIDUAL_PLACE_OF_BIRTH")) {
    const std::string street = xml->Take("STREET");
    const std::string city = xml->Take("CITY");
    const std::string province = xml->Take("STATE_PROVINCE");
    const std::string country = xml->Take("COUNTRY");
    std::string note = xml->Take("NOTE");
    const std::string fine = Joined({street, city, province});
    if (fine.empty() && country.empty() && note.empty()) continue;
    v1::Birth* birth = actor->add_births();
    birth->set_note(std::move(note));
    if (!fine.empty() || !country.empty()) SetPlace(fine, country, birth->mutable_place());
  }
}

void AddAddress(XmlElement& xml, v1::Actor* actor) {
  v1::Address address;
  address.set_street(xml.Take("STREET"));
  address.set_city(xml.Take("CITY"));
  address.set_province(xml.Take("STATE_PROVINCE"));
  address.set_postal_code(xml.Take("ZIP_CODE"));
  const std::string country = xml.Take("COUNTRY");
  address.set_note(xml.Take("NOTE"));
  address.set_text(Joined(
      {address.street(), address.city(), address.province(), address.postal_code(), country}));
  address.set_region_code(CountryCode(country));
  if (address.text().empty() && address.note().empty()) return;
  if (!address.region_code().empty()) {
    SetPlace(Joined({address.city(), address.province()}), country, address.mutable_place());
  }
  *actor->add_addresses() = std::move(address);
}

// "passport", "national-id"; what is neither is named by its own words.
std::string DocumentType(absl::string_view type, absl::string_view type2) {
  for (const absl::string_view words : {type2, type}) {
    const std::string lower = absl::AsciiStrToLower(words);
    if (absl::StrContains(lower, "passport") || absl::StrContains(lower, "passeport") ||
        absl::StrContains(lower, "pasaporte")) {
      return "passport";
    }
    if (absl::StrContains(lower, "social security")) return "social-security";
    if (absl::StrContains(lower, "fiscal code")) return "tax-id";
    if (absl::StrContains(lower, "driver")) return "driving-licence";
    if (absl::StrContains(lower, "birth")) return "birth-certificate";
    if (absl::StrContains(lower, "ration card")) return "ration-card";
    if (absl::StrContains(lower, "identi") || absl::StrContains(lower, "tazkira")) {
      return "national-id";
    }
  }
  const std::string slug = ToSlug(type);
  return slug.empty() ? "document" : slug;
}

// The date of expiry that a remark tells ("expires on 31 Aug. 2021; ..."); empty: none.
std::string ExpiryIn(absl::string_view note) {
  const std::string lower = absl::AsciiStrToLower(note);
  for (const absl::string_view sign :
       {"expired on ", "expires on ", "expired ", "expires ", "expiring ", "expiration date ",
        "date of expiration: ", "valid until "}) {
    const std::size_t at = lower.find(std::string(sign));
    if (at == std::string::npos) continue;
    absl::string_view rest = note.substr(at + sign.size());
    // A date has at most three words.
    std::vector<absl::string_view> words = absl::StrSplit(rest, ' ');
    words.resize(std::min<std::size_t>(words.size(), 3));
    while (!words.empty()) {
      const std::string tried = absl::StrJoin(words, " ");
      absl::string_view date = tried;
      while (!date.empty() && absl::StrContains(".,;", date.back())) date.remove_suffix(1);
      if (const v1::FuzzyTime time = TimeFromWords(date); !time.edtf().empty()) return time.edtf();
      words.pop_back();
    }
  }
  return std::string();
}

void SetValidity(const std::string& issued, v1::Identifier* id) {
  const std::string expiry = ExpiryIn(id->note());
  const std::string lower = absl::AsciiStrToLower(id->note());
  if (absl::StartsWith(lower, "expired") || absl::StrContains(lower, " expired")) {
    id->set_state(v1::IDENTIFIER_STATE_EXPIRED);
  }
  if (absl::StartsWith(lower, "revoked") || absl::StrContains(lower, "cancelled")) {
    id->set_state(v1::IDENTIFIER_STATE_REVOKED);
  }
  if (issued.empty() && expiry.empty()) return;
  const std::string begin = issued.empty() ? "" : TimeFromWords(issued).edtf();
  if (begin.empty() && !issued.empty()) {
    *id->mutable_time() = WordsTime(issued);
  } else if (begin > expiry && !expiry.empty()) {
    // One of them is wrong; which is not said.
    *id->mutable_time() = WordsTime(absl::StrCat("issued ", issued, ", ", id->note()));
  } else if (begin.empty() || expiry.empty()) {
    // An end that is not stated is unknown, not open.
    *id->mutable_time() = EdtfTime(absl::StrCat(begin, "/", expiry));
  } else {
    *id->mutable_time() = Interval(begin, expiry);
  }
}

void AddDocument(XmlElement& xml, v1::Actor* actor) {
  v1::Identifier id;
  id.set_value(xml.Take("NUMBER"));
  if (id.value().empty()) return;  // Kept verbatim: its words say what they can.
  const std::string type = xml.Take("TYPE_OF_DOCUMENT");
  const std::string type2 = xml.Take("TYPE_OF_DOCUMENT2");
  id.set_type(DocumentType(type, type2));
  id.set_type_text(type2.empty() || type2 == type ? type
                   : type.empty()                 ? type2
                                                  : absl::StrCat(type, ": ", type2));
  const std::string issuing = xml.Take("ISSUING_COUNTRY");
  const std::string country = xml.Take("COUNTRY_OF_ISSUE");
  const std::string city = xml.Take("CITY_OF_ISSUE");
  id.set_region_code(CountryCode(issuing.empty() ? country : issuing));
  if (!issuing.empty()) id.mutable_issuer()->set_text(issuing);
  if (!city.empty() || !country.empty()) SetPlace(city, country, id.mutable_issue_place());
  id.set_note(xml.Take("NOTE"));
  SetValidity(xml.Take("DATE_OF_ISSUE"), &id);
  *actor->add_identifiers() = std::move(id);
}

}  // namespace

v1::Actor UnActor(XmlElement& entry, bool individual) {
  v1::Actor actor;
  actor.set_type(individual ? v1::ACTOR_TYPE_PERSON : v1::ACTOR_TYPE_ORGANIZATION);
  AddPrimaryName(entry, individual, &actor);
  AddOriginalScript(entry, &actor);
  const std::string kind = individual ? "INDIVIDUAL" : "ENTITY";
  AddBirths(entry, &actor);
  for (XmlElement* alias : entry.TakeElements(kind + "_ALIAS")) AddAlias(*alias, &actor);
  for (XmlElement* address : entry.TakeElements(kind + "_ADDRESS")) AddAddress(*address, &actor);
  for (XmlElement* document : entry.TakeElements(kind + "_DOCUMENT")) {
    AddDocument(*document, &actor);
  }
  for (XmlElement* group : entry.TakeElements("DESIGNATION")) {
    for (std::string& title : group->TakeAll("VALUE")) {
      actor.add_positions()->set_title(std::move(title));
    }
  }
  for (XmlElement* group : entry.TakeElements("NATIONALITY")) {
    for (const std::string& text : group->TakeAll("VALUE")) {
      v1::Nationality* nationality = actor.add_nationalities();
      nationality->set_text(text);
      nationality->set_region_code(CountryCode(text));
      nationality->set_kind(v1::NATIONALITY_KIND_NATIONALITY);
    }
  }
  actor.set_gender(absl::AsciiStrToLower(entry.Take("GENDER")));
  return actor;
}

}  // namespace communique::importers
