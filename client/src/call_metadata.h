#ifndef COMMUNIQUE_CLIENT_SRC_CALL_METADATA_H_
#define COMMUNIQUE_CLIENT_SRC_CALL_METADATA_H_

#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "communique/options.h"
#include "src/stub.h"

namespace communique::internal {

enum class CallKind { kUnary, kStream };

// What every call says beside its request: the principal, a bearer token, a trace.
//
// Thread safety: all methods may be called from any thread.
class CallMetadata {
 public:
  // `refusal`: what is wrong with the options (check_options.h), told to every call.
  CallMetadata(const ClientOptions& options, absl::Status refusal);

  // Answers the token that it added; empty: none. An error ends the call before it is
  // made: the refusal, or why there is no token. A file without one is UNAUTHENTICATED
  // to a unary call, so that a wrong path shows at once, and UNAVAILABLE to a stream,
  // which waits for a secret that is mounted late.
  absl::StatusOr<std::string> AddTo(CallContext& context, CallKind kind);

  // Takes note of what the server said to an attempt that carried `token`. A refused
  // token is not used again unread. UNAUTHENTICATED becomes UNAVAILABLE, which the loops
  // above repeat, when there is another token by now and this is the first one refused
  // since the server last took one: what rotates is replaced, what is wrong ends.
  absl::Status Judge(const std::string& token, absl::Status status);

 private:
  absl::StatusOr<std::string> Token(CallKind kind) ABSL_LOCKS_EXCLUDED(mutex_);
  absl::StatusOr<std::string> TokenOfFile(CallKind kind) ABSL_LOCKS_EXCLUDED(mutex_);

  const ClientOptions options_;
  const absl::Status refusal_;

  absl::Mutex mutex_;
  // The last token that the file held.
  std::string token_ ABSL_GUARDED_BY(mutex_);
  absl::Time token_read_at_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  // The first token refused since one was taken; empty: none was.
  std::string refused_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace communique::internal

#endif  // COMMUNIQUE_CLIENT_SRC_CALL_METADATA_H_
