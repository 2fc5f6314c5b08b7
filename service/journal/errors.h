#ifndef COMMUNIQUE_SERVICE_JOURNAL_ERRORS_H_
#define COMMUNIQUE_SERVICE_JOURNAL_ERRORS_H_

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "service/base/error.h"

namespace communique::journal {

inline absl::Status DataCorrupt(absl::string_view where, absl::string_view what) {
  return base::MakeError(absl::StatusCode::kDataLoss, v1::ERROR_REASON_DATA_CORRUPT,
                         absl::StrCat("stored data fails its check: ", where, ": ", what),
                         {{"where", std::string(where)}, {"what", std::string(what)}});
}

inline absl::Status JournalStopped(absl::string_view why) {
  absl::Status status = base::MakeError(
      absl::StatusCode::kUnavailable, v1::ERROR_REASON_JOURNAL_STOPPED,
      absl::StrCat("the journal takes no writes: ", why, "; reads go on, restart to recover"),
      {{"why", std::string(why)}});
  base::AddRetryInfo(status, absl::Seconds(5));
  return status;
}

// A read of what a trim has made incomplete. `revision` is the one asked for.
inline absl::Status RevisionExpired(int64_t revision, int64_t oldest) {
  return base::MakeError(
      absl::StatusCode::kOutOfRange, v1::ERROR_REASON_REVISION_EXPIRED,
      absl::StrCat("revision ", revision, " is no longer held; the oldest is ", oldest),
      {{"revision", absl::StrCat(revision)}, {"oldest_revision", absl::StrCat(oldest)}});
}

// Anything else that the engine answers.
inline absl::Status StorageFailed(absl::string_view where, absl::string_view what) {
  return base::MakeError(absl::StatusCode::kInternal, v1::ERROR_REASON_STORAGE_FAILED,
                         absl::StrCat(where, ": ", what),
                         {{"where", std::string(where)}, {"what", std::string(what)}});
}

}  // namespace communique::journal

#endif  // COMMUNIQUE_SERVICE_JOURNAL_ERRORS_H_
