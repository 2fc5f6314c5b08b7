#include <atomic>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "communique/v1/screening.pb.h"
#include "service/base/limits.h"
#include "service/base/wire.h"
#include "service/screening/query_screener.h"
#include "service/screening/screen_request.h"
#include "service/screening/screener.h"
#include "service/server/handlers.h"
#include "service/server/read_call.h"
#include "service/server/screening_pool.h"
#include "service/store/errors.h"

namespace communique::server {
namespace {

// About what a request costs, in names of a common length. Long ones have more
// tokens to compare.
size_t CostOf(const v1::ScreenRequest& request) {
  constexpr size_t kBytesOfAName = 100;
  size_t cost = 0;
  for (const v1::ScreenQuery& query : request.queries()) {
    for (const std::string& name : query.names()) cost += 1 + name.size() / kBytesOfAName;
  }
  return cost;
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
        queries_(static_cast<size_t>(request_->queries_size())),
        results_(queries_.size()) {}

  size_t Begin() override {
    if (absl::Status gone = call_.WhyGone(); !gone.ok()) {
      call_.Finish(gone);
      return 0;
    }
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
    return results_.size();
  }

  // A step is a query, its turns are as many pieces of it as take kScreeningTurn.
  bool Step(size_t step, size_t thread) override {
    if (failed_.load(std::memory_order_relaxed)) return true;
    if (absl::Status gone = call_.WhyGone(); !gone.ok()) return Fail(gone);
    std::unique_ptr<screening::QueryScreener>& query = queries_[step];
    if (query == nullptr) {
      query = std::make_unique<screening::QueryScreener>(pool_.screener(), *screening_,
                                                         request_->queries(static_cast<int>(step)));
    }
    const absl::Time end = absl::Now() + base::kScreeningTurn;
    while (true) {
      const auto whole = query->Advance(pool_.thread(thread));
      if (!whole.ok()) return Fail(whole.status());
      if (*whole) break;
      if (absl::Now() >= end) return false;
    }
    // As bytes, so that none of a large answer is kept twice.
    results_[step] = query->result().SerializeAsString();
    query.reset();
    const size_t bytes = bytes_.fetch_add(results_[step].size()) + results_[step].size();
    if (bytes > base::kMaxPageBytes) {
      return Fail(store::SizeLimit("the answer: ask for fewer queries or matches at once", "bytes",
                                   static_cast<int64_t>(bytes), base::kMaxPageBytes));
    }
    return true;
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
  // The step has ended, and so will the others.
  bool Fail(const absl::Status& status) {
    absl::MutexLock lock(&mutex_);
    if (failure_.ok()) failure_ = status;
    failed_.store(true, std::memory_order_release);
    return true;
  }

  ScreeningPool& pool_;
  UnaryCall& call_;
  const std::shared_ptr<v1::ScreenRequest> request_;
  store::ReadView view_;
  std::shared_ptr<const screening::Screening> screening_;
  // Of each query: on its way, then its result.
  std::vector<std::unique_ptr<screening::QueryScreener>> queries_;
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
             const size_t cost = CostOf(*request);
             pool.Submit(call, std::make_unique<ScreenWork>(pool, call, request, std::move(view)),
                         bytes, cost);
           });
}

}  // namespace communique::server
