#include "importers/uk_text.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "importers/countries.h"
#include "importers/text.h"
#include "importers/times.h"

namespace communique::importers {
namespace {

// Items of one cell. The list has at most 14.
constexpr int kMaxItems = 99;
// Words that a country's name may have: "Democratic People's Republic of Korea".
constexpr std::size_t kMaxCountryWords = 5;
// Digits that make a word a number of a document.
constexpr int kMinNumberDigits = 3;

bool IsDigit(char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); }
bool IsAlpha(char c) { return absl::ascii_isalpha(static_cast<unsigned char>(c)); }
bool IsAlnum(char c) { return absl::ascii_isalnum(static_cast<unsigned char>(c)); }

struct Mark {
  int number = 0;
  std::size_t begin = 0;  // Of "(1)" in the text.
  std::size_t end = 0;    // Behind it.
};

// The mark that ends with the ')' at `close`; nullopt: it is none.
std::optional<Mark> MarkBefore(absl::string_view text, std::size_t close) {
  std::size_t begin = close;
  while (begin > 0 && IsAlnum(text[begin - 1]) && close - begin < 3) --begin;
  const absl::string_view inner = text.substr(begin, close - begin);
  Mark mark;
  mark.end = close + 1;
  if (inner.size() == 1 && IsAlpha(inner[0])) {
    mark.number = absl::ascii_tolower(static_cast<unsigned char>(inner[0])) - 'a' + 1;
  } else if (inner.empty() || inner.size() > 2 || !absl::SimpleAtoi(inner, &mark.number)) {
    return std::nullopt;
  }
  const bool opened = begin > 0 && text[begin - 1] == '(';
  if (opened) --begin;
  // "b)" without its bracket must begin a word, and "4(b)" is a section.
  if (begin > 0 && (opened ? IsAlnum(text[begin - 1]) : text[begin - 1] != ' ')) {
    return std::nullopt;
  }
  mark.begin = begin;
  return mark;
}

// "-" and "to" between two marks stand for the numbers between them.
bool IsRange(absl::string_view between) {
  between = absl::StripAsciiWhitespace(between);
  return between == "-" || between == "to" || between == "–";
}

// Marks in their order, each the next one or the end of a range.
std::vector<Mark> FindMarks(absl::string_view text) {
  std::vector<Mark> marks;
  for (std::size_t i = text.find(')'); i != absl::string_view::npos; i = text.find(')', i + 1)) {
    const std::optional<Mark> mark = MarkBefore(text, i);
    if (!mark.has_value() || mark->number > kMaxItems) continue;
    if (marks.empty()) {
      // The first item may go without its mark, or be told elsewhere.
      if (mark->number <= 2 || mark->begin == 0) marks.push_back(*mark);
      continue;
    }
    const Mark& last = marks.back();
    const bool range =
        mark->number > last.number && IsRange(text.substr(last.end, mark->begin - last.end));
    if (mark->number == last.number + 1 || range) marks.push_back(*mark);
  }
  return marks;
}

// An item's words without what separates it from the next.
std::string ItemText(absl::string_view text) {
  text = absl::StripAsciiWhitespace(text);
  while (!text.empty() && absl::StrContains(",; ", text.back())) text.remove_suffix(1);
  return std::string(text);
}

bool SaysNothing(absl::string_view text) { return text.empty() || text == "-"; }

std::string TrimWord(absl::string_view word) {
  while (!word.empty() && !IsAlnum(word.back())) word.remove_suffix(1);
  while (!word.empty() && !IsAlnum(word.front())) word.remove_prefix(1);
  return std::string(word);
}

// The first country that a run of words begins with; empty: none.
std::string CountryAtBegin(const std::vector<absl::string_view>& words, std::size_t from) {
  for (std::size_t count = std::min(kMaxCountryWords, words.size() - from); count > 0; --count) {
    const std::string tried =
        absl::StrJoin(words.begin() + from, words.begin() + from + count, " ");
    if (std::string code = CountryCode(TrimWord(tried)); !code.empty()) return code;
  }
  return std::string();
}

// Of the country whose name or adjective comes first in the words; empty: none.
std::string CountryIn(absl::string_view text) {
  const std::vector<absl::string_view> words = absl::StrSplit(text, ' ', absl::SkipEmpty());
  for (std::size_t i = 0; i < words.size(); ++i) {
    // A small word ("in", "no") is no country's code.
    if (!absl::ascii_isupper(static_cast<unsigned char>(TrimWord(words[i])[0]))) continue;
    if (std::string code = CountryAtBegin(words, i); !code.empty()) return code;
  }
  return std::string();
}

// The date behind the first of `signs`; empty: none.
std::string DateBehind(absl::string_view text, const std::vector<absl::string_view>& signs) {
  const std::string lower = absl::AsciiStrToLower(text);
  for (const absl::string_view sign : signs) {
    const std::size_t at = lower.find(std::string(sign));
    if (at == std::string::npos) continue;
    std::vector<absl::string_view> words =
        absl::StrSplit(text.substr(at + sign.size()), ' ', absl::SkipEmpty());
    words.resize(std::min<std::size_t>(words.size(), 3));
    for (; !words.empty(); words.pop_back()) {
      std::string tried = TrimWord(absl::StrJoin(words, " "));
      // "2 Sept 1989", "14 Jul. 2011".
      tried.erase(std::remove(tried.begin(), tried.end(), ','), tried.end());
      const std::string edtf = TimeFromWords(tried).edtf();
      if (!edtf.empty() && edtf.find_first_of("[~/X") == std::string::npos) return edtf;
    }
  }
  return std::string();
}

// Where what is said of issue and expiry begins; the number is before it.
std::size_t FindStory(absl::string_view text) {
  const std::string lower = absl::AsciiStrToLower(text);
  std::size_t first = lower.size();
  for (const absl::string_view word : {"issue", "expir", "valid", "under name", "revoked"}) {
    first = std::min(first, lower.find(std::string(word)));
  }
  return first;
}

int CountDigits(absl::string_view text) {
  return static_cast<int>(absl::c_count_if(text, IsDigit));
}

// "no.A1037434" and "number:F50859" without what is stuck to them.
absl::string_view WithoutLabel(absl::string_view word) {
  for (const absl::string_view label : {"no.:", "no.", "no:", "number:", "number.", "no"}) {
    if (absl::StartsWithIgnoreCase(word, label) && word.size() > label.size()) {
      return word.substr(label.size());
    }
  }
  return word;
}

// The number of a document: the first word of enough digits, with the letters that
// stand apart before it ("D 000974").
std::string FindNumber(absl::string_view text) {
  const std::vector<absl::string_view> words =
      absl::StrSplit(text.substr(0, FindStory(text)), absl::ByAnyChar(" ,("), absl::SkipEmpty());
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string number = TrimWord(WithoutLabel(words[i]));
    if (CountDigits(number) < kMinNumberDigits) continue;
    const absl::string_view before = i == 0 ? absl::string_view() : words[i - 1];
    const bool letters =
        !before.empty() && before.size() <= 3 &&
        absl::c_all_of(before, [](unsigned char c) { return absl::ascii_isupper(c); });
    return letters ? absl::StrCat(before, " ", number) : number;
  }
  return std::string();
}

std::string TypeIn(const std::string& lower, absl::string_view type) {
  struct Word {
    absl::string_view word;
    absl::string_view type;
  };
  static constexpr Word kWords[] = {{"fiscal code", "tax-id"},
                                    {"tax number", "tax-id"},
                                    {"social security", "social-security"},
                                    {"driving licence", "driving-licence"},
                                    {"driver", "driving-licence"},
                                    {"ration card", "ration-card"},
                                    {"birth certificate", "birth-certificate"},
                                    {"travel document", "travel-document"},
                                    {"identity card", "national-id"},
                                    {"identification card", "national-id"}};
  for (const Word& known : kWords) {
    if (absl::StrContains(lower, known.word)) return std::string(known.type);
  }
  return std::string(type);
}

v1::IdentifierState StateIn(const std::string& lower) {
  if (absl::StrContains(lower, "revoked") || absl::StrContains(lower, "cancelled")) {
    return v1::IDENTIFIER_STATE_REVOKED;
  }
  if (absl::StrContains(lower, "false") || absl::StrContains(lower, "fraudulent")) {
    return v1::IDENTIFIER_STATE_FALSE;
  }
  if (absl::StrContains(lower, "stolen") || absl::StrContains(lower, "lost")) {
    return v1::IDENTIFIER_STATE_LOST;
  }
  if (absl::StrContains(lower, "expired")) return v1::IDENTIFIER_STATE_EXPIRED;
  return v1::IDENTIFIER_STATE_UNSPECIFIED;
}

// "QDe.004", "E.29.I.11" at the begin of `text`; empty: something else.
std::string ReferenceAtBegin(absl::string_view text) {
  std::size_t size = 0;
  while (size < text.size() && (IsAlnum(text[size]) || text[size] == '.')) ++size;
  // "KPI. 076".
  if (size > 0 && text[size - 1] == '.' && size + 1 < text.size() && text[size] == ' ' &&
      CountDigits(text.substr(0, size)) == 0 && IsDigit(text[size + 1])) {
    return ReferenceAtBegin(absl::StrCat(text.substr(0, size), text.substr(size + 1)));
  }
  std::vector<std::string> pieces;
  for (const absl::string_view piece : absl::StrSplit(text.substr(0, size), '.')) {
    // The sentence behind it may lack a space: "QDi.123.Mother's name".
    if (piece.empty() || (piece.size() > 4 && CountDigits(piece) == 0)) break;
    pieces.emplace_back(piece);
  }
  std::string reference = absl::StrJoin(pieces, ".");
  if (pieces.size() < 2 || CountDigits(reference) == 0) return std::string();
  // "KPI.067" is the UN's "KPi.067".
  if (pieces[0].size() == 3 && (reference[2] == 'I' || reference[2] == 'E')) {
    reference[2] = absl::ascii_tolower(static_cast<unsigned char>(reference[2]));
  }
  return reference;
}

// "KPe.058" as a word of its own, without "UN Ref" before it.
bool IsPermanentReference(absl::string_view text) {
  return text.size() >= 7 && absl::ascii_isupper(static_cast<unsigned char>(text[0])) &&
         absl::ascii_isupper(static_cast<unsigned char>(text[1])) &&
         absl::StrContains("ieIE", text[2]) && text[3] == '.' && IsDigit(text[4]) &&
         IsDigit(text[5]) && IsDigit(text[6]) && (text.size() == 7 || !IsAlnum(text[7]));
}

}  // namespace

std::vector<UkItem> UkItems(absl::string_view cell) {
  const std::string text = CollapseSpace(cell);
  const std::vector<Mark> marks = FindMarks(text);
  std::vector<UkItem> items;
  const absl::string_view all = text;
  if (marks.empty()) {
    if (!SaysNothing(text)) items.push_back({0, text});
    return items;
  }
  std::string before = ItemText(all.substr(0, marks[0].begin));
  if (marks[0].number == 2 && marks[0].begin > 0) {
    if (!SaysNothing(before)) items.push_back({1, before});
    before.clear();
  }
  for (std::size_t i = 0; i < marks.size(); ++i) {
    const std::size_t end = i + 1 < marks.size() ? marks[i + 1].begin : all.size();
    const std::string item = ItemText(all.substr(marks[i].end, end - marks[i].end));
    if (SaysNothing(item) || IsRange(item)) continue;
    items.push_back({marks[i].number, before.empty() ? item : absl::StrCat(before, " ", item)});
  }
  return items;
}

v1::Identifier UkDocument(absl::string_view words, absl::string_view type) {
  const std::string text = CollapseSpace(words);
  const std::string lower = absl::AsciiStrToLower(text);
  v1::Identifier identifier;
  identifier.set_type(TypeIn(lower, type));
  identifier.set_value(FindNumber(text));
  if (identifier.value() == text) return identifier;
  identifier.set_note(text);
  identifier.set_region_code(CountryIn(absl::string_view(text).substr(0, FindStory(text))));
  identifier.set_state(StateIn(lower));
  const std::string issued = DateBehind(
      text, {"issued on", "date of issue:", "date of issue", "issued:", "issued in", "issued"});
  const std::string expires =
      DateBehind(text, {"expires on", "expired on", "expires:", "expired:", "expires", "expired",
                        "expiring on", "expiration date", "date of expiration:", "expiry date",
                        "valid until"});
  if (issued.empty() && expires.empty()) return identifier;
  // One of two dates in the wrong order is wrong; which is not said.
  if (issued.empty() || expires.empty() || issued <= expires) {
    *identifier.mutable_time() = EdtfTime(absl::StrCat(issued, "/", expires));
  }
  return identifier;
}

std::string UkUnReference(absl::string_view words) {
  const std::string text = CollapseSpace(words);
  const std::string upper = absl::AsciiStrToUpper(text);
  const absl::string_view all = text;
  for (std::size_t at = upper.find("UN"); at != std::string::npos; at = upper.find("UN", at + 1)) {
    std::size_t next = at + 2;
    const auto skip = [&](absl::string_view characters) {
      while (next < text.size() && absl::StrContains(characters, text[next])) ++next;
    };
    skip(" .");
    if (upper.compare(next, 3, "REF") != 0) continue;
    next += 3;
    if (upper.compare(next, 6, "ERENCE") == 0) next += 6;
    skip(" .:(");
    std::string reference = ReferenceAtBegin(all.substr(std::min(next, text.size())));
    if (!reference.empty()) return reference;
  }
  for (std::size_t i = 0; i + 7 <= text.size(); ++i) {
    const bool word = i == 0 || !IsAlnum(text[i - 1]);
    if (word && IsPermanentReference(all.substr(i))) return ReferenceAtBegin(all.substr(i, 7));
  }
  return std::string();
}

std::string UkShipNumber(absl::string_view words, absl::string_view name, std::size_t digits) {
  std::size_t at = words.find(name);
  if (at == absl::string_view::npos) return std::string();
  at += name.size();
  for (const absl::string_view skipped : {" ", "Number", "number", "No", "no", ".", ":", " "}) {
    if (absl::StartsWith(words.substr(at), skipped)) at += skipped.size();
  }
  std::size_t size = 0;
  while (at + size < words.size() && IsDigit(words[at + size])) ++size;
  return size == digits ? std::string(words.substr(at, size)) : std::string();
}

}  // namespace communique::importers
