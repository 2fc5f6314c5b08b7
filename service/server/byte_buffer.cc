#include "service/server/byte_buffer.h"

#include <memory>
#include <utility>

#include "grpcpp/support/proto_buffer_reader.h"
#include "absl/strings/str_cat.h"
#include "service/base/error.h"

namespace communique::server {
namespace {

// Below this a copy is cheaper than a reference.
constexpr size_t kCopyBytes = 512;

grpc::Slice ToSlice(feed::SharedBytes bytes) {
  if (bytes.bytes.size() <= kCopyBytes) return grpc::Slice(bytes.bytes.data(), bytes.bytes.size());
  auto* owner = new std::shared_ptr<const void>(std::move(bytes.owner));
  return grpc::Slice(
      const_cast<char*>(bytes.bytes.data()), bytes.bytes.size(),
      [](void* held) { delete static_cast<std::shared_ptr<const void>*>(held); }, owner);
}

}  // namespace

absl::Status ParseRequest(const grpc::ByteBuffer& buffer, google::protobuf::MessageLite& message) {
  grpc::ByteBuffer copy(buffer);  // by reference; the reader wants a mutable one
  grpc::ProtoBufferReader reader(&copy);
  if (reader.status().ok() && message.ParseFromZeroCopyStream(&reader)) return absl::OkStatus();
  base::Violations violations;
  violations.Add("", absl::StrCat("the request does not parse as ", message.GetTypeName(),
                                  ": it is damaged, or a string in it is not UTF-8"));
  return violations.ToStatus();
}

grpc::ByteBuffer ToByteBuffer(std::string bytes) {
  if (bytes.size() <= kCopyBytes) {
    const grpc::Slice slice(bytes.data(), bytes.size());
    return grpc::ByteBuffer(&slice, 1);
  }
  auto* owner = new std::string(std::move(bytes));
  const grpc::Slice slice(owner->data(), owner->size(),
                          [](void* held) { delete static_cast<std::string*>(held); }, owner);
  return grpc::ByteBuffer(&slice, 1);
}

grpc::ByteBuffer ToByteBuffer(std::vector<feed::SharedBytes> slices) {
  std::vector<grpc::Slice> result;
  result.reserve(slices.size());
  for (feed::SharedBytes& bytes : slices) result.push_back(ToSlice(std::move(bytes)));
  return grpc::ByteBuffer(result.data(), result.size());
}

}  // namespace communique::server
