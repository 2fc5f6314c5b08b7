#include "service/journal/embedded_journal.h"

#include "absl/strings/str_cat.h"
#include "service/journal/errors.h"

namespace communique::journal {

absl::Status EmbeddedJournal::Append(const CommitGroup& group) {
  if (absl::Status status = health(); !status.ok()) return status;
  if (group.empty()) return absl::OkStatus();
  int64_t next = store_.head();
  for (const auto& commit : group) {
    if (commit->revision != ++next) {
      return absl::FailedPreconditionError(
          absl::StrCat("the next revision is ", next, ", not ", commit->revision));
    }
  }
  const absl::Status status = store_.Apply(group);
  absl::MutexLock lock(&mutex_);  // also wakes WaitForMore
  if (!status.ok()) {
    // What is on the disk is unknown. Trying again and calling it good is how
    // acknowledged writes are lost.
    stopped_ = JournalStopped(status.message());
    return stopped_;
  }
  return absl::OkStatus();
}

bool EmbeddedJournal::WaitForMore(int64_t revision, absl::Time deadline) const {
  absl::MutexLock lock(&mutex_);
  const auto more = [this, revision] { return store_.head() > revision; };
  return mutex_.AwaitWithDeadline(absl::Condition(&more), deadline);
}

absl::Status EmbeddedJournal::health() const {
  absl::MutexLock lock(&mutex_);
  return stopped_;
}

}  // namespace communique::journal
