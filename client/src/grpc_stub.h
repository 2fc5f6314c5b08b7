#ifndef COMMUNIQUE_CLIENT_SRC_GRPC_STUB_H_
#define COMMUNIQUE_CLIENT_SRC_GRPC_STUB_H_

#include <memory>

#include "communique/options.h"
#include "src/stub.h"

namespace communique::internal {

// The lowest stub: one channel to the service and one to its operator's listener.
std::shared_ptr<Stub> MakeGrpcStub(const ClientOptions& options);

// The unary rpcs of the service.
extern const UnaryMethod kGetSummit, kGetSanction, kGetStatement, kGetActor, kGetSource;
extern const UnaryMethod kListSummits, kListSanctions, kListStatements, kListActors, kListSources;
extern const UnaryMethod kBatchGet, kListRevisions, kSearch, kCommit, kGetStatus, kTrimJournal;

}  // namespace communique::internal

#endif  // COMMUNIQUE_CLIENT_SRC_GRPC_STUB_H_
