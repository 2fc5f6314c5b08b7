#include "service/server/caller.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "service/base/error.h"
#include "service/base/limits.h"

namespace communique::server {
namespace {

constexpr char kPrincipalKey[] = "communique-principal";
constexpr char kAnonymous[] = "anonymous";

}  // namespace

absl::StatusOr<std::string> PrincipalOf(const grpc::ServerContext& context) {
  const auto found = context.client_metadata().find(kPrincipalKey);
  if (found == context.client_metadata().end()) return kAnonymous;
  const std::string principal(found->second.data(), found->second.size());
  bool printable = !principal.empty() && principal.size() <= base::kMaxPrincipalBytes;
  for (const char c : principal) printable = printable && absl::ascii_isprint(c);
  if (!printable) {
    base::Violations violations;
    violations.Add(kPrincipalKey, absl::StrCat("is 1 to ", base::kMaxPrincipalBytes,
                                               " printable ASCII characters"));
    return violations.ToStatus();
  }
  return principal;
}

}  // namespace communique::server
