#include "src/call_metadata.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "communique/errors.h"
#include "src/check_options.h"
#include "src/read_file.h"

namespace communique::internal {
namespace {

// How long a token that was read from a file is used before the file is read again.
constexpr absl::Duration kTokenAge = absl::Seconds(5);
// No token is longer: headers have a limit, too.
constexpr std::size_t kMaxTokenBytes = 64 << 10;

}  // namespace

CallMetadata::CallMetadata(const ClientOptions& options, absl::Status refusal)
    : options_(options), refusal_(std::move(refusal)) {}

absl::StatusOr<std::string> CallMetadata::AddTo(CallContext& context, CallKind kind) {
  if (!refusal_.ok()) return refusal_;
  if (!options_.principal.empty()) {
    context.metadata.emplace_back("communique-principal", options_.principal);
  }
  std::string sent;
  if (options_.token || !options_.token_file.empty()) {
    absl::StatusOr<std::string> token = Token(kind);
    if (!token.ok()) return token.status();
    if (token->empty() || !IsPrintable(*token)) {
      return absl::UnauthenticatedError("the token is empty, or not printable ASCII");
    }
    context.metadata.emplace_back("authorization", absl::StrCat("Bearer ", *token));
    sent = *std::move(token);
  }
  if (options_.traceparent) {
    std::string trace = options_.traceparent();
    if (!trace.empty() && IsPrintable(trace)) {
      context.metadata.emplace_back("traceparent", std::move(trace));
    }
  }
  return sent;
}

absl::Status CallMetadata::Judge(const std::string& token, absl::Status status) {
  if (token.empty()) return status;
  {
    absl::MutexLock lock(&mutex_);
    if (!absl::IsUnauthenticated(status)) {
      // Of another error only a reason shows that the service has looked at the call.
      const bool taken =
          status.ok() || (!absl::IsUnavailable(status) && !ErrorReason(status).empty());
      if (taken) refused_.clear();
      return status;
    }
    if (token == token_) token_read_at_ = absl::InfinitePast();
    if (refused_.empty()) refused_ = token;
    if (refused_ != token || !options_.retry.enabled) return status;
  }
  const absl::StatusOr<std::string> fresh = Token(CallKind::kUnary);
  if (!fresh.ok() || *fresh == token) return status;
  return absl::UnavailableError(
      absl::StrCat("the token was refused, and has changed since: ", status.message()));
}

absl::StatusOr<std::string> CallMetadata::Token(CallKind kind) {
  if (!options_.token) return TokenOfFile(kind);
  absl::StatusOr<std::string> token = options_.token();
  // Not the deadline of the call, which would end with it.
  if (absl::IsDeadlineExceeded(token.status())) {
    return absl::UnavailableError(absl::StrCat("no token in time: ", token.status().message()));
  }
  return token;
}

absl::StatusOr<std::string> CallMetadata::TokenOfFile(CallKind kind) {
  absl::MutexLock lock(&mutex_);
  const absl::Time now = absl::Now();
  if (now - token_read_at_ < kTokenAge) return token_;
  const absl::StatusOr<std::string> text = ReadFile(options_.token_file, kMaxTokenBytes);
  const absl::string_view token =
      text.ok() ? absl::StripAsciiWhitespace(*text) : absl::string_view();
  // While a file is being replaced the last token stands.
  if (!token.empty()) {
    token_ = std::string(token);
    token_read_at_ = now;
  }
  if (!token_.empty()) return token_;
  return absl::Status(
      kind == CallKind::kStream ? absl::StatusCode::kUnavailable
                                : absl::StatusCode::kUnauthenticated,
      text.ok() ? absl::StrCat("no token in ", options_.token_file) : text.status().message());
}

}  // namespace communique::internal
