#include "service/journal/trimmer.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "service/base/log.h"

namespace communique::journal {

void Trimmer::Start() {
  Wake();
  thread_ = std::thread([this] { Run(); });
}

void Trimmer::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

void Trimmer::Wake() {
  absl::MutexLock lock(&mutex_);
  woken_ = true;
}

void Trimmer::WaitUntilDone() const {
  const auto done = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return stopping_ || (!woken_ && !busy_);
  };
  absl::MutexLock lock(&mutex_);
  mutex_.Await(absl::Condition(&done));
}

void Trimmer::Run() {
  const auto wanted = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return woken_ || stopping_; };
  while (true) {
    {
      absl::MutexLock lock(&mutex_);
      busy_ = false;
      mutex_.Await(absl::Condition(&wanted));
      if (stopping_) return;
      woken_ = false;
      busy_ = true;
    }
    const absl::StatusOr<bool> more = store_.TrimStep();
    if (!more.ok()) {
      base::Log(base::LogLevel::kError, "trim_failed",
                {{"oldest_revision", absl::StrCat(store_.oldest())},
                 {"error", std::string(more.status().message())}});
      absl::MutexLock lock(&mutex_);
      stopping_ = true;
      return;
    }
    if (*more) Wake();
  }
}

}  // namespace communique::journal
