// Where the elements of an entity go:
//
//   @id                  ListEntry.key, list_entry_id; identifier "ofac-uid"
//   generalInfo          entityType: type; identityId: identifier; title: positions and titles
//                        of the name; remarks: designation.remarks; the rest verbatim
//   sanctionsLists       datePublished of the list that the file is: the stated date of
//                        listing; the others, sub-lists among them, verbatim
//   sanctionsPrograms    a designation for each
//   sanctionsTypes       measure_types; where those say less than the words, verbatim too
//   legalAuthorities     provisions
//   names                names: a translation each, with script, parts and quality
//   addresses            addresses: a translation each
//   features             by their label as in the CSV's remarks (ofac_labels.cc), with
//                        reliability as modality; else verbatim
//   identityDocuments    identifiers with issuer, validity and state
//   relationships        relations with quality
//
// Numbers of elements are locators in the evidence; refId and the like stand for the
// words beside them and are not kept. All else that is not empty is kept verbatim.

#include "importers/ofac_enhanced.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "importers/errors.h"
#include "importers/input.h"
#include "importers/ofac_enhanced_values.h"
#include "importers/ofac_facts.h"
#include "importers/ofac_list.h"
#include "importers/ofac_names.h"
#include "importers/ofac_remarks.h"
#include "importers/text.h"
#include "importers/times.h"
#include "importers/xml.h"

namespace communique::importers {
namespace {

constexpr absl::string_view kPublication = "publicationInfo";
constexpr absl::string_view kReferences = "referenceValues/referenceValue";
constexpr absl::string_view kFeatureTypes = "featureTypes/featureType";
constexpr absl::string_view kEntities = "entities/entity";

constexpr absl::string_view kSdnName = "SDN List";
constexpr absl::string_view kNonSdnName = "Consolidated List";

// What a type of sanctions does. Where the measure says as much as the words
// `whole` is true; the words of the others are kept.
struct SanctionsType {
  absl::string_view prefix;
  v1::MeasureType measure;
  bool whole;
};

constexpr SanctionsType kSanctionsTypes[] = {
    {"Block", v1::MEASURE_TYPE_BLOCKING, true},
    {"Reject", v1::MEASURE_TYPE_FINANCIAL_RESTRICTION, false},
    {"561", v1::MEASURE_TYPE_FINANCIAL_RESTRICTION, false},
    {"NDAA", v1::MEASURE_TYPE_FINANCIAL_RESTRICTION, false},
    {"13662 Sectoral", v1::MEASURE_TYPE_SECTORAL, false},
    {"CMIC", v1::MEASURE_TYPE_FINANCIAL_RESTRICTION, false},
    {"Executive Order 14024 Directive", v1::MEASURE_TYPE_FINANCIAL_RESTRICTION, false},
    {"Executive Order 14014 Directive", v1::MEASURE_TYPE_FINANCIAL_RESTRICTION, false},
};

class OfacEnhanced {
 public:
  OfacEnhanced(const InputFile& file, const ParseOptions& options)
      : file_(file), options_(options) {}

  absl::StatusOr<ParsedList> Parse() {
    absl::StatusOr<XmlElement> root = ReadXml(
        file_, options_.limits, "sanctionsData",
        {std::string(kPublication), std::string(kReferences), std::string(kFeatureTypes),
         std::string(kEntities)},
        [this](const std::string& path, XmlElement& record) { return Record(path, record); });
    if (!root.ok()) return root.status();
    root->TakeAttribute("schemaLocation");
    if (const auto rest = root->Rest(); !rest.empty()) {
      return BadFile(file_.name, root->at,
                     absl::StrCat("has what no such list has beside its entities: ", rest[0].path));
    }
    if (!published_) return BadFile(file_.name, root->at, "has no publicationInfo");
    if (list_.entries.empty()) return BadFile(file_.name, root->at, "has no entities");
    return std::move(list_);
  }

 private:
  absl::Status Record(const std::string& path, XmlElement& record) {
    if (path == kPublication) return ReadPublication(record);
    if (path == kReferences) return ReadReference(record);
    // Feature types say how features are published.
    if (path == kEntities) return ReadEntity(record);
    return absl::OkStatus();
  }

  absl::Status ReadPublication(XmlElement& xml) {
    if (published_) return BadFile(file_.name, xml.at, "has a second publicationInfo");
    const std::string as_of = xml.Take("dataAsOf");
    const std::string date = as_of.substr(0, 10);
    if (!IsIsoDate(date)) return BadFile(file_.name, xml.at, "does not say of when it is");
    if (!options_.as_of_date.empty() && options_.as_of_date != date) {
      return BadFile(file_.name, xml.at,
                     absl::StrCat("is of ", date, ", not of ", options_.as_of_date));
    }
    std::vector<std::string> lists;
    bool programs = false;
    if (XmlElement* filters = xml.TakeElement("filters")) {
      if (XmlElement* names = filters->TakeElement("sanctionsLists")) {
        lists = names->TakeAll("sanctionsList");
      }
      XmlElement* only = filters->TakeElement("sanctionsPrograms");
      programs = only != nullptr && !only->children.empty();
    }
    const bool one = lists.size() == 1 && (lists[0] == kSdnName || lists[0] == kNonSdnName);
    if (programs || !one) {
      return BadFile(file_.name, xml.at,
                     absl::StrCat("is a part of a list, or several: export the whole \"", kSdnName,
                                  "\" or the whole \"", kNonSdnName, "\" alone"));
    }
    kind_ = lists[0] == kSdnName ? OfacListKind::kSdn : OfacListKind::kNonSdn;
    list_name_ = lists[0];
    list_ = MakeOfacList(kind_);
    list_.version = as_of;
    list_.as_of_date = date;
    published_ = true;
    return absl::OkStatus();
  }

  absl::Status ReadReference(XmlElement& xml) {
    if (xml.Take("type") == "COUNTRY") {
      const std::string code = xml.Take("isoCode");
      if (!code.empty()) countries_[xml.TakeAttribute("refId")] = code;
    }
    return absl::OkStatus();
  }

  absl::Status ReadEntity(XmlElement& xml) {
    if (!published_) return BadFile(file_.name, xml.at, "has entities before publicationInfo");
    if (list_.entries.size() >= options_.limits.max_entries) {
      return OverLimit(file_.name, xml.at,
                       absl::StrCat("has more than ", options_.limits.max_entries, " entries"));
    }
    ListEntry entry;
    entry.key = xml.TakeAttribute("id");
    if (!IsKey(entry.key)) {
      return BadFile(file_.name, xml.at, "has an entity without an id that could be its key");
    }
    if (!keys_.insert(entry.key).second) {
      return BadFile(file_.name, xml.at, absl::StrCat("has entity ", entry.key, " twice"));
    }
    entry.reference = entry.key;
    entry.locator = absl::StrCat("entity ", entry.key);
    OfacFacts facts(names_, &entry);
    EntryDesignation what;
    if (absl::Status read = ReadParts(xml, &entry, &facts, &what); !read.ok()) return read;
    std::vector<std::string> programs;
    if (XmlElement* all = xml.TakeElement("sanctionsPrograms")) {
      programs = all->TakeAll("sanctionsProgram");
    }
    TakeNumbers(&xml);
    for (const XmlElement::Leftover& left : xml.Rest()) facts.AddVerbatim(left.path, left.text);
    for (const v1::VerbatimField& kept : facts.verbatim()) {
      *what.designation.add_verbatim_fields() = kept;
    }
    if (!AddOfacDesignations(kind_, std::move(programs), what, &entry, &regimes_, &list_)) {
      return BadFile(file_.name, xml.at,
                     absl::StrCat("has entity ", entry.key, " of no programme"));
    }
    list_.entries.push_back(std::move(entry));
    return absl::OkStatus();
  }

  absl::Status ReadParts(XmlElement& xml, ListEntry* entry, OfacFacts* facts,
                         EntryDesignation* what) {
    XmlElement none;
    XmlElement* found = xml.TakeElement("generalInfo");
    XmlElement& general = found == nullptr ? none : *found;
    if (absl::Status typed = ReadType(general, xml.at, entry); !typed.ok()) return typed;
    OfacEntityReader reader(countries_, entry, facts);
    reader.ReadNames(xml);
    if (entry->actor.names_size() == 0) {
      return BadFile(file_.name, xml.at,
                     absl::StrCat("has entity ", entry->key, " without a name"));
    }
    SetOfacDisplayName(&entry->actor);
    AddNumber("ofac-uid", entry->key, &entry->actor);
    AddNumber("ofac-identity", general.Take("identityId"), &entry->actor);
    for (const std::string& title : SplitRemarks(general.Take("title"))) facts->AddTitle(title);
    what->designation.set_remarks(general.Take("remarks"));
    reader.ReadAddresses(xml);
    reader.ReadFeatures(xml);
    reader.ReadDocuments(xml);
    reader.ReadRelationships(xml);
    ReadLists(xml, facts, what);
    ReadMeasures(xml, facts, what);
    return absl::OkStatus();
  }

  absl::Status ReadType(XmlElement& general, FilePosition at, ListEntry* entry) {
    const std::string type = general.Take("entityType");
    if (type == "Individual") {
      entry->actor.set_type(v1::ACTOR_TYPE_PERSON);
    } else if (type == "Entity") {
      entry->actor.set_type(v1::ACTOR_TYPE_ORGANIZATION);
    } else if (type == "Vessel") {
      entry->actor.set_type(v1::ACTOR_TYPE_VESSEL);
    } else if (type == "Aircraft") {
      entry->actor.set_type(v1::ACTOR_TYPE_AIRCRAFT);
    } else {
      return BadFile(file_.name, at, absl::StrCat("has an entityType that is not known: ", type));
    }
    return absl::OkStatus();
  }

  static void AddNumber(absl::string_view type, const std::string& value, v1::Actor* actor) {
    if (value.empty()) return;
    v1::Identifier* identifier = actor->add_identifiers();
    identifier->set_type(std::string(type));
    identifier->set_value(value);
  }

  void ReadLists(XmlElement& xml, OfacFacts* facts, EntryDesignation* what) const {
    XmlElement* lists = xml.TakeElement("sanctionsLists");
    if (lists == nullptr) return;
    for (XmlElement* on : lists->TakeElements("sanctionsList")) {
      const std::string name = on->TakeText();
      const std::string published = on->TakeAttribute("datePublished");
      if (name == list_name_) {
        if (!published.empty()) what->stated_listed_time = TimeFromWords(published);
      } else {
        facts->AddVerbatim("sanctionsLists/sanctionsList",
                           absl::StrCat(name, ", published ", published));
      }
    }
  }

  static void ReadMeasures(XmlElement& xml, OfacFacts* facts, EntryDesignation* what) {
    if (XmlElement* types = xml.TakeElement("sanctionsTypes")) {
      for (const std::string& type : types->TakeAll("sanctionsType")) {
        const SanctionsType* known = nullptr;
        for (const SanctionsType& candidate : kSanctionsTypes) {
          if (absl::StartsWith(type, candidate.prefix)) known = &candidate;
        }
        if (known != nullptr) AddMeasure(known->measure, &what->designation);
        if (known == nullptr || !known->whole) {
          facts->AddVerbatim("sanctionsTypes/sanctionsType", type);
        }
      }
    }
    if (XmlElement* authorities = xml.TakeElement("legalAuthorities")) {
      for (const std::string& authority : authorities->TakeAll("legalAuthority")) {
        what->designation.add_provisions()->mutable_source()->set_text(authority);
      }
    }
  }

  static void AddMeasure(v1::MeasureType measure, v1::Designation* designation) {
    for (const int have : designation->measure_types()) {
      if (have == measure) return;
    }
    designation->add_measure_types(measure);
  }

  const InputFile& file_;
  const ParseOptions& options_;
  bool published_ = false;
  OfacListKind kind_ = OfacListKind::kSdn;
  std::string list_name_;
  ParsedList list_;
  OfacCountries countries_;
  const OfacNames names_;  // Relations of this format are by id.
  absl::flat_hash_set<std::string> keys_;
  OfacRegimeIds regimes_;
};

}  // namespace

absl::StatusOr<ParsedList> ParseOfacEnhanced(const InputFiles& files, const ParseOptions& options) {
  if (files.size() != 1) {
    return absl::InvalidArgumentError(
        "OFAC's ENHANCED_XML is one file, the XML or its zip; give that alone");
  }
  if (!IsZip(files[0])) return OfacEnhanced(files[0], options).Parse();
  absl::StatusOr<InputFiles> inner = Unzip(files[0], options.limits, ".xml");
  if (!inner.ok()) return inner.status();
  if (inner->size() != 1) {
    return BadFile(files[0].name, {},
                   absl::StrCat("has ", inner->size(), " XML files in it, not one"));
  }
  return OfacEnhanced((*inner)[0], options).Parse();
}

}  // namespace communique::importers
