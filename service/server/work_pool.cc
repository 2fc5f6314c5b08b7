#include "service/server/work_pool.h"

#include <algorithm>
#include <utility>

namespace communique::server {

WorkPool::WorkPool(int threads, const WorkLoad& limit) : limit_(limit) {
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

bool WorkPool::Exceeds(const WorkLoad& load, const WorkLoad& more, size_t share) const {
  return load.calls > 0 && (load.calls + more.calls > limit_.calls / share ||
                            load.bytes + more.bytes > limit_.bytes / share ||
                            load.cost + more.cost > limit_.cost / share);
}

Admission WorkPool::Submit(std::unique_ptr<Work> work, const std::string& owner, size_t bytes,
                           size_t cost) {
  auto job = std::make_shared<Job>();
  job->work = std::move(work);
  job->load = {1, bytes, cost};
  absl::MutexLock lock(&mutex_);
  const auto known = owners_.find(owner);
  if (known != owners_.end() && Exceeds(known->second->second.load, job->load, 2)) {
    return Admission::kOwnerFull;
  }
  if (Exceeds(load_, job->load, 1)) return Admission::kPoolFull;
  std::unique_ptr<NamedOwner>& named = owners_[owner];
  if (named == nullptr) named = std::make_unique<NamedOwner>(owner, Owner());
  job->owner = named.get();
  named->second.load.Add(job->load);
  load_.Add(job->load);
  Wait(job);
  return Admission::kTaken;
}

void WorkPool::Drain() {
  absl::MutexLock lock(&mutex_);
  draining_ = true;
}

size_t WorkPool::waiting() const {
  absl::MutexLock lock(&mutex_);
  return load_.calls;
}

void WorkPool::Wait(const JobPtr& job) {
  if (job->waits) return;
  job->waits = true;
  std::deque<JobPtr>& turns = job->owner->second.turns;
  turns.push_back(job);
  if (turns.size() == 1) turns_.push_back(job->owner);
}

bool WorkPool::TakeLeft(Job& job) {
  job.dropped = true;
  job.ended += job.steps - job.next + job.unfinished.size();
  job.next = job.steps;
  job.unfinished.clear();
  return job.ended == job.steps;
}

WorkPool::Turn WorkPool::Take() {
  NamedOwner* owner = turns_.front();
  turns_.pop_front();
  std::deque<JobPtr>& turns = owner->second.turns;
  Turn turn;
  turn.job = std::move(turns.front());
  turns.pop_front();
  if (!turns.empty()) turns_.push_back(owner);
  Job& job = *turn.job;
  job.waits = false;
  if (draining_) {
    // Where others are taking steps, the last of these drops it.
    if (TakeLeft(job)) turn.what = Turn::kDrop;
  } else if (!job.begun) {
    turn.what = Turn::kBegin;
  } else {
    turn.what = Turn::kStep;
    // What was begun first, so that little is held half done.
    if (job.unfinished.empty()) {
      turn.step = job.next++;
    } else {
      turn.step = job.unfinished.front();
      job.unfinished.pop_front();
    }
    if (job.next < job.steps || !job.unfinished.empty()) Wait(turn.job);
  }
  job.begun = true;
  return turn;
}

void WorkPool::Run(size_t thread) {
  const auto has_turn = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return !turns_.empty() || stopping_;
  };
  while (true) {
    Turn turn;
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(&has_turn));
      if (turns_.empty()) return;
      turn = Take();
    }
    switch (turn.what) {
      case Turn::kBegin:
        Begin(turn.job);
        break;
      case Turn::kStep:
        Step(turn.job, turn.step, thread);
        break;
      case Turn::kDrop:
        turn.job->work->Drop();
        Forget(turn.job);
        break;
      case Turn::kNothing:
        break;
    }
  }
}

void WorkPool::Begin(const JobPtr& job) {
  const size_t steps = job->work->Begin();
  if (steps == 0) return Forget(job);
  absl::MutexLock lock(&mutex_);
  job->steps = steps;
  Wait(job);
}

void WorkPool::Step(const JobPtr& job, size_t step, size_t thread) {
  const bool has_ended = job->work->Step(step, thread);
  bool last = false;
  bool dropped = false;
  {
    absl::MutexLock lock(&mutex_);
    if (has_ended || job->dropped) {
      last = ++job->ended == job->steps;
    } else {
      job->unfinished.push_back(step);
      Wait(job);
    }
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
  load_.Remove(job->load);
  NamedOwner* owner = job->owner;
  owner->second.load.Remove(job->load);
  if (owner->second.load.calls == 0) owners_.erase(std::string(owner->first));
}

}  // namespace communique::server
