#include "importers/merge.h"

#include <memory>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace communique::importers {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using google::protobuf::RepeatedPtrField;
using Assertions = RepeatedPtrField<v1::Assertion>;

const FieldDescriptor* FieldOf(const Message& message, absl::string_view name) {
  return message.GetDescriptor()->FindFieldByName(std::string(name));
}

std::string IdOf(const Message& element) {
  return element.GetReflection()->GetString(element, FieldOf(element, "id"));
}

// Evidence by copy: elements are of many types.
Evidences EvidencesOf(const Message& element) {
  const FieldDescriptor* field = FieldOf(element, "evidences");
  const Reflection* reflection = element.GetReflection();
  Evidences evidences;
  for (int i = 0; i < reflection->FieldSize(element, field); ++i) {
    evidences.Add()->CopyFrom(reflection->GetRepeatedMessage(element, field, i));
  }
  return evidences;
}

void SetEvidences(const Evidences& evidences, Message* element) {
  const FieldDescriptor* field = FieldOf(*element, "evidences");
  const Reflection* reflection = element->GetReflection();
  reflection->ClearField(element, field);
  for (const v1::Evidence& evidence : evidences) {
    reflection->AddMessage(element, field)->CopyFrom(evidence);
  }
}

// What the parser gave to stand beside the evidence of a value.
std::optional<v1::Evidence> GivenOf(const Message& ours) {
  const Evidences given = EvidencesOf(ours);
  return given.empty() ? std::nullopt : std::optional<v1::Evidence>(given.Get(0));
}

void Renew(const ListSource& list, const ListValue& ours, Message* element) {
  const std::optional<v1::Evidence> given = GivenOf(*ours.message);
  Evidences evidences = EvidencesOf(*element);
  list.Renew(ours.locator, given.has_value() ? &*given : nullptr, &evidences);
  SetEvidences(evidences, element);
}

// Whether any evidence is left.
bool Withdraw(const ListSource& list, Message* element) {
  Evidences evidences = EvidencesOf(*element);
  const bool left = list.Withdraw(&evidences);
  SetEvidences(evidences, element);
  return left;
}

std::unique_ptr<Message> Copy(const Message& message) {
  std::unique_ptr<Message> copy(message.New());
  copy->CopyFrom(message);
  return copy;
}

// Where a path ends: the message that has the field; null where a message on the
// way is not there.
struct Place {
  const Message* parent = nullptr;
  const FieldDescriptor* field = nullptr;
};

Place Find(const Message& body, absl::string_view path) {
  const std::vector<std::string> parts = absl::StrSplit(path, '.');
  const Message* message = &body;
  for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
    const FieldDescriptor* field = FieldOf(*message, parts[i]);
    if (!message->GetReflection()->HasField(*message, field)) return {};
    message = &message->GetReflection()->GetMessage(*message, field);
  }
  return {message, FieldOf(*message, parts.back())};
}

// The field's value; unset when it is empty.
std::optional<v1::Value> Read(const Message& body, absl::string_view path) {
  const Place place = Find(body, path);
  if (place.parent == nullptr) return std::nullopt;
  const Reflection* reflection = place.parent->GetReflection();
  if (!reflection->HasField(*place.parent, place.field)) return std::nullopt;
  v1::Value value;
  if (place.field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
    value.set_string_value(reflection->GetString(*place.parent, place.field));
  } else if (place.field->cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
    value.set_enum_value(reflection->GetEnum(*place.parent, place.field)->name());
  } else {
    value.mutable_time_value()->CopyFrom(reflection->GetMessage(*place.parent, place.field));
  }
  return value;
}

// Sets the field, or clears it.
void Write(const std::optional<v1::Value>& value, absl::string_view path, Message* body) {
  const std::vector<std::string> parts = absl::StrSplit(path, '.');
  Message* message = body;
  for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
    const FieldDescriptor* field = FieldOf(*message, parts[i]);
    if (!value.has_value() && !message->GetReflection()->HasField(*message, field)) return;
    message = message->GetReflection()->MutableMessage(message, field);
  }
  const Reflection* reflection = message->GetReflection();
  const FieldDescriptor* field = FieldOf(*message, parts.back());
  if (!value.has_value()) {
    reflection->ClearField(message, field);
  } else if (value->has_time_value()) {
    reflection->MutableMessage(message, field)->CopyFrom(value->time_value());
  } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
    reflection->SetEnum(message, field, field->enum_type()->FindValueByName(value->enum_value()));
  } else {
    reflection->SetString(message, field, value->string_value());
  }
}

// The assertions of one path, and what becomes of them.
class PathAssertions {
 public:
  PathAssertions(const ListSource& list, absl::string_view path, Assertions* assertions)
      : list_(list), path_(path), assertions_(assertions) {}

  v1::Assertion* Own() {
    for (v1::Assertion& assertion : *assertions_) {
      if (assertion.path() == path_ && list_.HasOwn(assertion.evidences())) return &assertion;
    }
    return nullptr;
  }
  v1::Assertion* Equal(const v1::Value& value) {
    for (v1::Assertion& assertion : *assertions_) {
      if (assertion.path() == path_ && ValueKey(assertion.value()) == ValueKey(value)) {
        return &assertion;
      }
    }
    return nullptr;
  }
  bool Any() const {
    for (const v1::Assertion& assertion : *assertions_) {
      if (assertion.path() == path_) return true;
    }
    return false;
  }
  bool Preferred() const {
    for (const v1::Assertion& assertion : *assertions_) {
      if (assertion.path() == path_ && assertion.rank() == v1::RANK_PREFERRED) return true;
    }
    return false;
  }
  v1::Assertion* Add(const v1::Value& value, v1::Rank rank, IdPool* ids) {
    v1::Assertion* assertion = assertions_->Add();
    assertion->set_id(ids->New("s"));
    assertion->set_path(std::string(path_));
    *assertion->mutable_value() = value;
    assertion->set_rank(rank);
    return assertion;
  }
  void Remove(const v1::Assertion* assertion) {
    for (int i = 0; i < assertions_->size(); ++i) {
      if (&assertions_->Get(i) == assertion) return assertions_->DeleteSubrange(i, 1);
    }
  }

 private:
  const ListSource& list_;
  const absl::string_view path_;
  Assertions* const assertions_;
};

// One repeated field on its way from what is held to what the list says.
class ElementMerge {
 public:
  ElementMerge(const ListSource& list, absl::string_view id_prefix, IdPool* ids, Message* body,
               const FieldDescriptor* field)
      : list_(list), id_prefix_(id_prefix), ids_(ids), body_(body), field_(field) {
    const Reflection* reflection = body->GetReflection();
    for (int i = 0; i < reflection->FieldSize(*body, field); ++i) {
      Held held;
      held.element = Copy(reflection->GetRepeatedMessage(*body, field, i));
      // What has no evidence is never taken for the list's.
      if (!EvidencesOf(*held.element).empty()) {
        by_key_[ValueKey(*held.element)].push_back(held_.size());
      }
      held_.push_back(std::move(held));
    }
  }

  // Answers the id.
  std::string Put(const ListValue& ours) {
    const std::string key = ValueKey(*ours.message);
    if (const auto same = put_.find(key); same != put_.end()) return same->second;
    Held* held = Match(key);
    if (held == nullptr) {
      held_.emplace_back();
      held = &held_.back();
      held->element = Copy(*ours.message);
      held->element->GetReflection()->SetString(held->element.get(), FieldOf(*held->element, "id"),
                                                ids_->New(id_prefix_));
      SetEvidences({}, held->element.get());
      held->added = true;
      ++added_;
    }
    held->matched = true;
    Renew(list_, ours, held->element.get());
    // One that somebody wrote without an id gets one.
    if (IdOf(*held->element).empty()) {
      held->element->GetReflection()->SetString(held->element.get(), FieldOf(*held->element, "id"),
                                                ids_->New(id_prefix_));
    }
    return put_[key] = IdOf(*held->element);
  }

  void Finish(std::vector<std::string>* what) {
    const Reflection* reflection = body_->GetReflection();
    const std::string before = FieldBytes();
    reflection->ClearField(body_, field_);
    for (Held& held : held_) {
      if (!held.matched && list_.HasOwn(EvidencesOf(*held.element)) &&
          !Withdraw(list_, held.element.get())) {
        ++removed_;
        continue;
      }
      reflection->AddAllocatedMessage(body_, field_, held.element.release());
    }
    if (FieldBytes() == before) return;
    std::string text(field_->name());
    if (added_ > 0) absl::StrAppend(&text, " +", added_);
    if (removed_ > 0) absl::StrAppend(&text, " -", removed_);
    what->push_back(std::move(text));
  }

 private:
  struct Held {
    std::unique_ptr<Message> element;
    bool matched = false;
    bool added = false;
  };

  // What the field holds; the same bytes for the same elements.
  std::string FieldBytes() const {
    const Reflection* reflection = body_->GetReflection();
    std::string bytes;
    for (int i = 0; i < reflection->FieldSize(*body_, field_); ++i) {
      const std::string element = Deterministic(reflection->GetRepeatedMessage(*body_, field_, i));
      absl::StrAppend(&bytes, element.size(), ":", element);
    }
    return bytes;
  }

  // The list's own one before one of others.
  Held* Match(const std::string& key) {
    const auto found = by_key_.find(key);
    if (found == by_key_.end()) return nullptr;
    for (const std::size_t i : found->second) {
      if (list_.HasOwn(EvidencesOf(*held_[i].element))) return &held_[i];
    }
    return &held_[found->second.front()];
  }

  const ListSource& list_;
  const absl::string_view id_prefix_;
  IdPool* const ids_;
  Message* const body_;
  const FieldDescriptor* const field_;
  std::vector<Held> held_;
  absl::flat_hash_map<std::string, std::vector<std::size_t>> by_key_;
  absl::flat_hash_map<std::string, std::string> put_;  // Key to id.
  int added_ = 0;
  int removed_ = 0;
};

// What there is of a vessel or an aircraft stands on the list as long as the list
// says anything of it.
template <typename Details>
void MergeDetails(const ListSource& list, absl::string_view locator, const Details* ours,
                  Details* held, bool* emptied) {
  if (ours != nullptr) {
    Renew(list, {ours, std::string(locator)}, held);
  } else {
    list.Withdraw(held->mutable_evidences());
  }
  *emptied = held->ByteSizeLong() == 0;
}

void MergeVehicles(const ListSource& list, const ListEntry& entry, IdPool* ids, v1::Actor* actor,
                   std::vector<std::string>* what) {
  for (const absl::string_view path :
       {"vessel.vessel_type", "vessel.tonnage", "vessel.gross_tonnage", "vessel.length",
        "aircraft.model", "aircraft.manufacturer"}) {
    MergeField(list, entry.locator, path, entry.actor, ids, actor, actor->mutable_assertions(),
               what);
  }
  bool emptied = false;
  if (actor->has_vessel() || entry.actor.has_vessel()) {
    MergeDetails(list, entry.locator, entry.actor.has_vessel() ? &entry.actor.vessel() : nullptr,
                 actor->mutable_vessel(), &emptied);
    if (emptied) actor->clear_vessel();
  }
  if (actor->has_aircraft() || entry.actor.has_aircraft()) {
    MergeDetails(list, entry.locator,
                 entry.actor.has_aircraft() ? &entry.actor.aircraft() : nullptr,
                 actor->mutable_aircraft(), &emptied);
    if (emptied) actor->clear_aircraft();
  }
}

template <typename Element>
void AddValues(const RepeatedPtrField<Element>& elements, const std::string& locator,
               std::vector<ListValue>* values) {
  for (const Element& element : elements) values->push_back({&element, locator});
}

}  // namespace

std::vector<std::string> MergeElements(const ListSource& list, absl::string_view id_prefix,
                                       const std::vector<ListValue>& ours, IdPool* ids,
                                       Message* body, absl::string_view field,
                                       std::vector<std::string>* what) {
  ElementMerge merge(list, id_prefix, ids, body, FieldOf(*body, field));
  std::vector<std::string> result;
  result.reserve(ours.size());
  for (const ListValue& value : ours) result.push_back(merge.Put(value));
  merge.Finish(what);
  return result;
}

void MergeField(const ListSource& list, absl::string_view locator, absl::string_view path,
                const Message& ours, IdPool* ids, Message* body, Assertions* assertions,
                std::vector<std::string>* what) {
  const std::optional<v1::Value> value = Read(ours, path);
  PathAssertions of_path(list, path, assertions);
  v1::Assertion* own = of_path.Own();
  if (own == nullptr && !value.has_value()) return;
  if (own != nullptr && value.has_value() && ValueKey(own->value()) == ValueKey(*value)) return;
  what->push_back(std::string(path));

  // What the list said until now goes; what others said too stays as it ranks.
  bool was_preferred = false;
  const bool had_own = own != nullptr;
  if (had_own && !list.Withdraw(own->mutable_evidences())) {
    was_preferred = own->rank() == v1::RANK_PREFERRED;
    of_path.Remove(own);
  }
  if (!value.has_value()) {
    if (was_preferred) Write(std::nullopt, path, body);
    return;
  }

  if (v1::Assertion* equal = of_path.Equal(*value); equal != nullptr) {
    list.Renew(locator, nullptr, equal->mutable_evidences());
    if (was_preferred) {
      equal->set_rank(v1::RANK_PREFERRED);
      Write(value, path, body);
    }
    return;
  }
  const std::optional<v1::Value> plain = Read(*body, path);
  v1::Rank rank = v1::RANK_NORMAL;
  if (had_own) {
    if (was_preferred) rank = v1::RANK_PREFERRED;
  } else if (!of_path.Any()) {
    if (!plain.has_value() || ValueKey(*plain) == ValueKey(*value)) {
      rank = v1::RANK_PREFERRED;
    } else {
      // Somebody set it and did not say on what ground: it stays what is shown.
      of_path.Add(*plain, v1::RANK_PREFERRED, ids);
    }
  }
  v1::Assertion* added = of_path.Add(*value, rank, ids);
  list.Renew(locator, nullptr, added->mutable_evidences());
  if (rank == v1::RANK_PREFERRED) Write(value, path, body);
}

void MergeActor(const ListSource& list, const std::vector<ActorEntry>& entries, IdPool* ids,
                v1::Actor* actor, std::vector<std::string>* what) {
  // Of several entries the first speaks for the plain fields.
  const ListEntry& first = *entries.front().entry;
  for (const absl::string_view path :
       {"display_name", "type", "region_code", "gender", "description", "end_time"}) {
    MergeField(list, first.locator, path, first.actor, ids, actor, actor->mutable_assertions(),
               what);
  }
  MergeVehicles(list, first, ids, actor, what);

  std::vector<ListValue> names;
  for (const ActorEntry& of : entries)
    AddValues(of.entry->actor.names(), of.entry->locator, &names);
  const std::vector<std::string> name_ids =
      MergeElements(list, "n", names, ids, actor, "names", what);

  // Births refer to names by the ids of the parser; now by those of the record.
  std::vector<std::pair<v1::Birth, std::string>> births;
  std::size_t next_name = 0;
  for (const ActorEntry& of : entries) {
    absl::flat_hash_map<std::string, std::string> id_of;
    for (const v1::ActorName& name : of.entry->actor.names()) {
      if (!name.id().empty()) id_of[name.id()] = name_ids[next_name];
      ++next_name;
    }
    for (v1::Birth birth : of.entry->actor.births()) {
      if (!birth.name_id().empty()) birth.set_name_id(id_of[birth.name_id()]);
      births.emplace_back(std::move(birth), of.entry->locator);
    }
  }
  std::vector<ListValue> birth_values;
  for (const auto& [birth, locator] : births) birth_values.push_back({&birth, locator});
  MergeElements(list, "b", birth_values, ids, actor, "births", what);

  const auto merge = [&](absl::string_view prefix, absl::string_view field, const auto& of_entry) {
    std::vector<ListValue> values;
    for (const ActorEntry& of : entries) AddValues(of_entry(of), of.entry->locator, &values);
    MergeElements(list, prefix, values, ids, actor, field, what);
  };
  merge(
      "a", "addresses", [](const ActorEntry& of) -> auto& { return of.entry->actor.addresses(); });
  merge(
      "t", "nationalities",
      [](const ActorEntry& of) -> auto& { return of.entry->actor.nationalities(); });
  merge(
      "i", "identifiers",
      [](const ActorEntry& of) -> auto& { return of.entry->actor.identifiers(); });
  merge(
      "p", "positions", [](const ActorEntry& of) -> auto& { return of.entry->actor.positions(); });
  std::vector<ListValue> relations;
  for (const ActorEntry& of : entries) {
    for (const v1::ActorRelation& relation : of.relations) {
      relations.push_back({&relation, of.entry->locator});
    }
  }
  MergeElements(list, "r", relations, ids, actor, "relations", what);

  if (!list.HasOwn(actor->evidences())) {
    *actor->add_evidences() = list.Make(first.locator);
    what->push_back("evidences");
  }
}

}  // namespace communique::importers
