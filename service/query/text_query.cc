#include "service/query/text_query.h"

#include <unicode/utf8.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "service/base/error.h"
#include "service/base/limits.h"
#include "service/query/searchable_text.h"
#include "service/query/text_analyzer.h"

namespace communique::query {
namespace {

// One bit for each word of a query.
using WordSet = uint64_t;
static_assert(base::kMaxQueryWords <= 64);

// By TextWeight.
constexpr std::array<double, kTextWeights> kWeights = {1.0, 0.8, 0.4};
constexpr double kPrefixFactor = 0.9;
constexpr double kPhraseBonus = 2.0;
constexpr double kWholeTextBonus = 1.0;
constexpr double kCoverageBonus = 0.5;

// Code points of a fragment before the match it is cut around.
constexpr int32_t kFragmentLead = base::kMaxFragmentCodePoints / 4;

double WeightOf(TextWeight weight) { return kWeights[static_cast<size_t>(weight)]; }

WordSet Bit(size_t word) { return WordSet{1} << word; }
WordSet AllWords(const TextQuery& query) {
  return ~WordSet{0} >> (64 - query.words.size());
}

// Which words of the query a word of a text is.
struct Match {
  WordSet exact = 0;
  WordSet prefix = 0;  // only a prefix of it
  WordSet any() const { return exact | prefix; }
};

Match MatchOf(const TextQuery& query, absl::string_view word) {
  Match match;
  for (size_t i = 0; i < query.words.size(); ++i) {
    if (word == query.words[i]) match.exact |= Bit(i);
  }
  const size_t last = query.words.size() - 1;
  if (query.prefix && (match.exact & Bit(last)) == 0 &&
      absl::StartsWith(word, query.words[last])) {
    match.prefix = Bit(last);
  }
  return match;
}

// What one text has of a query, word by word. Phrases are found by the bits
// (shift-and): bit i of `running_` says that words 0 to i were the last ones seen.
class TextScan {
 public:
  explicit TextScan(const TextQuery& query) : query_(query) {}

  Match See(absl::string_view word) {
    const Match match = MatchOf(query_, word);
    exact_ |= match.exact;
    prefix_ |= match.prefix;
    running_ = ((running_ << 1) | 1) & match.any();
    phrase_ |= ended_phrase();
    ++words_;
    if (match.any() != 0) ++matches_;
    return match;
  }

  WordSet exact() const { return exact_; }
  WordSet found() const { return exact_ | prefix_; }
  // Whether the word seen last ended the whole query.
  bool ended_phrase() const { return (running_ & Bit(query_.words.size() - 1)) != 0; }

  double Bonus(TextWeight weight) const {
    if (matches_ == 0) return 0;
    double bonus = kCoverageBonus * matches_ / words_;
    if (phrase_) bonus += kPhraseBonus;
    if (phrase_ && words_ == query_.words.size()) bonus += kWholeTextBonus;
    return bonus * WeightOf(weight);
  }

 private:
  const TextQuery& query_;
  WordSet exact_ = 0;
  WordSet prefix_ = 0;
  WordSet running_ = 0;
  bool phrase_ = false;
  size_t words_ = 0;
  size_t matches_ = 0;
};

TextScan Scan(const TextQuery& query, absl::string_view text) {
  TextScan scan(query);
  ForEachWord(text, [&](absl::string_view word) { scan.See(word); });
  return scan;
}

// The best that each word of a query reached in any text.
class WordScores {
 public:
  void Add(const TextScan& scan, TextWeight weight) {
    for (WordSet left = scan.found(); left != 0; left &= left - 1) {
      const auto word = static_cast<size_t>(__builtin_ctzll(left));
      const double factor = (scan.exact() & Bit(word)) != 0 ? 1.0 : kPrefixFactor;
      best_[word] = std::max(best_[word], factor * WeightOf(weight));
    }
  }
  double Mean(size_t words) const {
    double sum = 0;
    for (size_t i = 0; i < words; ++i) sum += best_[i];
    return sum / static_cast<double>(words);
  }

 private:
  std::array<double, base::kMaxQueryWords> best_ = {};
};

// What is wrong with the words of a query; empty: nothing.
std::string DescribeProblem(absl::string_view text, size_t words) {
  if (text.size() > base::kMaxSearchBytes) {
    return absl::StrCat("is ", text.size(), " bytes long; at most ", base::kMaxSearchBytes,
                        " are allowed");
  }
  if (words == 0) return "has no word in it; letters or digits were expected";
  if (words > base::kMaxQueryWords) {
    return absl::StrCat("has ", words, " words; at most ", base::kMaxQueryWords, " are allowed");
  }
  return "";
}

// The query, unless `problem` says what is wrong with it.
TextQuery Parse(absl::string_view text, std::string& problem) {
  TextQuery query;
  if (text.size() <= base::kMaxSearchBytes) {
    ForEachWord(text, [&](absl::string_view word) { query.words.emplace_back(word); });
  }
  problem = DescribeProblem(text, query.words.size());
  query.folded = absl::StrJoin(query.words, " ");
  return query;
}

// Whether whoever typed this is done with its last word.
bool EndsItsLastWord(absl::string_view text) {
  static constexpr absl::string_view kEnds[] = {"\"", "”", "“",      "»",
                                                "」", "』", "\u3000", "\u00a0"};
  return (!text.empty() && absl::ascii_isspace(text.back())) ||
         std::any_of(std::begin(kEnds), std::end(kEnds),
                     [&](absl::string_view end) { return absl::EndsWith(text, end); });
}

// A stretch of a text, in code points.
struct Stretch {
  int32_t begin = 0;
  int32_t end = 0;
};

// A text that a query matches, before it is cut.
struct Candidate {
  absl::string_view text;
  std::string path;
  double score = 0;
};

std::vector<Candidate> CandidatesOf(const TextQuery& query, const v1::Record& record) {
  std::vector<Candidate> candidates;
  ForEachText(record, [&](const SearchableText& text) {
    const TextScan scan = Scan(query, text.text);
    if (scan.found() == 0) return;
    WordScores scores;
    scores.Add(scan, text.weight);
    candidates.push_back({.text = text.text,
                          .path = text.path(),
                          .score = scores.Mean(query.words.size()) + scan.Bonus(text.weight)});
  });
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const Candidate& a, const Candidate& b) { return a.score > b.score; });
  return candidates;
}

// The words of a text with what a query finds among them.
struct MatchedWords {
  std::vector<Word> words;
  std::vector<Stretch> matches;
  size_t anchor = 0;  // the word that the fragment is cut around
};

MatchedWords MatchWords(const TextQuery& query, absl::string_view text) {
  MatchedWords matched;
  matched.words = WordsOf(text);
  TextScan scan(query);
  bool in_phrase = false;
  for (size_t i = 0; i < matched.words.size(); ++i) {
    const Word& word = matched.words[i];
    if (scan.See(word.folded).any() == 0) continue;
    if (matched.matches.empty()) matched.anchor = i;
    matched.matches.push_back({word.begin, word.end});
    if (!in_phrase && scan.ended_phrase()) {
      matched.anchor = i + 1 - query.words.size();
      in_phrase = true;
    }
  }
  return matched;
}

int32_t CountCodePoints(absl::string_view text) {
  int32_t count = 0;
  for (size_t i = 0; i < text.size(); ++count) U8_FWD_1(text.data(), i, text.size());
  return count;
}

// What to show of a text of `size` code points: all, or whole words around the
// anchor, with what stands before the first word and after the last one.
Stretch Window(const std::vector<Word>& words, size_t anchor, int32_t size) {
  constexpr int32_t kMax = base::kMaxFragmentCodePoints;
  if (size <= kMax) return {0, size};
  size_t first = anchor;
  while (first > 0 && words[anchor].begin - words[first - 1].begin <= kFragmentLead) --first;
  // Near the end of the text there is room for more before.
  while (first > 0 && size - words[first - 1].begin <= kMax) --first;
  Stretch window{words[first].begin, words[first].begin + kMax};
  if (first == 0 && words[anchor].end <= kMax) window = {0, kMax};
  if (window.end >= size) return {window.begin, size};
  for (size_t i = words.size(); i-- > anchor;) {
    if (words[i].end <= window.end) return {window.begin, words[i].end};
  }
  // The anchor alone is too long.
  const int32_t begin = words[anchor].begin;
  return {begin, std::min(words[anchor].end, begin + kMax)};
}

std::string CutCodePoints(absl::string_view text, Stretch stretch) {
  size_t begin = 0;
  U8_FWD_N(text.data(), begin, text.size(), stretch.begin);
  size_t end = begin;
  U8_FWD_N(text.data(), end, text.size(), stretch.end - stretch.begin);
  return std::string(text.substr(begin, end - begin));
}

v1::SearchFragment CutFragment(const TextQuery& query, const Candidate& candidate) {
  const MatchedWords matched = MatchWords(query, candidate.text);
  const Stretch window = Window(matched.words, matched.anchor, CountCodePoints(candidate.text));
  v1::SearchFragment fragment;
  fragment.set_path(candidate.path);
  fragment.set_text(CutCodePoints(candidate.text, window));
  for (const Stretch& match : matched.matches) {
    if (match.begin < window.begin || match.begin >= window.end) continue;
    v1::SearchHighlight& highlight = *fragment.add_highlights();
    highlight.set_start_offset(match.begin - window.begin);
    highlight.set_end_offset(std::min(match.end, window.end) - window.begin);
  }
  return fragment;
}

}  // namespace

absl::StatusOr<TextQuery> TextQuery::ForSearch(absl::string_view text) {
  std::string problem;
  TextQuery query = Parse(text, problem);
  query.prefix = !EndsItsLastWord(text);
  base::Violations violations;
  if (!problem.empty()) violations.Add("query", problem);
  if (absl::Status status = violations.ToStatus(); !status.ok()) return status;
  return query;
}

absl::StatusOr<TextQuery> TextQuery::ForFilter(absl::string_view text) {
  std::string problem;
  const bool prefix = absl::ConsumeSuffix(&text, "*");
  TextQuery query = Parse(text, problem);
  query.prefix = prefix;
  if (!problem.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(base::Quoted(text), " ", problem));
  }
  return query;
}

bool ContainsAll(const TextQuery& query, const v1::Record& record) {
  WordSet missing = AllWords(query);
  ForEachText(record, [&](const SearchableText& text) {
    if (missing != 0) missing &= ~Scan(query, text.text).found();
  });
  return missing == 0;
}

double RankOf(const TextQuery& query, const v1::Record& record) {
  WordSet missing = AllWords(query);
  WordScores scores;
  double bonus = 0;
  ForEachText(record, [&](const SearchableText& text) {
    const TextScan scan = Scan(query, text.text);
    missing &= ~scan.found();
    scores.Add(scan, text.weight);
    bonus = std::max(bonus, scan.Bonus(text.weight));
  });
  if (missing != 0) return 0;
  return scores.Mean(query.words.size()) + bonus;
}

std::vector<v1::SearchFragment> FragmentsOf(const TextQuery& query, const v1::Record& record,
                                            int limit) {
  std::vector<v1::SearchFragment> fragments;
  for (const Candidate& candidate : CandidatesOf(query, record)) {
    if (static_cast<int>(fragments.size()) >= limit) break;
    fragments.push_back(CutFragment(query, candidate));
  }
  return fragments;
}

}  // namespace communique::query
