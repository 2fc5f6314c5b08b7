#ifndef COMMUNIQUE_TESTING_IN_PROCESS_SERVICE_H_
#define COMMUNIQUE_TESTING_IN_PROCESS_SERVICE_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "communique/client.h"

namespace communique::testing {

// The real service within a test's own process: everything but the disk, on free
// loopback ports. Nothing is kept when it is gone.
//
//   auto service = communique::testing::InProcessService::Start();
//   if (!service.ok()) return service.status();
//   communique::Client client = (*service)->MakeClient();
//
// Performance: starts in a few milliseconds; a commit costs tens of microseconds.
// Thread safety: all methods from any thread; destroy it after its clients' calls.
class InProcessService {
 public:
  static absl::StatusOr<std::unique_ptr<InProcessService>> Start();
  // Ends watches with UNAVAILABLE, as a server does that shuts down.
  ~InProcessService();

  // HOST:PORT.
  const std::string& endpoint() const;
  const std::string& admin_endpoint() const;

  // A client with a connection of its own; the endpoints of `options` are replaced.
  Client MakeClient(ClientOptions options = {}) const;

 private:
  struct Parts;
  explicit InProcessService(std::unique_ptr<Parts> parts);
  const std::unique_ptr<Parts> parts_;
};

}  // namespace communique::testing

#endif  // COMMUNIQUE_TESTING_IN_PROCESS_SERVICE_H_
