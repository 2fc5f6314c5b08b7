#include <memory>
#include <utility>

#include "absl/time/time.h"
#include "communique/v1/screening.pb.h"
#include "service/screening/claim_question.h"
#include "service/screening/claim_verifier.h"
#include "service/server/handlers.h"
#include "service/server/read_call.h"

namespace communique::server {

void HandleVerifyClaim(Service& service, UnaryCall& call) {
  auto request = std::make_shared<v1::VerifyClaimRequest>();
  if (absl::Status status = call.Parse(*request); !status.ok()) return call.Finish(status);
  base::Violations violations;
  screening::CheckClaimRequest(*request, violations);
  if (!violations.empty()) return call.Finish(violations.ToStatus());
  WithView(
      service, call, std::move(request),
      [&service, &call](const store::ReadView& view, const v1::VerifyClaimRequest& asked) {
        const absl::CivilDay today = absl::ToCivilDay(service.clock().Now(), absl::UTCTimeZone());
        const auto response = screening::VerifyClaim(view, service.merged_names(), asked, today);
        if (!response.ok()) return call.Finish(response.status());
        call.Finish(*response);
      });
}

}  // namespace communique::server
