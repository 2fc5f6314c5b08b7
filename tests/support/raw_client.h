#ifndef COMMUNIQUE_TESTS_SUPPORT_RAW_CLIENT_H_
#define COMMUNIQUE_TESTS_SUPPORT_RAW_CLIENT_H_

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "communique/v1/admin.grpc.pb.h"
#include "communique/v1/catalog.grpc.pb.h"
#include "communique/v1/feed.grpc.pb.h"
#include "communique/v1/publish.grpc.pb.h"
#include "communique/v1/screening.grpc.pb.h"

namespace communique::testing {

// With its details as payloads, so that the functions of communique/errors.h
// read them.
absl::Status FromGrpc(const grpc::Status& status);

// gRPC without the SDK: nothing is checked, filled, retried or resumed.
class RawClient {
 public:
  explicit RawClient(const std::string& endpoint);

  // Every call has this long.
  static constexpr absl::Duration kDeadline = absl::Seconds(15);
  static std::unique_ptr<grpc::ClientContext> Context(const std::string& principal = "tester");

  v1::CatalogService::Stub& catalog() { return *catalog_; }
  v1::PublishService::Stub& publish() { return *publish_; }
  v1::FeedService::Stub& feed() { return *feed_; }
  v1::ScreeningService::Stub& screening() { return *screening_; }
  v1::AdminService::Stub& admin() { return *admin_; }
  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }

  absl::StatusOr<v1::CommitResponse> Commit(const v1::CommitRequest& request);
  // Opens a watch and reads its first response; its end when there is none.
  absl::StatusOr<v1::WatchResponse> FirstOf(const v1::WatchRequest& request);
  // Sends the messages and no more, and answers how the load ended.
  absl::Status Load(const std::vector<v1::LoadRequest>& requests);
  // Sends bytes to "/communique.v1.PublishService/Commit" or any other, also a
  // streaming one, and answers how the call ended.
  absl::Status SendBytes(const std::string& method, absl::string_view bytes,
                         std::string* answer = nullptr);
  // The standard health service: 1 is SERVING, 2 NOT_SERVING.
  absl::StatusOr<int> Health(const std::string& service = "");

 private:
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::CatalogService::Stub> catalog_;
  std::unique_ptr<v1::PublishService::Stub> publish_;
  std::unique_ptr<v1::FeedService::Stub> feed_;
  std::unique_ptr<v1::ScreeningService::Stub> screening_;
  std::unique_ptr<v1::AdminService::Stub> admin_;
};

}  // namespace communique::testing

#endif  // COMMUNIQUE_TESTS_SUPPORT_RAW_CLIENT_H_
