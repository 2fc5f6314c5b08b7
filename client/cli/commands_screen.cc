#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <deque>
#include <future>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "cli/commands.h"
#include "cli/csv.h"
#include "cli/input.h"
#include "cli/json.h"
#include "cli/print_range.h"
#include "cli/screen_query.h"
#include "cli/table.h"
#include "cli/terminal.h"
#include "communique/errors.h"

namespace communique::cli {
namespace {

constexpr int kBatch = 100;               // What one request may have.
constexpr std::size_t kBatchesAhead = 4;  // Asked at once.

// A query with the line that it came from; 0: from the command line.
struct Asked {
  std::int64_t line = 0;
  v1::ScreenQuery query;
};

// What became of a batch.
struct Answered {
  absl::Status status;
  std::vector<v1::ScreenResponse> responses;  // in the order of the queries
  std::vector<std::string> refused;           // rows that could not be asked, and why
};

// The index in "queries[12].names[0]"; -1: none.
int QueryIn(const std::string& subject) {
  int index = -1;
  if (!absl::StartsWith(subject, "queries[")) return -1;
  const std::size_t end = subject.find(']');
  if (!absl::SimpleAtoi(subject.substr(8, end - 8), &index)) return -1;
  return index;
}

// Asks a batch. Rows that the server refuses are told of and left out, and an
// answer that would be too large is asked for in halves.
void Ask(const Client& client, const v1::ScreenRequest& options, std::vector<Asked> batch,
         Answered& answered) {
  if (batch.empty()) return;
  v1::ScreenRequest request = options;
  for (const Asked& asked : batch) *request.add_queries() = asked.query;
  const auto response = client.Screen(request);
  if (response.ok()) {
    answered.responses.push_back(*response);
    return;
  }
  if (ErrorReason(response.status()) == "SIZE_LIMIT" && batch.size() > 1) {
    const auto middle = batch.begin() + static_cast<std::ptrdiff_t>(batch.size() / 2);
    Ask(client, options, {batch.begin(), middle}, answered);
    if (answered.status.ok()) Ask(client, options, {middle, batch.end()}, answered);
    return;
  }
  std::vector<bool> wrong(batch.size());
  for (const ErrorViolation& violation : ErrorViolations(response.status())) {
    const int index = QueryIn(violation.subject);
    if (index < 0 || static_cast<std::size_t>(index) >= batch.size() || batch[index].line == 0) {
      answered.status = response.status();  // not a row's
      return;
    }
    if (!wrong[index]) {
      const std::string field = violation.subject.substr(violation.subject.find(']') + 1);
      answered.refused.push_back(absl::StrCat("line ", batch[index].line, ": ",
                                              absl::StripPrefix(field, "."), " ",
                                              violation.description));
    }
    wrong[index] = true;
  }
  if (!absl::c_linear_search(wrong, true)) {
    answered.status = response.status();
    return;
  }
  std::vector<Asked> rest;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (!wrong[i]) rest.push_back(std::move(batch[i]));
  }
  Ask(client, options, std::move(rest), answered);
}

// How far a file is, on stderr; nothing when that is no terminal.
class Progress {
 public:
  explicit Progress(const Input& input) : input_(input) {}
  ~Progress() { Clear(); }

  void Show(std::int64_t names) {
    const absl::Time now = absl::Now();
    if (!terminal_ || now < shown_ + absl::Milliseconds(100)) return;
    shown_ = now;
    const double seconds = std::max(absl::ToDoubleSeconds(now - start_), 0.001);
    std::string line =
        absl::StrFormat("%d names, %.0f/s", names, static_cast<double>(names) / seconds);
    if (input_.size() > 0 && input_.bytes_read() > 0) {
      const double share = std::min(
          1.0, static_cast<double>(input_.bytes_read()) / static_cast<double>(input_.size()));
      const int full = static_cast<int>(share * kWidth);
      line = absl::StrFormat("[%s%s] %3.0f%%  %s, %s left", std::string(full, '#'),
                             std::string(kWidth - full, ' '), share * 100, line,
                             absl::FormatDuration(absl::Ceil(
                                 absl::Seconds(seconds * (1 - share) / share), absl::Seconds(1))));
    }
    std::fprintf(stderr, "\r\033[K%s", line.c_str());
    std::fflush(stderr);
    drawn_ = true;
  }
  void Clear() {
    if (std::exchange(drawn_, false)) std::fputs("\r\033[K", stderr);
  }

 private:
  static constexpr int kWidth = 30;
  const Input& input_;
  const bool terminal_ = isatty(STDERR_FILENO) != 0;
  const absl::Time start_ = absl::Now();
  absl::Time shown_ = absl::InfinitePast();
  bool drawn_ = false;
};

// Prints answers: a table of matches, or of each query a ScreenResponse of its own
// that has everything by which it can be asked again.
class Printer {
 public:
  explicit Printer(Output& output) : output_(output), array_(output) {
    table_.emplace(output, std::vector<std::string>{"ASKED", "DECISION", "SCORE", "ACTOR", "CALLED",
                                                    "MATCHED", "LISTED", "DESIGNATIONS"});
  }

  void Add(v1::ScreenResponse response) {
    const auto results = std::move(*response.mutable_results());
    response.clear_results();
    for (const v1::ScreenResult& result : results) {
      ++names_;
      if (output_.format() == Format::kTable) {
        AddRows(result);
        continue;
      }
      *response.add_results() = result;
      if (output_.format() == Format::kJson) {
        array_.Add(ToJson(response, true));
      } else {
        output_.Line(ToJson(response, false));
      }
      response.clear_results();
    }
    if (!pin_said_ && output_.format() == Format::kTable) {
      pin_said_ = true;
      Say(absl::StrCat(
          "revision ", response.pin().revision(), ", ", Escape(response.pin().valid_date()), ", ",
          Escape(response.algorithm_version()), ", lists: ",
          response.list_versions().empty() ? "none"
                                           : Escape(absl::StrJoin(response.list_versions(), " "))));
    }
  }
  // Prints what waits.
  void End() {
    table_.reset();
    if (output_.format() == Format::kJson) array_.End();
  }
  std::int64_t names() const { return names_; }

 private:
  void AddRows(const v1::ScreenResult& result) {
    const std::string asked = Escape(absl::StrJoin(result.query().names(), " / "));
    if (result.matches().empty()) {
      table_->Add({asked, "no match", "", "", "", "", "", ""});
      return;
    }
    for (const v1::ScreenMatch& match : result.matches()) {
      table_->Add({asked, EnumWord(*v1::ScreenDecision_descriptor(), match.decision()),
                   absl::StrFormat("%.3f", match.score()), Escape(match.actor()),
                   Escape(match.display_name()), Escape(match.matched_name()),
                   EnumWord(*v1::Holds_descriptor(), match.listed()),
                   Escape(absl::StrJoin(match.designations(), " "))});
      for (const v1::ScreenMember& member : match.members()) {
        table_->Add({"", "same as above", absl::StrFormat("%.3f", member.score()),
                     Escape(member.actor()), Escape(member.display_name()), "", "",
                     Escape(absl::StrJoin(member.designations(), " "))});
      }
    }
  }

  Output& output_;
  JsonArray array_;
  std::optional<Table> table_;
  bool pin_said_ = false;
  std::int64_t names_ = 0;
};

// Words without spaces are one name; whoever puts a name in quotation marks means
// it for itself.
std::vector<std::string> NamesOf(const std::vector<std::string>& words) {
  const bool quoted =
      absl::c_any_of(words, [](const std::string& word) { return absl::StrContains(word, ' '); });
  if (quoted) return words;
  return {absl::StrJoin(words, " ")};
}

int ScreenNames(Session& session, const v1::ScreenRequest& options, const v1::ScreenQuery& query) {
  std::vector<Asked> batch;
  for (const std::string& name : NamesOf(session.arguments)) {
    Asked& asked = batch.emplace_back();
    asked.query = query;
    asked.query.add_names(name);
  }
  if (batch.size() > kBatch) return UsageError("screen", "more than 100 names go into a --file");
  Answered answered;
  Ask(session.client, options, std::move(batch), answered);
  if (!answered.status.ok()) return Explain(answered.status);
  Printer printer(session.output);
  for (v1::ScreenResponse& response : answered.responses) printer.Add(std::move(response));
  printer.End();
  return Finish(session.output, absl::OkStatus());
}

// A file on its way: batches are asked ahead and printed in order.
class FileScreening {
 public:
  FileScreening(Session& session, Input& input, v1::ScreenRequest options, v1::ScreenQuery defaults)
      : session_(session),
        csv_(input),
        progress_(input),
        printer_(session.output),
        options_(std::move(options)),
        defaults_(std::move(defaults)) {}

  int Run() {
    const auto header = csv_.Row();
    if (!header.ok()) return Broken(header.status());
    if (!header->has_value()) return Broken(absl::InvalidArgumentError("the file is empty"));
    std::vector<std::string> unknown;
    auto columns = ScreenColumns::Parse(**header, unknown);
    if (!columns.ok()) return Broken(columns.status());
    if (!unknown.empty()) {
      Say(absl::StrCat("not used: the columns ", Escape(absl::StrJoin(unknown, ", "))));
    }
    absl::Status broken;
    while (status_.ok()) {
      const auto row = csv_.Row();
      if (!row.ok()) broken = row.status();
      if (!row.ok() || !row->has_value()) break;
      AddRow(*columns, **row);
    }
    Send();
    while (!ahead_.empty()) PrintNext();
    printer_.End();
    progress_.Clear();
    return End(broken);
  }

 private:
  void AddRow(const ScreenColumns& columns, const std::vector<std::string>& row) {
    auto query = columns.QueryOf(row, csv_.line(), defaults_);
    if (!query.ok()) {
      Refuse(absl::StrCat("line ", csv_.line(), ": ", query.status().message()));
      return;
    }
    batch_.push_back({csv_.line(), *std::move(query)});
    if (batch_.size() == kBatch) Send();
  }

  void Send() {
    if (batch_.empty() || !status_.ok()) return;
    ahead_.push_back(std::async(std::launch::async, [client = session_.client, options = options_,
                                                     batch = std::move(batch_)]() mutable {
      Answered answered;
      Ask(client, options, std::move(batch), answered);
      return answered;
    }));
    batch_.clear();
    // The first answer says at which revision all the others are asked.
    if (!pinned_ || ahead_.size() == kBatchesAhead) PrintNext();
  }

  void PrintNext() {
    Answered answered = ahead_.front().get();
    ahead_.pop_front();
    if (!status_.ok()) return;
    for (const std::string& why : answered.refused) Refuse(why);
    for (v1::ScreenResponse& response : answered.responses) {
      if (!pinned_) *options_.mutable_scope() = response.options().scope();
      pinned_ = true;
      printer_.Add(std::move(response));
    }
    status_ = answered.status;
    progress_.Show(printer_.names());
  }

  void Refuse(const std::string& why) {
    ++refused_;
    progress_.Clear();
    Say(Escape(why));
  }

  int Broken(const absl::Status& why) {
    Say(absl::StrCat("--file: ", Escape(why.message())));
    return kFailure;
  }

  int End(const absl::Status& broken) {
    if (absl::Status flushed = session_.output.Flush(); !flushed.ok()) return Explain(flushed);
    if (!status_.ok()) return Explain(status_);
    if (!broken.ok()) return Broken(broken);
    if (refused_ == 0) return kOk;
    Say(absl::StrCat(refused_, " rows were not screened, ", printer_.names(), " were"));
    return kFailure;
  }

  Session& session_;
  CsvReader csv_;
  Progress progress_;
  Printer printer_;
  v1::ScreenRequest options_;
  const v1::ScreenQuery defaults_;
  std::vector<Asked> batch_;
  std::deque<std::future<Answered>> ahead_;
  bool pinned_ = false;
  std::int64_t refused_ = 0;
  absl::Status status_;
};

}  // namespace

int RunScreen(Session& session) {
  const CommandLine& line = session.line;
  if (line.Has("file") != session.arguments.empty()) {
    return UsageError("screen", "screen needs names, or --file with them");
  }
  auto options = ScreenOptionsOf(line);
  if (!options.ok()) return UsageError("screen", options.status().message());
  auto query = ScreenQueryOf(line);
  if (!query.ok()) return UsageError("screen", query.status().message());
  if (!line.Has("file")) return ScreenNames(session, *options, *query);
  absl::StatusOr<Input> input = Input::Open(line.Get("file"));
  if (!input.ok()) {
    Say(input.status().message());
    return kFailure;  // Not 3: a missing file is no missing record.
  }
  return FileScreening(session, *input, *std::move(options), *std::move(query)).Run();
}

}  // namespace communique::cli
