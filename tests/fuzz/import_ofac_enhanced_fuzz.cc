// Fuzzes the parser of OFAC's ENHANCED_XML.

#include <cstddef>
#include <cstdint>

#include "importers/ofac_enhanced.h"
#include "tests/fuzz/list_fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace communique;
  fuzz::CheckList(
      importers::ParseOfacEnhanced({fuzz::ListFile("cons.xml", data, size)}, fuzz::ListOptions()));
  return 0;
}
