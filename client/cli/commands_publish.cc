#include <string>

#include "absl/strings/str_cat.h"
#include "cli/commands.h"
#include "cli/input.h"
#include "cli/json.h"
#include "cli/terminal.h"

namespace communique::cli {

int RunPublish(Session& session) {
  const std::string& path = session.arguments[0];
  absl::StatusOr<Input> input = Input::Open(path);
  if (!input.ok()) {
    Say(input.status().message());
    return kFailure;  // Not 3: a missing file is no missing record.
  }
  const absl::StatusOr<std::string> json = input->All();
  if (!json.ok()) return Explain(json.status());
  v1::CommitRequest request;
  if (absl::Status status = FromJson(*json, &request); !status.ok()) {
    Say(absl::StrCat(path == "-" ? "stdin" : Escape(path),
                     " is not one CommitRequest in JSON: ", Escape(status.message())));
    Say("many commits, one a line, are a matter of: communique load");
    return kFailure;
  }
  if (session.line.Has("reason")) request.set_reason(session.line.Get("reason"));
  if (session.line.Has("validate_only")) request.set_validate_only(true);
  const absl::StatusOr<v1::CommitResponse> response = session.client.Commit(request);
  if (!response.ok()) return Explain(response.status());

  bool changed = false;
  for (const v1::MutationResult& result : response->results()) changed |= result.changed();
  if (request.validate_only()) {
    Say("valid; nothing was applied");
  } else if (response->replayed()) {
    Say("was committed before under this request_id");
  } else if (!changed) {
    Say("nothing changed; this is the revision that stands");
  }
  if (session.output.format() == Format::kTable) {
    session.output.Line(absl::StrCat(response->revision()));
  } else {
    session.output.Message(*response);
  }
  if (absl::Status status = session.output.Flush(); !status.ok()) return Explain(status);
  return kOk;
}

}  // namespace communique::cli
