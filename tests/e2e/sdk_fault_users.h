#ifndef COMMUNIQUE_TESTS_E2E_SDK_FAULT_USERS_H_
#define COMMUNIQUE_TESTS_E2E_SDK_FAULT_USERS_H_

#include <atomic>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "communique/client.h"
#include "tests/e2e/sdk_fault_proxy.h"
#include "tests/support/test_server.h"

// Users of the SDK whose calls go through a network that does harm. Each runs in a thread of its
// own until it is stopped, checks what it is told, and counts what became of its calls.
namespace communique::testing {

// The deadline of unary calls: shorter than most faults, so that calls meet it.
inline constexpr absl::Duration kTimeout = absl::Milliseconds(300);
// Outlasts the short faults and not the long ones.
inline constexpr absl::Duration kLoadTimeout = absl::Milliseconds(1'500);
// A watch takes 2.5 intervals of silence for a loss. Its connection is given up somewhat
// later, so that both are seen, and within the shortest of the long faults.
inline constexpr absl::Duration kCheckpointInterval = absl::Seconds(1);
inline constexpr absl::Duration kKeepaliveTime = absl::Milliseconds(2'500);
inline constexpr absl::Duration kKeepaliveTimeout = absl::Seconds(1);

// The network between clients and both listeners of a server. Every client has connections of
// its own.
class Network {
 public:
  explicit Network(const TestServer& server)
      : proxy_(server.endpoint()), admin_proxy_(server.admin_endpoint()) {}

  Client MakeClient(CallObserver observer = {}) const;

  // Returns when the fault is over.
  void Harm(FaultProxy::Fault fault, absl::Duration length);
  // How often it did harm.
  std::int64_t harm(FaultProxy::Fault fault) const { return proxy_.harm(fault); }

 private:
  FaultProxy proxy_;
  FaultProxy admin_proxy_;
};

// What became of the calls of one kind.
struct Tally {
  int calls = 0;
  int failures = 0;
  absl::Duration latest = -absl::InfiniteDuration();  // beyond the deadline
};
using Tallies = std::map<std::string, Tally>;

// Puts one record again and again, each version until it is acknowledged.
class Writer {
 public:
  Writer(const Network& network, int number);

  void Run(const std::atomic<bool>& stop);

  std::string name() const { return "actors/" + id_; }
  const std::vector<std::string>& titles() const { return titles_; }
  const Tally& tally() const { return tally_; }
  // How many versions; while it runs, too.
  int acknowledged() const { return acknowledged_; }

 private:
  const std::string id_;
  const Client client_;
  std::vector<std::string> titles_;
  std::atomic<int> acknowledged_{0};
  Tally tally_;
};

// Loads lines of which each creates a record: one that was applied twice would be refused. A
// Loader that gave up is followed by another, which goes on where the server says.
class LoadingWriter {
 public:
  explicit LoadingWriter(const Network& network);

  void Run(const std::atomic<bool>& stop);

  // The name and the title that a line gives its record.
  static std::string NameOf(std::int64_t line);
  static std::string TitleOf(std::int64_t line);
  std::int64_t lines() const { return lines_; }
  // By which a Loader went on by itself.
  std::int64_t reconnects() const { return reconnects_; }
  const Tally& tally() const { return tally_; }

 private:
  // Whether it could be finished.
  bool LoadSome(const std::atomic<bool>& stop);

  const Client client_;
  std::int64_t lines_ = 0;
  std::int64_t reconnects_ = 0;
  Tally tally_;
};

// Reads while others write: one record, the server's status, a search of several pages.
class Reader {
 public:
  // The search must find `hits` records.
  Reader(const Network& network, const Writer& writer, absl::string_view query, std::size_t hits);

  void Run(const std::atomic<bool>& stop);

  const Tallies& tallies() const { return tallies_; }

 private:
  void Get();
  void Search();

  const Client client_;
  const Writer& writer_;
  const std::string query_;
  const std::size_t hits_;
  Tallies tallies_;
};

// Lists sources in several pages, slowly, so that faults fall between them.
class Lister {
 public:
  // Just these must be listed, in this order.
  Lister(const Network& network, std::vector<std::string> names);

  void Run(const std::atomic<bool>& stop);

  const Tally& tally() const { return tally_; }
  // Lists that ended with an error after their first page.
  int broken_lists() const { return broken_lists_; }

 private:
  const Client client_;
  const std::vector<std::string> names_;
  Tally tally_;
  int broken_lists_ = 0;
};

// Why the streams of a client ended, as its observer saw it.
//
// Thread safety: any.
class StreamEnds {
 public:
  CallObserver Observer();
  // The SDK took a silent server for lost.
  int silent() const { return silent_; }
  // The connection did not answer a probe.
  int given_up() const { return given_up_; }

 private:
  std::atomic<int> silent_{0};
  std::atomic<int> given_up_{0};
};

// Takes every change from the first revision.
class Watcher {
 public:
  explicit Watcher(const Network& network);

  // Until it is cancelled.
  void Run();
  void Cancel() { watch_.Cancel(); }

  WatchStats stats() const { return watch_.stats(); }
  const StreamEnds& ends() const { return ends_; }
  // While it runs, too.
  std::int64_t through_revision() const { return watch_.stats().through_revision; }
  const std::vector<v1::Change>& changes() const { return changes_; }

 private:
  StreamEnds ends_;
  Watch watch_;
  std::vector<v1::Change> changes_;
};

}  // namespace communique::testing

#endif  // COMMUNIQUE_TESTS_E2E_SDK_FAULT_USERS_H_
