#include "service/domain/edtf_cursor.h"

#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/cord.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/types/optional.h"

namespace communique::domain {
namespace {

// The payload's key; its value is one of the names below.
constexpr char kErrorPayloadUrl[] = "communique.domain/EdtfError";

struct ErrorName {
  EdtfError kind;
  absl::string_view name;
};

constexpr ErrorName kErrorNames[] = {
    {EdtfError::kTooLong, "TOO_LONG"},
    {EdtfError::kSyntax, "SYNTAX"},
    {EdtfError::kNoSuchDate, "NO_SUCH_DATE"},
    {EdtfError::kIntervalReversed, "INTERVAL_REVERSED"},
};

}  // namespace

EdtfError EdtfErrorOf(const absl::Status& status) {
  absl::optional<absl::Cord> payload = status.GetPayload(kErrorPayloadUrl);
  if (!payload.has_value()) return EdtfError::kNone;
  for (const ErrorName& row : kErrorNames) {
    if (*payload == row.name) return row.kind;
  }
  return EdtfError::kNone;
}

namespace internal {

absl::Status MakeEdtfError(EdtfError kind, size_t offset,
                           absl::string_view message) {
  absl::Status status = absl::InvalidArgumentError(
      absl::StrCat("EDTF offset ", offset, ": ", message));
  for (const ErrorName& row : kErrorNames) {
    if (row.kind == kind) {
      status.SetPayload(kErrorPayloadUrl, absl::Cord(row.name));
    }
  }
  return status;
}

absl::string_view Cursor::ConsumeDigits() {
  const size_t start = offset_;
  while (absl::ascii_isdigit(static_cast<unsigned char>(Peek()))) ++offset_;
  return text_.substr(start, offset_ - start);
}

absl::string_view Cursor::ConsumeComponent(size_t count, bool allow_x) {
  const absl::string_view component = text_.substr(offset_, count);
  if (component.size() != count) return {};
  for (char c : component) {
    if (!absl::ascii_isdigit(static_cast<unsigned char>(c)) &&
        !(allow_x && c == 'X')) {
      return {};
    }
  }
  offset_ += count;
  return component;
}

absl::Status Cursor::Expected(absl::string_view expected) const {
  const std::string found =
      AtEnd() ? "the end"
              : absl::StrCat("'", absl::CHexEscape(text_.substr(offset_, 1)),
                             "'");
  return MakeEdtfError(
      EdtfError::kSyntax, offset_,
      absl::StrCat("expected ", expected, ", found ", found));
}

}  // namespace internal
}  // namespace communique::domain
