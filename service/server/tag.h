#ifndef COMMUNIQUE_SERVICE_SERVER_TAG_H_
#define COMMUNIQUE_SERVICE_SERVER_TAG_H_

namespace communique::server {

// What a completion queue hands back: one outstanding operation.
class Tag {
 public:
  virtual ~Tag() = default;
  // On the queue's thread. `ok` as gRPC defines it for the operation.
  virtual void Proceed(bool ok) = 0;
};

// A tag that is a member of its call and calls a method of it.
template <typename Call>
class MemberTag final : public Tag {
 public:
  using Method = void (Call::*)(bool ok);
  MemberTag(Call* call, Method method) : call_(call), method_(method) {}
  void Proceed(bool ok) override { (call_->*method_)(ok); }

 private:
  Call* const call_;
  const Method method_;
};

}  // namespace communique::server

#endif  // COMMUNIQUE_SERVICE_SERVER_TAG_H_
