// Where the parts of a <sanctionEntity> go:
//
//   logicalId              ListEntry.key
//   euReferenceNumber      designation.list_entry_id; identifier "eu-reference"
//   unitedNationId         identifier "un-reference"
//   designationDate        the stated date of listing; designationDetails: reason
//   remark                 designation.remarks
//   regulation             a designation for each programme, its acts as provisions
//   subjectType            type
//   nameAlias              names, positions (function), gender
//   citizenship, birthdate, address, identification   each to its own
//   regulationSummary      provisions of the evidence of each value
//
// All else that is not empty is kept verbatim (additionalInformation).

#include "importers/eu.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "importers/errors.h"
#include "importers/eu_values.h"
#include "importers/text.h"
#include "importers/times.h"
#include "importers/xml.h"

namespace communique::importers {
namespace {

constexpr absl::string_view kEntity = "sanctionEntity";

class EuList {
 public:
  EuList(const InputFile& file, const ParseOptions& options) : file_(file), options_(options) {
    list_.list_id = "eu-fsf";
    list_.prefix.append("eu");
    list_.title = "EU Consolidated Financial Sanctions List";
    list_.authority = "actors/eu-council";
    list_.authority_display_name = "Council of the European Union";
    list_.licence = "CC-BY-4.0";
  }

  absl::StatusOr<ParsedList> Parse() {
    absl::StatusOr<XmlElement> root =
        ReadXml(file_, options_.limits, "export", {std::string(kEntity)},
                [this](const std::string&, XmlElement& entity) { return AddEntity(entity); });
    if (!root.ok()) return root.status();
    list_.version = root->TakeAttribute("generationDate");
    list_.as_of_date = list_.version.substr(0, 10);
    if (!IsIsoDate(list_.as_of_date)) {
      return BadFile(file_.name, root->at,
                     "is of another kind, or does not say when it was generated (generationDate)");
    }
    if (!options_.as_of_date.empty() && options_.as_of_date != list_.as_of_date) {
      return BadFile(
          file_.name, root->at,
          absl::StrCat("was generated on ", list_.as_of_date, ", not on ", options_.as_of_date));
    }
    root->TakeAttribute("globalFileId");
    root->TakeAttribute("schemaLocation");
    if (const auto rest = root->Rest(); !rest.empty()) {
      return BadFile(file_.name, root->at,
                     absl::StrCat("has what no such list has beside its entities: ", rest[0].path));
    }
    if (list_.entries.empty()) return BadFile(file_.name, root->at, "has no entities");
    return std::move(list_);
  }

 private:
  absl::Status AddEntity(XmlElement& xml) {
    if (list_.entries.size() >= options_.limits.max_entries) {
      return OverLimit(file_.name, xml.at,
                       absl::StrCat("has more than ", options_.limits.max_entries, " entries"));
    }
    ListEntry entry;
    const std::string id = xml.TakeAttribute("logicalId");
    if (!IsKey(id)) {
      return BadFile(file_.name, xml.at, "has an entity without a logicalId that could be its key");
    }
    entry.reference = xml.TakeAttribute("euReferenceNumber");
    entry.locator = absl::StrCat("logicalId ", id);
    std::string subject;
    if (XmlElement* type = xml.TakeElement("subjectType")) {
      subject = type->TakeAttribute("code");
      type->TakeAttribute("classificationCode");
    }
    entry.actor = EuActor(xml);
    entry.actor.set_type(absl::EqualsIgnoreCase(subject, "person")   ? v1::ACTOR_TYPE_PERSON
                         : absl::EqualsIgnoreCase(subject, "vessel") ? v1::ACTOR_TYPE_VESSEL
                                                                     : v1::ACTOR_TYPE_ORGANIZATION);
    if (entry.actor.names_size() == 0) {
      return BadFile(file_.name, xml.at, absl::StrCat("has entity ", id, " without a name"));
    }
    AddNumber("eu-reference", entry.reference, &entry.actor);
    AddNumber("un-reference", xml.TakeAttribute("unitedNationId"), &entry.actor);
    if (absl::Status read = AddDesignations(xml, id, &entry); !read.ok()) return read;
    if (!SetKey(id, &entry)) return absl::OkStatus();
    list_.entries.push_back(std::move(entry));
    return absl::OkStatus();
  }

  static void AddNumber(absl::string_view type, const std::string& value, v1::Actor* actor) {
    if (value.empty()) return;
    v1::Identifier* identifier = actor->add_identifiers();
    identifier->set_type(std::string(type));
    identifier->set_value(value);
  }

  // False when an entry before it has the same id and contents.
  bool SetKey(const std::string& id, ListEntry* entry) {
    std::vector<std::string>& contents = contents_[id];
    std::string bytes = entry->actor.SerializeAsString();
    for (const EntryDesignation& designation : entry->designations) {
      absl::StrAppend(&bytes, designation.suffix, designation.designation.SerializeAsString());
    }
    for (const std::string& before : contents) {
      if (before == bytes) return false;
    }
    contents.push_back(std::move(bytes));
    entry->key = contents.size() == 1 ? id : absl::StrCat(id, "x", contents.size());
    return true;
  }

  // What all designations of the entity have.
  static EntryDesignation Common(XmlElement& xml) {
    EntryDesignation what;
    if (const std::string date = xml.TakeAttribute("designationDate"); !date.empty()) {
      what.stated_listed_time = TimeFromWords(date);
    }
    what.designation.set_reason(xml.TakeAttribute("designationDetails"));
    what.designation.set_remarks(absl::StrJoin(xml.TakeAll("remark"), "\n"));
    return what;
  }

  absl::Status AddDesignations(XmlElement& xml, const std::string& id, ListEntry* entry) {
    const EntryDesignation common = Common(xml);
    absl::flat_hash_map<std::string, std::size_t> by_programme;
    for (XmlElement* regulation : xml.TakeElements("regulation")) {
      const std::string programme = regulation->TakeAttribute("programme");
      const std::string slug = ToSlug(programme);
      if (slug.empty()) {
        return BadFile(file_.name, regulation->at,
                       absl::StrCat("has a regulation of entity ", id, " without a programme"));
      }
      const auto [found, added] = by_programme.emplace(slug, entry->designations.size());
      if (added) {
        EntryDesignation designation = common;
        designation.suffix = slug;
        designation.regime_id = RegimeOf(programme, slug);
        designation.designation.add_programs(programme);
        entry->designations.push_back(std::move(designation));
      }
      regulation->TakeAttribute("logicalId");
      *entry->designations[found->second].designation.add_provisions() = EuProvision(*regulation);
    }
    if (entry->designations.empty()) {
      return BadFile(file_.name, xml.at, absl::StrCat("has entity ", id, " without a regulation"));
    }
    for (XmlElement::Leftover& left : xml.Rest()) {
      v1::VerbatimField* field = entry->designations[0].designation.add_verbatim_fields();
      field->set_field(std::move(left.path));
      field->set_text(std::move(left.text));
    }
    return absl::OkStatus();
  }

  std::string RegimeOf(const std::string& programme, const std::string& slug) {
    const std::string id = absl::StrCat("eu-", slug);
    if (regimes_.insert(id).second) {
      ListRegime regime;
      regime.id = id;
      regime.title = absl::StrCat("EU restrictive measures: ", programme);
      regime.regime.add_aliases(programme);
      list_.regimes.push_back(std::move(regime));
    }
    return id;
  }

  const InputFile& file_;
  const ParseOptions& options_;
  ParsedList list_;
  // What entries of a logicalId say, in their order.
  absl::flat_hash_map<std::string, std::vector<std::string>> contents_;
  absl::flat_hash_set<std::string> regimes_;
};

}  // namespace

absl::StatusOr<ParsedList> ParseEuList(const InputFiles& files, const ParseOptions& options) {
  if (files.size() != 1) {
    return absl::InvalidArgumentError("the EU's list is one XML file; give that alone");
  }
  return EuList(files[0], options).Parse();
}

}  // namespace communique::importers
