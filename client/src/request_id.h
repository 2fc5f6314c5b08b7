#ifndef COMMUNIQUE_CLIENT_SRC_REQUEST_ID_H_
#define COMMUNIQUE_CLIENT_SRC_REQUEST_ID_H_

#include <string>

namespace communique::internal {

// A random UUID (RFC 4122, version 4).
std::string NewRequestId();

}  // namespace communique::internal

#endif  // COMMUNIQUE_CLIENT_SRC_REQUEST_ID_H_
