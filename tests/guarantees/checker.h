#ifndef COMMUNIQUE_TESTS_GUARANTEES_CHECKER_H_
#define COMMUNIQUE_TESTS_GUARANTEES_CHECKER_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "communique/v1/change.pb.h"
#include "communique/v1/feed.pb.h"
#include "service/journal/local_store.h"

// The watch contract as predicates: what a watcher recorded, against what the
// journal holds. Each answers OK, or what is broken and where.
namespace communique::guarantees {

// What a watcher received, in order.
struct Received {
  absl::Time time;
  v1::WatchResponse response;
};
using Recording = std::vector<Received>;

// The truth: the changes of every commit, from revision 1, dense.
using History = std::map<int64_t, std::vector<v1::Change>>;

// Reads it from a store; also checks that revisions are dense, times rise, and
// the hash chain holds.
absl::Status ReadHistory(const journal::LocalStore& store, History& history);

// Which names a watch asked for.
using Wanted = std::function<bool(absl::string_view name)>;

// Only what is wanted was delivered.
absl::Status CheckFiltered(const Recording& recording, const Wanted& wanted);
// Revisions never go back.
absl::Status CheckOrdered(const Recording& recording);
// No change came twice.
absl::Status CheckUnique(const Recording& recording);
// Every commit that was delivered stands in one response, with all of its
// wanted changes.
absl::Status CheckAtomic(const Recording& recording, const History& history, const Wanted& wanted);
// Between the first and the last revision the client was told of, every wanted
// change was delivered, as the journal has it.
absl::Status CheckReliable(const Recording& recording, const History& history,
                           const Wanted& wanted);
// Responses chain, from `start` on; pieces of a snapshot chain by name.
absl::Status CheckProvable(const Recording& recording, int64_t start);
// No silence was longer than the interval (and some slack), and a checkpoint
// never runs ahead of a change that comes later.
absl::Status CheckBookmarkable(const Recording& recording, absl::Duration interval,
                               absl::Duration slack);
// The snapshot is the state of its revision, and changes start at the next.
absl::Status CheckConsistent(const Recording& recording, const History& history,
                             const Wanted& wanted);

// Every predicate that needs no more than this.
absl::Status CheckAll(const Recording& recording, const History& history, const Wanted& wanted,
                      int64_t start);

}  // namespace communique::guarantees

#endif  // COMMUNIQUE_TESTS_GUARANTEES_CHECKER_H_
