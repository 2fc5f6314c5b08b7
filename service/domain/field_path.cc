#include "service/domain/field_path.h"

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "communique/v1/record.pb.h"

namespace communique::domain {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

namespace {

using IdFields = absl::flat_hash_map<const Descriptor*, const FieldDescriptor*>;

const FieldDescriptor* FindIdField(const Descriptor& type) {
  const FieldDescriptor* field = type.FindFieldByName("id");
  return field != nullptr && field->type() == FieldDescriptor::TYPE_STRING && !field->is_repeated()
             ? field
             : nullptr;
}

void AddReachable(const Descriptor& type, IdFields& fields) {
  if (!fields.try_emplace(&type, FindIdField(type)).second) return;
  for (int i = 0; i < type.field_count(); ++i) {
    if (const Descriptor* part = type.field(i)->message_type()) AddReachable(*part, fields);
  }
}

}  // namespace

const FieldDescriptor* IdFieldOf(const Descriptor& type) {
  // Of every type in a record, since each message of a commit asks.
  static const IdFields* const kIdFields = [] {
    auto* fields = new IdFields;
    AddReachable(*v1::Record::descriptor(), *fields);
    return fields;
  }();
  const auto found = kIdFields->find(&type);
  return found != kIdFields->end() ? found->second : FindIdField(type);
}

bool FieldRef::IsSet() const {
  if (parent == nullptr) return false;
  if (index >= 0) return true;
  const Reflection* reflection = parent->GetReflection();
  if (field->is_repeated()) return reflection->FieldSize(*parent, field) > 0;
  return reflection->HasField(*parent, field);
}

bool FieldRef::IsMessage() const {
  return field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
         (index >= 0 || !field->is_repeated());
}

const Message& FieldRef::message() const {
  const Reflection* reflection = parent->GetReflection();
  return index >= 0 ? reflection->GetRepeatedMessage(*parent, field, index)
                    : reflection->GetMessage(*parent, field);
}

std::string FieldRef::ScalarText() const {
  const Reflection* r = parent->GetReflection();
  const bool element = index >= 0;
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return element ? r->GetRepeatedString(*parent, field, index) : r->GetString(*parent, field);
    case FieldDescriptor::CPPTYPE_BOOL:
      return (element ? r->GetRepeatedBool(*parent, field, index) : r->GetBool(*parent, field))
                 ? "true"
                 : "false";
    case FieldDescriptor::CPPTYPE_INT32:
      return absl::StrCat(element ? r->GetRepeatedInt32(*parent, field, index)
                                  : r->GetInt32(*parent, field));
    case FieldDescriptor::CPPTYPE_INT64:
      return absl::StrCat(element ? r->GetRepeatedInt64(*parent, field, index)
                                  : r->GetInt64(*parent, field));
    case FieldDescriptor::CPPTYPE_UINT32:
      return absl::StrCat(element ? r->GetRepeatedUInt32(*parent, field, index)
                                  : r->GetUInt32(*parent, field));
    case FieldDescriptor::CPPTYPE_UINT64:
      return absl::StrCat(element ? r->GetRepeatedUInt64(*parent, field, index)
                                  : r->GetUInt64(*parent, field));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return absl::StrCat(element ? r->GetRepeatedDouble(*parent, field, index)
                                  : r->GetDouble(*parent, field));
    case FieldDescriptor::CPPTYPE_FLOAT:
      return absl::StrCat(element ? r->GetRepeatedFloat(*parent, field, index)
                                  : r->GetFloat(*parent, field));
    case FieldDescriptor::CPPTYPE_ENUM: {
      const int number = element ? r->GetRepeatedEnumValue(*parent, field, index)
                                 : r->GetEnumValue(*parent, field);
      const auto* value = field->enum_type()->FindValueByNumber(number);
      return value != nullptr ? value->name() : absl::StrCat(number);
    }
    case FieldDescriptor::CPPTYPE_MESSAGE:
      break;
  }
  return "";
}

int ElementIndex::Find(const Message& parent, const FieldDescriptor& field, absl::string_view key) {
  const Reflection* reflection = parent.GetReflection();
  const int size = reflection->FieldSize(parent, &field);
  const FieldDescriptor* id = field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE
                                  ? IdFieldOf(*field.message_type())
                                  : nullptr;
  if (id != nullptr) {
    const auto [list, added] = lists_.try_emplace(List{&parent, &field});
    for (int i = 0; added && i < size; ++i) {
      const Message& element = reflection->GetRepeatedMessage(parent, &field, i);
      list->second.try_emplace(element.GetReflection()->GetString(element, id), i);
    }
    const auto found = list->second.find(key);
    if (found != list->second.end() && !key.empty()) return found->second;
  }
  int index = 0;
  return absl::SimpleAtoi(key, &index) && index >= 0 && index < size ? index : -1;
}

absl::StatusOr<FieldRef> ResolvePath(const Message& root, absl::string_view path) {
  ElementIndex index;
  return ResolvePath(root, path, index);
}

absl::StatusOr<FieldRef> ResolvePath(const Message& root, absl::string_view path,
                                     ElementIndex& index) {
  const auto problem = [path](const auto&... what) {
    return absl::InvalidArgumentError(absl::StrCat("path \"", path, "\": ", what...));
  };
  const Message* message = &root;
  const Descriptor* type = root.GetDescriptor();
  absl::string_view rest = path;
  while (true) {
    const size_t end = rest.find_first_of(".[");
    const absl::string_view name = rest.substr(0, end);
    FieldRef ref;
    ref.parent = message;
    ref.field = type->FindFieldByName(std::string(name));
    if (ref.field == nullptr) return problem(type->name(), " has no field \"", name, "\"");
    rest = end == absl::string_view::npos ? absl::string_view() : rest.substr(end);
    if (!rest.empty() && rest[0] == '[') {
      const size_t close = rest.find(']');
      if (close == absl::string_view::npos) return problem("\"[\" is not closed");
      const absl::string_view key = rest.substr(1, close - 1);
      if (!ref.field->is_repeated()) return problem("\"", name, "\" is not repeated");
      ref.index = message == nullptr ? -1 : index.Find(*message, *ref.field, key);
      if (ref.index < 0) return problem("\"", name, "\" has no element \"", key, "\"");
      rest.remove_prefix(close + 1);
    }
    if (rest.empty()) return ref;
    if (rest[0] != '.') return problem("\".\" expected after \"]\"");
    rest.remove_prefix(1);
    if (ref.field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) {
      return problem("\"", name, "\" has no fields");
    }
    if (ref.field->is_repeated() && ref.index < 0) {
      return problem("\"", name, "\" is repeated: name the element in brackets");
    }
    message = ref.IsSet() ? &ref.message() : nullptr;
    type = ref.field->message_type();
  }
}

}  // namespace communique::domain
