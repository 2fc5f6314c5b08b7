#include "service/query/romanise.h"

#include <unicode/normalizer2.h>
#include <unicode/translit.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/uscript.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "service/query/romanise_tables.h"

namespace communique::query {
namespace {

// ICU fails here only where its data is missing: an installation that cannot work.
void Require(UErrorCode error) {
  if (U_FAILURE(error)) std::abort();
}

// The most code points of a word that are romanised; longer ones are no words.
constexpr size_t kMaxWordCodePoints = 48;

bool IsApostrophe(UChar32 c) {
  switch (c) {
    case '\'':
    case '`':
    case 0xb4:   // acute accent
    case 0x2b9:  // modifier letters: prime, turned comma, apostrophe, half rings
    case 0x2bb:
    case 0x2bc:
    case 0x2be:
    case 0x2bf:
    case 0x5f3:  // Hebrew geresh, gershayim
    case 0x5f4:
    case 0x2018:  // single quotation marks
    case 0x2019:
    case 0x201b:
    case 0x2032:  // prime
      return true;
    default:
      return false;
  }
}

bool IsHyphen(UChar32 c) {
  return c == '-' || c == 0xad || (c >= 0x2010 && c <= 0x2015) || c == 0x2212;
}

bool IsHangul(UChar32 c) { return c >= 0xac00 && c <= 0xd7a3; }

UScriptCode ScriptOf(UChar32 c) {
  UErrorCode error = U_ZERO_ERROR;
  return uscript_getScript(c, &error);
}

// Latin letters whose base ICU does not take apart; null for the rest.
const char* PlainLatin(UChar32 c) {
  switch (c) {
    case 0xc6:
    case 0xe6:
      return "ae";
    case 0xd0:
    case 0xf0:
    case 0x110:
    case 0x111:
      return "d";
    case 0xd8:
    case 0xf8:
      return "o";
    case 0xde:
    case 0xfe:
      return "th";
    case 0xdf:
    case 0x1e9e:
      return "ss";
    case 0x126:
    case 0x127:
      return "h";
    case 0x130:
    case 0x131:
      return "i";
    case 0x141:
    case 0x142:
      return "l";
    case 0x152:
    case 0x153:
      return "oe";
    case 0x166:
    case 0x167:
      return "t";
    case 0x138:
      return "k";
    case 0x18f:
    case 0x259:
    case 0x1dd:
      return "a";  // schwa, Azerbaijani "a"
    case 0x14a:
    case 0x14b:
      return "n";
    default:
      return nullptr;
  }
}

void AppendLatin(UChar32 c, std::string& out) {
  if (c < 0x80) {
    if (absl::ascii_isalnum(static_cast<unsigned char>(c))) {
      out.push_back(absl::ascii_tolower(static_cast<unsigned char>(c)));
    }
    return;
  }
  if (const char* plain = PlainLatin(c)) {
    out.append(plain);
    return;
  }
  UErrorCode error = U_ZERO_ERROR;
  static const icu::Normalizer2* const kNfkd = icu::Normalizer2::getNFKDInstance(error);
  icu::UnicodeString apart;
  if (!kNfkd->getDecomposition(c, apart)) return;
  for (int32_t i = 0; i < apart.length(); i = apart.moveIndex32(i, 1)) {
    const UChar32 part = apart.char32At(i);
    if (part < 0x80) AppendLatin(part, out);
  }
}

// A Hangul syllable by its jamo, as the North spells them.
std::string RomanHangul(UChar32 c) {
  static constexpr const char* kLead[] = {"k", "k", "n",  "t",  "t",  "r", "m", "p", "p", "s",
                                          "s", "",  "ch", "ch", "ch", "k", "t", "p", "h"};
  static constexpr const char* kVowel[] = {"a",  "ae", "ya", "yae", "o",  "e",  "yo",
                                           "ye", "o",  "wa", "wae", "oe", "yo", "u",
                                           "wo", "we", "wi", "yu",  "u",  "ui", "i"};
  static constexpr const char* kTail[] = {"",  "k",  "k", "k", "n", "n", "n", "t", "l", "k",
                                          "m", "l",  "l", "l", "p", "l", "m", "p", "p", "t",
                                          "t", "ng", "t", "t", "k", "t", "p", "t"};
  const int index = static_cast<int>(c - 0xac00);
  return std::string(kLead[index / 588]) + kVowel[(index % 588) / 28] + kTail[index % 28];
}

// What scripts without a table of ours go through. Transliterating is const; the
// object is shared.
std::string IcuLatin(const icu::UnicodeString& word) {
  static const icu::Transliterator* const kLatin = [] {
    UErrorCode error = U_ZERO_ERROR;
    const icu::Transliterator* made =
        icu::Transliterator::createInstance("Any-Latin; Latin-ASCII", UTRANS_FORWARD, error);
    Require(error);
    return made;
  }();
  icu::UnicodeString text = word;
  kLatin->transliterate(text);
  std::string latin;
  for (int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1)) {
    AppendLatin(text.char32At(i), latin);
  }
  return latin;
}

// What Han characters are in pinyin: asked once each, for a name asks for each of
// its characters alone.
std::string Pinyin(UChar32 c) { return IcuLatin(icu::UnicodeString(c)); }

// Cuts text into words and hands their code points on.
class Romaniser {
 public:
  explicit Romaniser(size_t max_words) : max_words_(max_words) {}

  void Add(UChar32 c) {
    if (Full()) return;
    if (c == '.' && !word_.empty()) return EndWord(/*dotted=*/true);
    if (IsApostrophe(c)) return;
    if (c == '&') {
      EndWord(false);
      Push("and");
      return;
    }
    const int8_t category = u_charType(c);
    if (category == U_FORMAT_CHAR) return;  // joiners and marks of direction
    const bool mark = category == U_NON_SPACING_MARK || category == U_ENCLOSING_MARK ||
                      category == U_COMBINING_SPACING_MARK;
    if (!mark && !u_isalnum(c)) {
      EndWord(false);
      attached_ = attached_ && IsHyphen(c);
      return;
    }
    if (mark && word_.empty()) return;
    const UScriptCode script = ScriptOf(c);
    if (script == USCRIPT_HAN) {
      EndWord(false);
      const size_t before = words_.size();
      Push(Pinyin(c));
      if (words_.size() > before) words_.back().han = true;
      attached_ = true;
      return;
    }
    if (IsHangul(c)) {
      EndWord(false);
      const size_t before = words_.size();
      Push(RomanHangul(c));
      if (words_.size() > before) words_.back().hangul = true;
      attached_ = true;
      return;
    }
    if (word_.size() < kMaxWordCodePoints) word_.push_back(c);
  }

  std::vector<RomanWord> Finish() {
    EndWord(false);
    return std::move(words_);
  }

  bool Full() const { return words_.size() >= max_words_; }

 private:
  void Push(std::string text) {
    if (text.empty() || Full()) return;
    words_.push_back({.text = std::move(text), .attached = attached_ && !words_.empty()});
    attached_ = false;
  }

  void EndWord(bool dotted) {
    if (!word_.empty()) {
      Romanise();
      word_.clear();
      if (dotted && !words_.empty()) words_.back().dotted = true;
      attached_ = true;
    }
  }

  void Romanise() {
    int cyrillic = 0;
    int arabic = 0;
    int hebrew = 0;
    int latin = 0;
    for (const UChar32 c : word_) {
      switch (ScriptOf(c)) {
        case USCRIPT_CYRILLIC:
          ++cyrillic;
          break;
        case USCRIPT_ARABIC:
          ++arabic;
          break;
        case USCRIPT_HEBREW:
          ++hebrew;
          break;
        case USCRIPT_LATIN:
          ++latin;
          break;
        case USCRIPT_COMMON:
        case USCRIPT_INHERITED:
          break;
        default:
          latin = -1000;
          break;
      }
    }
    if (cyrillic > 0) return RomaniseCyrillic();
    if (arabic > 0) return RomaniseArabic();
    if (hebrew > 0) return RomaniseHebrew();
    if (latin >= 0) return RomaniseLatin();
    icu::UnicodeString word;
    for (const UChar32 c : word_) word.append(c);
    Push(IcuLatin(word));
  }

  void RomaniseLatin() {
    std::string text;
    for (const UChar32 c : word_) AppendLatin(c, text);
    Push(std::move(text));
  }

  // Latin letters within a Cyrillic word are look-alikes, typed or meant to mislead.
  void RomaniseCyrillic() {
    const bool ukrainian = std::any_of(word_.begin(), word_.end(), [](UChar32 c) {
      return c == 0x456 || c == 0x406 || c == 0x457 || c == 0x407 || c == 0x454 || c == 0x404 ||
             c == 0x491 || c == 0x490;
    });
    std::string text;
    for (UChar32 c : word_) {
      if (c < 0x80 && absl::ascii_isalpha(static_cast<unsigned char>(c))) c = CyrillicLookAlike(c);
      if (ukrainian && (c == 0x433 || c == 0x413)) {
        text.push_back('h');
      } else if (const char* letters = CyrillicLetters(u_tolower(c))) {
        text.append(letters);
      } else {
        AppendLatin(c, text);
      }
    }
    Push(std::move(text));
  }

  // The article, written together with its word, is a word of its own, as Latin has
  // it; not that of "Allah".
  void RomaniseArabic() {
    std::vector<UChar32> letters;
    for (const UChar32 c : word_) {
      if (c == 0x640 || u_charType(c) == U_NON_SPACING_MARK) continue;  // tatweel, vowel signs
      letters.push_back(c);
    }
    size_t begin = 0;
    const auto is = [&](size_t at, UChar32 c) { return at < letters.size() && letters[at] == c; };
    const auto article_at = [&](size_t at) {
      return is(at, 0x627) && is(at + 1, 0x644) && letters.size() >= at + 4 &&
             !(is(at + 2, 0x644) && is(at + 3, 0x647));
    };
    const auto abd = is(0, 0x639) && is(1, 0x628) && is(2, 0x62f);
    if (abd && letters.size() > 4 && article_at(3)) {  // "abd al-" in one word
      PushVowelless("abd");
      attached_ = true;
      begin = 3;
    }
    if (is(begin, 0x648) && article_at(begin + 1) && letters.size() > begin + 5) {
      PushVowelless("w");  // "and", written with what it is before
      attached_ = true;
      ++begin;
    }
    // "for the" leaves out the alif.
    if (article_at(begin) || (is(begin, 0x644) && is(begin + 1, 0x644) && letters.size() > 4)) {
      Push("al");
      attached_ = true;
      begin += 2;
    }
    std::string text;
    for (size_t i = begin; i < letters.size(); ++i) {
      const bool last = i + 1 == letters.size();
      if (const char* latin = ArabicLetters(letters[i], last)) {
        text.append(latin);
      } else if (u_isdigit(letters[i])) {
        text.push_back(static_cast<char>('0' + u_charDigitValue(letters[i])));
      } else {
        AppendLatin(letters[i], text);
      }
    }
    PushVowelless(std::move(text));
  }

  void RomaniseHebrew() {
    std::string text;
    for (size_t i = 0; i < word_.size(); ++i) {
      if (const char* latin = HebrewLetters(word_[i], i + 1 == word_.size())) {
        text.append(latin);
      } else {
        AppendLatin(word_[i], text);
      }
    }
    PushVowelless(std::move(text));
  }

  void PushVowelless(std::string text) {
    const size_t before = words_.size();
    Push(std::move(text));
    if (words_.size() > before) words_.back().vowelless = true;
  }

  const size_t max_words_;
  std::vector<UChar32> word_;
  std::vector<RomanWord> words_;
  bool attached_ = false;
};

// Text in NFKC: what is written in two ways is one. As it is when it is ASCII.
icu::UnicodeString Composed(absl::string_view text) {
  UErrorCode error = U_ZERO_ERROR;
  static const icu::Normalizer2* const kNfkc = icu::Normalizer2::getNFKCInstance(error);
  const auto given = icu::UnicodeString::fromUTF8({text.data(), static_cast<int32_t>(text.size())});
  icu::UnicodeString composed = kNfkc->normalize(given, error);
  Require(error);
  return composed;
}

}  // namespace

std::vector<RomanWord> RomanWords(absl::string_view text, size_t max_words) {
  Romaniser romaniser(max_words);
  const bool ascii = std::all_of(text.begin(), text.end(),
                                 [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  if (ascii) {
    for (const char c : text) romaniser.Add(static_cast<unsigned char>(c));
    return romaniser.Finish();
  }
  const icu::UnicodeString composed = Composed(text);
  for (int32_t i = 0; i < composed.length() && !romaniser.Full(); i = composed.moveIndex32(i, 1)) {
    romaniser.Add(composed.char32At(i));
  }
  return romaniser.Finish();
}

}  // namespace communique::query
