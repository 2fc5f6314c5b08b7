#include "tests/support/raw_client.h"

#include <grpcpp/generic/generic_stub.h>

#include "absl/strings/cord.h"
#include "absl/time/clock.h"
#include "google/rpc/status.pb.h"

namespace communique::testing {
namespace {

constexpr char kHealthCheck[] = "/grpc.health.v1.Health/Check";

std::string ToString(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string bytes;
  if (!buffer.Dump(&slices).ok()) return bytes;
  for (const grpc::Slice& slice : slices) {
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return bytes;
}

}  // namespace

absl::Status FromGrpc(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  absl::Status result(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
  google::rpc::Status details;
  if (!details.ParseFromString(status.error_details())) return result;
  for (const google::protobuf::Any& detail : details.details()) {
    result.SetPayload(detail.type_url(), absl::Cord(detail.value()));
  }
  return result;
}

RawClient::RawClient(const std::string& endpoint) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(-1);
  // Not the connection of another client of this process.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  channel_ = grpc::CreateCustomChannel(endpoint, grpc::InsecureChannelCredentials(), arguments);
  catalog_ = v1::CatalogService::NewStub(channel_);
  publish_ = v1::PublishService::NewStub(channel_);
  feed_ = v1::FeedService::NewStub(channel_);
  screening_ = v1::ScreeningService::NewStub(channel_);
  admin_ = v1::AdminService::NewStub(channel_);
}

std::unique_ptr<grpc::ClientContext> RawClient::Context(const std::string& principal) {
  auto context = std::make_unique<grpc::ClientContext>();
  context->set_deadline(absl::ToChronoTime(absl::Now() + kDeadline));
  if (!principal.empty()) context->AddMetadata("communique-principal", principal);
  return context;
}

absl::StatusOr<v1::CommitResponse> RawClient::Commit(const v1::CommitRequest& request) {
  v1::CommitResponse response;
  const auto context = Context();
  const grpc::Status status = publish_->Commit(context.get(), request, &response);
  if (!status.ok()) return FromGrpc(status);
  return response;
}

absl::StatusOr<v1::WatchResponse> RawClient::FirstOf(const v1::WatchRequest& request) {
  const auto context = Context();
  const auto reader = feed_->Watch(context.get(), request);
  v1::WatchResponse response;
  if (reader->Read(&response)) {
    context->TryCancel();
    v1::WatchResponse rest;
    while (reader->Read(&rest)) {
    }
    (void)reader->Finish();
    return response;
  }
  const grpc::Status status = reader->Finish();
  if (!status.ok()) return FromGrpc(status);
  return absl::OutOfRangeError("the watch ended with OK and without a response");
}

absl::Status RawClient::Load(const std::vector<v1::LoadRequest>& requests) {
  const auto context = Context();
  const auto stream = publish_->Load(context.get());
  for (const v1::LoadRequest& request : requests) {
    if (!stream->Write(request)) break;
  }
  stream->WritesDone();
  v1::LoadResponse response;
  while (stream->Read(&response)) {
  }
  return FromGrpc(stream->Finish());
}

absl::Status RawClient::SendBytes(const std::string& method, absl::string_view bytes,
                                  std::string* answer) {
  grpc::GenericStub stub(channel_);
  const auto context = Context();
  grpc::CompletionQueue queue;
  const auto next = [&queue] {
    void* tag = nullptr;
    bool ok = false;
    return queue.Next(&tag, &ok) && ok;
  };
  const auto call = stub.PrepareCall(context.get(), method, &queue);
  call->StartCall(nullptr);
  next();
  const grpc::Slice slice(bytes.data(), bytes.size());
  call->WriteLast(grpc::ByteBuffer(&slice, 1), grpc::WriteOptions(), nullptr);
  next();
  grpc::ByteBuffer received;
  call->Read(&received, nullptr);
  if (next() && answer != nullptr) *answer = ToString(received);
  grpc::Status status;
  call->Finish(&status, nullptr);
  next();
  queue.Shutdown();
  while (next()) {
  }
  return FromGrpc(status);
}

absl::StatusOr<int> RawClient::Health(const std::string& service) {
  // HealthCheckRequest {string service = 1}, HealthCheckResponse {enum status = 1}:
  // written out, for the schema is in no package.
  std::string request;
  if (!service.empty()) {
    request = std::string("\x0a") + static_cast<char>(service.size()) + service;
  }
  std::string answer;
  if (absl::Status status = SendBytes(kHealthCheck, request, &answer); !status.ok()) return status;
  return answer.size() == 2 && answer[0] == '\x08' ? answer[1] : 0;
}

}  // namespace communique::testing
