#include "service/base/token.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "service/base/hash.h"
#include "service/base/limits.h"

namespace communique::base {
namespace {

constexpr size_t kChecksumBytes = 6;

std::string Checksum(absl::string_view body) { return Sha256({body}).substr(0, kChecksumBytes); }

}  // namespace

std::string SealToken(char kind, absl::string_view payload) {
  const std::string body = absl::StrCat(std::string(1, kind), payload);
  return absl::WebSafeBase64Escape(absl::StrCat(body, Checksum(body)));
}

std::optional<std::string> OpenToken(char kind, absl::string_view token) {
  std::string bytes;
  if (token.size() > kMaxTokenBytes || !absl::WebSafeBase64Unescape(token, &bytes)) {
    return std::nullopt;
  }
  // Base64 has unused bits, and Abseil skips white space: a token has one spelling.
  if (absl::WebSafeBase64Escape(bytes) != token) return std::nullopt;
  if (bytes.size() < 1 + kChecksumBytes || bytes[0] != kind) return std::nullopt;
  const size_t body = bytes.size() - kChecksumBytes;
  if (Checksum(absl::string_view(bytes).substr(0, body)) != bytes.substr(body)) {
    return std::nullopt;
  }
  return bytes.substr(1, body - 1);
}

}  // namespace communique::base
