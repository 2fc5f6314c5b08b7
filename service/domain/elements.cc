#include "service/domain/elements.h"

#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "service/domain/field_path.h"
#include "service/domain/names.h"

namespace communique::domain {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// What a walk does at messages of one type.
struct TypePlan {
  const FieldDescriptor* id = nullptr;
  bool is_reference = false;
  bool is_evidence = false;
  // Fields within which there are elements or references. Times and selectors,
  // which are most of a record's messages, are in none.
  std::vector<const FieldDescriptor*> parts = {};
};
using TypePlans = absl::flat_hash_map<const Descriptor*, TypePlan>;

void AddReachable(const Descriptor* type, TypePlans& plans) {
  const auto [plan, added] = plans.try_emplace(type);
  if (!added) return;
  plan->second.id = IdFieldOf(*type);
  plan->second.is_reference = type == v1::Reference::descriptor();
  plan->second.is_evidence = type == v1::Evidence::descriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    if (type->field(i)->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      AddReachable(type->field(i)->message_type(), plans);
    }
  }
}

// For every type in a record, worked out once.
TypePlans MakePlans() {
  TypePlans plans;
  AddReachable(v1::Record::descriptor(), plans);
  // A type is of interest by itself, or through a field; types may hold each other.
  for (bool grown = true; grown;) {
    grown = false;
    for (auto& [type, plan] : plans) {
      std::vector<const FieldDescriptor*> parts;
      for (int i = 0; i < type->field_count(); ++i) {
        const FieldDescriptor* field = type->field(i);
        if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
        const TypePlan& part = plans.at(field->message_type());
        if (part.id != nullptr || part.is_reference || part.is_evidence || !part.parts.empty()) {
          parts.push_back(field);
        }
      }
      grown = grown || parts.size() != plan.parts.size();
      plan.parts = std::move(parts);
    }
  }
  return plans;
}

// Calls `visit` on `message` and on every message within it that may be an element,
// a reference or an evidence.
template <typename Visit>
void ForEachMessage(const Message& message, const Visit& visit) {
  static const auto* const kPlans = new TypePlans(MakePlans());
  const TypePlan& plan = kPlans->at(message.GetDescriptor());
  visit(message, plan);
  const Reflection* reflection = message.GetReflection();
  for (const FieldDescriptor* field : plan.parts) {
    if (!field->is_repeated()) {
      if (!reflection->HasField(message, field)) continue;
      ForEachMessage(reflection->GetMessage(message, field), visit);
      continue;
    }
    const int size = reflection->FieldSize(message, field);
    for (int i = 0; i < size; ++i) {
      ForEachMessage(reflection->GetRepeatedMessage(message, field, i), visit);
    }
  }
}

}  // namespace

absl::btree_set<std::string> ElementIds(const v1::Record& record) {
  absl::btree_set<std::string> ids;
  if (const Message* body = BodyOf(record)) {
    ForEachMessage(*body, [&](const Message& message, const TypePlan& plan) {
      if (plan.id == nullptr) return;
      std::string id = message.GetReflection()->GetString(message, plan.id);
      if (!id.empty()) ids.insert(std::move(id));
    });
  }
  return ids;
}

absl::btree_set<std::string> ReferenceTargets(const v1::Record& record) {
  absl::btree_set<std::string> targets;
  if (const Message* body = BodyOf(record)) {
    ForEachMessage(*body, [&](const Message& message, const TypePlan& plan) {
      if (plan.is_reference) {
        const auto& reference = static_cast<const v1::Reference&>(message);
        if (!reference.target().empty()) targets.insert(reference.target());
      } else if (plan.is_evidence) {
        const auto& evidence = static_cast<const v1::Evidence&>(message);
        if (!evidence.source_revision().empty() && !evidence.source().target().empty()) {
          targets.insert(
              MakeReferenceTarget(evidence.source().target(), evidence.source_revision()));
        }
      }
    });
  }
  return targets;
}

}  // namespace communique::domain
