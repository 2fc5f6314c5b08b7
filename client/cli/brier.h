#ifndef COMMUNIQUE_CLIENT_CLI_BRIER_H_
#define COMMUNIQUE_CLIENT_CLI_BRIER_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "cli/predictions.h"

namespace communique::cli {

// A choice of numbers for words of likelihood, named and versioned, so that a
// score can be told together with what it rests on. As text:
//
//   # A comment.
//   table: my-desk version: 3
//   scale LIKELY 0.75
//   words "very high" 0.9
//
// The first line that is neither blank nor a comment names the table (letters,
// digits, '-', '_', '.') and its version (from 1). `scale` is a value of
// v1.Likelihood without its prefix. `words` are those of
// Prediction.likelihood_text, compared without regard to ASCII case or to space
// around them; they win over the scale. Each number is from 0 to 1 and each key
// is given once. The file is at most 1 MiB.
class BrierTable {
 public:
  // INVALID_ARGUMENT with the number of the line.
  static absl::StatusOr<BrierTable> Parse(absl::string_view text);

  const std::string& name() const { return name_; }
  int version() const { return version_; }
  // The number for a prediction; nullopt when the table has none.
  std::optional<double> Probability(absl::string_view words, v1::Likelihood scale) const;

 private:
  absl::Status TakeHeader(absl::string_view line);
  absl::Status TakeEntry(absl::string_view line);

  std::string name_;
  int version_ = 0;
  std::map<std::string, double> words_;  // in lower case
  std::map<v1::Likelihood, double> scale_;
};

// The table of a --brier: the name of one that is shipped, else a path to a file.
// Errors are INVALID_ARGUMENT, made to be shown to whoever typed it.
absl::StatusOr<BrierTable> FindBrierTable(const std::string& name_or_path);

// How well the forecasts of one speaker, or of all, met what happened.
struct BrierScore {
  std::string speaker;       // the actor's name; empty when nobody is named
  std::string speaker_name;  // what a person calls the speaker
  int count = 0;             // forecasts that were scored
  double sum = 0;            // of their squared errors
  // Forecasts that were not, by reason: "open", "partly", "ambiguous", "void",
  // "unresolvable", "no number".
  std::map<std::string, int> left_out;

  // From 0, all right and sure of it, to 1; nullopt when nothing was scored.
  std::optional<double> mean() const;
};

struct BrierScores {
  std::vector<BrierScore> speakers;  // in order of their names
  BrierScore all;
};

// The mean of (p - o)^2, where p is the table's number for the forecast as it was
// put and o is 1 when the proposition came out as the forecast has it, else 0: a
// NEGATIVE forecast is right when its proposition is FALSE.
BrierScores ScoreOf(const std::vector<PredictionRow>& rows, const BrierTable& table);

}  // namespace communique::cli

#endif  // COMMUNIQUE_CLIENT_CLI_BRIER_H_
