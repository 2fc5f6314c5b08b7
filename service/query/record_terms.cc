#include "service/query/record_terms.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "service/query/filter_functions.h"
#include "service/query/searchable_text.h"
#include "service/query/text_analyzer.h"

namespace communique::query {
namespace {

// A string in a set, with its share of the table; longer ones stand outside of it.
size_t BytesOf(const std::string& term) {
  return 2 * sizeof term + (term.capacity() > 15 ? term.capacity() + 16 : 0);
}

}  // namespace

const RecordTerms::Terms& RecordTerms::words() {
  if (words_) return *words_;
  words_.emplace();
  ForEachText(*record_, [this](const SearchableText& text) {
    ForEachWord(text.text, [this](absl::string_view word) {
      const auto [added, is_new] = words_->emplace(word);
      if (is_new) bytes_ += BytesOf(*added);
    });
  });
  return *words_;
}

bool RecordTerms::HasPrefix(absl::string_view prefix) {
  if (!sorted_words_) {
    sorted_words_.emplace(words().begin(), words().end());
    std::sort(sorted_words_->begin(), sorted_words_->end());
    bytes_ += sorted_words_->capacity() * sizeof(absl::string_view);
  }
  const auto found = std::lower_bound(sorted_words_->begin(), sorted_words_->end(), prefix);
  return found != sorted_words_->end() && absl::StartsWith(*found, prefix);
}

bool RecordTerms::Contains(const TextQuery& query) {
  const Terms& words = this->words();
  for (size_t i = 0; i < query.words.size(); ++i) {
    if (words.contains(query.words[i])) continue;
    if (!query.prefix || i + 1 < query.words.size() || !HasPrefix(query.words[i])) return false;
  }
  return true;
}

bool RecordTerms::Mentions(absl::string_view target) {
  if (!mentioned_) {
    mentioned_.emplace();
    ForEachMentioned(*record_, [this](absl::string_view name) {
      const auto [added, is_new] = mentioned_->emplace(name);
      if (is_new) bytes_ += BytesOf(*added);
    });
  }
  return mentioned_->contains(target);
}

}  // namespace communique::query
