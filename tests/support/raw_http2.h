#ifndef COMMUNIQUE_TESTS_SUPPORT_RAW_HTTP2_H_
#define COMMUNIQUE_TESTS_SUPPORT_RAW_HTTP2_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace communique::testing {

// Calls an rpc with HTTP/2 written by hand, since gRPC's client aborts over a
// header that it would not send. Answers all bytes that came until the call
// ended; empty when the server does not answer.
std::string SendRawHttp2(const std::string& endpoint, const std::string& path,
                         const std::vector<std::pair<std::string, std::string>>& headers,
                         absl::string_view message);

}  // namespace communique::testing

#endif  // COMMUNIQUE_TESTS_SUPPORT_RAW_HTTP2_H_
