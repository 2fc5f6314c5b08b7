#include "tests/support/exposition.h"

#include <cmath>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace communique::testing {
namespace {

void ParseSample(absl::string_view line, Exposition& exposition) {
  const size_t space = line.rfind(' ');
  const std::string series(line.substr(0, space));
  double value = 0;
  std::string name = series.substr(0, series.find('{'));
  for (const char* suffix : {"_bucket", "_sum", "_count"}) {
    const std::string base(absl::StripSuffix(name, suffix));
    const auto family = exposition.families.find(base);
    if (base != name && family != exposition.families.end() &&
        (family->second.type == "histogram" || family->second.type == "summary")) {
      name = base;
    }
  }
  const auto family = exposition.families.find(name);
  if (space == absl::string_view::npos || !absl::SimpleAtod(line.substr(space + 1), &value) ||
      family == exposition.families.end() || !exposition.values.emplace(series, value).second) {
    exposition.wrong.emplace_back(line);
    return;
  }
  const size_t brace = series.find('{');
  if (brace == std::string::npos) return;
  for (const absl::string_view label :
       absl::StrSplit(series.substr(brace + 1, series.size() - brace - 2), "\",")) {
    const std::string key(label.substr(0, label.find('=')));
    if (key != "le" && key != "quantile") family->second.labels.insert(key);
  }
}

}  // namespace

double Exposition::operator[](const std::string& series) const {
  const auto found = values.find(series);
  return found == values.end() ? std::nan("") : found->second;
}

Exposition ParseExposition(absl::string_view text) {
  Exposition exposition;
  for (absl::string_view line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
    if (absl::ConsumePrefix(&line, "# HELP ")) {
      const std::pair<std::string, std::string> help =
          absl::StrSplit(line, absl::MaxSplits(' ', 1));
      if (exposition.families.contains(help.first)) exposition.wrong.push_back(help.first);
      exposition.families[help.first].help = help.second;
    } else if (absl::ConsumePrefix(&line, "# TYPE ")) {
      const std::pair<std::string, std::string> type = absl::StrSplit(line, ' ');
      exposition.families[type.first].type = type.second;
    } else {
      ParseSample(line, exposition);
    }
  }
  return exposition;
}

}  // namespace communique::testing
