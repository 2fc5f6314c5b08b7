#ifndef COMMUNIQUE_SERVICE_SERVER_BYTE_BUFFER_H_
#define COMMUNIQUE_SERVICE_SERVER_BYTE_BUFFER_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "google/protobuf/message_lite.h"
#include "grpcpp/support/byte_buffer.h"
#include "service/feed/watcher.h"

namespace communique::server {

// Parses a request. INVALID_ARGUMENT when it does not parse: damage, or a string
// that is not UTF-8.
absl::Status ParseRequest(const grpc::ByteBuffer& buffer, google::protobuf::MessageLite& message);

grpc::ByteBuffer ToByteBuffer(std::string bytes);
// Without copying what is large: the slices keep their owners alive. Small ones
// are copied, so that none pins a group.
grpc::ByteBuffer ToByteBuffer(std::vector<feed::SharedBytes> slices);

}  // namespace communique::server

#endif  // COMMUNIQUE_SERVICE_SERVER_BYTE_BUFFER_H_
