#ifndef COMMUNIQUE_TESTS_GUARANTEES_FRAME_PROXY_H_
#define COMMUNIQUE_TESTS_GUARANTEES_FRAME_PROXY_H_

#include <atomic>
#include <memory>
#include <string>

#include "communique/v1/feed.grpc.pb.h"

namespace communique::guarantees {

// Stands between a watcher and its server and passes responses on, but now and
// then one is lost, comes twice, or is overtaken by the next: what a broken
// intermediary could do to frames that are each whole by themselves.
//
// Thread safety: safe.
class FrameProxy final : private v1::FeedService::Service {
 public:
  enum class Fault { kNone, kDrop, kRepeat, kSwap, kEach };  // kEach: one after the other

  // `every`: one response of so many is hit, counted over all streams.
  FrameProxy(const std::string& upstream, Fault fault, int every);
  ~FrameProxy() override;

  const std::string& endpoint() const { return endpoint_; }
  int faults() const { return faults_; }

 private:
  grpc::Status Watch(grpc::ServerContext* context, const v1::WatchRequest* request,
                     grpc::ServerWriter<v1::WatchResponse>* writer) override;
  Fault Next();

  const Fault fault_;
  const int every_;
  std::atomic<int> responses_{0};
  std::atomic<int> faults_{0};
  std::unique_ptr<v1::FeedService::Stub> upstream_;
  std::string endpoint_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace communique::guarantees

#endif  // COMMUNIQUE_TESTS_GUARANTEES_FRAME_PROXY_H_
