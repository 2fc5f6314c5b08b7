#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "cli/card.h"
#include "cli/commands.h"
#include "cli/table.h"
#include "cli/terminal.h"

namespace communique::cli {
namespace {

std::string AgeText(absl::Duration age) {
  const std::int64_t hours = absl::ToInt64Hours(age);
  return hours < 48 ? absl::StrCat(hours, " h") : absl::StrCat(hours / 24, " days");
}

// A table of the official lists, how old each is, and what its import left.
void PrintLists(const v1::GetStatusResponse& status, Output& output) {
  if (status.lists().empty()) return;
  output.Line("");
  Table table(output,
              {"LIST", "AUTHORITY", "DATE", "AGE", "IMPORTED", "REVISION", "ENTRIES", "SOURCE"});
  for (const v1::ListStatus& list : status.lists()) {
    if (list.source().empty()) {
      table.Add({Escape(list.list_id()), Escape(list.authority()), "", "", "", "", "",
                 absl::StrCat("none; the import of ", Escape(list.pending_source()),
                              ", the first, has not ended")});
      continue;
    }
    table.Add({Escape(list.list_id()), Escape(list.authority()),
               list.as_of_date().empty() ? "not one day" : Escape(list.as_of_date()),
               list.has_age() ? AgeText(absl::Seconds(list.age().seconds())) : "",
               list.has_import_time() ? TimeOf(list.import_time()) : "",
               list.revision() == 0 ? "trimmed" : absl::StrCat(list.revision()),
               absl::StrCat(list.entry_count()),
               absl::StrCat(Escape(list.source()),
                            list.pending_source().empty()
                                ? ""
                                : absl::StrCat("; the import of ", Escape(list.pending_source()),
                                               " has not ended"))});
  }
}

}  // namespace

int RunStatus(Session& session) {
  absl::StatusOr<v1::GetStatusResponse> status = session.client.Status();
  if (!status.ok()) return Explain(status.status());
  if (session.output.format() == Format::kTable) {
    v1::GetStatusResponse fields = *status;
    fields.clear_lists();
    PrintFields(fields, session.output);
    PrintLists(*status, session.output);
  } else {
    session.output.Message(*status);
  }
  if (absl::Status flushed = session.output.Flush(); !flushed.ok()) return Explain(flushed);
  return kOk;
}

int RunTrim(Session& session) {
  if (!session.line.Has("revision")) return UsageError("trim", "trim needs --revision");
  const absl::StatusOr<std::int64_t> revision = session.line.GetInt("revision", 1, 0);
  if (!revision.ok()) return UsageError("trim", revision.status().message());
  const absl::StatusOr<std::int64_t> oldest = session.client.TrimJournal(*revision);
  if (!oldest.ok()) return Explain(oldest.status());
  if (*oldest > *revision) Say("was trimmed before; this is the oldest revision that is held");
  if (session.output.format() == Format::kTable) {
    session.output.Line(absl::StrCat(*oldest));
  } else {
    v1::TrimJournalResponse response;
    response.set_oldest_revision(*oldest);
    session.output.Message(response);
  }
  if (absl::Status flushed = session.output.Flush(); !flushed.ok()) return Explain(flushed);
  return kOk;
}

}  // namespace communique::cli
