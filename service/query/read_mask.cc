#include "service/query/read_mask.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "service/base/limits.h"
#include "service/domain/names.h"
#include "service/query/filter_node.h"

namespace communique::query {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr char kField[] = "read_mask";
constexpr char kEverything[] = "*";

// What no mask takes away: without it nobody knows which record this is, or what
// the server said about it.
constexpr int kAlways[] = {
    v1::Record::kNameFieldNumber,
    v1::Record::kRedirectedFromFieldNumber,
    v1::Record::kComputedStatesFieldNumber,
    v1::Record::kPinFieldNumber,
};

// The fields that a path names, from the record; empty, with a violation, when it
// does not type. `body` is null when it is not known.
FieldPath Resolve(absl::string_view text, const FieldDescriptor* body,
                  base::Violations& violations) {
  FieldPath path;
  const Descriptor* type = v1::Record::descriptor();
  for (absl::string_view name : absl::StrSplit(text, '.')) {
    if (type == nullptr) {
      violations.Add(kField, absl::StrCat(base::Quoted(text), ": \"", path.back()->name(),
                                          "\" has no fields"));
      return {};
    }
    const FieldDescriptor* field = type->FindFieldByName(std::string(name));
    if (field == nullptr && path.empty() && body != nullptr) {
      type = body->message_type();
      field = type->FindFieldByName(std::string(name));
      path.push_back(body);
    }
    if (field == nullptr) {
      violations.Add(kField, absl::StrCat(base::Quoted(text), ": ", type->name(),
                                          " has no field ", base::Quoted(name)));
      return {};
    }
    path.push_back(field);
    type = field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE ? field->message_type() : nullptr;
  }
  return path;
}

}  // namespace

ReadMask ReadMask::Parse(const google::protobuf::FieldMask& mask, v1::RecordKind kind,
                         base::Violations& violations) {
  ReadMask result;
  if (mask.paths_size() > base::kMaxReadMaskPaths) {
    violations.Add(kField, absl::StrCat("has ", mask.paths_size(), " paths, at most ",
                                        base::kMaxReadMaskPaths));
    return result;
  }
  const FieldDescriptor* body = v1::Record::descriptor()->FindFieldByName(
      std::string(domain::SingularOf(kind)));
  for (const std::string& text : mask.paths()) {
    if (text == kEverything) {
      if (mask.paths_size() > 1) violations.Add(kField, "\"*\" stands alone");
      continue;
    }
    if (const FieldPath path = Resolve(text, body, violations); !path.empty()) {
      Select(path, result.root_);
    }
  }
  if (!result.all()) {
    for (int number : kAlways) result.root_.children[number].children.clear();
  }
  return result;
}

void ReadMask::Select(const FieldPath& path, Node& root) {
  Node* node = &root;
  for (const FieldDescriptor* field : path) {
    const auto [child, added] = node->children.try_emplace(field->number());
    node = &child->second;
    if (!added && node->children.empty()) return;  // a shorter path has it whole
  }
  node->children.clear();
}

void ReadMask::Apply(v1::Record& record) const {
  if (!all()) Trim(root_, record);
}

void ReadMask::Trim(const Node& node, Message& message) {
  const Reflection* reflection = message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    const auto child = node.children.find(field->number());
    if (child == node.children.end()) {
      reflection->ClearField(&message, field);
    } else if (child->second.children.empty()) {
      continue;
    } else if (!field->is_repeated()) {
      Trim(child->second, *reflection->MutableMessage(&message, field));
    } else {
      for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
        Trim(child->second, *reflection->MutableRepeatedMessage(&message, field, i));
      }
    }
  }
}

}  // namespace communique::query
