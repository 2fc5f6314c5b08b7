#ifndef COMMUNIQUE_CLIENT_SRC_STUB_DECORATOR_H_
#define COMMUNIQUE_CLIENT_SRC_STUB_DECORATOR_H_

#include <memory>
#include <utility>

#include "src/stub.h"

namespace communique::internal {

// Streams pass through every layer but the metadata: Watch and Loader resume by
// themselves and tell the observer, since only they know what progress is.
class StubDecorator : public Stub {
 public:
  explicit StubDecorator(std::shared_ptr<Stub> child) : child_(std::move(child)) {}
  std::unique_ptr<PendingCall> Start(const UnaryMethod& method, CallContext context,
                                     const google::protobuf::Message& request) override {
    return child_->Start(method, std::move(context), request);
  }
  std::unique_ptr<WatchStream> Watch(CallContext context,
                                     const v1::WatchRequest& request) override {
    return child_->Watch(std::move(context), request);
  }
  std::unique_ptr<LoadStream> Load(CallContext context) override {
    return child_->Load(std::move(context));
  }

 protected:
  Stub& child() { return *child_; }

 private:
  std::shared_ptr<Stub> child_;
};

}  // namespace communique::internal

#endif  // COMMUNIQUE_CLIENT_SRC_STUB_DECORATOR_H_
