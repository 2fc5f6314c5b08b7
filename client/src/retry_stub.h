#ifndef COMMUNIQUE_CLIENT_SRC_RETRY_STUB_H_
#define COMMUNIQUE_CLIENT_SRC_RETRY_STUB_H_

#include <memory>

#include "communique/options.h"
#include "src/stub.h"

namespace communique::internal {

// The one retry loop of unary calls. Each may be repeated: reads change nothing, and a
// Commit always carries a request_id.
std::shared_ptr<Stub> MakeRetryStub(std::shared_ptr<Stub> child, const RetryOptions& options,
                                    CallObserver observer);

}  // namespace communique::internal

#endif  // COMMUNIQUE_CLIENT_SRC_RETRY_STUB_H_
