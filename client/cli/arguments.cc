#include "cli/arguments.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "cli/terminal.h"
#include "communique/names.h"

namespace communique::cli {
namespace {

const std::vector<std::string>& Collections() {
  static const auto& names =
      *new std::vector<std::string>{"summits", "sanctions", "statements", "actors", "sources"};
  return names;
}

}  // namespace

absl::Status CheckName(const std::string& name) {
  const absl::Status status = RecordKindOf(name).status();
  if (status.ok()) return status;
  const std::string collection = name.substr(0, name.find('/'));
  const std::string nearest = Nearest(collection, Collections());
  return absl::InvalidArgumentError(absl::StrCat(
      "\"", Escape(name), "\" is not a record's name such as summits/kim-putin-2023",
      nearest.empty() || nearest == collection ? ""
                                               : absl::StrCat("; did you mean ", nearest, "/?")));
}

absl::StatusOr<v1::RecordKind> ParseCollection(const std::string& collection) {
  const v1::RecordKind kind = RecordKindOfCollection(collection);
  if (kind != v1::RECORD_KIND_UNSPECIFIED) return kind;
  const std::string nearest = Nearest(collection, Collections());
  return absl::InvalidArgumentError(
      absl::StrCat("no collection \"", Escape(collection), "\"; ",
                   nearest.empty() ? "there are " + absl::StrJoin(Collections(), ", ")
                                   : absl::StrCat("did you mean ", nearest, "?")));
}

absl::StatusOr<std::vector<v1::RecordKind>> KindsOf(const CommandLine& line) {
  std::vector<v1::RecordKind> kinds;
  if (!line.Has("kind")) return kinds;
  const std::vector<std::string> words = absl::StrSplit(line.Get("kind"), ',');
  for (const std::string& word : words) {
    const absl::StatusOr<v1::RecordKind> kind = ParseCollection(word);
    if (!kind.ok()) return kind.status();
    kinds.push_back(*kind);
  }
  return kinds;
}

std::vector<std::string> ReadMaskOf(const CommandLine& line) {
  return absl::StrSplit(line.Get("read_mask"), ',', absl::SkipWhitespace());
}

absl::StatusOr<int> PageSizeOf(const CommandLine& line) {
  constexpr std::int64_t kMaxPageSize = 1000;  // The server lowers more to this.
  const absl::StatusOr<std::int64_t> page_size = line.GetInt("page_size", 1, 0);
  if (!page_size.ok()) return page_size.status();
  return static_cast<int>(std::min(*page_size, kMaxPageSize));
}

}  // namespace communique::cli
