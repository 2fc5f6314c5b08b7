#ifndef COMMUNIQUE_CLIENT_CLI_TERMINAL_H_
#define COMMUNIQUE_CLIENT_CLI_TERMINAL_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace communique::cli {

// Makes text of a server or a file harmless on a terminal: control characters,
// bidirectional overrides and what is not UTF-8 are written as escapes.
std::string Escape(absl::string_view text);

// Columns that UTF-8 text takes on a terminal.
std::size_t DisplayWidth(absl::string_view text);

// Cuts what is wider than a width in columns, with an ellipsis.
std::string Cut(absl::string_view text, std::size_t width);
// Pads with spaces, or cuts with an ellipsis, to a width in columns.
std::string Fit(absl::string_view text, std::size_t width);
// Pads only.
std::string Pad(absl::string_view text, std::size_t width);

// Whether to colour what goes to this descriptor (NO_COLOR, TERM, a terminal).
bool WantsColor(int descriptor);

// The one of `words` that was probably meant; empty when none is near.
std::string Nearest(absl::string_view word, const std::vector<std::string>& words);

}  // namespace communique::cli

#endif  // COMMUNIQUE_CLIENT_CLI_TERMINAL_H_
