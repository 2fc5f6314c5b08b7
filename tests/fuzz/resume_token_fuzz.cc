// Fuzzes ParseResumeToken. The first byte says whether the rest is a token, or (P)
// the bytes within one, with a checksum that is right.

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "service/base/error.h"
#include "service/base/limits.h"
#include "service/base/token.h"
#include "service/feed/resume_token.h"
#include "tests/fuzz/require.h"

namespace communique::feed {
namespace {

using fuzz::Require;

void CheckToken(absl::string_view text, bool is_sealed_here) {
  const auto token = ParseResumeToken(text);
  if (!token.ok()) {
    Require(token.status().code() == absl::StatusCode::kInvalidArgument);
    Require(base::ReasonOf(token.status()) == v1::ERROR_REASON_INVALID_RESUME_TOKEN);
    return;
  }
  Require(text.size() <= base::kMaxTokenBytes);
  Require(token->revision >= 0 && token->snapshot_revision >= 0);
  // What stands for a token is one of ours; ours lead to themselves.
  const std::string made = MakeResumeToken(*token);
  if (!is_sealed_here) Require(made == text);
  if (made.size() > base::kMaxTokenBytes) return;
  const auto again = ParseResumeToken(made);
  Require(again.ok() && MakeResumeToken(*again) == made);
  Require(again->store_id == token->store_id && again->epoch == token->epoch &&
          again->revision == token->revision && again->query == token->query &&
          again->snapshot_revision == token->snapshot_revision);
  if (token->snapshot_revision > 0) Require(again->snapshot_name == token->snapshot_name);
}

}  // namespace
}  // namespace communique::feed

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace communique;
  if (size < 1) return 0;
  const absl::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  const bool sealed = data[0] == 'P';
  feed::CheckToken(sealed ? base::SealToken('R', rest) : std::string(rest), sealed);
  return 0;
}
