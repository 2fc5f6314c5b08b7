#include "service/journal/commit.h"

#include "absl/strings/str_cat.h"
#include "service/base/hash.h"
#include "service/base/wire.h"

namespace communique::journal {

size_t EncodedCommit::Bytes() const {
  size_t bytes = header.size() + hash.size();
  for (const EncodedChange& change : changes) bytes += change.name.size() + change.framed.size();
  return bytes;
}

std::string ChainHash(absl::string_view previous, absl::string_view header,
                      const std::vector<absl::string_view>& framed_changes) {
  base::Sha256Stream stream;
  static constexpr char kNoHash[base::kSha256Bytes] = {};
  stream.Add(previous.empty() ? absl::string_view(kNoHash, sizeof kNoHash) : previous);
  const auto size = static_cast<uint32_t>(header.size());
  const char size_bytes[4] = {static_cast<char>(size), static_cast<char>(size >> 8),
                              static_cast<char>(size >> 16), static_cast<char>(size >> 24)};
  stream.Add(absl::string_view(size_bytes, sizeof size_bytes));
  stream.Add(header);
  for (const absl::string_view framed : framed_changes) stream.Add(framed);
  return stream.Finish();
}

std::string ChainHash(absl::string_view previous, const EncodedCommit& commit) {
  std::vector<absl::string_view> framed;
  framed.reserve(commit.changes.size());
  for (const EncodedChange& change : commit.changes) framed.push_back(change.framed);
  return ChainHash(previous, commit.header, framed);
}

absl::string_view UnframeChange(absl::string_view framed) {
  const auto field = base::TakeField(framed);
  return field && field->number == 1 && field->wire_type == 2 ? field->bytes : absl::string_view();
}

std::string MakeLoadKey(absl::string_view principal, absl::string_view load_id) {
  return absl::StrCat(principal, absl::string_view("\0", 1), load_id);
}

}  // namespace communique::journal
