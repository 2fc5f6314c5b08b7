#include <cstdint>

#include "absl/strings/str_cat.h"
#include "cli/commands.h"

namespace communique::cli {

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
