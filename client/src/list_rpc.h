#ifndef COMMUNIQUE_CLIENT_SRC_LIST_RPC_H_
#define COMMUNIQUE_CLIENT_SRC_LIST_RPC_H_

#include <memory>

#include "communique/connection.h"
#include "google/protobuf/message.h"
#include "src/stub.h"

namespace communique::internal {

// The List of one kind: five rpcs of one shape but different messages.
struct ListRpc {
  const UnaryMethod* method;
  std::unique_ptr<google::protobuf::Message> (*make_request)(const ListOptions& options);
  std::unique_ptr<google::protobuf::Message> (*make_response)();
  // Moves the records out of a response.
  RecordPage (*take_page)(google::protobuf::Message& response);
};

// Null for no kind.
const ListRpc* ListRpcOf(v1::RecordKind kind);

}  // namespace communique::internal

#endif  // COMMUNIQUE_CLIENT_SRC_LIST_RPC_H_
