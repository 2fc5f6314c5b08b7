#include "service/server/read_call.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "grpc/support/time.h"
#include "grpcpp/alarm.h"
#include "service/domain/names.h"
#include "service/server/tag.h"

namespace communique::server {
namespace {

// Comes back from its queue at once. Deletes itself.
class QueuedRun final : public Tag {
 public:
  QueuedRun(grpc::ServerCompletionQueue& queue, absl::AnyInvocable<void()> run)
      : run_(std::move(run)) {
    alarm_.Set(&queue, gpr_inf_past(GPR_CLOCK_MONOTONIC), this);
  }
  void Proceed(bool) override {
    run_();
    delete this;
  }

 private:
  absl::AnyInvocable<void()> run_;
  grpc::Alarm alarm_;
};

}  // namespace

void RunOnQueue(UnaryCall& call, absl::AnyInvocable<void()> run) {
  new QueuedRun(call.queue(), std::move(run));
}

void CheckName(const std::string& name, v1::RecordKind kind, base::Violations& violations) {
  if (const std::string problem = domain::DescribeNameProblem(name); !problem.empty()) {
    violations.Add("name", absl::StrCat(base::Quoted(name), " ", problem));
  } else if (kind != v1::RECORD_KIND_UNSPECIFIED && domain::KindOfName(name) != kind) {
    violations.Add("name", absl::StrCat("\"", name, "\" is not of ", domain::CollectionOf(kind)));
  }
}

int PageSize(int asked, base::Violations& violations) {
  if (asked < 0) violations.Add("page_size", "is negative");
  if (asked == 0) return base::kDefaultPageSize;
  return std::min(asked, base::kMaxPageSize);
}

absl::StatusOr<PageOf> PageOf::Parse(const Service& service, uint64_t query,
                                     const std::string& token) {
  PageOf page;
  page.query_ = query;
  page.epoch_ = service.reader().identity().epoch;
  if (token.empty()) return page;
  auto parsed = query::ParsePageToken(token, page.epoch_, query);
  if (!parsed.ok()) return parsed.status();
  page.token_ = *std::move(parsed);
  return page;
}

absl::StatusOr<store::ReadView> PageOf::Pin(const Service& service, store::ReadView view) const {
  if (first()) return view;
  return service.reader().OpenAt(token_.revision, view.pin().valid_date());
}

std::string PageOf::Next(const store::ReadView& view, std::string after,
                         std::string after_key) const {
  return query::MakePageToken(
      {epoch_, view.revision(), query_, std::move(after), std::move(after_key)});
}

}  // namespace communique::server
