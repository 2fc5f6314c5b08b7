#include "service/server/watch_call.h"

#include <utility>

#include "absl/time/clock.h"
#include "communique/v1/feed.pb.h"
#include "service/base/limits.h"
#include "service/server/byte_buffer.h"
#include "service/server/caller.h"
#include "service/server/status.h"
#include "service/store/errors.h"

namespace communique::server {
namespace {

constexpr char kMethod[] = "FeedService/Watch";

}  // namespace

void WatchCall::Accept(RawFeed& raw, grpc::ServerCompletionQueue& queue, Service& service,
                       OpenCalls& calls) {
  std::shared_ptr<WatchCall> call(new WatchCall(raw, queue, service, calls));
  absl::MutexLock lock(&call->mutex_);
  call->self_ = call;
  call->context_.AsyncNotifyWhenDone(&call->done_);
  raw.RequestWatch(&call->context_, &call->request_, &call->writer_, &queue, &queue,
                   &call->accepted_);
}

WatchCall::WatchCall(RawFeed& raw, grpc::ServerCompletionQueue& queue, Service& service,
                     OpenCalls& calls)
    : raw_(raw), queue_(queue), service_(service), calls_(calls),
      counters_(calls.counters().Of(kMethod, /*is_stream=*/true)), writer_(&context_),
      accepted_(this, &WatchCall::OnAccepted), written_(this, &WatchCall::OnWritten),
      finished_(this, &WatchCall::OnFinished), done_(this, &WatchCall::OnDone) {}

void WatchCall::OnAccepted(bool ok) {
  if (!ok) {
    // Shutting down; the call never began, and its done tag never comes.
    std::shared_ptr<WatchCall> last;
    absl::MutexLock lock(&mutex_);
    last.swap(self_);
    return;
  }
  Accept(raw_, queue_, service_, calls_);
  ticket_.Take(calls_);
  begin_ = absl::Now();
  {
    absl::MutexLock lock(&mutex_);
    under_way_ = true;
  }
  auto principal = PrincipalOf(context_);
  if (!principal.ok()) {
    absl::MutexLock lock(&mutex_);
    return Finish(principal.status());
  }
  principal_ = *std::move(principal);
  v1::WatchRequest request;
  if (absl::Status status = ParseRequest(request_, request); !status.ok()) {
    absl::MutexLock lock(&mutex_);
    return Finish(status);
  }
  if (request.scope().min_revision() <= service_.reader().head()) return Open();
  service_.waiters().Wait(request.scope().min_revision(), base::kMinRevisionWait,
                          [self = shared_from_this()] { self->Open(); });
}

void WatchCall::Open() {
  {
    absl::MutexLock lock(&mutex_);
    if (!gone_) {
      v1::WatchRequest request;
      absl::Status status = ParseRequest(request_, request);
      if (status.ok() && request.scope().min_revision() > service_.reader().head()) {
        status = store::ReplicaBehind(request.scope().min_revision(), service_.reader().head());
      }
      if (status.ok()) {
        auto watcher = service_.feed().Open(request, {principal_, context_.peer()});
        if (watcher.ok()) {
          watcher_ = *std::move(watcher);
        } else {
          status = watcher.status();
        }
      }
      request_.Clear();
      if (!status.ok()) return Finish(status);
      Pump(false);
      return;
    }
  }
  Release();
}

void WatchCall::Wake(bool may_read) {
  absl::MutexLock lock(&mutex_);
  Pump(may_read);
}

void WatchCall::Pump(bool may_read) {
  while (watcher_ != nullptr && !writing_ && !finishing_ && !gone_) {
    if (service_.feed().draining()) watcher_->Drain();
    feed::Step step = watcher_->Next(may_read);
    switch (step.type) {
      case feed::Step::Type::kSend:
        writing_ = true;
        writer_.Write(ToByteBuffer(std::move(step.slices)), &written_);
        return;
      case feed::Step::Type::kWait:
        if (service_.feed().Arm(shared_from_this(), *watcher_)) return;
        break;
      case feed::Step::Type::kRead:
        return service_.feed().Read(shared_from_this(), *watcher_);
      case feed::Step::Type::kEvaluate:
        if (service_.feed().Evaluate(shared_from_this(), *watcher_)) return;
        break;
      case feed::Step::Type::kEnd:
        return Finish(step.status);
    }
  }
}

void WatchCall::OnWritten(bool ok) {
  {
    absl::MutexLock lock(&mutex_);
    writing_ = false;
    if (!ok) gone_ = true;
    const bool rests = !gone_ && watcher_ != nullptr && watcher_->at_rest() &&
                       service_.feed().Arm(shared_from_this(), *watcher_);
    if (!rests) Pump(false);
  }
  Release();
}

void WatchCall::Finish(const absl::Status& status) {
  Count(status.code());
  const absl::Duration latency = absl::Now() - begin_;
  // A watch lasts as long as its client wants: only how it ends is of interest.
  if (calls_.log().Wants(status, absl::ZeroDuration(), false)) {
    CallRecord record;
    record.method = kMethod;
    record.status = status;
    record.latency = latency;
    record.principal = principal_;
    record.peer = context_.peer();
    calls_.log().Write(record);
  }
  finishing_ = true;
  writer_.Finish(ToGrpcStatus(status), &finished_);
}

void WatchCall::Count(absl::StatusCode code) {
  if (!std::exchange(under_way_, false)) return;
  counters_.Note(code, absl::Now() - begin_);
}

void WatchCall::OnFinished(bool) {
  {
    absl::MutexLock lock(&mutex_);
    finishing_ = false;
    gone_ = true;
  }
  Release();
}

void WatchCall::OnDone(bool) {
  {
    absl::MutexLock lock(&mutex_);
    done_seen_ = true;
    gone_ = gone_ || context_.IsCancelled();
  }
  Release();
}

void WatchCall::Release() {
  std::shared_ptr<WatchCall> last;  // lets go after the lock
  std::unique_ptr<feed::Watcher> watcher;
  {
    absl::MutexLock lock(&mutex_);
    if (!gone_ || !done_seen_ || writing_ || finishing_) return;
    Count(absl::StatusCode::kCancelled);
    last.swap(self_);
    watcher.swap(watcher_);
  }
  if (watcher != nullptr) service_.feed().Disarm(last);
}

}  // namespace communique::server
