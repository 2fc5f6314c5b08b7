#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/scope.h"
#include "cli/terminal.h"
#include "cli/token_file.h"

namespace communique::cli {
namespace {

absl::Status SetStart(const CommandLine& line, v1::WatchRequest& request) {
  const int starts = line.Has("snapshot") + line.Has("from") + line.Has("revision");
  if (starts > 1) {
    return absl::InvalidArgumentError("give one of --snapshot, --from and --revision");
  }
  const absl::StatusOr<std::int64_t> revision = line.GetInt("revision", 0, 0);
  if (!revision.ok()) return revision.status();
  request.set_now(true);
  if (line.Has("snapshot")) request.set_snapshot(true);
  if (line.Has("revision")) request.set_start_revision(*revision);
  if (line.Has("from")) {
    if (line.Get("from").empty()) return absl::InvalidArgumentError("--from needs a token");
    request.set_resume_token(line.Get("from"));
  }
  return absl::OkStatus();
}

absl::Status SetUntil(const CommandLine& line, v1::WatchRequest& request) {
  if (!line.Has("until")) return absl::OkStatus();
  std::int64_t revision;
  if (line.Get("until") == "head") {
    request.set_until_head(true);
  } else if (absl::SimpleAtoi(line.Get("until"), &revision) && revision >= 0) {
    request.set_until_revision(revision);
  } else {
    return absl::InvalidArgumentError(
        absl::StrCat("--until is a revision or \"head\", not \"", Escape(line.Get("until")), "\""));
  }
  return absl::OkStatus();
}

absl::Status SetShard(const CommandLine& line, v1::WatchRequest& request) {
  if (!line.Has("shard")) return absl::OkStatus();
  const std::vector<std::string> parts = absl::StrSplit(line.Get("shard"), '/');
  int index = 0;
  int count = 0;
  if (parts.size() != 2 || !absl::SimpleAtoi(parts[0], &index) ||
      !absl::SimpleAtoi(parts[1], &count) || index < 0 || count < 1 || count > 1024 ||
      index >= count) {
    return absl::InvalidArgumentError(
        absl::StrCat("--shard is I/N with I from 0 to N - 1 and N up to 1024, such as 0/4, not \"",
                     Escape(line.Get("shard")), "\""));
  }
  request.mutable_shard()->set_index(index);
  request.mutable_shard()->set_count(count);
  return absl::OkStatus();
}

absl::StatusOr<v1::WatchRequest> RequestOf(const CommandLine& line) {
  v1::WatchRequest request;
  if (absl::Status status = SetStart(line, request); !status.ok()) return status;
  if (absl::Status status = SetUntil(line, request); !status.ok()) return status;
  if (absl::Status status = SetShard(line, request); !status.ok()) return status;
  request.set_filter(line.Get("filter"));
  const auto interval = line.GetDuration("checkpoint_interval", absl::ZeroDuration());
  if (!interval.ok()) return interval.status();
  if (*interval != absl::ZeroDuration()) {
    const std::int64_t nanos = absl::ToInt64Nanoseconds(*interval);
    request.mutable_checkpoint_interval()->set_seconds(nanos / 1'000'000'000);
    request.mutable_checkpoint_interval()->set_nanos(static_cast<int>(nanos % 1'000'000'000));
  }
  const absl::StatusOr<v1::ReadScope> scope = ScopeOf(line);
  if (!scope.ok()) return scope.status();
  if (line.Has("known_at")) *request.mutable_scope() = *scope;
  return request;
}

// Visits what a batch tells, in the order of its revisions. A record that left the
// filter is told as a change without a body.
void ForEachChange(const WatchBatch& batch, absl::FunctionRef<void(const v1::Change&)> visit) {
  auto leave = batch.left_records().begin();
  const auto leave_before = [&](std::int64_t revision) {
    for (; leave != batch.left_records().end() && leave->revision() < revision; ++leave) {
      v1::Change change;
      change.set_revision(leave->revision());
      change.set_name(leave->name());
      *change.mutable_kinds() = leave->kinds();
      visit(change);
    }
  };
  for (const WatchedChange& change : batch.changes()) {
    leave_before(change.revision());
    visit(change);
  }
  leave_before(std::numeric_limits<std::int64_t>::max());
}

std::string TableLine(const v1::Change& change, const Output& output) {
  std::string what = KindsOf(change);
  std::string title;
  switch (change.after_case()) {
    case v1::Change::kRecord:
      title = Escape(TitleOf(change.record()));
      break;
    case v1::Change::kTombstone:
      if (!change.tombstone().successor().empty()) {
        title = absl::StrCat("→ ", Escape(change.tombstone().successor()));
      }
      break;
    case v1::Change::AFTER_NOT_SET:
      absl::StrAppend(&what, what.empty() ? "" : ", ", "left the filter");
      break;
  }
  const std::string time = change.has_commit_time() ? TimeOf(change.commit_time()) : "";
  return absl::StrCat(
      Pad(absl::StrCat(change.revision()), 7), "  ", output.Dim(Pad(time, 20)), "  ", Pad(what, 16),
      "  ", output.Bold(Pad(Escape(change.name()), 32)), title.empty() ? "" : "  ", title,
      change.reason().empty() ? "" : "  ",
      change.reason().empty() ? "" : output.Dim(absl::StrCat("(", Escape(change.reason()), ")")));
}

// Prints what watches give and keeps the token.
class Printer {
 public:
  Printer(Output& output, std::int64_t max_changes, std::string token_file)
      : output_(output), max_changes_(max_changes), token_file_(std::move(token_file)) {}

  // Prints a batch, then keeps its token: in this order, so that what the token
  // says was printed was printed.
  absl::Status Take(const WatchBatch& batch) {
    ForEachChange(batch, [this](const v1::Change& change) {
      // A token stands after a whole batch. Without one, the number is exact.
      if (done() && token_file_.empty()) return;
      ++printed_;
      if (output_.format() == Format::kTable) {
        output_.Line(TableLine(change, output_));
      } else {
        output_.Message(change);
      }
    });
    const std::string& token = batch.resume_token();
    if (absl::Status status = output_.Flush(); !status.ok()) return status;
    if (token_file_.empty() || token.empty() || token == saved_) return absl::OkStatus();
    if (absl::Status status = WriteTokenFile(token_file_, token); !status.ok()) return status;
    saved_ = token;
    return absl::OkStatus();
  }

  bool done() const { return max_changes_ > 0 && printed_ >= max_changes_; }

 private:
  Output& output_;
  const std::int64_t max_changes_;
  const std::string token_file_;
  std::string saved_;
  std::int64_t printed_ = 0;
};

// Where an error of a resume leaves whoever keeps a token.
void Advise(const absl::Status& status, const std::string& token_file) {
  const std::string reason = ErrorReason(status);
  if (reason != "RESUME_TOKEN_EXPIRED" && reason != "RESUME_TOKEN_EPOCH" &&
      reason != "RESUME_TOKEN_MISMATCH" && reason != "INVALID_RESUME_TOKEN") {
    return;
  }
  Say(absl::StrCat("to begin again",
                   token_file.empty() ? "" : absl::StrCat(", remove ", Escape(token_file), " and"),
                   " use --snapshot"));
}

}  // namespace

int RunWatch(Session& session) {
  const CommandLine& line = session.line;
  absl::StatusOr<v1::WatchRequest> request = RequestOf(line);
  if (!request.ok()) return UsageError("watch", request.status().message());
  const absl::StatusOr<std::int64_t> max_changes = line.GetInt("max_changes", 1, 0);
  if (!max_changes.ok()) return UsageError("watch", max_changes.status().message());
  const absl::StatusOr<absl::Duration> timeout = line.GetDuration("timeout", absl::Seconds(30));
  if (!timeout.ok()) return UsageError("watch", timeout.status().message());
  const std::string token_file = line.Get("token_file");
  if (line.Has("token_file") && token_file.empty()) {
    return UsageError("watch", "--token_file needs a file");
  }
  if (!token_file.empty()) {
    const absl::StatusOr<std::string> token = ReadTokenFile(token_file);
    if (!token.ok()) {
      Say(token.status().message());
      return kFailure;
    }
    if (!token->empty()) request->set_resume_token(*token);
  }

  Watch watch = session.client.Watch({.request = *request, .open_timeout = *timeout});
  InterruptHandler interrupt([&watch] { watch.Cancel(); });
  Printer printer(session.output, *max_changes, token_file);
  while (!printer.done()) {
    const absl::StatusOr<std::optional<WatchBatch>> batch = watch.Next();
    if (InterruptHandler::ExitCode() != 0) return InterruptHandler::ExitCode();
    if (!batch.ok()) {
      const int code = Explain(batch.status());
      Advise(batch.status(), token_file);
      return code;
    }
    if (!batch->has_value()) break;
    if (absl::Status status = printer.Take(**batch); !status.ok()) {
      return Explain(status);
    }
  }
  return kOk;
}

}  // namespace communique::cli
