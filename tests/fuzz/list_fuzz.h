#ifndef COMMUNIQUE_TESTS_FUZZ_LIST_FUZZ_H_
#define COMMUNIQUE_TESTS_FUZZ_LIST_FUZZ_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "importers/list.h"
#include "tests/fuzz/require.h"
#include "tests/support/list_checks.h"

namespace communique::fuzz {

// Small, so that inputs of a fuzzer meet the limits, too.
inline importers::ParseOptions ListOptions() {
  importers::ParseOptions options;
  options.limits.max_file_bytes = std::size_t{1} << 20;
  options.limits.max_text_bytes = std::size_t{4} << 10;
  options.limits.max_entry_elements = 500;
  options.limits.max_entries = 100;
  return options;
}

// What holds of every answer of a parser of a list: an error that says what is
// wrong with the file, or a list that can be imported.
inline void CheckList(const absl::StatusOr<importers::ParsedList>& list) {
  if (!list.ok()) {
    const absl::StatusCode code = list.status().code();
    Require(code == absl::StatusCode::kInvalidArgument ||
            code == absl::StatusCode::kResourceExhausted);
    Require(!list.status().message().empty());
    return;
  }
  Require(testing::DescribeListProblem(*list).empty());
}

inline importers::InputFile ListFile(std::string name, const std::uint8_t* data, std::size_t size) {
  return {std::move(name), std::string(reinterpret_cast<const char*>(data), size), ""};
}

}  // namespace communique::fuzz

#endif  // COMMUNIQUE_TESTS_FUZZ_LIST_FUZZ_H_
