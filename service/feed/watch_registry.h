#ifndef COMMUNIQUE_SERVICE_FEED_WATCH_REGISTRY_H_
#define COMMUNIQUE_SERVICE_FEED_WATCH_REGISTRY_H_

#include <atomic>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/node_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "service/feed/watch_limits.h"

namespace communique::feed {

// Where a watch reads.
enum class WatchPlace : uint8_t {
  kActive,    // at the head, or fed from the window
  kLagging,   // reading the journal
  kSnapshot,  // reading a snapshot
};

// How far a watch is; written by its stream, read by whoever asks how all stand.
struct WatchProgress {
  std::atomic<int64_t> position{0};  // everything up to here was looked at
  std::atomic<WatchPlace> place{WatchPlace::kActive};
};

// Whose a watch is.
struct WatchOwner {
  std::string principal;
  std::string connection;  // the peer's address, as the transport writes it
};

// The watches that are open: how many, and whose.
//
// Thread safety: any thread.
class WatchRegistry {
 public:
  explicit WatchRegistry(const WatchLimits& limits) : limits_(limits) {}

  // One watch's place. The registry outlives it.
  class Ticket {
   public:
    Ticket() = default;
    Ticket(Ticket&& other) noexcept { *this = std::move(other); }
    Ticket& operator=(Ticket&& other) noexcept;
    ~Ticket();

    // From here on ForEach visits the watch, until the ticket ends.
    void Attach(const WatchProgress& progress);

   private:
    friend class WatchRegistry;
    WatchRegistry* registry_ = nullptr;
    // Nodes of the maps below: they stay where they are.
    std::pair<const std::string, int64_t>* principal_ = nullptr;
    std::pair<const std::string, int64_t>* connection_ = nullptr;
    const WatchProgress* progress_ = nullptr;
  };

  // RESOURCE_EXHAUSTED (CALL_LIMIT) naming the limit, with RetryInfo.
  absl::StatusOr<Ticket> Admit(const WatchOwner& owner);
  int64_t count() const;
  // With the lock held: `visit` is quick and opens or ends no watch.
  void ForEach(absl::FunctionRef<void(const WatchProgress&)> visit) const;

 private:
  using Counts = absl::node_hash_map<std::string, int64_t>;

  const WatchLimits limits_;
  mutable absl::Mutex mutex_;
  int64_t count_ ABSL_GUARDED_BY(mutex_) = 0;
  Counts principals_ ABSL_GUARDED_BY(mutex_);
  Counts connections_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_set<const WatchProgress*> watches_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace communique::feed

#endif  // COMMUNIQUE_SERVICE_FEED_WATCH_REGISTRY_H_
