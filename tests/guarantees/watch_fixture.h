#ifndef COMMUNIQUE_TESTS_GUARANTEES_WATCH_FIXTURE_H_
#define COMMUNIQUE_TESTS_GUARANTEES_WATCH_FIXTURE_H_

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "service/server/grpc_server.h"
#include "service/server/service.h"
#include "tests/guarantees/checker.h"
#include "tests/support/raw_client.h"
#include "tests/support/temp_dir.h"

namespace communique::guarantees {

// One watch over plain gRPC: nothing is resumed, dropped or repaired on the way.
class RawWatch {
 public:
  RawWatch(const std::string& endpoint, const v1::WatchRequest& request);
  ~RawWatch();

  // Reads responses until `enough` says so of what was recorded, or the stream
  // ends. False when it ended.
  bool ReadUntil(const std::function<bool(const Recording&)>& enough);
  bool ReadThrough(int64_t revision);
  bool ReadOne();
  // Reads to the end and answers how the stream ended.
  absl::Status Finish();
  void Cancel() { context_.TryCancel(); }

  const Recording& recording() const { return recording_; }
  int64_t through() const;
  std::string token() const;
  bool Saw(v1::WatchMark mark) const;

 private:
  std::unique_ptr<v1::FeedService::Stub> stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<v1::WatchResponse>> reader_;
  Recording recording_;
};

// A store that can hold its sync back, to tell what is durable from what is not.
class GatedStore;

// The service on RocksDB with its listeners, and random traffic.
class WatchFixture {
 public:
  explicit WatchFixture(size_t feed_window_bytes = 64 << 20, bool gated = false);
  ~WatchFixture();

  const std::string& endpoint() const { return server_->address(); }
  int64_t head() const { return service_->reader().head(); }
  History history() const;

  // Commits and waits; the revision.
  int64_t Commit(v1::CommitRequest request);
  int64_t PutActor(const std::string& id, const std::string& title);
  // Random puts, deletes and merges over a few names, one to five at once.
  void Traffic(int writers, int commits_each, unsigned seed);
  // The same in the background, until Join.
  void StartTraffic(int writers, int commits_each, unsigned seed);
  void JoinTraffic();

  // Of a gated fixture: holds every sync back, or lets them go.
  void HoldSyncs();
  void ReleaseSyncs();
  // Sends a commit and does not wait.
  void CommitLater(v1::CommitRequest request);

  v1::WatchRequest FromRevision(int64_t revision) const;
  std::unique_ptr<RawWatch> Watch(const v1::WatchRequest& request) const;
  // Stops and starts everything, over the same folder.
  void Restart();

 private:
  void Start();

  const size_t feed_window_bytes_;
  const bool gated_;
  testing::TempDir dir_;
  base::RealClock clock_;
  GatedStore* gate_ = nullptr;  // owned by service_
  std::unique_ptr<server::Service> service_;
  std::unique_ptr<server::GrpcServer> server_;
  std::vector<std::thread> traffic_;
};

}  // namespace communique::guarantees

#endif  // COMMUNIQUE_TESTS_GUARANTEES_WATCH_FIXTURE_H_
