// Fuzzes ParseUnList: any bytes are a whole list or an error that names the file,
// and the same bytes twice are the same.

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "importers/text.h"
#include "importers/un.h"
#include "tests/fuzz/require.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace communique::importers;
  using communique::fuzz::Require;
  InputFile file;
  file.name = "list.xml";
  file.bytes.assign(reinterpret_cast<const char*>(data), size);
  ParseOptions options;
  options.limits.max_text_bytes = 4096;
  const absl::StatusOr<ParsedList> list = ParseUnList({file}, options);
  const absl::StatusOr<ParsedList> again = ParseUnList({file}, options);
  Require(list.status() == again.status());
  if (!list.ok()) {
    Require(absl::IsInvalidArgument(list.status()) || absl::IsResourceExhausted(list.status()));
    Require(absl::StartsWith(list.status().message(), "list.xml"));
    return 0;
  }
  Require(!list->entries.empty() && list->entries.size() == again->entries.size());
  for (size_t i = 0; i < list->entries.size(); ++i) {
    const ListEntry& entry = list->entries[i];
    Require(IsKey(entry.key) && entry.designations.size() == 1);
    Require(!entry.actor.display_name().empty() && IsUtf8(entry.actor.display_name()));
    Require(entry.actor.SerializeAsString() == again->entries[i].actor.SerializeAsString());
  }
  return 0;
}
