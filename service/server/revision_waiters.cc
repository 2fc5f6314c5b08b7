#include "service/server/revision_waiters.h"

#include <utility>
#include <vector>

namespace communique::server {

RevisionWaiters::RevisionWaiters(int64_t head) : head_(head), thread_([this] { Run(); }) {}

RevisionWaiters::~RevisionWaiters() {
  Drain();
  thread_.join();
}

void RevisionWaiters::Drain() {
  absl::MutexLock lock(&mutex_);
  stopping_ = true;
  wake_.Signal();
}

void RevisionWaiters::Wait(int64_t revision, absl::Duration wait,
                           absl::AnyInvocable<void()> done) {
  {
    absl::MutexLock lock(&mutex_);
    if (revision > head_ && !stopping_) {
      waiters_.emplace(absl::Now() + wait, Waiter{revision, std::move(done)});
      wake_.Signal();
      return;
    }
  }
  done();
}

void RevisionWaiters::OnCommits(const journal::CommitGroup& group) {
  absl::MutexLock lock(&mutex_);
  head_ = group.back()->revision;
  if (waiters_.empty()) return;
  changed_ = true;
  wake_.Signal();
}

void RevisionWaiters::Run() {
  std::vector<absl::AnyInvocable<void()>> ready;
  bool stop = false;
  while (!stop) {
    {
      absl::MutexLock lock(&mutex_);
      if (!stopping_ && !changed_) {
        wake_.WaitWithDeadline(&mutex_, waiters_.empty() ? absl::InfiniteFuture()
                                                         : waiters_.begin()->first);
      }
      changed_ = false;
      stop = stopping_;
      const absl::Time now = absl::Now();
      for (auto it = waiters_.begin(); it != waiters_.end();) {
        if (stop || it->first <= now || it->second.revision <= head_) {
          ready.push_back(std::move(it->second.done));
          it = waiters_.erase(it);
        } else {
          ++it;
        }
      }
    }
    for (auto& done : ready) done();
    ready.clear();
  }
}

}  // namespace communique::server
