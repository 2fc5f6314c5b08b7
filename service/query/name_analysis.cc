#include "service/query/name_analysis.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "service/base/error.h"
#include "service/query/name_lexicon.h"
#include "service/query/name_sound.h"
#include "service/query/organisation_words.h"
#include "service/query/romanise.h"

namespace communique::query {
namespace {

bool IsVowel(char c) { return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u'; }

bool AllDigits(absl::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](unsigned char c) { return absl::ascii_isdigit(c); });
}

// ---- Words, cut and joined as names are written.

// Runs of single letters, dotted or not ("S.R.L.", "J. C."), as one word.
std::vector<RomanWord> JoinLetters(const std::vector<RomanWord>& words) {
  std::vector<RomanWord> joined;
  bool open = false;
  for (const RomanWord& word : words) {
    const bool letter = word.text.size() == 1 && !word.hangul &&
                        absl::ascii_isalpha(static_cast<unsigned char>(word.text[0]));
    if (letter && open) {
      joined.back().text += word.text;
      joined.back().dotted = false;
    } else {
      joined.push_back(word);
    }
    open = letter;
  }
  return joined;
}

// "G.m.b.H." comes as "g", "m", "b", "h": only single letters are joined.
bool HasLetterRun(const std::vector<RomanWord>& words) {
  int run = 0;
  for (const RomanWord& word : words) {
    run = word.text.size() == 1 && absl::ascii_isalpha(static_cast<unsigned char>(word.text[0]))
              ? run + 1
              : 0;
    if (run >= 2) return true;
  }
  return false;
}

// The least letters of what remains when a word is cut.
constexpr size_t kMinCutLetters = 4;

// "Abdullatif", "Abdelkarim", "Abdurrahman" as "abd" and the name after it, which
// others write apart. "Abdullah" is one name, and stays one.
bool CutAbd(RomanWord& word, std::vector<RomanWord>& out) {
  absl::string_view rest = word.text;
  if (!absl::ConsumePrefix(&rest, "abd")) return false;
  while (!rest.empty() && IsVowel(rest[0])) rest.remove_prefix(1);
  if (rest.size() < kMinCutLetters) return false;
  if (rest[0] == 'l') {
    rest.remove_prefix(1);
  } else if (rest[0] != rest[1]) {  // the article takes the sound that follows
    return false;
  } else {
    rest.remove_prefix(1);
  }
  const bool allah = absl::StartsWith(rest, "lah") || absl::StartsWith(rest, "laah");
  const bool abdoulaye = absl::StartsWith(rest, "ay");  // another spelling of "Abdullahi"
  if (rest.size() < kMinCutLetters || abdoulaye || (allah && rest.size() <= 5)) return false;
  out.push_back({.text = "abd", .vowelless = word.vowelless});
  word = {.text = std::string(rest), .vowelless = word.vowelless, .attached = true};
  return true;
}

// "Saifuddin", "Nooreddine" as the name and "din", which others write "al-Din".
bool CutDin(RomanWord& word, std::vector<RomanWord>& out) {
  static constexpr absl::string_view kEndings[] = {"uddin",  "eddin",  "addin",  "oddin", "iddin",
                                                   "eddine", "uddine", "addine", "udin",  "edin",
                                                   "edine",  "aldin",  "eldin",  "uldin", "odin"};
  for (const absl::string_view ending : kEndings) {
    if (word.text.size() < ending.size() + 3 || !absl::EndsWith(word.text, ending)) continue;
    word.text.resize(word.text.size() - ending.size());
    out.push_back(word);
    out.back().dotted = false;
    word = {.text = "din", .vowelless = word.vowelless, .attached = true};
    return true;
  }
  return false;
}

// A number and letters written as one stay one, but for ordinals ("1st", "2nd").
void CutOrdinal(RomanWord& word) {
  const size_t digits = word.text.find_first_not_of("0123456789");
  if (digits == 0 || digits == std::string::npos) return;
  const absl::string_view ending = absl::string_view(word.text).substr(digits);
  if (ending == "st" || ending == "nd" || ending == "rd" || ending == "th") {
    word.text.resize(digits);
  }
}

std::vector<RomanWord> CutWords(std::vector<RomanWord> words) {
  std::vector<RomanWord> cut;
  cut.reserve(words.size() + 2);
  for (RomanWord& word : words) {
    if (word.text.size() > kMaxNameTokenBytes) word.text.resize(kMaxNameTokenBytes);
    CutOrdinal(word);
    if (!word.hangul) {
      CutAbd(word, cut);
      CutDin(word, cut);
    }
    cut.push_back(std::move(word));
  }
  return cut;
}

// ---- Tokens.

bool IsPatronymic(absl::string_view text) {
  static constexpr absl::string_view kEndings[] = {"ovich", "evich", "ovych", "evych",  "avich",
                                                   "ovna",  "evna",  "ivna",  "auna",   "euna",
                                                   "ichna", "ovic",  "evic",  "ovitch", "evitch"};
  return text.size() >= 7 &&
         std::any_of(std::begin(kEndings), std::end(kEndings),
                     [&](absl::string_view e) { return absl::EndsWith(text, e); });
}

// The article before a sun letter ("ash-Shami", "ad-Din", "ar Rahman").
bool IsAssimilatedArticle(absl::string_view text, absl::string_view next) {
  if (text.size() < 2 || text.size() > 3 || next.empty() || !IsVowel(text[0])) return false;
  const absl::string_view sound = text.substr(1);
  return absl::StartsWith(next, sound) && !IsVowel(sound[0]);
}

// One bit for each class.
uint32_t ClassesOf(absl::string_view skeleton) {
  uint32_t classes = 0;
  for (const char c : skeleton) classes |= uint32_t{1} << (static_cast<unsigned char>(c) & 31);
  return classes;
}

// "Motor vessel", "motor tanker", "steam ship".
bool IsShipPrefix(absl::string_view text) {
  return text == "mv" || text == "mt" || text == "ms" || text == "ss";
}

uint64_t CodeOf(absl::string_view skeleton) {
  uint64_t code = 0;
  for (const char c : skeleton.substr(0, 8)) code = code << 8 | static_cast<unsigned char>(c);
  return code;
}

// FNV-1a: the same in every process, for what is chosen by it must be.
uint64_t VariantCodeOf(absl::string_view variant) {
  if (variant.empty()) return 0;
  uint64_t code = 14695981039346656037u;
  for (const char c : variant) code = (code ^ static_cast<unsigned char>(c)) * 1099511628211u;
  return code | 1;
}

class Tokeniser {
 public:
  Tokeniser(std::vector<RomanWord> words, NameSubject subject)
      : words_(std::move(words)), subject_(subject) {
    for (const RomanWord& word : words_) texts_.push_back(word.text);
  }

  NameReading Read() {
    NameReading reading;
    const bool korean = LooksKorean();
    for (size_t at = 0; at < words_.size() && reading.tokens.size() < kMaxNameTokens;) {
      absl::string_view form;
      size_t taken = subject_ == NameSubject::kPerson ? 0 : LegalPhraseAt(texts_, at, form);
      if (taken > 0) {
        reading.tokens.push_back(LegalForm(form));
      } else if ((taken = NumberAt(at, reading)) == 0) {
        reading.tokens.push_back(Token(at, korean));
        taken = 1;
      }
      at += taken;
    }
    for (NameToken& token : reading.tokens) {
      token.classes = ClassesOf(token.skeleton);
      token.skeleton_code = CodeOf(token.skeleton);
      token.variant_code = VariantCodeOf(token.variant);
    }
    return reading;
  }

 private:
  static NameToken LegalForm(absl::string_view form) {
    NameToken token;
    token.text = std::string(form);
    token.variant = token.text;
    token.flags = kNameLegalForm;
    token.sound = SoundOf(token.text);
    token.skeleton = SkeletonOf(token.sound);
    return token;
  }

  // "forty-four", "forty 4", "44" as one number; how many words it took.
  size_t NumberAt(size_t at, NameReading& reading) {
    const auto value = [&](size_t i) {
      if (i >= texts_.size()) return -1;
      if (AllDigits(texts_[i]) && texts_[i].size() < 3) return std::stoi(std::string(texts_[i]));
      return NumberOf(texts_[i]);
    };
    if (AllDigits(texts_[at])) {
      std::string digits(texts_[at]);
      digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size() - 1));
      reading.tokens.push_back(Number(std::move(digits)));
      return 1;
    }
    const int first = NumberOf(texts_[at]);
    if (first < 0 || subject_ == NameSubject::kPerson) return 0;
    const int second = value(at + 1);
    if (first >= 20 && first < 100 && second > 0 && second < 10) {
      reading.tokens.push_back(Number(absl::StrCat(first + second)));
      return 2;
    }
    reading.tokens.push_back(Number(absl::StrCat(first)));
    return 1;
  }

  static NameToken Number(std::string digits) {
    NameToken token;
    token.sound = digits;
    token.skeleton = digits;
    token.text = std::move(digits);
    token.flags = kNameNumber;
    return token;
  }

  // Three or two syllables, or two and one, of which the first is a surname: no
  // more is asked, for what this allows is only another way to be alike.
  bool LooksKorean() const {
    if (subject_ == NameSubject::kOrganization || subject_ == NameSubject::kVessel) return false;
    if (words_.size() < 2 || words_.size() > 4) return false;
    bool surname = false;
    for (const RomanWord& word : words_) {
      if (KoreanSyllable(word.text).empty()) return false;
      surname = surname || !KoreanSurname(word.text).empty();
    }
    return surname;
  }

  // Of what may be an organisation; its words are inflected.
  std::string OrganisationVariant(const LexiconWord& known, absl::string_view word) const {
    if (!known.form.empty()) return std::string(known.form);
    if (!known.organisation_word.empty()) return std::string(known.organisation_word);
    if (subject_ == NameSubject::kUnknown && !known.person_variant.empty()) {
      return std::string(known.person_variant);
    }
    return word.size() > 1 ? StemOf(word) : std::string();
  }

  NameToken Token(size_t at, bool korean) {
    const RomanWord& word = words_[at];
    NameToken token;
    token.text = word.text;
    token.sound = SoundOf(word.text);
    token.skeleton = SkeletonOf(token.sound);
    if (word.vowelless) token.flags |= kNameVowelless;
    if (word.dotted) token.flags |= kNameDotted;
    if (word.han) token.flags |= kNameHan;
    const LexiconWord known = LookUp(word.text);
    uint16_t flags = known.flags;
    if (subject_ == NameSubject::kPerson) {
      // Short names are of words that are legal forms elsewhere ("Ag", "As").
      if (words_.size() <= 2) flags &= ~kNameLegalForm;
      token.variant =
          std::string((flags & kNameLegalForm) != 0 ? known.form : known.person_variant);
    } else {
      if (subject_ != NameSubject::kUnknown) flags &= ~kNameHonorific;
      if (!known.organisation_word.empty()) flags |= kNameGeneric;
      token.variant = OrganisationVariant(known, word.text);
    }
    token.flags |= flags;
    if ((flags & kNameParticle) != 0) token.variant.clear();
    if (word.text.size() == 1 && absl::ascii_isalpha(static_cast<unsigned char>(word.text[0])) &&
        !((flags & kNameParticle) != 0 && !word.dotted && at > 0)) {
      token.flags = (token.flags & ~kNameParticle) | kNameInitial;
    }
    if (at + 1 < words_.size() && IsAssimilatedArticle(word.text, texts_[at + 1])) {
      token.flags |= kNameParticle;
    }
    if (subject_ == NameSubject::kVessel && IsShipPrefix(word.text)) token.flags |= kNameParticle;
    if (IsPatronymic(word.text)) token.flags |= kNamePatronymic;
    if (korean) {
      token.flags = (token.flags & (kNameVowelless | kNameDotted)) | kNameKorean;
      const absl::string_view surname = KoreanSurname(word.text);
      token.variant = KoreanSyllable(at == 0 && !surname.empty() ? surname : word.text);
    }
    return token;
  }

  const std::vector<RomanWord> words_;
  const NameSubject subject_;
  std::vector<absl::string_view> texts_;
};

}  // namespace

AnalyzedName AnalyzeName(absl::string_view text, const NameContext& context) {
  AnalyzedName name;
  std::vector<RomanWord> words = RomanWords(base::CutText(text, kMaxNameBytes), kMaxNameTokens);
  if (words.empty()) return name;
  // A person's run of letters is initials first, another's a word first.
  const bool person = context.subject == NameSubject::kPerson;
  if (HasLetterRun(words)) {
    NameReading joined = Tokeniser(CutWords(JoinLetters(words)), context.subject).Read();
    NameReading apart = Tokeniser(CutWords(std::move(words)), context.subject).Read();
    name.readings.push_back(person ? std::move(apart) : std::move(joined));
    if (context.subject != NameSubject::kOrganization) {
      name.readings.push_back(person ? std::move(joined) : std::move(apart));
    }
    return name;
  }
  name.readings.push_back(Tokeniser(CutWords(std::move(words)), context.subject).Read());
  return name;
}

bool CanBeRead(absl::string_view text) {
  return !RomanWords(base::CutText(text, kMaxNameBytes), 1).empty();
}

}  // namespace communique::query
