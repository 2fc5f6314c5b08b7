#ifndef COMMUNIQUE_CLIENT_IMPORTERS_OWN_VALUES_H_
#define COMMUNIQUE_CLIENT_IMPORTERS_OWN_VALUES_H_

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "communique/v1/evidence.pb.h"
#include "communique/v1/record.pb.h"
#include "google/protobuf/message.h"
#include "google/protobuf/repeated_field.h"

namespace communique::importers {

using Evidences = google::protobuf::RepeatedPtrField<v1::Evidence>;

// The version of a list that is being imported, as evidence sees it: whose values
// are the importer's own, and what stands behind new ones.
//
// A value is the list's own when one of its evidences names a version of the list.
// Only those are changed; what somebody else said, or said too, stays.
class ListSource {
 public:
  // `source` is the version's record ("sources/un-sc-consolidated-2025-04-19").
  ListSource(absl::string_view list_id, absl::string_view source);

  const std::string& source() const { return source_; }
  // Whether it is a version of this list, any of them.
  bool IsOwn(const v1::Evidence& evidence) const;
  bool HasOwn(const Evidences& evidences) const;

  // Evidence of this version: `locator` is the entry's; what the parser gave, if
  // anything, stands beside it.
  v1::Evidence Make(absl::string_view locator, const v1::Evidence* given = nullptr) const;

  // Makes own evidence say what this version says. It stays when it does already:
  // it names the version that said so first.
  void Renew(absl::string_view locator, const v1::Evidence* given, Evidences* evidences) const;
  // Takes the list's own evidence away; whether any is left.
  bool Withdraw(Evidences* evidences) const;

 private:
  const std::string prefix_;
  const std::string source_;
};

// Ids for new elements of a record: a prefix and a number that no element of it
// has or ever had.
class IdPool {
 public:
  IdPool() = default;
  // `record` as it is held, with its retired_ids.
  explicit IdPool(const v1::Record& record);
  void Add(absl::string_view used_id);

  std::string New(absl::string_view prefix);

 private:
  void AddIdsOf(const google::protobuf::Message& message);

  absl::flat_hash_set<std::string> used_;
  absl::flat_hash_map<std::string, int> last_;
};

// Takes the corners out of every time in a message: the server derives them.
void ClearCorners(google::protobuf::Message* message);

// What a message says, apart from its id, its evidence and derived corners: equal
// for equal values.
std::string ValueKey(const google::protobuf::Message& message);

// The same bytes for the same message, within one build of the program.
std::string Deterministic(const google::protobuf::Message& message);

}  // namespace communique::importers

#endif  // COMMUNIQUE_CLIENT_IMPORTERS_OWN_VALUES_H_
