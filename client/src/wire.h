#ifndef COMMUNIQUE_CLIENT_SRC_WIRE_H_
#define COMMUNIQUE_CLIENT_SRC_WIRE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"

namespace communique::internal {

// Reads the fields of a message off its bytes, without a type. The encoding:
// https://protobuf.dev/programming-guides/encoding.
class WireReader {
 public:
  explicit WireReader(absl::string_view bytes)
      : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  enum Type : std::uint8_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };
  struct Field {
    std::uint32_t number = 0;
    Type type = kVarint;
    std::uint64_t value = 0;  // of a varint
    absl::string_view bytes;  // of kBytes, without the length; of a fixed one
    absl::string_view whole;  // with the tag
  };

  bool at_end() const { return at_ == end_; }
  // Reads the next field. False: the bytes are none (a group counts so, too, which
  // no proto3 message has).
  bool Next(Field& field) {
    const char* const begin = at_;
    std::uint64_t tag = 0;
    if (!Varint(tag, kMaxSizeBytes) || tag > UINT32_MAX || tag < 8) return false;
    field.number = static_cast<std::uint32_t>(tag >> 3);
    field.type = static_cast<Type>(tag & 7);
    bool read = false;
    std::uint64_t size = 0;
    if (field.type == kBytes) {
      read = Varint(size, kMaxSizeBytes) && Take(size, field.bytes);
    } else if (field.type == kVarint) {
      read = Varint(field.value);
    } else if (field.type == kFixed64) {
      read = Take(8, field.bytes);
    } else if (field.type == kFixed32) {
      read = Take(4, field.bytes);
    }
    field.whole = absl::string_view(begin, static_cast<std::size_t>(at_ - begin));
    return read;
  }
  // Reads a number of up to `max_bytes`; more, or the end within it, is false.
  bool Varint(std::uint64_t& value, int max_bytes = kMaxVarintBytes) {
    if (at_ == end_) return false;
    value = static_cast<unsigned char>(*at_);
    if (value >= 0x80) return LongVarint(max_bytes, value);
    ++at_;
    return true;
  }

 private:
  static constexpr int kMaxVarintBytes = 10;
  static constexpr int kMaxSizeBytes = 5;  // of tags and lengths

  bool LongVarint(int max_bytes, std::uint64_t& value);
  bool Take(std::uint64_t size, absl::string_view& bytes) {
    if (size > static_cast<std::uint64_t>(end_ - at_)) return false;
    bytes = absl::string_view(at_, static_cast<std::size_t>(size));
    at_ += size;
    return true;
  }

  const char* at_;
  const char* const end_;
};

// Tells whether bytes are a message of one type, as its parser does, without
// making the message: tags, lengths, nested messages, packed numbers, UTF-8. What
// it accepts is parsed without an error. It refuses more than the parser in what
// no writer writes: groups, and numbers of fields that overflow.
//
// Performance: some nanoseconds a field.
// Thread safety: const methods may be called from any thread.
class WireCheck {
 public:
  explicit WireCheck(const google::protobuf::Descriptor* type);

  bool Accepts(absl::string_view bytes) const;

 private:
  enum class Kind : std::uint8_t { kUnknown, kVarint, kFixed32, kFixed64, kBytes, kText, kMessage };
  struct Message;
  struct Field {
    Kind kind = Kind::kUnknown;
    bool may_be_packed = false;
    const Message* message = nullptr;
  };
  struct Message {
    std::vector<Field> fields;  // by number
  };

  const Message* Learn(const google::protobuf::Descriptor* type);
  static bool AcceptsMessage(const Message& message, absl::string_view bytes, int depth);
  static bool AcceptsPacked(Kind kind, absl::string_view bytes);

  std::unordered_map<const google::protobuf::Descriptor*, std::unique_ptr<Message>> messages_;
  const Message* const root_;
};

}  // namespace communique::internal

#endif  // COMMUNIQUE_CLIENT_SRC_WIRE_H_
