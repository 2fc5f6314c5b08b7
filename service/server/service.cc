#include "service/server/service.h"

#include <thread>

#include "absl/strings/str_cat.h"
#include "service/base/limits.h"
#include "service/journal/memory_store.h"
#include "service/journal/rocksdb_store.h"
#include "service/server/screening_pool.h"

namespace communique::server {

absl::StatusOr<std::unique_ptr<Service>> Service::Start(const ServiceOptions& options,
                                                        const base::Clock& clock) {
  if (options.journal == "memory") {
    return StartOver(std::make_unique<journal::MemoryStore>(), options, clock);
  }
  if (options.journal != "rocksdb") {
    return absl::InvalidArgumentError(
        absl::StrCat("--journal=", options.journal, ": known are rocksdb, memory"));
  }
  if (options.data_dir.empty()) {
    return absl::InvalidArgumentError("--data_dir is required with --journal=rocksdb");
  }
  journal::RocksDbOptions rocks;
  rocks.data_dir = options.data_dir;
  auto store = journal::RocksDbStore::Open(rocks);
  if (!store.ok()) return store.status();
  return StartOver(*std::move(store), options, clock);
}

absl::StatusOr<std::unique_ptr<Service>> Service::StartOver(
    std::unique_ptr<journal::LocalStore> local, const ServiceOptions& options,
    const base::Clock& clock) {
  std::unique_ptr<Service> service(new Service(clock));
  service->local_ = std::move(local);
  service->journal_ = std::make_unique<journal::EmbeddedJournal>(*service->local_);
  const journal::Identity& identity = service->local_->identity();
  service->index_ = std::make_unique<query::CandidateIndex>(identity.store_id, identity.epoch);
  service->indexer_ = std::make_unique<store::Indexer>(*service->local_, *service->index_);
  const std::string index_folder =
      options.journal != "rocksdb" || options.data_dir.empty() ? "" : absl::StrCat(options.data_dir, "/index");
  if (absl::Status status = service->indexer_->Start(index_folder); !status.ok()) return status;
  service->reader_ = std::make_unique<store::Reader>(*service->local_, *service->index_);
  service->merged_names_ = std::make_unique<store::MergedNames>(*service->local_);
  service->lists_ = std::make_unique<screening::ListVersions>(*service->reader_);
  service->screening_ = std::make_unique<ScreeningPool>(
      *service->reader_, *service->merged_names_,
      static_cast<int>(std::thread::hardware_concurrency()));
  service->waiters_ = std::make_unique<RevisionWaiters>(service->local_->head());
  service->feed_ = std::make_unique<feed::Feed>(*service->journal_, *service->reader_, clock,
                                                options.feed_window_bytes, options.watch_limits);
  service->store_ =
      std::make_unique<store::EventStore>(*service->local_, *service->journal_, clock);
  // Before reads see a commit, so that none finds these two out of date.
  service->store_->AddListener(*service->merged_names_);
  service->store_->AddListener(*service->lists_);
  // Before the others, so that whoever is told of a commit can read it.
  service->store_->AddListener(*service->indexer_);
  service->store_->AddListener(*service->feed_);
  service->store_->AddListener(*service->waiters_);
  if (absl::Status status = service->store_->Start(); !status.ok()) return status;
  service->feed_->Start();
  if (options.retention > absl::ZeroDuration()) {
    service->retention_ = std::make_unique<RetentionTrimmer>(
        *service->store_, *service->reader_, *service->local_, clock, options.retention);
    service->retention_->Start();
  }
  return service;
}

Service::Service(const base::Clock& clock) : clock_(clock), start_time_(clock.Now()) {}

Service::~Service() {
  if (retention_ != nullptr) retention_->Stop();
  if (store_ != nullptr) store_->Stop();
  if (feed_ != nullptr) feed_->Stop();
  if (indexer_ != nullptr) indexer_->Stop();
}

}  // namespace communique::server
