#ifndef COMMUNIQUE_SERVICE_SCREENING_REFERENCES_H_
#define COMMUNIQUE_SERVICE_SCREENING_REFERENCES_H_

#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "communique/v1/record.pb.h"
#include "communique/v1/reference.pb.h"
#include "service/store/reader.h"

namespace communique::screening {

// What references lead to in one view, each read once.
//
// Thread safety: one thread at a time.
class References {
 public:
  // The view outlives this.
  explicit References(const store::ReadView& view) : view_(view) {}

  // The record, after merges; of an element the one that holds it. Null for words
  // alone and for what is not there, or no more. Lives as long as this.
  absl::StatusOr<const v1::Record*> Follow(const v1::Reference& reference);
  // The record's name; empty where there is none.
  absl::StatusOr<std::string> NameOf(const v1::Reference& reference);

 private:
  const store::ReadView& view_;
  absl::flat_hash_map<std::string, std::unique_ptr<const v1::Record>> records_;
};

}  // namespace communique::screening

#endif  // COMMUNIQUE_SERVICE_SCREENING_REFERENCES_H_
