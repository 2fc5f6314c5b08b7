// What OFAC calls things: the labels that begin a clause of its remarks
// ("Passport", "DOB"), which are its types of documents and features too.

#ifndef COMMUNIQUE_CLIENT_IMPORTERS_OFAC_LABELS_H_
#define COMMUNIQUE_CLIENT_IMPORTERS_OFAC_LABELS_H_

#include "absl/strings/string_view.h"

namespace communique::importers {

// Where what follows a label belongs.
enum class OfacLabelKind {
  kIdentifier,            // Actor.identifiers; `type` is Identifier.type.
  kPreviousIdentifier,    // The same, no longer borne.
  kBirthTime,             // Actor.births: a birth, a founding, a building.
  kBirthPlace,            // Actor.births.
  kNationality,           // Actor.nationalities.
  kCitizenship,           // Actor.nationalities.
  kSeat,                  // Actor.nationalities: where an organisation is registered.
  kFlag,                  // Actor.nationalities.
  kFormerFlag,            // Actor.nationalities.
  kGender,                // Actor.gender.
  kWeakAlias,             // Actor.names, quoted.
  kWeakFormerName,        // Actor.names, quoted.
  kPosition,              // Actor.positions.
  kLinkedTo,              // A relation.
  kOperator,              // A relation.
  kOwner,                 // A relation.
  kVesselType,            // VesselDetails.
  kTonnage,               // VesselDetails.
  kGrossTonnage,          // VesselDetails.
  kAircraftModel,         // AircraftDetails.
  kAircraftManufacturer,  // AircraftDetails.
  kVerbatim,              // No field: a VerbatimField of the label's name.
};

struct OfacLabel {
  absl::string_view text;  // As OFAC writes it, without the colon or dash behind it.
  OfacLabelKind kind;
  absl::string_view type;  // Of an identifier.
};

// The longest label that `clause` begins with, as a whole word; nullptr: none.
const OfacLabel* FindOfacLabel(absl::string_view clause);

// The label of that text, whatever colon or dash is behind it; nullptr: none.
const OfacLabel* OfacLabelOf(absl::string_view text);

}  // namespace communique::importers

#endif  // COMMUNIQUE_CLIENT_IMPORTERS_OFAC_LABELS_H_
