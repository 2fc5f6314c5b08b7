// Text as words: every script, and the short cut of ASCII against ICU.
#include "service/query/text_analyzer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unicode/utf8.h>

#include <random>
#include <string>
#include <vector>

#include "service/base/limits.h"

namespace communique::query {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::IsEmpty;
using ::testing::SizeIs;

using Words = std::vector<std::string>;

Words Fold(absl::string_view text) {
  Words words;
  ForEachWord(text, [&](absl::string_view word) { words.emplace_back(word); });
  return words;
}

// The bytes of `text` between two offsets in code points.
std::string Cut(const std::string& text, int32_t begin, int32_t end) {
  size_t from = 0;
  U8_FWD_N(text.data(), from, text.size(), begin);
  size_t to = from;
  U8_FWD_N(text.data(), to, text.size(), end - begin);
  return text.substr(from, to - from);
}

struct Case {
  const char* what;
  std::string text;
  Words words;
};

TEST(TextAnalyzer, FoldsEveryScript) {
  const Case cases[] = {
      {"case", "Kim MEETS putin", {"kim", "meets", "putin"}},
      {"Latin accents", "Café Müller, naïve Hồ Chí Minh", {"cafe", "muller", "naive", "ho", "chi", "minh"}},
      {"decomposed accents", "Cafe\u0301 nai\u0308ve", {"cafe", "naive"}},
      {"strokes", "Støre Łódź Đukić Ħal ŧ", {"store", "lodz", "dukic", "hal", "t"}},
      {"ligatures", "Æsir œuvre ﬁnal Þór Guðni", {"aesir", "oeuvre", "final", "thor", "gudni"}},
      {"German", "Straße GROẞ", {"strasse", "gross"}},
      {"Turkish", "İstanbul Diyarbakır ISPARTA", {"istanbul", "diyarbakir", "isparta"}},
      {"Greek", "Ὀδυσσεύς ΟΔΥΣΣΕΥΣ Ελλάδα", {"οδυσσευσ", "οδυσσευσ", "ελλαδα"}},
      {"Cyrillic", "Королёв Сергей за́мок Київ", {"королев", "сергей", "замок", "київ"}},
      {"Cyrillic, decomposed", "Короле\u0308в Сергеи\u0306 Ќе", {"королев", "сергей", "ќе"}},
      {"Hebrew points", "שָׁלוֹם צה\"ל צה״ל", {"שלום", "צהל", "צהל"}},
      {"Arabic harakat, tatweel", "مُحَمَّد محـــمد أحمد", {"محمد", "محمد", "أحمد"}},
      {"Arabic, decomposed hamza", "ا\u0654حمد", {"أحمد"}},
      {"Arabic ligature", "\uFDFA", {"صلىاللهعليهوسلم"}},
      {"Hangul", "평양에서 김정은, 2023년", {"평양에서", "김정은", "2023", "년"}},
      {"Hangul as jamo", "\u1111\u1167\u11bc\u110b\u1163\u11bc", {"평양"}},
      {"Han", "平壤宣言", {"平", "壤", "宣", "言"}},
      {"Han beside Latin", "UN安理会1718号", {"un", "安", "理", "会", "1718", "号"}},
      {"kana", "かが ガカ テーブル", {"か", "が", "ガ", "カ", "テ", "ー", "ブ", "ル"}},
      {"kana, decomposed", "か\u3099 は\u309aる", {"が", "ぱ", "る"}},
      {"halfwidth kana", "ｶﾞｶ", {"ガ", "カ"}},
      {"fullwidth", "Ｋｉｍ１２３", {"kim123"}},
      {"Thai", "ภาษาไทย", {"ภาษา", "ไทย"}},
      {"Thai marks are letters", "น้ำ ที่", {"น\u0e49\u0e4dา", "ที่"}},
      {"Devanagari", "हिन्दी की", {"हिन्दी", "की"}},
      {"Persian with a joiner", "می\u200cخواهم", {"میخواهم"}},
      {"soft hyphen", "Pyong\u00adyang", {"pyongyang"}},
  };
  for (const Case& c : cases) {
    EXPECT_THAT(Fold(c.text), ElementsAreArray(c.words)) << c.what << ": " << c.text;
  }
}

TEST(TextAnalyzer, CutsWhereWordsEnd) {
  const Case cases[] = {
      {"nothing", "", {}},
      {"only spaces", " \t\n\u3000\u00a0", {}},
      {"only signs", "... --- \"'\" _ __ ‿ (!?) ۔", {}},
      {"apostrophes", "O'Brien O’Brien OʼBrien O＇Brien", {"obrien", "obrien", "obrien", "obrien"}},
      {"possessives", "Putin's Putin’s KIM'S states'", {"putin", "putin", "kim", "states"}},
      {"romanised Korean", "P'yŏngyang P’yŏngyang", {"pyongyang", "pyongyang"}},
      {"quotation", "'soon' “soon” «soon»", {"soon", "soon", "soon"}},
      {"hyphen and dashes", "Kim-Putin 2019–2023—now", {"kim", "putin", "2019", "2023", "now"}},
      {"numbers", "1718 1,000.5 2023-09-12 3;4 5, 6.", {"1718", "1,000.5", "2023", "09", "12", "3;4", "5", "6"}},
      {"letters and digits", "S/RES/1718(2006) KPi.001 1.a a1.b2", {"s", "res", "1718", "2006", "kpi", "001", "1", "a", "a1", "b2"}},
      {"dots", "U.S. www.un.org end.", {"u.s", "www.un.org", "end"}},
      {"low lines", "un_1718 _x_ __", {"un_1718", "_x_"}},
      {"colons and at", "Kim:Putin a@b.org １：２", {"kim", "putin", "a", "b.org", "1", "2"}},
      {"spaces of every kind", "1\u202f000\u00a0km\u2003x", {"1", "000", "km", "x"}},
      {"other digits", "٢٠٢٣ २०२३", {"٢٠٢٣", "२०२३"}},
      {"emoji", "Kim 🇰🇵🤝🇷🇺 Putin👍🏽 1️⃣", {"kim", "putin", "1"}},
      {"lone marks", "\u0301 \u3099 a", {"a"}},
      {"line breaks", "a\nb\r\nc\u2028d", {"a", "b", "c", "d"}},
      {"NUL", std::string("a\0b", 3), {"a", "b"}},
  };
  for (const Case& c : cases) {
    EXPECT_THAT(Fold(c.text), ElementsAreArray(c.words)) << c.what << ": " << c.text;
  }
}

TEST(TextAnalyzer, BrokenUtf8EndsAWord) {
  const Case cases[] = {
      {"a stray byte", "ab\x80" "cd", {"ab", "cd"}},
      {"cut at the end", "ab \xed\x8f", {"ab"}},
      {"cut in a word", "\xed\x8f" "ab", {"ab"}},
      {"a surrogate", "a\xed\xa0\x80" "b", {"a", "b"}},
      {"an overlong slash", "a\xc0\xaf" "b", {"a", "b"}},
      {"kana, then broken", "か\xe3\x82", {"か"}},
      {"beyond Unicode", "a\xf4\x90\x80\x80" "b", {"a", "b"}},
  };
  for (const Case& c : cases) {
    EXPECT_THAT(Fold(c.text), ElementsAreArray(c.words)) << c.what;
  }
}

TEST(TextAnalyzer, AnyBytesAreSafe) {
  std::mt19937 random(1);
  for (int i = 0; i < 20'000; ++i) {
    std::string text(random() % 24, '\0');
    // Bytes that begin long sequences, and continuations, are the likeliest.
    for (char& c : text) c = static_cast<char>(random() % 3 == 0 ? random() : 0x80 | random());
    for (const Word& word : WordsOf(text)) {
      EXPECT_LT(word.begin, word.end);
      EXPECT_LE(word.end, static_cast<int32_t>(text.size()));
    }
  }
}

TEST(TextAnalyzer, LongWordsAreCutAtACodePoint) {
  EXPECT_THAT(Fold(std::string(1000, 'x')), ElementsAre(std::string(base::kMaxWordBytes, 'x')));
  EXPECT_THAT(Fold(std::string(100'000, 'x') + " y"), SizeIs(2));
  std::string hangul, short_by_one = "x", stressed = "x";
  for (int i = 0; i < 100; ++i) hangul += "평";
  for (int i = 0; i < 100; ++i) short_by_one += "я";
  for (int i = 0; i < 10'000; ++i) stressed += "\u0301";
  ASSERT_THAT(Fold(hangul), SizeIs(1));
  EXPECT_EQ(Fold(hangul)[0], hangul.substr(0, 63));
  EXPECT_EQ(Fold(short_by_one)[0], short_by_one.substr(0, 63));
  EXPECT_THAT(Fold(stressed), ElementsAre("x"));
  // As a prefix the cut one is found by what it was cut from.
  EXPECT_EQ(Fold(hangul + "양")[0], Fold(hangul)[0]);
}

// A grapheme joiner takes no part in words, and sends its text through ICU.
std::string WithJoiners(const std::string& text, std::mt19937& random, bool everywhere) {
  std::string joined;
  for (size_t i = 0; i < text.size(); ++i) {
    joined += text[i];
    const bool inside = i + 1 < text.size() && (text[i + 1] & 0xc0) == 0x80;
    if (!inside && text[i] > ' ' && (everywhere || random() % 4 == 0)) joined += "\u034f";
  }
  return joined;
}

TEST(TextAnalyzer, TheShortCutOfAsciiGivesTheWordsOfIcu) {
  std::mt19937 random(2);
  const std::string dense = "aZz09'.,;:_@ s";
  for (int i = 0; i < 20'000; ++i) {
    std::string text;
    for (size_t size = random() % 30; text.size() < size;) {
      text += i % 2 == 0 ? dense[random() % dense.size()] : static_cast<char>(random() % 128);
    }
    const std::string through_icu = WithJoiners(text, random, true);
    ASSERT_THAT(Fold(through_icu), ElementsAreArray(Fold(text))) << ::testing::PrintToString(text);
  }
}

TEST(TextAnalyzer, MixedTextGivesTheWordsOfIcu) {
  std::mt19937 random(3);
  const Words parts = {"a", "Kim", "'", "’", "s", ".", ",", ":", "1", "é", "ё", "ß", "_", " ", " ",
                       "\n", "ق", "평", "平", "か", "ก", "हि", "—", "\u00a0", "＠", "🤝", "ŉ", "ΐ"};
  for (int i = 0; i < 20'000; ++i) {
    std::string text;
    for (size_t left = random() % 16; left > 0; --left) text += parts[random() % parts.size()];
    // The joiner within each ASCII chunk, so that none takes the short cut.
    std::string through_icu;
    for (const char c : text) {
      through_icu += c;
      if (static_cast<unsigned char>(c) < 0x80 && c > ' ') through_icu += "\u034f";
    }
    ASSERT_THAT(Fold(through_icu), ElementsAreArray(Fold(text))) << text;
  }
}

TEST(TextAnalyzer, OffsetsAreOfTheTextAsGiven) {
  const std::string text = "“Straße” ﬁnal: 평양에서 か\u3099平 Putin’s İst e\u0301n 🤝 end";
  std::vector<std::pair<std::string, std::string>> seen;
  for (const Word& word : WordsOf(text)) {
    seen.emplace_back(word.folded, Cut(text, word.begin, word.end));
  }
  using Pair = std::pair<std::string, std::string>;
  EXPECT_THAT(seen, ElementsAre(Pair("strasse", "Straße"), Pair("final", "ﬁnal"),
                                Pair("평양에서", "평양에서"), Pair("が", "か\u3099"),
                                Pair("平", "平"), Pair("putin", "Putin’s"), Pair("ist", "İst"),
                                Pair("en", "e\u0301n"), Pair("end", "end")));
}

TEST(TextAnalyzer, OffsetsCountCodePoints) {
  const std::vector<Word> words = WordsOf("é 🤝 ab");
  ASSERT_THAT(words, SizeIs(2));
  EXPECT_EQ(words[0].begin, 0);
  EXPECT_EQ(words[0].end, 1);
  EXPECT_EQ(words[1].begin, 4);
  EXPECT_EQ(words[1].end, 6);
}

TEST(TextAnalyzer, TheVisitorMayAnalyseToo) {
  Words words;
  ForEachWord("мир труд", [&](absl::string_view outer) {
    ForEachWord("війна й", [&](absl::string_view inner) {
      words.push_back(std::string(outer) + "+" + std::string(inner));
    });
  });
  EXPECT_THAT(words, ElementsAre("мир+війна", "мир+й", "труд+війна", "труд+й"));
}

}  // namespace
}  // namespace communique::query
