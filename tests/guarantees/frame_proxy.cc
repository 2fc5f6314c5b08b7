#include "tests/guarantees/frame_proxy.h"

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"

namespace communique::guarantees {

FrameProxy::FrameProxy(const std::string& upstream, Fault fault, int every)
    : fault_(fault),
      every_(every),
      upstream_(v1::FeedService::NewStub(
          grpc::CreateChannel(upstream, grpc::InsecureChannelCredentials()))) {
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(this);
  server_ = builder.BuildAndStart();
  endpoint_ = absl::StrCat("127.0.0.1:", port);
}

FrameProxy::~FrameProxy() {
  server_->Shutdown(std::chrono::system_clock::now());
  server_->Wait();
}

FrameProxy::Fault FrameProxy::Next() {
  if (fault_ == Fault::kNone || ++responses_ % every_ != 0) return Fault::kNone;
  const int number = faults_++;
  if (fault_ != Fault::kEach) return fault_;
  constexpr Fault kFaults[] = {Fault::kDrop, Fault::kRepeat, Fault::kSwap};
  return kFaults[number % 3];
}

grpc::Status FrameProxy::Watch(grpc::ServerContext* context, const v1::WatchRequest* request,
                               grpc::ServerWriter<v1::WatchResponse>* writer) {
  const auto client = grpc::ClientContext::FromServerContext(*context);
  const auto reader = upstream_->Watch(client.get(), *request);
  // The last response is held until there is another: a fault always has one
  // after it, without which nobody could tell it from a stream that ended.
  v1::WatchResponse held, next;
  if (!reader->Read(&held)) return reader->Finish();
  bool open = true;
  while (open && reader->Read(&next)) {
    switch (Next()) {
      case Fault::kDrop:
        held = std::move(next);
        continue;
      case Fault::kRepeat:
        open = writer->Write(held);
        break;
      case Fault::kSwap:
        std::swap(held, next);
        break;
      default:
        break;
    }
    open = open && writer->Write(held);
    held = std::move(next);
  }
  if (open) writer->Write(held);
  if (!open) client->TryCancel();
  return reader->Finish();
}

}  // namespace communique::guarantees
