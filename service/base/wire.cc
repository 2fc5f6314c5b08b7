#include "service/base/wire.h"

namespace communique::base {

void AppendVarint(uint64_t value, std::string& out) {
  while (value >= 0x80) {
    out.push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  out.push_back(static_cast<char>(value));
}

void AppendBytesHeader(int field, size_t size, std::string& out) {
  AppendVarint(static_cast<uint64_t>(field) << 3 | 2, out);
  AppendVarint(size, out);
}

void AppendBytesField(int field, absl::string_view bytes, std::string& out) {
  AppendBytesHeader(field, bytes.size(), out);
  out.append(bytes.data(), bytes.size());
}

void AppendVarintField(int field, uint64_t value, std::string& out) {
  AppendVarint(static_cast<uint64_t>(field) << 3, out);
  AppendVarint(value, out);
}

std::optional<uint64_t> TakeVarint(absl::string_view& in) {
  uint64_t value = 0;
  for (size_t i = 0; i < in.size() && i < 10; ++i) {
    const auto byte = static_cast<unsigned char>(in[i]);
    value |= static_cast<uint64_t>(byte & 0x7f) << (7 * i);
    if (byte < 0x80) {
      in.remove_prefix(i + 1);
      return value;
    }
  }
  return std::nullopt;
}

std::optional<WireField> TakeField(absl::string_view& input) {
  absl::string_view in = input;  // what is cut short is left as it was
  const auto tag = TakeVarint(in);
  if (!tag) return std::nullopt;
  WireField field;
  field.number = static_cast<int>(*tag >> 3);
  field.wire_type = static_cast<int>(*tag & 7);
  size_t skip = 0;
  switch (field.wire_type) {
    case 0: {
      const auto value = TakeVarint(in);
      if (!value) return std::nullopt;
      field.varint = *value;
      input = in;
      return field;
    }
    case 1:
      skip = 8;
      break;
    case 2: {
      const auto size = TakeVarint(in);
      if (!size || *size > in.size()) return std::nullopt;
      field.bytes = in.substr(0, *size);
      skip = *size;
      break;
    }
    case 5:
      skip = 4;
      break;
    default:
      return std::nullopt;
  }
  if (skip > in.size()) return std::nullopt;
  in.remove_prefix(skip);
  input = in;
  return field;
}

std::optional<absl::string_view> FindBytesField(absl::string_view message, int field) {
  while (const auto found = TakeField(message)) {
    if (found->number == field && found->wire_type == 2) return found->bytes;
  }
  return std::nullopt;
}

uint64_t FindVarintField(absl::string_view message, int field) {
  while (const auto found = TakeField(message)) {
    if (found->number == field && found->wire_type == 0) return found->varint;
  }
  return 0;
}

}  // namespace communique::base
