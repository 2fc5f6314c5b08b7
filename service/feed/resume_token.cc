#include "service/feed/resume_token.h"

#include "service/base/token.h"
#include "service/base/wire.h"
#include "service/feed/errors.h"

namespace communique::feed {
namespace {

constexpr char kKind = 'R';

// Fields of the payload, in the wire format of protobuf. Tokens are kept for
// years: numbers are never used again.
enum Field {
  kStoreId = 1,
  kEpoch = 2,
  kRevision = 3,
  kQuery = 4,
  kSnapshotRevision = 5,
  kSnapshotName = 6
};

}  // namespace

std::string MakeResumeToken(const ResumeToken& token) {
  std::string payload;
  base::AppendBytesField(kStoreId, token.store_id, payload);
  base::AppendBytesField(kEpoch, token.epoch, payload);
  base::AppendVarintField(kRevision, static_cast<uint64_t>(token.revision), payload);
  base::AppendVarintField(kQuery, token.query, payload);
  if (token.snapshot_revision > 0) {
    base::AppendVarintField(kSnapshotRevision, static_cast<uint64_t>(token.snapshot_revision),
                            payload);
    base::AppendBytesField(kSnapshotName, token.snapshot_name, payload);
  }
  return base::SealToken(kKind, payload);
}

absl::StatusOr<ResumeToken> ParseResumeToken(absl::string_view text) {
  const auto payload = base::OpenToken(kKind, text);
  if (!payload) return InvalidResumeToken();
  ResumeToken token;
  token.store_id = std::string(base::FindBytesField(*payload, kStoreId).value_or(""));
  token.epoch = std::string(base::FindBytesField(*payload, kEpoch).value_or(""));
  token.revision = static_cast<int64_t>(base::FindVarintField(*payload, kRevision));
  token.query = base::FindVarintField(*payload, kQuery);
  token.snapshot_revision = static_cast<int64_t>(base::FindVarintField(*payload, kSnapshotRevision));
  token.snapshot_name = std::string(base::FindBytesField(*payload, kSnapshotName).value_or(""));
  if (token.revision < 0 || token.snapshot_revision < 0) return InvalidResumeToken();
  return token;
}

}  // namespace communique::feed
