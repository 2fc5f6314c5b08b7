#ifndef COMMUNIQUE_TESTS_FUZZ_REQUIRE_H_
#define COMMUNIQUE_TESTS_FUZZ_REQUIRE_H_

#include <cstdlib>

namespace communique::fuzz {

// Stands also in builds without assertions.
inline void Require(bool invariant) {
  if (!invariant) std::abort();
}

}  // namespace communique::fuzz

#endif  // COMMUNIQUE_TESTS_FUZZ_REQUIRE_H_
