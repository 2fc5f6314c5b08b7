#ifndef COMMUNIQUE_SERVICE_QUERY_TEXT_ANALYZER_H_
#define COMMUNIQUE_SERVICE_QUERY_TEXT_ANALYZER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"

namespace communique::query {

// Text as words, the same for the index, for Search and for the filter's text().
//
// Words are what UAX 29 says (ICU's root rules, with its dictionaries for Thai,
// Lao, Khmer and Burmese), but:
// - '@' and ':' end a word; versions of ICU differ over them;
// - every Han character and every kana is a word of its own, so that a part of a
//   phrase is found wherever it stands; Hangul words are left whole.
//
// Each is folded: NFKC and full case folding; marks taken off Latin, Greek,
// Hebrew and Arabic (of those that are letters' own, hamza and madda stay), and
// off Cyrillic where they are stress or make "ё"; Latin letters with a stroke and
// ligatures as plain ones ("Støre", "Łódź", "Æ"). A possessive "'s" goes, then
// every apostrophe: "O'Brien" and "O’Brien" are "obrien", "Putin's" is "putin".
// A word is cut at kMaxWordBytes bytes, on a boundary of code points.
//
// Performance: about 20 ns for an English word. What stands between ASCII spaces
// and is ASCII takes a short cut that gives the same words; only the rest goes
// to ICU, at about 500 ns for a word (Thai 1.3 us).
// Thread safety: any thread. `visit` may call in here again.
// Errors: none; what is not UTF-8 ends a word.

// Calls `visit` with each word, folded, in order. The view lasts for the call.
void ForEachWord(absl::string_view text, absl::FunctionRef<void(absl::string_view word)> visit);

// A word and where it stood, in code points of the text as given.
struct Word {
  std::string folded;
  int32_t begin = 0;
  int32_t end = 0;
};
std::vector<Word> WordsOf(absl::string_view text);

}  // namespace communique::query

#endif  // COMMUNIQUE_SERVICE_QUERY_TEXT_ANALYZER_H_
