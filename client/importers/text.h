#ifndef COMMUNIQUE_CLIENT_IMPORTERS_TEXT_H_
#define COMMUNIQUE_CLIENT_IMPORTERS_TEXT_H_

#include <string>

#include "absl/strings/string_view.h"

namespace communique::importers {

// `text` with each run of white space (also U+00A0) as one space, none at its ends.
std::string CollapseSpace(absl::string_view text);

// `text` without ASCII white space before it.
absl::string_view StripSpaceBefore(absl::string_view text);

// Windows-1252 as UTF-8. Its five bytes that mean nothing become U+FFFD.
std::string FromWindows1252(absl::string_view bytes);

// Whether it is valid UTF-8: no surrogates, nothing overlong.
bool IsUtf8(absl::string_view text);

// `text` as UTF-8 without a byte order mark, whatever of the two it is in.
std::string ToUtf8(absl::string_view bytes);

// The script that most letters of a text are in as a BCP-47 tag: "und-Arab",
// "und-Cyrl", "ko-Hang", "und-Hani", "ja-Jpan", "und-Latn"; empty when it has no
// letters of a script that is known here. The language is said only where the
// script leaves no choice.
std::string ScriptTag(absl::string_view text);

// A part of a resource name: lower case, runs of what a name may not have as one
// '-' ("IRAN-EO13902" as "iran-eo13902"). Empty when nothing is left.
std::string ToSlug(absl::string_view text);

// Whether it may be the key of an entry: 1 to 64 of a-z and 0-9.
bool IsKey(absl::string_view text);

}  // namespace communique::importers

#endif  // COMMUNIQUE_CLIENT_IMPORTERS_TEXT_H_
