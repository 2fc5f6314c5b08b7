#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/history_text.h"
#include "cli/json.h"
#include "cli/print_range.h"
#include "cli/record_diff.h"
#include "cli/scope.h"
#include "cli/terminal.h"

namespace communique::cli {
namespace {

v1::ReadScope AtRevision(std::int64_t revision) {
  v1::ReadScope scope;
  scope.set_known_revision(revision);
  return scope;
}

// One side of a difference: a record, or that the name had none then.
struct Side {
  std::optional<v1::Record> record;
  // Why there is none.
  absl::Status absence;
};

// What a name was at a revision. A name that was merged away has no record of its
// own: the survivor's is another one's.
absl::StatusOr<Side> ReadSide(const Client& client, const std::string& name,
                              std::int64_t revision) {
  absl::StatusOr<v1::Record> record = client.Get(name, {.scope = AtRevision(revision)});
  if (record.ok() && record->redirected_from().empty()) return Side{*std::move(record), {}};
  if (record.ok()) {
    return Side{std::nullopt, absl::NotFoundError(absl::StrCat(name, " was merged into ",
                                                               record->name(), " at revision ",
                                                               revision))};
  }
  if (absl::IsNotFound(record.status())) return Side{std::nullopt, record.status()};
  return record.status();
}

// Two versions of a record and what lies between them.
struct Difference {
  std::string name;
  std::int64_t from = 0;
  std::int64_t to = 0;
  std::vector<v1::FieldDifference> fields;
  // Newest first.
  std::vector<v1::Change> changes;
};

// The changes of a name after `from` and up to `to`, without their bodies.
absl::StatusOr<std::vector<v1::Change>> ChangesBetween(const Client& client,
                                                       const std::string& name, std::int64_t from,
                                                       std::int64_t to) {
  std::vector<v1::Change> changes;
  for (auto& revision : client.History(name, {.scope = AtRevision(to)})) {
    if (!revision.ok()) return revision.status();
    if (revision->change.revision() <= from) break;
    changes.push_back(std::move(revision->change));
    changes.back().clear_record();
  }
  return changes;
}

absl::StatusOr<Difference> ReadDifference(const Client& client, const std::string& name,
                                          std::int64_t from, std::int64_t to) {
  const absl::StatusOr<Side> before = ReadSide(client, name, from);
  if (!before.ok()) return before.status();
  const absl::StatusOr<Side> after = ReadSide(client, name, to);
  if (!after.ok()) return after.status();
  if (!before->record.has_value() && !after->record.has_value()) return after->absence;
  absl::StatusOr<std::vector<v1::Change>> changes = ChangesBetween(client, name, from, to);
  if (!changes.ok()) return changes.status();
  const auto pointer = [](const Side& side) { return side.record ? &*side.record : nullptr; };
  return Difference{.name = name,
                    .from = from,
                    .to = to,
                    .fields = DifferencesBetween(pointer(*before), pointer(*after)),
                    .changes = *std::move(changes)};
}

std::string ToJson(const Difference& difference) {
  std::vector<std::string> changes;
  for (const v1::Change& change : difference.changes) {
    changes.push_back(cli::ToJson(change, false));
  }
  return JsonObject()
      .Text("name", difference.name)
      .Number("from_revision", difference.from)
      .Number("to_revision", difference.to)
      .Json("differences", DifferencesJson(difference.fields))
      .Json("changes", JsonList(changes))
      .ToString();
}

void Print(const Difference& difference, Output& output) {
  output.Line(absl::StrCat(output.Bold(Escape(difference.name)), "  ", difference.from, " -> ",
                           difference.to));
  for (const v1::FieldDifference& field : difference.fields) {
    output.Line("  " + DifferenceLine(field));
  }
  if (difference.changes.empty()) return;
  output.Line("");
  for (const v1::Change& change : difference.changes) output.Line(RevisionLine(change, output));
}

// The newest revision, which an answer names whether or not the record is there.
absl::StatusOr<std::int64_t> Head(const Client& client, const std::string& name) {
  const absl::StatusOr<v1::BatchGetResponse> answer = client.BatchGet({name});
  if (!answer.ok()) return answer.status();
  return answer->pin().revision();
}

}  // namespace

int RunHistory(Session& session) {
  const CommandLine& line = session.line;
  Output& output = session.output;
  const std::string& name = session.arguments[0];
  if (absl::Status status = CheckName(name); !status.ok()) {
    return UsageError("history", status.message());
  }
  const auto scope = ScopeOf(line);
  if (!scope.ok()) return UsageError("history", scope.status().message());
  const auto limit = line.GetInt("limit", 1, 0);
  if (!limit.ok()) return UsageError("history", limit.status().message());
  const auto page_size = PageSizeOf(line);
  if (!page_size.ok()) return UsageError("history", page_size.status().message());
  const absl::Status status = PrintRange(
      output,
      session.client.History(name, {.scope = *scope,
                                    .page_size = *page_size,
                                    .limit = *limit,
                                    .include_values = true}),
      [&](const Revision& revision) {
        for (const std::string& text : RevisionLines(revision, output)) output.Line(text);
      },
      [](const Revision& revision, bool) { return RevisionJson(revision); });
  return Finish(output, status);
}

int RunDiff(Session& session) {
  const CommandLine& line = session.line;
  Output& output = session.output;
  const std::string& name = session.arguments[0];
  if (absl::Status status = CheckName(name); !status.ok()) {
    return UsageError("diff", status.message());
  }
  if (!line.Has("from")) return UsageError("diff", "diff needs --from=REV");
  const auto from = line.GetInt("from", 0, 0);
  if (!from.ok()) return UsageError("diff", from.status().message());
  auto to = line.GetInt("to", 0, 0);
  if (!to.ok()) return UsageError("diff", to.status().message());
  if (!line.Has("to")) {
    to = Head(session.client, name);
    if (!to.ok()) return Explain(to.status());
  }
  if (*from > *to) {
    return UsageError("diff", absl::StrCat("--from is the older revision: ", *from,
                                           " is after ", *to));
  }
  const auto difference = ReadDifference(session.client, name, *from, *to);
  if (!difference.ok()) return Explain(difference.status());
  if (output.format() == Format::kTable) {
    if (difference->fields.empty()) Say("no difference");
    Print(*difference, output);
  } else {
    output.Line(ToJson(*difference));
  }
  return Finish(output, absl::OkStatus());
}

}  // namespace communique::cli
