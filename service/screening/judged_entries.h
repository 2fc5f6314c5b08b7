#ifndef COMMUNIQUE_SERVICE_SCREENING_JUDGED_ENTRIES_H_
#define COMMUNIQUE_SERVICE_SCREENING_JUDGED_ENTRIES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "communique/v1/record.pb.h"
#include "service/store/merged_names.h"
#include "service/store/reader.h"

namespace communique::screening {

// An actor that is, or may be, the one asked about.
struct Entry {
  std::string name;
  std::string display_name;
  v1::ActorType type = v1::ACTOR_TYPE_UNSPECIFIED;
  int64_t revision = 0;  // of the version read
  // Its own name and those that were merged into it: what references say.
  std::vector<std::string> names;
  // Whether it is the same for certain.
  bool certain = true;
  // Why it counts ("judged the same as actors/x by desk"); empty of the one itself.
  std::string judged;
};

// The actor of a name, after merges (those of the view's revision), and every one that judgements
// lead to, in either direction and over several steps; the one asked about first.
//
// An entry is certain when it is reached by judgements SAME that nobody disputes;
// where one judgement of a pair says SAME and another DIFFERENT or UNSURE, or where
// there is only UNSURE, the entry and those beyond it may be the one. So is an
// entry that is reached over others and is judged DIFFERENT from the one itself.
//
// NOT_FOUND for the name; RESOURCE_EXHAUSTED (SIZE_LIMIT) for more than
// kMaxJudgedEntries.
absl::StatusOr<std::vector<Entry>> JudgedEntries(const store::ReadView& view,
                                                 const store::Merges& merges,
                                                 const std::string& name);

}  // namespace communique::screening

#endif  // COMMUNIQUE_SERVICE_SCREENING_JUDGED_ENTRIES_H_
