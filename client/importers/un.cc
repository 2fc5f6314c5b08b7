// Where the fields of an entry go:
//
//   DATAID                         ListEntry.key; identifier "un-dataid"
//   REFERENCE_NUMBER               designation.list_entry_id
//   FIRST_NAME ... FOURTH_NAME     the primary name, its parts in their order
//   NAME_ORIGINAL_SCRIPT           a name in its script
//   TITLE                          titles of the primary name
//   .._ALIAS                       aliases; QUALITY Good, Low: how good; a.k.a., f.k.a.: of what
//                                  kind; its birth data: births of that name
//   UN_LIST_TYPE                   regime, programs
//   LISTED_ON, LAST_DAY_UPDATED    of the interval
//   COMMENTS1                      designation.remarks
//   SUBMITTED_BY                   proposers
//   DESIGNATION                    positions
//   NATIONALITY, GENDER            nationalities, gender
//   .._ADDRESS                     addresses
//   .._DATE_OF_BIRTH, .._PLACE_OF_BIRTH   births; the list does not say which go together
//   .._DOCUMENT                    identifiers; without a NUMBER: verbatim
//   LIST_TYPE                      "UN List" is what the list is; anything else: verbatim
//
// All else that is not empty is kept verbatim (VERSIONNUM, SUBMITTED_ON).

#include "importers/un.h"

#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "importers/countries.h"
#include "importers/errors.h"
#include "importers/text.h"
#include "importers/times.h"
#include "importers/un_values.h"
#include "importers/xml.h"

namespace communique::importers {
namespace {

constexpr absl::string_view kIndividuals = "INDIVIDUALS/INDIVIDUAL";
constexpr absl::string_view kEntities = "ENTITIES/ENTITY";

// A committee's list within the list.
struct UnRegime {
  absl::string_view list_type;  // UN_LIST_TYPE.
  absl::string_view id;
  absl::string_view title;
  absl::string_view instrument;
  absl::string_view aliases;  // Separated by ','.
  absl::string_view region;
};

constexpr UnRegime kRegimes[] = {
    {"Al-Qaida", "un-1267", "UN sanctions on ISIL (Da'esh) and Al-Qaida (resolution 1267)",
     "S/RES/1267 (1999)", "Al-Qaida,QDi,QDe", ""},
    {"Taliban", "un-1988", "UN sanctions on the Taliban (resolution 1988)", "S/RES/1988 (2011)",
     "Taliban,TAi,TAe", "AF"},
    {"DPRK", "un-1718", "UN sanctions on North Korea (resolution 1718)", "S/RES/1718 (2006)",
     "DPRK,KPi,KPe", "KP"},
    {"Iraq", "un-1518", "UN sanctions on Iraq (resolution 1518)", "S/RES/1518 (2003)",
     "Iraq,IQi,IQe", "IQ"},
    {"Iran", "un-2231", "UN restrictions on Iran (resolution 2231, before it 1737)",
     "S/RES/2231 (2015)", "Iran,IRi,IRe,1737", "IR"},
    {"DRC", "un-1533", "UN sanctions on the Democratic Republic of the Congo (resolution 1533)",
     "S/RES/1533 (2004)", "DRC,CDi,CDe", "CD"},
    {"Libya", "un-1970", "UN sanctions on Libya (resolution 1970)", "S/RES/1970 (2011)",
     "Libya,LYi,LYe", "LY"},
    {"Somalia", "un-751", "UN sanctions on Somalia (resolution 751)", "S/RES/751 (1992)",
     "Somalia,SOi,SOe", "SO"},
    {"CAR", "un-2127", "UN sanctions on the Central African Republic (resolution 2127)",
     "S/RES/2127 (2013)", "CAR,CFi,CFe", "CF"},
    {"GB", "un-2048", "UN sanctions on Guinea-Bissau (resolution 2048)", "S/RES/2048 (2012)",
     "GB,GBi", "GW"},
    {"SouthSudan", "un-2206", "UN sanctions on South Sudan (resolution 2206)", "S/RES/2206 (2015)",
     "SouthSudan,SSi", "SS"},
    {"Yemen", "un-2140", "UN sanctions on Yemen (resolution 2140)", "S/RES/2140 (2014)",
     "Yemen,YEi,YEe", "YE"},
    {"Sudan", "un-1591", "UN sanctions on Sudan (resolution 1591)", "S/RES/1591 (2005)",
     "Sudan,SDi", "SD"},
    {"Mali", "un-2374", "UN sanctions on Mali (resolution 2374)", "S/RES/2374 (2017)", "Mali,MLi",
     "ML"},
    {"Haiti", "un-2653", "UN sanctions on Haiti (resolution 2653)", "S/RES/2653 (2022)",
     "Haiti,HTi,HTe", "HT"},
};

// The regime of a UN_LIST_TYPE; one that came later is named after it.
ListRegime RegimeOf(const std::string& list_type) {
  ListRegime regime;
  for (const UnRegime& known : kRegimes) {
    if (known.list_type != list_type) continue;
    regime.id = std::string(known.id);
    regime.title = std::string(known.title);
    for (const absl::string_view alias : absl::StrSplit(known.aliases, ',')) {
      regime.regime.add_aliases(std::string(alias));
    }
    regime.regime.add_instruments()->mutable_source()->set_text(std::string(known.instrument));
    if (!known.region.empty()) regime.regime.add_region_codes(std::string(known.region));
    return regime;
  }
  regime.id = absl::StrCat("un-list-", ToSlug(list_type));
  regime.title = absl::StrCat("UN sanctions: ", list_type);
  regime.regime.add_aliases(list_type);
  return regime;
}

// Puts the list together, entry by entry.
class UnList {
 public:
  UnList(const InputFile& file, const ParseOptions& options) : file_(file), options_(options) {
    list_.list_id = "un-sc-consolidated";
    list_.prefix = "un";
    list_.title = "UN Security Council Consolidated List";
    list_.authority = "actors/un-security-council";
    list_.authority_display_name = "United Nations Security Council";
  }

  absl::StatusOr<ParsedList> Parse() {
    absl::StatusOr<XmlElement> root = ReadXml(file_, options_.limits, "CONSOLIDATED_LIST",
                                              {std::string(kIndividuals), std::string(kEntities)},
                                              [this](const std::string& path, XmlElement& entry) {
                                                return AddEntry(entry, path == kIndividuals);
                                              });
    if (!root.ok()) return root.status();
    if (absl::Status dated = ReadDate(*root); !dated.ok()) return dated;
    if (absl::Status known = RefuseUnknown(*root); !known.ok()) return known;
    if (list_.entries.empty()) return BadFile(file_.name, root->at, "has no entries");
    return std::move(list_);
  }

 private:
  absl::Status ReadDate(XmlElement& root) {
    list_.version = root.TakeAttribute("dateGenerated");
    list_.as_of_date = list_.version.substr(0, 10);
    if (!IsIsoDate(list_.as_of_date)) {
      return BadFile(file_.name, root.at, "does not say when it was generated (dateGenerated)");
    }
    if (!options_.as_of_date.empty() && options_.as_of_date != list_.as_of_date) {
      return BadFile(
          file_.name, root.at,
          absl::StrCat("was generated on ", list_.as_of_date, ", not on ", options_.as_of_date));
    }
    root.TakeAttribute("noNamespaceSchemaLocation");
    return absl::OkStatus();
  }

  // There is no record that a value beside the entries would belong to.
  absl::Status RefuseUnknown(const XmlElement& root) const {
    const std::vector<XmlElement::Leftover> rest = root.Rest();
    if (rest.empty()) return absl::OkStatus();
    return BadFile(file_.name, root.at,
                   absl::StrCat("has what no such list has beside its entries: ", rest[0].path));
  }

  absl::Status AddEntry(XmlElement& xml, bool individual) {
    if (list_.entries.size() >= options_.limits.max_entries) {
      return OverLimit(file_.name, xml.at,
                       absl::StrCat("has more than ", options_.limits.max_entries, " entries"));
    }
    ListEntry entry;
    entry.key = xml.Take("DATAID");
    if (!IsKey(entry.key)) {
      return BadFile(file_.name, xml.at, "has an entry without a DATAID that could be its key");
    }
    if (!keys_.insert(entry.key).second) {
      return BadFile(file_.name, xml.at, absl::StrCat("has DATAID ", entry.key, " twice"));
    }
    entry.reference = xml.Take("REFERENCE_NUMBER");
    entry.locator = absl::StrCat("DATAID ", entry.key);
    const std::string list_type = xml.Take("UN_LIST_TYPE");
    if (list_type.empty()) return BadFile(file_.name, xml.at, "has an entry of no UN_LIST_TYPE");

    entry.actor = UnActor(xml, individual);
    if (entry.actor.display_name().empty()) {
      return BadFile(file_.name, xml.at, absl::StrCat("DATAID ", entry.key, " has no name"));
    }
    v1::Identifier* id = entry.actor.add_identifiers();
    id->set_type("un-dataid");
    id->set_value(entry.key);
    entry.designations.push_back(Designation(xml, list_type));
    list_.entries.push_back(std::move(entry));
    return absl::OkStatus();
  }

  EntryDesignation Designation(XmlElement& xml, const std::string& list_type) {
    EntryDesignation out;
    ListRegime regime = RegimeOf(list_type);
    out.regime_id = regime.id;
    if (regimes_.insert(regime.id).second) list_.regimes.push_back(std::move(regime));
    out.designation.add_programs(list_type);
    if (const std::string listed = xml.Take("LISTED_ON"); !listed.empty()) {
      out.stated_listed_time = TimeFromWords(listed);
    }
    for (XmlElement* days : xml.TakeElements("LAST_DAY_UPDATED")) {
      for (const std::string& day : days->TakeAll("VALUE")) {
        out.amended_times.push_back(TimeFromWords(day));
      }
    }
    out.designation.set_remarks(xml.Take("COMMENTS1"));
    for (const std::string& by : xml.TakeAll("SUBMITTED_BY")) {
      out.designation.add_proposers()->set_text(by);
    }
    for (XmlElement* type : xml.TakeElements("LIST_TYPE")) {
      if (type->children.size() == 1 && type->children[0].text == "UN List") type->Take("VALUE");
    }
    for (XmlElement::Leftover& left : xml.Rest()) {
      v1::VerbatimField* field = out.designation.add_verbatim_fields();
      field->set_field(std::move(left.path));
      field->set_text(std::move(left.text));
    }
    return out;
  }

  const InputFile& file_;
  const ParseOptions& options_;
  ParsedList list_;
  absl::flat_hash_set<std::string> keys_;
  absl::flat_hash_set<std::string> regimes_;
};

}  // namespace

absl::StatusOr<ParsedList> ParseUnList(const InputFiles& files, const ParseOptions& options) {
  if (files.size() != 1) {
    return absl::InvalidArgumentError("the UN's list is one XML file; give that alone");
  }
  return UnList(files[0], options).Parse();
}

}  // namespace communique::importers
