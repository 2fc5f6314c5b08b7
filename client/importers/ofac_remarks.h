// The remarks of OFAC's CSV: clauses that hold what has no column. "DOB 10 Dec
// 1948; POB Bannu, Pakistan; Passport A0020375 (Germany); a.k.a. 'BNC'; Linked To:
// HIZBALLAH."

#ifndef COMMUNIQUE_CLIENT_IMPORTERS_OFAC_REMARKS_H_
#define COMMUNIQUE_CLIENT_IMPORTERS_OFAC_REMARKS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "importers/ofac_facts.h"

namespace communique::importers {

// The clauses in their order, without the full stop behind the last one. A ';'
// within brackets does not separate.
std::vector<std::string> SplitRemarks(absl::string_view remarks);

// Puts what the clauses say into `facts`. `titles` are those of the entry's title,
// which the remarks repeat. A clause that is not understood is kept verbatim.
void AddRemarks(absl::string_view remarks, const std::vector<std::string>& titles,
                OfacFacts* facts);

}  // namespace communique::importers

#endif  // COMMUNIQUE_CLIENT_IMPORTERS_OFAC_REMARKS_H_
