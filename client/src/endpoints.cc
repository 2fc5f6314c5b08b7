#include "src/endpoints.h"

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"

namespace communique::internal {

std::vector<std::string> SplitEndpoints(const std::string& endpoint) {
  std::vector<std::string> targets = absl::StrSplit(endpoint, ',', absl::SkipWhitespace());
  for (std::string& target : targets) absl::StripAsciiWhitespace(&target);
  return targets;
}

bool IsLoopback(const std::string& target) {
  absl::string_view address = target;
  if (absl::StartsWith(address, "unix:")) return true;
  for (const absl::string_view scheme : {"dns:///", "ipv4:", "ipv6:"}) {
    if (absl::ConsumePrefix(&address, scheme)) break;
  }
  if (absl::StartsWith(address, "localhost:") || absl::StartsWith(address, "[::1]:")) return true;
  return absl::StartsWith(address, "127.") && absl::c_all_of(address, [](char c) {
           return absl::ascii_isdigit(c) || c == '.' || c == ':';
         });
}

}  // namespace communique::internal
