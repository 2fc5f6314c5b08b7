#ifndef COMMUNIQUE_SERVICE_JOURNAL_KEYS_H_
#define COMMUNIQUE_SERVICE_JOURNAL_KEYS_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "service/journal/commit.h"

// Keys and small values of FORMAT.md. Make and Parse stand as pairs.
namespace communique::journal {

struct JournalKey {
  int64_t revision = 0;
  int32_t ordinal = 0;
};
std::string MakeJournalKey(int64_t revision, int32_t ordinal);
std::optional<JournalKey> ParseJournalKey(absl::string_view key);

// Sorts the newest version of a name first.
std::string MakeHistoryKey(absl::string_view name, int64_t revision);
// The revision of a history key of `name`; nullopt when it is another's.
std::optional<int64_t> ParseHistoryKey(absl::string_view key, absl::string_view name);

std::string MakeCurrentValue(const Version& version);
std::optional<Version> ParseCurrentValue(absl::string_view value);

std::string MakeHistoryValue(int32_t ordinal, RecordState state);
std::optional<Version> ParseHistoryValue(int64_t revision, absl::string_view value);

}  // namespace communique::journal

#endif  // COMMUNIQUE_SERVICE_JOURNAL_KEYS_H_
