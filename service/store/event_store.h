#ifndef COMMUNIQUE_SERVICE_STORE_EVENT_STORE_H_
#define COMMUNIQUE_SERVICE_STORE_EVENT_STORE_H_

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "communique/v1/publish.pb.h"
#include "service/base/clock.h"
#include "service/journal/journal.h"
#include "service/journal/trimmer.h"
#include "service/store/commit_listener.h"
#include "service/store/planner.h"
#include "service/store/request_ids.h"
#include "service/store/stats.h"

namespace communique::store {

// Called once, on the writer's thread or, for what is refused at once, on the
// caller's. Must not block.
using CommitCallback = absl::AnyInvocable<void(absl::StatusOr<v1::CommitResponse>)>;

// The same, with the oldest revision that is held then.
using TrimCallback = absl::AnyInvocable<void(absl::StatusOr<int64_t> oldest)>;

// The lines of one load, in order. Once a line is refused no later one applies.
class LoadSession {
 public:
  LoadSession(std::string principal, std::string load_id, std::string reason)
      : principal_(std::move(principal)), load_id_(std::move(load_id)),
        reason_(std::move(reason)) {}

  const std::string& principal() const { return principal_; }
  const std::string& load_id() const { return load_id_; }
  const std::string& reason() const { return reason_; }
  bool broken() const { return broken_.load(std::memory_order_acquire); }
  void Break() { broken_.store(true, std::memory_order_release); }

 private:
  const std::string principal_;
  const std::string load_id_;
  const std::string reason_;
  std::atomic<bool> broken_{false};
};

// The only writer. Proposals wait in a queue; one thread takes them as a group,
// checks each against the applied state and the earlier accepted ones of its
// group, appends the accepted ones to the journal in one step, tells the
// listeners, and answers. So revisions are dense and rise, and no commit is
// ever seen in part.
//
// A refused proposal takes no revision and changes nothing. A commit that
// changes nothing takes no revision either and answers the one that stands.
// After the journal stopped every proposal is answered UNAVAILABLE.
//
// Thread safety: any thread, but for AddListener, which precedes Start.
class EventStore {
 public:
  // All outlive this.
  EventStore(journal::LocalStore& local, journal::Journal& journal, const base::Clock& clock);
  ~EventStore();

  void AddListener(CommitListener& listener) { listeners_.push_back(&listener); }
  // To be called, with a lock held, when the journal stops; null: nothing is.
  void SetStoppedCallback(absl::AnyInvocable<void()> stopped);
  // Reads the journal's tail for request ids and starts the writer.
  absl::Status Start();
  // Refuses new proposals, finishes those that wait, ends the writer.
  void Stop();

  // Answers INVALID_ARGUMENT, NOT_FOUND, ALREADY_EXISTS, ABORTED,
  // FAILED_PRECONDITION, RESOURCE_EXHAUSTED, UNAVAILABLE; see publish.proto.
  void Commit(v1::CommitRequest request, std::string principal, CommitCallback done);

  // One line of a load. A line not above the last one held is answered with the
  // revision that stands, and not applied.
  void CommitLine(std::shared_ptr<LoadSession> session, int64_t line, v1::CommitRequest request,
                  CommitCallback done);
  absl::StatusOr<journal::LoadPosition> FindLoad(const LoadSession& session) const;

  // Makes `revision` the oldest one held, by a commit without changes: durable and
  // seen by every read before it is answered. What was superseded at or before it
  // is deleted afterwards. A revision at or below the oldest is no commit and
  // answers the one that stands. INVALID_ARGUMENT below 1 or beyond the head,
  // RESOURCE_EXHAUSTED, UNAVAILABLE.
  void Trim(int64_t revision, std::string principal, TrimCallback done);
  // Waits until all that was trimmed is deleted.
  void WaitUntilTrimmed() const { trimmer_.WaitUntilDone(); }

  // OK, or why no writes are taken.
  absl::Status health() const { return journal_.health(); }
  const StoreCounters& counters() const { return counters_; }

 private:
  struct Proposal {
    v1::CommitRequest request;
    std::string principal;
    std::string digest;  // empty without a request id
    std::shared_ptr<LoadSession> load;
    int64_t line = 0;
    int64_t trim_revision = 0;  // above 0: a trim, and no request
    size_t bytes = 0;
    absl::Time begin;      // steady
    bool applied = false;  // it takes a revision
    CommitCallback done;
  };
  // An answer that waits for its group to be durable.
  struct Answer {
    CommitCallback done;
    absl::StatusOr<v1::CommitResponse> result;
  };
  // The group as it is being planned.
  struct Group {
    explicit Group(const journal::LocalStore& store) : state(store) {}
    StateOverlay state;
    journal::CommitGroup commits;
    std::vector<Answer> answers;
    size_t bytes = 0;
    int64_t head = 0;
    int64_t oldest = 0;
    std::string head_hash;
    absl::Time last_time;
    absl::flat_hash_map<std::string, int64_t> load_lines;
    // Loads that got on by lines which changed nothing.
    absl::flat_hash_map<std::string, journal::LoadPosition> load_marks;
    // By revision: what a repeat within the group is answered, for the journal
    // does not hold it yet.
    absl::flat_hash_map<int64_t, v1::CommitResponse> responses;
  };

  void Enqueue(std::unique_ptr<Proposal> proposal);
  void RunWriter();
  std::vector<std::unique_ptr<Proposal>> TakeProposals();
  // The proposals after `from` wait on, in their order, for the next group.
  void PutBack(std::vector<std::unique_ptr<Proposal>>& proposals, size_t from);
  absl::Status RememberRequests();
  absl::StatusOr<v1::CommitResponse> Plan(Proposal& proposal, Group& group);
  absl::StatusOr<v1::CommitResponse> PlanTrim(Proposal& proposal, Group& group);
  absl::Time NextTime(const Group& group) const;
  // An earlier answer to the same request id, if there is one.
  absl::StatusOr<std::optional<v1::CommitResponse>> FindRepeat(const Proposal& proposal,
                                                               const Group& group) const;
  absl::StatusOr<v1::CommitResponse> ReadAnswer(int64_t revision) const;
  // The answer of a commit that changes nothing.
  absl::StatusOr<v1::CommitResponse> Standing(const Group& group) const;
  absl::StatusOr<int64_t> HeldLine(const Proposal& proposal, const Group& group) const;
  void CountAppended(const journal::CommitGroup& commits, absl::Time begin);
  void CountAnswer(const Proposal& proposal, const absl::StatusOr<v1::CommitResponse>& result);

  journal::LocalStore& local_;
  journal::Journal& journal_;
  const base::Clock& clock_;
  std::vector<CommitListener*> listeners_;
  StoreCounters counters_;
  journal::Trimmer trimmer_;

  // Owned by the writer's thread after Start.
  RequestIds request_ids_;
  absl::Time last_time_ = absl::InfinitePast();

  absl::Mutex stopped_mutex_;
  absl::AnyInvocable<void()> stopped_ ABSL_GUARDED_BY(stopped_mutex_);

  absl::Mutex mutex_;
  std::deque<std::unique_ptr<Proposal>> queue_ ABSL_GUARDED_BY(mutex_);
  size_t queue_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = true;
  std::thread writer_;
};

}  // namespace communique::store

#endif  // COMMUNIQUE_SERVICE_STORE_EVENT_STORE_H_
