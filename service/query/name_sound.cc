#include "service/query/name_sound.h"

#include <array>
#include <cstddef>
#include <cstring>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/strip.h"

namespace communique::query {
namespace {

bool IsVowel(char c) { return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u'; }

// A spelling and its sound. Longer ones stand before those they begin with.
struct Spelling {
  absl::string_view letters;
  absl::string_view sound;
};

constexpr Spelling kSpellings[] = {
    {"shtch", "S"},   {"schch", "S"}, {"schtch", "S"}, {"shch", "S"},  // щ, in many hands
    {"tsch", "C"},                                                     // German
    {"schtsch", "S"},                                                  //
    {"dzh", "j"},                                                      // дж
    {"tch", "C"},                                                      // French
    {"sch", "S"},                                                      // German sh; щ in short
    {"ksh", "kS"},                                                     //
    {"sh", "S"},      {"ch", "C"},    {"zh", "j"},     {"kh", "x"},   {"gh", "g"}, {"th", "t"},
    {"dh", "d"},      {"ph", "f"},    {"dj", "j"},     {"ck", "k"},   {"cz", "C"},  // Polish
    {"ts", "c"},      {"tz", "c"},                                                  // ц
    {"qu", "k"},                                                                    //
    {"oo", "u"},      {"ou", "u"},  // English and French for u
    {"q", "k"},       {"w", "v"},
};

// The sound of the spelling at `at`, and how long it is; none: the letter itself.
absl::string_view SpellingAt(absl::string_view word, size_t at, size_t& size) {
  const absl::string_view rest = word.substr(at);
  for (const Spelling& spelling : kSpellings) {
    if (absl::StartsWith(rest, spelling.letters)) {
      size = spelling.letters.size();
      return spelling.sound;
    }
  }
  size = 1;
  return rest.substr(0, 1);
}

class Sounder {
 public:
  explicit Sounder(absl::string_view word) : word_(word) { sound_.reserve(word.size()); }

  std::string Sound() {
    for (size_t at = 0; at < word_.size();) at += Step(at);
    End();
    return std::move(sound_);
  }

 private:
  char At(size_t at) const { return at < word_.size() ? word_[at] : '\0'; }

  // One letter once, however often it is written.
  void Put(char c) {
    if (sound_.empty() || sound_.back() != c ||
        absl::ascii_isdigit(static_cast<unsigned char>(c))) {
      sound_.push_back(c);
    }
  }

  // How many letters it took.
  size_t Step(size_t at) {
    const char c = At(at);
    const char next = At(at + 1);
    if (c == 'e' && next == 'e' && At(at + 2) != 'v') {  // "Waleed", but "Andreevich"
      Put('i');
      return 2;
    }
    if (c == 'y') {  // a consonant only where a word begins
      Put(at == 0 && IsVowel(next) ? 'y' : 'i');
      return 1;
    }
    if ((c == 'i' || c == 'j') && at == 0 && IsVowel(next) && next != 'i') {
      Put(c == 'i' ? 'y' : 'j');  // "Iurii" is "Yuri"
      return 1;
    }
    if (c == 'c' && next != 'h' && next != 'k' && next != 'z') {
      Put(next == 'e' || next == 'i' || next == 'y' ? 's' : 'k');
      return 1;
    }
    if (c == 'x') {
      if (at == 0) {  // "Xi", "Xavier"
        Put('s');
      } else {
        Put('k');
        Put('s');
      }
      return 1;
    }
    if (c == 'j' && at + 1 == word_.size()) {  // "Sergej"
      Put('i');
      return 1;
    }
    // "Oualid" is "Walid".
    if (c == 'o' && next == 'u' && IsVowel(At(at + 2))) {
      Put('v');
      return 2;
    }
    size_t size = 0;
    for (const char sound : SpellingAt(word_, at, size)) Put(sound);
    return size;
  }

  // What a word's end leaves unheard.
  void End() {
    // "Fatimah", "Allah".
    if (sound_.size() > 2 && sound_.back() == 'h' && IsVowel(sound_[sound_.size() - 2])) {
      sound_.pop_back();
    }
  }

  const absl::string_view word_;
  std::string sound_;
};

// '\0': left out.
char ClassOf(char c) {
  switch (c) {
    case 'b':
    case 'p':
      return 'P';
    case 'd':
    case 't':
      return 'T';
    case 'g':
    case 'k':
    case 'x':
      return 'K';
    case 'f':
    case 'v':
      return 'F';
    case 's':
    case 'z':
    case 'S':
    case 'c':
      return 'S';
    case 'C':
    case 'j':
      return 'C';
    case 'm':
      return 'M';
    case 'n':
      return 'N';
    case 'l':
      return 'L';
    case 'r':
      return 'R';
    default:
      return absl::ascii_isdigit(static_cast<unsigned char>(c)) ? c : '\0';
  }
}

}  // namespace

std::string SoundOf(absl::string_view word) { return Sounder(word).Sound(); }

std::string SkeletonOf(absl::string_view sound) {
  std::string skeleton;
  for (size_t i = 0; i < sound.size(); ++i) {
    const char c = sound[i];
    if (i == 0 && (IsVowel(c) || c == 'y')) {
      skeleton.push_back('A');
    } else if (i == 0 && c == 'h') {
      skeleton.push_back('H');
    } else if (const char of = ClassOf(c)) {
      if (skeleton.empty() || skeleton.back() != of) skeleton.push_back(of);
    }
  }
  return skeleton;
}

std::string KoreanSyllable(absl::string_view word) {
  struct Part {
    absl::string_view letters;
    absl::string_view sound;
  };
  // Longer ones first.
  static constexpr Part kOnsets[] = {
      {"ch", "C"}, {"jj", "C"}, {"j", "C"},  {"kk", "k"}, {"gg", "k"}, {"k", "k"},
      {"g", "k"},  {"tt", "t"}, {"dd", "t"}, {"t", "t"},  {"d", "t"},  {"pp", "p"},
      {"bb", "p"}, {"p", "p"},  {"b", "p"},  {"sh", "s"}, {"ss", "s"}, {"s", "s"},
      {"r", "r"},  {"l", "r"},  {"m", "m"},  {"n", "n"},  {"h", "h"},
  };
  static constexpr Part kVowels[] = {
      {"yeo", "yo"}, {"yae", "ye"}, {"wae", "we"}, {"eui", "ui"}, {"you", "yu"}, {"yoo", "yu"},
      {"yo", "yo"},  {"ya", "ya"},  {"ye", "ye"},  {"yu", "yu"},  {"yi", "i"},   {"wa", "wa"},
      {"weo", "wo"}, {"wo", "wo"},  {"we", "we"},  {"wi", "wi"},  {"eo", "o"},   {"eu", "u"},
      {"ee", "i"},   {"oo", "u"},   {"ou", "u"},   {"oe", "we"},  {"oi", "we"},  {"ui", "ui"},
      {"ae", "e"},   {"ai", "e"},   {"a", "a"},    {"o", "o"},    {"u", "u"},    {"i", "i"},
      {"e", "e"},
  };
  static constexpr Part kCodas[] = {
      {"ng", "G"}, {"ck", "k"}, {"k", "k"}, {"g", "k"}, {"n", "n"}, {"l", "l"}, {"r", "l"},
      {"m", "m"},  {"p", "p"},  {"b", "p"}, {"t", "t"}, {"d", "t"}, {"s", "t"}, {"h", ""},
  };
  constexpr size_t kLongestSyllable = 7;  // "kkyeong"
  if (word.empty() || word.size() > kLongestSyllable) return {};
  std::string sound;
  const auto take = [&](const auto& parts) {
    for (const Part& part : parts) {
      if (absl::ConsumePrefix(&word, part.letters)) {
        sound.append(part.sound.data(), part.sound.size());
        return true;
      }
    }
    return false;
  };
  take(kOnsets);
  if (!take(kVowels)) return {};
  if (!word.empty() && !take(kCodas)) return {};
  return word.empty() ? sound : std::string();
}

}  // namespace communique::query
