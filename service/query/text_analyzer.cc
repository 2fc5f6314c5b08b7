#include "service/query/text_analyzer.h"

#include <unicode/brkiter.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/uscript.h>
#include <unicode/utext.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <utility>

#include "absl/strings/ascii.h"
#include "service/base/error.h"
#include "service/base/limits.h"

namespace communique::query {
namespace {

// ICU fails here only where its data is missing: an installation that cannot work.
void Require(UErrorCode error) {
  if (U_FAILURE(error)) std::abort();
}

// ---- Folding: what a word becomes.

// How much of a word is folded before it is cut to kMaxWordBytes.
constexpr size_t kMaxPieceBytes = 4 * base::kMaxWordBytes;

constexpr UChar32 kTatweel = 0x640;

bool IsMark(UChar32 c) {
  return (U_GET_GC_MASK(c) & (U_GC_MN_MASK | U_GC_ME_MASK)) != 0;
}

// Apostrophes and what is typed for them, and the quotation marks that Hebrew
// puts into acronyms.
bool IsApostrophe(UChar32 c) {
  switch (c) {
    case '\'':
    case '"':
    case 0x2bc:   // modifier letter apostrophe
    case 0x5f3:   // Hebrew geresh
    case 0x5f4:   // Hebrew gershayim
    case 0x2018:  // single quotation marks
    case 0x2019:
      return true;
    default:
      return false;
  }
}

// Latin letters that people type as others, though Unicode takes none of them
// apart; null for the rest.
const char* PlainLetters(UChar32 c) {
  switch (c) {
    case 0xe6: return "ae";   // æ
    case 0xf0: return "d";    // ð
    case 0xf8: return "o";    // ø
    case 0xfe: return "th";   // þ
    case 0x111: return "d";   // đ
    case 0x127: return "h";   // ħ
    case 0x131: return "i";   // dotless i
    case 0x142: return "l";   // ł
    case 0x153: return "oe";  // œ
    case 0x167: return "t";   // ŧ
    default: return nullptr;
  }
}

// Whether a mark on this base is an accent, and no part of the letter. Kana's
// voicing marks and the vowel signs and viramas of Indic scripts are such parts.
bool IsAccent(UChar32 base, UChar32 mark) {
  UErrorCode error = U_ZERO_ERROR;
  switch (uscript_getScript(base, &error)) {
    case USCRIPT_LATIN:
    case USCRIPT_GREEK:
    case USCRIPT_HEBREW:
    case USCRIPT_COMMON:
    case USCRIPT_INHERITED:
      return true;
    case USCRIPT_ARABIC:
      return mark < 0x653 || mark > 0x655;  // madda, hamza above and below
    case USCRIPT_CYRILLIC:
      return mark == 0x300 ||                                              // ѐ, ѝ: stress
             (mark == 0x301 && base != 0x433 && base != 0x43a) ||          // not ѓ, ќ
             (mark == 0x308 && base == 0x435);                             // ё, not ї
    default:
      return false;
  }
}

struct Normalizers {
  const icu::Normalizer2* casefold;
  const icu::Normalizer2* decompose;
  const icu::Normalizer2* compose;
};

const Normalizers& TheNormalizers() {
  static const Normalizers normalizers = [] {
    UErrorCode error = U_ZERO_ERROR;
    Normalizers made = {.casefold = icu::Normalizer2::getNFKCCasefoldInstance(error),
                        .decompose = icu::Normalizer2::getNFDInstance(error),
                        .compose = icu::Normalizer2::getNFCInstance(error)};
    Require(error);
    return made;
  }();
  return normalizers;
}

// Folds any text. Apostrophes stay, all as "'".
std::string FoldWithIcu(absl::string_view piece) {
  const Normalizers& use = TheNormalizers();
  UErrorCode error = U_ZERO_ERROR;
  const auto given =
      icu::UnicodeString::fromUTF8({piece.data(), static_cast<int32_t>(piece.size())});
  const icu::UnicodeString apart =
      use.decompose->normalize(use.casefold->normalize(given, error), error);
  icu::UnicodeString kept;
  UChar32 base = 0;
  for (int32_t i = 0; i < apart.length();) {
    const UChar32 c = apart.char32At(i);
    i += U16_LENGTH(c);
    if (c == kTatweel || u_isUWhiteSpace(c)) continue;
    if (IsMark(c)) {
      if (!IsAccent(base, c)) kept.append(c);
      continue;
    }
    base = c;
    if (const char* plain = PlainLetters(c)) {
      kept.append(icu::UnicodeString(plain, -1, US_INV));
    } else {
      kept.append(IsApostrophe(c) ? UChar32{'\''} : c);
    }
  }
  std::string folded;
  use.compose->normalize(kept, error).toUTF8String(folded);
  Require(error);
  return folded;
}

// What FoldWithIcu makes of each code point from Latin to Arabic; they fold one by
// one except for combining marks.
class FoldTable {
 public:
  static constexpr UChar32 kEnd = 0x700;

  static const FoldTable& Get() {
    static const FoldTable table;
    return table;
  }

  // Appends; false when the code point folds with its neighbours.
  bool Append(UChar32 c, char*& out) const {
    const Entry& entry = entries_[static_cast<size_t>(c)];
    if (entry.size == kNotAlone) return false;
    std::memcpy(out, entry.bytes, sizeof(entry.bytes));
    out += entry.size;
    return true;
  }

 private:
  static constexpr unsigned char kNotAlone = 0xff;
  struct Entry {
    char bytes[7];
    unsigned char size;
  };

  FoldTable() {
    for (UChar32 c = 0; c < kEnd; ++c) {
      char utf8[U8_MAX_LENGTH];
      size_t size = 0;
      U8_APPEND_UNSAFE(utf8, size, c);
      const std::string folded = FoldWithIcu({utf8, size});
      Entry& entry = entries_[static_cast<size_t>(c)];
      entry.size = kNotAlone;
      if (IsMark(c) || folded.size() > sizeof(entry.bytes)) continue;
      entry.size = static_cast<unsigned char>(folded.size());
      folded.copy(entry.bytes, sizeof(entry.bytes));
    }
  }

  std::array<Entry, kEnd> entries_ = {};
};

bool IsHangulSyllable(UChar32 c) { return c >= 0xac00 && c <= 0xd7a3; }

// What folds to itself: the common Han characters and kana, and Hangul.
bool FoldsToItself(UChar32 c) {
  return (c >= 0x4e00 && c <= 0x9fff) || (c >= 0x3041 && c <= 0x3096) ||
         (c >= 0x30a1 && c <= 0x30fa) || c == 0x30fc || IsHangulSyllable(c);
}

// A word while it is folded, on the stack.
class Folder {
 public:
  // Empty when nothing is left. The view lasts until the next call.
  absl::string_view Fold(absl::string_view piece) {
    piece = base::CutText(piece, kMaxPieceBytes);
    char* end = buffer_;
    if (FoldAlone(piece, end)) return Finish(buffer_, static_cast<size_t>(end - buffer_));
    folded_ = FoldWithIcu(piece);
    return Finish(folded_.data(), folded_.size());
  }

 private:
  // Code point by code point, where each folds alone.
  bool FoldAlone(absl::string_view piece, char*& out) {
    const FoldTable& table = FoldTable::Get();
    for (size_t i = 0; i < piece.size();) {
      const unsigned char byte = static_cast<unsigned char>(piece[i]);
      if (byte < 0x80) {
        *out++ = byte == '"' ? '\'' : absl::ascii_tolower(byte);  // " in Hebrew acronyms
        ++i;
        continue;
      }
      const size_t begin = i;
      UChar32 c = 0;
      U8_NEXT(piece.data(), i, piece.size(), c);
      if (c == 0x2019) {
        *out++ = '\'';
      } else if (FoldsToItself(c)) {
        out = std::copy(piece.begin() + begin, piece.begin() + i, out);
      } else if (c < 0 || c >= FoldTable::kEnd || !table.Append(c, out)) {
        return false;
      }
    }
    return true;
  }

  // Takes off the possessive, takes out apostrophes, and cuts.
  static absl::string_view Finish(char* data, size_t size) {
    if (std::memchr(data, '\'', size) != nullptr) {
      if (size > 2 && data[size - 2] == '\'' && data[size - 1] == 's') size -= 2;
      size = static_cast<size_t>(std::remove(data, data + size, '\'') - data);
    }
    const absl::string_view word(data, size);
    // UAX 29 joins words with low lines; alone they are none.
    if (word.find_first_not_of('_') == absl::string_view::npos) return {};
    return base::CutText(word, base::kMaxWordBytes);
  }

  // A code point of the table has two bytes and folds to seven at most.
  char buffer_[kMaxPieceBytes / 2 * 7 + 8];
  std::string folded_;
};

// ---- Segmentation: where words begin and end.

using PieceVisitor = absl::FunctionRef<void(absl::string_view piece)>;

// WB6, WB7, WB11 and WB12 of UAX 29 for ASCII: whether `middle` joins its
// neighbours. ':' is left out, see the header.
bool Joins(char before, char middle, char after) {
  switch (middle) {
    case '\'':
    case '.':
      return (absl::ascii_isalpha(before) && absl::ascii_isalpha(after)) ||
             (absl::ascii_isdigit(before) && absl::ascii_isdigit(after));
    case ',':
    case ';':
      return absl::ascii_isdigit(before) && absl::ascii_isdigit(after);
    default:
      return false;
  }
}

// Letters, digits and low lines: WB5, WB8 to WB10, WB13a and WB13b.
bool IsWordByte(char c) { return absl::ascii_isalnum(c) || c == '_'; }

void SegmentAscii(absl::string_view text, PieceVisitor visit) {
  size_t i = 0;
  while (i < text.size()) {
    if (!IsWordByte(text[i])) {
      ++i;
      continue;
    }
    const size_t begin = i;
    do {
      ++i;
    } while (i < text.size() &&
             (IsWordByte(text[i]) ||
              (i + 1 < text.size() && Joins(text[i - 1], text[i], text[i + 1]))));
    visit(text.substr(begin, i - begin));
  }
}

// ICU's word breaker. Making one is dear, so each thread keeps one.
class WordBreaker {
 public:
  // The thread's own; another one while that is in use.
  static std::unique_ptr<WordBreaker> Take() {
    auto taken = std::move(Spare());
    return taken != nullptr ? std::move(taken) : std::make_unique<WordBreaker>();
  }
  static void GiveBack(std::unique_ptr<WordBreaker> breaker) { Spare() = std::move(breaker); }

  WordBreaker() {
    UErrorCode error = U_ZERO_ERROR;
    iterator_.reset(icu::BreakIterator::createWordInstance(icu::Locale::getRoot(), error));
    Require(error);
  }
  ~WordBreaker() { utext_close(&utext_); }
  WordBreaker(const WordBreaker&) = delete;
  WordBreaker& operator=(const WordBreaker&) = delete;

  void Segment(absl::string_view text, PieceVisitor visit) {
    UErrorCode error = U_ZERO_ERROR;
    utext_openUTF8(&utext_, text.data(), static_cast<int64_t>(text.size()), &error);
    iterator_->setText(&utext_, error);
    Require(error);
    int32_t begin = iterator_->first();
    for (int32_t end = iterator_->next(); end != icu::BreakIterator::DONE;
         end = iterator_->next()) {
      const auto piece =
          text.substr(static_cast<size_t>(begin), static_cast<size_t>(end - begin));
      // ICU loses the status of a word that ends with a low line and a mark.
      if (iterator_->getRuleStatus() >= UBRK_WORD_NONE_LIMIT ||
          piece.find('_') != absl::string_view::npos) {
        visit(piece);
      }
      begin = end;
    }
  }

 private:
  static std::unique_ptr<WordBreaker>& Spare() {
    thread_local std::unique_ptr<WordBreaker> spare;
    return spare;
  }

  UText utext_ = UTEXT_INITIALIZER;
  std::unique_ptr<icu::BreakIterator> iterator_;
};

// A character that is a word of its own.
bool IsHanOrKana(UChar32 c) {
  if (c < 0x2e80 || IsHangulSyllable(c)) return false;
  if (c == 0x30fc || c == 0xff70) return true;  // prolonged sound marks
  UErrorCode error = U_ZERO_ERROR;
  switch (uscript_getScript(c, &error)) {
    case USCRIPT_HAN:
    case USCRIPT_HIRAGANA:
    case USCRIPT_KATAKANA:
      return true;
    default:
      return false;
  }
}

// Dashes, quotation marks and the like, which stand in no word: finding them here
// saves a call of ICU. (U+2018, U+2019, U+2024 and U+2027 join letters.)
bool IsPunctuation(UChar32 c) {
  return (c >= 0x2010 && c <= 0x2017) || (c >= 0x201c && c <= 0x2023) || c == 0x2026 ||
         c == 0x3001 || c == 0x3002 || (c >= 0x3008 && c <= 0x3011);
}

// What ends a word whatever the version of ICU says: also '@', every kind of colon,
// every space, and what is no UTF-8.
bool EndsWord(UChar32 c) {
  if (IsPunctuation(c)) return true;
  return c < 0 || c == '@' || c == ':' || c == 0xfe13 || c == 0xfe55 || c == 0xff1a ||
         u_isUWhiteSpace(c);
}

// The position after the marks that belong to the character before `i` (WB4).
size_t AfterMarks(absl::string_view text, size_t i) {
  while (i < text.size()) {
    size_t next = i;
    UChar32 c = 0;
    U8_NEXT(text.data(), next, text.size(), c);
    const int32_t kind = u_getIntPropertyValue(c, UCHAR_WORD_BREAK);
    if (c < 0 || (kind != U_WB_EXTEND && kind != U_WB_FORMAT && kind != U_WB_ZWJ)) break;
    i = next;
  }
  return i;
}

bool IsAscii(char c) { return static_cast<unsigned char>(c) < 0x80; }

void SegmentStretch(absl::string_view text, PieceVisitor visit) {
  if (std::all_of(text.begin(), text.end(), IsAscii)) return SegmentAscii(text, visit);
  auto breaker = WordBreaker::Take();
  breaker->Segment(text, visit);
  WordBreaker::GiveBack(std::move(breaker));
}

void SegmentWide(absl::string_view text, PieceVisitor visit) {
  size_t begin = 0;  // of the stretch since the last end of a word
  for (size_t i = 0; i < text.size();) {
    const size_t at = i;
    UChar32 c = 0;
    U8_NEXT(text.data(), i, text.size(), c);
    const bool alone = IsHanOrKana(c);
    if (!alone && !EndsWord(c)) continue;
    SegmentStretch(text.substr(begin, at - begin), visit);
    if (alone) {
      i = AfterMarks(text, i);
      visit(text.substr(at, i - at));
    }
    begin = i;
  }
  SegmentStretch(text.substr(begin), visit);
}

// Where the ASCII text at the beginning ends: after the last space before a
// character that is not ASCII.
size_t AsciiSize(absl::string_view text) {
  const auto end = std::find_if_not(text.begin(), text.end(), IsAscii);
  if (end == text.end()) return text.size();
  const absl::string_view ascii = text.substr(0, static_cast<size_t>(end - text.begin()));
  return static_cast<size_t>(
      std::find_if(ascii.rbegin(), ascii.rend(), absl::ascii_isspace).base() - ascii.begin());
}

// Where the other text at the beginning ends: at a space with ASCII behind it.
size_t WideSize(absl::string_view text) {
  size_t space = 0;
  bool ascii = false;  // all since the space
  for (size_t i = 0; i < text.size(); ++i) {
    if (!IsAscii(text[i])) {
      ascii = false;
    } else if (absl::ascii_isspace(text[i])) {
      if (ascii) return space;
      space = i;
      ascii = true;
    }
  }
  return ascii ? space : text.size();
}

// Words never reach over an ASCII space, so text is cut there.
void ForEachPiece(absl::string_view text, PieceVisitor visit) {
  while (!text.empty()) {
    const size_t ascii = AsciiSize(text);
    SegmentAscii(text.substr(0, ascii), visit);
    text.remove_prefix(ascii);
    if (text.empty()) return;
    const size_t wide = WideSize(text);
    SegmentWide(text.substr(0, wide), visit);
    text.remove_prefix(wide);
  }
}

int32_t CountCodePoints(absl::string_view text) {
  int32_t count = 0;
  for (size_t i = 0; i < text.size(); ++count) U8_FWD_1(text.data(), i, text.size());
  return count;
}

}  // namespace

void ForEachWord(absl::string_view text, absl::FunctionRef<void(absl::string_view word)> visit) {
  Folder folder;
  ForEachPiece(text, [&](absl::string_view piece) {
    const absl::string_view word = folder.Fold(piece);
    if (!word.empty()) visit(word);
  });
}

std::vector<Word> WordsOf(absl::string_view text) {
  std::vector<Word> words;
  Folder folder;
  const char* counted = text.data();  // `position` is where this stands
  int32_t position = 0;
  ForEachPiece(text, [&](absl::string_view piece) {
    const absl::string_view folded = folder.Fold(piece);
    if (folded.empty()) return;
    Word& word = words.emplace_back();
    word.folded = std::string(folded);
    const auto gap = static_cast<size_t>(piece.data() - counted);
    word.begin = position + CountCodePoints({counted, gap});
    word.end = word.begin + CountCodePoints(piece);
    counted = piece.end();
    position = word.end;
  });
  return words;
}

}  // namespace communique::query
