#include "service/query/page_token.h"

#include "service/base/error.h"
#include "service/base/token.h"
#include "service/base/wire.h"

namespace communique::query {
namespace {

constexpr char kKind = 'P';

// Fields of the payload, in the wire format of protobuf.
enum Field { kEpoch = 1, kRevision = 2, kQuery = 3, kAfter = 4, kAfterKey = 5 };

absl::Status InvalidPageToken(absl::string_view why) {
  base::Violations violations;
  violations.Add("page_token", why);
  return violations.ToStatus(v1::ERROR_REASON_INVALID_PAGE_TOKEN);
}

}  // namespace

std::string MakePageToken(const PageToken& token) {
  std::string payload;
  base::AppendBytesField(kEpoch, token.epoch, payload);
  base::AppendVarintField(kRevision, static_cast<uint64_t>(token.revision), payload);
  base::AppendVarintField(kQuery, token.query, payload);
  base::AppendBytesField(kAfter, token.after, payload);
  if (!token.after_key.empty()) base::AppendBytesField(kAfterKey, token.after_key, payload);
  return base::SealToken(kKind, payload);
}

absl::StatusOr<PageToken> ParsePageToken(absl::string_view text, absl::string_view epoch,
                                         uint64_t query) {
  const auto payload = base::OpenToken(kKind, text);
  if (!payload) return InvalidPageToken("is damaged, or no page token");
  PageToken token;
  token.epoch = std::string(base::FindBytesField(*payload, kEpoch).value_or(""));
  token.revision = static_cast<int64_t>(base::FindVarintField(*payload, kRevision));
  token.query = base::FindVarintField(*payload, kQuery);
  token.after = std::string(base::FindBytesField(*payload, kAfter).value_or(""));
  token.after_key = std::string(base::FindBytesField(*payload, kAfterKey).value_or(""));
  if (token.revision < 0) return InvalidPageToken("is damaged, or no page token");
  if (token.epoch != epoch) return InvalidPageToken("is of another store, or from before a restore");
  if (token.query != query) {
    return InvalidPageToken("is of another query: send the request of the first page again");
  }
  return token;
}

}  // namespace communique::query
