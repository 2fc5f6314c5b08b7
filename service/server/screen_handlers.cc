#include <algorithm>
#include <atomic>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "communique/v1/screening.pb.h"
#include "service/base/error.h"
#include "service/base/limits.h"
#include "service/base/wire.h"
#include "service/screening/screen_request.h"
#include "service/screening/screener.h"
#include "service/server/handlers.h"
#include "service/server/read_call.h"
#include "service/server/screening_pool.h"
#include "service/store/errors.h"

namespace communique::server {
namespace {

// Queries that one step takes: what a call of one name may have to wait for.
constexpr int kQueriesPerStep = 2;

absl::Status ScreeningQueueFull() {
  absl::Status status =
      base::MakeError(absl::StatusCode::kResourceExhausted, v1::ERROR_REASON_CALL_LIMIT,
                      "too many screenings wait for their turn", {{"limit", "waiting screenings"}});
  base::AddQuotaViolation(status, "waiting screenings", "the queue of screenings is full");
  base::AddRetryInfo(status, absl::Milliseconds(500));
  return status;
}

// A request on its way through the pool.
class ScreenWork final : public Work {
 public:
  ScreenWork(ScreeningPool& pool, UnaryCall& call, std::shared_ptr<v1::ScreenRequest> request,
             store::ReadView view)
      : pool_(pool),
        call_(call),
        request_(std::move(request)),
        view_(std::move(view)),
        results_(static_cast<size_t>(request_->queries_size())) {}

  size_t Begin() override {
    // Names are read for it, two thousand of them at most: not on the queue's thread.
    if (absl::Status status = screening::CheckScreenRequest(*request_); !status.ok()) {
      call_.Finish(status);
      return 0;
    }
    auto screening = pool_.screener().Begin(*request_, std::move(view_));
    if (!screening.ok()) {
      call_.Finish(screening.status());
      return 0;
    }
    screening_ = *std::move(screening);
    return (results_.size() + kQueriesPerStep - 1) / kQueriesPerStep;
  }

  void Step(size_t step, size_t thread) override {
    const size_t end = std::min(results_.size(), (step + 1) * kQueriesPerStep);
    for (size_t i = step * kQueriesPerStep; i < end; ++i) {
      if (failed_.load(std::memory_order_relaxed)) return;
      if (call_.expired()) {
        return Fail(
            absl::DeadlineExceededError("the call's deadline passed while it was screened"));
      }
      const auto result = pool_.screener().Screen(
          *screening_, request_->queries(static_cast<int>(i)), pool_.thread(thread));
      if (!result.ok()) return Fail(result.status());
      // As bytes, so that none of a large answer is kept twice.
      results_[i] = result->SerializeAsString();
      const size_t bytes = bytes_.fetch_add(results_[i].size()) + results_[i].size();
      if (bytes > base::kMaxPageBytes) {
        return Fail(store::SizeLimit("the answer: ask for fewer queries or matches at once",
                                     "bytes", static_cast<int64_t>(bytes), base::kMaxPageBytes));
      }
    }
  }

  void End() override {
    if (failed_.load(std::memory_order_acquire)) {
      absl::MutexLock lock(&mutex_);
      return call_.Finish(failure_);
    }
    std::string answer;
    answer.reserve(bytes_.load() + results_.size() * 8 + 1024);
    for (const std::string& result : results_) {
      base::AppendBytesField(v1::ScreenResponse::kResultsFieldNumber, result, answer);
    }
    answer += screening_->Answer().SerializeAsString();
    call_.FinishBytes(std::move(answer));
  }

  void Drop() override { call_.Finish(store::Draining()); }

 private:
  void Fail(const absl::Status& status) {
    absl::MutexLock lock(&mutex_);
    if (failure_.ok()) failure_ = status;
    failed_.store(true, std::memory_order_release);
  }

  ScreeningPool& pool_;
  UnaryCall& call_;
  const std::shared_ptr<v1::ScreenRequest> request_;
  store::ReadView view_;
  std::shared_ptr<const screening::Screening> screening_;
  std::vector<std::string> results_;
  std::atomic<size_t> bytes_{0};
  std::atomic<bool> failed_{false};
  absl::Mutex mutex_;
  absl::Status failure_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

void HandleScreen(Service& service, UnaryCall& call) {
  auto request = std::make_shared<v1::ScreenRequest>();
  if (absl::Status status = call.Parse(*request); !status.ok()) return call.Finish(status);
  WithView(service, call, request,
           [&service, &call, request](store::ReadView view, const v1::ScreenRequest&) {
             ScreeningPool& pool = service.screening();
             const size_t bytes = request->SpaceUsedLong();
             auto work = std::make_unique<ScreenWork>(pool, call, request, std::move(view));
             if (!pool.Submit(std::move(work), bytes)) call.Finish(ScreeningQueueFull());
           });
}

}  // namespace communique::server
