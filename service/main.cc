// communiqued: the server. Builds the parts, passes them down, waits for a
// signal, drains.

#include <signal.h>

#include <algorithm>
#include <cstdint>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "absl/flags/usage_config.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/stubs/logging.h"
#include "service/base/limits.h"
#include "service/base/log.h"
#include "service/server/grpc_server.h"
#include "service/server/metrics.h"
#include "service/server/metrics_server.h"
#include "service/server/service.h"
#include "service/server/version.h"

ABSL_FLAG(std::string, data_dir, "", "Folder of the store; created when it is not there.");
ABSL_FLAG(std::string, listen, "127.0.0.1:7400", "HOST:PORT to serve on; port 0 picks one.");
ABSL_FLAG(std::string, admin_listen, "127.0.0.1:7401",
          "HOST:PORT of AdminService; keep it on loopback.");
ABSL_FLAG(std::string, metrics_listen, "",
          "HOST:PORT of Prometheus metrics over HTTP, such as 127.0.0.1:7402; empty: none. "
          "Without TLS: keep it on loopback or on a network of its own.");
ABSL_FLAG(std::string, journal, "rocksdb", "Where commits are kept: rocksdb, or memory (tests).");
ABSL_FLAG(int64_t, max_watches, communique::base::kMaxWatches, "Watches open at once.");
ABSL_FLAG(int64_t, max_watches_per_principal, communique::base::kMaxWatchesPerPrincipal,
          "Of them, those of one principal.");
ABSL_FLAG(int64_t, max_watches_per_connection, communique::base::kMaxWatchesPerConnection,
          "Of them, those on one connection.");
ABSL_FLAG(int64_t, max_watch_filter_bytes, communique::base::kMaxWatchFilterBytes,
          "Memory for the compiled filters of open watches, each distinct one once; a term takes "
          "250 to 800 bytes.");
ABSL_FLAG(int64_t, max_watch_filter_bytes_per_principal,
          communique::base::kMaxWatchFilterBytesPerPrincipal,
          "Of it, that of one principal's watches.");
ABSL_FLAG(int64_t, max_watch_filter_terms_per_principal,
          communique::base::kMaxWatchFilterTermsPerPrincipal,
          "Terms in the distinct filters of one principal's watches; each is put to every change.");
ABSL_FLAG(absl::Duration, retention, absl::ZeroDuration(),
          "Trims what is older than this, such as 8760h: older revisions can no longer be read, "
          "current records stay. 0 keeps everything; at least 1m.");
ABSL_FLAG(int64_t, feed_window_bytes, communique::base::kFeedWindowBytes,
          "Memory for recent commits, from which watches are fed; those further behind read the "
          "journal. At least 65536.");
ABSL_FLAG(bool, reflection, false, "Serve gRPC reflection, for buf curl and grpcurl.");
ABSL_FLAG(absl::Duration, drain_pause, absl::Seconds(1),
          "How long health says NOT_SERVING before calls are ended; at most 2s.");

namespace {

using communique::base::Log;
using communique::base::LogLevel;

constexpr absl::Duration kMaxDrainPause = absl::Seconds(2);

// protobuf prints what it thinks of a caller's bytes; the caller is answered.
void DropProtobufLog(google::protobuf::LogLevel, const char*, int, const std::string&) {}

int Run() {
  communique::server::ServiceOptions service_options;
  service_options.journal = absl::GetFlag(FLAGS_journal);
  service_options.data_dir = absl::GetFlag(FLAGS_data_dir);
  service_options.retention = absl::GetFlag(FLAGS_retention);
  service_options.watch_limits = {absl::GetFlag(FLAGS_max_watches),
                                  absl::GetFlag(FLAGS_max_watches_per_principal),
                                  absl::GetFlag(FLAGS_max_watches_per_connection),
                                  absl::GetFlag(FLAGS_max_watch_filter_bytes),
                                  absl::GetFlag(FLAGS_max_watch_filter_bytes_per_principal),
                                  absl::GetFlag(FLAGS_max_watch_filter_terms_per_principal)};
  service_options.feed_window_bytes = static_cast<size_t>(
      std::max<int64_t>(absl::GetFlag(FLAGS_feed_window_bytes), 64 << 10));
  communique::server::GrpcServerOptions server_options;
  server_options.listen = absl::GetFlag(FLAGS_listen);
  server_options.admin_listen = absl::GetFlag(FLAGS_admin_listen);
  server_options.reflection = absl::GetFlag(FLAGS_reflection);
  server_options.drain_pause = std::min(absl::GetFlag(FLAGS_drain_pause), kMaxDrainPause);

  // Before any thread starts, so that only sigwait below sees them.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);

  const communique::base::RealClock clock;
  const auto service = communique::server::Service::Start(service_options, clock);
  if (!service.ok()) {
    Log(LogLevel::kError, "start_failed", {{"error", std::string(service.status().message())}});
    return 1;
  }
  const auto server = communique::server::GrpcServer::Start(server_options, **service);
  if (!server.ok()) {
    Log(LogLevel::kError, "start_failed", {{"error", std::string(server.status().message())}});
    return 1;
  }
  // After the server, so that it is still scraped while that drains.
  std::unique_ptr<communique::server::MetricsServer> metrics_server;
  if (const std::string address = absl::GetFlag(FLAGS_metrics_listen); !address.empty()) {
    using communique::server::Metrics;
    auto started = communique::server::MetricsServer::Start(
        address, std::make_shared<Metrics>(
                     **service, std::vector<Metrics::Listener>{
                                    {"public", (*server)->calls()},
                                    {"admin", (*server)->admin_calls()}}));
    if (!started.ok()) {
      Log(LogLevel::kError, "start_failed", {{"error", std::string(started.status().message())}});
      return 1;
    }
    metrics_server = *std::move(started);
  }
  Log(LogLevel::kInfo, "ready",
      {{"listen", (*server)->address()},
       {"admin_listen", (*server)->admin_address()},
       {"metrics_listen", metrics_server == nullptr ? "" : metrics_server->address()},
       {"journal", std::string((*service)->local().engine_name())},
       {"data_dir", service_options.data_dir},
       {"head_revision", absl::StrCat((*service)->local().head())},
       {"version", communique::server::kServerVersion}});

  int received = 0;
  sigwait(&signals, &received);
  Log(LogLevel::kInfo, "draining", {{"signal", received == SIGTERM ? "SIGTERM" : "SIGINT"}});
  (*server)->Drain();
  Log(LogLevel::kInfo, "stopped", {{"head_revision", absl::StrCat((*service)->local().head())}});
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  absl::SetProgramUsageMessage(
      "The Communiqué server.\n\n  communiqued --data_dir=DIR [--listen=HOST:PORT] "
      "[--admin_listen=HOST:PORT] [--metrics_listen=HOST:PORT] [--journal=rocksdb|memory]\n\n"
      "Writes logs to standard error, a "
      "JSON object a line; \"ready\" has the addresses. SIGTERM drains: it ends within 10 s.");
  absl::FlagsUsageConfig usage;
  usage.version_string = [] {
    return absl::StrCat("communiqued ", communique::server::kServerVersion, "\n");
  };
  // --help shows the flags of this program, not those of its libraries.
  usage.contains_help_flags = [](absl::string_view file) { return absl::StrContains(file, "main.cc"); };
  absl::SetFlagsUsageConfig(usage);
  const auto rest = absl::ParseCommandLine(argc, argv);
  if (rest.size() > 1) {
    std::cerr << "communiqued: unexpected argument \"" << rest[1] << "\"; see --help\n";
    return 2;
  }
  const absl::Duration retention = absl::GetFlag(FLAGS_retention);
  if (retention != absl::ZeroDuration() && retention < communique::base::kMinRetention) {
    std::cerr << "communiqued: --retention is 0 or at least "
              << absl::FormatDuration(communique::base::kMinRetention) << "; see --help\n";
    return 2;
  }
  google::protobuf::SetLogHandler(&DropProtobufLog);
  return Run();
}
