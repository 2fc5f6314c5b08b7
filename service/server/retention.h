#ifndef COMMUNIQUE_SERVICE_SERVER_RETENTION_H_
#define COMMUNIQUE_SERVICE_SERVER_RETENTION_H_

#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "service/base/clock.h"
#include "service/store/event_store.h"
#include "service/store/reader.h"

namespace communique::server {

// Trims, again and again, what is older than the retention: the newest revision
// whose commit time lies that far back becomes the oldest one held. Trims are
// commits themselves and no reason to trim: a store at rest is left at rest.
//
// Thread safety: RunOnce from one thread at a time.
class RetentionTrimmer {
 public:
  // All outlive this. `retention` is above zero.
  RetentionTrimmer(store::EventStore& store, const store::Reader& reader,
                   const journal::LocalStore& local, const base::Clock& clock,
                   absl::Duration retention)
      : store_(store), reader_(reader), local_(local), clock_(clock), retention_(retention) {}
  ~RetentionTrimmer() { Stop(); }

  // Runs at once and every kRetentionInterval, on a thread. The EventStore runs.
  void Start();
  // Before the EventStore is stopped, or after: a pass under way ends by itself.
  void Stop();

  // One pass. Answers the oldest revision afterwards.
  absl::StatusOr<int64_t> RunOnce();

 private:
  // The newest revision that is out of retention and changed something; the oldest
  // held, or less, when nothing is to be trimmed.
  absl::StatusOr<int64_t> FindRevision() const;

  store::EventStore& store_;
  const store::Reader& reader_;
  const journal::LocalStore& local_;
  const base::Clock& clock_;
  const absl::Duration retention_;
  absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace communique::server

#endif  // COMMUNIQUE_SERVICE_SERVER_RETENTION_H_
