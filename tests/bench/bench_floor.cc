// The floor: a gRPC server generated for completion queues that does nothing but
// answer GetStatement with one record, the same bytes for every name. What it
// reaches is what the transport allows on this machine.

#include <signal.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "communique/v1/catalog.grpc.pb.h"
#include "grpcpp/grpcpp.h"

ABSL_FLAG(std::string, record, "", "File with the record to answer, as bytes.");
ABSL_FLAG(std::string, listen, "127.0.0.1:0", "HOST:PORT; port 0 picks one.");

namespace communique::bench {
namespace {

// Calls that wait to be accepted, for each queue: as many as callers there are.
constexpr int kAccepts = 64;

// One call after another in the same place.
class Call {
 public:
  Call(v1::CatalogService::AsyncService& service, grpc::ServerCompletionQueue& queue,
       const v1::Record& record)
      : service_(service), queue_(queue), record_(record) {
    Accept();
  }

  void Proceed(bool ok) {
    if (!accepted_ && !ok) return;  // the server is going down
    if (accepted_) {
      Accept();
    } else {
      accepted_ = true;
      slot_->responder.Finish(record_, grpc::Status::OK, this);
    }
  }

 private:
  struct Slot {
    grpc::ServerContext context;
    v1::GetStatementRequest request;
    grpc::ServerAsyncResponseWriter<v1::Record> responder{&context};
  };

  void Accept() {
    accepted_ = false;
    slot_ = std::make_unique<Slot>();
    service_.RequestGetStatement(&slot_->context, &slot_->request, &slot_->responder, &queue_,
                                 &queue_, this);
  }

  v1::CatalogService::AsyncService& service_;
  grpc::ServerCompletionQueue& queue_;
  const v1::Record& record_;
  std::unique_ptr<Slot> slot_;
  bool accepted_ = false;
};

int Run() {
  std::ifstream file(absl::GetFlag(FLAGS_record), std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(file)), {});
  v1::Record record;
  if (bytes.empty() || !record.ParseFromString(bytes)) {
    std::cerr << "bench_floor: --record names no record\n";
    return 2;
  }
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  v1::CatalogService::AsyncService service;
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort(absl::GetFlag(FLAGS_listen), grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service);
  std::vector<std::unique_ptr<grpc::ServerCompletionQueue>> queues;
  const int cores = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  for (int i = 0; i < cores; ++i) queues.push_back(builder.AddCompletionQueue());
  const auto server = builder.BuildAndStart();
  if (server == nullptr || port == 0) {
    std::cerr << "bench_floor: cannot listen on " << absl::GetFlag(FLAGS_listen) << "\n";
    return 1;
  }

  std::vector<std::unique_ptr<Call>> calls;
  std::vector<std::thread> threads;
  for (const auto& queue : queues) {
    for (int i = 0; i < kAccepts; ++i) {
      calls.push_back(std::make_unique<Call>(service, *queue, record));
    }
    threads.emplace_back([&queue = *queue] {
      void* tag = nullptr;
      bool ok = false;
      while (queue.Next(&tag, &ok)) static_cast<Call*>(tag)->Proceed(ok);
    });
  }
  std::cout << "{\"ready\": true, \"port\": " << port << "}" << std::endl;

  int received = 0;
  sigwait(&signals, &received);
  server->Shutdown();
  for (const auto& queue : queues) queue->Shutdown();
  for (std::thread& thread : threads) thread.join();
  return 0;
}

}  // namespace
}  // namespace communique::bench

int main(int argc, char** argv) {
  absl::ParseCommandLine(argc, argv);
  return communique::bench::Run();
}
