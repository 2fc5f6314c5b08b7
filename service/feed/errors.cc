#include "service/feed/errors.h"

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "service/base/error.h"

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

absl::Status TooManyWatches(int64_t limit) {
  absl::Status status = base::MakeError(
      absl::StatusCode::kResourceExhausted, v1::ERROR_REASON_CALL_LIMIT,
      absl::StrCat(limit, " watches are open"), {{"limit", absl::StrCat(limit)}});
  base::AddQuotaViolation(status, "watches", absl::StrCat("at most ", limit));
  base::AddRetryInfo(status, absl::Seconds(5));
  return status;
}

}  // namespace communique::feed
