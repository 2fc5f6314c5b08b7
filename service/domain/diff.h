#ifndef COMMUNIQUE_SERVICE_DOMAIN_DIFF_H_
#define COMMUNIQUE_SERVICE_DOMAIN_DIFF_H_

#include <string>
#include <vector>

#include "communique/v1/catalog.pb.h"
#include "communique/v1/change.pb.h"
#include "communique/v1/record.pb.h"

// What a change did, worked out from the versions before and after it.
namespace communique::domain {

// Paths (see field_path.h) at which two bodies of one kind differ, in field
// order. Times, places, references and other values are named whole. At most
// `limit`; when there are more, top-level fields instead.
std::vector<std::string> ChangedPaths(const google::protobuf::Message& before,
                                      const google::protobuf::Message& after, size_t limit);

// The same with the values at those paths, in protobuf JSON (proto field names,
// one line), empty where nothing is set. `before` is null for a record that came
// into being, `after` for one that went: then one difference for each top-level
// field that was set.
std::vector<v1::FieldDifference> Differences(const google::protobuf::Message* before,
                                             const google::protobuf::Message* after,
                                             size_t limit);

// The kinds of a change to a live record. `before` is null when there was none.
std::vector<v1::ChangeKind> ChangeKinds(const v1::Record* before, const v1::Record& after,
                                        bool correction);

}  // namespace communique::domain

#endif  // COMMUNIQUE_SERVICE_DOMAIN_DIFF_H_
