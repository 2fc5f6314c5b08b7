#include "service/domain/diff.h"

#include <memory>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/util/field_mask_util.h"
#include "google/protobuf/util/json_util.h"
#include "google/protobuf/util/message_differencer.h"
#include "service/domain/field_path.h"

namespace communique::domain {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using google::protobuf::util::FieldMaskUtil;
using google::protobuf::util::MessageDifferencer;

// Messages that are one value: a path ends at them.
bool IsValueType(const Descriptor* type) {
  static const auto* const kTypes = new absl::flat_hash_set<const Descriptor*>{
      v1::FuzzyTime::descriptor(), v1::FuzzyDuration::descriptor(), v1::Place::descriptor(),
      v1::Reference::descriptor(), v1::Quantity::descriptor(),      v1::Value::descriptor(),
      v1::Provision::descriptor(), v1::Selector::descriptor(),      v1::LocalizedText::descriptor(),
  };
  return kTypes->contains(type) || type->file()->package() == "google.protobuf";
}

std::string Join(absl::string_view prefix, absl::string_view name) {
  return prefix.empty() ? std::string(name) : absl::StrCat(prefix, ".", name);
}

// Whether one field is the same on both sides.
bool FieldEquals(const Message& before, const Message& after, const FieldDescriptor* field) {
  // The differencer takes a message that is not set for one that is empty.
  if (!field->is_repeated() && before.GetReflection()->HasField(before, field) !=
                                   after.GetReflection()->HasField(after, field)) {
    return false;
  }
  MessageDifferencer differencer;
  return differencer.CompareWithFields(before, after, {field}, {field});
}

// One place at which two messages differ. A side without it is not set.
struct Difference {
  std::string path;
  FieldRef before;
  FieldRef after;
};

class Differ {
 public:
  explicit Differ(size_t limit) : limit_(limit) {}

  void Compare(const Message& before, const Message& after, const std::string& prefix) {
    const Descriptor* type = before.GetDescriptor();
    const Reflection* reflection = before.GetReflection();
    for (int i = 0; i < type->field_count() && !full(); ++i) {
      const FieldDescriptor* field = type->field(i);
      const std::string path = Join(prefix, field->name());
      if (FieldEquals(before, after, field)) continue;
      if (field->is_repeated()) {
        CompareElements(before, after, field, path);
      } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
                 !IsValueType(field->message_type()) && reflection->HasField(before, field) &&
                 reflection->HasField(after, field)) {
        Compare(reflection->GetMessage(before, field), reflection->GetMessage(after, field), path);
      } else {
        Add(path, {&before, field}, {&after, field});
      }
    }
  }

  bool full() const { return found_.size() > limit_; }
  std::vector<Difference> Take() { return std::move(found_); }

 private:
  // Element by element where each has an id of its own, else the whole list.
  void CompareElements(const Message& before, const Message& after, const FieldDescriptor* field,
                       const std::string& path) {
    const FieldDescriptor* id = field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE
                                    ? IdFieldOf(*field->message_type())
                                    : nullptr;
    absl::flat_hash_map<std::string, int> old_elements, new_elements;
    if (id == nullptr || !Index(before, field, id, old_elements) ||
        !Index(after, field, id, new_elements)) {
      Add(path, {&before, field}, {&after, field});
      return;
    }
    const size_t found_before = found_.size();
    const Reflection* reflection = after.GetReflection();
    for (int i = 0; i < reflection->FieldSize(after, field); ++i) {
      const Message& element = reflection->GetRepeatedMessage(after, field, i);
      const std::string key = element.GetReflection()->GetString(element, id);
      const std::string element_path = absl::StrCat(path, "[", key, "]");
      const auto old = old_elements.find(key);
      if (old == old_elements.end()) {
        Add(element_path, {nullptr, field}, {&after, field, i});
      } else {
        Compare(reflection->GetRepeatedMessage(before, field, old->second), element, element_path);
      }
    }
    for (int i = 0; i < reflection->FieldSize(before, field); ++i) {
      const Message& element = reflection->GetRepeatedMessage(before, field, i);
      const std::string key = element.GetReflection()->GetString(element, id);
      if (!new_elements.contains(key)) {
        Add(absl::StrCat(path, "[", key, "]"), {&before, field, i}, {nullptr, field});
      }
    }
    // The elements are the same; their order is not.
    if (found_.size() == found_before) Add(path, {&before, field}, {&after, field});
  }

  // False when an element has no id of its own.
  static bool Index(const Message& message, const FieldDescriptor* field,
                    const FieldDescriptor* id, absl::flat_hash_map<std::string, int>& out) {
    const Reflection* reflection = message.GetReflection();
    for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
      const Message& element = reflection->GetRepeatedMessage(message, field, i);
      std::string key = element.GetReflection()->GetString(element, id);
      if (key.empty() || !out.emplace(std::move(key), i).second) return false;
    }
    return true;
  }

  void Add(std::string path, FieldRef before, FieldRef after) {
    found_.push_back({std::move(path), before, after});
  }

  const size_t limit_;
  std::vector<Difference> found_;
};

// Top-level fields only.
std::vector<Difference> WholeDifferences(const Message& before, const Message& after) {
  std::vector<Difference> found;
  const Descriptor* type = before.GetDescriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    if (FieldEquals(before, after, field)) continue;
    found.push_back({field->name(), {&before, field}, {&after, field}});
  }
  return found;
}

std::vector<Difference> FindDifferences(const Message& before, const Message& after,
                                        size_t limit) {
  Differ differ(limit);
  differ.Compare(before, after, "");
  return differ.full() ? WholeDifferences(before, after) : differ.Take();
}

// A value in protobuf JSON; empty when it is not set. Protobuf prints messages
// only, so the value is printed as all that is in one, and cut out.
std::string JsonOf(const FieldRef& value) {
  if (!value.IsSet()) return "";
  const bool element = value.index >= 0;
  const std::unique_ptr<Message> holder(value.parent->New());
  if (element) {
    holder->GetReflection()->AddMessage(holder.get(), value.field)->CopyFrom(value.message());
  } else {
    google::protobuf::FieldMask only;
    only.add_paths(value.field->name());
    FieldMaskUtil::MergeMessageTo(*value.parent, only, FieldMaskUtil::MergeOptions(),
                                  holder.get());
  }
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string json;
  const auto printed = google::protobuf::util::MessageToJsonString(*holder, &json, options);
  // Not of a stored record: its texts are UTF-8 and its times in range.
  if (!printed.ok()) return "null";
  const size_t head = absl::StrCat("{\"", value.field->name(), "\":", element ? "[" : "").size();
  const size_t tail = element ? 2 : 1;  // "]}", "}"
  return json.substr(head, json.size() - head - tail);
}

void AddListingKinds(const v1::Designation* before, const v1::Designation& after,
                     std::vector<v1::ChangeKind>& kinds) {
  absl::flat_hash_map<std::string, bool> closed_before;  // by id of the interval
  bool was_closed = false;
  if (before != nullptr) {
    for (const auto& interval : before->intervals()) {
      closed_before[interval.id()] = interval.has_delisted_time();
      was_closed |= interval.has_delisted_time();
    }
  }
  bool listed = false, relisted = false, delisted = false;
  for (const auto& interval : after.intervals()) {
    const auto found = closed_before.find(interval.id());
    if (found == closed_before.end()) {
      (was_closed ? relisted : listed) = true;
    }
    if (interval.has_delisted_time()) {
      delisted |= found == closed_before.end() || !found->second;
      was_closed = true;
    }
  }
  if (listed) kinds.push_back(v1::CHANGE_KIND_LISTED);
  if (delisted) kinds.push_back(v1::CHANGE_KIND_DELISTED);
  if (relisted) kinds.push_back(v1::CHANGE_KIND_RELISTED);
}

}  // namespace

std::vector<std::string> ChangedPaths(const Message& before, const Message& after, size_t limit) {
  std::vector<std::string> paths;
  for (Difference& difference : FindDifferences(before, after, limit)) {
    paths.push_back(std::move(difference.path));
  }
  return paths;
}

std::vector<v1::FieldDifference> Differences(const Message* before, const Message* after,
                                             size_t limit) {
  if (before == nullptr && after == nullptr) return {};
  // What a record is told apart from while it is not there.
  const std::unique_ptr<Message> empty((before != nullptr ? before : after)->New());
  std::vector<v1::FieldDifference> differences;
  for (Difference& found : before == nullptr  ? WholeDifferences(*empty, *after)
                           : after == nullptr ? WholeDifferences(*before, *empty)
                                              : FindDifferences(*before, *after, limit)) {
    v1::FieldDifference& difference = differences.emplace_back();
    difference.set_path(std::move(found.path));
    difference.set_old_json(JsonOf(found.before));
    difference.set_new_json(JsonOf(found.after));
  }
  return differences;
}

std::vector<v1::ChangeKind> ChangeKinds(const v1::Record* before, const v1::Record& after,
                                        bool correction) {
  std::vector<v1::ChangeKind> kinds = {before == nullptr ? v1::CHANGE_KIND_CREATED
                                                         : v1::CHANGE_KIND_UPDATED};
  if (before != nullptr && (before->summit().state() != after.summit().state() ||
                            before->statement().state() != after.statement().state())) {
    kinds.push_back(v1::CHANGE_KIND_STATUS_CHANGED);
  }
  if (after.sanction().has_designation()) {
    AddListingKinds(before == nullptr ? nullptr : &before->sanction().designation(),
                    after.sanction().designation(), kinds);
  }
  const auto old_state =
      before == nullptr ? v1::STATEMENT_STATE_UNSPECIFIED : before->statement().state();
  const auto new_state = after.statement().state();
  if (correction ||
      (new_state == v1::STATEMENT_STATE_CORRECTED && old_state != v1::STATEMENT_STATE_CORRECTED)) {
    kinds.push_back(v1::CHANGE_KIND_CORRECTED);
  }
  if (new_state == v1::STATEMENT_STATE_RETRACTED && old_state != v1::STATEMENT_STATE_RETRACTED) {
    kinds.push_back(v1::CHANGE_KIND_RETRACTED);
  }
  return kinds;
}

}  // namespace communique::domain
