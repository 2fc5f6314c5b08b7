#ifndef COMMUNIQUE_OPTIONS_H_
#define COMMUNIQUE_OPTIONS_H_

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "communique/v1/read_scope.pb.h"
#include "communique/v1/record.pb.h"

// Options are plain structs, written with designated initialisers:
//
//   communique::MakeConnection({.endpoint = "127.0.0.1:7400", .principal = "desk"});
//
// Every field has an initialiser, so that leaving one out raises no warning.
namespace communique {

struct RecordPage;  // connection.h

// What an observer is told about the calls of a client.
struct CallEvent {
  enum class Kind {
    kAttempt,  // An attempt ended, with `status` and `latency`.
    kRetry,    // Another attempt follows after `delay`; `status` is why.
  };
  Kind kind = Kind::kAttempt;
  // "CatalogService/GetSummit".
  std::string method = {};
  // From 1. For a watch or a load: attempts since the last progress.
  int attempt = 1;
  absl::Status status = {};
  // How long the attempt took; for streams, how long the stream stood.
  absl::Duration latency = {};
  // The wait before the next attempt. Only in kRetry.
  absl::Duration delay = {};
};

// Called from the thread that makes the call, without locks held; several
// threads may call it at once. It must return soon: the call waits for it.
using CallObserver = std::function<void(const CallEvent&)>;

// How attempts are spaced: a random time between nothing and a bound that grows
// (full jitter). A delay that the server asks for (RetryInfo) is added to it.
struct RetryOptions {
  // Retried is UNAVAILABLE, and RESOURCE_EXHAUSTED with a RetryInfo (a limit that is
  // reached for the moment), and only while the call's timeout lasts.
  bool enabled = true;
  // The bound for the first retry.
  absl::Duration initial_backoff = absl::Milliseconds(100);
  // The bound stops growing here.
  absl::Duration max_backoff = absl::Seconds(5);
  // The factor from one bound to the next.
  double multiplier = 2.0;
  // The budget of a connection: retries of its unary calls take one each; it
  // starts full and fills again by so many a second. When it is empty, the error
  // is handed out instead, so that a crowd of callers does not keep a server down.
  double budget = 500;
  double budget_per_second = 20;
};

// TLS, when enabled; mutual TLS with a certificate and key. Files are PEM, and are
// read again when they change: replace each by renaming over it, the key first. A file
// that cannot be read yet is UNAVAILABLE, and tried again. Fields set without `enabled`
// are INVALID_ARGUMENT to every call: nothing goes out in the clear by mistake.
struct TlsOptions {
  bool enabled = false;
  // Who may have signed the server's certificate; empty: gRPC's default roots.
  std::string root_certificates_file = {};
  // The client's own certificate (with its chain) and its key; empty: none.
  std::string certificate_file = {};
  std::string private_key_file = {};
  // The name that the server's certificate must have; empty: the endpoint's host.
  std::string server_name = {};
  // How often the files are looked at, whole seconds.
  absl::Duration reload_interval = absl::Minutes(1);
};

struct ClientOptions {
  // Where the service is: `HOST:PORT`, or several of them with commas between, or
  // any target of gRPC (`dns:///HOST:PORT`, every address of which is used). Calls
  // go round robin, past those that cannot be reached. Empty: INVALID_ARGUMENT.
  std::string endpoint = "127.0.0.1:7400";
  // `HOST:PORT` of the operator's listener. Empty: its calls are INVALID_ARGUMENT.
  std::string admin_endpoint = "127.0.0.1:7401";
  // For both endpoints. Not enabled, nothing is encrypted.
  TlsOptions tls = TlsOptions();
  // A bearer token for each attempt, sent as `authorization`: from a file or from a
  // callback; both is INVALID_ARGUMENT, and so is either without TLS, unless every
  // endpoint is on loopback. After UNAUTHENTICATED the token is asked for anew, and the
  // attempt is made once more when it is another.
  //
  // The file (64 KiB at the most; space around the token is cut) is read again every 5 s;
  // while it cannot be read the last token stands. Without a first one a unary call is
  // UNAUTHENTICATED, with the system's reason; a Watch, Mirror or Loader waits for it
  // within its own timeouts, as for a server that is away.
  std::string token_file = {};
  // Called in the calling thread, perhaps by several at once. Its UNAVAILABLE is retried;
  // DEADLINE_EXCEEDED is taken for that; any other error ends the call, the watch or the
  // load, and is handed out as it is.
  std::function<absl::StatusOr<std::string>()> token = {};
  // The W3C `traceparent` of the span that makes the call, asked for in the calling
  // thread with each attempt; empty: not sent.
  std::function<std::string()> traceparent = {};
  // A connection that is silent this long is probed, and given up when the answer
  // stays out. The service accepts a probe each 30 s.
  absl::Duration keepalive_time = absl::Minutes(1);
  absl::Duration keepalive_timeout = absl::Seconds(20);
  // Who calls, sent as the metadata `communique-principal`; empty: not sent.
  std::string principal = {};
  // Stands first in the user agent that the server sees.
  std::string user_agent = {};
  // The longest a unary call may take, its retries included.
  absl::Duration timeout = absl::Seconds(30);
  RetryOptions retry = {};
  CallObserver observer = {};
};

// For one unary call.
struct CallOptions {
  // Replaces ClientOptions.timeout; zero keeps it.
  absl::Duration timeout = {};
};

struct ReadOptions {
  // As of which knowledge, at which date.
  v1::ReadScope scope = {};
  // Fields to answer ("summit.title" or "title"); empty: all. The name is always
  // answered.
  std::vector<std::string> read_mask = {};
  // Replaces ClientOptions.timeout; zero keeps it.
  absl::Duration timeout = {};
};

struct ListOptions {
  // A filter (AIP-160); empty: all.
  std::string filter = {};
  // An order (AIP-132); empty: by name.
  std::string order_by = {};
  // Records a page, 1 to 1,000; 0: the server's default.
  int page_size = 0;
  // At most this many records over all pages; 0: all.
  std::int64_t limit = 0;
  v1::ReadScope scope = {};
  // Fields to answer ("summit.title" or "title"); empty: all.
  std::vector<std::string> read_mask = {};
  // Also answers what the records that these refer to are called
  // (RecordPage.referenced_names).
  bool include_referenced = false;
  // Where ListPage begins; empty: the first page.
  std::string page_token = {};
  // For each page. Replaces ClientOptions.timeout; zero keeps it.
  absl::Duration timeout = {};
  // Told each page that List fetched, before its records are walked: its pin, its
  // total size, its referenced names. Called in the thread that walks.
  std::function<void(const RecordPage&)> on_page = {};
};

struct SearchOptions {
  // Which kinds of record; empty: all.
  std::vector<v1::RecordKind> kinds = {};
  // Results a page, 1 to 1,000; 0: the server's default.
  int page_size = 0;
  // At most this many results over all pages; 0: all that the server ranks.
  std::int64_t limit = 0;
  v1::ReadScope scope = {};
  // Fields to answer ("actor.display_name"); empty: all.
  std::vector<std::string> read_mask = {};
  // Where SearchPage begins; empty: the first page.
  std::string page_token = {};
  // For each page. Replaces ClientOptions.timeout; zero keeps it.
  absl::Duration timeout = {};
};

struct HistoryOptions {
  // History up to this knowledge.
  v1::ReadScope scope = {};
  // Changes a page, 1 to 1,000; 0: the server's default.
  int page_size = 0;
  // At most this many changes; 0: all.
  std::int64_t limit = 0;
  // Also answers the old and new value of each changed field
  // (Revision.differences).
  bool include_values = false;
  // For each page. Replaces ClientOptions.timeout; zero keeps it.
  absl::Duration timeout = {};
};

}  // namespace communique

#endif  // COMMUNIQUE_OPTIONS_H_
