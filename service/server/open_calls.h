#ifndef COMMUNIQUE_SERVICE_SERVER_OPEN_CALLS_H_
#define COMMUNIQUE_SERVICE_SERVER_OPEN_CALLS_H_

#include <cstdint>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "service/server/access_log.h"

namespace communique::server {

// The calls of one listener that are under way, and their log. A completion queue
// may be shut down only when nothing will start another operation on it.
class OpenCalls {
 public:
  AccessLog& log() { return log_; }

  // Held by a call from when it is accepted until it is destroyed.
  class Ticket {
   public:
    Ticket() = default;
    ~Ticket() { Release(); }
    Ticket(const Ticket&) = delete;
    Ticket& operator=(const Ticket&) = delete;
    void Take(OpenCalls& calls) {
      calls_ = &calls;
      absl::MutexLock lock(&calls.mutex_);
      ++calls.count_;
    }

   private:
    void Release() {
      if (calls_ == nullptr) return;
      absl::MutexLock lock(&calls_->mutex_);
      --calls_->count_;
    }
    OpenCalls* calls_ = nullptr;
  };

  // False when the deadline came first.
  bool WaitUntilNone(absl::Time deadline) {
    absl::MutexLock lock(&mutex_);
    const auto none = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return count_ == 0; };
    return mutex_.AwaitWithDeadline(absl::Condition(&none), deadline);
  }

 private:
  AccessLog log_;
  absl::Mutex mutex_;
  int64_t count_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace communique::server

#endif  // COMMUNIQUE_SERVICE_SERVER_OPEN_CALLS_H_
