// Fuzzes the parser of the EU's list.

#include <cstddef>
#include <cstdint>

#include "importers/eu.h"
#include "tests/fuzz/list_fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace communique;
  fuzz::CheckList(
      importers::ParseEuList({fuzz::ListFile("eu.xml", data, size)}, fuzz::ListOptions()));
  return 0;
}
