#ifndef COMMUNIQUE_SERVICE_STORE_READER_H_
#define COMMUNIQUE_SERVICE_STORE_READER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "communique/v1/read_scope.pb.h"
#include "communique/v1/record.pb.h"
#include "service/journal/local_store.h"
#include "service/query/candidate_index.h"

namespace communique::store {

// The bytes of a record as they were stored, and where they were found.
struct FoundRecord {
  std::string name;            // of the record, the survivor when redirected
  std::string redirected_from;  // the name asked for, when it was merged away
  std::string framed;          // the change that wrote it
  // The serialised Record within `framed`.
  absl::string_view record_bytes() const;
  // DATA_LOSS when the bytes do not parse.
  absl::StatusOr<v1::Record> Parse() const;
  absl::Status ParseInto(v1::Record& record) const;
};

// What one scope sees: one revision, for as long as it is held. Made by Reader
// only. A read that a trim overtakes ends with OUT_OF_RANGE (REVISION_EXPIRED).
class ReadView {
 public:
  int64_t revision() const { return pin_.revision(); }
  const v1::Pin& pin() const { return pin_; }

  // NOT_FOUND (with the tombstone when it was deleted). Follows merges.
  absl::StatusOr<FoundRecord> Get(const std::string& name) const;

  // What stands under a name, nullopt when nothing live does. Redirects are not
  // followed.
  absl::StatusOr<std::optional<FoundRecord>> FindLive(const std::string& name) const;

  // Where the live version of a name stands, nullopt when there is none. Redirects
  // are not followed.
  absl::StatusOr<std::optional<query::VersionPlace>> FindPlace(absl::string_view name) const;

  // The live version of a name that one commit wrote.
  absl::StatusOr<FoundRecord> ReadVersion(absl::string_view name, int64_t revision,
                                          int32_t ordinal) const;

  // Many versions that the index found, in the order given, until `visit` returns
  // false; sooner than one by one.
  absl::Status ReadVersions(const std::vector<query::Candidate>& candidates,
                            absl::FunctionRef<bool(size_t i, FoundRecord found)> visit) const;

  absl::Status ReadVersions(const std::vector<query::VersionPlace>& places,
                            absl::FunctionRef<bool(size_t i, FoundRecord found)> visit) const;

  // Which versions may match; holds everything up to revision().
  const query::CandidateIndex& index() const { return *index_; }

  // The live records of a collection after a name, in order of names, until
  // `visit` returns false. `wanted` sees the name first: a record that it
  // refuses is not read.
  absl::Status List(v1::RecordKind kind, absl::string_view after,
                    absl::FunctionRef<bool(absl::string_view name)> wanted,
                    absl::FunctionRef<bool(FoundRecord)> visit) const;

  // The framed changes of one name before a revision (exclusive), newest first.
  // They end with what stood at the oldest revision held.
  absl::Status History(const std::string& name, int64_t before_revision,
                       absl::FunctionRef<bool(int64_t revision, std::string framed)> visit) const;

  // The framed changes in force of every live record after a name, over all
  // kinds, in order of names. What a snapshot is made of.
  absl::Status Snapshot(absl::string_view after,
                        absl::FunctionRef<bool(absl::string_view name)> wanted,
                        absl::FunctionRef<bool(absl::string_view name, std::string framed)> visit)
      const;

 private:
  friend class Reader;
  ReadView(const journal::LocalStore& local, const query::CandidateIndex& index, v1::Pin pin)
      : local_(&local), index_(&index), pin_(std::move(pin)) {}

  absl::StatusOr<std::optional<journal::Version>> Find(absl::string_view name) const;
  absl::StatusOr<std::string> Read(int64_t revision, int32_t ordinal) const;
  // What a read ends with that had `status`: trims make reads incomplete, and are
  // known to before they do (local_store.h).
  absl::Status UnlessTrimmed(absl::Status status) const;

  const journal::LocalStore* local_;
  const query::CandidateIndex* index_;
  v1::Pin pin_;
};

// Turns scopes into views. Every read of the service starts here.
//
// Thread safety: any thread.
class Reader {
 public:
  // Both outlive this.
  Reader(const journal::LocalStore& local, const query::CandidateIndex& index)
      : local_(local), index_(index) {}

  // The newest revision that reads see: durable, applied, and numbered.
  int64_t head() const { return index_.head(); }
  int64_t oldest() const { return local_.oldest(); }
  const journal::Identity& identity() const { return local_.identity(); }

  // INVALID_ARGUMENT for a malformed scope or a revision beyond the head;
  // NOT_FOUND or FAILED_PRECONDITION for a list's version that is not there or
  // not whole;
  // OUT_OF_RANGE (REVISION_EXPIRED) for one older than what is held; UNAVAILABLE
  // (REPLICA_BEHIND) when `min_revision` is not applied: the caller waits first.
  absl::StatusOr<ReadView> Open(const v1::ReadScope& scope) const;
  // A view at one revision, such as that of a page token.
  absl::StatusOr<ReadView> OpenAt(int64_t revision, const std::string& valid_date = "") const;
  // The framed change that made what stood under a name at a revision, a
  // tombstone's too; empty when nothing did. Follows no merge.
  absl::StatusOr<std::string> FindVersion(absl::string_view name, int64_t revision) const;

 private:
  absl::StatusOr<v1::Pin> PinAt(int64_t revision) const;
  absl::StatusOr<int64_t> FindRevisionAt(absl::Time time) const;
  // The revision at which a version of an official list was whole: the first that
  // gave its source a coverage.
  absl::StatusOr<int64_t> FindListRevision(const std::string& source) const;
  absl::StatusOr<int64_t> CommitMicros(int64_t revision) const;

  const journal::LocalStore& local_;
  const query::CandidateIndex& index_;
  // The pin of the newest revision that was asked for: nearly every read's.
  mutable absl::Mutex mutex_;
  mutable v1::Pin last_pin_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace communique::store

#endif  // COMMUNIQUE_SERVICE_STORE_READER_H_
