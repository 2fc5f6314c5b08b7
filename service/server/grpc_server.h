#ifndef COMMUNIQUE_SERVICE_SERVER_GRPC_SERVER_H_
#define COMMUNIQUE_SERVICE_SERVER_GRPC_SERVER_H_

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "grpcpp/server.h"
#include "grpcpp/completion_queue.h"
#include "service/server/open_calls.h"
#include "service/server/rpc_table.h"
#include "service/server/service.h"

namespace communique::server {

struct GrpcServerOptions {
  // HOST:PORT; port 0 picks one.
  std::string listen = "127.0.0.1:7400";
  std::string admin_listen = "127.0.0.1:7401";
  // Whether reflection is on, on both listeners.
  bool reflection = false;
  // How long load balancers get to see that health says NOT_SERVING.
  absl::Duration drain_pause = absl::Seconds(1);
  // Completion queues of the public listener, a thread each; 0: one a core.
  int queues = 0;
};

// The listeners: public, and admin apart from it.
class GrpcServer {
 public:
  // Listens. `service` outlives it. UNAVAILABLE when an address is taken.
  static absl::StatusOr<std::unique_ptr<GrpcServer>> Start(const GrpcServerOptions& options,
                                                           Service& service);
  ~GrpcServer();

  // HOST:PORT as bound.
  const std::string& address() const { return public_.address; }
  const std::string& admin_address() const { return admin_.address; }

  // For metrics.
  const OpenCalls& calls() const { return public_.calls; }
  const OpenCalls& admin_calls() const { return admin_.calls; }

  // Health NOT_SERVING; the pause; watches end with UNAVAILABLE and their last
  // token; waiting commits are finished and new ones refused; calls end. Within
  // the pause plus eight seconds, whatever clients do.
  void Drain();

 private:
  struct Listener {
    std::string address;
    OpenCalls calls;
    std::vector<UnaryMethod> methods;
    std::vector<std::unique_ptr<grpc::ServerCompletionQueue>> queues;
    std::unique_ptr<grpc::Server> server;
    std::vector<std::thread> threads;
  };

  GrpcServer(const GrpcServerOptions& options, Service& service)
      : options_(options), service_(service) {}
  absl::Status Listen(Listener& listener, const std::string& address, int queues,
                      const std::vector<grpc::Service*>& services);
  static void Serve(Listener& listener);
  static void StopQueues(Listener& listener);
  void SetHealth(bool serving);

  const GrpcServerOptions options_;
  Service& service_;
  PublicServices public_services_;
  AdminServices admin_services_;
  Listener public_;
  Listener admin_;
  bool drained_ = false;
};

}  // namespace communique::server

#endif  // COMMUNIQUE_SERVICE_SERVER_GRPC_SERVER_H_
