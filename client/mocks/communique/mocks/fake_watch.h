#ifndef COMMUNIQUE_MOCKS_FAKE_WATCH_H_
#define COMMUNIQUE_MOCKS_FAKE_WATCH_H_

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "communique/connection.h"
#include "google/rpc/error_details.pb.h"

namespace communique {

// A feed that a test writes by hand, for code that uses a Watch or a Mirror:
//
//   communique::FakeWatch feed;
//   auto mock = std::make_shared<testing::NiceMock<communique::MockConnection>>();
//   ON_CALL(*mock, OpenWatch).WillByDefault([&](const auto& request) {
//     return feed.Open(request);
//   });
//   feed.Put(record);                              // revision 1
//   feed.Break(absl::UnavailableError("away"));    // what is open ends; it resumes
//
// It keeps the contract of feed.proto as far as one client sees it: responses
// chain, tokens resume, a snapshot comes first when it is asked for, a trimmed
// token is OUT_OF_RANGE. Filters and shards are not looked at. A checkpoint comes
// at the head, once for each position, and after each checkpoint interval without
// news.
//
// Thread safety: all methods from any thread. Streams may outlive the feed.
class FakeWatch {
 public:
  // Opens a stream, as Connection::OpenWatch.
  std::unique_ptr<WatchStream> Open(const v1::WatchRequest& request) {
    absl::MutexLock lock(&feed_->mutex);
    feed_->requests.push_back(request);
    return std::make_unique<Stream>(feed_, request);
  }

  // Commits one change; answers its revision. Fills the record's revision and etag.
  std::int64_t Put(v1::Record record) {
    v1::Change change;
    change.set_name(record.name());
    *change.mutable_record() = std::move(record);
    return Commit({std::move(change)});
  }
  std::int64_t Delete(const std::string& name) {
    v1::Change change;
    change.set_name(name);
    change.add_kinds(v1::CHANGE_KIND_DELETED);
    change.mutable_tombstone()->set_name(name);
    return Commit({std::move(change)});
  }
  // The record leaves the filter and lives on.
  std::int64_t Leave(const std::string& name) { return Commit({}, {name}); }
  // Any commit; answers its revision, which is set in the changes.
  std::int64_t Commit(std::vector<v1::Change> changes, std::vector<std::string> left = {}) {
    absl::MutexLock lock(&feed_->mutex);
    const auto revision = static_cast<std::int64_t>(feed_->log.size()) + 1;
    v1::WatchResponse& response = feed_->log.emplace_back();
    for (v1::Change& change : changes) {
      change.set_revision(revision);
      if (change.has_record()) {
        change.mutable_record()->set_revision(revision);
        change.mutable_record()->set_etag(absl::StrCat(feed_->epoch, "-", revision));
      }
      *response.add_changes() = std::move(change);
    }
    for (std::string& name : left) {
      response.add_left_records()->set_revision(revision);
      response.mutable_left_records()->rbegin()->set_name(std::move(name));
    }
    return revision;
  }

  // Ends every open stream with an error.
  void Break(absl::Status status) {
    absl::MutexLock lock(&feed_->mutex);
    feed_->breaks.push_back(std::move(status));
  }
  // Tokens from before this revision have expired.
  void Trim(std::int64_t oldest_revision) {
    absl::MutexLock lock(&feed_->mutex);
    feed_->oldest = oldest_revision;
  }

  // Every request that a stream was opened with.
  std::vector<v1::WatchRequest> requests() const {
    absl::MutexLock lock(&feed_->mutex);
    return feed_->requests;
  }

 private:
  struct Feed {
    absl::Mutex mutex;
    std::string epoch ABSL_GUARDED_BY(mutex) = "e";
    std::vector<v1::WatchResponse> log ABSL_GUARDED_BY(mutex);  // of revision index + 1
    std::vector<absl::Status> breaks ABSL_GUARDED_BY(mutex);
    std::int64_t oldest ABSL_GUARDED_BY(mutex) = 0;
    std::vector<v1::WatchRequest> requests ABSL_GUARDED_BY(mutex);
  };

  class Stream final : public WatchStream {
   public:
    Stream(std::shared_ptr<Feed> feed, const v1::WatchRequest& request)
        ABSL_EXCLUSIVE_LOCKS_REQUIRED(feed->mutex)
        : feed_(std::move(feed)), breaks_before_(feed_->breaks.size()) {
      const auto head = static_cast<std::int64_t>(feed_->log.size());
      position_ = head;
      if (request.has_start_revision()) position_ = request.start_revision();
      if (request.has_resume_token()) {
        bad_token_ = !absl::SimpleAtoi(request.resume_token(), &position_) || position_ > head;
      }
      in_snapshot_ = request.snapshot();
      if (request.has_until_revision()) until_ = request.until_revision();
      if (request.until_head()) until_ = std::max(head, position_);
      if (request.has_checkpoint_interval()) {
        interval_ = absl::Seconds(request.checkpoint_interval().seconds()) +
                    absl::Nanoseconds(request.checkpoint_interval().nanos());
      }
    }

    absl::StatusOr<std::optional<WatchBatch>> Read(absl::Duration max_silence) override {
      absl::MutexLock lock(&feed_->mutex);
      const auto ready = [this]() ABSL_SHARED_LOCKS_REQUIRED(feed_->mutex) {
        return cancelled_ || in_snapshot_ || !checkpoint_told_ || ended() || expired() ||
               feed_->breaks.size() > breaks_before_ || position_ < head();
      };
      const bool news =
          feed_->mutex.AwaitWithTimeout(absl::Condition(&ready), std::min(max_silence, interval_));
      if (!news && max_silence < interval_) return absl::UnavailableError("the feed was silent");
      if (cancelled_) return absl::CancelledError("cancelled");
      if (feed_->breaks.size() > breaks_before_) return feed_->breaks[breaks_before_];
      if (bad_token_) {
        return Error(absl::StatusCode::kInvalidArgument, "INVALID_RESUME_TOKEN");
      }
      if (!in_snapshot_ && expired()) {
        return Error(absl::StatusCode::kOutOfRange, "RESUME_TOKEN_EXPIRED");
      }
      if (in_snapshot_) return Told(Snapshot());
      if (ended()) return std::nullopt;
      return Told(Next());
    }

    void Cancel() override {
      absl::MutexLock lock(&feed_->mutex);
      cancelled_ = true;
    }

   private:
    std::int64_t head() const ABSL_SHARED_LOCKS_REQUIRED(feed_->mutex) {
      return static_cast<std::int64_t>(feed_->log.size());
    }
    bool ended() const { return until_.has_value() && position_ >= *until_; }
    bool expired() const ABSL_SHARED_LOCKS_REQUIRED(feed_->mutex) {
      return position_ < feed_->oldest;
    }

    // The first response says where the watch ends.
    WatchBatch Told(v1::WatchResponse response) {
      if (!std::exchange(end_told_, true) && until_.has_value()) {
        response.set_until_revision(*until_);
      }
      return response;
    }

    v1::WatchResponse Snapshot() ABSL_EXCLUSIVE_LOCKS_REQUIRED(feed_->mutex) {
      std::map<std::string, v1::Change> standing;
      for (const v1::WatchResponse& response : feed_->log) {
        for (const v1::Change& change : response.changes()) {
          standing.erase(change.name());
          if (change.has_record()) standing[change.name()] = change;
        }
        for (const v1::FilterLeave& left : response.left_records()) standing.erase(left.name());
      }
      v1::WatchResponse response;
      for (auto& [name, change] : standing) *response.add_changes() = std::move(change);
      response.mutable_snapshot()->set_revision(head());
      response.add_marks(v1::WATCH_MARK_SNAPSHOT_END);
      in_snapshot_ = false;
      position_ = head();
      response.set_through_revision(position_);
      Checkpoint(response);
      return response;
    }

    v1::WatchResponse Next() ABSL_EXCLUSIVE_LOCKS_REQUIRED(feed_->mutex) {
      v1::WatchResponse response;
      if (position_ < head()) response = feed_->log[static_cast<std::size_t>(position_)];
      response.set_from_revision(position_);
      position_ = std::min(position_ + 1, head());
      response.set_through_revision(position_);
      response.set_resume_token(absl::StrCat(position_));
      checkpoint_told_ = true;
      if (position_ == head()) Checkpoint(response);
      return response;
    }

    void Checkpoint(v1::WatchResponse& response) ABSL_EXCLUSIVE_LOCKS_REQUIRED(feed_->mutex) {
      checkpoint_told_ = true;
      response.set_resume_token(absl::StrCat(position_));
      response.add_marks(v1::WATCH_MARK_CHECKPOINT);
      response.set_head_revision(head());
    }

    absl::Status Error(absl::StatusCode code, const std::string& reason)
        ABSL_EXCLUSIVE_LOCKS_REQUIRED(feed_->mutex) {
      google::rpc::ErrorInfo info;
      info.set_reason(reason);
      info.set_domain("communique");
      (*info.mutable_metadata())["oldest_revision"] = absl::StrCat(feed_->oldest);
      absl::Status status(code, absl::StrCat("the feed refused: ", reason));
      status.SetPayload("type.googleapis.com/google.rpc.ErrorInfo",
                        absl::Cord(info.SerializeAsString()));
      return status;
    }

    const std::shared_ptr<Feed> feed_;
    const std::size_t breaks_before_;
    std::int64_t position_ = 0;
    std::optional<std::int64_t> until_;
    bool bad_token_ = false;
    bool in_snapshot_ = false;
    bool checkpoint_told_ = false;
    bool end_told_ = false;
    absl::Duration interval_ = absl::Seconds(10);
    bool cancelled_ ABSL_GUARDED_BY(feed_->mutex) = false;
  };

  const std::shared_ptr<Feed> feed_ = std::make_shared<Feed>();
};

}  // namespace communique

#endif  // COMMUNIQUE_MOCKS_FAKE_WATCH_H_
