#ifndef COMMUNIQUE_SERVICE_DOMAIN_ELEMENTS_H_
#define COMMUNIQUE_SERVICE_DOMAIN_ELEMENTS_H_

#include <string>
#include <vector>

#include "absl/container/btree_set.h"
#include "communique/v1/record.pb.h"

// What a record refers to, and what can be referred to in it.
namespace communique::domain {

// Ids of every embedded element of the body.
absl::btree_set<std::string> ElementIds(const v1::Record& record);

// Every target (`name` or `name#id`) that the body refers to, in order, without
// repeats. An evidence's source revision counts as `source#revision`.
absl::btree_set<std::string> ReferenceTargets(const v1::Record& record);

}  // namespace communique::domain

#endif  // COMMUNIQUE_SERVICE_DOMAIN_ELEMENTS_H_
