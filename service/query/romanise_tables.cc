#include "service/query/romanise_tables.h"

namespace communique::query {

// clang-format off
const char* CyrillicLetters(int32_t c) {
  switch (c) {
    case 0x430: return "a";    // а
    case 0x431: return "b";    // б
    case 0x432: return "v";    // в
    case 0x433: return "g";    // г
    case 0x434: return "d";    // д
    case 0x435: return "e";    // е
    case 0x436: return "zh";   // ж
    case 0x437: return "z";    // з
    case 0x438: return "i";    // и
    case 0x439: return "y";    // й
    case 0x43a: return "k";    // к
    case 0x43b: return "l";    // л
    case 0x43c: return "m";    // м
    case 0x43d: return "n";    // н
    case 0x43e: return "o";    // о
    case 0x43f: return "p";    // п
    case 0x440: return "r";    // р
    case 0x441: return "s";    // с
    case 0x442: return "t";    // т
    case 0x443: return "u";    // у
    case 0x444: return "f";    // ф
    case 0x445: return "kh";   // х
    case 0x446: return "ts";   // ц
    case 0x447: return "ch";   // ч
    case 0x448: return "sh";   // ш
    case 0x449: return "shch"; // щ
    case 0x44a: return "";     // ъ
    case 0x44b: return "y";    // ы
    case 0x44c: return "";     // ь
    case 0x44d: return "e";    // э
    case 0x44e: return "yu";   // ю
    case 0x44f: return "ya";   // я
    case 0x450: return "e";    // ѐ
    case 0x451: return "yo";   // ё
    case 0x452: return "dj";   // ђ, Serbian
    case 0x453: return "gj";   // ѓ, Macedonian
    case 0x454: return "ye";   // є, Ukrainian
    case 0x455: return "dz";   // ѕ
    case 0x456: return "i";    // і
    case 0x457: return "yi";   // ї
    case 0x458: return "y";    // ј
    case 0x459: return "lj";   // љ
    case 0x45a: return "nj";   // њ
    case 0x45b: return "ch";   // ћ
    case 0x45c: return "kj";   // ќ
    case 0x45d: return "i";    // ѝ
    case 0x45e: return "u";    // ў, Belarusian
    case 0x45f: return "dzh";  // џ
    case 0x491: return "g";    // ґ
    case 0x493: return "g";    // ғ, Kazakh and its neighbours from here on
    case 0x49b: return "k";    // қ
    case 0x49d: return "k";    // ҝ
    case 0x4a3: return "n";    // ң
    case 0x4af: return "u";    // ү
    case 0x4b1: return "u";    // ұ
    case 0x4b3: return "h";    // ҳ
    case 0x4b7: return "j";    // ҷ
    case 0x4bb: return "h";    // һ
    case 0x4cf: return "";     // palochka
    case 0x4c0: return "";
    case 0x4d9: return "a";    // ә
    case 0x4e3: return "i";    // ӣ
    case 0x4e9: return "o";    // ө
    case 0x4ef: return "u";    // ӯ
    case 0x138: return "k";    // kra, typed for к
    default: return nullptr;
  }
}

int32_t CyrillicLookAlike(int32_t c) {
  switch (c) {
    case 'A': case 'a': return 0x430;
    case 'B': return 0x432;
    case 'C': case 'c': return 0x441;
    case 'E': case 'e': return 0x435;
    case 'H': return 0x43d;
    case 'I': case 'i': return 0x456;
    case 'K': case 'k': return 0x43a;
    case 'M': case 'm': return 0x43c;
    case 'O': case 'o': return 0x43e;
    case 'P': case 'p': return 0x440;
    case 'T': return 0x442;
    case 'X': case 'x': return 0x445;
    case 'y': return 0x443;
    default: return c;
  }
}

const char* ArabicLetters(int32_t c, bool last) {
  switch (c) {
    case 0x621: return "";    // hamza
    case 0x622: case 0x623: case 0x625: case 0x627: case 0x671: return "a";
    case 0x624: return "w";
    case 0x626: return "y";
    case 0x628: return "b";
    case 0x629: return "a";   // ta marbuta
    case 0x62a: return "t";
    case 0x62b: return "th";
    case 0x62c: return "j";
    case 0x62d: return "h";
    case 0x62e: return "kh";
    case 0x62f: return "d";
    case 0x630: return "dh";
    case 0x631: return "r";
    case 0x632: return "z";
    case 0x633: return "s";
    case 0x634: return "sh";
    case 0x635: return "s";
    case 0x636: return "d";
    case 0x637: return "t";
    case 0x638: return "z";
    case 0x639: return "a";   // ain
    case 0x63a: return "gh";
    case 0x641: return "f";
    case 0x642: return "q";
    case 0x643: case 0x6a9: case 0x6aa: return "k";
    case 0x644: return "l";
    case 0x645: return "m";
    case 0x646: case 0x6ba: case 0x6bc: return "n";
    case 0x647: case 0x6c1: case 0x6c0: case 0x6d5: return last ? "a" : "h";
    case 0x6be: return "h";   // Urdu's aspiration
    case 0x648: case 0x6c7: case 0x6cb: return "w";
    case 0x649: return last ? "a" : "y";   // alif maqsura; Persian keyboards' ya too
    case 0x64a: case 0x6cc: case 0x6d2: case 0x6d0: case 0x6cd: case 0x6ce: return "y";
    case 0x67e: return "p";
    case 0x686: return "ch";
    case 0x698: return "zh";
    case 0x6af: case 0x6ab: return "g";
    case 0x6a4: return "v";
    case 0x679: case 0x67c: return "t";
    case 0x688: case 0x689: return "d";
    case 0x691: case 0x693: return "r";
    case 0x681: return "z";
    case 0x685: return "ts";
    case 0x696: return "zh";
    case 0x69a: return "sh";
    default: return nullptr;
  }
}

const char* HebrewLetters(int32_t c, bool last) {
  switch (c) {
    case 0x5d0: return "a";
    case 0x5d1: return "b";
    case 0x5d2: return "g";
    case 0x5d3: return "d";
    case 0x5d4: return last ? "a" : "h";
    case 0x5d5: return "w";
    case 0x5d6: return "z";
    case 0x5d7: return "h";
    case 0x5d8: return "t";
    case 0x5d9: return "y";
    case 0x5da: case 0x5db: return "k";
    case 0x5dc: return "l";
    case 0x5dd: case 0x5de: return "m";
    case 0x5df: case 0x5e0: return "n";
    case 0x5e1: return "s";
    case 0x5e2: return "a";
    case 0x5e3: case 0x5e4: return "p";
    case 0x5e5: case 0x5e6: return "ts";
    case 0x5e7: return "k";
    case 0x5e8: return "r";
    case 0x5e9: return "sh";
    case 0x5ea: return "t";
    default: return nullptr;
  }
}
// clang-format on

}  // namespace communique::query
