#ifndef COMMUNIQUE_SERVICE_SERVER_WORK_POOL_H_
#define COMMUNIQUE_SERVICE_SERVER_WORK_POOL_H_

#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"

namespace communique::server {

// A call that takes too long for the thread of a completion queue, in steps.
class Work {
 public:
  virtual ~Work() = default;
  // The first step, alone; says how many are to follow, which several threads may
  // take at once, in any order. 0: the work has ended itself.
  virtual size_t Begin() = 0;
  // One turn of a step, a millisecond or two; true when the step has ended, else it
  // is gone on with in a later turn, by any thread. `thread` is which of the pool's
  // threads it is, from 0.
  virtual bool Step(size_t step, size_t thread) = 0;
  // After all of them, once.
  virtual void End() = 0;
  // Instead of all that is left, End too: the server is about to stop.
  virtual void Drop() = 0;
};

// What waits, or may.
struct WorkLoad {
  size_t calls = 0;
  size_t bytes = 0;  // that the work holds
  size_t cost = 0;   // in whatever unit its owner and its limit are counted in

  void Add(const WorkLoad& other) {
    calls += other.calls;
    bytes += other.bytes;
    cost += other.cost;
  }
  void Remove(const WorkLoad& other) {
    calls -= other.calls;
    bytes -= other.bytes;
    cost -= other.cost;
  }
};

// Whether work was taken.
enum class Admission { kTaken, kPoolFull, kOwnerFull };

// A few threads that take the steps of calls in turn: each owner one turn, then the
// next owner, and of one owner each call one turn. So a call waits for no longer
// than one turn of each other owner, however much these have waiting. What may wait
// is bounded; one owner may have half of it.
//
// Thread safety: any thread.
class WorkPool {
 public:
  WorkPool(int threads, const WorkLoad& limit);
  // Drops what waits.
  ~WorkPool();

  int thread_count() const { return static_cast<int>(threads_.size()); }
  // Nothing is done with what is not taken. What is large by itself is taken alone.
  Admission Submit(std::unique_ptr<Work> work, const std::string& owner, size_t bytes, size_t cost);
  // Drops every work at its next step, and whatever is submitted later.
  void Drain();
  // Calls that wait or are under way.
  size_t waiting() const;

 private:
  struct Owner;
  struct Job {
    std::unique_ptr<Work> work;
    std::pair<const std::string, Owner>* owner = nullptr;
    WorkLoad load;
    bool begun = false;
    bool waits = false;  // stands in its owner's turns
    bool dropped = false;
    size_t steps = 0;
    size_t next = 0;                // the first that nobody has taken
    std::deque<size_t> unfinished;  // to be gone on with
    size_t ended = 0;
  };
  using JobPtr = std::shared_ptr<Job>;
  struct Owner {
    WorkLoad load;
    std::deque<JobPtr> turns;  // those that have a turn to be taken
  };
  using NamedOwner = std::pair<const std::string, Owner>;
  // What a thread is to do.
  struct Turn {
    JobPtr job;
    enum { kBegin, kStep, kDrop, kNothing } what = kNothing;
    size_t step = 0;
  };

  void Run(size_t thread);
  Turn Take() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Lets the job wait for a turn, unless it does.
  void Wait(const JobPtr& job) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Ends what is left of a job but for the steps that others are taking. True when
  // there are none: it is to be dropped now.
  static bool TakeLeft(Job& job);
  void Begin(const JobPtr& job);
  void Step(const JobPtr& job, size_t step, size_t thread);
  void Forget(const JobPtr& job);
  bool Exceeds(const WorkLoad& load, const WorkLoad& more, size_t share) const;

  const WorkLoad limit_;
  mutable absl::Mutex mutex_;
  // Those that have work; where they stand stays.
  absl::flat_hash_map<std::string, std::unique_ptr<NamedOwner>> owners_ ABSL_GUARDED_BY(mutex_);
  // Those with a job that has a turn to be taken, each once.
  std::deque<NamedOwner*> turns_ ABSL_GUARDED_BY(mutex_);
  WorkLoad load_ ABSL_GUARDED_BY(mutex_);
  bool draining_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace communique::server

#endif  // COMMUNIQUE_SERVICE_SERVER_WORK_POOL_H_
