// Fuzzes the parser of OFAC's CSV. Its files stand one behind the other, with a line
// "====" between them.

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "importers/ofac_csv.h"
#include "tests/fuzz/list_fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace communique;
  const absl::string_view all(reinterpret_cast<const char*>(data), size);
  importers::InputFiles files;
  for (const absl::string_view bytes : absl::StrSplit(all, "====\n")) {
    files.push_back({absl::StrCat("f", files.size(), "_2021-07.csv"), std::string(bytes), ""});
  }
  fuzz::CheckList(importers::ParseOfacCsv(files, fuzz::ListOptions()));
  return 0;
}
