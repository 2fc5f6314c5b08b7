#include "service/feed/errors.h"

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "service/base/error.h"
#include "service/base/limits.h"

namespace communique::feed {

absl::Status InvalidResumeToken() {
  base::Violations violations;
  violations.Add("resume_token", "is damaged, or no resume token");
  return violations.ToStatus(v1::ERROR_REASON_INVALID_RESUME_TOKEN);
}

absl::Status ResumeTokenMismatch(absl::string_view what) {
  base::Violations violations;
  violations.Add("resume_token", absl::StrCat("is of ", what));
  absl::Status status = violations.ToStatus(v1::ERROR_REASON_RESUME_TOKEN_MISMATCH);
  base::AddMetadata(status, "of", what);
  return status;
}

absl::Status ResumeTokenEpoch(absl::string_view epoch, absl::string_view current) {
  absl::Status status = base::MakeError(
      absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_RESUME_TOKEN_EPOCH,
      absl::StrCat("the resume token is of epoch ", epoch, ", from before a restore; the epoch is ",
                   current, " now: start from a snapshot"),
      {{"epoch", std::string(epoch)}, {"current_epoch", std::string(current)}});
  base::AddPreconditionViolation(status, "EPOCH", "resume_token", "the store was restored since");
  return status;
}

absl::Status ResumeTokenExpired(int64_t revision, int64_t oldest) {
  return base::MakeError(
      absl::StatusCode::kOutOfRange, v1::ERROR_REASON_RESUME_TOKEN_EXPIRED,
      absl::StrCat("revision ", revision, " is no longer held; the oldest is ", oldest,
                   ": start from a snapshot"),
      {{"revision", absl::StrCat(revision)}, {"oldest_revision", absl::StrCat(oldest)}});
}

absl::Status TooManyWatches(absl::string_view of, int64_t limit) {
  const std::string subject = of.empty() ? "watches" : absl::StrCat("watches of a ", of);
  absl::Status status = base::MakeError(
      absl::StatusCode::kResourceExhausted, v1::ERROR_REASON_CALL_LIMIT,
      of.empty() ? absl::StrCat(limit, " watches are open, as many as the server takes")
                 : absl::StrCat(limit, " watches are open, as many as one ", of, " may have"),
      {{"limit", absl::StrCat(limit)}, {"of", std::string(of.empty() ? "server" : of)}});
  base::AddQuotaViolation(status, subject, absl::StrCat("at most ", limit));
  base::AddRetryInfo(status, base::kWatchRetryDelay);
  return status;
}

absl::Status TooManyFilters(absl::string_view of, absl::string_view what, int64_t limit) {
  const std::string subject =
      of.empty() ? "filters of watches" : absl::StrCat("filters of the watches of a ", of);
  absl::Status status =
      base::MakeError(absl::StatusCode::kResourceExhausted, v1::ERROR_REASON_CALL_LIMIT,
                      absl::StrCat("the filters of open watches may have ", limit, " ", what,
                                   of.empty() ? " in all" : absl::StrCat(" for one ", of)),
                      {{"limit", absl::StrCat(limit)},
                       {"of", std::string(of.empty() ? "server" : of)},
                       {"what", absl::StrCat("filter_", what)}});
  base::AddQuotaViolation(status, subject, absl::StrCat("at most ", limit, " ", what));
  base::AddRetryInfo(status, base::kWatchRetryDelay);
  return status;
}

}  // namespace communique::feed
