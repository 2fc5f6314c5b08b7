#include <algorithm>
#include <atomic>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/json.h"
#include "cli/progress.h"
#include "cli/terminal.h"
#include "importers/input.h"
#include "importers/list.h"
#include "importers/sync.h"
#include "importers/times.h"

namespace communique::cli {
namespace {

using importers::DifferenceKind;
using importers::EntryDifference;
using importers::ImportResult;

// What a table begins the line of a difference with.
absl::string_view SignOf(DifferenceKind kind) {
  switch (kind) {
    case DifferenceKind::kAdded:
    case DifferenceKind::kRelisted:
      return "+";
    case DifferenceKind::kRemoved:
      return "-";
    case DifferenceKind::kChanged:
    case DifferenceKind::kRekeyed:
      return "~";
  }
  return "";
}

std::string DifferenceLine(const EntryDifference& difference) {
  std::string line =
      absl::StrCat(SignOf(difference.kind), " ", WordOf(difference.kind), " ", difference.key);
  if (!difference.old_key.empty()) absl::StrAppend(&line, " (was ", difference.old_key, ")");
  if (!difference.reference.empty()) absl::StrAppend(&line, " ", difference.reference);
  absl::StrAppend(&line, " ", difference.display_name);
  if (difference.kind == DifferenceKind::kChanged) {
    absl::StrAppend(&line, ": ", absl::StrJoin(difference.what, ", "));
  }
  return Escape(line);
}

std::string DifferenceJson(const EntryDifference& difference) {
  std::vector<std::string> what;
  for (const std::string& part : difference.what) what.push_back(JsonText(part));
  return JsonObject()
      .Text("kind", WordOf(difference.kind))
      .Text("key", difference.key)
      .Text("old_key", difference.old_key)
      .Text("reference", difference.reference)
      .Text("display_name", difference.display_name)
      .Json("what", JsonList(what))
      .ToString();
}

std::string ResultJson(const ImportResult& result, bool dry_run) {
  JsonObject object;
  object.Text("source", result.source)
      .Json("already_held", result.already_held ? "true" : "false")
      .Json("continued", result.continued ? "true" : "false")
      .Json("dry_run", dry_run ? "true" : "false")
      .Number("entry_count", result.entries)
      .Number("added_count", result.counts.added)
      .Number("removed_count", result.counts.removed)
      .Number("rekeyed_count", result.counts.rekeyed)
      .Number("changed_count", result.changed)
      .Number("verbatim_field_count", result.counts.verbatim)
      .Number("commit_count", result.commits)
      .Number("revision", result.revision);
  if (dry_run) {
    std::vector<std::string> differences;
    for (const EntryDifference& difference : result.differences) {
      differences.push_back(DifferenceJson(difference));
    }
    object.Json("differences", JsonList(differences));
  }
  return object.ToString();
}

void PrintResult(const ImportResult& result, bool dry_run, Output& output) {
  if (output.format() != Format::kTable) return output.Line(ResultJson(result, dry_run));
  if (result.already_held) {
    return output.Line(absl::StrCat(result.source, " is already held; nothing was written"));
  }
  if (dry_run) {
    for (const EntryDifference& difference : result.differences) {
      output.Line(DifferenceLine(difference));
    }
  }
  output.Line(absl::StrCat(result.source, ": ", result.entries, " entries; ",
                           dry_run ? "would be " : "", result.counts.added, " added, ",
                           result.counts.removed, " removed, ", result.counts.rekeyed,
                           " re-keyed, ", result.changed, " changed; ", result.counts.verbatim,
                           " values without a field, kept verbatim"));
  if (dry_run) return;
  output.Line(absl::StrCat(result.commits, " commits, revision ", result.revision,
                           result.continued ? ", after a run that was cut off" : ""));
}

// An error of the file or of the import itself; the server's are Explain's.
int Refuse(const absl::Status& status) {
  if (importers::IsShrinkError(status)) {
    Say(absl::StrCat(Escape(status.message()), "; if that is right, give --allow_shrink"));
  } else {
    Say(Escape(status.message()));
  }
  return kFailure;
}

std::string FormatWords() {
  std::vector<absl::string_view> words;
  for (const importers::ListFormat& format : importers::AllFormats()) words.push_back(format.word);
  return absl::StrJoin(words, ", ");
}

}  // namespace

int RunImport(Session& session) {
  const importers::ListFormat* format = importers::FindFormat(session.arguments[0]);
  if (format == nullptr) {
    return UsageError("import", absl::StrCat("no format \"", Escape(session.arguments[0]),
                                             "\"; there are ", FormatWords()));
  }
  if (format->parse == nullptr) {
    Say(absl::StrCat("lists in the format ", format->word, " are not read yet"));
    return kFailure;
  }
  importers::ParseOptions parse;
  parse.as_of_date = session.line.Get("as_of");
  if (session.line.Has("as_of") && !importers::IsIsoDate(parse.as_of_date)) {
    return UsageError("import", "--as_of is a date such as 2025-04-19");
  }
  // The whole list is read before anything is asked or written.
  const std::vector<std::string> paths(session.arguments.begin() + 1, session.arguments.end());
  const absl::StatusOr<importers::InputFiles> files = importers::ReadFiles(paths, parse.limits);
  if (!files.ok()) return Refuse(files.status());
  const absl::StatusOr<importers::ParsedList> list = format->parse(*files, parse);
  if (!list.ok()) return Refuse(list.status());

  std::atomic<bool> cancelled = false;
  InterruptHandler interrupt([&cancelled] { cancelled = true; });
  ProgressBar progress("commits");
  importers::ImportOptions options;
  options.dry_run = session.line.Has("dry_run");
  options.allow_shrink = session.line.Has("allow_shrink");
  options.on_progress = [&progress](std::int64_t done, std::int64_t total) {
    progress.Show(done, total);
  };
  options.cancelled = [&cancelled] { return cancelled.load(); };
  const absl::StatusOr<ImportResult> result =
      importers::ImportList(session.client, *list, *files, options);
  progress.Clear();
  if (!result.ok()) {
    if (InterruptHandler::ExitCode() != 0) {
      Say("interrupted; the next import of these files goes on with it");
      return InterruptHandler::ExitCode();
    }
    // What the server did not say is ours.
    return ErrorReason(result.status()).empty() && !absl::IsUnavailable(result.status()) &&
                   !absl::IsAborted(result.status())
               ? Refuse(result.status())
               : Explain(result.status());
  }
  PrintResult(*result, options.dry_run, session.output);
  const absl::Status flushed = session.output.Flush();
  return flushed.ok() ? kOk : Explain(flushed);
}

}  // namespace communique::cli
