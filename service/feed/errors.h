#ifndef COMMUNIQUE_SERVICE_FEED_ERRORS_H_
#define COMMUNIQUE_SERVICE_FEED_ERRORS_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

// Every error that opening or following a watch can answer.
namespace communique::feed {

absl::Status InvalidResumeToken();
// `what` says of what it is: "another store", "another filter or shard".
absl::Status ResumeTokenMismatch(absl::string_view what);
absl::Status ResumeTokenEpoch(absl::string_view epoch, absl::string_view current);
absl::Status ResumeTokenExpired(int64_t revision, int64_t oldest);
// `of` is whose: "principal", "connection", or empty for the server.
absl::Status TooManyWatches(absl::string_view of, int64_t limit);
// The distinct filters of open watches; `what` is "bytes" or "terms".
absl::Status TooManyFilters(absl::string_view of, absl::string_view what, int64_t limit);

}  // namespace communique::feed

#endif  // COMMUNIQUE_SERVICE_FEED_ERRORS_H_
