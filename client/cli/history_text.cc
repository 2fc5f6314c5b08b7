#include "cli/history_text.h"

#include <cstddef>

#include "absl/strings/str_cat.h"
#include "cli/json.h"
#include "cli/terminal.h"

namespace communique::cli {
namespace {

constexpr std::size_t kMaxValueWidth = 60;  // Columns of one value.

std::string ValueText(const std::string& json) {
  return json.empty() ? "(none)" : Cut(Escape(json), kMaxValueWidth);
}

}  // namespace

std::string RevisionLine(const v1::Change& change, const Output& output) {
  std::string line = absl::StrCat(
      output.Bold(Pad(absl::StrCat(change.revision()), 7)), "  ",
      output.Dim(Pad(TimeOf(change.commit_time()), 20)), "  ", Pad(KindsOf(change), 16));
  if (!change.tombstone().successor().empty()) {
    absl::StrAppend(&line, "  → ", Escape(change.tombstone().successor()));
  }
  if (!change.principal().empty()) absl::StrAppend(&line, "  by ", Escape(change.principal()));
  if (!change.reason().empty()) {
    absl::StrAppend(&line, "  ", output.Dim(absl::StrCat("(", Escape(change.reason()), ")")));
  }
  while (line.back() == ' ') line.pop_back();
  return line;
}

std::string DifferenceLine(const v1::FieldDifference& difference) {
  return absl::StrCat(Escape(difference.path()), ": ", ValueText(difference.old_json()), " -> ",
                      ValueText(difference.new_json()));
}

std::vector<std::string> RevisionLines(const Revision& revision, const Output& output) {
  std::vector<std::string> lines = {RevisionLine(revision.change, output)};
  if (const std::string states = StatesOf(revision.change.record()); !states.empty()) {
    lines.push_back("    then: " + states);
  }
  for (const v1::FieldDifference& difference : revision.differences) {
    lines.push_back("    " + DifferenceLine(difference));
  }
  return lines;
}

std::string RevisionJson(const Revision& revision) {
  return JsonObject(revision.change)
      .Json("differences", DifferencesJson(revision.differences))
      .ToString();
}

std::string DifferencesJson(const std::vector<v1::FieldDifference>& differences) {
  std::vector<std::string> elements;
  for (const v1::FieldDifference& d : differences) elements.push_back(ToJson(d, false));
  return JsonList(elements);
}

}  // namespace communique::cli
