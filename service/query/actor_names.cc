#include "service/query/actor_names.h"

#include <algorithm>

#include "absl/strings/ascii.h"

namespace communique::query {

std::vector<ScreenedName> ScreenedNamesOf(const v1::Actor& actor) {
  std::vector<ScreenedName> names;
  names.reserve(static_cast<size_t>(actor.names_size()) + 1);
  const bool listed = std::any_of(
      actor.names().begin(), actor.names().end(),
      [&actor](const v1::ActorName& name) { return name.text() == actor.display_name(); });
  if (!listed && !actor.display_name().empty()) names.push_back({actor.display_name(), {}, {}});
  for (const v1::ActorName& name : actor.names()) {
    if (names.size() == kMaxScreenedNames) break;
    names.push_back({name.text(), name.language_code(), name.id(), name.quality()});
  }
  return names;
}

NameSubject NameSubjectOf(v1::ActorType type) {
  switch (type) {
    case v1::ACTOR_TYPE_PERSON:
      return NameSubject::kPerson;
    case v1::ACTOR_TYPE_ORGANIZATION:
    case v1::ACTOR_TYPE_STATE:
    case v1::ACTOR_TYPE_GOVERNMENT:
    case v1::ACTOR_TYPE_BLOC:
    case v1::ACTOR_TYPE_COLLECTIVE:
      return NameSubject::kOrganization;
    case v1::ACTOR_TYPE_VESSEL:
    case v1::ACTOR_TYPE_AIRCRAFT:
      return NameSubject::kVessel;
    default:
      return NameSubject::kUnknown;
  }
}

AnalyzedName AnalyzeName(const ScreenedName& name, v1::ActorType type) {
  return AnalyzeName(name.text, NameContext{name.language_code, NameSubjectOf(type)});
}

std::string FoldIdentifier(absl::string_view value) {
  std::string folded;
  for (const char c : value) {
    // What is not ASCII stays: digits and letters of other scripts are told apart.
    if (absl::ascii_isalnum(static_cast<unsigned char>(c)) || static_cast<signed char>(c) < 0) {
      folded.push_back(absl::ascii_toupper(static_cast<unsigned char>(c)));
    }
  }
  return folded;
}

}  // namespace communique::query
