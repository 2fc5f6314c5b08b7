#ifndef COMMUNIQUE_SERVICE_SERVER_HANDLERS_H_
#define COMMUNIQUE_SERVICE_SERVER_HANDLERS_H_

#include "absl/strings/string_view.h"
#include "communique/v1/record.pb.h"
#include "service/server/service.h"
#include "service/server/unary_call.h"

// The unary rpcs, grouped as their services are. Each ends in exactly one Finish.
namespace communique::server {

// get_handlers.cc
template <typename Request>  // one of the five Get requests
void HandleGet(Service& service, v1::RecordKind kind, UnaryCall& call);
void HandleBatchGet(Service& service, UnaryCall& call);

// list_handlers.cc
template <typename Request>  // one of the five List requests
void HandleList(Service& service, v1::RecordKind kind, UnaryCall& call);

// history_handlers.cc
void HandleListRevisions(Service& service, UnaryCall& call);

// search_handlers.cc
void HandleSearch(Service& service, UnaryCall& call);

// screen_handlers.cc
void HandleScreen(Service& service, UnaryCall& call);

// verify_handlers.cc
void HandleVerifyClaim(Service& service, UnaryCall& call);

// publish_handlers.cc
void HandleCommit(Service& service, UnaryCall& call);

// admin_handlers.cc
void HandleGetStatus(Service& service, UnaryCall& call);
void HandleTrimJournal(Service& service, UnaryCall& call);

// In the schema and not in the server yet.
void HandleNotImplemented(absl::string_view rpc, UnaryCall& call);

}  // namespace communique::server

#endif  // COMMUNIQUE_SERVICE_SERVER_HANDLERS_H_
