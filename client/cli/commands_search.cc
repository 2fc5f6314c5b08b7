#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/highlight.h"
#include "cli/json.h"
#include "cli/print_range.h"
#include "cli/scope.h"
#include "cli/table.h"
#include "cli/terminal.h"

namespace communique::cli {
namespace {

constexpr std::int64_t kDefaultLimit = 20;  // What a terminal shows at a glance.

// Prints the results. Answers the status of the range.
absl::Status PrintResults(Output& output, SearchRange range, const std::string& valid_date,
                          absl::string_view none) {
  std::vector<std::string> header = {"NAME", "CALLED"};
  if (!valid_date.empty()) header.push_back(absl::StrCat("ON ", valid_date));
  header.push_back("FOUND");
  Table table(output, std::move(header));
  const auto bold = [&](absl::string_view text) { return output.Bold(text); };
  const absl::Status status = PrintRange(
      output, std::move(range),
      [&](const v1::SearchResult& result) {
        const v1::Record& record = result.record();
        std::vector<std::string> row = {Escape(record.name()), Escape(TitleOf(record))};
        if (!valid_date.empty()) row.push_back(StatesOf(record));
        row.push_back(result.fragments().empty() ? ""
                                                 : HighlightedText(result.fragments(0), bold));
        table.Add(std::move(row));
      },
      [](const v1::SearchResult& result, bool pretty) { return ToJson(result, pretty); });
  if (output.format() == Format::kTable && status.ok() && table.empty()) Say(none);
  return status;
}

}  // namespace

int RunSearch(Session& session) {
  const CommandLine& line = session.line;
  const std::string query(absl::StripAsciiWhitespace(absl::StrJoin(session.arguments, " ")));
  if (query.empty()) return UsageError("search", "search needs words");
  const auto scope = ScopeOf(line);
  if (!scope.ok()) return UsageError("search", scope.status().message());
  const auto kinds = KindsOf(line);
  if (!kinds.ok()) return UsageError("search", absl::StrCat("--kind: ", kinds.status().message()));
  const auto limit = line.GetInt("limit", 1, kDefaultLimit);
  if (!limit.ok()) return UsageError("search", limit.status().message());
  const auto page_size = PageSizeOf(line);
  if (!page_size.ok()) return UsageError("search", page_size.status().message());
  const absl::Status status =
      PrintResults(session.output,
                   session.client.Search(query, {.kinds = *kinds,
                                                 .page_size = *page_size,
                                                 .limit = *limit,
                                                 .scope = *scope,
                                                 .read_mask = ReadMaskOf(line)}),
                   line.Get("valid_at"), "nothing was found");
  return Finish(session.output, status);
}

}  // namespace communique::cli
