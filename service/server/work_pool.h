#ifndef COMMUNIQUE_SERVICE_SERVER_WORK_POOL_H_
#define COMMUNIQUE_SERVICE_SERVER_WORK_POOL_H_

#include <cstddef>
#include <deque>
#include <memory>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace communique::server {

// A call that takes too long for the thread of a completion queue, in steps.
class Work {
 public:
  virtual ~Work() = default;
  // The first step, alone; says how many are to follow, which several threads may
  // take at once, in any order. 0: the work has ended itself.
  virtual size_t Begin() = 0;
  // `thread` is which of the pool's threads it is, from 0.
  virtual void Step(size_t step, size_t thread) = 0;
  // After all of them, once.
  virtual void End() = 0;
  // Instead of all that is left, End too: the server is about to stop.
  virtual void Drop() = 0;
};

// A few threads that take the steps of calls in turn: each call one step, then
// the next call, so that a long one holds up a short one for no longer than a
// step. What may wait is bounded, in calls and in bytes.
//
// Thread safety: any thread.
class WorkPool {
 public:
  WorkPool(int threads, size_t max_waiting, size_t max_waiting_bytes);
  // Drops what waits.
  ~WorkPool();

  int thread_count() const { return static_cast<int>(threads_.size()); }
  // False, and nothing is done: too much waits. `bytes`: what the work holds.
  bool Submit(std::unique_ptr<Work> work, size_t bytes);
  // Drops every work at its next step, and whatever is submitted later.
  void Drain();
  // Calls that wait or are under way.
  size_t waiting() const;

 private:
  struct Job {
    std::unique_ptr<Work> work;
    size_t bytes = 0;
    bool begun = false;
    bool dropped = false;
    size_t steps = 0;
    size_t next = 0;  // the step to be taken
    size_t ended = 0;
  };
  using JobPtr = std::shared_ptr<Job>;

  void Run(size_t thread);
  void Begin(const JobPtr& job);
  void Step(const JobPtr& job, size_t step, size_t thread);
  void Forget(const JobPtr& job);

  const size_t max_waiting_;
  const size_t max_waiting_bytes_;
  mutable absl::Mutex mutex_;
  // Those that have a step to be taken.
  std::deque<JobPtr> turns_ ABSL_GUARDED_BY(mutex_);
  size_t jobs_ ABSL_GUARDED_BY(mutex_) = 0;
  size_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  bool draining_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace communique::server

#endif  // COMMUNIQUE_SERVICE_SERVER_WORK_POOL_H_
