#ifndef COMMUNIQUE_TESTS_UNIT_STORE_FIXTURE_H_
#define COMMUNIQUE_TESTS_UNIT_STORE_FIXTURE_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "communique/v1/publish.pb.h"
#include "gtest/gtest.h"
#include "service/base/clock.h"
#include "service/base/error.h"
#include "service/journal/embedded_journal.h"
#include "service/journal/memory_store.h"
#include "service/query/candidate_index.h"
#include "service/store/event_store.h"
#include "service/store/indexer.h"
#include "service/store/reader.h"

// The store over memory, and a small language of commits, for tests.
namespace communique::testing {

// A clock that stands still until it is moved.
class FakeClock final : public base::Clock {
 public:
  absl::Time Now() const override {
    absl::MutexLock lock(&mutex_);
    return now_;
  }
  void Advance(absl::Duration by) {
    absl::MutexLock lock(&mutex_);
    now_ += by;
  }

 private:
  mutable absl::Mutex mutex_;
  absl::Time now_ ABSL_GUARDED_BY(mutex_) = absl::FromUnixSeconds(1'700'000'000);
};

// A LocalStore that counts its groups, and can hold them up or refuse them.
class WatchedStore final : public journal::LocalStore {
 public:
  explicit WatchedStore(journal::LocalStore& base) : base_(base) {}

  // The next Apply does not return before Release.
  void Hold() {
    absl::MutexLock lock(&mutex_);
    open_ = false;
  }
  void Release() {
    absl::MutexLock lock(&mutex_);
    open_ = true;
  }
  // ReadChange does not return before ReleaseReads.
  void HoldReads() {
    absl::MutexLock lock(&mutex_);
    reads_open_ = false;
  }
  void ReleaseReads() {
    absl::MutexLock lock(&mutex_);
    reads_open_ = true;
  }
  // Until somebody waits in ReadChange.
  void WaitUntilReadHeld() {
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(&read_held_));
  }
  // Until a group waits in Apply.
  void WaitUntilHeld() {
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(&held_));
  }
  // From now on, or after the group that is held.
  void FailWith(absl::Status failure, bool after_held = false) {
    absl::MutexLock lock(&mutex_);
    failure_ = std::move(failure);
    first_failing_ = after_held || !held_ ? applies_ : applies_ - 1;
  }
  int applies() const {
    absl::MutexLock lock(&mutex_);
    return applies_;
  }

  absl::Status SaveLoads(
      const absl::flat_hash_map<std::string, journal::LoadPosition>& positions) override {
    return base_.SaveLoads(positions);
  }
  absl::StatusOr<bool> TrimStep() override { return base_.TrimStep(); }
  absl::Status Apply(const journal::CommitGroup& group) override {
    {
      absl::MutexLock lock(&mutex_);
      ++applies_;
      held_ = !open_;
      mutex_.Await(absl::Condition(&open_));
      held_ = false;
      if (!failure_.ok() && applies_ > first_failing_) return failure_;
    }
    return base_.Apply(group);
  }
  const journal::Identity& identity() const override { return base_.identity(); }
  int64_t head() const override { return base_.head(); }
  int64_t oldest() const override { return base_.oldest(); }
  std::string head_hash() const override { return base_.head_hash(); }
  int64_t live_count() const override { return base_.live_count(); }
  bool durable() const override { return base_.durable(); }
  int64_t disk_bytes() const override { return base_.disk_bytes(); }
  absl::string_view engine_name() const override { return base_.engine_name(); }
  absl::StatusOr<std::optional<journal::Version>> Find(absl::string_view name,
                                                       int64_t at_revision) const override {
    return base_.Find(name, at_revision);
  }
  absl::StatusOr<std::string> ReadChange(int64_t revision, int32_t ordinal) const override {
    {
      absl::MutexLock lock(&mutex_);
      read_held_ = !reads_open_;
      mutex_.Await(absl::Condition(&reads_open_));
      read_held_ = false;
    }
    return base_.ReadChange(revision, ordinal);
  }
  absl::Status ReadChanges(
      const std::vector<journal::Version>& versions,
      absl::FunctionRef<bool(size_t, absl::string_view)> visit) const override {
    return base_.ReadChanges(versions, visit);
  }
  absl::Status ScanNames(absl::string_view prefix, absl::string_view after, int64_t at_revision,
                         absl::FunctionRef<bool(absl::string_view, const journal::Version&)> visit)
      const override {
    return base_.ScanNames(prefix, after, at_revision, visit);
  }
  absl::Status ScanHistory(absl::string_view name, int64_t at_revision,
                           absl::FunctionRef<bool(const journal::Version&)> visit) const override {
    return base_.ScanHistory(name, at_revision, visit);
  }
  absl::Status ReadCommits(
      int64_t from_exclusive,
      absl::FunctionRef<bool(const journal::StoredCommit&)> visit) const override {
    return base_.ReadCommits(from_exclusive, visit);
  }
  absl::Status ReadHeader(
      int64_t revision,
      absl::FunctionRef<void(absl::string_view, absl::string_view)> visit) const override {
    return base_.ReadHeader(revision, visit);
  }
  absl::StatusOr<journal::LoadPosition> FindLoad(absl::string_view load_key) const override {
    return base_.FindLoad(load_key);
  }

 private:
  journal::LocalStore& base_;
  mutable absl::Mutex mutex_;
  bool open_ ABSL_GUARDED_BY(mutex_) = true;
  bool held_ ABSL_GUARDED_BY(mutex_) = false;
  bool reads_open_ ABSL_GUARDED_BY(mutex_) = true;
  mutable bool read_held_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status failure_ ABSL_GUARDED_BY(mutex_);
  int first_failing_ ABSL_GUARDED_BY(mutex_) = 0;
  int applies_ ABSL_GUARDED_BY(mutex_) = 0;
};

// Commits. Documents stand for every kind: a source has elements (its revisions)
// and references (what it cites).
struct Doc {
  std::string title = "a";
  std::vector<std::string> cites = {};
  std::vector<std::string> elements = {};
};

inline v1::Record Source(const std::string& id, const Doc& doc = {}) {
  v1::Record record;
  record.set_name("sources/" + id);
  record.mutable_source()->set_title(doc.title);
  record.mutable_source()->set_type(v1::SOURCE_TYPE_ARTICLE);
  for (const std::string& target : doc.cites) {
    record.mutable_source()->add_cited_sources()->set_target("sources/" + target);
  }
  for (const std::string& element : doc.elements) {
    record.mutable_source()->add_revisions()->set_id(element);
  }
  return record;
}

inline v1::CommitRequest Create(const std::string& id, const Doc& doc = {}) {
  v1::CommitRequest request;
  *request.add_mutations()->mutable_create() = Source(id, doc);
  return request;
}

inline v1::CommitRequest Put(const std::string& id, const Doc& doc = {},
                             const std::string& etag = "") {
  v1::CommitRequest request;
  *request.add_mutations()->mutable_put() = Source(id, doc);
  request.mutable_mutations(0)->mutable_put()->set_etag(etag);
  return request;
}

inline v1::CommitRequest Update(const std::string& id, const Doc& doc, const std::string& mask,
                                const std::string& etag = "") {
  v1::CommitRequest request;
  auto& update = *request.add_mutations()->mutable_update();
  *update.mutable_record() = Source(id, doc);
  update.mutable_record()->set_etag(etag);
  if (!mask.empty()) update.mutable_update_mask()->add_paths(mask);
  return request;
}

inline v1::CommitRequest Delete(const std::string& id, const std::string& etag = "") {
  v1::CommitRequest request;
  request.add_mutations()->mutable_delete_()->set_name("sources/" + id);
  request.mutable_mutations(0)->mutable_delete_()->set_etag(etag);
  return request;
}

inline v1::CommitRequest Rekey(const std::string& id, const std::string& successor) {
  v1::CommitRequest request = Delete(id);
  auto& deletion = *request.mutable_mutations(0)->mutable_delete_();
  deletion.set_cause(v1::TOMBSTONE_CAUSE_REKEYED);
  deletion.set_successor("sources/" + successor);
  return request;
}

inline v1::CommitRequest Merge(const std::string& id, const std::string& into) {
  v1::CommitRequest request;
  auto& merge = *request.add_mutations()->mutable_merge();
  merge.set_name("sources/" + id);
  merge.set_into("sources/" + into);
  return request;
}

inline v1::CommitRequest Unmerge(const std::string& id) {
  v1::CommitRequest request;
  request.add_mutations()->mutable_unmerge()->set_name("sources/" + id);
  return request;
}

// One commit of several.
inline v1::CommitRequest All(std::initializer_list<v1::CommitRequest> parts) {
  v1::CommitRequest all;
  for (const v1::CommitRequest& part : parts) all.MergeFrom(part);
  return all;
}

inline v1::CommitRequest WithId(const std::string& request_id, v1::CommitRequest request) {
  request.set_request_id(request_id);
  return request;
}

inline v1::CommitRequest ValidateOnly(v1::CommitRequest request) {
  request.set_validate_only(true);
  return request;
}

// "ABORTED ETAG_MISMATCH"; "OK" for none.
inline std::string Show(const absl::Status& status) {
  if (status.ok()) return "OK";
  return absl::StrCat(absl::StatusCodeToString(status.code()), " ",
                      absl::StripPrefix(v1::ErrorReason_Name(base::ReasonOf(status)),
                                        "ERROR_REASON_"));
}

// "revision 3", with " (no change)" when nothing did and " (replayed)" for a
// repeat's; or the error.
inline std::string Show(const absl::StatusOr<v1::CommitResponse>& answer) {
  if (!answer.ok()) return Show(answer.status());
  bool changed = false;
  for (const v1::MutationResult& result : answer->results()) changed |= result.changed();
  return absl::StrCat("revision ", answer->revision(), changed ? "" : " (no change)",
                      answer->replayed() ? " (replayed)" : "");
}

// A commit whose answer is not there yet.
class Pending {
 public:
  store::CommitCallback Callback() {
    return [this](absl::StatusOr<v1::CommitResponse> answer) {
      answer_ = std::move(answer);
      done_.Notify();
    };
  }
  const absl::StatusOr<v1::CommitResponse>& Wait() {
    done_.WaitForNotification();
    return answer_;
  }

 private:
  absl::Notification done_;
  absl::StatusOr<v1::CommitResponse> answer_ = absl::UnknownError("no answer yet");
};

// A store over memory with everything that a test turns.
class StoreTest : public ::testing::Test {
 protected:
  void SetUp() override { Start(); }

  // A new process over the same memory.
  void Restart() {
    store_.reset();
    journal_.reset();
    local_.FailWith(absl::OkStatus());
    Start();
  }

  absl::StatusOr<v1::CommitResponse> Commit(const v1::CommitRequest& request,
                                            const std::string& principal = "alice") {
    Pending pending;
    store_->Commit(request, principal, pending.Callback());
    last_ = pending.Wait();
    return last_;
  }
  // What is answered, in words.
  std::string Do(const v1::CommitRequest& request, const std::string& principal = "alice") {
    return Show(Commit(request, principal));
  }
  // The error of the last commit.
  std::string Metadata(absl::string_view key) const {
    return base::MetadataOf(last_.status(), key);
  }
  // A refused commit leaves no trace.
  int64_t head() const { return memory_.head(); }

  // "title" of what stands, or the error's reason.
  std::string Get(const std::string& id) const {
    const auto view = reader_.Open({});
    if (!view.ok()) return Show(view.status());
    const auto found = view->Get("sources/" + id);
    if (!found.ok()) return Show(found.status());
    v1::Record record;
    const absl::string_view bytes = found->record_bytes();
    EXPECT_TRUE(record.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
    return record.source().title();
  }
  v1::Record Record(const std::string& id) const {
    v1::Record record;
    const auto view = reader_.Open({});
    const auto found = view->Get("sources/" + id);
    EXPECT_TRUE(found.ok()) << found.status();
    if (!found.ok()) return record;
    const absl::string_view bytes = found->record_bytes();
    EXPECT_TRUE(record.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
    return record;
  }
  // The change that a revision made to its nth record.
  v1::Change Change(int64_t revision, int32_t ordinal = 1) const {
    v1::Change change;
    const auto framed = memory_.ReadChange(revision, ordinal);
    EXPECT_TRUE(framed.ok()) << framed.status();
    if (!framed.ok()) return change;
    const absl::string_view bytes = journal::UnframeChange(*framed);
    EXPECT_TRUE(change.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
    return change;
  }

  FakeClock clock_;
  journal::MemoryStore memory_;
  WatchedStore local_{memory_};
  query::CandidateIndex index_{"store", "epoch"};
  store::Indexer indexer_{local_, index_};
  store::Reader reader_{local_, index_};
  std::unique_ptr<journal::EmbeddedJournal> journal_;
  std::unique_ptr<store::EventStore> store_;
  absl::StatusOr<v1::CommitResponse> last_ = absl::UnknownError("nothing was committed");

 private:
  bool indexing_ = false;
  void Start() {
    journal_ = std::make_unique<journal::EmbeddedJournal>(local_);
    store_ = std::make_unique<store::EventStore>(local_, *journal_, clock_);
    if (!indexing_) {
      const absl::Status indexing = indexer_.Start("");
      EXPECT_TRUE(indexing.ok()) << indexing;
      indexing_ = true;
    }
    store_->AddListener(indexer_);
    for (store::CommitListener* listener : Listeners()) store_->AddListener(*listener);
    const absl::Status started = store_->Start();
    EXPECT_TRUE(started.ok()) << started;
  }
  virtual std::vector<store::CommitListener*> Listeners() { return {}; }
};

}  // namespace communique::testing

#endif  // COMMUNIQUE_TESTS_UNIT_STORE_FIXTURE_H_
