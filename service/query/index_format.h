#ifndef COMMUNIQUE_SERVICE_QUERY_INDEX_FORMAT_H_
#define COMMUNIQUE_SERVICE_QUERY_INDEX_FORMAT_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

// The constants of INDEX_FORMAT.md, for what writes a segment and what reads it.
namespace communique::query::index_format {

// INDEX_FORMAT.md. All numbers little-endian, as the machines are that we build for.
inline constexpr char kMagic[] = "CQINDEX3";
inline constexpr size_t kMagicBytes = 8;
// The sections, in the order in which they stand.
enum Section {
  kIdentity,
  kVersions,
  kNames,
  kBurials,
  kTerms,
  kTermPostings,
  kWordOffset,
  kWordPostings,
  kWords,
  kPostings,
  kSections
};
// Magic, checksum of everything after it, then offset and size of each section.
inline constexpr size_t kHeaderBytes = kMagicBytes + 8 + 16 * kSections;

// A reference to a posting: the id of its only version, or where its list stands.
inline constexpr uint32_t kInline = 0x8000'0000;
// Lists up to here are plain ids, longer ones a bitmap in CRoaring's portable format.
inline constexpr uint32_t kMaxPlainIds = 1024;
inline constexpr uint16_t kBitmap = 0xffff;  // in place of a count

enum IdentityField {
  kStoreId = 1,
  kEpoch = 2,
  kKey = 3,
  kHash = 4,
  kRevisionThrough = 5,
  kOrdinalThrough = 6,
  kCapacity = 7,
  kTermsVersionField = 8
};

// How a word is kept: behind a byte with its weight.
inline std::string WordKey(unsigned char weight, absl::string_view word) {
  std::string key(1, static_cast<char>(weight));
  key.append(word.data(), word.size());
  return key;
}

}  // namespace communique::query::index_format

#endif  // COMMUNIQUE_SERVICE_QUERY_INDEX_FORMAT_H_
