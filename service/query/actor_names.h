#ifndef COMMUNIQUE_SERVICE_QUERY_ACTOR_NAMES_H_
#define COMMUNIQUE_SERVICE_QUERY_ACTOR_NAMES_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "communique/v1/actor.pb.h"
#include "service/query/name_analysis.h"

// By which of its values an actor is screened: the candidate index and screening
// must agree on them.
namespace communique::query {

// The most names of an actor that are screened; beyond, those that come later are
// left out.
inline constexpr size_t kMaxScreenedNames = 400;

// A name as the record has it; points into the actor.
struct ScreenedName {
  absl::string_view text;
  absl::string_view language_code;
  absl::string_view id;  // of the ActorName; may be empty
  v1::NameQuality quality = v1::NAME_QUALITY_UNSPECIFIED;
};

// Every name that an actor has, weak ones too: those of `names`, and before them
// the display name where it is none of these.
std::vector<ScreenedName> ScreenedNamesOf(const v1::Actor& actor);

// What a name of an actor is the name of.
NameSubject NameSubjectOf(v1::ActorType type);

AnalyzedName AnalyzeName(const ScreenedName& name, v1::ActorType type);

// An identifier without case, spaces and punctuation: what the index finds it by.
// Empty when there is nothing left.
std::string FoldIdentifier(absl::string_view value);

}  // namespace communique::query

#endif  // COMMUNIQUE_SERVICE_QUERY_ACTOR_NAMES_H_
