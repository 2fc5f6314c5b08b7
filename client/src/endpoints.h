#ifndef COMMUNIQUE_CLIENT_SRC_ENDPOINTS_H_
#define COMMUNIQUE_CLIENT_SRC_ENDPOINTS_H_

#include <string>
#include <vector>

namespace communique::internal {

// The endpoints of a list with commas between; none when nothing stands in it.
std::vector<std::string> SplitEndpoints(const std::string& endpoint);

// Whether a target stays on this machine: a loopback address or a Unix socket.
bool IsLoopback(const std::string& target);

}  // namespace communique::internal

#endif  // COMMUNIQUE_CLIENT_SRC_ENDPOINTS_H_
