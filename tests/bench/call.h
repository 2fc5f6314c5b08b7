#ifndef COMMUNIQUE_TESTS_BENCH_CALL_H_
#define COMMUNIQUE_TESTS_BENCH_CALL_H_

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/grpcpp.h"

// What the clients that know no schema share.
namespace communique::bench {

using Clock = std::chrono::steady_clock;

// Reads a file of requests, one after another, each a 4-byte little-endian length
// and its bytes. False when it holds none, or is cut short.
bool ReadRequests(const std::string& path, std::vector<grpc::ByteBuffer>& requests);

// Channels with a connection each; none when one cannot be made within 10 s.
std::vector<std::shared_ptr<grpc::Channel>> Connect(const std::string& target, int count);

// A text as JSON.
std::string Quote(const std::string& text);

// One unary call, sent as it is made; `tag`, or else this, comes out of the queue.
struct UnaryCall {
  UnaryCall(std::shared_ptr<grpc::Channel> channel, const std::string& method,
            const grpc::ByteBuffer& request, grpc::CompletionQueue& queue, void* tag = nullptr)
      : stub(std::move(channel)) {
    reader = stub.PrepareUnaryCall(&context, method, request, &queue);
    reader->StartCall();
    reader->Finish(&response, &status, tag != nullptr ? tag : this);
  }

  grpc::GenericStub stub;
  grpc::ClientContext context;
  grpc::ByteBuffer response;
  grpc::Status status;
  std::unique_ptr<grpc::GenericClientAsyncResponseReader> reader;
};

}  // namespace communique::bench

#endif  // COMMUNIQUE_TESTS_BENCH_CALL_H_
