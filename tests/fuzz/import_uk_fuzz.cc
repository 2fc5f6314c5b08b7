// Fuzzes the parser of the UK's list.

#include <cstddef>
#include <cstdint>

#include "importers/uk.h"
#include "tests/fuzz/list_fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace communique;
  fuzz::CheckList(
      importers::ParseUkList({fuzz::ListFile("uk.csv", data, size)}, fuzz::ListOptions()));
  return 0;
}
