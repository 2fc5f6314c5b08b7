#ifndef COMMUNIQUE_TESTS_E2E_EDTF_VECTORS_H_
#define COMMUNIQUE_TESTS_E2E_EDTF_VECTORS_H_

#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"

namespace communique::testing {

struct EdtfVector {
  std::string text;
  bool valid = false;
};

// The vectors of the shared data; none when the folder is not there.
inline std::vector<EdtfVector> ReadEdtfVectors() {
  std::vector<EdtfVector> vectors;
  std::ifstream file(COMMUNIQUE_SHARED_DATA "/edtf/edtf_vectors_unt.csv");
  std::string line;
  std::getline(file, line);  // the names of the columns
  while (std::getline(file, line)) {
    // A text with a comma stands in quotes; none has a quote in it.
    const bool quoted = absl::StartsWith(line, "\"");
    const size_t end = quoted ? line.find('"', 1) : line.find(',');
    if (end == std::string::npos) continue;
    vectors.push_back({line.substr(quoted ? 1 : 0, end - (quoted ? 1 : 0)),
                       absl::StartsWith(line.substr(end + (quoted ? 1 : 0)), ",true,")});
  }
  return vectors;
}

}  // namespace communique::testing

#endif  // COMMUNIQUE_TESTS_E2E_EDTF_VECTORS_H_
