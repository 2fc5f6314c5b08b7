#ifndef COMMUNIQUE_CLIENT_SRC_GRPC_STUB_H_
#define COMMUNIQUE_CLIENT_SRC_GRPC_STUB_H_

#include <memory>

#include "communique/options.h"
#include "src/stub.h"

namespace communique::internal {

// The lowest stub: a channel to each endpoint and one to the operator's listener.
std::shared_ptr<Stub> MakeGrpcStub(const ClientOptions& options);

// The unary rpcs of the service.
extern const UnaryMethod kGetSummit, kGetSanction, kGetStatement, kGetActor, kGetSource;
extern const UnaryMethod kListSummits, kListSanctions, kListStatements, kListActors, kListSources;
extern const UnaryMethod kBatchGet, kListRevisions, kSearch, kCommit, kScreen, kVerifyClaim;
extern const UnaryMethod kGetStatus, kTrimJournal, kCreateBackup, kListBackups, kVerifyBackup;

}  // namespace communique::internal

#endif  // COMMUNIQUE_CLIENT_SRC_GRPC_STUB_H_
