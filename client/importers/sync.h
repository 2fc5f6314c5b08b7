// Makes a store hold what an official list says: the command `import`.
//
// One commit for each entry that is not as the store holds it. The version's own
// record comes first, without coverage; the coverage comes last, once a look at
// the store finds nothing left to do. What is to be done is always the difference
// between the file and the store, so a run that was cut off is continued by the
// next one, and a commit that another writer got ahead of is worked out anew.

#ifndef COMMUNIQUE_CLIENT_IMPORTERS_SYNC_H_
#define COMMUNIQUE_CLIENT_IMPORTERS_SYNC_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "communique/client.h"
#include "importers/list.h"
#include "importers/plan.h"
#include "importers/version.h"

namespace communique::importers {

// How far a list may shrink before an import stops and asks: by a tenth.
inline constexpr std::int64_t kMaxShrinkPercent = 10;

// How often in a row an import looks at the store anew and gets nothing written,
// because another writer keeps changing what it was about to change.
inline constexpr int kMaxAttempts = 8;

struct ImportOptions {
  // Only says what would be done.
  bool dry_run = false;
  // Goes on although the list shrank by more than kMaxShrinkPercent.
  bool allow_shrink = false;
  // Told how many of so many commits are durable, in the thread that imports.
  std::function<void(std::int64_t done, std::int64_t total)> on_progress = {};
  // Asked between commits; true ends the import with CANCELLED. What is written
  // stays, and the next run goes on from there.
  std::function<bool()> cancelled = {};
};

struct ImportResult {
  std::string source;         // The version's record.
  bool already_held = false;  // These bytes were imported before: nothing was done.
  bool continued = false;     // An earlier run was cut off.
  std::int64_t entries = 0;   // Of the version.
  // What it changed, compared with the version before. In a run that continues
  // `differences` are those that were left.
  VersionCounts counts;
  std::int64_t changed = 0;  // Entries that say something else than before.
  std::vector<EntryDifference> differences;
  std::int64_t commits = 0;   // Made by this run.
  std::int64_t revision = 0;  // Of the last of them; 0: none.
};

// Imports a list, or says what that would do.
//
// Errors: INVALID_ARGUMENT when the version is of after tomorrow, or one of its
// entries is larger than a record can be; FAILED_PRECONDITION when it is older than
// one that is held, or when it shrank and ImportOptions.allow_shrink does not say
// that this is right; nothing is written then. ABORTED when another writer kept getting ahead. The
// server's errors otherwise.
absl::StatusOr<ImportResult> ImportList(const Client& client, const ParsedList& list,
                                        const InputFiles& files, const ImportOptions& options);

// Whether the error is that the list shrank.
bool IsShrinkError(const absl::Status& status);

}  // namespace communique::importers

#endif  // COMMUNIQUE_CLIENT_IMPORTERS_SYNC_H_
