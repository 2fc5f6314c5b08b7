#include "cli/scope.h"

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "cli/terminal.h"

namespace communique::cli {
namespace {

std::optional<absl::CivilDay> ParseDay(const std::string& text) {
  absl::CivilDay day;
  if (text.size() != 10 || !absl::ParseCivilTime(text, &day)) return std::nullopt;
  return day;
}

void SetTime(absl::Time time, google::protobuf::Timestamp& out) {
  const absl::Time second = absl::FromUnixSeconds(absl::ToUnixSeconds(time));
  out.set_seconds(absl::ToUnixSeconds(time));
  out.set_nanos(static_cast<int>(absl::ToInt64Nanoseconds(time - second)));
}

}  // namespace

absl::StatusOr<v1::ReadScope> ScopeOf(const CommandLine& line) {
  v1::ReadScope scope;
  if (line.Has("known_at")) {
    const std::string text = line.Get("known_at");
    std::int64_t revision;
    absl::Time time;
    if (absl::SimpleAtoi(text, &revision)) {
      if (revision < 0) return absl::InvalidArgumentError("--known_at: a revision is 0 or more");
      scope.set_known_revision(revision);
    } else if (absl::StartsWith(text, "sources/")) {
      scope.set_known_list_version(text);
    } else if (absl::ParseTime(absl::RFC3339_full, text, &time, nullptr)) {
      SetTime(time, *scope.mutable_known_time());
    } else if (const auto day = ParseDay(text)) {
      // What was known on a day is what was known when it was over.
      const absl::Time next_day = absl::FromCivil(*day + 1, absl::UTCTimeZone());
      SetTime(next_day - absl::Nanoseconds(1), *scope.mutable_known_time());
    } else {
      return absl::InvalidArgumentError(
          absl::StrCat("--known_at is a revision (\"42\"), a time with its zone "
                       "(\"2023-09-12T08:00:00Z\"), a date (\"2023-09-12\", all of it in UTC) or a "
                       "list's version (\"sources/...\"), not \"",
                       Escape(text), "\""));
    }
  }
  if (line.Has("valid_at")) {
    const std::string text = line.Get("valid_at");
    if (!ParseDay(text).has_value()) {
      return absl::InvalidArgumentError(
          absl::StrCat("--valid_at is a date such as \"2023-09-12\", not \"", Escape(text), "\""));
    }
    scope.set_valid_date(text);
  }
  return scope;
}

}  // namespace communique::cli
