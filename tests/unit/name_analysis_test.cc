// Names as tokens: scripts, spellings, parts of names (service/query/name_analysis.h).

#include "service/query/name_analysis.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "service/query/name_sound.h"
#include "service/query/romanise.h"

namespace communique::query {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

std::string Roman(absl::string_view text) {
  return absl::StrJoin(RomanWords(text, kMaxNameTokens), " ",
                       [](std::string* out, const RomanWord& word) { out->append(word.text); });
}

std::vector<std::string> Tokens(absl::string_view text, NameSubject subject = NameSubject::kUnknown,
                                size_t reading = 0) {
  std::vector<std::string> tokens;
  const AnalyzedName name = AnalyzeName(text, {.subject = subject});
  if (reading >= name.readings.size()) return tokens;
  for (const NameToken& token : name.readings[reading].tokens) tokens.push_back(token.text);
  return tokens;
}

NameToken Only(absl::string_view text, NameSubject subject = NameSubject::kUnknown) {
  const AnalyzedName name = AnalyzeName(text, {.subject = subject});
  EXPECT_THAT(name.readings, SizeIs(1)) << text;
  EXPECT_THAT(name.readings.at(0).tokens, SizeIs(1)) << text;
  return name.readings.at(0).tokens.at(0);
}

TEST(RomaniseTest, EveryScriptBecomesLatinLetters) {
  EXPECT_EQ(Roman("José Ñandú-Müller"), "jose nandu muller");
  EXPECT_EQ(Roman("Łódź Støre Æsir Đặng"), "lodz store aesir dang");
  EXPECT_EQ(Roman("Щербаков Юрий Игоревич"), "shcherbakov yuriy igorevich");
  EXPECT_EQ(Roman("Гнатюк Їжакевич"), "gnatyuk yizhakevich");
  EXPECT_EQ(Roman("Григорій"), "hrihoriy");  // the Ukrainian г is an h
  EXPECT_EQ(Roman("محمد خليل"), "mhmd khlyl");
  EXPECT_EQ(Roman("پرویز چمران"), "prwyz chmran");
  EXPECT_EQ(Roman("שרה כהן"), "shra khn");
  EXPECT_EQ(Roman("김철수"), "kim chol su");
  EXPECT_EQ(Roman("王小明"), "wang xiao ming");
  EXPECT_EQ(Roman("タナカ・ケン"), "tanaka ken");
  EXPECT_EQ(Roman("Γιώργος"), "giorgos");
}

TEST(RomaniseTest, TheArabicArticleIsAWordOfItsOwn) {
  EXPECT_EQ(Roman("الشامي"), "al shamy");
  EXPECT_EQ(Roman("عبدالكريم"), "abd al krym");
  EXPECT_EQ(Roman("عبدالله"), "abdalla");
  EXPECT_EQ(Roman("الله"), "alla");
}

TEST(RomaniseTest, LookAlikesVowelSignsAndInvisibleCharactersDoNotCount) {
  EXPECT_EQ(Roman("КAPTAШEB"), Roman("КАРТАШЕВ"));  // with Latin A, P, T, E and B
  EXPECT_EQ(Roman("Ива́н"), "ivan");                 // stress
  EXPECT_EQ(Roman("مُحَمَّد"), "mhmd");
  EXPECT_EQ(Roman("Iv\u200ban\u200d"), "ivan");
  EXPECT_EQ(Roman("O'Neil O’Neil Oʻneil"), "oneil oneil oneil");
  EXPECT_EQ(Roman("A&B"), "a and b");
}

TEST(SoundTest, RomanisationsOfOneNameSoundAlike) {
  for (const auto& [one, other] :
       std::vector<std::pair<std::string, std::string>>{{"yusuf", "yousouf"},
                                                        {"sheikh", "sheykh"},
                                                        {"waleed", "oualid"},
                                                        {"mohammed", "mohamed"},
                                                        {"dmitriy", "dmitri"},
                                                        {"sergej", "sergei"},
                                                        {"schmidt", "shmidt"},
                                                        {"shcherbakov", "schcherbakov"},
                                                        {"iuri", "yuri"},
                                                        {"aleksandr", "alexandr"},
                                                        {"fatimah", "fatima"},
                                                        {"djamal", "jamal"}}) {
    EXPECT_EQ(SoundOf(one), SoundOf(other)) << one << ", " << other;
  }
  EXPECT_NE(SoundOf("hasan"), SoundOf("husayn"));
}

TEST(SoundTest, SkeletonsAreClassesOfConsonants) {
  EXPECT_EQ(SkeletonOf(SoundOf("muhammad")), SkeletonOf(SoundOf("mohamed")));
  EXPECT_EQ(SkeletonOf(SoundOf("mohamed")), SkeletonOf(SoundOf("mhmd")));
  EXPECT_EQ(SkeletonOf(SoundOf("usama")), "ASM");
  EXPECT_EQ(SkeletonOf(SoundOf("hasan")), "HSN");
  EXPECT_EQ(SkeletonOf(SoundOf("aeiou")), "A");
}

TEST(SoundTest, KoreanSyllablesAreOneWhateverTheRomanisation) {
  EXPECT_EQ(KoreanSyllable("jeong"), KoreanSyllable("chong"));
  EXPECT_EQ(KoreanSyllable("hyeok"), KoreanSyllable("hyok"));
  EXPECT_EQ(KoreanSyllable("gwang"), KoreanSyllable("kwang"));
  EXPECT_EQ(KoreanSyllable("eun"), KoreanSyllable("un"));
  EXPECT_NE(KoreanSyllable("song"), KoreanSyllable("son"));
  EXPECT_EQ(KoreanSyllable("vladimir"), "");
  EXPECT_EQ(KoreanSyllable("str"), "");
}

TEST(AnalyzeNameTest, NamesAreCutAsTheyAreWritten) {
  EXPECT_THAT(Tokens("Jong-un KIM"), ElementsAre("jong", "un", "kim"));
  EXPECT_THAT(Tokens("Abdulkarim"), ElementsAre("abd", "karim"));
  EXPECT_THAT(Tokens("Abdellatif"), ElementsAre("abd", "latif"));
  EXPECT_THAT(Tokens("Abdurrahman"), ElementsAre("abd", "rahman"));
  EXPECT_THAT(Tokens("Abdullah"), ElementsAre("abdullah"));
  EXPECT_THAT(Tokens("Nooruddin"), ElementsAre("noor", "din"));
  EXPECT_THAT(Tokens("Abdel"), ElementsAre("abdel"));
}

TEST(AnalyzeNameTest, LettersAreAWordAndInitials) {
  EXPECT_THAT(Tokens("S.R.L. Trafik"), ElementsAre("srl", "trafik"));
  EXPECT_THAT(Tokens("J.C. Moulin", NameSubject::kPerson), ElementsAre("j", "c", "moulin"));
  EXPECT_THAT(Tokens("J.C. Moulin", NameSubject::kPerson, 1), ElementsAre("jc", "moulin"));
}

TEST(AnalyzeNameTest, TokensAreToldWhatTheyAre) {
  EXPECT_TRUE(Only("Dr.", NameSubject::kPerson).Is(kNameHonorific));
  EXPECT_TRUE(Only("bin").Is(kNameParticle));
  EXPECT_TRUE(Only("Trading").Is(kNameGeneric));
  EXPECT_TRUE(Only("Petrovich").Is(kNamePatronymic));
  EXPECT_TRUE(Only("شركة").Is(kNameVowelless));
  EXPECT_TRUE(Only("Q").Is(kNameInitial));
  EXPECT_EQ(Only("завод").variant, Only("plant").variant);
  EXPECT_EQ(Only("Bob", NameSubject::kPerson).variant,
            Only("Robert", NameSubject::kPerson).variant);
}

TEST(AnalyzeNameTest, LegalFormsAreOneWhateverTheLanguage) {
  const NameToken form = Only("ООО", NameSubject::kOrganization);
  EXPECT_TRUE(form.Is(kNameLegalForm));
  for (const absl::string_view other :
       {"LLC", "L.L.C.", "GmbH", "G.m.b.H.", "Limited Liability Company",
        "Общество с ограниченной ответственностью"}) {
    const NameToken token = Only(other, NameSubject::kOrganization);
    EXPECT_TRUE(token.Is(kNameLegalForm)) << other;
    EXPECT_EQ(token.variant, form.variant) << other;
  }
  EXPECT_NE(Only("JSC", NameSubject::kOrganization).variant, form.variant);
}

TEST(AnalyzeNameTest, NumbersAreOneHoweverSpelt) {
  for (const absl::string_view text : {"44", "Forty-four", "forty 4", "044"}) {
    const NameToken token = Only(text, NameSubject::kOrganization);
    EXPECT_TRUE(token.Is(kNameNumber)) << text;
    EXPECT_EQ(token.text, "44") << text;
  }
  EXPECT_EQ(Only("1st", NameSubject::kOrganization).text,
            Only("First", NameSubject::kOrganization).text);
}

TEST(AnalyzeNameTest, KoreanSurnamesAreOneNorthAndSouth) {
  const auto surname = [](absl::string_view name) {
    return AnalyzeName(name, {}).readings.at(0).tokens.at(0).variant;
  };
  EXPECT_EQ(surname("Ri Myong Su"), surname("Lee Myung-soo"));
  EXPECT_EQ(surname("Ri Myong Su"), surname("리명수"));
  EXPECT_NE(surname("Ri Myong Su"), surname("Kim Myong Su"));
}

TEST(AnalyzeNameTest, NothingIsReadFromNothing) {
  EXPECT_THAT(AnalyzeName("", {}).readings, IsEmpty());
  EXPECT_THAT(AnalyzeName(" -- '' \u200b", {}).readings, IsEmpty());
  EXPECT_THAT(AnalyzeName("\xff\xfe", {}).readings, IsEmpty());
}

TEST(AnalyzeNameTest, HostileNamesAreBounded) {
  std::string many;
  for (int i = 0; i < 10'000; ++i) absl::StrAppend(&many, "t", i, " ");
  const std::string marks = absl::StrCat("a", std::string(5000, '\xcc'));
  std::string stacked = "a";
  for (int i = 0; i < 400; ++i) absl::StrAppend(&stacked, "\u0301");
  for (const std::string& text : {many, std::string(1'000'000, 'a'), marks, stacked}) {
    for (const NameReading& reading : AnalyzeName(text, {}).readings) {
      EXPECT_LE(reading.tokens.size(), kMaxNameTokens);
      for (const NameToken& token : reading.tokens) {
        EXPECT_LE(token.text.size(), kMaxNameTokenBytes);
      }
    }
  }
}

}  // namespace
}  // namespace communique::query
