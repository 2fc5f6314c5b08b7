// The values of one entity of OFAC's ENHANCED_XML.

#ifndef COMMUNIQUE_CLIENT_IMPORTERS_OFAC_ENHANCED_VALUES_H_
#define COMMUNIQUE_CLIENT_IMPORTERS_OFAC_ENHANCED_VALUES_H_

#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "importers/list.h"
#include "importers/ofac_facts.h"
#include "importers/xml.h"

namespace communique::importers {

// ISO codes of countries by their refId.
using OfacCountries = absl::flat_hash_map<std::string, std::string>;

// Reads one entity's elements into an entry. The type of the actor is set already.
class OfacEntityReader {
 public:
  // All live longer than this.
  OfacEntityReader(const OfacCountries& countries, ListEntry* entry, OfacFacts* facts)
      : countries_(countries), entry_(*entry), facts_(*facts) {}

  void ReadNames(XmlElement& entity);
  void ReadAddresses(XmlElement& entity);
  void ReadFeatures(XmlElement& entity);
  void ReadDocuments(XmlElement& entity);
  // The other entity need not be in the list.
  void ReadRelationships(XmlElement& entity);

 private:
  void ReadTranslation(XmlElement& name, XmlElement& translation, v1::NameKind kind,
                       v1::NameQuality quality);
  void ReadAddress(XmlElement& translation, const std::string& country, const std::string& code,
                   const std::string& locator);
  void ReadFeature(XmlElement& feature);
  void ReadDocument(XmlElement& document);
  // The code of a country element, by its refId or its text; empty: none.
  std::string CodeOf(XmlElement* country) const;

  const OfacCountries& countries_;
  ListEntry& entry_;
  OfacFacts& facts_;
  std::string primary_name_id_;
};

// What a datePeriodType says: some time in it when `one_of`, else all of it.
v1::FuzzyTime OfacPeriod(XmlElement& period, bool one_of);

// Marks as read what numbers elements within the file and stands for the words
// beside it: id, refId and the like.
void TakeNumbers(XmlElement* element);

// "entity/features/feature": an element's id as a locator.
std::string LocatorOf(absl::string_view what, XmlElement& element);

}  // namespace communique::importers

#endif  // COMMUNIQUE_CLIENT_IMPORTERS_OFAC_ENHANCED_VALUES_H_
