#include "cli/output.h"

#include <cstdio>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/time/time.h"
#include "cli/json.h"
#include "cli/terminal.h"
#include "communique/errors.h"
#include "google/protobuf/descriptor.h"

namespace communique::cli {

ExitCode ExitCodeOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return kOk;
    case absl::StatusCode::kNotFound:
      return kNotFound;
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kFailedPrecondition:
      return kConflict;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
      return kUnavailable;
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kUnauthenticated:
      return kDenied;
    case absl::StatusCode::kDataLoss:
      return kIntegrity;
    default:
      return kFailure;
  }
}

void Output::Line(absl::string_view text) {
  failed_ |= std::fwrite(text.data(), 1, text.size(), stdout) != text.size();
  failed_ |= std::fputc('\n', stdout) == EOF;
}

void Output::Message(const google::protobuf::Message& message) {
  Line(ToJson(message, format_ == Format::kJson));
}

std::string Output::Bold(absl::string_view text) const {
  return color_ ? absl::StrCat("\033[1m", text, "\033[0m") : std::string(text);
}

std::string Output::Dim(absl::string_view text) const {
  return color_ ? absl::StrCat("\033[2m", text, "\033[0m") : std::string(text);
}

absl::Status Output::Flush() {
  failed_ |= std::fflush(stdout) != 0 || std::ferror(stdout) != 0;
  return failed_ ? absl::InternalError("standard output does not take what is written")
                 : absl::OkStatus();
}

void Say(absl::string_view text) {
  const std::string line = absl::StrCat("communique: ", text, "\n");
  std::fwrite(line.data(), 1, line.size(), stderr);
}

int Explain(const absl::Status& status) {
  const std::string reason = ErrorReason(status);
  Say(absl::StrCat(Escape(status.message().empty() ? "no message" : status.message()), " (",
                   absl::StatusCodeToString(status.code()),
                   reason.empty() ? "" : absl::StrCat(" ", Escape(reason)), ")"));
  for (const ErrorViolation& violation : ErrorViolations(status)) {
    if (absl::StrContains(status.message(), violation.description)) continue;  // It was said.
    std::fputs(absl::StrCat("  ", violation.subject.empty() ? "" : Escape(violation.subject) + ": ",
                            Escape(violation.description), "\n")
                   .c_str(),
               stderr);
  }
  for (const auto& [key, value] : ErrorMetadata(status)) {
    // It was said, or can be counted above.
    if (absl::StrContains(status.message(), value) || key == "violation_count") continue;
    std::fputs(absl::StrCat("  ", Escape(key), " = ", Escape(value), "\n").c_str(), stderr);
  }
  if (const auto tombstone = ErrorDetail<v1::Tombstone>(status)) {
    std::string line = absl::StrCat("  gone since revision ", tombstone->revision(), ", ",
                                    TimeOf(tombstone->delete_time()));
    if (!tombstone->successor().empty()) {
      absl::StrAppend(&line, ", now ", Escape(tombstone->successor()));
    }
    if (!tombstone->reason().empty()) absl::StrAppend(&line, ": ", Escape(tombstone->reason()));
    std::fputs((line + "\n").c_str(), stderr);
  }
  return ExitCodeOf(status);
}

std::string TitleOf(const v1::Record& record) {
  switch (record.kind_case()) {
    case v1::Record::kSummit:
      return record.summit().title();
    case v1::Record::kSanction:
      return record.sanction().title();
    case v1::Record::kStatement:
      if (record.statement().title().empty() && !record.statement().segments().empty()) {
        return record.statement().segments(0).text();
      }
      return record.statement().title();
    case v1::Record::kActor:
      return record.actor().display_name();
    case v1::Record::kSource:
      return record.source().title();
    case v1::Record::KIND_NOT_SET:
      return {};
  }
  return {};
}

std::string EnumSuffix(const google::protobuf::EnumValueDescriptor& value) {
  // SummitState to SUMMIT_STATE_, the prefix of its values.
  std::string prefix;
  for (const char c : value.type()->name()) {
    if (absl::ascii_isupper(c) && !prefix.empty()) prefix += '_';
    prefix += absl::ascii_toupper(c);
  }
  prefix += '_';
  const std::string& name = value.name();
  return absl::StartsWith(name, prefix) ? name.substr(prefix.size()) : name;
}

std::string EnumWord(const google::protobuf::EnumValueDescriptor& value) {
  return absl::StrReplaceAll(absl::AsciiStrToLower(EnumSuffix(value)), {{"_", " "}});
}

std::string EnumWord(const google::protobuf::EnumDescriptor& type, int number) {
  const auto* value = type.FindValueByNumber(number);
  return value == nullptr ? absl::StrCat(number) : EnumWord(*value);
}

std::string StateText(const v1::ComputedState& state) {
  const char* holds = state.holds() == v1::HOLDS_YES        ? ""
                      : state.holds() == v1::HOLDS_POSSIBLY ? "possibly "
                      : state.holds() == v1::HOLDS_NO       ? "not "
                                                            : "unclear: ";
  return absl::StrCat(
      holds, Escape(absl::StrReplaceAll(state.state(), {{"_", " "}})),
      state.element_id().empty() ? "" : absl::StrCat(" (", Escape(state.element_id()), ")"));
}

std::string StatesOf(const v1::Record& record) {
  std::vector<std::string> states;
  for (const v1::ComputedState& state : record.computed_states()) {
    if (state.element_id().empty() || state.holds() != v1::HOLDS_NO) {
      states.push_back(StateText(state));
    }
  }
  return absl::StrJoin(states, ", ");
}

std::string KindsOf(const v1::Change& change) {
  std::string kinds;
  for (const int kind : change.kinds()) {
    absl::StrAppend(&kinds, kinds.empty() ? "" : ", ",
                    EnumWord(*v1::ChangeKind_descriptor(), kind));
  }
  return kinds;
}

std::string TimeOf(const google::protobuf::Timestamp& time) {
  const absl::Time t = absl::FromUnixSeconds(time.seconds());
  return absl::FormatTime("%Y-%m-%d %H:%M:%SZ", t, absl::UTCTimeZone());
}

}  // namespace communique::cli
