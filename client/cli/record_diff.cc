#include "cli/record_diff.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "cli/json.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "google/protobuf/util/message_differencer.h"

namespace communique::cli {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::util::MessageDifferencer;

// Messages that are one value: a path ends at them. The same that the server
// names whole in Change.paths.
bool IsValue(const Descriptor& type) {
  static const auto& kNames = *new std::vector<const Descriptor*>{
      v1::FuzzyTime::descriptor(), v1::FuzzyDuration::descriptor(), v1::Place::descriptor(),
      v1::Reference::descriptor(), v1::Quantity::descriptor(),      v1::Value::descriptor(),
      v1::Provision::descriptor(), v1::Selector::descriptor(),      v1::LocalizedText::descriptor(),
  };
  return absl::c_linear_search(kNames, &type) || type.file()->package() == "google.protobuf";
}

bool IsSet(const Message& message, const FieldDescriptor& field) {
  const auto& reflection = *message.GetReflection();
  return field.is_repeated() ? reflection.FieldSize(message, &field) > 0
                             : reflection.HasField(message, &field);
}

bool SameField(const Message& before, const Message& after, const FieldDescriptor& field) {
  // An empty message that is there and one that is not are two things.
  if (IsSet(before, field) != IsSet(after, field)) return false;
  MessageDifferencer differencer;
  return differencer.CompareWithFields(before, after, {&field}, {&field});
}

// The value of one field in protobuf JSON; empty when it is not set.
std::string FieldJson(const Message& message, const FieldDescriptor& field) {
  if (!IsSet(message, field)) return {};
  const std::unique_ptr<Message> all(message.New());
  all->CopyFrom(message);
  const std::unique_ptr<Message> one(message.New());
  one->GetReflection()->SwapFields(one.get(), all.get(), {&field});
  const std::string json = ToJson(*one, false);
  const std::size_t key = absl::StrCat("{\"", field.name(), "\":").size();
  return json.substr(key, json.size() - key - 1);
}

// The elements of a list by their ids; nullopt when one has no id of its own.
using Elements = std::vector<std::pair<std::string, const Message*>>;
std::optional<Elements> ElementsOf(const Message& message, const FieldDescriptor& field) {
  const FieldDescriptor* id = field.message_type()->FindFieldByName("id");
  if (id == nullptr || id->cpp_type() != FieldDescriptor::CPPTYPE_STRING) return std::nullopt;
  Elements elements;
  std::map<std::string, int> seen;
  for (int i = 0; i < message.GetReflection()->FieldSize(message, &field); ++i) {
    const Message& element = message.GetReflection()->GetRepeatedMessage(message, &field, i);
    std::string key = element.GetReflection()->GetString(element, id);
    if (key.empty() || seen[key]++ > 0) return std::nullopt;
    elements.emplace_back(std::move(key), &element);
  }
  return elements;
}

const Message* Find(const Elements& elements, const std::string& key) {
  const auto found = absl::c_find_if(elements, [&](const auto& e) { return e.first == key; });
  return found == elements.end() ? nullptr : found->second;
}

class Differ {
 public:
  void Compare(const Message& before, const Message& after, const std::string& prefix) {
    const Descriptor& type = *before.GetDescriptor();
    for (int i = 0; i < type.field_count(); ++i) {
      const FieldDescriptor& field = *type.field(i);
      if (SameField(before, after, field)) continue;
      const std::string path = prefix.empty() ? field.name() : prefix + "." + field.name();
      if (field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) {
        AddField(path, before, after, field);
      } else if (field.is_repeated()) {
        CompareLists(before, after, field, path);
      } else if (IsSet(before, field) && IsSet(after, field) && !IsValue(*field.message_type())) {
        Compare(before.GetReflection()->GetMessage(before, &field),
                after.GetReflection()->GetMessage(after, &field), path);
      } else {
        AddField(path, before, after, field);
      }
    }
  }

  // Every set field, for a record that came or went.
  void AddAll(const Message& before, const Message& after) {
    const Descriptor& type = *before.GetDescriptor();
    for (int i = 0; i < type.field_count(); ++i) {
      const FieldDescriptor& field = *type.field(i);
      if (IsSet(before, field) || IsSet(after, field)) {
        AddField(field.name(), before, after, field);
      }
    }
  }

  std::vector<v1::FieldDifference> Take() { return std::move(differences_); }

 private:
  void Add(const std::string& path, std::string old_json, std::string new_json) {
    v1::FieldDifference& difference = differences_.emplace_back();
    difference.set_path(path);
    difference.set_old_json(std::move(old_json));
    difference.set_new_json(std::move(new_json));
  }
  void AddField(const std::string& path, const Message& before, const Message& after,
                const FieldDescriptor& field) {
    Add(path, FieldJson(before, field), FieldJson(after, field));
  }

  void CompareLists(const Message& before, const Message& after, const FieldDescriptor& field,
                    const std::string& path) {
    const std::optional<Elements> old_elements = ElementsOf(before, field);
    const std::optional<Elements> new_elements = ElementsOf(after, field);
    if (!old_elements.has_value() || !new_elements.has_value()) {
      return AddField(path, before, after, field);
    }
    const std::size_t found_before = differences_.size();
    for (const auto& [id, element] : *new_elements) {
      const std::string at = absl::StrCat(path, "[", id, "]");
      if (const Message* old = Find(*old_elements, id)) {
        Compare(*old, *element, at);
      } else {
        Add(at, "", ToJson(*element, false));
      }
    }
    for (const auto& [id, element] : *old_elements) {
      if (Find(*new_elements, id) == nullptr) {
        Add(absl::StrCat(path, "[", id, "]"), ToJson(*element, false), "");
      }
    }
    // The elements are the same; their order is not.
    if (differences_.size() == found_before) AddField(path, before, after, field);
  }

  std::vector<v1::FieldDifference> differences_;
};

// The body; null when there is none.
const Message* BodyOf(const v1::Record* record) {
  if (record == nullptr) return nullptr;
  const auto& reflection = *record->GetReflection();
  const auto* kind =
      reflection.GetOneofFieldDescriptor(*record, v1::Record::descriptor()->oneof_decl(0));
  return kind == nullptr ? nullptr : &reflection.GetMessage(*record, kind);
}

}  // namespace

std::vector<v1::FieldDifference> DifferencesBetween(const v1::Record* before,
                                                    const v1::Record* after) {
  const Message* old_body = BodyOf(before);
  const Message* new_body = BodyOf(after);
  if (old_body == nullptr && new_body == nullptr) return {};
  Differ differ;
  if (old_body != nullptr && new_body != nullptr) {
    differ.Compare(*old_body, *new_body, "");
  } else {
    const Message& present = old_body != nullptr ? *old_body : *new_body;
    const std::unique_ptr<Message> nothing(present.New());
    differ.AddAll(old_body != nullptr ? *old_body : *nothing,
                  new_body != nullptr ? *new_body : *nothing);
  }
  return differ.Take();
}

}  // namespace communique::cli
