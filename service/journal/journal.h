#ifndef COMMUNIQUE_SERVICE_JOURNAL_JOURNAL_H_
#define COMMUNIQUE_SERVICE_JOURNAL_JOURNAL_H_

#include <cstdint>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "service/journal/commit.h"
#include "service/journal/local_store.h"

namespace communique::journal {

// Decides which group comes next, durably, and makes it state in the LocalStore
// it was built over.
//
// Holds: after Append returned OK no crash undoes the group. Revisions are dense
// from 1. Read sees every group that was appended, in order.
// Append: FAILED_PRECONDITION when another group was decided in its place (the
// caller applies what won and checks again); UNAVAILABLE (JOURNAL_STOPPED) once
// a write or sync has failed: what the disk holds is then unknown, nothing more
// is appended until the process starts anew and replays.
class Journal {
 public:
  virtual ~Journal() = default;

  // Blocks until durable and applied. From one thread at a time.
  virtual absl::Status Append(const CommitGroup& group) = 0;

  virtual int64_t head() const = 0;
  virtual int64_t oldest() const = 0;
  // Commits after `from_exclusive`, as LocalStore::ReadCommits.
  virtual absl::Status Read(int64_t from_exclusive,
                            absl::FunctionRef<bool(const StoredCommit&)> visit) const = 0;
  // Waits until head() is above `revision`; false when the deadline came first.
  virtual bool WaitForMore(int64_t revision, absl::Time deadline) const = 0;
  // OK, or why nothing more is appended.
  virtual absl::Status health() const = 0;
};

}  // namespace communique::journal

#endif  // COMMUNIQUE_SERVICE_JOURNAL_JOURNAL_H_
