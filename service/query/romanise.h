#ifndef COMMUNIQUE_SERVICE_QUERY_ROMANISE_H_
#define COMMUNIQUE_SERVICE_QUERY_ROMANISE_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace communique::query {

// A word of a name in Latin letters: a-z and 0-9 only.
struct RomanWord {
  std::string text;
  // From Arabic or Hebrew script, which leave short vowels out.
  bool vowelless = false;
  // A Hangul syllable.
  bool hangul = false;
  // A Han character, in pinyin.
  bool han = false;
  // A full stop came right after it.
  bool dotted = false;
  // Nothing but a hyphen, an apostrophe or a full stop stood before it.
  bool attached = false;
};

// The words of a name, at most `max_words`. Latin letters lose their marks;
// Cyrillic, Arabic and Hebrew are spelt by tables of ours, for ICU's are made to
// be reversed and not to be like what lists write; Hangul by syllable as in the
// North ("ri", not "i"); Han by character in pinyin; the rest by ICU. Apostrophes
// go, hyphens and all else but letters and digits separate. "&" is "and".
std::vector<RomanWord> RomanWords(absl::string_view text, size_t max_words);

}  // namespace communique::query

#endif  // COMMUNIQUE_SERVICE_QUERY_ROMANISE_H_
