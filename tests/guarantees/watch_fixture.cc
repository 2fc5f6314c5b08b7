#include "tests/guarantees/watch_fixture.h"

#include <random>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "service/base/error.h"
#include "service/journal/rocksdb_store.h"
#include "tests/support/records.h"

namespace communique::guarantees {

using journal::LocalStore;
using journal::Version;

// Passes everything on; Apply waits at the gate, before anything is durable.
class GatedStore final : public LocalStore {
 public:
  explicit GatedStore(std::unique_ptr<LocalStore> inner) : inner_(std::move(inner)) {}

  void Hold() {
    absl::MutexLock lock(&mutex_);
    held_ = true;
  }
  void Release() {
    absl::MutexLock lock(&mutex_);
    held_ = false;
  }

  absl::Status Apply(const journal::CommitGroup& group) override {
    {
      absl::MutexLock lock(&mutex_);
      const auto open = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return !held_; };
      mutex_.Await(absl::Condition(&open));
    }
    return inner_->Apply(group);
  }
  absl::StatusOr<bool> TrimStep() override { return inner_->TrimStep(); }
  absl::Status SaveLoads(
      const absl::flat_hash_map<std::string, journal::LoadPosition>& positions) override {
    return inner_->SaveLoads(positions);
  }
  const journal::Identity& identity() const override { return inner_->identity(); }
  int64_t head() const override { return inner_->head(); }
  int64_t oldest() const override { return inner_->oldest(); }
  std::string head_hash() const override { return inner_->head_hash(); }
  int64_t live_count() const override { return inner_->live_count(); }
  bool durable() const override { return inner_->durable(); }
  int64_t disk_bytes() const override { return inner_->disk_bytes(); }
  absl::string_view engine_name() const override { return inner_->engine_name(); }
  absl::StatusOr<std::optional<Version>> Find(absl::string_view name, int64_t at) const override {
    return inner_->Find(name, at);
  }
  absl::StatusOr<std::string> ReadChange(int64_t revision, int32_t ordinal) const override {
    return inner_->ReadChange(revision, ordinal);
  }
  absl::Status ReadChanges(
      const std::vector<Version>& versions,
      absl::FunctionRef<bool(size_t, absl::string_view)> visit) const override {
    return inner_->ReadChanges(versions, visit);
  }
  absl::Status ScanNames(
      absl::string_view prefix, absl::string_view after, int64_t at,
      absl::FunctionRef<bool(absl::string_view, const Version&)> visit) const override {
    return inner_->ScanNames(prefix, after, at, visit);
  }
  absl::Status ScanHistory(absl::string_view name, int64_t at,
                           absl::FunctionRef<bool(const Version&)> visit) const override {
    return inner_->ScanHistory(name, at, visit);
  }
  absl::Status ReadCommits(
      int64_t from, absl::FunctionRef<bool(const journal::StoredCommit&)> visit) const override {
    return inner_->ReadCommits(from, visit);
  }
  absl::Status ReadHeader(
      int64_t revision,
      absl::FunctionRef<void(absl::string_view, absl::string_view)> visit) const override {
    return inner_->ReadHeader(revision, visit);
  }
  absl::StatusOr<journal::LoadPosition> FindLoad(absl::string_view key) const override {
    return inner_->FindLoad(key);
  }

 private:
  const std::unique_ptr<LocalStore> inner_;
  absl::Mutex mutex_;
  bool held_ ABSL_GUARDED_BY(mutex_) = false;
};

RawWatch::RawWatch(const std::string& endpoint, const v1::WatchRequest& request) {
  grpc::ChannelArguments arguments;
  // A connection of its own, with small windows, so that a client that does not
  // read is felt early.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  stub_ = v1::FeedService::NewStub(
      grpc::CreateCustomChannel(endpoint, grpc::InsecureChannelCredentials(), arguments));
  reader_ = stub_->Watch(&context_, request);
}

RawWatch::~RawWatch() {
  context_.TryCancel();
  v1::WatchResponse ignored;
  while (reader_ != nullptr && reader_->Read(&ignored)) {
  }
}

bool RawWatch::ReadOne() {
  Received received;
  const absl::Time begin = absl::Now();
  if (!reader_->Read(&received.response)) return false;
  received.time = absl::Now();
  if (!recording_.empty()) received.waited = received.time - begin;
  recording_.push_back(std::move(received));
  return true;
}

bool RawWatch::ReadUntil(const std::function<bool(const Recording&)>& enough) {
  while (!enough(recording_)) {
    if (!ReadOne()) return false;
  }
  return true;
}

bool RawWatch::ReadThrough(int64_t revision) {
  return ReadUntil([&](const Recording&) { return through() >= revision; });
}

absl::Status RawWatch::Finish() {
  while (ReadOne()) {
  }
  return testing::FromGrpc(std::exchange(reader_, nullptr)->Finish());
}

int64_t RawWatch::through() const {
  return recording_.empty() ? -1 : recording_.back().response.through_revision();
}

std::string RawWatch::token() const {
  return recording_.empty() ? "" : recording_.back().response.resume_token();
}

bool RawWatch::Saw(v1::WatchMark mark) const {
  for (const Received& received : recording_) {
    for (const int seen : received.response.marks()) {
      if (seen == mark) return true;
    }
  }
  return false;
}

WatchFixture::WatchFixture(size_t feed_window_bytes, bool gated)
    : feed_window_bytes_(feed_window_bytes), gated_(gated) {
  Start();
}

WatchFixture::~WatchFixture() {
  JoinTraffic();
  if (gate_ != nullptr) gate_->Release();
}

void WatchFixture::Start() {
  journal::RocksDbOptions rocks;
  rocks.data_dir = dir_ / "data";
  auto opened = journal::RocksDbStore::Open(rocks);
  if (!opened.ok()) FAIL() << opened.status();
  std::unique_ptr<LocalStore> store = *std::move(opened);
  if (gated_) {
    auto gate = std::make_unique<GatedStore>(std::move(store));
    gate_ = gate.get();
    store = std::move(gate);
  }
  server::ServiceOptions options;
  options.feed_window_bytes = feed_window_bytes_;
  auto service = server::Service::StartOver(std::move(store), options, clock_);
  if (!service.ok()) FAIL() << service.status();
  service_ = *std::move(service);
  server::GrpcServerOptions listeners;
  listeners.listen = "127.0.0.1:0";
  listeners.admin_listen = "127.0.0.1:0";
  listeners.drain_pause = absl::ZeroDuration();
  auto server = server::GrpcServer::Start(listeners, *service_);
  if (!server.ok()) FAIL() << server.status();
  server_ = *std::move(server);
}

void WatchFixture::Restart() {
  server_.reset();
  service_.reset();
  Start();
}

History WatchFixture::history() const {
  History history;
  const absl::Status status = ReadHistory(service_->local(), history);
  EXPECT_TRUE(status.ok()) << status;
  return history;
}

int64_t WatchFixture::Commit(v1::CommitRequest request) {
  absl::Notification done;
  int64_t revision = 0;
  service_->store().Commit(std::move(request), "writer",
                           [&](absl::StatusOr<v1::CommitResponse> response) {
                             // Random traffic merges and deletes what is gone: such
                             // commits are refused, and change nothing.
                             if (response.ok()) revision = response->revision();
                             done.Notify();
                           });
  done.WaitForNotification();
  return revision;
}

void WatchFixture::CommitLater(v1::CommitRequest request) {
  service_->store().Commit(std::move(request), "writer", [](auto) {});
}

int64_t WatchFixture::PutActor(const std::string& id, const std::string& title) {
  return Commit(testing::Put(testing::MakeActor(id, title)));
}

void WatchFixture::StartTraffic(int writers, int commits_each, unsigned seed) {
  for (int writer = 0; writer < writers; ++writer) {
    traffic_.emplace_back([this, writer, commits_each, seed] {
      std::mt19937 random(seed * 1000 + static_cast<unsigned>(writer));
      const auto pick = [&](int n) {
        return static_cast<int>(random() % static_cast<unsigned>(n));
      };
      for (int i = 0; i < commits_each; ++i) {
        v1::CommitRequest request;
        std::set<std::string> names;
        const int mutations = 1 + pick(5);
        while (static_cast<int>(names.size()) < mutations) {
          names.insert(absl::StrCat(pick(2) == 0 ? "actors/" : "sources/", "n", pick(40)));
        }
        for (const std::string& name : names) {
          v1::Mutation& mutation = *request.add_mutations();
          const int choice = pick(20);
          if (choice == 0) {
            mutation.mutable_delete_()->set_name(name);
          } else if (choice == 1 && name.rfind("actors/", 0) == 0) {
            mutation.mutable_merge()->set_name(name);
            mutation.mutable_merge()->set_into(absl::StrCat("actors/n", pick(40)));
          } else {
            *mutation.mutable_put() =
                testing::MakeRecord(name, absl::StrCat("writer ", writer, " commit ", i));
          }
        }
        Commit(std::move(request));
      }
    });
  }
}

void WatchFixture::JoinTraffic() {
  for (std::thread& thread : traffic_) thread.join();
  traffic_.clear();
}

void WatchFixture::Traffic(int writers, int commits_each, unsigned seed) {
  StartTraffic(writers, commits_each, seed);
  JoinTraffic();
}

void WatchFixture::HoldSyncs() { gate_->Hold(); }
void WatchFixture::ReleaseSyncs() { gate_->Release(); }

v1::WatchRequest WatchFixture::FromRevision(int64_t revision) const {
  v1::WatchRequest request;
  request.set_start_revision(revision);
  return request;
}

std::unique_ptr<RawWatch> WatchFixture::Watch(const v1::WatchRequest& request) const {
  return std::make_unique<RawWatch>(endpoint(), request);
}

}  // namespace communique::guarantees
