#include "importers/ofac_enhanced_values.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "importers/countries.h"
#include "importers/ofac_labels.h"
#include "importers/places.h"
#include "importers/text.h"
#include "importers/times.h"

namespace communique::importers {
namespace {

struct Script {
  absl::string_view name;
  absl::string_view tag;
};

// The scripts of the file; Latin says nothing of the language.
constexpr Script kScripts[] = {
    {"Latin", ""},
    {"Arabic", "und-Arab"},
    {"Armenian", "hy-Armn"},
    {"Chinese Simplified", "zh-Hans"},
    {"Chinese Traditional", "zh-Hant"},
    {"Cyrillic", "und-Cyrl"},
    {"Georgian", "ka-Geor"},
    {"Greek", "el-Grek"},
    {"Hangul", "ko-Hang"},
    {"Hebrew", "und-Hebr"},
    {"Japanese", "ja-Jpan"},
    {"Korean", "ko-Kore"},
};

struct PartKind {
  absl::string_view name;
  v1::NamePartKind kind;
};

constexpr PartKind kPartKinds[] = {
    {"First Name", v1::NAME_PART_KIND_GIVEN},      {"Last Name", v1::NAME_PART_KIND_FAMILY},
    {"Middle Name", v1::NAME_PART_KIND_MIDDLE},    {"Maiden Name", v1::NAME_PART_KIND_MAIDEN},
    {"Nickname", v1::NAME_PART_KIND_NICKNAME},     {"Patronymic", v1::NAME_PART_KIND_PATRONYMIC},
    {"Matronymic", v1::NAME_PART_KIND_MATRONYMIC}, {"Entity Name", v1::NAME_PART_KIND_ENTITY},
    {"Vessel Name", v1::NAME_PART_KIND_ENTITY},    {"Aircraft Name", v1::NAME_PART_KIND_ENTITY},
};

struct RelationKind {
  absl::string_view name;
  v1::ActorRelationType type;
};

// "Owned or Controlled By" is what OFAC's rule of 50 per cent rests on. What reads
// the other way round, or is none of ours, keeps its words alone.
constexpr RelationKind kRelationKinds[] = {
    {"Owned or Controlled By", v1::ACTOR_RELATION_TYPE_OWNED_BY},
    {"Property in the interest of", v1::ACTOR_RELATION_TYPE_OWNED_BY},
    {"Acting for or on behalf of", v1::ACTOR_RELATION_TYPE_ACTS_FOR},
    {"Providing support to", v1::ACTOR_RELATION_TYPE_SUPPORTS},
    {"Associate Of", v1::ACTOR_RELATION_TYPE_ASSOCIATE_OF},
    {"Family member of", v1::ACTOR_RELATION_TYPE_FAMILY_OF},
    {"Leader or official of", v1::ACTOR_RELATION_TYPE_MEMBER_OF},
    {"Principal Executive Officer", v1::ACTOR_RELATION_TYPE_MEMBER_OF},
};

// Names and addresses of another script than Latin carry its tag; what is new is
// told by its letters.
std::string TagOf(const std::string& script, const std::string& text) {
  for (const Script& known : kScripts) {
    if (known.name == script) return std::string(known.tag);
  }
  return ScriptTag(text);
}

std::string Joined(std::vector<std::string> parts) {
  parts.erase(std::remove(parts.begin(), parts.end(), ""), parts.end());
  return absl::StrJoin(parts, ", ");
}

void AddPart(XmlElement& xml, v1::ActorName* name) {
  const std::string type = xml.Take("type");
  const std::string value = xml.Take("value");
  if (value.empty()) return;
  v1::NamePart* part = name->add_parts();
  part->set_text(value);
  for (const PartKind& known : kPartKinds) {
    if (known.name == type) part->set_kind(known.kind);
  }
  const auto set_once = [&value](std::string* field) {
    if (field->empty()) *field = value;
  };
  if (part->kind() == v1::NAME_PART_KIND_GIVEN) set_once(name->mutable_given_name());
  if (part->kind() == v1::NAME_PART_KIND_FAMILY) set_once(name->mutable_family_name());
}

v1::Modality ModalityOf(absl::string_view reliability) {
  if (reliability == "Confirmed") return v1::MODALITY_CONFIRMED;
  if (reliability == "Reported") return v1::MODALITY_REPORTED;
  if (reliability == "False") return v1::MODALITY_DENIED;
  return v1::MODALITY_UNSPECIFIED;
}

// Labels whose values have a note of their own.
bool HasNote(OfacLabelKind kind) {
  using Kind = OfacLabelKind;
  static constexpr std::array kKinds = {
      Kind::kIdentifier,  Kind::kPreviousIdentifier, Kind::kBirthTime,     Kind::kBirthPlace,
      Kind::kNationality, Kind::kCitizenship,        Kind::kSeat,          Kind::kFlag,
      Kind::kFormerFlag,  Kind::kWeakAlias,          Kind::kWeakFormerName};
  return absl::c_linear_search(kKinds, kind);
}

// "Digital Currency Address - XBT" has the currency in its type.
const OfacLabel* FeatureLabel(const std::string& type) {
  const OfacLabel* label = OfacLabelOf(type);
  if (label == nullptr && absl::StartsWith(type, "Digital Currency Address")) {
    label = OfacLabelOf("Digital Currency Address");
  }
  return label;
}

}  // namespace

void TakeNumbers(XmlElement* element) {
  for (const absl::string_view number : {"id", "refId", "featureTypeId", "featureVersionId",
                                         "nameId", "nameTranslationId", "entityId"}) {
    element->TakeAttribute(number);
  }
  for (XmlElement& child : element->children) {
    if (child.name == "versionId" || child.name == "valueRefId") child.TakeText();
    TakeNumbers(&child);
  }
}

std::string LocatorOf(absl::string_view what, XmlElement& element) {
  return absl::StrCat(what, " ", element.TakeAttribute("id"));
}

std::string OfacEntityReader::CodeOf(XmlElement* country) const {
  if (country == nullptr) return std::string();
  const auto found = countries_.find(country->TakeAttribute("refId"));
  return found != countries_.end() ? found->second : CountryCode(country->text);
}

void OfacEntityReader::ReadTranslation(XmlElement& name, XmlElement& translation, v1::NameKind kind,
                                       v1::NameQuality quality) {
  const std::string text = translation.Take("formattedFullName");
  if (text.empty()) return;
  // The same once more, in pieces.
  translation.Take("formattedFirstName");
  translation.Take("formattedLastName");
  v1::ActorName* out = entry_.actor.add_names();
  out->set_text(text);
  out->set_quality(quality);
  out->set_language_code(TagOf(translation.Take("script"), text));
  const bool main = translation.Take("isPrimary") == "true";
  out->set_kind(!main && !out->language_code().empty() ? v1::NAME_KIND_ORIGINAL_SCRIPT : kind);
  if (XmlElement* parts = translation.TakeElement("nameParts")) {
    for (XmlElement* part : parts->TakeElements("namePart")) AddPart(*part, out);
  }
  out->add_evidences()->add_selectors()->set_locator(
      absl::StrCat(LocatorOf("name", name), ", ", LocatorOf("translation", translation)));
}

void OfacEntityReader::ReadNames(XmlElement& entity) {
  XmlElement* names = entity.TakeElement("names");
  if (names == nullptr) return;
  std::vector<XmlElement*> all = names->TakeElements("name");
  // The primary name is the first one, wherever it stands.
  std::stable_partition(all.begin(), all.end(), [](XmlElement* name) {
    return absl::c_any_of(name->children, [](const XmlElement& child) {
      return child.name == "isPrimary" && child.text == "true";
    });
  });
  for (XmlElement* name : all) {
    const bool primary = name->Take("isPrimary") == "true";
    const bool weak = name->Take("isLowQuality") == "true";
    const std::string alias = name->Take("aliasType");
    if (primary) primary_name_id_ = name->TakeAttribute("id");
    const v1::NameKind kind = primary             ? v1::NAME_KIND_PRIMARY
                              : alias == "F.K.A." ? v1::NAME_KIND_FORMER
                                                  : v1::NAME_KIND_ALIAS;
    const v1::NameQuality quality = weak      ? v1::NAME_QUALITY_WEAK
                                    : primary ? v1::NAME_QUALITY_UNSPECIFIED
                                              : v1::NAME_QUALITY_STRONG;
    const int before = entry_.actor.names_size();
    if (XmlElement* translations = name->TakeElement("translations")) {
      for (XmlElement* translation : translations->TakeElements("translation")) {
        ReadTranslation(*name, *translation, kind, quality);
      }
    }
    const bool plain = alias.empty() || alias == "A.K.A." || alias == "F.K.A.";
    for (int i = before; i < entry_.actor.names_size() && !plain; ++i) {
      entry_.actor.mutable_names(i)->set_note(alias);
    }
  }
}

void OfacEntityReader::ReadAddress(XmlElement& translation, const std::string& country,
                                   const std::string& code, const std::string& locator) {
  std::vector<std::string> streets;
  std::string region;
  v1::Address address;
  if (XmlElement* parts = translation.TakeElement("addressParts")) {
    for (XmlElement* part : parts->TakeElements("addressPart")) {
      const std::string type = part->Take("type");
      const std::string value = part->Take("value");
      if (type == "CITY") {
        address.set_city(value);
      } else if (type == "STATE/PROVINCE") {
        address.set_province(value);
      } else if (type == "POSTAL CODE") {
        address.set_postal_code(value);
      } else if (type == "REGION") {
        region = value;
      } else {
        streets.push_back(value);  // ADDRESS1 to ADDRESS3.
      }
    }
  }
  const std::string tag = TagOf(translation.Take("script"), absl::StrJoin(streets, " "));
  translation.Take("isPrimary");
  address.set_street(Joined(std::move(streets)));
  address.set_region_code(code);
  const std::string where = Joined({address.city(), address.province(), region, country});
  address.set_text(Joined({address.street(), address.city(), address.province(),
                           address.postal_code(), region, country}));
  if (address.text().empty()) return;
  if (!where.empty()) *address.mutable_place() = PlaceIn(where, code);
  if (!where.empty() && where == country) {
    address.mutable_place()->set_type(v1::PLACE_TYPE_COUNTRY);
  }
  if (!tag.empty()) address.set_note(absl::StrCat("in ", tag));
  address.add_evidences()->add_selectors()->set_locator(locator);
  *entry_.actor.add_addresses() = std::move(address);
}

void OfacEntityReader::ReadAddresses(XmlElement& entity) {
  XmlElement* addresses = entity.TakeElement("addresses");
  if (addresses == nullptr) return;
  for (XmlElement* xml : addresses->TakeElements("address")) {
    XmlElement* country_xml = xml->TakeElement("country");
    const std::string code = CodeOf(country_xml);
    const std::string country = country_xml == nullptr ? "" : country_xml->TakeText();
    const std::string locator = LocatorOf("address", *xml);
    const int before = entry_.actor.addresses_size();
    if (XmlElement* translations = xml->TakeElement("translations")) {
      for (XmlElement* translation : translations->TakeElements("translation")) {
        ReadAddress(*translation, country, code, locator);
      }
    }
    if (entry_.actor.addresses_size() == before && !country.empty()) {
      XmlElement none;
      ReadAddress(none, country, code, locator);
    }
  }
}

void OfacEntityReader::ReadFeature(XmlElement& feature) {
  const std::string type = feature.Take("type");
  OfacFact fact;
  fact.label = FeatureLabel(type);
  fact.label_text = type;
  fact.value = feature.Take("value");
  fact.note = feature.Take("comments");
  fact.alternative = feature.Take("isPrimary") != "true";
  fact.evidence.add_selectors()->set_locator(LocatorOf("feature", feature));
  fact.evidence.set_modality(ModalityOf(feature.Take("reliability")));
  if (XmlElement* period = feature.TakeElement("valueDate")) {
    // The words are the finer ones ("circa 1961"); the period has what words lack.
    const v1::FuzzyTime exact = OfacPeriod(*period, /*one_of=*/true);
    fact.time = OfacTime(fact.value);
    if (fact.time.edtf().empty()) {
      fact.time = exact;
      if (exact.edtf() != fact.value) fact.time.set_text(fact.value);
    } else if (absl::StrContains(exact.edtf(), '~') && !absl::StrContains(fact.time.edtf(), '~')) {
      fact.time = Approximate(std::move(fact.time));
    }
  }
  const bool added = fact.label != nullptr && facts_.Add(fact);
  if (!added) {
    const std::string text =
        fact.note.empty() ? fact.value : absl::StrCat(fact.value, " (", fact.note, ")");
    facts_.AddVerbatim(absl::StrCat("features/", type), text);
  } else if (!fact.note.empty() && !HasNote(fact.label->kind)) {
    facts_.AddVerbatim(absl::StrCat("features/", type), fact.note);
  }
}

void OfacEntityReader::ReadFeatures(XmlElement& entity) {
  XmlElement* features = entity.TakeElement("features");
  if (features == nullptr) return;
  for (XmlElement* feature : features->TakeElements("feature")) ReadFeature(*feature);
}

void OfacEntityReader::ReadDocument(XmlElement& document) {
  const std::string number = document.Take("documentNumber");
  if (number.empty()) return;  // Kept verbatim.
  v1::Identifier* identifier = entry_.actor.add_identifiers();
  const std::string type = document.Take("type");
  const OfacLabel* label = OfacLabelOf(type);
  const bool known = label != nullptr && !label->type.empty();
  const std::string slug = ToSlug(type);
  identifier->set_type(known ? std::string(label->type) : slug.empty() ? "document" : slug);
  identifier->set_type_text(type);
  identifier->set_value(number);
  if (absl::StartsWith(number, "IMO ") && identifier->type() == "vessel-registration") {
    identifier->set_type("imo");
    identifier->set_value(number.substr(4));
  }
  identifier->set_state(document.Take("isValid") == "false" ? v1::IDENTIFIER_STATE_FALSE
                                                            : v1::IDENTIFIER_STATE_VALID);
  if (const std::string issuer = document.Take("issuingAuthority"); !issuer.empty()) {
    identifier->mutable_issuer()->set_text(issuer);
  }
  XmlElement* country = document.TakeElement("issuingCountry");
  identifier->set_region_code(CodeOf(country));
  const std::string country_text = country == nullptr ? "" : country->TakeText();
  const std::string where = Joined({document.Take("issuingLocation"), country_text});
  if (!where.empty()) {
    *identifier->mutable_issue_place() = PlaceIn(where, identifier->region_code());
  }
  std::string issued;
  std::string expires;
  if (XmlElement* date = document.TakeElement("issueDate")) issued = OfacPeriod(*date, true).edtf();
  if (XmlElement* date = document.TakeElement("expirationDate")) {
    expires = OfacPeriod(*date, true).edtf();
  }
  const bool ordered = issued.empty() || expires.empty() || issued <= expires;
  const bool plain = absl::StrCat(issued, expires).find_first_of("[~") == std::string::npos;
  if (!issued.empty() || !expires.empty()) {
    *identifier->mutable_time() =
        ordered && plain ? EdtfTime(absl::StrCat(issued, "/", expires))
                         : WordsTime(absl::StrCat("issued ", issued, " expires ", expires));
  }
  identifier->set_note(document.Take("comments"));
  // In whose name, where that is not the primary one.
  XmlElement* holder = document.TakeElement("name");
  if (holder != nullptr && holder->TakeAttribute("nameId") != primary_name_id_) {
    absl::StrAppend(identifier->mutable_note(), identifier->note().empty() ? "" : "; ",
                    "in the name of ", holder->text);
  }
  if (holder != nullptr) holder->TakeText();
  identifier->add_evidences()->add_selectors()->set_locator(LocatorOf("document", document));
}

void OfacEntityReader::ReadDocuments(XmlElement& entity) {
  XmlElement* documents = entity.TakeElement("identityDocuments");
  if (documents == nullptr) return;
  for (XmlElement* document : documents->TakeElements("identityDocument")) ReadDocument(*document);
}

void OfacEntityReader::ReadRelationships(XmlElement& entity) {
  XmlElement* relationships = entity.TakeElement("relationships");
  if (relationships == nullptr) return;
  for (XmlElement* xml : relationships->TakeElements("relationship")) {
    XmlElement* other = xml->TakeElement("relatedEntity");
    if (other == nullptr) continue;  // Kept verbatim.
    EntryRelation out;
    out.other_key = other->TakeAttribute("entityId");
    out.relation.mutable_actor()->set_text(other->TakeText());
    const std::string type = xml->Take("type");
    out.relation.set_type_text(type);
    for (const RelationKind& known : kRelationKinds) {
      if (known.name == type) out.relation.set_type(known.type);
    }
    out.relation.set_quality(xml->Take("quality"));
    if (XmlElement* period = xml->TakeElement("dateRange")) {
      const v1::FuzzyTime time = OfacPeriod(*period, /*one_of=*/false);
      if (time.ByteSizeLong() > 0) *out.relation.mutable_time() = time;
    }
    out.relation.set_note(xml->Take("comments"));
    entry_.relations.push_back(std::move(out));
  }
}

}  // namespace communique::importers
