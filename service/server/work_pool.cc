#include "service/server/work_pool.h"

#include <algorithm>
#include <utility>

namespace communique::server {

WorkPool::WorkPool(int threads, size_t max_waiting, size_t max_waiting_bytes)
    : max_waiting_(max_waiting), max_waiting_bytes_(max_waiting_bytes) {
  for (int i = 0; i < std::max(threads, 1); ++i) {
    threads_.emplace_back([this, i] { Run(static_cast<size_t>(i)); });
  }
}

WorkPool::~WorkPool() {
  Drain();
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  for (std::thread& thread : threads_) thread.join();
}

bool WorkPool::Submit(std::unique_ptr<Work> work, size_t bytes) {
  auto job = std::make_shared<Job>();
  job->work = std::move(work);
  job->bytes = bytes;
  absl::MutexLock lock(&mutex_);
  // One that is large by itself may come alone.
  if (jobs_ > 0 && (jobs_ >= max_waiting_ || bytes_ + bytes > max_waiting_bytes_)) return false;
  ++jobs_;
  bytes_ += bytes;
  turns_.push_back(std::move(job));
  return true;
}

void WorkPool::Drain() {
  absl::MutexLock lock(&mutex_);
  draining_ = true;
}

size_t WorkPool::waiting() const {
  absl::MutexLock lock(&mutex_);
  return jobs_;
}

void WorkPool::Run(size_t thread) {
  const auto has_turn = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return !turns_.empty() || stopping_;
  };
  while (true) {
    JobPtr job;
    size_t step = 0;
    bool begin = false;
    bool drop = false;
    bool last = false;
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(&has_turn));
      if (turns_.empty()) return;
      job = std::move(turns_.front());
      turns_.pop_front();
      begin = !job->begun;
      job->begun = true;
      step = job->next;
      if (draining_) {
        // Where others are taking steps, the last of these drops it. It is told here
        // whether there are any: once the lock is let go, they may end.
        drop = true;
        job->dropped = true;
        job->ended += job->steps - job->next;
        job->next = job->steps;
        last = job->ended == job->steps;
      } else if (!begin && ++job->next < job->steps) {
        turns_.push_back(job);
      }
    }
    if (drop) {
      if (last) {
        job->work->Drop();
        Forget(job);
      }
    } else if (begin) {
      Begin(job);
    } else {
      Step(job, step, thread);
    }
  }
}

void WorkPool::Begin(const JobPtr& job) {
  const size_t steps = job->work->Begin();
  if (steps == 0) return Forget(job);
  absl::MutexLock lock(&mutex_);
  job->steps = steps;
  turns_.push_back(job);
}

void WorkPool::Step(const JobPtr& job, size_t step, size_t thread) {
  job->work->Step(step, thread);
  bool last = false;
  bool dropped = false;
  {
    absl::MutexLock lock(&mutex_);
    last = ++job->ended == job->steps;
    dropped = job->dropped;
  }
  if (!last) return;
  if (dropped) {
    job->work->Drop();
  } else {
    job->work->End();
  }
  Forget(job);
}

void WorkPool::Forget(const JobPtr& job) {
  absl::MutexLock lock(&mutex_);
  --jobs_;
  bytes_ -= job->bytes;
}

}  // namespace communique::server
