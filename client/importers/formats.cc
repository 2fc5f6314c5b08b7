#include "importers/eu.h"
#include "importers/list.h"
#include "importers/ofac_csv.h"
#include "importers/ofac_enhanced.h"
#include "importers/uk.h"
#include "importers/un.h"

namespace communique::importers {

const std::vector<ListFormat>& AllFormats() {
  static const auto& formats = *new std::vector<ListFormat>{
      {"un", "UN Security Council Consolidated List: its XML", &ParseUnList},
      {"ofac", "OFAC SDN: sdn.csv, alt.csv, add.csv and sdn_comments.csv together", &ParseOfacCsv},
      {"ofac-enhanced", "OFAC ENHANCED_XML: the XML, or the zip that it comes in",
       &ParseOfacEnhanced},
      {"uk", "UK OFSI Consolidated List: its CSV", &ParseUkList},
      {"eu", "EU FSF 1.1: its XML", &ParseEuList},
  };
  return formats;
}

const ListFormat* FindFormat(absl::string_view word) {
  for (const ListFormat& format : AllFormats()) {
    if (format.word == word) return &format;
  }
  return nullptr;
}

}  // namespace communique::importers
