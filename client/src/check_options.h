#ifndef COMMUNIQUE_CLIENT_SRC_CHECK_OPTIONS_H_
#define COMMUNIQUE_CLIENT_SRC_CHECK_OPTIONS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "communique/options.h"

namespace communique::internal {

// INVALID_ARGUMENT for options that contradict themselves, or that would leave in the
// clear what was meant to be encrypted. gRPC must not see them: it aborts the process
// over a certificate without its key, a folder for a file, and a header that HTTP/2
// cannot carry.
absl::Status CheckOptions(const ClientOptions& options);

// The files that TLS reads.
std::vector<std::string> TlsFiles(const TlsOptions& tls);

// Whether a header can carry it.
bool IsPrintable(absl::string_view text);

}  // namespace communique::internal

#endif  // COMMUNIQUE_CLIENT_SRC_CHECK_OPTIONS_H_
