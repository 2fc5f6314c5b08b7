#ifndef COMMUNIQUE_SERVICE_QUERY_NAME_SOUND_H_
#define COMMUNIQUE_SERVICE_QUERY_NAME_SOUND_H_

#include <string>

#include "absl/strings/string_view.h"

namespace communique::query {

// Spells a word of a-z as it sounds, one letter for a sound, so that romanisations
// of one name come out alike: "Sheikh" and "Shaykh" are "Seix" and "Saix", both
// "Mohammed" and "Mohamed" "mohamed". Capitals are digraphs: S sh, C ch; c is ts,
// x kh, j dj and zh. Digits stay.
std::string SoundOf(absl::string_view word);

// The classes of a sound's consonants; a vowel only where it begins the word.
std::string SkeletonOf(absl::string_view sound);

// The sound of a Korean syllable, whatever the romanisation: "Jeong", "Jong",
// "Chong" and "Jung" are "Cong", "Cong", "Cong" and "Cung". Empty: it is none.
std::string KoreanSyllable(absl::string_view word);

}  // namespace communique::query

#endif  // COMMUNIQUE_SERVICE_QUERY_NAME_SOUND_H_
