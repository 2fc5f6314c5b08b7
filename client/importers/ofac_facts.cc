#include "importers/ofac_facts.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "importers/countries.h"
#include "importers/ofac_names.h"
#include "importers/places.h"
#include "importers/text.h"
#include "importers/titles.h"

namespace communique::importers {
namespace {

// Identifiers whose words are the value, whatever is in them.
bool IsWholeValue(absl::string_view type) {
  static constexpr absl::string_view kTypes[] = {"website", "email",    "phone",    "fax",
                                                 "telex",   "telegram", "un-locode"};
  return absl::c_linear_search(kTypes, type);
}

// Identifiers that may be letters alone.
bool MayLackDigits(absl::string_view type) {
  static constexpr absl::string_view kTypes[] = {
      "swift-bic", "ticker", "micex", "call-sign", "tail-number", "crypto-address", "mode-s"};
  return IsWholeValue(type) || absl::c_linear_search(kTypes, type);
}

bool HasDigit(absl::string_view text) {
  return absl::c_any_of(text, [](unsigned char c) { return absl::ascii_isdigit(c); });
}

// "XBT 1AjZ..." is an address in a currency.
void SplitCurrency(v1::Identifier* identifier) {
  absl::string_view value = identifier->value();
  absl::ConsumePrefix(&value, "- ");
  const std::size_t space = value.find(' ');
  if (space == absl::string_view::npos) return;
  absl::StrAppend(identifier->mutable_type_text(), " - ", value.substr(0, space));
  identifier->set_value(std::string(value.substr(space + 1)));
}

// Puts what was said of a fact to the value that it became.
template <typename Element>
void Finish(const OfacFact& fact, Element* element) {
  if (!fact.note.empty()) {
    std::string* note = element->mutable_note();
    absl::StrAppend(note, note->empty() ? "" : "; ", fact.note);
  }
  if (fact.evidence.ByteSizeLong() == 0) return;
  if (element->evidences_size() == 0) {
    *element->add_evidences() = fact.evidence;
  } else {
    element->mutable_evidences(0)->MergeFrom(fact.evidence);
  }
}

// "IMO 9187629", "(5777731)": the number alone.
void TakeImoNumber(v1::Identifier* identifier) {
  absl::string_view value = identifier->value();
  const bool named = absl::ConsumePrefix(&value, "IMO ");
  if (!named && identifier->type() != "imo") return;
  identifier->set_type("imo");
  value = absl::StripPrefix(absl::StripSuffix(value, ")"), "(");
  identifier->set_value(std::string(value));
}

}  // namespace

// The full stop behind the remarks takes that of "LTD." with it, so none counts.
std::string OfacNames::Fold(absl::string_view name) {
  std::string folded = absl::AsciiStrToUpper(CollapseSpace(name));
  if (absl::EndsWith(folded, ".")) folded.pop_back();
  return folded;
}

void OfacNames::Add(absl::string_view name, absl::string_view key, Keys* keys) {
  const std::string folded = Fold(name);
  if (folded.empty()) return;
  const auto [it, added] = keys->try_emplace(folded, key);
  if (!added && it->second != key) it->second.clear();
}

void OfacNames::AddPrimary(absl::string_view name, absl::string_view key) {
  Add(name, key, &primary_);
}

void OfacNames::AddAlias(absl::string_view name, absl::string_view key) {
  Add(name, key, &aliases_);
}

std::string OfacNames::Find(absl::string_view name) const {
  const std::string folded = Fold(name);
  if (const auto it = primary_.find(folded); it != primary_.end()) return it->second;
  if (const auto it = aliases_.find(folded); it != aliases_.end()) return it->second;
  return std::string();
}

template <typename Has>
v1::Birth* OfacFacts::BirthFor(bool alternative, Has has) {
  if (!alternative && main_birth_ >= 0 && !has(actor().births(main_birth_))) {
    return actor().mutable_births(main_birth_);
  }
  if (!alternative && main_birth_ < 0) main_birth_ = actor().births_size();
  return actor().add_births();
}

void OfacFacts::AddPosition(absl::string_view title) {
  title = absl::StripAsciiWhitespace(title);
  absl::ConsumePrefix(&title, "also referred to as ");
  if (title.empty()) return;
  actor().add_positions()->set_title(std::string(title));
}

void OfacFacts::AddTitle(absl::string_view title) {
  title = absl::StripAsciiWhitespace(title);
  if (title.empty()) return;
  if (const std::optional<Kinship> kin = ParseKinship(title)) {
    AddRelation(kin->whose, v1::ACTOR_RELATION_TYPE_FAMILY_OF, kin->relation);
  } else if (IsHonorific(title) && actor().names_size() > 0) {
    actor().mutable_names(0)->add_titles(std::string(title));
  } else {
    AddPosition(title);
  }
}

void OfacFacts::AddRelation(absl::string_view name, v1::ActorRelationType type,
                            absl::string_view type_text) {
  EntryRelation& added = entry_.relations.emplace_back();
  added.relation.set_type(type);
  added.relation.set_type_text(std::string(type_text));
  added.relation.mutable_actor()->set_text(std::string(name));
  // Empty: there are only the words.
  added.other_key = names_.Find(name);
  if (added.other_key == entry_.key) added.other_key.clear();
}

void OfacFacts::AddVerbatim(absl::string_view field, absl::string_view text) {
  v1::VerbatimField& kept = verbatim_.emplace_back();
  kept.set_field(std::string(field));
  kept.set_text(std::string(text));
}

void OfacFacts::AddNationality(const OfacFact& fact, v1::NationalityKind kind) {
  v1::Nationality* nationality = actor().add_nationalities();
  nationality->set_text(fact.value);
  nationality->set_region_code(CountryCode(fact.value));
  nationality->set_kind(kind);
  // "alt." only says that it is not the first, "Other Vessel Flag" that it is another one.
  if (fact.label->kind == OfacLabelKind::kSeat || absl::StartsWith(fact.label_text, "Other")) {
    nationality->set_note(fact.label_text);
  }
  Finish(fact, nationality);
}

bool OfacFacts::AddIdentifier(const OfacFact& fact) {
  const absl::string_view type = fact.label->type;
  v1::Identifier identifier;
  if (IsWholeValue(type)) {
    identifier.set_value(fact.value);
  } else {
    identifier = OfacIdentifier(fact.value);
  }
  identifier.set_type(std::string(type));
  identifier.set_type_text(fact.label_text);
  if (identifier.value().empty()) return false;
  if (!MayLackDigits(type) && !HasDigit(identifier.value())) return false;
  if (type == "crypto-address") SplitCurrency(&identifier);
  if (type == "vessel-registration" || type == "imo") TakeImoNumber(&identifier);
  if (fact.label->kind == OfacLabelKind::kPreviousIdentifier) identifier.set_note("previous");
  Finish(fact, &identifier);
  *actor().add_identifiers() = std::move(identifier);
  return true;
}

bool OfacFacts::AddWeakName(const OfacFact& fact) {
  absl::string_view name = fact.value;
  // The quotes around it; a name may have some of its own: ''ALI AL-KHAL'.
  if (name.size() < 2 || name.front() != '\'' || name.back() != '\'') return false;
  name = absl::StripAsciiWhitespace(name.substr(1, name.size() - 2));
  if (name.empty()) return false;
  const bool former = fact.label->kind == OfacLabelKind::kWeakFormerName;
  v1::ActorName* added = AddOfacName(name, former ? v1::NAME_KIND_FORMER : v1::NAME_KIND_ALIAS,
                                     v1::NAME_QUALITY_WEAK, &entry_.actor);
  if (fact.label_text == "n.k.a." || fact.label_text == "d.b.a.") added->set_note(fact.label_text);
  Finish(fact, added);
  return true;
}

bool OfacFacts::AddGender(absl::string_view value) {
  const std::string gender = absl::AsciiStrToLower(absl::StripAsciiWhitespace(value));
  if (!actor().gender().empty() && actor().gender() != gender) return false;
  actor().set_gender(gender);
  return true;
}

// A field that holds one value keeps the first; the others are kept verbatim.
bool OfacFacts::AddDetail(const OfacFact& fact) {
  const auto set_once = [&fact](std::string* field) {
    if (!field->empty() && *field != fact.value) return false;
    *field = fact.value;
    return true;
  };
  switch (fact.label->kind) {
    case OfacLabelKind::kVesselType:
      return set_once(actor().mutable_vessel()->mutable_vessel_type());
    case OfacLabelKind::kTonnage:
      return set_once(actor().mutable_vessel()->mutable_tonnage());
    case OfacLabelKind::kGrossTonnage:
      return set_once(actor().mutable_vessel()->mutable_gross_tonnage());
    case OfacLabelKind::kAircraftModel:
      return set_once(actor().mutable_aircraft()->mutable_model());
    case OfacLabelKind::kAircraftManufacturer:
      return set_once(actor().mutable_aircraft()->mutable_manufacturer());
    default:
      return false;
  }
}

bool OfacFacts::Add(const OfacFact& fact) {
  if (absl::StripAsciiWhitespace(fact.value).empty()) return false;
  switch (fact.label->kind) {
    case OfacLabelKind::kIdentifier:
    case OfacLabelKind::kPreviousIdentifier:
      return AddIdentifier(fact);
    case OfacLabelKind::kBirthTime: {
      v1::Birth* birth = BirthFor(fact.alternative, [](const auto& b) { return b.has_time(); });
      *birth->mutable_time() = fact.time.ByteSizeLong() > 0 ? fact.time : OfacTime(fact.value);
      Finish(fact, birth);
      return true;
    }
    case OfacLabelKind::kBirthPlace: {
      v1::Birth* birth = BirthFor(fact.alternative, [](const auto& b) { return b.has_place(); });
      *birth->mutable_place() = PlaceFromWords(fact.value);
      Finish(fact, birth);
      return true;
    }
    case OfacLabelKind::kNationality:
      AddNationality(fact, v1::NATIONALITY_KIND_NATIONALITY);
      return true;
    case OfacLabelKind::kCitizenship:
      AddNationality(fact, v1::NATIONALITY_KIND_CITIZENSHIP);
      return true;
    case OfacLabelKind::kSeat:
      AddNationality(fact, v1::NATIONALITY_KIND_UNSPECIFIED);
      return true;
    case OfacLabelKind::kFlag:
      AddNationality(fact, v1::NATIONALITY_KIND_FLAG);
      return true;
    case OfacLabelKind::kFormerFlag:
      AddNationality(fact, v1::NATIONALITY_KIND_FORMER_FLAG);
      return true;
    case OfacLabelKind::kGender:
      return AddGender(fact.value);
    case OfacLabelKind::kWeakAlias:
    case OfacLabelKind::kWeakFormerName:
      return AddWeakName(fact);
    case OfacLabelKind::kPosition:
      AddPosition(fact.value);
      return true;
    case OfacLabelKind::kLinkedTo:
      AddRelation(fact.value, v1::ACTOR_RELATION_TYPE_ASSOCIATE_OF, "Linked To");
      return true;
    case OfacLabelKind::kOperator:
      AddRelation(fact.value, v1::ACTOR_RELATION_TYPE_CONTROLLED_BY, fact.label_text);
      return true;
    case OfacLabelKind::kOwner:
      AddRelation(fact.value, v1::ACTOR_RELATION_TYPE_OWNED_BY, fact.label_text);
      return true;
    case OfacLabelKind::kVesselType:
    case OfacLabelKind::kTonnage:
    case OfacLabelKind::kGrossTonnage:
    case OfacLabelKind::kAircraftModel:
    case OfacLabelKind::kAircraftManufacturer:
      return AddDetail(fact);
    case OfacLabelKind::kVerbatim:
      return false;
  }
  return false;
}

}  // namespace communique::importers
