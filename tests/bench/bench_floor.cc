// The floor: a gRPC server generated for completion queues that does nothing but
// answer GetStatement with one record, the same bytes for every name, and Watch
// with one response, the same bytes again and again (or once, when there is no
// file of them). What it reaches is what the transport allows on this machine.

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
#include "communique/v1/feed.grpc.pb.h"
#include "grpcpp/grpcpp.h"

ABSL_FLAG(std::string, record, "", "File with the record to answer, as bytes.");
ABSL_FLAG(std::string, response, "", "File with the response of Watch, as bytes; none: a bare stream.");
ABSL_FLAG(std::string, listen, "127.0.0.1:0", "HOST:PORT; port 0 picks one.");

namespace communique::bench {
namespace {

// Calls that wait to be accepted, for each queue: as many as callers there are.
constexpr int kAccepts = 64;

// What comes out of a queue.
class Tag {
 public:
  virtual ~Tag() = default;
  virtual void Proceed(bool ok) = 0;
};

// One call after another in the same place.
class Call final : public Tag {
 public:
  Call(v1::CatalogService::AsyncService& service, grpc::ServerCompletionQueue& queue,
       const v1::Record& record)
      : service_(service), queue_(queue), record_(record) {
    Accept();
  }

  void Proceed(bool ok) override {
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

using FeedService = v1::FeedService::WithRawMethod_Watch<v1::FeedService::AsyncService>;

// One watch; ends itself when its client does.
class Watch final : public Tag {
 public:
  Watch(FeedService& service, grpc::ServerCompletionQueue& queue, const grpc::ByteBuffer& response,
        bool again)
      : service_(service), queue_(queue), response_(response), again_(again) {
    service.RequestWatch(&context_, &request_, &writer_, &queue, &queue, this);
  }

  void Proceed(bool ok) override {
    if (!accepted_ && ok) {
      accepted_ = true;
      new Watch(service_, queue_, response_, again_);
      writer_.Write(response_, this);
    } else if (!ok) {
      delete this;  // the client has gone, or the server goes
    } else if (again_) {
      writer_.Write(response_, this);
    }
    // A bare stream is left as it is until the process ends.
  }

 private:
  FeedService& service_;
  grpc::ServerCompletionQueue& queue_;
  const grpc::ByteBuffer& response_;
  const bool again_;
  grpc::ServerContext context_;
  grpc::ByteBuffer request_;
  grpc::ServerAsyncWriter<grpc::ByteBuffer> writer_{&context_};
  bool accepted_ = false;
};

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string((std::istreambuf_iterator<char>(file)), {});
}

int Run() {
  const std::string bytes = ReadFile(absl::GetFlag(FLAGS_record));
  const std::string watched = ReadFile(absl::GetFlag(FLAGS_response));
  const grpc::Slice slice(watched.data(), watched.size());
  const grpc::ByteBuffer response(&slice, 1);
  v1::Record record;
  if (!bytes.empty() && !record.ParseFromString(bytes)) {
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
  FeedService feed;
  builder.RegisterService(&service);
  builder.RegisterService(&feed);
  std::vector<std::unique_ptr<grpc::ServerCompletionQueue>> queues;
  const int cores = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  for (int i = 0; i < cores; ++i) queues.push_back(builder.AddCompletionQueue());
  const auto server = builder.BuildAndStart();
  if (server == nullptr || port == 0) {
    std::cerr << "bench_floor: cannot listen on " << absl::GetFlag(FLAGS_listen) << "\n";
    return 1;
  }

  std::vector<std::unique_ptr<Tag>> calls;
  std::vector<std::thread> threads;
  for (const auto& queue : queues) {
    for (int i = 0; i < kAccepts; ++i) {
      calls.push_back(std::make_unique<Call>(service, *queue, record));
    }
    new Watch(feed, *queue, response, !watched.empty());
    threads.emplace_back([&queue = *queue] {
      void* tag = nullptr;
      bool ok = false;
      while (queue.Next(&tag, &ok)) static_cast<Tag*>(tag)->Proceed(ok);
    });
  }
  std::cout << "{\"ready\": true, \"port\": " << port << "}" << std::endl;

  int received = 0;
  sigwait(&signals, &received);
  // Watches that stand have no end of their own.
  server->Shutdown(std::chrono::system_clock::now());
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
