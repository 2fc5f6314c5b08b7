#ifndef COMMUNIQUE_SERVICE_BASE_HASH_H_
#define COMMUNIQUE_SERVICE_BASE_HASH_H_

#include <cstdint>
#include <initializer_list>
#include <string>

#include "absl/strings/string_view.h"

namespace communique::base {

inline constexpr size_t kSha256Bytes = 32;

// SHA-256 of the parts one after the other; 32 raw bytes.
std::string Sha256(std::initializer_list<absl::string_view> parts);

// SHA-256 in steps.
class Sha256Stream {
 public:
  Sha256Stream();
  ~Sha256Stream();
  Sha256Stream(const Sha256Stream&) = delete;
  Sha256Stream& operator=(const Sha256Stream&) = delete;
  void Add(absl::string_view bytes);
  // The digest; once.
  std::string Finish();

 private:
  void* context_;
};

// FNV-1a, 64 bits. Frozen: shards are defined by it.
constexpr uint64_t Fnv1a64(absl::string_view bytes) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char byte : bytes) {
    hash ^= static_cast<unsigned char>(byte);
    hash *= 0x100000001b3;
  }
  return hash;
}

// Random lower-case hex digits from the system's generator.
std::string RandomHex(int digits);

}  // namespace communique::base

#endif  // COMMUNIQUE_SERVICE_BASE_HASH_H_
