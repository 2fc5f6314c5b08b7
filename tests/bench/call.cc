#include "tests/bench/call.h"

#include <cstdint>
#include <fstream>
#include <iterator>

namespace communique::bench {

bool ReadRequests(const std::string& path, std::vector<grpc::ByteBuffer>& requests) {
  std::ifstream file(path, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(file)), {});
  size_t at = 0;
  while (at + 4 <= bytes.size()) {
    uint32_t size = 0;
    for (size_t i = 0; i < 4; ++i) {
      size |= static_cast<uint32_t>(static_cast<unsigned char>(bytes[at + i])) << (8 * i);
    }
    at += 4;
    if (size > bytes.size() - at) return false;
    const grpc::Slice slice(bytes.data() + at, size);
    requests.emplace_back(&slice, 1);
    at += size;
  }
  return at == bytes.size() && !requests.empty();
}

std::vector<std::shared_ptr<grpc::Channel>> Connect(const std::string& target, int count) {
  std::vector<std::shared_ptr<grpc::Channel>> channels;
  for (int i = 0; i < count; ++i) {
    grpc::ChannelArguments arguments;
    // Otherwise channels to one address share one connection.
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    arguments.SetMaxReceiveMessageSize(-1);
    channels.push_back(
        grpc::CreateCustomChannel(target, grpc::InsecureChannelCredentials(), arguments));
    if (!channels.back()->WaitForConnected(std::chrono::system_clock::now() +
                                           std::chrono::seconds(10))) {
      return {};
    }
  }
  return channels;
}

std::string Quote(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return out + "\"";
}

}  // namespace communique::bench
