// Fuzzes ParsePageToken. The first byte says whether the rest is a token, or (P)
// the bytes within one, with a checksum that is right.

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "service/base/error.h"
#include "service/base/limits.h"
#include "service/base/token.h"
#include "service/query/page_token.h"
#include "tests/fuzz/require.h"

namespace communique::query {
namespace {

using fuzz::Require;

// As in the corpus.
constexpr absl::string_view kEpoch = "epoch";
constexpr uint64_t kQuery = 42;

void CheckToken(absl::string_view text, bool is_sealed_here) {
  const auto token = ParsePageToken(text, kEpoch, kQuery);
  if (!token.ok()) {
    Require(token.status().code() == absl::StatusCode::kInvalidArgument);
    Require(base::ReasonOf(token.status()) == v1::ERROR_REASON_INVALID_PAGE_TOKEN);
    return;
  }
  Require(text.size() <= base::kMaxTokenBytes);
  Require(token->epoch == kEpoch && token->query == kQuery);
  // What stands for a token is one of ours; ours lead to themselves.
  const std::string made = MakePageToken(*token);
  if (!is_sealed_here) Require(made == text);
  if (made.size() > base::kMaxTokenBytes) return;
  const auto again = ParsePageToken(made, kEpoch, kQuery);
  Require(again.ok() && MakePageToken(*again) == made);
  Require(again->revision == token->revision && again->after == token->after &&
          again->after_key == token->after_key);
}

}  // namespace
}  // namespace communique::query

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace communique;
  if (size < 1) return 0;
  const absl::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  const bool sealed = data[0] == 'P';
  query::CheckToken(sealed ? base::SealToken('P', rest) : std::string(rest), sealed);
  return 0;
}
