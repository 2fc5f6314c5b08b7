#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/scope.h"
#include "cli/table.h"
#include "cli/terminal.h"
#include "communique/v1/screening.pb.h"

namespace communique::cli {
namespace {

// The question that the flags ask. INVALID_ARGUMENT, to be shown to whoever typed
// it; the server says what is wrong with a name that is well-formed.
absl::StatusOr<v1::VerifyClaimRequest> RequestOf(const CommandLine& line) {
  v1::VerifyClaimRequest request;
  request.set_target(line.Get("target"));
  request.set_authority(line.Get("authority"));
  request.set_regime(line.Get("regime"));
  request.set_claim(line.Get("claim"));
  request.set_as_of_date(line.Get("as_of"));
  if (line.Has("claim")) {
    for (const char* flag : {"target", "authority", "regime"}) {
      if (line.Has(flag)) {
        return absl::InvalidArgumentError(
            absl::StrCat("--", flag, " does not go with --claim, which says it"));
      }
    }
  } else {
    for (const char* flag : {"target", "authority"}) {
      if (!line.Has(flag)) {
        return absl::InvalidArgumentError("verify needs --target and --authority, or --claim");
      }
    }
    for (const std::string& name : {request.target(), request.authority(), request.regime()}) {
      if (name.empty()) continue;
      if (absl::Status status = CheckName(name); !status.ok()) return status;
    }
  }
  absl::StatusOr<v1::ReadScope> scope = ScopeOf(line);
  if (!scope.ok()) return scope.status();
  *request.mutable_scope() = *std::move(scope);
  return request;
}

// The verdict with its reason, what was asked as the server understood it, and the
// rows behind it.
void PrintVerdict(const v1::VerifyClaimResponse& response, Output& output) {
  const auto* verdict = v1::ClaimVerdict_descriptor()->FindValueByNumber(response.verdict());
  output.Line(absl::StrCat(
      output.Bold(verdict == nullptr ? absl::StrCat(response.verdict()) : EnumSuffix(*verdict)),
      "  ", Escape(response.explanation())));
  const v1::VerifyClaimRequest& asked = response.question();
  output.Line(output.Dim(absl::StrCat(
      "asked: ", Escape(asked.target()), ", by ", Escape(asked.authority()),
      asked.regime().empty() ? "" : ", under ", Escape(asked.regime()), ", as of ",
      Escape(asked.as_of_date()), ", as known at revision ", response.pin().revision())));
  if (response.rows().empty()) return;
  output.Line("");
  // The name stands in the last column, which is never cut: it is there to be copied.
  Table table(output, {"HOLDS", "KIND", "ROW"});
  for (const v1::VerificationRow& row : response.rows()) {
    table.Add({EnumWord(*v1::Holds_descriptor(), row.holds()),
               EnumWord(*v1::VerificationRowKind_descriptor(), row.kind()),
               absl::StrCat(Escape(row.reference().target()), "  ", Escape(row.reference().text()),
                            ": ", Escape(row.explanation()))});
  }
}

}  // namespace

int RunVerify(Session& session) {
  const absl::StatusOr<v1::VerifyClaimRequest> request = RequestOf(session.line);
  if (!request.ok()) return UsageError("verify", request.status().message());
  const absl::StatusOr<v1::VerifyClaimResponse> response = session.client.VerifyClaim(*request);
  if (!response.ok()) return Explain(response.status());
  if (session.output.format() == Format::kTable) {
    PrintVerdict(*response, session.output);
  } else {
    session.output.Message(*response);
  }
  if (absl::Status flushed = session.output.Flush(); !flushed.ok()) return Explain(flushed);
  return kOk;
}

}  // namespace communique::cli
