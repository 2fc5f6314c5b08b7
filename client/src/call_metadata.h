#ifndef COMMUNIQUE_CLIENT_SRC_CALL_METADATA_H_
#define COMMUNIQUE_CLIENT_SRC_CALL_METADATA_H_

#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "communique/options.h"
#include "src/stub.h"

namespace communique::internal {

// What every call says beside its request: the principal, a bearer token, a trace.
// gRPC aborts the process over a header that HTTP/2 cannot carry and over a
// certificate without its key, so such options are refused here, call by call.
//
// Thread safety: all methods may be called from any thread.
class CallMetadata {
 public:
  explicit CallMetadata(const ClientOptions& options);

  // An error ends the call before it is made: what is wrong with the options, or
  // why there is no token.
  absl::Status AddTo(CallContext& context);

 private:
  absl::StatusOr<std::string> Token();

  const ClientOptions options_;
  const absl::Status refusal_;

  absl::Mutex mutex_;
  // The last token that the file held.
  std::string token_ ABSL_GUARDED_BY(mutex_);
  absl::Time token_read_at_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
};

}  // namespace communique::internal

#endif  // COMMUNIQUE_CLIENT_SRC_CALL_METADATA_H_
