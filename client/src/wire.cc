#include "src/wire.h"

#include <cstring>

#include "google/protobuf/wire_format_lite.h"

namespace communique::internal {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::internal::WireFormatLite;

constexpr int kMaxDepth = 100;  // as the parser, unless told otherwise
// Numbers of fields beyond are taken as unknown ones: no schema here has any.
constexpr int kMaxKnownNumber = 1000;

bool IsAscii(absl::string_view text) {
  const char* at = text.data();
  std::size_t left = text.size();
  std::uint64_t all = 0;
  for (; left >= sizeof(all); at += sizeof(all), left -= sizeof(all)) {
    std::uint64_t word;
    std::memcpy(&word, at, sizeof(word));
    all |= word;
  }
  for (; left > 0; ++at, --left) all |= static_cast<unsigned char>(*at);
  return (all & 0x8080808080808080U) == 0;
}

bool IsUtf8(absl::string_view text) {
  return IsAscii(text) ||
         WireFormatLite::VerifyUtf8String(text.data(), static_cast<int>(text.size()),
                                          WireFormatLite::PARSE, "a watched change");
}

}  // namespace

bool WireReader::LongVarint(int max_bytes, std::uint64_t& value) {
  value = 0;
  for (int i = 0; i < max_bytes && at_ != end_; ++i) {
    const auto byte = static_cast<unsigned char>(*at_++);
    value |= std::uint64_t{byte & 0x7fU} << (7 * i);
    if (byte < 0x80) return true;
  }
  return false;
}

WireCheck::WireCheck(const Descriptor* type) : root_(Learn(type)) {}

const WireCheck::Message* WireCheck::Learn(const Descriptor* type) {
  const auto [place, is_new] = messages_.try_emplace(type);
  if (!is_new) return place->second.get();
  place->second = std::make_unique<Message>();
  Message& message = *place->second;  // stays where it is
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* described = type->field(i);
    if (described->number() > kMaxKnownNumber) continue;
    const auto number = static_cast<std::size_t>(described->number());
    if (message.fields.size() <= number) message.fields.resize(number + 1);
    Field field;
    switch (WireFormatLite::WireTypeForFieldType(
        static_cast<WireFormatLite::FieldType>(described->type()))) {
      case WireFormatLite::WIRETYPE_VARINT:
        field.kind = Kind::kVarint;
        break;
      case WireFormatLite::WIRETYPE_FIXED32:
        field.kind = Kind::kFixed32;
        break;
      case WireFormatLite::WIRETYPE_FIXED64:
        field.kind = Kind::kFixed64;
        break;
      default:
        field.kind = described->type() == FieldDescriptor::TYPE_STRING    ? Kind::kText
                     : described->type() == FieldDescriptor::TYPE_MESSAGE ? Kind::kMessage
                                                                          : Kind::kBytes;
    }
    field.may_be_packed = described->is_packable();
    if (field.kind == Kind::kMessage) field.message = Learn(described->message_type());
    message.fields[number] = field;
  }
  return &message;
}

bool WireCheck::Accepts(absl::string_view bytes) const { return AcceptsMessage(*root_, bytes, 0); }

bool WireCheck::AcceptsMessage(const Message& message, absl::string_view bytes, int depth) {
  if (depth > kMaxDepth) return false;
  WireReader reader(bytes);
  WireReader::Field read;
  while (!reader.at_end()) {
    if (!reader.Next(read)) return false;
    // A field of another encoding than its type's is an unknown one to the parser.
    if (read.type != WireReader::kBytes || read.number >= message.fields.size()) continue;
    const Field& field = message.fields[read.number];
    switch (field.kind) {
      case Kind::kText:
        if (!IsUtf8(read.bytes)) return false;
        break;
      case Kind::kMessage:
        if (!AcceptsMessage(*field.message, read.bytes, depth + 1)) return false;
        break;
      default:
        if (field.may_be_packed && !AcceptsPacked(field.kind, read.bytes)) return false;
    }
  }
  return true;
}

bool WireCheck::AcceptsPacked(Kind kind, absl::string_view bytes) {
  if (kind == Kind::kFixed32) return bytes.size() % 4 == 0;
  if (kind == Kind::kFixed64) return bytes.size() % 8 == 0;
  WireReader reader(bytes);
  std::uint64_t value = 0;
  while (!reader.at_end()) {
    if (!reader.Varint(value)) return false;
  }
  return true;
}

}  // namespace communique::internal
