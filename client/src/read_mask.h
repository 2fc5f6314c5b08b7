#ifndef COMMUNIQUE_CLIENT_SRC_READ_MASK_H_
#define COMMUNIQUE_CLIENT_SRC_READ_MASK_H_

#include <string>
#include <vector>

namespace communique::internal {

// Sets the read mask of any request that has one; no paths: all fields, and no
// mask.
template <typename Request>
void SetReadMask(const std::vector<std::string>& paths, Request& request) {
  for (const std::string& path : paths) request.mutable_read_mask()->add_paths(path);
}

}  // namespace communique::internal

#endif  // COMMUNIQUE_CLIENT_SRC_READ_MASK_H_
