#ifndef COMMUNIQUE_TESTS_SUPPORT_SERVER_PROCESS_H_
#define COMMUNIQUE_TESTS_SUPPORT_SERVER_PROCESS_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "tests/support/program.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_server.h"

namespace communique::testing {

// The program `communiqued`, on a data folder of its own that outlives kills and
// restarts. The first start picks ports, which restarts keep.
//
//   auto server = ServerProcess::Start();
//   ASSERT_TRUE(server.ok()) << server.status();
//   (*server)->Kill();
//   ASSERT_TRUE((*server)->Restart().ok());
//
// Thread safety: one thread, the one that started it.
class ServerProcess final : public TestServer {
 public:
  struct Options {
    std::string journal = "rocksdb";
    // How long health says NOT_SERVING before a drain ends calls.
    absl::Duration drain_pause = absl::Milliseconds(100);
    // More flags.
    std::vector<std::string> flags = {};
  };

  // Returns when it is ready; with what it logged when it does not get so far.
  static absl::StatusOr<std::unique_ptr<ServerProcess>> Start(Options options);
  static absl::StatusOr<std::unique_ptr<ServerProcess>> Start() { return Start(Options()); }

  const std::string& endpoint() const override { return endpoint_; }
  const std::string& admin_endpoint() const override { return admin_endpoint_; }
  // Empty unless --metrics_listen is among the flags.
  const std::string& metrics_endpoint() const { return metrics_endpoint_; }
  const std::string& data_dir() const { return data_dir_; }

  // kill -9, and waits until it is gone.
  void Kill();
  // SIGTERM: it drains. Does not wait.
  void Terminate();
  // Its exit code once it ended; nullopt when it still runs after `timeout`.
  std::optional<int> Wait(absl::Duration timeout) { return program_->Wait(timeout); }
  bool running() { return program_ != nullptr && program_->running(); }
  // Starts it again, on the same data and ports.
  absl::Status Restart();

  // What it logged, over all its starts.
  std::string log() const { return ReadFile(directory_ / "log"); }

 private:
  explicit ServerProcess(Options options) : options_(std::move(options)) {}
  absl::Status StartOnce();

  const Options options_;
  TempDir directory_;
  std::string data_dir_ = directory_ / "data";
  std::string endpoint_ = "127.0.0.1:0";
  std::string admin_endpoint_ = "127.0.0.1:0";
  std::string metrics_endpoint_;
  std::unique_ptr<Program> program_;
};

}  // namespace communique::testing

#endif  // COMMUNIQUE_TESTS_SUPPORT_SERVER_PROCESS_H_
