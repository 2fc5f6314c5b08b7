#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "cli/arguments.h"
#include "cli/brier.h"
#include "cli/card.h"
#include "cli/commands.h"
#include "cli/json.h"
#include "cli/predictions.h"
#include "cli/print_range.h"
#include "cli/scope.h"
#include "cli/table.h"
#include "cli/terminal.h"

namespace communique::cli {
namespace {

std::string Word(const google::protobuf::EnumDescriptor& type, int number) {
  return number == 0 ? "" : EnumWord(type, number);
}

// "Wi Sung-lac, former South Korean ambassador to Russia".
std::string SpeakerText(const PredictionRow& row) {
  const std::string& name = row.speaker_name.empty() ? row.speaker : row.speaker_name;
  return Escape(row.role.empty() || row.role == name ? name : absl::StrCat(name, ", ", row.role));
}

void PrintTable(const std::vector<PredictionRow>& rows, Output& output) {
  Table table(output, {"PREDICTION", "SPEAKER", "SAYS", "WORDS", "SCALE", "CONDITION", "HORIZON",
                       "OUTCOME", "OCCURRED", "KNOWN", "QUESTION"});
  for (const PredictionRow& row : rows) {
    table.Add({Escape(absl::StrCat(row.statement, "#", row.prediction)), SpeakerText(row),
               row.polarity == v1::POLARITY_NEGATIVE ? "no" : "yes", Escape(row.words),
               Word(*v1::Likelihood_descriptor(), row.scale), Escape(row.condition),
               FuzzyTimeText(row.horizon),
               Word(*v1::ResolutionOutcome_descriptor(), row.outcome),
               FuzzyTimeText(row.occurred), FuzzyTimeText(row.known), Escape(row.question)});
  }
}

// Prints JSON objects, one a line or as one array.
void PrintObjects(const std::vector<std::string>& objects, Output& output) {
  if (output.format() == Format::kJsonl) {
    for (const std::string& object : objects) output.Line(object);
    return;
  }
  JsonArray array(output);
  for (const std::string& object : objects) array.Add(object);
  array.End();
}

void PrintRows(const std::vector<PredictionRow>& rows, Output& output) {
  if (output.format() == Format::kTable) {
    if (rows.empty()) Say("no predictions");
    return PrintTable(rows, output);
  }
  std::vector<std::string> objects;
  for (const PredictionRow& row : rows) objects.push_back(PredictionJson(row));
  PrintObjects(objects, output);
}

std::string MeanText(const BrierScore& score) {
  return score.mean().has_value() ? absl::StrFormat("%.4f", *score.mean()) : "-";
}

// "3 open, 1 void".
std::string LeftOutText(const BrierScore& score) {
  std::vector<std::string> parts;
  for (const auto& [reason, count] : score.left_out) {
    parts.push_back(absl::StrCat(count, " ", reason));
  }
  return absl::StrJoin(parts, ", ");
}

std::string ScoreJson(const BrierScore& score, bool all, const BrierTable& table) {
  JsonObject left_out;
  for (const auto& [reason, count] : score.left_out) {
    left_out.Number(absl::StrReplaceAll(reason, {{" ", "_"}}), std::int64_t{count});
  }
  JsonObject object;
  object.Text("of", all ? "all" : "speaker")
      .Text("speaker", score.speaker)
      .Text("speaker_name", score.speaker_name)
      .Number("count", std::int64_t{score.count});
  if (score.mean().has_value()) {
    object.Number("mean_score", *score.mean());
  } else {
    object.Json("mean_score", "null");
  }
  return object.Json("left_out", left_out.ToString())
      .Text("table", table.name())
      .Number("table_version", std::int64_t{table.version()})
      .ToString();
}

void PrintScores(const BrierScores& scores, const BrierTable& table, Output& output) {
  if (output.format() == Format::kTable) {
    output.Line(absl::StrCat("table: ", table.name(), " version: ", table.version()));
    Table rows(output, {"SPEAKER", "CALLED", "N", "MEAN", "LEFT OUT"});
    for (const BrierScore& score : scores.speakers) {
      rows.Add({score.speaker.empty() ? "-" : Escape(score.speaker), Escape(score.speaker_name),
                absl::StrCat(score.count), MeanText(score), LeftOutText(score)});
    }
    rows.Add({"all", "", absl::StrCat(scores.all.count), MeanText(scores.all),
              LeftOutText(scores.all)});
    return;
  }
  std::vector<std::string> objects;
  for (const BrierScore& score : scores.speakers) {
    objects.push_back(ScoreJson(score, false, table));
  }
  objects.push_back(ScoreJson(scores.all, true, table));
  PrintObjects(objects, output);
}

// What --speaker says: a name of an actor, which is safe within a filter.
absl::StatusOr<std::string> SpeakerOf(const CommandLine& line) {
  const std::string speaker = line.Get("speaker");
  if (!line.Has("speaker")) return speaker;
  const absl::StatusOr<v1::RecordKind> kind = RecordKindOf(speaker);
  if (!kind.ok() || *kind != v1::RECORD_KIND_ACTOR ||
      speaker.find_first_of("\"\\") != std::string::npos) {
    return absl::InvalidArgumentError(absl::StrCat(
        "--speaker is an actor's name such as actors/wi-sung-lac, not \"", Escape(speaker), "\""));
  }
  return speaker;
}

}  // namespace

int RunPredictions(Session& session) {
  const CommandLine& line = session.line;
  const auto scope = ScopeOf(line);
  if (!scope.ok()) return UsageError("predictions", scope.status().message());
  const auto speaker = SpeakerOf(line);
  if (!speaker.ok()) return UsageError("predictions", speaker.status().message());
  std::optional<BrierTable> table;
  if (line.Has("brier")) {
    auto found = FindBrierTable(line.Get("brier"));
    if (!found.ok()) {
      return UsageError("predictions", absl::StrCat("--brier: ", found.status().message()));
    }
    table = *std::move(found);
  }
  const auto rows = ReadPredictions(
      session.client,
      {.speaker = *speaker, .resolved = line.Has("resolved"), .scope = *scope});
  if (!rows.ok()) return Explain(rows.status());
  if (table.has_value()) {
    PrintScores(ScoreOf(*rows, *table), *table, session.output);
  } else {
    PrintRows(*rows, session.output);
  }
  return Finish(session.output, absl::OkStatus());
}

}  // namespace communique::cli
