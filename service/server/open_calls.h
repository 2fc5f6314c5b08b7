#ifndef COMMUNIQUE_SERVICE_SERVER_OPEN_CALLS_H_
#define COMMUNIQUE_SERVICE_SERVER_OPEN_CALLS_H_

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "service/base/limits.h"
#include "service/server/access_log.h"
#include "service/server/call_counters.h"

namespace communique::server {

// A stream that ends itself when the server drains.
class Drainable {
 public:
  virtual ~Drainable() = default;
  virtual void Drain() = 0;
};

// The calls of one listener that are under way, their log and their counters. A completion queue
// may be shut down only when nothing will start another operation on it.
class OpenCalls {
 public:
  AccessLog& log() { return log_; }
  CallCounters& counters() { return counters_; }
  const CallCounters& counters() const { return counters_; }

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

  // A load that is to be told of a drain. False when too many are open.
  bool AddLoad(const std::shared_ptr<Drainable>& load) {
    absl::MutexLock lock(&mutex_);
    std::erase_if(loads_, [](const std::weak_ptr<Drainable>& held) { return held.expired(); });
    if (loads_.size() >= base::kMaxLoads) return false;
    loads_.push_back(load);
    return true;
  }
  void DrainLoads() {
    std::vector<std::weak_ptr<Drainable>> loads;
    {
      absl::MutexLock lock(&mutex_);
      loads.swap(loads_);
    }
    for (const auto& held : loads) {
      if (const auto load = held.lock()) load->Drain();
    }
  }

  int64_t open_count() const {
    absl::MutexLock lock(&mutex_);
    return count_;
  }
  int64_t load_count() const {
    absl::MutexLock lock(&mutex_);
    return std::count_if(
        loads_.begin(), loads_.end(),
        [](const std::weak_ptr<Drainable>& held) { return !held.expired(); });
  }

  // False when the deadline came first.
  bool WaitUntilNone(absl::Time deadline) {
    absl::MutexLock lock(&mutex_);
    const auto none = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return count_ == 0; };
    return mutex_.AwaitWithDeadline(absl::Condition(&none), deadline);
  }

 private:
  AccessLog log_;
  CallCounters counters_;
  mutable absl::Mutex mutex_;
  int64_t count_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<std::weak_ptr<Drainable>> loads_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace communique::server

#endif  // COMMUNIQUE_SERVICE_SERVER_OPEN_CALLS_H_
