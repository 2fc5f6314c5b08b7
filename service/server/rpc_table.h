#ifndef COMMUNIQUE_SERVICE_SERVER_RPC_TABLE_H_
#define COMMUNIQUE_SERVICE_SERVER_RPC_TABLE_H_

#include <vector>

#include "communique/v1/admin.grpc.pb.h"
#include "communique/v1/catalog.grpc.pb.h"
#include "communique/v1/feed.grpc.pb.h"
#include "communique/v1/publish.grpc.pb.h"
#include "communique/v1/screening.grpc.pb.h"
#include "service/server/service.h"
#include "service/server/unary_call.h"

namespace communique::server {

// Every method raw: protoc generates one wrapper for each.
template <template <class> class... Wrappers>
struct Raw;
template <template <class> class First, template <class> class... Rest>
struct Raw<First, Rest...> {
  template <class Base>
  using Over = First<typename Raw<Rest...>::template Over<Base>>;
};
template <>
struct Raw<> {
  template <class Base>
  using Over = Base;
};

using C = v1::CatalogService;
using RawCatalog =
    Raw<C::WithRawMethod_GetSummit, C::WithRawMethod_GetSanction, C::WithRawMethod_GetStatement,
        C::WithRawMethod_GetActor, C::WithRawMethod_GetSource, C::WithRawMethod_ListSummits,
        C::WithRawMethod_ListSanctions, C::WithRawMethod_ListStatements,
        C::WithRawMethod_ListActors, C::WithRawMethod_ListSources, C::WithRawMethod_BatchGet,
        C::WithRawMethod_ListRevisions, C::WithRawMethod_Search>::Over<C::Service>;
using P = v1::PublishService;
using RawPublish = Raw<P::WithRawMethod_Commit, P::WithRawMethod_Load>::Over<P::Service>;
using F = v1::FeedService;
using RawFeed = Raw<F::WithRawMethod_Watch>::Over<F::Service>;
using S = v1::ScreeningService;
using RawScreening =
    Raw<S::WithRawMethod_Screen, S::WithRawMethod_VerifyClaim>::Over<S::Service>;
using A = v1::AdminService;
using RawAdmin = Raw<A::WithRawMethod_GetStatus, A::WithRawMethod_CreateBackup,
                     A::WithRawMethod_ListBackups, A::WithRawMethod_VerifyBackup,
                     A::WithRawMethod_TrimJournal>::Over<A::Service>;

// The gRPC services of the public listener and of the admin listener.
struct PublicServices {
  RawCatalog catalog;
  RawPublish publish;
  RawFeed feed;
  RawScreening screening;
};
struct AdminServices {
  RawAdmin admin;
};

// Every unary rpc with its handler. The arguments outlive the calls.
std::vector<UnaryMethod> MakePublicMethods(PublicServices& services, Service& service);
std::vector<UnaryMethod> MakeAdminMethods(AdminServices& services, Service& service);

}  // namespace communique::server

#endif  // COMMUNIQUE_SERVICE_SERVER_RPC_TABLE_H_
