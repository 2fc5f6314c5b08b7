#include "service/server/load_call.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "service/base/error.h"
#include "service/base/limits.h"
#include "service/server/byte_buffer.h"
#include "service/server/caller.h"
#include "service/server/status.h"
#include "service/store/commit_rules.h"
#include "service/store/errors.h"

namespace communique::server {
namespace {

constexpr char kMethod[] = "PublishService/Load";

}  // namespace

void LoadCall::Accept(RawPublish& raw, grpc::ServerCompletionQueue& queue, Service& service,
                      OpenCalls& calls) {
  std::shared_ptr<LoadCall> call(new LoadCall(raw, queue, service, calls));
  absl::MutexLock lock(&call->mutex_);
  call->self_ = call;
  raw.RequestLoad(&call->context_, &call->stream_, &queue, &queue, &call->accepted_);
}

LoadCall::LoadCall(RawPublish& raw, grpc::ServerCompletionQueue& queue, Service& service,
                   OpenCalls& calls)
    : raw_(raw), queue_(queue), service_(service), calls_(calls),
      counters_(calls.counters().Of(kMethod, /*is_stream=*/true)), stream_(&context_),
      accepted_(this, &LoadCall::OnAccepted), read_(this, &LoadCall::OnRead),
      written_(this, &LoadCall::OnWritten), finished_(this, &LoadCall::OnFinished) {}

void LoadCall::OnAccepted(bool ok) {
  if (ok) {
    Accept(raw_, queue_, service_, calls_);
    ticket_.Take(calls_);
  begin_ = absl::Now();
    auto principal = PrincipalOf(context_);
    absl::MutexLock lock(&mutex_);
    under_way_ = true;
    if (!principal.ok()) {
      Refuse(principal.status());
    } else if (!calls_.AddLoad(shared_from_this())) {
      Refuse(store::TooManyLoads(base::kMaxLoads));
    } else {
      principal_ = *std::move(principal);
    }
    if (service_.feed().draining()) Refuse(store::Draining());
    Pump();
    return;
  }
  {
    absl::MutexLock lock(&mutex_);
    over_ = true;
  }
  Release();
}

void LoadCall::OnRead(bool ok) {
  std::unique_ptr<v1::LoadLine> line;
  std::shared_ptr<store::LoadSession> session;
  {
    absl::MutexLock lock(&mutex_);
    reading_ = false;
    if (!ok) {
      reads_done_ = true;
      if (session_ == nullptr) {
        base::Violations violations;
        violations.Add("header", "the stream ended before the header");
        Refuse(violations.ToStatus());
      }
    } else {
      v1::LoadRequest request;
      if (absl::Status status = ParseRequest(incoming_, request); !status.ok()) {
        Refuse(status);
      } else if (session_ == nullptr) {
        HandleHeader(request);
      } else {
        line = HandleLine(std::move(request));
      }
      incoming_.Clear();
    }
    session = session_;
    // The next line is read only when this one is queued: lines keep their order.
    if (line == nullptr) Pump();
  }
  // Outside the lock: a refusal answers on this thread.
  if (line != nullptr) {
    const int64_t number = line->number();
    const size_t bytes = line->ByteSizeLong();
    service_.store().CommitLine(
        std::move(session), number, std::move(*line->mutable_commit()),
        [self = shared_from_this(), number,
         bytes](const absl::StatusOr<v1::CommitResponse>& response) {
          self->OnCommitted(number, bytes, response);
        });
    absl::MutexLock lock(&mutex_);
    Pump();
  }
  Release();
}

void LoadCall::HandleHeader(const v1::LoadRequest& request) {
  base::Violations violations;
  if (!request.has_header()) {
    violations.Add("header", "the first message must be the header");
  } else {
    if (!request.header().GetReflection()->GetUnknownFields(request.header()).empty()) {
      violations.Add("header", "has a field which this server does not know");
    }
    if (!store::IsValidRequestId(request.header().load_id())) {
      violations.Add("header.load_id", "must be 1 to 64 of A-Z, a-z, 0-9, '-', '_', '.', ':'");
    }
    if (request.header().reason().size() > base::kMaxReasonBytes) {
      violations.Add("header.reason",
                     absl::StrCat("is longer than ", base::kMaxReasonBytes, " bytes"));
    }
  }
  if (!violations.empty()) return Refuse(violations.ToStatus());
  auto session = std::make_shared<store::LoadSession>(principal_, request.header().load_id(),
                                                      request.header().reason());
  const auto position = service_.store().FindLoad(*session);
  if (!position.ok()) return Refuse(position.status());
  session_ = std::move(session);
  state_.set_durable_line(position->line);
  state_.set_revision(position->revision);
  unacknowledged_ = true;
}

std::unique_ptr<v1::LoadLine> LoadCall::HandleLine(v1::LoadRequest request) {
  base::Violations violations;
  if (!request.has_line()) {
    violations.Add("line", "after the header every message must be a line");
  } else if (request.line().number() <= last_line_) {
    violations.Add("line.number", absl::StrCat(request.line().number(),
                                               " does not rise: the last was ", last_line_));
  }
  if (!violations.empty()) {
    // Earlier lines may still wait: they stand. No later one is read.
    Refuse(violations.ToStatus());
    return nullptr;
  }
  last_line_ = request.line().number();
  ++in_flight_;
  bytes_in_flight_ += request.line().ByteSizeLong();
  return std::unique_ptr<v1::LoadLine>(new v1::LoadLine(std::move(*request.mutable_line())));
}

void LoadCall::OnCommitted(int64_t line, size_t bytes,
                           const absl::StatusOr<v1::CommitResponse>& response) {
  {
    absl::MutexLock lock(&mutex_);
    --in_flight_;
    bytes_in_flight_ -= bytes;
    if (!response.ok()) {
      // Answers come in the order of the lines: the first error is the one.
      Refuse(response.status());
    } else {
      unacknowledged_ = true;
      if (line > state_.durable_line()) state_.set_durable_line(line);
      if (!response->results().empty()) {
        int changed = 0;
        for (const v1::MutationResult& result : response->results()) changed += result.changed();
        if (changed > 0) {
          state_.set_revision(response->revision());
          state_.set_commit_count(state_.commit_count() + 1);
          state_.set_change_count(state_.change_count() + changed);
        }
      }
    }
    Pump();
  }
  Release();
}

void LoadCall::Drain() {
  {
    absl::MutexLock lock(&mutex_);
    Refuse(store::Draining());
    Pump();
  }
  Release();
}

void LoadCall::Refuse(absl::Status status) {
  if (error_.ok()) error_ = std::move(status);
}

void LoadCall::Pump() {
  if (over_ || finishing_) return;
  if (unacknowledged_ && !writing_) {
    unacknowledged_ = false;
    writing_ = true;
    stream_.Write(ToByteBuffer(state_.SerializeAsString()), &written_);
  }
  if (!reading_ && !reads_done_ && error_.ok() && in_flight_ < base::kMaxLoadLinesInFlight &&
      bytes_in_flight_ < base::kMaxLoadBytesInFlight) {
    reading_ = true;
    stream_.Read(&incoming_, &read_);
  }
  const bool ended = !error_.ok() || reads_done_;
  // A read that is outstanding when a line was refused ends with the call.
  if (!ended || in_flight_ > 0 || writing_ || unacknowledged_) return;
  absl::Status status = error_;
  if (!status.ok() && base::ReasonOf(status) != v1::ERROR_REASON_UNSPECIFIED) {
    // A message before an error is not promised to arrive; this is.
    base::AddMetadata(status, "durable_line", absl::StrCat(state_.durable_line()));
  }
  finishing_ = true;
  Count(status.code());
  const absl::Duration latency = absl::Now() - begin_;
  if (calls_.log().Wants(status, absl::ZeroDuration(), true)) {
    CallRecord record;
    record.method = kMethod;
    record.is_write = true;
    record.status = status;
    record.latency = latency;
    record.principal = principal_;
    record.peer = context_.peer();
    record.request_id = session_ == nullptr ? "" : session_->load_id();
    record.revision = state_.revision();
    calls_.log().Write(record);
  }
  stream_.Finish(ToGrpcStatus(status), &finished_);
}

void LoadCall::OnWritten(bool ok) {
  {
    absl::MutexLock lock(&mutex_);
    writing_ = false;
    if (!ok) over_ = true;
    Pump();
  }
  Release();
}

void LoadCall::OnFinished(bool) {
  {
    absl::MutexLock lock(&mutex_);
    finishing_ = false;
    over_ = true;
  }
  Release();
}

void LoadCall::Count(absl::StatusCode code) {
  if (!std::exchange(under_way_, false)) return;
  counters_.Note(code, absl::Now() - begin_);
}

void LoadCall::Release() {
  std::shared_ptr<LoadCall> last;  // lets go after the lock
  absl::MutexLock lock(&mutex_);
  if (!over_ || reading_ || writing_ || finishing_) return;
  Count(absl::StatusCode::kCancelled);
  last.swap(self_);
}

}  // namespace communique::server
