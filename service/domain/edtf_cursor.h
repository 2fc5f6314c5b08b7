// A position in an EDTF text, and the errors that name it. For the parser's
// own files only.

#ifndef COMMUNIQUE_SERVICE_DOMAIN_EDTF_CURSOR_H_
#define COMMUNIQUE_SERVICE_DOMAIN_EDTF_CURSOR_H_

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "service/domain/edtf.h"

namespace communique::domain::internal {

// An INVALID_ARGUMENT that EdtfErrorOf can tell from others.
absl::Status MakeEdtfError(EdtfError kind, size_t offset,
                           absl::string_view message);

// Reads a text from left to right. Invariant: offset() <= text.size().
class Cursor {
 public:
  explicit Cursor(absl::string_view text) : text_(text) {}

  size_t offset() const { return offset_; }
  bool AtEnd() const { return offset_ == text_.size(); }

  // The next byte without consuming it; NUL at the end, which no token is.
  char Peek() const { return AtEnd() ? '\0' : text_[offset_]; }

  bool Consume(char c) {
    if (AtEnd() || text_[offset_] != c) return false;
    ++offset_;
    return true;
  }

  bool Consume(absl::string_view token) {
    if (text_.substr(offset_, token.size()) != token) return false;
    offset_ += token.size();
    return true;
  }

  // Consumes the longest run of digits, which may be empty.
  absl::string_view ConsumeDigits();

  // Consumes exactly `count` characters, each a digit, or an X where
  // `allow_x`; or nothing at all, and returns an empty view.
  absl::string_view ConsumeComponent(size_t count, bool allow_x);

  // A syntax error here: "offset 5: expected EXPECTED, found 'x'".
  absl::Status Expected(absl::string_view expected) const;

 private:
  absl::string_view text_;
  size_t offset_ = 0;
};

}  // namespace communique::domain::internal

#endif  // COMMUNIQUE_SERVICE_DOMAIN_EDTF_CURSOR_H_
