#ifndef COMMUNIQUE_SERVICE_QUERY_ROMANISE_TABLES_H_
#define COMMUNIQUE_SERVICE_QUERY_ROMANISE_TABLES_H_

#include <cstdint>

namespace communique::query {

// How lists spell the letters of a script in Latin, one code point at a time; null
// for what is no letter of it.

// Of a small letter of any Cyrillic alphabet: as passports do, more or less ("ya",
// "kh", "shch"), signs left out.
const char* CyrillicLetters(int32_t c);
// The Cyrillic letter that looks like this ASCII one; itself when none does.
int32_t CyrillicLookAlike(int32_t c);
// Of Arabic, Persian, Urdu and Pashto; `last`: at the end of its word. The weak
// letters are "a", "w", "y".
const char* ArabicLetters(int32_t c, bool last);
const char* HebrewLetters(int32_t c, bool last);

}  // namespace communique::query

#endif  // COMMUNIQUE_SERVICE_QUERY_ROMANISE_TABLES_H_
