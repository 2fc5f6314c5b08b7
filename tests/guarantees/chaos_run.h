#ifndef COMMUNIQUE_TESTS_GUARANTEES_CHAOS_RUN_H_
#define COMMUNIQUE_TESTS_GUARANTEES_CHAOS_RUN_H_

#include <atomic>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "tests/guarantees/checker.h"
#include "tests/guarantees/history.h"
#include "tests/support/server_process.h"

namespace communique::guarantees {

// How one watcher behaves.
struct WatcherHabits {
  std::string name = {};
  std::string filter = {};  // as `wanted` says it of names, or `matches` of bodies
  int shard_index = 0;
  int shard_count = 0;  // 0: no shard
  Wanted wanted = {};
  Matches matches = {};   // null: every body
  bool snapshot = false;  // begins with one, else from revision 0
  int pause_ms = 0;       // after each response
  double stall = 0;       // chance to stop reading until kStallCommits more were made
  double disconnect = 0;  // chance to go away, and come back with its last token
  // The same within a snapshot, whose first piece it always leaves after.
  double disconnect_within_snapshot = 0;
  double old_token = 0;  // of those, chance to come back with an older one
  // Goes away after what it was told first, and comes back after the next trim.
  bool outlasts_trims = false;
};

// What a watcher received without a break in its position: over one stream, or
// several of which each went on with the token that the one before gave last.
struct Segment {
  std::string watcher;
  Wanted wanted;
  Matches matches;
  bool snapshot = false;
  int64_t start = 0;  // the position that it was opened with
  Recording recording;
  int streams = 1;
  int resumed_snapshots = 0;       // streams that began within the snapshot
  bool outlasted_trim = false;     // its last token was from before a trim
  std::vector<absl::Status> ends;  // of its streams that the server ended
};

// Several writers, readers and watchers of every habit against the program on
// RocksDB, while it is killed, restarted and trimmed; all of it recorded.
// Streams are plain gRPC: nothing repairs them on the way.
class ChaosRun {
 public:
  ChaosRun(int commits, unsigned seed);
  ~ChaosRun();

  // Until about `commits` were acknowledged and every watcher is at the head. An
  // error when the run itself failed, not when a guarantee did.
  absl::Status Run();

  // After Run: what is to be checked.
  const History& history() const { return history_; }
  const Journal& journal() const { return journal_; }
  const std::vector<CommitOperation>& commits() const { return commits_; }
  const std::vector<ReadOperation>& reads() const { return reads_; }
  const std::vector<TrimOperation>& trims() const { return trims_; }
  const std::vector<Segment>& segments() const { return segments_; }
  int64_t changes() const;
  // The hash chain of what is on disk, and that it is what watchers of the
  // truth were sent.
  absl::Status CheckDisk() const;

  // How much there was of what makes it hard.
  int kills() const { return kills_; }
  int restarts() const { return restarts_; }
  int Fallbacks() const;  // marks that a watcher fell behind

 private:
  void Write(int number, unsigned seed);
  void Read(unsigned seed);
  void Watch(const WatcherHabits& habits, unsigned seed);
  bool WatchSegment(const WatcherHabits& habits, std::mt19937& random, Segment& segment,
                    std::string& next_token, int64_t& next_start);
  absl::Status Fill();
  absl::Status Disturb();
  absl::Status Trim(int64_t held_revisions);
  // Stops reading until that many more commits were acknowledged, or writing stops.
  void Stall(int commits) const;
  // Reads the truth up to the head.
  absl::Status Learn();
  void MakeJournal();

  const int target_;
  std::mt19937 random_;
  std::unique_ptr<testing::ServerProcess> server_;
  std::string endpoint_;
  std::atomic<int> acknowledged_{0};
  std::atomic<bool> stop_{false};        // writers and readers
  std::atomic<int64_t> trimmed_to_{0};   // the oldest revision, after the last trim
  std::atomic<int64_t> final_head_{-1};  // where watchers end
  History history_;
  int64_t learnt_ = 0;
  Journal journal_;
  int kills_ = 0;
  int restarts_ = 0;
  std::vector<TrimOperation> trims_;

  absl::Mutex mutex_;
  std::vector<CommitOperation> commits_;
  std::vector<ReadOperation> reads_;
  std::vector<Segment> segments_;
  std::vector<std::string> problems_;
};

}  // namespace communique::guarantees

#endif  // COMMUNIQUE_TESTS_GUARANTEES_CHAOS_RUN_H_
