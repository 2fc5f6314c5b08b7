// The record of a version of a list: begun before anything of it is written, and
// counting as used once its coverage is there.

#ifndef COMMUNIQUE_CLIENT_IMPORTERS_VERSION_H_
#define COMMUNIQUE_CLIENT_IMPORTERS_VERSION_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "communique/v1/publish.pb.h"
#include "importers/designation.h"
#include "importers/held.h"
#include "importers/list.h"

namespace communique::importers {

struct VersionChoice {
  std::string name;       // "sources/un-sc-consolidated-2025-04-19", or with "-2" behind it.
  bool begun = false;     // Its record is there.
  bool complete = false;  // And its import has ended: there is nothing to do.
};

// Which version these files are. The same bytes are the same version; other bytes
// of the same date are another one.
//
// Errors: FAILED_PRECONDITION when it is older than the last one that counts as
// used, or than one whose import has begun.
absl::StatusOr<VersionChoice> ChooseVersion(const ParsedList& list, const InputFiles& files,
                                            const HeldList& held);

VersionStep MakeStep(const ParsedList& list, const VersionChoice& choice, const HeldList& held);

// Creates the version's record without coverage, and the authority and regimes
// that are not there yet.
v1::CommitRequest BeginVersion(const ParsedList& list, const InputFiles& files,
                               const VersionChoice& choice, const HeldList& held);

// What a version changed, told from what the store holds, so that it does not
// matter in how many runs it was imported.
struct VersionCounts {
  std::int64_t added = 0;  // Relisted ones too.
  std::int64_t removed = 0;
  std::int64_t rekeyed = 0;
  std::int64_t verbatim = 0;
};
VersionCounts CountVersion(const ParsedList& list, const VersionStep& step, const HeldList& held);

// Says that the version is whole: from here on it counts as used.
v1::CommitRequest EndVersion(const ParsedList& list, const VersionCounts& counts,
                             const v1::Record& version);

}  // namespace communique::importers

#endif  // COMMUNIQUE_CLIENT_IMPORTERS_VERSION_H_
