#ifndef COMMUNIQUE_SERVICE_FEED_SHARED_FILTERS_H_
#define COMMUNIQUE_SERVICE_FEED_SHARED_FILTERS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "service/feed/shared_filter.h"
#include "service/feed/watch_limits.h"

namespace communique::feed {

class SharedFilters;

// A principal's hold of a filter, for all of its watches that ask for it. While it
// lives, the filter counts for the principal.
class FilterHold {
 public:
  FilterHold(SharedFilters& filters, std::shared_ptr<SharedFilter> filter, std::string key,
             std::string principal)
      : filters_(filters),
        filter_(std::move(filter)),
        key_(std::move(key)),
        principal_(std::move(principal)) {}
  ~FilterHold();
  FilterHold(const FilterHold&) = delete;
  FilterHold& operator=(const FilterHold&) = delete;

  SharedFilter& filter() const { return *filter_; }
  const std::string& principal() const { return principal_; }

 private:
  friend class SharedFilters;
  SharedFilters& filters_;
  const std::shared_ptr<SharedFilter> filter_;
  const std::string key_;
  const std::string principal_;
};

// The filters of the watches that are open, each once, within the limits of
// memory and of work: what filters cost is a principal's to choose.
//
// Thread safety: any thread.
class SharedFilters {
 public:
  // `context` outlives this, and this every hold.
  SharedFilters(FilterContext& context, const WatchLimits& limits)
      : context_(context), limits_(limits) {}

  // RESOURCE_EXHAUSTED (CALL_LIMIT) naming the limit, with RetryInfo.
  absl::StatusOr<std::shared_ptr<const FilterHold>> Get(WatchQuery query,
                                                        const std::string& principal);
  int64_t count() const;
  // Memory of all of them.
  size_t bytes() const;

 private:
  friend class FilterHold;

  struct Entry {
    std::shared_ptr<SharedFilter> filter;
    int64_t holds = 0;
  };
  struct Share {  // of a principal
    size_t bytes = 0;
    int64_t terms = 0;
    int64_t holds = 0;
  };

  absl::Status Admit(const Share& share, size_t bytes, int64_t terms, bool is_new) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Release(const FilterHold& hold);

  FilterContext& context_;
  const WatchLimits limits_;
  mutable absl::Mutex mutex_;
  absl::flat_hash_map<std::string, Entry> filters_ ABSL_GUARDED_BY(mutex_);  // by query
  absl::flat_hash_map<std::pair<std::string, const SharedFilter*>, std::weak_ptr<const FilterHold>>
      holds_ ABSL_GUARDED_BY(mutex_);  // by principal and filter
  absl::flat_hash_map<std::string, Share> shares_ ABSL_GUARDED_BY(mutex_);  // by principal
  size_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace communique::feed

#endif  // COMMUNIQUE_SERVICE_FEED_SHARED_FILTERS_H_
