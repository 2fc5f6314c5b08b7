#ifndef COMMUNIQUE_SERVICE_BASE_TOKEN_H_
#define COMMUNIQUE_SERVICE_BASE_TOKEN_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

// Opaque tokens: bytes with a checksum, as URL-safe base64. The checksum finds
// damage and careless editing; it is no signature, and a token grants nothing.
namespace communique::base {

// `kind` tells page tokens from resume tokens.
std::string SealToken(char kind, absl::string_view payload);
// nullopt when it is damaged or of another kind.
std::optional<std::string> OpenToken(char kind, absl::string_view token);

}  // namespace communique::base

#endif  // COMMUNIQUE_SERVICE_BASE_TOKEN_H_
