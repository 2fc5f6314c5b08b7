#ifndef COMMUNIQUE_TESTS_GUARANTEES_HISTORY_CHECKER_H_
#define COMMUNIQUE_TESTS_GUARANTEES_HISTORY_CHECKER_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "service/journal/local_store.h"
#include "tests/guarantees/history.h"

// Linearizability of the journal, without a search: revisions are dense, so each
// commit's place is known, and what is left are sorts and one pass, O(n log n).
// Each predicate answers OK, or what is broken and where.
namespace communique::guarantees {

// Revisions go up by one from 1. Every revision without changes is a trim that
// may have stood there by its times, and every answered trim has one.
absl::Status CheckDense(const Journal& journal, const std::vector<CommitOperation>& commits,
                        const std::vector<TrimOperation>& trims);
// Every acknowledged commit stands at its revision with its payload, and no two
// were answered with the same revision.
absl::Status CheckAcknowledged(const Journal& journal, const std::vector<CommitOperation>& commits);
// No commit stands twice, one of unknown outcome neither; a refused one stands
// nowhere; each that stands is whole, and nothing stands that nobody wrote.
absl::Status CheckOnlyOnce(const Journal& journal, const std::vector<CommitOperation>& commits);
// If A returned before B began, A's revision is lower.
absl::Status CheckRealTime(const std::vector<CommitOperation>& commits);
// What a commit was conditional on was true at the revision before.
absl::Status CheckConditions(const Journal& journal, const std::vector<CommitOperation>& commits);
// A read sees every commit and every read that completed before it began, and
// answers what stood at its pin.
absl::Status CheckReads(const Journal& journal, const std::vector<CommitOperation>& commits,
                        const std::vector<ReadOperation>& reads);
// All of them.
absl::Status CheckLinearizable(const Journal& journal, const std::vector<CommitOperation>& commits,
                               const std::vector<ReadOperation>& reads,
                               const std::vector<TrimOperation>& trims);

// The hash chain over commits as they are stored, one after the other. The first
// one is taken at its word, unless it is revision 1: nothing comes before that.
class ChainChecker {
 public:
  absl::Status Take(const journal::StoredCommit& commit);

 private:
  int64_t revision_ = 0;  // of the last one; 0: none yet
  std::string hash_;
};

}  // namespace communique::guarantees

#endif  // COMMUNIQUE_TESTS_GUARANTEES_HISTORY_CHECKER_H_
