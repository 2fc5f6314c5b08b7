#ifndef COMMUNIQUE_SERVICE_SCREENING_VERSION_CACHE_H_
#define COMMUNIQUE_SERVICE_SCREENING_VERSION_CACHE_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "service/query/candidate_index.h"

namespace communique::screening {

// What was worked out of versions of records, by where they stand in the journal.
// A version never changes, so nothing here is ever wrong: what is no longer asked
// for makes room, the longest unused first. Which versions are alive is not asked
// here.
//
// Memory: at most `max_bytes` as the values count themselves, and about 150 bytes
// for each.
// Thread safety: any thread.
template <typename Value>
class VersionCache {
 public:
  using Ptr = std::shared_ptr<const Value>;

  explicit VersionCache(size_t max_bytes) : shard_bytes_(max_bytes / kShards) {}

  // Null: not held.
  Ptr Find(const query::VersionPlace& place) {
    const Key key = KeyOf(place);
    Shard& shard = ShardOf(key);
    absl::MutexLock lock(&shard.mutex);
    const auto found = shard.entries.find(key);
    if (found == shard.entries.end()) {
      misses_.fetch_add(1, std::memory_order_relaxed);
      return nullptr;
    }
    hits_.fetch_add(1, std::memory_order_relaxed);
    shard.used.splice(shard.used.begin(), shard.used, found->second);
    return found->second->value;
  }

  // Whether Find would have it; counts as no use.
  bool Holds(const query::VersionPlace& place) const {
    const Key key = KeyOf(place);
    const Shard& shard = ShardOf(key);
    absl::MutexLock lock(&shard.mutex);
    return shard.entries.contains(key);
  }

  void Insert(const query::VersionPlace& place, Ptr value) {
    const Key key = KeyOf(place);
    const size_t bytes = value->Bytes();
    Shard& shard = ShardOf(key);
    absl::MutexLock lock(&shard.mutex);
    // Another thread may have been sooner; both say the same.
    if (shard.entries.contains(key)) return;
    shard.used.push_front({key, bytes, std::move(value)});
    shard.entries.emplace(key, shard.used.begin());
    shard.bytes += bytes;
    while (shard.bytes > shard_bytes_ && !shard.used.empty()) {
      shard.bytes -= shard.used.back().bytes;
      shard.entries.erase(shard.used.back().key);
      shard.used.pop_back();
    }
  }

  int64_t hits() const { return hits_.load(std::memory_order_relaxed); }
  int64_t misses() const { return misses_.load(std::memory_order_relaxed); }
  int64_t bytes() const {
    int64_t bytes = 0;
    for (const Shard& shard : shards_) {
      absl::MutexLock lock(&shard.mutex);
      bytes += static_cast<int64_t>(shard.bytes);
    }
    return bytes;
  }

 private:
  static constexpr size_t kShards = 16;
  using Key = std::pair<int64_t, int32_t>;  // revision, ordinal

  struct Entry {
    Key key;
    size_t bytes = 0;
    Ptr value;
  };
  struct Shard {
    mutable absl::Mutex mutex;
    std::list<Entry> used ABSL_GUARDED_BY(mutex);  // the one used last in front
    absl::flat_hash_map<Key, typename std::list<Entry>::iterator> entries ABSL_GUARDED_BY(mutex);
    size_t bytes ABSL_GUARDED_BY(mutex) = 0;
  };

  static Key KeyOf(const query::VersionPlace& place) { return {place.revision, place.ordinal}; }
  static size_t ShardAt(const Key& key) {
    return (static_cast<uint64_t>(key.first) * 31 + static_cast<uint64_t>(key.second)) % kShards;
  }
  Shard& ShardOf(const Key& key) { return shards_[ShardAt(key)]; }
  const Shard& ShardOf(const Key& key) const { return shards_[ShardAt(key)]; }

  const size_t shard_bytes_;
  std::array<Shard, kShards> shards_;
  std::atomic<int64_t> hits_{0};
  std::atomic<int64_t> misses_{0};
};

}  // namespace communique::screening

#endif  // COMMUNIQUE_SERVICE_SCREENING_VERSION_CACHE_H_
