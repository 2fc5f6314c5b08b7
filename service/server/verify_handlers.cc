#include <memory>
#include <utility>

#include "absl/time/time.h"
#include "communique/v1/screening.pb.h"
#include "service/screening/claim_question.h"
#include "service/screening/claim_verifier.h"
#include "service/server/handlers.h"
#include "service/server/read_call.h"
#include "service/server/screening_pool.h"
#include "service/store/errors.h"

namespace communique::server {
namespace {

// What a verification costs, in names to be screened.
constexpr size_t kCost = 1;

// A question on the pool's threads: its first view of a revision reads the names of
// all actors.
class VerifyWork final : public Work {
 public:
  VerifyWork(Service& service, UnaryCall& call, std::shared_ptr<v1::VerifyClaimRequest> request,
             store::ReadView view)
      : service_(service), call_(call), request_(std::move(request)), view_(std::move(view)) {}

  size_t Begin() override {
    if (absl::Status gone = call_.WhyGone(); !gone.ok()) {
      call_.Finish(gone);
      return 0;
    }
    const absl::CivilDay today = absl::ToCivilDay(service_.clock().Now(), absl::UTCTimeZone());
    const auto response = screening::VerifyClaim(view_, service_.merged_names(), *request_, today);
    if (response.ok()) {
      call_.Finish(*response);
    } else {
      call_.Finish(response.status());
    }
    return 0;
  }
  bool Step(size_t, size_t) override { return true; }
  void End() override {}
  void Drop() override { call_.Finish(store::Draining()); }

 private:
  Service& service_;
  UnaryCall& call_;
  const std::shared_ptr<v1::VerifyClaimRequest> request_;
  const store::ReadView view_;
};

}  // namespace

void HandleVerifyClaim(Service& service, UnaryCall& call) {
  auto request = std::make_shared<v1::VerifyClaimRequest>();
  if (absl::Status status = call.Parse(*request); !status.ok()) return call.Finish(status);
  base::Violations violations;
  screening::CheckClaimRequest(*request, violations);
  if (!violations.empty()) return call.Finish(violations.ToStatus());
  WithView(service, call, request,
           [&service, &call, request](store::ReadView view, const v1::VerifyClaimRequest&) {
             service.screening().Submit(
                 call, std::make_unique<VerifyWork>(service, call, request, std::move(view)),
                 request->SpaceUsedLong(), kCost);
           });
}

}  // namespace communique::server
