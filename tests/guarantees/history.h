#ifndef COMMUNIQUE_TESTS_GUARANTEES_HISTORY_H_
#define COMMUNIQUE_TESTS_GUARANTEES_HISTORY_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"

// What the writers and readers of a run recorded, and the journal that came of
// it, without bodies: a body is a digest, so that long runs fit.
namespace communique::guarantees {

// What a commit did to one record, or meant to do.
struct RecordEffect {
  std::string name;
  uint64_t content = 0;  // a digest of what the writer put there; 0 when it is gone
  bool alive = false;    // a record, and no tombstone

  bool operator==(const RecordEffect& other) const {
    return name == other.name && content == other.content && alive == other.alive;
  }
};

// One commit as the journal holds it.
struct JournalCommit {
  int64_t revision = 0;
  std::string operation;              // the id that its writer gave it, its reason; empty: none
  std::vector<RecordEffect> effects;  // empty: a trim
};

// The truth: every commit, in order; dense, or a check says so.
struct Journal {
  std::vector<JournalCommit> commits;

  int64_t head() const { return static_cast<int64_t>(commits.size()); }
  // nullptr when there is no such revision.
  const JournalCommit* At(int64_t revision) const {
    if (revision < 1 || revision > head()) return nullptr;
    return &commits[static_cast<size_t>(revision - 1)];
  }
};

// What must hold of a record before a commit.
struct Condition {
  enum class Kind { kExists, kAbsent, kRevision };
  Kind kind = Kind::kExists;
  std::string name;
  int64_t revision = 0;  // of kRevision: the one that wrote what stands
};

// One commit as its writer saw it, from its first attempt to its answer.
struct CommitOperation {
  enum class Outcome { kAcknowledged, kRefused, kUnknown };
  std::string id;
  absl::Time begin;
  absl::Time end = absl::InfiniteFuture();  // that, when the outcome is unknown
  Outcome outcome = Outcome::kUnknown;
  int64_t revision = 0;  // when acknowledged
  std::vector<RecordEffect> effects;
  std::vector<Condition> conditions;
};

// One read of one record.
struct ReadOperation {
  absl::Time begin;
  absl::Time end;
  std::string name;
  int64_t revision = 0;  // of the version that was answered; 0: there was none
  int64_t pin = 0;       // the revision that the answer is as of
};

// One trim as its caller saw it.
struct TrimOperation {
  absl::Time begin;
  absl::Time end = absl::InfiniteFuture();  // that, when the outcome is unknown
  int64_t oldest = 0;                       // what was asked for
};

}  // namespace communique::guarantees

#endif  // COMMUNIQUE_TESTS_GUARANTEES_HISTORY_H_
