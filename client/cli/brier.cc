#include "cli/brier.h"

#include <cstddef>
#include <fstream>
#include <iterator>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "cli/brier_ordinal.h"
#include "cli/output.h"
#include "cli/terminal.h"

namespace communique::cli {
namespace {

constexpr std::size_t kMaxTableBytes = std::size_t{1} << 20;

absl::Status Wrong(absl::string_view what) { return absl::InvalidArgumentError(what); }

std::vector<absl::string_view> WordsOf(absl::string_view line) {
  return absl::StrSplit(line, absl::ByAnyChar(" \t"), absl::SkipEmpty());
}

bool IsTableName(absl::string_view name) {
  return !name.empty() && absl::c_all_of(name, [](char c) {
    return absl::ascii_isalnum(c) || c == '-' || c == '_' || c == '.';
  });
}

absl::StatusOr<double> ParseNumber(absl::string_view text) {
  double number = 0;
  text = absl::StripAsciiWhitespace(text);
  if (!absl::SimpleAtod(text, &number) || !(number >= 0 && number <= 1)) {
    return Wrong(absl::StrCat("\"", Escape(text), "\" is not a number from 0 to 1"));
  }
  return number;
}

std::string KeyOf(absl::string_view words) {
  return absl::AsciiStrToLower(absl::StripAsciiWhitespace(words));
}

// Why a forecast is not scored; empty when its outcome says yes or no.
std::string ReasonLeftOut(v1::ResolutionOutcome outcome) {
  switch (outcome) {
    case v1::RESOLUTION_OUTCOME_TRUE:
    case v1::RESOLUTION_OUTCOME_FALSE:
      return "";
    case v1::RESOLUTION_OUTCOME_UNSPECIFIED:
      return "open";
    default:
      return EnumWord(*v1::ResolutionOutcome_descriptor(), outcome);
  }
}

void Take(const PredictionRow& row, const BrierTable& table, BrierScore& score) {
  std::string reason = ReasonLeftOut(row.outcome);
  const std::optional<double> p = table.Probability(row.words, row.scale);
  if (reason.empty() && !p.has_value()) reason = "no number";
  if (!reason.empty()) {
    ++score.left_out[reason];
    return;
  }
  const bool came_true = row.outcome == v1::RESOLUTION_OUTCOME_TRUE;
  const bool right = came_true != (row.polarity == v1::POLARITY_NEGATIVE);
  const double error = *p - (right ? 1 : 0);
  score.sum += error * error;
  ++score.count;
}

}  // namespace

absl::StatusOr<BrierTable> BrierTable::Parse(absl::string_view text) {
  BrierTable table;
  int number = 0;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    ++number;
    line = absl::StripAsciiWhitespace(line);
    if (line.empty() || line[0] == '#') continue;
    const absl::Status status = table.name_.empty() ? table.TakeHeader(line)
                                                    : table.TakeEntry(line);
    if (!status.ok()) return Wrong(absl::StrCat("line ", number, ": ", status.message()));
  }
  if (table.name_.empty()) {
    return Wrong(absl::StrCat("line ", number, ": the table has no \"table: NAME version: N\""));
  }
  return table;
}

absl::Status BrierTable::TakeHeader(absl::string_view line) {
  const std::vector<absl::string_view> words = WordsOf(line);
  if (words.size() != 4 || words[0] != "table:" || words[2] != "version:" ||
      !IsTableName(words[1]) || !absl::SimpleAtoi(words[3], &version_) || version_ < 1) {
    return Wrong(absl::StrCat("a table begins with \"table: NAME version: N\", not \"",
                              Escape(line), "\""));
  }
  name_ = std::string(words[1]);
  return absl::OkStatus();
}

absl::Status BrierTable::TakeEntry(absl::string_view line) {
  const std::vector<absl::string_view> words = WordsOf(line);
  if (words[0] == "scale" && words.size() == 3) {
    v1::Likelihood value;
    if (!v1::Likelihood_Parse(absl::StrCat("LIKELIHOOD_", words[1]), &value) || value == 0) {
      return Wrong(absl::StrCat("there is no likelihood \"", Escape(words[1]), "\""));
    }
    const absl::StatusOr<double> number = ParseNumber(words[2]);
    if (!number.ok()) return number.status();
    if (!scale_.emplace(value, *number).second) {
      return Wrong(absl::StrCat(words[1], " is given twice"));
    }
    return absl::OkStatus();
  }
  const std::size_t open = line.find('"');
  const std::size_t close = line.rfind('"');
  if (words[0] == "words" && close > open + 1 && close != absl::string_view::npos &&
      absl::StripAsciiWhitespace(line.substr(0, open)) == "words") {
    const std::string key = KeyOf(line.substr(open + 1, close - open - 1));
    if (key.empty()) return Wrong("words are empty");
    const absl::StatusOr<double> number = ParseNumber(line.substr(close + 1));
    if (!number.ok()) return number.status();
    if (!words_.emplace(key, *number).second) {
      return Wrong(absl::StrCat("\"", Escape(key), "\" is given twice"));
    }
    return absl::OkStatus();
  }
  return Wrong(absl::StrCat("an entry is \"scale LIKELY 0.75\" or \"words \"high\" 0.8\", not \"",
                            Escape(line), "\""));
}

std::optional<double> BrierTable::Probability(absl::string_view words, v1::Likelihood scale) const {
  if (const auto found = words_.find(KeyOf(words)); found != words_.end()) return found->second;
  if (const auto found = scale_.find(scale); found != scale_.end()) return found->second;
  return std::nullopt;
}

absl::StatusOr<BrierTable> FindBrierTable(const std::string& name_or_path) {
  const absl::StatusOr<BrierTable> shipped = BrierTable::Parse(kBrierOrdinal);
  if (!shipped.ok() || name_or_path == shipped->name()) return shipped;
  std::ifstream file(name_or_path, std::ios::binary);
  std::string text(kMaxTableBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!file.is_open() || file.bad() || (file.gcount() == 0 && !file.eof())) {
    return Wrong(absl::StrCat("\"", Escape(name_or_path), "\" is neither the table \"",
                              shipped->name(), "\" nor a file that can be read"));
  }
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > kMaxTableBytes) return Wrong("a table is at most 1 MiB");
  absl::StatusOr<BrierTable> table = BrierTable::Parse(text);
  if (table.ok()) return table;
  return Wrong(absl::StrCat(Escape(name_or_path), ": ", table.status().message()));
}

std::optional<double> BrierScore::mean() const {
  if (count == 0) return std::nullopt;
  return sum / count;
}

BrierScores ScoreOf(const std::vector<PredictionRow>& rows, const BrierTable& table) {
  BrierScores scores;
  std::map<std::pair<std::string, std::string>, BrierScore> speakers;
  for (const PredictionRow& row : rows) {
    // Whoever has no record is told apart by words.
    const auto key = std::pair(row.speaker, row.speaker.empty() ? row.speaker_name : "");
    BrierScore& speaker = speakers[key];
    speaker.speaker = row.speaker;
    speaker.speaker_name = row.speaker_name;
    Take(row, table, speaker);
    Take(row, table, scores.all);
  }
  for (auto& [key, score] : speakers) scores.speakers.push_back(std::move(score));
  return scores;
}

}  // namespace communique::cli
