#ifndef COMMUNIQUE_CONNECTION_H_
#define COMMUNIQUE_CONNECTION_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "communique/export.h"
#include "communique/options.h"
#include "communique/v1/admin.pb.h"
#include "communique/v1/catalog.pb.h"
#include "communique/v1/feed.pb.h"
#include "communique/v1/publish.pb.h"
#include "communique/v1/record.pb.h"
#include "communique/v1/screening.pb.h"
#include "communique/watch_batch.h"

namespace communique {

// A page of records of one kind.
struct RecordPage {
  std::vector<v1::Record> records;
  // For ListOptions.page_token; empty on the last page.
  std::string next_page_token;
  // How many match in all; 0 when not counted.
  std::int64_t total_size = 0;
  bool total_size_estimated = false;
  // What the records that these refer to are called, when asked for.
  std::vector<v1::ReferencedName> referenced_names;
  // What makes the answer reproducible.
  v1::Pin pin;
};

// A page that was asked for ahead. Destroying it takes the call back.
//
// Thread safety: one thread at a time.
class COMMUNIQUE_EXPORT PendingPage {
 public:
  virtual ~PendingPage() = default;
  // Waits for the page, retries included, up to the timeout of its options from
  // now on. Once only.
  virtual absl::StatusOr<RecordPage> Get() = 0;
};

// One server stream of a watch, as the transport has it: it does not resume.
//
// Thread safety: Read from one thread at a time; Cancel from any.
class COMMUNIQUE_EXPORT WatchStream {
 public:
  virtual ~WatchStream() = default;
  // Waits for the next response; nothing when the server ended the stream with
  // OK. A silence longer than `max_silence` ends the stream with UNAVAILABLE, a
  // malformed response with DATA_LOSS.
  // After the end or an error there is nothing more to read.
  virtual absl::StatusOr<std::optional<WatchBatch>> Read(absl::Duration max_silence) = 0;
  // Ends the stream; a Read that waits returns at once.
  virtual void Cancel() = 0;
};

// One stream of a load, as the transport has it: it does not resume.
//
// Thread safety: one thread at a time, but Cancel from any.
// Errors: a call that fails ends the stream and answers the server's status; a
// wait beyond the deadline ends it with UNAVAILABLE.
class COMMUNIQUE_EXPORT LoadStream {
 public:
  virtual ~LoadStream() = default;
  // Sends one message; returns when the transport has taken it.
  virtual absl::Status Write(const v1::LoadRequest& request, absl::Time deadline) = 0;
  // Says that no message follows.
  virtual absl::Status WritesDone(absl::Time deadline) = 0;
  // Waits for the next answer; nullopt when the server ended the stream with OK.
  virtual absl::StatusOr<std::optional<v1::LoadResponse>> Read(absl::Time deadline) = 0;
  // The next answer if it is there already.
  virtual std::optional<v1::LoadResponse> Poll() = 0;
  // Ends the stream; a call that waits returns at once.
  virtual void Cancel() = 0;
};

// The way from a Client to the service; what users mock (MockConnection). The
// one that MakeConnection makes adds the metadata, the deadlines and retries.
//
// Performance: share one; it multiplexes every call over one HTTP/2 connection.
// Thread safety: all methods may be called from any thread.
// Errors: absl::Status with the server's details, see errors.h.
class COMMUNIQUE_EXPORT Connection {
 public:
  virtual ~Connection() = default;

  // How it was made. A mock answers the defaults.
  virtual ClientOptions options() const { return {}; }

  virtual absl::StatusOr<v1::Record> Get(v1::RecordKind kind, const std::string& name,
                                         const ReadOptions& options) = 0;
  // Answers one page; ListOptions.limit is not looked at.
  virtual absl::StatusOr<RecordPage> ListPage(v1::RecordKind kind, const ListOptions& options) = 0;
  // Asks for a page without waiting for it; null: this connection does not, and
  // ListPage is called when the page is needed.
  virtual std::unique_ptr<PendingPage> StartListPage(v1::RecordKind /*kind*/,
                                                     const ListOptions& /*options*/) {
    return nullptr;
  }
  virtual absl::StatusOr<v1::BatchGetResponse> BatchGet(const v1::BatchGetRequest& request,
                                                        const CallOptions& options) = 0;
  virtual absl::StatusOr<v1::ListRevisionsResponse> ListRevisions(
      const v1::ListRevisionsRequest& request, const CallOptions& options) = 0;
  // Answers one page.
  virtual absl::StatusOr<v1::SearchResponse> SearchPage(const v1::SearchRequest& request,
                                                        const CallOptions& options) = 0;
  // Expects a request_id; Client fills an empty one.
  virtual absl::StatusOr<v1::CommitResponse> Commit(const v1::CommitRequest& request,
                                                    const CallOptions& options) = 0;
  virtual absl::StatusOr<v1::ScreenResponse> Screen(const v1::ScreenRequest& request,
                                                    const CallOptions& options) = 0;
  virtual absl::StatusOr<v1::VerifyClaimResponse> VerifyClaim(
      const v1::VerifyClaimRequest& request, const CallOptions& options) = 0;
  virtual absl::StatusOr<v1::GetStatusResponse> GetStatus(const v1::GetStatusRequest& request,
                                                          const CallOptions& options) = 0;
  virtual absl::StatusOr<v1::CreateBackupResponse> CreateBackup(
      const v1::CreateBackupRequest& request, const CallOptions& options) = 0;
  virtual absl::StatusOr<v1::ListBackupsResponse> ListBackups(const v1::ListBackupsRequest& request,
                                                              const CallOptions& options) = 0;
  virtual absl::StatusOr<v1::VerifyBackupResponse> VerifyBackup(
      const v1::VerifyBackupRequest& request, const CallOptions& options) = 0;
  virtual absl::StatusOr<v1::TrimJournalResponse> TrimJournal(
      const v1::TrimJournalRequest& request, const CallOptions& options) = 0;
  // Opens a stream; what is wrong with it is told by its first Read.
  virtual std::unique_ptr<WatchStream> OpenWatch(const v1::WatchRequest& request) = 0;
  // Opens a stream; what is wrong with it is told by its first Write or Read. Null:
  // this connection opens none.
  virtual std::unique_ptr<LoadStream> OpenLoad() = 0;
};

// Makes a connection. It connects with the first call and again whenever it is
// lost, so this does not fail; a wrong endpoint shows as UNAVAILABLE.
COMMUNIQUE_EXPORT std::shared_ptr<Connection> MakeConnection(ClientOptions options);

}  // namespace communique

#endif  // COMMUNIQUE_CONNECTION_H_
