#include "cli/highlight.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cli/terminal.h"

namespace communique::cli {
namespace {

// Where each code point of UTF-8 text begins, and the text's end.
std::vector<std::size_t> CodePointStarts(absl::string_view text) {
  std::vector<std::size_t> starts;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if ((text[i] & 0xc0) != 0x80) starts.push_back(i);
  }
  starts.push_back(text.size());
  return starts;
}

}  // namespace

std::string HighlightedText(const v1::SearchFragment& fragment,
                            const std::function<std::string(absl::string_view)>& emphasise) {
  const absl::string_view text = fragment.text();
  const std::vector<std::size_t> starts = CodePointStarts(text);
  const int last = static_cast<int>(starts.size()) - 1;
  std::vector<v1::SearchHighlight> highlights(fragment.highlights().begin(),
                                              fragment.highlights().end());
  std::sort(highlights.begin(), highlights.end(), [](const auto& a, const auto& b) {
    return a.start_offset() < b.start_offset();
  });
  const auto part = [&](int begin, int end) {
    return Escape(text.substr(starts[begin], starts[end] - starts[begin]));
  };
  std::string out;
  int done = 0;  // Code points that stand in `out`.
  for (const v1::SearchHighlight& highlight : highlights) {
    const int begin = std::clamp(highlight.start_offset(), done, last);
    const int end = std::clamp(highlight.end_offset(), begin, last);
    if (begin == end) continue;
    absl::StrAppend(&out, part(done, begin), emphasise(part(begin, end)));
    done = end;
  }
  return absl::StrCat(out, part(done, last));
}

}  // namespace communique::cli
