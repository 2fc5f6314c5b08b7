#include "importers/ofac_names.h"

#include <cstddef>
#include <string>

#include "absl/strings/str_cat.h"
#include "importers/text.h"

namespace communique::importers {

v1::ActorName* AddOfacName(absl::string_view text, v1::NameKind kind, v1::NameQuality quality,
                           v1::Actor* actor) {
  v1::ActorName* name = actor->add_names();
  name->set_text(CollapseSpace(text));
  name->set_kind(kind);
  name->set_quality(quality);
  const std::size_t comma = name->text().find(", ");
  if (actor->type() != v1::ACTOR_TYPE_PERSON || comma == std::string::npos) return name;
  const std::string family = name->text().substr(0, comma);
  const std::string given = name->text().substr(comma + 2);
  name->set_family_name(family);
  name->set_given_name(given);
  v1::NamePart* part = name->add_parts();
  part->set_text(family);
  part->set_kind(v1::NAME_PART_KIND_FAMILY);
  part = name->add_parts();
  part->set_text(given);
  part->set_kind(v1::NAME_PART_KIND_GIVEN);
  return name;
}

void SetOfacDisplayName(v1::Actor* actor) {
  if (actor->names_size() == 0) return;
  const v1::ActorName& name = actor->names(0);
  const bool apart = !name.given_name().empty() && !name.family_name().empty();
  actor->set_display_name(apart ? absl::StrCat(name.given_name(), " ", name.family_name())
                                : name.text());
}

}  // namespace communique::importers
