#include "service/server/retention.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "communique/storage/v1/journal.pb.h"
#include "communique/v1/read_scope.pb.h"
#include "service/base/limits.h"
#include "service/base/log.h"
#include "service/base/timestamp.h"
#include "service/base/wire.h"

namespace communique::server {
namespace {

// Whom the journal names for the trims of this thread.
constexpr char kPrincipal[] = "retention";

}  // namespace

void RetentionTrimmer::Start() {
  thread_ = std::thread([this] {
    absl::MutexLock lock(&mutex_);
    while (!stopping_) {
      mutex_.Unlock();
      const absl::StatusOr<int64_t> oldest = RunOnce();
      if (!oldest.ok()) {
        base::Log(base::LogLevel::kWarning, "retention_failed",
                  {{"error", std::string(oldest.status().message())}});
      }
      mutex_.Lock();
      mutex_.AwaitWithTimeout(absl::Condition(&stopping_), base::kRetentionInterval);
    }
  });
}

void RetentionTrimmer::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

absl::StatusOr<int64_t> RetentionTrimmer::FindRevision() const {
  v1::ReadScope scope;
  const absl::Time time = std::max(clock_.Now() - retention_, absl::UnixEpoch());
  base::SetTimestamp(time, *scope.mutable_known_time());
  const auto view = reader_.Open(scope);
  // All that is held is younger.
  if (absl::IsOutOfRange(view.status())) return local_.oldest();
  if (!view.ok()) return view.status();
  int64_t revision = view->revision();
  for (bool is_trim = true; revision > local_.oldest(); --revision) {
    const absl::Status read =
        local_.ReadHeader(revision, [&](absl::string_view header, absl::string_view) {
          is_trim = base::FindVarintField(
                        header, storage::v1::CommitHeader::kTrimRevisionFieldNumber) != 0;
        });
    if (!read.ok()) return read;
    if (!is_trim) break;
  }
  return revision;
}

absl::StatusOr<int64_t> RetentionTrimmer::RunOnce() {
  const absl::StatusOr<int64_t> revision = FindRevision();
  if (!revision.ok()) return revision.status();
  if (*revision <= local_.oldest()) return local_.oldest();
  absl::Notification done;
  absl::StatusOr<int64_t> oldest;
  store_.Trim(*revision, kPrincipal, [&](absl::StatusOr<int64_t> answer) {
    oldest = std::move(answer);
    done.Notify();
  });
  done.WaitForNotification();
  if (oldest.ok()) {
    base::Log(base::LogLevel::kInfo, "trimmed", {{"oldest_revision", absl::StrCat(*oldest)}});
  }
  return oldest;
}

}  // namespace communique::server
