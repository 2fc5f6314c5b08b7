#ifndef COMMUNIQUE_TESTS_SUPPORT_EXPOSITION_H_
#define COMMUNIQUE_TESTS_SUPPORT_EXPOSITION_H_

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace communique::testing {

// The text format of an exposition, as far as this server writes it.
struct Exposition {
  struct Family {
    std::string help;
    std::string type;
    std::set<std::string> labels;  // names, but for those of a distribution
  };
  std::map<std::string, Family> families;
  std::map<std::string, double> values;  // by name and labels as written
  std::vector<std::string> wrong;        // lines that do not parse

  // Not a number when there is no such series.
  double operator[](const std::string& series) const;
};

Exposition ParseExposition(absl::string_view text);

}  // namespace communique::testing

#endif  // COMMUNIQUE_TESTS_SUPPORT_EXPOSITION_H_
