#ifndef COMMUNIQUE_SERVICE_BASE_WIRE_H_
#define COMMUNIQUE_SERVICE_BASE_WIRE_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

// The few pieces of the protobuf wire format with which stored bytes are framed
// and sliced without being parsed (protobuf.dev, "Encoding").
namespace communique::base {

void AppendVarint(uint64_t value, std::string& out);
// A length-delimited field: tag, length, bytes.
void AppendBytesField(int field, absl::string_view bytes, std::string& out);
// Only its tag and length; the bytes follow by themselves.
void AppendBytesHeader(int field, size_t size, std::string& out);
void AppendVarintField(int field, uint64_t value, std::string& out);

// Reads a varint off the front; nullopt when there is none.
std::optional<uint64_t> TakeVarint(absl::string_view& in);

// One field read off the front of a message.
struct WireField {
  int number = 0;
  int wire_type = 0;            // 0 varint, 1 fixed64, 2 bytes, 5 fixed32
  uint64_t varint = 0;          // of wire type 0
  absl::string_view bytes;      // of wire type 2
};
// nullopt at the end or when the bytes are no message (`in` is then not empty).
std::optional<WireField> TakeField(absl::string_view& in);

// The first length-delimited field of that number; nullopt when there is none.
std::optional<absl::string_view> FindBytesField(absl::string_view message, int field);
// The first varint field of that number; 0 when there is none.
uint64_t FindVarintField(absl::string_view message, int field);

}  // namespace communique::base

#endif  // COMMUNIQUE_SERVICE_BASE_WIRE_H_
