#ifndef COMMUNIQUE_SERVICE_JOURNAL_TRIMMER_H_
#define COMMUNIQUE_SERVICE_JOURNAL_TRIMMER_H_

#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "service/journal/local_store.h"

namespace communique::journal {

// Deletes what a trim made superfluous, a step at a time, on a thread of its own:
// beside the writer, never before it. What an earlier process left is gone on
// with at once.
//
// An error ends it until the next start; it is logged, and nothing but disk is
// lost: reads never look at what is to go.
//
// Thread safety: any thread, but for Start and Stop, which are called by one.
class Trimmer {
 public:
  // `store` outlives this.
  explicit Trimmer(LocalStore& store) : store_(store) {}
  ~Trimmer() { Stop(); }

  void Start();
  // After the step under way, if there is one.
  void Stop();
  // Something was trimmed.
  void Wake();
  // Waits until nothing is left to delete, or an error ended it.
  void WaitUntilDone() const;

 private:
  void Run();

  LocalStore& store_;
  mutable absl::Mutex mutex_;
  bool woken_ ABSL_GUARDED_BY(mutex_) = false;
  bool busy_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace communique::journal

#endif  // COMMUNIQUE_SERVICE_JOURNAL_TRIMMER_H_
