#ifndef COMMUNIQUE_SERVICE_STORE_ERRORS_H_
#define COMMUNIQUE_SERVICE_STORE_ERRORS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "communique/v1/record.pb.h"

// Every error that reading and writing records can answer.
namespace communique::store {

absl::Status RecordNotFound(absl::string_view name);
// `asked` is the name that led there, when another.
absl::Status RecordDeleted(const v1::Tombstone& tombstone, absl::string_view asked);
absl::Status RecordExists(absl::string_view name, absl::string_view etag);
absl::Status NameMerged(absl::string_view name, absl::string_view successor);
// `standing` describes what is there now ("etag x at revision 7", "nothing").
absl::Status EtagMismatch(absl::string_view name, absl::string_view wanted,
                          absl::string_view standing_etag, int64_t standing_revision);
absl::Status RevisionMismatch(absl::string_view name, int64_t wanted,
                              absl::string_view standing_etag, int64_t standing_revision);

struct MissingReference {
  std::string record;  // that refers
  std::string target;  // that is not there
  std::string why;
};
absl::Status ReferencesNotFound(const std::vector<MissingReference>& missing);
absl::Status MergeCycle(absl::string_view name, absl::string_view into);
absl::Status NotMerged(absl::string_view name);
absl::Status RequestIdReused(absl::string_view request_id, int64_t revision);
// `limit` names the limit ("mutations per commit").
absl::Status SizeLimit(absl::string_view subject, absl::string_view limit, int64_t size,
                       int64_t allowed);
absl::Status QueueFull();
absl::Status Draining();
// `field` names it in the request.
absl::Status RevisionInFuture(absl::string_view field, int64_t revision, int64_t head);
// A chain of merges longer than a read follows; `reached` is where it stopped.
absl::Status TooManyRedirects(absl::string_view name, absl::string_view reached, int limit);
absl::Status TooManyLoads(int64_t limit);
absl::Status RevisionExpired(int64_t revision, int64_t oldest);
// A version of a list whose import has not ended.
absl::Status ListVersionIncomplete(absl::string_view source);
absl::Status ReplicaBehind(int64_t revision, int64_t head);
absl::Status NotImplemented(absl::string_view what);
// A line of a load, with the error it was refused for.
absl::Status LoadLineRefused(int64_t line, const absl::Status& why);

}  // namespace communique::store

#endif  // COMMUNIQUE_SERVICE_STORE_ERRORS_H_
