#ifndef COMMUNIQUE_TESTS_UNIT_ZIP_ARCHIVE_H_
#define COMMUNIQUE_TESTS_UNIT_ZIP_ARCHIVE_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

// Archives made byte by byte, so that a test can have one that is not as it says.
namespace communique::testing {

struct ZipMember {
  std::string name;
  std::string bytes;              // As they stand in the archive.
  bool deflated = false;          // Else they are the file itself.
  std::uint32_t whole_bytes = 0;  // Of the file.
  std::uint32_t crc = 0;          // Of the file.
};

// CRC-32 as zip has it.
inline std::uint32_t Crc32(absl::string_view bytes) {
  std::uint32_t crc = 0xFFFFFFFF;
  for (const char c : bytes) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ (0xEDB88320 & (0 - (crc & 1)));
  }
  return ~crc;
}

// A file as it is.
inline ZipMember Stored(const std::string& name, const std::string& bytes) {
  return {name, bytes, false, static_cast<std::uint32_t>(bytes.size()), Crc32(bytes)};
}

// A file of 258 * `runs` + 1 times 'a', deflated to 13 bits for each run: the most
// that deflate can do. The CRC is not right: nobody is to read that far.
inline ZipMember Bomb(const std::string& name, int runs) {
  ZipMember member{name, "", true, static_cast<std::uint32_t>(258 * runs + 1), 0};
  unsigned int buffer = 0;
  int bits = 0;
  const auto put = [&](unsigned int code, int count, bool high_first) {
    for (int i = 0; i < count; ++i) {
      const unsigned int bit = (code >> (high_first ? count - 1 - i : i)) & 1;
      buffer |= bit << bits;
      if (++bits < 8) continue;
      member.bytes.push_back(static_cast<char>(buffer));
      buffer = 0;
      bits = 0;
    }
  };
  put(1, 1, false);  // The last block,
  put(1, 2, false);  // of the fixed codes.
  put(0x30 + 'a', 8, true);
  for (int i = 0; i < runs; ++i) {
    put(0xC5, 8, true);  // 258 bytes, as
    put(0, 5, true);     // the one before.
  }
  put(0, 7, true);  // The end.
  while (bits > 0) put(0, 1, false);
  return member;
}

inline std::string MakeZip(const ZipMember& member) {
  const auto number = [](std::uint32_t value, int bytes) {
    std::string out;
    for (int i = 0; i < bytes; ++i) out.push_back(static_cast<char>(value >> (8 * i)));
    return out;
  };
  const auto size = [](const std::string& bytes) {
    return static_cast<std::uint32_t>(bytes.size());
  };
  // What a member's own header and the directory both say.
  const std::string common =
      absl::StrCat(number(20, 2), number(0, 2), number(member.deflated ? 8 : 0, 2), number(0, 2),
                   number(0x21, 2), number(member.crc, 4), number(size(member.bytes), 4),
                   number(member.whole_bytes, 4), number(size(member.name), 2), number(0, 2));
  const std::string local = absl::StrCat("PK\x03\x04", common, member.name, member.bytes);
  const std::string directory =
      absl::StrCat("PK\x01\x02", number(20, 2), common, number(0, 2), number(0, 2), number(0, 2),
                   number(0, 4), number(0, 4), member.name);
  return absl::StrCat(local, directory, "PK\x05\x06", number(0, 2), number(0, 2), number(1, 2),
                      number(1, 2), number(size(directory), 4), number(size(local), 4),
                      number(0, 2));
}

}  // namespace communique::testing

#endif  // COMMUNIQUE_TESTS_UNIT_ZIP_ARCHIVE_H_
