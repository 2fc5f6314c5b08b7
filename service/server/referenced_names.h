#ifndef COMMUNIQUE_SERVICE_SERVER_REFERENCED_NAMES_H_
#define COMMUNIQUE_SERVICE_SERVER_REFERENCED_NAMES_H_

#include <string>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/status/statusor.h"
#include "communique/v1/catalog.pb.h"
#include "service/store/reader.h"

namespace communique::server {

// Gathers what the records of an answer refer to, and what those are called.
class ReferencedNames {
 public:
  explicit ReferencedNames(const store::ReadView& view) : view_(view) {}

  // The bytes of a Record, as answered.
  void Add(const std::string& record_bytes);
  // In order of the names; a merged one by what its survivor is called, a gone
  // one left out. RESOURCE_EXHAUSTED when there are more than
  // kMaxReferencedNames.
  absl::StatusOr<std::vector<v1::ReferencedName>> Resolve() const;

 private:
  const store::ReadView& view_;
  absl::btree_set<std::string> names_;
};

}  // namespace communique::server

#endif  // COMMUNIQUE_SERVICE_SERVER_REFERENCED_NAMES_H_
