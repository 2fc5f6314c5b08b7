#include "importers/times.h"

#include <array>
#include <cstddef>
#include <cstdlib>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/civil_time.h"
#include "importers/text.h"

namespace communique::importers {
namespace {

// What FuzzyTime.text may have, in bytes.
constexpr std::size_t kMaxWordsBytes = 1024;

std::string CutWords(absl::string_view text) {
  std::string out(text.substr(0, kMaxWordsBytes));
  // Not within a character.
  while (text.size() > out.size() && !out.empty() && !IsUtf8(out)) out.pop_back();
  return out;
}

// `count` digits, and nothing else.
std::optional<int> Digits(absl::string_view text, std::size_t least, std::size_t most) {
  if (text.size() < least || text.size() > most) return std::nullopt;
  for (const char c : text) {
    if (!absl::ascii_isdigit(static_cast<unsigned char>(c))) return std::nullopt;
  }
  int value = 0;
  return absl::SimpleAtoi(text, &value) ? std::optional<int>(value) : std::nullopt;
}

std::optional<int> Year(absl::string_view text) { return Digits(text, 4, 4); }

// The month of a name or of its first three letters at least; 0: none.
int Month(absl::string_view word) {
  static constexpr std::array<absl::string_view, 12> kMonths = {
      "january", "february", "march",     "april",   "may",      "june",
      "july",    "august",   "september", "october", "november", "december"};
  const std::string lower = absl::AsciiStrToLower(absl::StripSuffix(word, "."));
  if (lower.size() < 3) return 0;
  for (std::size_t i = 0; i < kMonths.size(); ++i) {
    if (absl::StartsWith(kMonths[i], lower)) return static_cast<int>(i) + 1;
  }
  return 0;
}

// "15", "15th", "1st".
std::optional<int> Day(absl::string_view word) {
  word = absl::StripSuffix(word, ",");
  for (const absl::string_view ending : {"st", "nd", "rd", "th"}) {
    if (absl::ConsumeSuffix(&word, ending)) break;
  }
  return Digits(word, 1, 2);
}

// A date in EDTF; a day or month of 0 is not known. Empty when there is no such.
std::string MakeDate(int year, int month, int day) {
  if (month == 0 && day == 0) return absl::StrFormat("%04d", year);
  if (month < 1 || month > 12 || day < 0 || day > 31) return std::string();
  if (day == 0) return absl::StrFormat("%04d-%02d", year, month);
  const absl::CivilDay civil(year, month, day);
  if (civil.month() != month) return std::string();
  return absl::StrFormat("%04d-%02d-%02d", year, month, day);
}

std::string NumericDate(absl::string_view text, DayOrder order) {
  const std::vector<absl::string_view> parts = absl::StrSplit(text, absl::ByAnyChar("/."));
  if (parts.size() != 3) return std::string();
  const std::optional<int> first = Digits(parts[0], 1, 2);
  const std::optional<int> second = Digits(parts[1], 1, 2);
  const std::optional<int> year = Year(parts[2]);
  if (!first || !second || !year || *year == 0) return std::string();
  return order == DayOrder::kDayFirst ? MakeDate(*year, *second, *first)
                                      : MakeDate(*year, *first, *second);
}

// "1980", "1980-08", "1980-08-08", also with an offset behind it.
std::string IsoPrefix(absl::string_view text) {
  const std::vector<absl::string_view> parts = absl::StrSplit(text, '-');
  const std::optional<int> year = Year(parts[0]);
  if (!year || *year == 0) return std::string();
  if (parts.size() == 1) return MakeDate(*year, 0, 0);
  const std::optional<int> month = Digits(parts[1], 2, 2);
  if (!month) return std::string();
  if (parts.size() == 2) return *month == 0 ? std::string() : MakeDate(*year, *month, 0);
  absl::string_view rest = parts[2];
  const std::size_t time = rest.find_first_of("T+Z");
  const std::optional<int> day = Digits(rest.substr(0, time), 2, 2);
  if (!day) return std::string();
  // What follows is an offset or a time of day, or it is no date.
  if (parts.size() == 4 && !(parts[3].size() >= 4 && absl::StrContains(parts[3], ':'))) {
    return std::string();
  }
  if (parts.size() > 4) return std::string();
  return MakeDate(*year, *month, *day);
}

// "15 Mar 1980", "Mar 1980", "March 15, 1980".
std::string NamedDate(absl::string_view text) {
  const std::vector<absl::string_view> words = absl::StrSplit(text, ' ', absl::SkipEmpty());
  if (words.size() < 2 || words.size() > 3) return std::string();
  const std::optional<int> year = Year(words.back());
  if (!year || *year == 0) return std::string();
  if (words.size() == 2) {
    const int month = Month(absl::StripSuffix(words[0], ","));
    return month == 0 ? std::string() : MakeDate(*year, month, 0);
  }
  const bool day_first = Month(words[0]) == 0;
  const int month = Month(absl::StripSuffix(words[day_first ? 1 : 0], ","));
  const std::optional<int> day = Day(words[day_first ? 0 : 1]);
  if (month == 0 || !day || *day == 0) return std::string();
  return MakeDate(*year, month, *day);
}

// A single date without "circa" and the like; empty: it is none.
std::string PlainDate(absl::string_view text, DayOrder order) {
  text = absl::StripAsciiWhitespace(text);
  for (std::string edtf : {IsoPrefix(text), NumericDate(text, order), NamedDate(text)}) {
    if (!edtf.empty()) return edtf;
  }
  return std::string();
}

// Takes a sign of approximation off the ends; whether there was one.
bool TakeApproximation(absl::string_view* text) {
  static constexpr absl::string_view kBefore[] = {"approximately ", "approx. ", "approx ", "circa ",
                                                  "circa. ",        "ca. ",     "c. ",     "about ",
                                                  "around ",        "c.",       "~"};
  static constexpr absl::string_view kAfter[] = {" (approximate)", " (approximately)", " (approx)",
                                                 " (approx.)",     " (circa)",         " circa",
                                                 " approximately"};
  for (const absl::string_view sign : kBefore) {
    if (absl::StartsWithIgnoreCase(*text, sign)) {
      text->remove_prefix(sign.size());
      return true;
    }
  }
  for (const absl::string_view sign : kAfter) {
    if (absl::EndsWithIgnoreCase(*text, sign)) {
      text->remove_suffix(sign.size());
      return true;
    }
  }
  return false;
}

// The decade of "1960s", "late 1950s"; empty: it is none.
std::string Decade(absl::string_view text) {
  for (const absl::string_view part : {"early ", "mid ", "mid-", "late ", "the "}) {
    if (absl::StartsWithIgnoreCase(text, part)) text.remove_prefix(part.size());
  }
  if (!absl::ConsumeSuffix(&text, "'s") && !absl::ConsumeSuffix(&text, "s")) return std::string();
  const std::optional<int> year = Year(text);
  if (!year || *year % 10 != 0) return std::string();
  return absl::StrCat(text.substr(0, 3), "X");
}

std::string MarkApproximate(const std::string& edtf) {
  if (edtf.empty() || edtf.back() == '~') return edtf;
  // In a set or an interval each date carries its own mark; ranges in sets take none.
  if (edtf.front() == '[' || edtf.front() == '{') return edtf;
  const std::size_t slash = edtf.find('/');
  if (slash != std::string::npos) {
    const std::string begin = edtf.substr(0, slash);
    const std::string end = edtf.substr(slash + 1);
    const auto marked = [](const std::string& date) {
      return date.empty() || date == ".." ? date : date + "~";
    };
    return absl::StrCat(marked(begin), "/", marked(end));
  }
  return edtf + "~";
}

// "1955-1958", "1955 to 1958", "between 1955 and 1958"; unset: it is no range.
std::optional<v1::FuzzyTime> Range(absl::string_view text, DayOrder order) {
  absl::string_view inner = text;
  bool between = false;
  for (const absl::string_view word : {"between ", "from "}) {
    if (absl::StartsWithIgnoreCase(inner, word)) {
      inner.remove_prefix(word.size());
      between = true;
    }
  }
  static constexpr absl::string_view kMiddles[] = {" to ", " and ", " - ", " – ", "–", "-"};
  for (const absl::string_view middle : kMiddles) {
    if (middle == " and " && !between) continue;
    const std::size_t at = inner.find(middle);
    if (at == absl::string_view::npos) continue;
    const std::string first = PlainDate(inner.substr(0, at), order);
    const std::string last = PlainDate(inner.substr(at + middle.size()), order);
    if (first.empty() || last.empty()) continue;
    // Dates of two precisions are brought to the coarser: that is wider, never sharper.
    const std::size_t precision = std::min(first.size(), last.size());
    const std::string from = first.substr(0, precision);
    const std::string until = last.substr(0, precision);
    if (from > until) return std::nullopt;
    return OneOfRange(from, until, text);
  }
  return std::nullopt;
}

}  // namespace

v1::FuzzyTime EdtfTime(absl::string_view edtf, absl::string_view text) {
  v1::FuzzyTime time;
  time.set_edtf(std::string(edtf));
  if (text != edtf) time.set_text(CutWords(text));
  return time;
}

v1::FuzzyTime WordsTime(absl::string_view text) {
  v1::FuzzyTime time;
  time.set_text(CutWords(text));
  return time;
}

v1::FuzzyTime Approximate(v1::FuzzyTime time) {
  time.set_edtf(MarkApproximate(time.edtf()));
  return time;
}

v1::FuzzyTime OneOfRange(absl::string_view first, absl::string_view last, absl::string_view text) {
  if (first == last && !first.empty()) return EdtfTime(first, text);
  return EdtfTime(absl::StrCat("[", first, "..", last, "]"), text);
}

v1::FuzzyTime Interval(absl::string_view begin, absl::string_view end, absl::string_view text) {
  return EdtfTime(absl::StrCat(begin.empty() ? ".." : begin, "/", end.empty() ? ".." : end), text);
}

bool IsIsoDate(absl::string_view text) {
  return text.size() == 10 && text[4] == '-' && text[7] == '-' && IsoPrefix(text) == text;
}

std::string AddDays(absl::string_view iso_date, int days) {
  int year = 0;
  int month = 0;
  int day = 0;
  if (!IsIsoDate(iso_date) || !absl::SimpleAtoi(iso_date.substr(0, 4), &year) ||
      !absl::SimpleAtoi(iso_date.substr(5, 2), &month) ||
      !absl::SimpleAtoi(iso_date.substr(8, 2), &day)) {
    return std::string();
  }
  const absl::CivilDay civil = absl::CivilDay(year, month, day) + days;
  return absl::StrFormat("%04d-%02d-%02d", civil.year(), civil.month(), civil.day());
}

v1::FuzzyTime TimeFromWords(absl::string_view words, DayOrder order) {
  const std::string collapsed = CollapseSpace(words);
  absl::string_view text = collapsed;
  const bool approximate = TakeApproximation(&text);
  std::string edtf = PlainDate(text, order);
  v1::FuzzyTime time;
  if (!edtf.empty()) {
    time = EdtfTime(edtf, collapsed);
  } else if (const std::string decade = Decade(text); !decade.empty()) {
    time = EdtfTime(decade, collapsed);
  } else if (std::optional<v1::FuzzyTime> range = Range(text, order); range.has_value()) {
    time = *std::move(range);
    time.set_text(CutWords(collapsed));
  } else if (absl::StartsWithIgnoreCase(text, "early ") ||
             absl::StartsWithIgnoreCase(text, "late ") ||
             absl::StartsWithIgnoreCase(text, "mid ")) {
    edtf = PlainDate(text.substr(text.find(' ') + 1), order);
    time = edtf.empty() ? WordsTime(collapsed) : EdtfTime(edtf, collapsed);
  } else {
    return WordsTime(collapsed);
  }
  return approximate ? Approximate(std::move(time)) : time;
}

std::vector<v1::FuzzyTime> TimesFromWords(absl::string_view words, DayOrder order) {
  // Everything that separates is made ';' first.
  const std::string text = absl::StrReplaceAll(
      CollapseSpace(words),
      {{" and/or ", ";"}, {" or ", ";"}, {"alt. DOB ", ";"}, {" alt. ", ";"}});
  std::vector<std::string> parts;
  for (absl::string_view part : absl::StrSplit(text, ';')) {
    part = absl::StripAsciiWhitespace(part);
    // "a) 1961".
    if (part.size() > 3 && absl::ascii_isalpha(static_cast<unsigned char>(part[0])) &&
        part[1] == ')') {
      part = absl::StripAsciiWhitespace(part.substr(2));
    }
    if (!part.empty()) parts.emplace_back(part);
  }
  std::vector<v1::FuzzyTime> times;
  for (const std::string& part : parts) {
    v1::FuzzyTime whole = TimeFromWords(part, order);
    if (!whole.edtf().empty() || !absl::StrContains(part, ',')) {
      times.push_back(std::move(whole));
      continue;
    }
    // Commas only where every part of it is a date.
    std::vector<v1::FuzzyTime> pieces;
    for (const absl::string_view piece : absl::StrSplit(part, ',')) {
      pieces.push_back(TimeFromWords(piece, order));
    }
    bool all = true;
    for (const v1::FuzzyTime& piece : pieces) all = all && !piece.edtf().empty();
    if (all) {
      for (v1::FuzzyTime& piece : pieces) times.push_back(std::move(piece));
    } else {
      times.push_back(std::move(whole));
    }
  }
  return times;
}

}  // namespace communique::importers
