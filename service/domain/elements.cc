#include "service/domain/elements.h"

#include "absl/strings/str_cat.h"
#include "service/domain/field_path.h"
#include "service/domain/names.h"

namespace communique::domain {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// Calls `visit` on `message` and on every message within it.
template <typename Visit>
void ForEachMessage(const Message& message, const Visit& visit) {
  visit(message);
  const Reflection* reflection = message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (!field->is_repeated()) {
      ForEachMessage(reflection->GetMessage(message, field), visit);
      continue;
    }
    for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
      ForEachMessage(reflection->GetRepeatedMessage(message, field, i), visit);
    }
  }
}

}  // namespace

absl::btree_set<std::string> ElementIds(const v1::Record& record) {
  absl::btree_set<std::string> ids;
  if (const Message* body = BodyOf(record)) {
    ForEachMessage(*body, [&](const Message& message) {
      if (const FieldDescriptor* field = IdFieldOf(*message.GetDescriptor())) {
        std::string id = message.GetReflection()->GetString(message, field);
        if (!id.empty()) ids.insert(std::move(id));
      }
    });
  }
  return ids;
}

absl::btree_set<std::string> ReferenceTargets(const v1::Record& record) {
  absl::btree_set<std::string> targets;
  if (const Message* body = BodyOf(record)) {
    ForEachMessage(*body, [&](const Message& message) {
      if (message.GetDescriptor() == v1::Reference::descriptor()) {
        const auto& reference = static_cast<const v1::Reference&>(message);
        if (!reference.target().empty()) targets.insert(reference.target());
      } else if (message.GetDescriptor() == v1::Evidence::descriptor()) {
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
