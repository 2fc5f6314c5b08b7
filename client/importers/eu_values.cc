#include "importers/eu_values.h"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "importers/countries.h"
#include "importers/places.h"
#include "importers/text.h"
#include "importers/times.h"

namespace communique::importers {
namespace {

// How the list writes that it does not know the country.
constexpr absl::string_view kUnknownCountry = "00";
// How it writes that there is nothing ("city='-'").
constexpr absl::string_view kNothing = "-";
// The language that it is published in; another one is said in a note.
constexpr absl::string_view kLanguage = "en";

std::string Joined(std::vector<std::string> parts, absl::string_view separator = ", ") {
  parts.erase(std::remove(parts.begin(), parts.end(), ""), parts.end());
  return absl::StrJoin(parts, separator);
}

std::string Attribute(XmlElement& xml, absl::string_view name) {
  std::string value = xml.TakeAttribute(name);
  return value == kNothing ? std::string() : value;
}

bool Flag(XmlElement& xml, absl::string_view name) { return xml.TakeAttribute(name) == "true"; }

struct Country {
  std::string text;
  std::string code;
};

Country TakeCountry(XmlElement& xml) {
  Country country;
  country.text = Attribute(xml, "countryDescription");
  country.code = xml.TakeAttribute("countryIso2Code");
  const bool code = country.code.size() == 2 && country.code != kUnknownCountry;
  if (!code) country.code = CountryCode(country.text);
  if (!code && country.text == "UNKNOWN") country.text.clear();
  return country;
}

// What every value of the list has: its number, the act that it rests on, remarks.
// Adds the evidence and answers the remarks.
template <typename Element>
std::string TakeCommon(XmlElement& xml, Element* element) {
  v1::Evidence* evidence = element->add_evidences();
  const std::string id = xml.TakeAttribute("logicalId");
  if (!id.empty()) {
    evidence->add_selectors()->set_locator(absl::StrCat(xml.name, " ", id));
  }
  for (XmlElement* act : xml.TakeElements("regulationSummary")) {
    *evidence->add_provisions() = EuProvision(*act);
  }
  const std::string language = xml.TakeAttribute("regulationLanguage");
  if (!language.empty() && language != kLanguage) {
    evidence->set_note(absl::StrCat("regulation in language ", language));
  }
  return absl::StrJoin(xml.TakeAll("remark"), "\n");
}

void AddPart(const std::string& text, v1::NamePartKind kind, v1::ActorName* name) {
  if (text.empty()) return;
  v1::NamePart* part = name->add_parts();
  part->set_text(text);
  part->set_kind(kind);
}

void AddName(XmlElement& xml, v1::Actor* actor) {
  std::string text = Attribute(xml, "wholeName");
  const std::string first = Attribute(xml, "firstName");
  const std::string middle = Attribute(xml, "middleName");
  const std::string last = Attribute(xml, "lastName");
  if (text.empty()) text = Joined({first, middle, last}, " ");
  if (text.empty()) return;  // Kept verbatim.
  v1::ActorName* name = actor->add_names();
  name->set_text(text);
  name->set_kind(actor->names_size() == 1 ? v1::NAME_KIND_PRIMARY : v1::NAME_KIND_ALIAS);
  AddPart(first, v1::NAME_PART_KIND_GIVEN, name);
  AddPart(middle, v1::NAME_PART_KIND_MIDDLE, name);
  AddPart(last, v1::NAME_PART_KIND_FAMILY, name);
  name->set_given_name(Joined({first, middle}, " "));
  name->set_family_name(last);
  const std::string strong = xml.TakeAttribute("strong");
  if (strong == "true") name->set_quality(v1::NAME_QUALITY_STRONG);
  if (strong == "false") name->set_quality(v1::NAME_QUALITY_WEAK);
  if (const std::string title = Attribute(xml, "title"); !title.empty()) name->add_titles(title);
  const std::string language = absl::AsciiStrToLower(Attribute(xml, "nameLanguage"));
  const std::string script = ScriptTag(text);
  name->set_language_code(!language.empty() ? language : script == "und-Latn" ? "" : script);
  const std::string gender = xml.TakeAttribute("gender");
  if (gender == "M" || gender == "F") {
    const absl::string_view word = gender == "M" ? "male" : "female";
    // A second one that differs is a remark on the name that has it.
    if (actor->gender().empty()) actor->set_gender(std::string(word));
    if (actor->gender() != word) name->set_note(absl::StrCat("gender: ", word));
  } else if (!gender.empty()) {
    name->set_note(absl::StrCat("gender: ", gender));
  }
  const std::string function = Attribute(xml, "function");
  const std::string remark = TakeCommon(xml, name);
  name->set_note(Joined({name->note(), remark}, "; "));
  if (function.empty()) return;
  v1::Position* position = actor->add_positions();
  position->set_title(function);
  *position->mutable_evidences() = name->evidences();
}

void AddCitizenship(XmlElement& xml, v1::Actor* actor) {
  const Country country = TakeCountry(xml);
  const std::string region = Attribute(xml, "region");
  v1::Nationality nationality;
  nationality.set_kind(v1::NATIONALITY_KIND_CITIZENSHIP);
  nationality.set_text(country.text);
  nationality.set_region_code(country.code);
  const std::string remark = TakeCommon(xml, &nationality);
  nationality.set_note(Joined({region, remark}, "; "));
  if (nationality.text().empty() && nationality.note().empty()) return;
  *actor->add_nationalities() = std::move(nationality);
}

// Two digits of a day or month; empty: it is none.
std::string TwoDigits(const std::string& text) {
  int value = 0;
  if (!absl::SimpleAtoi(text, &value) || value < 1 || value > 31) return std::string();
  return absl::StrFormat("%02d", value);
}

// A date of its attributes, or a range of years.
v1::FuzzyTime BirthTime(XmlElement& xml, const std::string& calendar) {
  const std::string date = xml.TakeAttribute("birthdate");
  const std::string day = xml.TakeAttribute("dayOfMonth");
  const std::string month = xml.TakeAttribute("monthOfYear");
  const std::string year = xml.TakeAttribute("year");
  const std::string from = xml.TakeAttribute("yearRangeFrom");
  const std::string to = xml.TakeAttribute("yearRangeTo");
  const bool circa = Flag(xml, "circa");
  const std::string words =
      Joined({day, month, year, date.empty() ? "" : date, Joined({from, to}, " to ")}, " ");
  v1::FuzzyTime time;
  if (words.empty()) return time;
  if (!calendar.empty() && calendar != "GREGORIAN") {
    return WordsTime(date.empty() ? words : date);
  }
  if (!date.empty()) {
    time = TimeFromWords(date);
  } else if (!year.empty()) {
    const std::string two_month = TwoDigits(month);
    const std::string two_day = two_month.empty() ? std::string() : TwoDigits(day);
    time = TimeFromWords(Joined({year, two_month, two_day}, "-"));
  } else if (!from.empty() || !to.empty()) {
    time = from.empty() || to.empty() ? OneOfRange(from, to)
                                      : TimeFromWords(absl::StrCat(from, " to ", to));
    if (from.size() > 4 || to.size() > 4) time = WordsTime(words);
  } else {
    return WordsTime(words);
  }
  return circa ? Approximate(std::move(time)) : time;
}

void AddBirth(XmlElement& xml, v1::Actor* actor) {
  v1::Birth birth;
  const std::string calendar = xml.TakeAttribute("calendarType");
  const v1::FuzzyTime time = BirthTime(xml, calendar);
  if (time.ByteSizeLong() > 0) *birth.mutable_time() = time;
  const Country country = TakeCountry(xml);
  const std::string where =
      Joined({Attribute(xml, "place"), Attribute(xml, "city"), Attribute(xml, "zipCode"),
              Attribute(xml, "region"), country.text});
  if (!where.empty()) *birth.mutable_place() = PlaceIn(where, country.code);
  if (birth.has_place() && where == country.text) {
    birth.mutable_place()->set_type(v1::PLACE_TYPE_COUNTRY);
  }
  birth.set_note(TakeCommon(xml, &birth));
  if (!birth.has_time() && !birth.has_place() && birth.note().empty()) return;
  birth.set_calendar(calendar);
  *actor->add_births() = std::move(birth);
}

// Ways to reach somebody: <contactInfo key="EMAIL" value="..."/>.
void AddContact(XmlElement& xml, const v1::Address& address, v1::Actor* actor) {
  const std::string key = xml.TakeAttribute("key");
  const std::string value = xml.TakeAttribute("value");
  if (value.empty()) return;
  v1::Identifier* identifier = actor->add_identifiers();
  const std::string slug = ToSlug(key);
  identifier->set_type(slug == "web" || slug == "url" ? "website"
                       : slug.empty()                 ? "contact"
                                                      : slug);
  identifier->set_type_text(key);
  identifier->set_value(value);
  *identifier->mutable_evidences() = address.evidences();
}

void AddAddress(XmlElement& xml, v1::Actor* actor) {
  v1::Address address;
  const Country country = TakeCountry(xml);
  const std::string box = Attribute(xml, "poBox");
  const std::string place = Attribute(xml, "place");
  address.set_street(
      Joined({Attribute(xml, "street"), box.empty() ? "" : absl::StrCat("PO box ", box)}));
  address.set_city(Attribute(xml, "city"));
  address.set_province(Attribute(xml, "region"));
  address.set_postal_code(Attribute(xml, "zipCode"));
  address.set_region_code(country.code);
  address.set_text(Joined({address.street(), place, address.city(), address.province(),
                           address.postal_code(), country.text}));
  const bool at_listing = Flag(xml, "asAtListingTime");
  const std::string remark = TakeCommon(xml, &address);
  address.set_note(Joined({at_listing ? "as at listing time" : "", remark}, "; "));
  const std::string where = Joined({place, address.city(), address.province(), country.text});
  if (!where.empty()) *address.mutable_place() = PlaceIn(where, country.code);
  for (XmlElement* contact : xml.TakeElements("contactInfo")) AddContact(*contact, address, actor);
  if (!address.text().empty() || !address.note().empty()) {
    *actor->add_addresses() = std::move(address);
  }
}

// "id" and the like in the terms of the schemas; others by their own code.
std::string DocumentType(const std::string& code) {
  struct Known {
    absl::string_view code;
    absl::string_view type;
  };
  static constexpr Known kKnown[] = {{"passport", "passport"}, {"diplomaticpassport", "passport"},
                                     {"id", "national-id"},    {"ssn", "social-security"},
                                     {"fiscalcode", "tax-id"}, {"regnumber", "registration"},
                                     {"imo", "imo"},           {"swiftbic", "swift-bic"}};
  for (const Known& known : kKnown) {
    if (absl::EqualsIgnoreCase(known.code, code)) return std::string(known.type);
  }
  const std::string slug = ToSlug(code);
  return slug.empty() ? "document" : slug;
}

// The worst that is said of it is its state, the rest is in the note.
void SetState(XmlElement& xml, v1::Identifier* identifier, std::vector<std::string>* notes) {
  struct State {
    absl::string_view attribute;
    absl::string_view words;
    v1::IdentifierState state;
  };
  static constexpr State kStates[] = {
      {"knownFalse", "known to be false", v1::IDENTIFIER_STATE_FALSE},
      {"revokedByIssuer", "revoked by issuer", v1::IDENTIFIER_STATE_REVOKED},
      {"reportedLost", "reported lost", v1::IDENTIFIER_STATE_LOST},
      {"knownExpired", "known to have expired", v1::IDENTIFIER_STATE_EXPIRED}};
  for (const State& known : kStates) {
    if (!Flag(xml, known.attribute)) continue;
    if (identifier->state() == v1::IDENTIFIER_STATE_UNSPECIFIED) {
      identifier->set_state(known.state);
    } else {
      notes->emplace_back(known.words);
    }
  }
}

void AddIdentification(XmlElement& xml, v1::Actor* actor) {
  std::string number = Attribute(xml, "number");
  const std::string latin = Attribute(xml, "latinNumber");
  if (number.empty()) number = latin;
  if (number.empty()) return;  // Kept verbatim.
  v1::Identifier* identifier = actor->add_identifiers();
  identifier->set_value(number);
  identifier->set_type(DocumentType(xml.TakeAttribute("identificationTypeCode")));
  identifier->set_type_text(Attribute(xml, "identificationTypeDescription"));
  std::vector<std::string> notes;
  if (Flag(xml, "diplomatic")) notes.emplace_back("diplomatic");
  SetState(xml, identifier, &notes);
  if (!latin.empty() && latin != number) notes.push_back(absl::StrCat("in Latin: ", latin));
  if (const std::string name = Attribute(xml, "nameOnDocument"); !name.empty()) {
    notes.push_back(absl::StrCat("in the name of ", name));
  }
  if (const std::string issuer = Attribute(xml, "issuedBy"); !issuer.empty()) {
    identifier->mutable_issuer()->set_text(issuer);
  }
  const Country country = TakeCountry(xml);
  identifier->set_region_code(country.code);
  const std::string where = Joined({Attribute(xml, "region"), country.text});
  if (!where.empty()) *identifier->mutable_issue_place() = PlaceIn(where, country.code);
  const std::string issued = TimeFromWords(Attribute(xml, "issuedDate")).edtf();
  const std::string from = TimeFromWords(Attribute(xml, "validFrom")).edtf();
  const std::string until = TimeFromWords(Attribute(xml, "validTo")).edtf();
  const std::string begin = from.empty() ? issued : from;
  if (!from.empty() && !issued.empty() && from != issued) {
    notes.push_back(absl::StrCat("issued ", issued));
  }
  if (!begin.empty() && !until.empty() && begin > until) {
    *identifier->mutable_time() = WordsTime(absl::StrCat(begin, " to ", until));
  } else if (!begin.empty() || !until.empty()) {
    *identifier->mutable_time() = EdtfTime(absl::StrCat(begin, "/", until));
  }
  notes.push_back(TakeCommon(xml, identifier));
  identifier->set_note(Joined(std::move(notes), "; "));
}

}  // namespace

v1::Provision EuProvision(XmlElement& regulation) {
  const std::string title = regulation.TakeAttribute("numberTitle");
  const std::string type = regulation.TakeAttribute("regulationType");
  const std::string published = regulation.TakeAttribute("publicationDate");
  const std::string by = regulation.TakeAttribute("organisationType");
  const std::string in_force = regulation.TakeAttribute("entryIntoForceDate");
  std::string kind = type;
  if (!published.empty()) absl::StrAppend(&kind, kind.empty() ? "" : " ", "of ", published);
  if (!by.empty()) absl::StrAppend(&kind, kind.empty() ? "" : " ", "by ", by);
  v1::Provision provision;
  provision.mutable_source()->set_text(
      Joined({title, kind, in_force.empty() ? "" : absl::StrCat("in force from ", in_force)}));
  // An attribute of a summary, an element of a regulation.
  const std::string url = regulation.TakeAttribute("publicationUrl");
  provision.set_locator(url.empty() ? regulation.Take("publicationUrl") : url);
  return provision;
}

v1::Actor EuActor(XmlElement& entity) {
  v1::Actor actor;
  for (XmlElement* name : entity.TakeElements("nameAlias")) AddName(*name, &actor);
  if (actor.names_size() > 0) actor.set_display_name(actor.names(0).text());
  for (XmlElement* xml : entity.TakeElements("citizenship")) AddCitizenship(*xml, &actor);
  for (XmlElement* xml : entity.TakeElements("birthdate")) AddBirth(*xml, &actor);
  for (XmlElement* xml : entity.TakeElements("address")) AddAddress(*xml, &actor);
  for (XmlElement* xml : entity.TakeElements("identification")) AddIdentification(*xml, &actor);
  return actor;
}

}  // namespace communique::importers
