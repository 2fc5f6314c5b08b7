#include "importers/text.h"

#include <array>
#include <cstddef>
#include <cstdint>

#include "absl/strings/ascii.h"

namespace communique::importers {
namespace {

constexpr std::uint32_t kReplacement = 0xFFFD;

void AppendUtf8(std::uint32_t code, std::string* out) {
  const auto byte = [out](std::uint32_t value) { out->push_back(static_cast<char>(value)); };
  if (code < 0x80) return byte(code);
  if (code < 0x800) {
    byte(0xC0 | (code >> 6));
    return byte(0x80 | (code & 0x3F));
  }
  if (code < 0x10000) {
    byte(0xE0 | (code >> 12));
    byte(0x80 | ((code >> 6) & 0x3F));
    return byte(0x80 | (code & 0x3F));
  }
  byte(0xF0 | (code >> 18));
  byte(0x80 | ((code >> 12) & 0x3F));
  byte(0x80 | ((code >> 6) & 0x3F));
  byte(0x80 | (code & 0x3F));
}

// Takes one code point off the front; kReplacement with `*ok` false when what is
// there is none, and then one byte.
std::uint32_t NextCode(absl::string_view* text, bool* ok) {
  const auto at = [text](std::size_t i) { return static_cast<unsigned char>((*text)[i]); };
  const std::uint32_t first = at(0);
  std::size_t length = 1;
  std::uint32_t code = first;
  std::uint32_t least = 0;
  if (first >= 0xF0 && first < 0xF8) {
    length = 4, code = first & 0x07, least = 0x10000;
  } else if (first >= 0xE0 && first < 0xF0) {
    length = 3, code = first & 0x0F, least = 0x800;
  } else if (first >= 0xC0 && first < 0xE0) {
    length = 2, code = first & 0x1F, least = 0x80;
  }
  bool valid = first < 0x80 || (length > 1 && text->size() >= length);
  for (std::size_t i = 1; valid && i < length; ++i) {
    valid = (at(i) & 0xC0) == 0x80;
    code = (code << 6) | (at(i) & 0x3F);
  }
  valid = valid && code >= least && code <= 0x10FFFF && (code < 0xD800 || code > 0xDFFF);
  text->remove_prefix(valid ? length : 1);
  if (!valid) *ok = false;
  return valid ? code : kReplacement;
}

// 0x80 to 0x9F, where Windows-1252 is not Latin-1; 0: means nothing.
constexpr std::array<std::uint16_t, 32> kWindows1252 = {
    0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};

struct ScriptRange {
  std::uint32_t first;
  std::uint32_t last;
  int tag;  // Index in kTags.
};

enum : int {
  kLatin,
  kCyrillic,
  kArabic,
  kHangul,
  kHan,
  kKana,
  kHebrew,
  kGreek,
  kGeorgian,
  kArmenian,
  kDevanagari,
  kBengali,
  kTamil,
  kThai,
  kLao,
  kMyanmar,
  kKhmer,
  kEthiopic,
  kSyriac,
  kThaana,
  kSinhala,
  kTagCount
};

constexpr std::array<absl::string_view, kTagCount> kTags = {
    "und-Latn", "und-Cyrl", "und-Arab", "ko-Hang",  "und-Hani", "ja-Jpan", "und-Hebr",
    "el-Grek",  "ka-Geor",  "hy-Armn",  "und-Deva", "und-Beng", "ta-Taml", "th-Thai",
    "lo-Laoo",  "my-Mymr",  "km-Khmr",  "und-Ethi", "und-Syrc", "dv-Thaa", "si-Sinh"};

constexpr ScriptRange kRanges[] = {
    {0x0041, 0x005A, kLatin},      {0x0061, 0x007A, kLatin},    {0x00C0, 0x024F, kLatin},
    {0x0370, 0x03FF, kGreek},      {0x0400, 0x052F, kCyrillic}, {0x0530, 0x058F, kArmenian},
    {0x0590, 0x05FF, kHebrew},     {0x0620, 0x06FF, kArabic},   {0x0700, 0x074F, kSyriac},
    {0x0750, 0x077F, kArabic},     {0x0780, 0x07BF, kThaana},   {0x08A0, 0x08FF, kArabic},
    {0x0900, 0x097F, kDevanagari}, {0x0980, 0x09FF, kBengali},  {0x0B80, 0x0BFF, kTamil},
    {0x0D80, 0x0DFF, kSinhala},    {0x0E00, 0x0E7F, kThai},     {0x0E80, 0x0EFF, kLao},
    {0x1000, 0x109F, kMyanmar},    {0x10A0, 0x10FF, kGeorgian}, {0x1100, 0x11FF, kHangul},
    {0x1200, 0x139F, kEthiopic},   {0x1780, 0x17FF, kKhmer},    {0x1C90, 0x1CBF, kGeorgian},
    {0x1E00, 0x1EFF, kLatin},      {0x1F00, 0x1FFF, kGreek},    {0x3040, 0x30FF, kKana},
    {0x3130, 0x318F, kHangul},     {0x3400, 0x4DBF, kHan},      {0x4E00, 0x9FFF, kHan},
    {0xAC00, 0xD7AF, kHangul},     {0xF900, 0xFAFF, kHan},      {0xFB50, 0xFDFF, kArabic},
    {0xFE70, 0xFEFC, kArabic},     {0x20000, 0x2FFFF, kHan}};

}  // namespace

std::string CollapseSpace(absl::string_view text) {
  std::string out;
  out.reserve(text.size());
  bool space = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool wide = text.substr(i, 2) == "\xc2\xa0";
    if (wide || absl::ascii_isspace(static_cast<unsigned char>(text[i]))) {
      space = true;
      if (wide) ++i;
      continue;
    }
    if (space && !out.empty()) out.push_back(' ');
    space = false;
    out.push_back(text[i]);
  }
  return out;
}

absl::string_view StripSpaceBefore(absl::string_view text) {
  return absl::StripLeadingAsciiWhitespace(text);
}

std::string FromWindows1252(absl::string_view bytes) {
  std::string out;
  out.reserve(bytes.size() + bytes.size() / 16);
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    std::uint32_t code = byte;
    if (byte >= 0x80 && byte < 0xA0) {
      code = kWindows1252[byte - 0x80] == 0 ? kReplacement : kWindows1252[byte - 0x80];
    }
    AppendUtf8(code, &out);
  }
  return out;
}

bool IsUtf8(absl::string_view text) {
  bool ok = true;
  while (ok && !text.empty()) NextCode(&text, &ok);
  return ok;
}

std::string ToUtf8(absl::string_view bytes) {
  if (bytes.substr(0, 3) == "\xef\xbb\xbf") bytes.remove_prefix(3);
  return IsUtf8(bytes) ? std::string(bytes) : FromWindows1252(bytes);
}

std::string ScriptTag(absl::string_view text) {
  std::array<std::size_t, kTagCount> letters = {};
  bool ok = true;
  while (!text.empty()) {
    const std::uint32_t code = NextCode(&text, &ok);
    for (const ScriptRange& range : kRanges) {
      if (code < range.first || code > range.last) continue;
      ++letters[range.tag];
      break;
    }
  }
  // Japanese mixes its syllables with Han, Korean may: either says which it is.
  if (letters[kKana] > 0) letters[kKana] += letters[kHan], letters[kHan] = 0;
  if (letters[kHangul] > 0) letters[kHangul] += letters[kHan], letters[kHan] = 0;
  std::size_t best = 0;
  for (std::size_t i = 1; i < letters.size(); ++i) {
    if (letters[i] > letters[best]) best = i;
  }
  return letters[best] == 0 ? std::string() : std::string(kTags[best]);
}

std::string ToSlug(absl::string_view text) {
  std::string out;
  for (const char c : text) {
    if (absl::ascii_isalnum(static_cast<unsigned char>(c))) {
      out.push_back(absl::ascii_tolower(static_cast<unsigned char>(c)));
    } else if (!out.empty() && out.back() != '-') {
      out.push_back('-');
    }
  }
  while (!out.empty() && out.back() == '-') out.pop_back();
  return out;
}

bool IsKey(absl::string_view text) {
  return !text.empty() && text.size() <= 64 &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789") == absl::string_view::npos;
}

}  // namespace communique::importers
