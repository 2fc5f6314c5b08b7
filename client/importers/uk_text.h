// What the cells of OFSI's list hold in words: numbered lists, documents,
// references to other lists.

#ifndef COMMUNIQUE_CLIENT_IMPORTERS_UK_TEXT_H_
#define COMMUNIQUE_CLIENT_IMPORTERS_UK_TEXT_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "communique/v1/actor.pb.h"

namespace communique::importers {

// One item of a cell.
struct UkItem {
  int number = 0;    // Of the list in the cell, from 1; 0: the cell is one item.
  std::string text;  // Never empty.
};

// The items of "(1) Tiaret (2) Maskara", "a) Surakarta b) Pekalongan", "(1)-(5)
// Tunisia (6)-(7) Algeria", "A; marks that are out of order are words. A mark with "-"
// or nothing behind it has no item. Words before the first mark go with each item:
// "Kuwaiti passport no. (A)001 (B)002".
std::vector<UkItem> UkItems(absl::string_view cell);

// A passport or identity document: "G827238 (Tunisian). Issued on 1 June 1996.
// Expired on 31 May 2001". `type` is what the column holds ("passport"); words that
// say otherwise ("driving licence") change it. `note` has all the words when there
// are more than the number. The value is empty when no number is found.
v1::Identifier UkDocument(absl::string_view words, absl::string_view type);

// The reference of the UN's list that is told ("UN Ref QDe.004", "UN REF:QE.A.146.14",
// "KPe.058."), as the UN writes it ("KPI.067" is "KPi.067"); empty: none.
std::string UkUnReference(absl::string_view words);

// The number behind "IMO" (7 digits) or "MMSI" (9); empty: none.
std::string UkShipNumber(absl::string_view words, absl::string_view name, std::size_t digits);

}  // namespace communique::importers

#endif  // COMMUNIQUE_CLIENT_IMPORTERS_UK_TEXT_H_
