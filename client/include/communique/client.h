#ifndef COMMUNIQUE_CLIENT_H_
#define COMMUNIQUE_CLIENT_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "communique/commit_builder.h"
#include "communique/connection.h"
#include "communique/errors.h"
#include "communique/export.h"
#include "communique/loader.h"
#include "communique/mirror.h"
#include "communique/names.h"
#include "communique/options.h"
#include "communique/stream_range.h"
#include "communique/v1/catalog.pb.h"
#include "communique/v1/change.pb.h"
#include "communique/v1/record.pb.h"
#include "communique/watch.h"

namespace communique {

// One entry of a record's history.
struct Revision {
  // What happened, and what stood afterwards.
  v1::Change change;
  // The old and new value of each changed field; empty unless
  // HistoryOptions.include_values asks for them.
  std::vector<v1::FieldDifference> differences;
};

using RecordRange = StreamRange<v1::Record>;
using RevisionRange = StreamRange<Revision>;
using SearchRange = StreamRange<v1::SearchResult>;

// Reads, writes and watches the records of a Communiqué service.
//
//   communique::Client client(communique::MakeConnection({.endpoint = "127.0.0.1:7400"}));
//   absl::StatusOr<communique::v1::Record> record = client.Get("actors/kim-jong-un");
//
// Performance: a Client is a pointer; copy it freely. Copies share a connection.
// Thread safety: all methods may be called from any thread, on one object too.
// Errors: absl::Status with the server's code, message and details (errors.h).
// Every unary call ends within its timeout (30 s unless set), retries included:
// UNAVAILABLE is retried, and RESOURCE_EXHAUSTED that says when (RetryInfo). After
// DEADLINE_EXCEEDED or UNAVAILABLE the outcome of a Commit is not known: repeat it with
// the same request_id.
class COMMUNIQUE_EXPORT Client {
 public:
  explicit Client(std::shared_ptr<Connection> connection) : connection_(std::move(connection)) {}

  // Answers one record by its name ("summits/kim-putin-2023"). NOT_FOUND carries
  // the `v1::Tombstone` of a deleted one; a merged name answers its survivor with
  // `redirected_from`. INVALID_ARGUMENT without a call for an unknown collection.
  absl::StatusOr<v1::Record> Get(absl::string_view name, ReadOptions options = {}) const;

  // Lists the records of one kind, page by page, all at one revision. The next page
  // is asked for when half of one is walked.
  RecordRange List(v1::RecordKind kind, ListOptions options = {}) const;

  // Lists one page; go on with ListOptions.page_token.
  absl::StatusOr<RecordPage> ListPage(v1::RecordKind kind, ListOptions options = {}) const;

  // Answers up to 1,000 records of any kind at one revision.
  absl::StatusOr<v1::BatchGetResponse> BatchGet(std::vector<std::string> names,
                                                ReadOptions options = {}) const;

  // Searches text over every kind, best first; the last word matches as a prefix.
  // Later pages are of the same revision.
  SearchRange Search(absl::string_view query, SearchOptions options = {}) const;

  // Searches one page; go on with SearchOptions.page_token.
  absl::StatusOr<v1::SearchResponse> SearchPage(absl::string_view query,
                                                SearchOptions options = {}) const;

  // The history of one name, newest first. Redirects are not followed.
  RevisionRange History(absl::string_view name, HistoryOptions options = {}) const;

  // Applies a set of mutations as one revision; commit_builder.h puts one together.
  // An empty request_id is filled
  // once and kept over retries; set your own to repeat safely after an error.
  absl::StatusOr<v1::CommitResponse> Commit(v1::CommitRequest request,
                                            CallOptions options = {}) const;

  // Scores names against sanctioned actors. UNIMPLEMENTED by a server that does
  // not screen.
  absl::StatusOr<v1::ScreenResponse> Screen(const v1::ScreenRequest& request,
                                            CallOptions options = {}) const;

  // Answers whether an actor is under sanctions of an authority at a date, with the
  // rows that say so. UNIMPLEMENTED by a server that does not verify.
  absl::StatusOr<v1::VerifyClaimResponse> VerifyClaim(const v1::VerifyClaimRequest& request,
                                                      CallOptions options = {}) const;

  // Prepares a load of many commits; nothing is sent before Loader::Start.
  Loader Load(LoadOptions options) const;

  // Prepares a watch; the stream opens with the first Watch::Next.
  communique::Watch Watch(WatchOptions options = {}) const;

  // Keeps a local copy of the records that match a filter. Starts at once, in a
  // thread of its own.
  communique::Mirror Mirror(MirrorOptions options = {}) const;

  // How the server is. Calls the operator's listener.
  absl::StatusOr<v1::GetStatusResponse> Status(CallOptions options = {}) const;

  // Makes a backup. Calls the operator's listener, as all of these do.
  absl::StatusOr<v1::Backup> CreateBackup(absl::string_view note, CallOptions options = {}) const;
  // Every backup, newest first.
  absl::StatusOr<std::vector<v1::Backup>> ListBackups(CallOptions options = {}) const;
  // Reads a backup through and tells what is wrong with it.
  absl::StatusOr<v1::VerifyBackupResponse> VerifyBackup(absl::string_view backup_id,
                                                        CallOptions options = {}) const;

  // Gives up what was superseded at or before `revision`, and every read and watch
  // from before it; what stands stays. Answers the oldest revision held, which a
  // repeat answers, too. Calls the operator's listener.
  absl::StatusOr<std::int64_t> TrimJournal(std::int64_t revision, CallOptions options = {}) const;

 private:
  std::shared_ptr<Connection> connection_;
};

}  // namespace communique

#endif  // COMMUNIQUE_CLIENT_H_
