// What one entry of an OFAC list says, piece by piece, put where the model has it.
// The CSV's remarks and the features of ENHANCED_XML say the same things under the
// same labels.

#ifndef COMMUNIQUE_CLIENT_IMPORTERS_OFAC_FACTS_H_
#define COMMUNIQUE_CLIENT_IMPORTERS_OFAC_FACTS_H_

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "importers/list.h"
#include "importers/ofac_labels.h"

namespace communique::importers {

// Entries by their names, for "Linked To: HIZBALLAH".
class OfacNames {
 public:
  void AddPrimary(absl::string_view name, absl::string_view key);
  void AddAlias(absl::string_view name, absl::string_view key);

  // The key of the one entry that has this primary name or, when none has, this
  // alias; empty when there is none, or more than one.
  std::string Find(absl::string_view name) const;

 private:
  using Keys = absl::flat_hash_map<std::string, std::string>;  // Empty: several.
  static std::string Fold(absl::string_view name);
  static void Add(absl::string_view name, absl::string_view key, Keys* keys);
  Keys primary_;
  Keys aliases_;
};

// A labelled value: "alt. Passport" and what follows.
struct OfacFact {
  const OfacLabel* label = nullptr;  // Required.
  std::string label_text;            // As written: "Passport".
  std::string value;                 // As written, behind the label.
  bool alternative = false;          // It began with "alt.", or is not the main one.
  v1::FuzzyTime time = {};           // Of a time, where it is given apart; else unset.
  std::string note = {};             // A remark on it; empty: none.
  v1::Evidence evidence = {};        // Where it stands, how sure; empty: not said.
};

// Puts values into an entry's actor. What it has no field for is kept verbatim.
class OfacFacts {
 public:
  // `names` and `entry` live longer than this.
  OfacFacts(const OfacNames& names, ListEntry* entry) : names_(names), entry_(*entry) {}

  // A value with a label; false when it is not what goes with the label ("Passport
  // issued in Sarajevo"): then nothing is added. Of births the main time and place
  // are of one account, alternatives stand alone.
  bool Add(const OfacFact& fact);
  // What a title says: an honorific of the primary name, kinship, or a position.
  void AddTitle(absl::string_view title);
  void AddPosition(absl::string_view title);
  // A relation to whoever has that name.
  void AddRelation(absl::string_view name, v1::ActorRelationType type, absl::string_view type_text);
  void AddVerbatim(absl::string_view field, absl::string_view text);

  v1::Actor& actor() { return entry_.actor; }
  // What was kept verbatim, to be put into the designations.
  const std::vector<v1::VerbatimField>& verbatim() const { return verbatim_; }

 private:
  bool AddIdentifier(const OfacFact& fact);
  bool AddWeakName(const OfacFact& fact);
  // The main account of the birth while it lacks what `has` asks for, or a new one.
  template <typename Has>
  v1::Birth* BirthFor(bool alternative, Has has);
  void AddNationality(const OfacFact& fact, v1::NationalityKind kind);
  bool AddGender(absl::string_view value);
  bool AddDetail(const OfacFact& fact);

  const OfacNames& names_;
  ListEntry& entry_;
  int main_birth_ = -1;  // Index in births; -1: none yet.
  std::vector<v1::VerbatimField> verbatim_;
};

// A time that a fact says, "10 Dec 1948", "circa 1979-1982".
v1::FuzzyTime OfacTime(absl::string_view words);

// An identifier out of "A0020375 (Germany) issued 09 Sep 2000 expires 08 Sep 2010":
// value, region_code or issue_place, time and, for what else there is, note. The
// value is empty when there is none.
v1::Identifier OfacIdentifier(absl::string_view text);

}  // namespace communique::importers

#endif  // COMMUNIQUE_CLIENT_IMPORTERS_OFAC_FACTS_H_
