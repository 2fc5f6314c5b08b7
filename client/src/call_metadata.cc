#include "src/call_metadata.h"

#include <fstream>
#include <iterator>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "src/grpc_channel.h"

namespace communique::internal {
namespace {

// How long a token that was read from a file is used before the file is read again.
constexpr absl::Duration kTokenAge = absl::Seconds(5);

bool IsPrintable(absl::string_view text) {
  return absl::c_all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

absl::Status Check(const ClientOptions& options) {
  if (!IsPrintable(options.principal)) {
    return absl::InvalidArgumentError("the principal must be printable ASCII");
  }
  const TlsOptions& tls = options.tls;
  if (tls.certificate_file.empty() != tls.private_key_file.empty()) {
    return absl::InvalidArgumentError("a certificate and its private key go together");
  }
  if (tls.enabled || (options.token_file.empty() && !options.token)) return absl::OkStatus();
  std::vector<std::string> targets = SplitEndpoints(options.endpoint);
  targets.push_back(options.admin_endpoint);
  for (const std::string& target : targets) {
    if (!IsLoopback(target)) {
      return absl::InvalidArgumentError(
          absl::StrCat("a token would go to ", target, " without TLS, for anyone to read"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

CallMetadata::CallMetadata(const ClientOptions& options)
    : options_(options), refusal_(Check(options)) {}

absl::Status CallMetadata::AddTo(CallContext& context) {
  if (!refusal_.ok()) return refusal_;
  if (!options_.principal.empty()) {
    context.metadata.emplace_back("communique-principal", options_.principal);
  }
  if (options_.token || !options_.token_file.empty()) {
    absl::StatusOr<std::string> token = Token();
    if (!token.ok()) return token.status();
    if (token->empty() || !IsPrintable(*token)) {
      return absl::UnauthenticatedError("the token is empty, or not printable ASCII");
    }
    context.metadata.emplace_back("authorization", absl::StrCat("Bearer ", *token));
  }
  if (options_.traceparent) {
    std::string trace = options_.traceparent();
    if (!trace.empty() && IsPrintable(trace)) {
      context.metadata.emplace_back("traceparent", std::move(trace));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> CallMetadata::Token() {
  if (options_.token) return options_.token();
  absl::MutexLock lock(&mutex_);
  const absl::Time now = absl::Now();
  if (now - token_read_at_ >= kTokenAge) {
    std::ifstream file(options_.token_file);
    std::string text((std::istreambuf_iterator<char>(file)), {});
    absl::StripAsciiWhitespace(&text);
    // While a file is being replaced the last token stands.
    if (!text.empty()) {
      token_ = std::move(text);
      token_read_at_ = now;
    }
  }
  if (token_.empty()) {
    return absl::UnauthenticatedError(absl::StrCat("no token in ", options_.token_file));
  }
  return token_;
}

}  // namespace communique::internal
