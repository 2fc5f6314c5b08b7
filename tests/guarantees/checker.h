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
  // How long the watcher had been reading for it: what it did not read is no silence
  // of the server's. Zero for the first of a stream, which took a connection.
  absl::Duration waited;
};
using Recording = std::vector<Received>;

// The truth: the changes of every commit, from revision 1, dense.
using History = std::map<int64_t, std::vector<v1::Change>>;

// Reads it from a store; also checks that revisions are dense, times rise, and
// the hash chain holds.
absl::Status ReadHistory(const journal::LocalStore& store, History& history);

// Which names a watch asked for.
using Wanted = std::function<bool(absl::string_view name)>;

// Which records a watch asked for by what is in them.
using Matches = std::function<bool(const v1::Record& record)>;

// What such a watch is to be told of a history, worked out from that alone.
struct Selection {
  // The changes that are sent: of every revision, empty where there are none.
  History sent;
  // Records that live on and did or do not match, in order.
  std::map<int64_t, std::vector<v1::FilterEntry>> entered;
  std::map<int64_t, std::vector<v1::FilterLeave>> left;
};
Selection Select(const History& history, const Matches& matches);

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
// Of what the watch was told of, every record that entered or left was told, and
// nobody else, in the response that has its revision.
absl::Status CheckTold(const Recording& recording, const Selection& selection);
// No silence within a stream was longer than the interval (and some slack), and a
// checkpoint never runs ahead of a change that comes later.
absl::Status CheckBookmarkable(const Recording& recording, absl::Duration interval,
                               absl::Duration slack);
// The snapshot is the state of its revision, and changes start at the next. With
// `matches`, those records of the state that do.
absl::Status CheckConsistent(const Recording& recording, const History& history,
                             const Wanted& wanted, const Matches& matches = nullptr);

// Every predicate that needs no more than this.
absl::Status CheckAll(const Recording& recording, const History& history, const Wanted& wanted,
                      int64_t start);

}  // namespace communique::guarantees

#endif  // COMMUNIQUE_TESTS_GUARANTEES_CHECKER_H_
