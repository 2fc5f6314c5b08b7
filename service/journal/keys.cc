#include "service/journal/keys.h"

#include "absl/strings/match.h"
#include "service/base/wire.h"

namespace communique::journal {
namespace {

constexpr size_t kRevisionBytes = 8;
constexpr size_t kOrdinalBytes = 2;

void AppendBigEndian(uint64_t value, size_t bytes, std::string& out) {
  for (size_t i = bytes; i-- > 0;) out.push_back(static_cast<char>(value >> (8 * i)));
}

uint64_t ReadBigEndian(absl::string_view bytes) {
  uint64_t value = 0;
  for (const char byte : bytes) value = value << 8 | static_cast<unsigned char>(byte);
  return value;
}

std::optional<RecordState> ParseState(absl::string_view rest) {
  if (rest.size() != 1 || rest[0] < 1 || rest[0] > 3) return std::nullopt;
  return static_cast<RecordState>(rest[0]);
}

}  // namespace

std::string MakeJournalKey(int64_t revision, int32_t ordinal) {
  std::string key;
  key.reserve(kRevisionBytes + kOrdinalBytes);
  AppendBigEndian(static_cast<uint64_t>(revision), kRevisionBytes, key);
  AppendBigEndian(static_cast<uint64_t>(ordinal), kOrdinalBytes, key);
  return key;
}

std::optional<JournalKey> ParseJournalKey(absl::string_view key) {
  if (key.size() != kRevisionBytes + kOrdinalBytes) return std::nullopt;
  return JournalKey{static_cast<int64_t>(ReadBigEndian(key.substr(0, kRevisionBytes))),
                    static_cast<int32_t>(ReadBigEndian(key.substr(kRevisionBytes)))};
}

std::string MakeHistoryKey(absl::string_view name, int64_t revision) {
  std::string key(name);
  key.push_back('\0');
  AppendBigEndian(~static_cast<uint64_t>(revision), kRevisionBytes, key);
  return key;
}

std::optional<int64_t> ParseHistoryKey(absl::string_view key, absl::string_view name) {
  if (key.size() != name.size() + 1 + kRevisionBytes || !absl::StartsWith(key, name) ||
      key[name.size()] != '\0') {
    return std::nullopt;
  }
  return static_cast<int64_t>(~ReadBigEndian(key.substr(name.size() + 1)));
}

std::string MakeCurrentValue(const Version& version) {
  std::string value;
  base::AppendVarint(static_cast<uint64_t>(version.revision), value);
  base::AppendVarint(static_cast<uint64_t>(version.ordinal), value);
  value.push_back(static_cast<char>(version.state));
  return value;
}

std::optional<Version> ParseCurrentValue(absl::string_view value) {
  const auto revision = base::TakeVarint(value);
  if (!revision) return std::nullopt;
  return ParseHistoryValue(static_cast<int64_t>(*revision), value);
}

std::string MakeHistoryValue(int32_t ordinal, RecordState state) {
  std::string value;
  base::AppendVarint(static_cast<uint64_t>(ordinal), value);
  value.push_back(static_cast<char>(state));
  return value;
}

std::optional<Version> ParseHistoryValue(int64_t revision, absl::string_view value) {
  const auto ordinal = base::TakeVarint(value);
  if (!ordinal) return std::nullopt;
  const auto state = ParseState(value);
  if (!state) return std::nullopt;
  return Version{revision, static_cast<int32_t>(*ordinal), *state};
}

}  // namespace communique::journal
