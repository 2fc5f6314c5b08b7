#ifndef COMMUNIQUE_SERVICE_SERVER_SERVICE_H_
#define COMMUNIQUE_SERVICE_SERVER_SERVICE_H_

#include <atomic>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "service/base/clock.h"
#include "service/base/limits.h"
#include "service/feed/feed.h"
#include "service/journal/embedded_journal.h"
#include "service/journal/local_store.h"
#include "service/query/candidate_index.h"
#include "service/screening/list_versions.h"
#include "service/server/retention.h"
#include "service/server/revision_waiters.h"
#include "service/store/event_store.h"
#include "service/store/indexer.h"
#include "service/store/merged_names.h"
#include "service/store/reader.h"

namespace communique::server {

class ScreeningPool;

struct ServiceOptions {
  // "rocksdb" or "memory".
  std::string journal = "rocksdb";
  // Of rocksdb.
  std::string data_dir;
  // Recent commits that the feed holds in memory.
  size_t feed_window_bytes = base::kFeedWindowBytes;
  // Watches that may be open at once.
  feed::WatchLimits watch_limits;
  // Revisions older than this are trimmed, again and again; zero: never.
  absl::Duration retention = absl::ZeroDuration();
};

// The floors put together, without a transport: from the store up to the feed.
// Members are in the order of the floors, and go down in the other.
class Service {
 public:
  // Opens the store, reads its tail, starts writer and feed. `clock` outlives it.
  static absl::StatusOr<std::unique_ptr<Service>> Start(const ServiceOptions& options,
                                                        const base::Clock& clock);
  // The same over a store that is open already, such as one that injects faults.
  static absl::StatusOr<std::unique_ptr<Service>> StartOver(
      std::unique_ptr<journal::LocalStore> local, const ServiceOptions& options,
      const base::Clock& clock);
  ~Service();

  const journal::LocalStore& local() const { return *local_; }
  store::EventStore& store() { return *store_; }
  const query::CandidateIndex& index() const { return *index_; }
  const store::Reader& reader() const { return *reader_; }
  const store::MergedNames& merged_names() const { return *merged_names_; }
  const screening::ListVersions& lists() const { return *lists_; }
  feed::Feed& feed() { return *feed_; }
  RevisionWaiters& waiters() { return *waiters_; }
  ScreeningPool& screening() { return *screening_; }
  const base::Clock& clock() const { return clock_; }
  absl::Time start_time() const { return start_time_; }
  // From the first word of a stop on; calls are still served for the pause in
  // which load balancers turn away.
  void BeginDrain() { draining_.store(true, std::memory_order_relaxed); }
  bool draining() const { return draining_.load(std::memory_order_relaxed); }

 private:
  explicit Service(const base::Clock& clock);

  const base::Clock& clock_;
  const absl::Time start_time_;
  std::atomic<bool> draining_{false};
  std::unique_ptr<journal::LocalStore> local_;
  std::unique_ptr<journal::EmbeddedJournal> journal_;
  std::unique_ptr<query::CandidateIndex> index_;
  std::unique_ptr<store::Indexer> indexer_;
  std::unique_ptr<store::Reader> reader_;
  std::unique_ptr<store::MergedNames> merged_names_;
  std::unique_ptr<screening::ListVersions> lists_;
  std::unique_ptr<RevisionWaiters> waiters_;
  std::unique_ptr<ScreeningPool> screening_;
  std::unique_ptr<feed::Feed> feed_;
  std::unique_ptr<store::EventStore> store_;
  std::unique_ptr<RetentionTrimmer> retention_;  // null without one
};

}  // namespace communique::server

#endif  // COMMUNIQUE_SERVICE_SERVER_SERVICE_H_
