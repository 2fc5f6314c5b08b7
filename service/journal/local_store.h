#ifndef COMMUNIQUE_SERVICE_JOURNAL_LOCAL_STORE_H_
#define COMMUNIQUE_SERVICE_JOURNAL_LOCAL_STORE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "service/journal/commit.h"

namespace communique::journal {

// A commit as it is read back.
struct StoredCommit {
  int64_t revision = 0;
  absl::string_view header;  // a CommitHeader
  absl::string_view hash;
  std::vector<absl::string_view> framed_changes;
};

struct Identity {
  std::string store_id;  // the same for the life of the store
  std::string epoch;     // new after each restore
};

struct LoadPosition {
  int64_t line = 0;
  int64_t revision = 0;
};

// One machine's journal and the state derived from it.
//
// Holds: after Apply returned OK the group is durable as far as durable() says,
// and every read from any thread sees all of it. Of a group that failed, reads
// see nothing: they stay at or below head(). History is never changed, so two
// reads at one revision between oldest and head agree without a snapshot.
// Does not hold: any check of what a commit says, or that its hash is right. Nor
// is a read below oldest() refused, but for ReadCommits: it may miss versions.
// oldest() moves before anything is deleted, so whoever finds it still at or below
// the read's revision *after* the read has read all there was.
//
// Thread safety: Apply from one thread at a time, TrimStep from one, which may be
// another; everything else from any.
// Errors: DATA_LOSS when stored bytes fail a check; UNAVAILABLE when the engine
// takes no writes any more; INTERNAL for the engine's other errors.
class LocalStore {
 public:
  virtual ~LocalStore() = default;

  // Makes a group state, in one atomic step. The first revision is head() + 1. A
  // trim in it moves oldest(), and deletes nothing.
  virtual absl::Status Apply(const CommitGroup& group) = 0;

  // Deletes a part of what was superseded at or before oldest(), and of the
  // headers that no request id is remembered by any more: about
  // kTrimNamesPerBatch of them. False when nothing is left. A crash between or
  // within steps leaves a whole store; the next step goes on from there.
  virtual absl::StatusOr<bool> TrimStep() = 0;

  // Durably notes how far loads have got whose last lines changed nothing, and so
  // are in no commit. By the thread that applies.
  virtual absl::Status SaveLoads(
      const absl::flat_hash_map<std::string, LoadPosition>& positions) = 0;

  virtual const Identity& identity() const = 0;
  virtual int64_t head() const = 0;
  // The oldest revision at which reads are whole; 0 until something is trimmed.
  virtual int64_t oldest() const = 0;
  virtual std::string head_hash() const = 0;
  virtual int64_t live_count() const = 0;
  virtual bool durable() const = 0;
  virtual int64_t disk_bytes() const = 0;
  virtual absl::string_view engine_name() const = 0;

  // The version in force at a revision; nullopt when the name had none.
  virtual absl::StatusOr<std::optional<Version>> Find(absl::string_view name,
                                                      int64_t at_revision) const = 0;
  // A framed change. DATA_LOSS when it is not there.
  virtual absl::StatusOr<std::string> ReadChange(int64_t revision, int32_t ordinal) const = 0;
  // Many of them, in the order given, until `visit` returns false; sooner than one
  // by one where many lie close together. What `visit` is given is valid during
  // the call.
  virtual absl::Status ReadChanges(
      const std::vector<Version>& versions,
      absl::FunctionRef<bool(size_t i, absl::string_view framed)> visit) const = 0;
  // Calls `visit` for each name that has `prefix`, lies after `after`, and had a
  // version at the revision, in order of the names, until it returns false.
  virtual absl::Status ScanNames(
      absl::string_view prefix, absl::string_view after, int64_t at_revision,
      absl::FunctionRef<bool(absl::string_view name, const Version&)> visit) const = 0;
  // The versions of a name at or before a revision, newest first.
  virtual absl::Status ScanHistory(absl::string_view name, int64_t at_revision,
                                   absl::FunctionRef<bool(const Version&)> visit) const = 0;
  // The commits after `from_exclusive`, up to head(), until `visit` returns
  // false. What a StoredCommit points to is valid during the call. OUT_OF_RANGE
  // (REVISION_EXPIRED) from below oldest(), also when it is overtaken on the way:
  // every commit that is visited is whole.
  virtual absl::Status ReadCommits(int64_t from_exclusive,
                                   absl::FunctionRef<bool(const StoredCommit&)> visit) const = 0;
  // One header and its hash. NOT_FOUND when there is no such revision. Below
  // oldest() the header may be empty; the hash stays.
  virtual absl::Status ReadHeader(
      int64_t revision,
      absl::FunctionRef<void(absl::string_view header, absl::string_view hash)> visit) const = 0;
  // How far a load has got; zeros for one that is not known.
  virtual absl::StatusOr<LoadPosition> FindLoad(absl::string_view load_key) const = 0;
};

}  // namespace communique::journal

#endif  // COMMUNIQUE_SERVICE_JOURNAL_LOCAL_STORE_H_
