#ifndef COMMUNIQUE_CLIENT_CLI_PREDICTIONS_H_
#define COMMUNIQUE_CLIENT_CLI_PREDICTIONS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "communique/client.h"

namespace communique::cli {

// One prediction with what it refers to. What is not stated is empty; enums
// without a value are 0.
struct PredictionRow {
  std::string statement;   // the record's name
  std::string prediction;  // its id there
  std::string speaker;     // the actor's name; empty when nobody is named
  std::string speaker_name;  // what a person calls the speaker
  std::string role;          // held at the time
  std::string question;         // the text of the proposition
  std::string question_target;  // "statements/x#q1" when others share it
  v1::Polarity polarity = v1::POLARITY_UNSPECIFIED;
  std::string words;  // how likely, as it was said
  v1::Likelihood scale = v1::LIKELIHOOD_UNSPECIFIED;
  std::string condition;
  v1::FuzzyTime horizon;
  v1::ResolutionOutcome outcome = v1::RESOLUTION_OUTCOME_UNSPECIFIED;
  v1::FuzzyTime occurred;
  v1::FuzzyTime known;
};

struct PredictionOptions {
  std::string speaker = {};  // only of this actor; empty: of all
  bool resolved = false;     // only those with an outcome
  v1::ReadScope scope = {};
};

// Every prediction of every statement, joined with its speaker, the position that
// the speaker held, and the question that it answers: all at one revision.
//
// Performance: one List, then one BatchGet for each 1,000 records referred to.
absl::StatusOr<std::vector<PredictionRow>> ReadPredictions(const Client& client,
                                                           const PredictionOptions& options);

// A row as an object of JSON, in one line. Every key is always there.
std::string PredictionJson(const PredictionRow& row);

}  // namespace communique::cli

#endif  // COMMUNIQUE_CLIENT_CLI_PREDICTIONS_H_
