#include "service/domain/update_mask.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "service/base/limits.h"
#include "service/domain/names.h"

namespace communique::domain {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr char kWholeBody[] = "*";

// Why a mask path does not fit the type; empty when it does.
std::string DescribeMaskProblem(const Descriptor* type, absl::string_view path) {
  const std::vector<absl::string_view> names = absl::StrSplit(path, '.');
  for (size_t i = 0; i < names.size(); ++i) {
    const FieldDescriptor* field = type->FindFieldByName(std::string(names[i]));
    if (field == nullptr) {
      return absl::StrCat(base::Quoted(path), ": ", type->name(), " has no field ",
                          base::Quoted(names[i]));
    }
    if (i + 1 == names.size()) break;
    if (field->is_repeated() || field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) {
      return absl::StrCat("\"", path, "\": a mask goes through single messages only; \"",
                          names[i], "\" is none, mask it whole");
    }
    type = field->message_type();
  }
  return "";
}

// Copies one field, or clears it when the source has none.
void CopyField(const Message& from, const FieldDescriptor* field, Message& to) {
  const Reflection* reflection = to.GetReflection();
  reflection->ClearField(&to, field);
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
    if (field->is_repeated()) {
      for (int i = 0; i < reflection->FieldSize(from, field); ++i) {
        reflection->AddMessage(&to, field)
            ->CopyFrom(reflection->GetRepeatedMessage(from, field, i));
      }
    } else if (reflection->HasField(from, field)) {
      reflection->MutableMessage(&to, field)->CopyFrom(reflection->GetMessage(from, field));
    }
    return;
  }
  // Scalars: the swap moves one field between two messages, whatever its type.
  std::unique_ptr<Message> copy(from.New());
  copy->CopyFrom(from);
  reflection->SwapFields(&to, copy.get(), {field});
}

void CopyPath(const Message& from, absl::string_view path, Message& to) {
  const size_t dot = path.find('.');
  const FieldDescriptor* field =
      to.GetDescriptor()->FindFieldByName(std::string(path.substr(0, dot)));
  if (dot == absl::string_view::npos) {
    CopyField(from, field, to);
    return;
  }
  // Through a message that neither side has there is nothing to copy or to clear;
  // making one would change the record, or push out its sibling in a oneof.
  if (!from.GetReflection()->HasField(from, field) && !to.GetReflection()->HasField(to, field)) {
    return;
  }
  CopyPath(from.GetReflection()->GetMessage(from, field), path.substr(dot + 1),
           *to.GetReflection()->MutableMessage(&to, field));
}

void ClearCorners(Message& message) {
  if (message.GetDescriptor() == v1::FuzzyTime::descriptor()) {
    auto& time = static_cast<v1::FuzzyTime&>(message);
    time.clear_earliest_begin_time();
    time.clear_latest_begin_time();
    time.clear_earliest_end_time();
    time.clear_latest_end_time();
    return;
  }
  const Reflection* reflection = message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (!field->is_repeated()) {
      ClearCorners(*reflection->MutableMessage(&message, field));
      continue;
    }
    for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
      ClearCorners(*reflection->MutableRepeatedMessage(&message, field, i));
    }
  }
}

}  // namespace

void ValidateUpdate(const v1::UpdateMutation& update, absl::string_view prefix,
                    base::Violations& violations) {
  const std::string record_path = absl::StrCat(prefix, ".record");
  if (const std::string problem = DescribeNameProblem(update.record().name()); !problem.empty()) {
    violations.Add(absl::StrCat(record_path, ".name"),
                   absl::StrCat(base::Quoted(update.record().name()), " ", problem));
  }
  const Message* body = BodyOf(update.record());
  if (body == nullptr) {
    violations.Add(record_path,
                   "has no body: set one of summit, sanction, statement, actor, source");
    return;
  }
  if (const auto name = ParseRecordName(update.record().name());
      name && KindOfBody(update.record()) != name->kind) {
    violations.Add(record_path, "its body is not of the kind of its name");
  }
  if (update.update_mask().paths_size() > base::kMaxMaskPaths) {
    violations.Add(absl::StrCat(prefix, ".update_mask"),
                   absl::StrCat("has ", update.update_mask().paths_size(), " paths, at most ",
                                base::kMaxMaskPaths));
    return;
  }
  for (const std::string& path : update.update_mask().paths()) {
    if (path == kWholeBody) {
      if (update.update_mask().paths_size() > 1) {
        violations.Add(absl::StrCat(prefix, ".update_mask"), "\"*\" stands alone");
      }
      continue;
    }
    if (const std::string problem = DescribeMaskProblem(body->GetDescriptor(), path);
        !problem.empty()) {
      violations.Add(absl::StrCat(prefix, ".update_mask"), problem);
    }
  }
}

v1::Record ApplyUpdate(const v1::Record& before, const v1::UpdateMutation& update) {
  v1::Record after = before;
  Message* body = MutableBodyOf(after);
  const Message& values = *BodyOf(update.record());
  ClearCorners(*body);
  if (update.update_mask().paths().empty()) {
    std::vector<const FieldDescriptor*> fields;
    values.GetReflection()->ListFields(values, &fields);
    for (const FieldDescriptor* field : fields) CopyField(values, field, *body);
  }
  for (const std::string& path : update.update_mask().paths()) {
    if (path == kWholeBody) {
      body->CopyFrom(values);
    } else {
      CopyPath(values, path, *body);
    }
  }
  return after;
}

}  // namespace communique::domain
