#include "service/screening/prepared_actor.h"

#include <algorithm>

#include "absl/strings/string_view.h"
#include "service/query/actor_names.h"
#include "service/query/name_keys.h"

namespace communique::screening {
namespace {

// Short strings are kept within.
size_t HeapBytes(const std::string& text) { return text.capacity() > 15 ? text.capacity() + 1 : 0; }

bool HasOwnBirth(const v1::Actor& actor, absl::string_view name_id) {
  return !name_id.empty() &&
         std::any_of(actor.births().begin(), actor.births().end(),
                     [name_id](const v1::Birth& birth) { return birth.name_id() == name_id; });
}

}  // namespace

PreparedActor PrepareActor(const v1::Actor& actor, const query::TermHasher& hasher) {
  PreparedActor prepared;
  prepared.display_name = actor.display_name();
  prepared.type = actor.type();
  prepared.has_judgements = !actor.identity_judgements().empty();
  prepared.qualifiers.push_back(QualifiersOf(actor, ""));
  for (const query::ScreenedName& name : query::ScreenedNamesOf(actor)) {
    PreparedName& added = prepared.names.emplace_back();
    added.text = std::string(name.text);
    added.quality = name.quality;
    added.analyzed = query::AnalyzeName(name, actor.type());
    for (const std::string& key : query::CandidateKeys(added.analyzed)) {
      added.keys.push_back(hasher.NameKey(key));
    }
    std::sort(added.keys.begin(), added.keys.end());
    if (HasOwnBirth(actor, name.id)) {
      added.qualifiers = prepared.qualifiers.size();
      prepared.qualifiers.push_back(QualifiersOf(actor, name.id));
    }
  }
  return prepared;
}

size_t PreparedActor::Bytes() const {
  size_t bytes = sizeof *this + HeapBytes(display_name);
  for (const PreparedName& name : names) {
    bytes += sizeof name + HeapBytes(name.text) + name.keys.size() * sizeof(uint64_t);
    for (const query::NameReading& reading : name.analyzed.readings) {
      bytes += sizeof reading + reading.tokens.size() * sizeof(query::NameToken);
      for (const query::NameToken& token : reading.tokens) {
        bytes += HeapBytes(token.text) + HeapBytes(token.sound) + HeapBytes(token.skeleton) +
                 HeapBytes(token.variant);
      }
    }
  }
  for (const Qualifiers& one : qualifiers) {
    bytes += sizeof one + one.births.size() * sizeof(BirthSpan) +
             one.region_codes.size() * sizeof(std::string) +
             one.identifiers.size() * sizeof(Qualifiers::Id);
    for (const Qualifiers::Id& id : one.identifiers)
      bytes += HeapBytes(id.type) + HeapBytes(id.value);
  }
  return bytes;
}

}  // namespace communique::screening
