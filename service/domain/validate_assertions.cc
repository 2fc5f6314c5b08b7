#include "absl/container/btree_map.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/util/message_differencer.h"
#include "service/domain/field_path.h"
#include "service/domain/validate.h"

namespace communique::domain {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::util::MessageDifferencer;

// The field of Value that holds values of `field`'s type; null when none does.
const FieldDescriptor* ValueFieldFor(const FieldRef& ref) {
  const auto* value = v1::Value::descriptor();
  switch (ref.field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return value->FindFieldByNumber(v1::Value::kStringValueFieldNumber);
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_INT64:
      return value->FindFieldByNumber(v1::Value::kIntValueFieldNumber);
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return value->FindFieldByNumber(v1::Value::kDoubleValueFieldNumber);
    case FieldDescriptor::CPPTYPE_BOOL:
      return value->FindFieldByNumber(v1::Value::kBoolValueFieldNumber);
    case FieldDescriptor::CPPTYPE_ENUM:
      return value->FindFieldByNumber(v1::Value::kEnumValueFieldNumber);
    case FieldDescriptor::CPPTYPE_MESSAGE:
      for (int i = 0; i < value->field_count(); ++i) {
        if (value->field(i)->message_type() == ref.field->message_type()) return value->field(i);
      }
      return nullptr;
    default:
      return nullptr;
  }
}

bool Equal(const FieldRef& plain, const v1::Value& value, const FieldDescriptor* value_field) {
  // A scalar without presence is its default when it is unset.
  if (plain.parent == nullptr || (plain.field->has_presence() && !plain.IsSet())) return false;
  if (plain.field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
    return MessageDifferencer::Equals(plain.message(),
                                      v1::Value::GetReflection()->GetMessage(value, value_field));
  }
  if (plain.field->cpp_type() == FieldDescriptor::CPPTYPE_DOUBLE && plain.index < 0) {
    return plain.parent->GetReflection()->GetDouble(*plain.parent, plain.field) ==
           value.double_value();
  }
  const FieldRef held{&value, value_field, -1};
  return held.ScalarText() == plain.ScalarText();
}

// What the assertions of one path say together.
struct PathState {
  FieldRef plain;
  const v1::Assertion* preferred = nullptr;
  std::string where;  // of the first assertion
};

}  // namespace

void ValidateAssertions(const Message& body,
                        const google::protobuf::RepeatedPtrField<v1::Assertion>& assertions,
                        absl::string_view path, base::Violations& violations) {
  ElementIndex index;
  absl::btree_map<std::string, PathState> states;
  for (int i = 0; i < assertions.size(); ++i) {
    const v1::Assertion& assertion = assertions[i];
    const std::string where =
        absl::StrCat(path, ".assertions[", assertion.id().empty() ? absl::StrCat(i) : assertion.id(),
                     "]");
    const auto ref = ResolvePath(body, assertion.path(), index);
    if (!ref.ok()) {
      violations.Add(absl::StrCat(where, ".path"), ref.status().message());
      continue;
    }
    const bool has_value = assertion.value().kind_case() != v1::Value::KIND_NOT_SET;
    const bool known = assertion.state() == v1::VALUE_STATE_KNOWN ||
                       (assertion.state() == v1::VALUE_STATE_UNSPECIFIED && has_value);
    if (known != has_value) {
      violations.Add(absl::StrCat(where, ".value"),
                     known ? "is required when the state is KNOWN"
                           : "must be unset when the state is not KNOWN");
      continue;
    }
    const bool whole_list = ref->field->is_repeated() && ref->index < 0;
    const FieldDescriptor* value_field = whole_list ? nullptr : ValueFieldFor(*ref);
    if (known) {
      if (value_field == nullptr) {
        violations.Add(absl::StrCat(where, ".path"), "leads to no single value");
        continue;
      }
      if (static_cast<int>(assertion.value().kind_case()) != value_field->number()) {
        violations.Add(absl::StrCat(where, ".value"),
                       absl::StrCat("must be a ", value_field->name(), ", as the field is"));
        continue;
      }
      if (ref->field->cpp_type() == FieldDescriptor::CPPTYPE_ENUM &&
          ref->field->enum_type()->FindValueByName(assertion.value().enum_value()) == nullptr) {
        violations.Add(absl::StrCat(where, ".value.enum_value"),
                       absl::StrCat("is no value of ", ref->field->enum_type()->name()));
        continue;
      }
    }
    PathState& state = states[assertion.path()];
    if (state.where.empty()) state.where = where;
    state.plain = *ref;
    if (assertion.rank() != v1::RANK_PREFERRED) continue;
    if (state.preferred != nullptr) {
      violations.Add(absl::StrCat(where, ".rank"),
                     absl::StrCat("a second preferred value for \"", assertion.path(), "\""));
      continue;
    }
    state.preferred = &assertion;
    if (!known) {
      if (ref->IsSet()) {
        violations.Add(absl::StrCat(path, ".", assertion.path()),
                       "must be unset: the preferred assertion gives no value");
      }
    } else if (!Equal(*ref, assertion.value(), value_field)) {
      violations.Add(absl::StrCat(path, ".", assertion.path()),
                     absl::StrCat("differs from its preferred assertion (", where, ")"));
    }
  }
  for (const auto& [asserted, state] : states) {
    if (state.preferred == nullptr && state.plain.IsSet() &&
        !(state.plain.field->is_repeated() && state.plain.index < 0)) {
      violations.Add(absl::StrCat(path, ".", asserted),
                     absl::StrCat("must be unset: none of its assertions is preferred (",
                                  state.where, ")"));
    }
  }
}

}  // namespace communique::domain
