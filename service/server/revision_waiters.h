#ifndef COMMUNIQUE_SERVICE_SERVER_REVISION_WAITERS_H_
#define COMMUNIQUE_SERVICE_SERVER_REVISION_WAITERS_H_

#include <cstdint>
#include <map>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "service/store/commit_listener.h"

namespace communique::server {

// Reads that wait for their `min_revision`, without holding a thread each.
//
// Thread safety: any thread.
class RevisionWaiters final : public store::CommitListener {
 public:
  explicit RevisionWaiters(int64_t head);
  ~RevisionWaiters() override;

  // Calls `done` once: at once when the revision is there, else on a thread of
  // its own when it comes or the wait is over. Whether it came, `done` asks. It
  // must be short: the others wait for the same thread.
  void Wait(int64_t revision, absl::Duration wait, absl::AnyInvocable<void()> done);
  void OnCommits(const journal::CommitGroup& group) override;
  // Ends every wait, and those that come later at once.
  void Drain();

 private:
  struct Waiter {
    int64_t revision = 0;
    absl::AnyInvocable<void()> done;
  };
  void Run();

  absl::Mutex mutex_;
  int64_t head_ ABSL_GUARDED_BY(mutex_);
  std::multimap<absl::Time, Waiter> waiters_ ABSL_GUARDED_BY(mutex_);  // by their end
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  bool changed_ ABSL_GUARDED_BY(mutex_) = false;
  absl::CondVar wake_;
  std::thread thread_;
};

}  // namespace communique::server

#endif  // COMMUNIQUE_SERVICE_SERVER_REVISION_WAITERS_H_
