// One record and what an official list says of it now: its own values follow the
// list, everything else stays.

#ifndef COMMUNIQUE_CLIENT_IMPORTERS_MERGE_H_
#define COMMUNIQUE_CLIENT_IMPORTERS_MERGE_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "communique/v1/record.pb.h"
#include "importers/list.h"
#include "importers/own_values.h"

namespace communique::importers {

// A value of the list, and the locator of the entry that it is of.
struct ListValue {
  const google::protobuf::Message* message;
  std::string locator;
};

// Brings the elements of a repeated field up to `ours`. Equal ones keep id and
// evidence, also when only somebody else said so until now; own ones that are in
// `ours` no more go; new ones go to the end, with new ids. Elements without any
// evidence are somebody's and are not touched. Answers the ids of `ours`, in
// their order. What changed is noted in `what` ("names +1 -2").
std::vector<std::string> MergeElements(const ListSource& list, absl::string_view id_prefix,
                                       const std::vector<ListValue>& ours, IdPool* ids,
                                       google::protobuf::Message* body, absl::string_view field,
                                       std::vector<std::string>* what);

// Brings a plain field up to `ours`, a message of the same type as `body`, through
// an assertion that shows whose value it is. A value that somebody else prefers
// stays, and the list's stands beside it. `path` leads to text, an enum or a time
// ("designation.remarks").
void MergeField(const ListSource& list, absl::string_view locator, absl::string_view path,
                const google::protobuf::Message& ours, IdPool* ids, google::protobuf::Message* body,
                google::protobuf::RepeatedPtrField<v1::Assertion>* assertions,
                std::vector<std::string>* what);

// An entry and the relations of it that are shown now, with their targets.
struct ActorEntry {
  const ListEntry* entry;
  std::vector<v1::ActorRelation> relations;
};

// Brings an actor up to what entries say of it: one of them, or several where
// somebody merged their records.
void MergeActor(const ListSource& list, const std::vector<ActorEntry>& entries, IdPool* ids,
                v1::Actor* actor, std::vector<std::string>* what);

}  // namespace communique::importers

#endif  // COMMUNIQUE_CLIENT_IMPORTERS_MERGE_H_
