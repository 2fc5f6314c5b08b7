// Fuzzes AnalyzeName, CandidateKeys and ScoreNames. The first byte chooses the
// subject; the rest is two names with a line feed between.

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/string_view.h"
#include "service/query/name_analysis.h"
#include "service/query/name_keys.h"
#include "service/screening/name_score.h"
#include "tests/fuzz/require.h"

namespace communique::screening {
namespace {

using fuzz::Require;

void CheckName(const query::AnalyzedName& name) {
  for (const query::NameReading& reading : name.readings) {
    Require(!reading.tokens.empty());
    Require(reading.tokens.size() <= query::kMaxNameTokens);
    for (const query::NameToken& token : reading.tokens) {
      Require(!token.text.empty() && token.text.size() <= query::kMaxNameTokenBytes);
      for (const unsigned char c : token.text) {
        Require(absl::ascii_isdigit(c) || absl::ascii_islower(c));
      }
    }
  }
  const std::vector<std::string> keys = query::CandidateKeys(name);
  Require(keys.size() <= query::kMaxNameKeys);
  Require(keys.empty() == name.readings.empty());
}

void CheckScore(const query::AnalyzedName& query, const query::AnalyzedName& target) {
  const NameScore score = ScoreNames(query, target, EvenWeights());
  Require(score.score >= 0 && score.score <= 1);  // no NaN either
  for (const Alignment& alignment : score.alignments) {
    Require(alignment.similarity >= 0 && alignment.similarity <= 1);
    Require(alignment.query_token.empty() || alignment.name_token.empty() ||
            alignment.method != AlignmentMethod::kLeftOver);
  }
}

}  // namespace
}  // namespace communique::screening

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using communique::query::AnalyzedName;
  using communique::query::AnalyzeName;
  using communique::query::NameSubject;
  if (size < 1) return 0;
  static constexpr NameSubject kSubjects[] = {NameSubject::kUnknown, NameSubject::kPerson,
                                              NameSubject::kOrganization, NameSubject::kVessel};
  const NameSubject subject = kSubjects[data[0] % std::size(kSubjects)];
  const absl::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const size_t cut = text.find('\n');
  const AnalyzedName query = AnalyzeName(text.substr(0, cut), {.subject = subject});
  const AnalyzedName target =
      AnalyzeName(cut == absl::string_view::npos ? absl::string_view() : text.substr(cut + 1),
                  {.subject = subject});
  communique::screening::CheckName(query);
  communique::screening::CheckName(target);
  communique::screening::CheckScore(query, target);
  communique::screening::CheckScore(query, query);
  return 0;
}
