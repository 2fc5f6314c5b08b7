#include "service/domain/diff.h"

#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/util/message_differencer.h"
#include "service/domain/field_path.h"

namespace communique::domain {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
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

// Whether one repeated field is the same on both sides.
bool RepeatedEquals(const Message& before, const Message& after, const FieldDescriptor* field) {
  MessageDifferencer differencer;
  return differencer.CompareWithFields(before, after, {field}, {field});
}

class Differ {
 public:
  explicit Differ(size_t limit) : limit_(limit) {}

  void Compare(const Message& before, const Message& after, const std::string& prefix) {
    const Descriptor* type = before.GetDescriptor();
    const Reflection* reflection = before.GetReflection();
    for (int i = 0; i < type->field_count() && !full(); ++i) {
      const FieldDescriptor* field = type->field(i);
      if (field->is_repeated()) {
        CompareRepeated(before, after, field, Join(prefix, field->name()));
      } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
        const bool had = reflection->HasField(before, field);
        const bool has = reflection->HasField(after, field);
        if (!had && !has) continue;
        const Message& old_value = reflection->GetMessage(before, field);
        const Message& new_value = reflection->GetMessage(after, field);
        if (had && has && !IsValueType(field->message_type())) {
          Compare(old_value, new_value, Join(prefix, field->name()));
        } else if (had != has || !MessageDifferencer::Equals(old_value, new_value)) {
          paths_.push_back(Join(prefix, field->name()));
        }
      } else if (!RepeatedEquals(before, after, field)) {
        paths_.push_back(Join(prefix, field->name()));
      }
    }
  }

  bool full() const { return paths_.size() > limit_; }
  std::vector<std::string> Take() { return std::move(paths_); }

 private:
  void CompareRepeated(const Message& before, const Message& after, const FieldDescriptor* field,
                       const std::string& path) {
    if (RepeatedEquals(before, after, field)) return;
    const FieldDescriptor* id = field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE
                                    ? IdFieldOf(*field->message_type())
                                    : nullptr;
    if (id == nullptr) {
      paths_.push_back(path);
      return;
    }
    absl::flat_hash_map<std::string, const Message*> old_elements, new_elements;
    if (!Index(before, field, id, old_elements) || !Index(after, field, id, new_elements)) {
      paths_.push_back(path);
      return;
    }
    const size_t found_before = paths_.size();
    const Reflection* reflection = after.GetReflection();
    for (int i = 0; i < reflection->FieldSize(after, field); ++i) {
      const Message& element = reflection->GetRepeatedMessage(after, field, i);
      const std::string key = element.GetReflection()->GetString(element, id);
      const auto old = old_elements.find(key);
      if (old == old_elements.end()) {
        paths_.push_back(absl::StrCat(path, "[", key, "]"));
      } else {
        Compare(*old->second, element, absl::StrCat(path, "[", key, "]"));
      }
    }
    for (int i = 0; i < reflection->FieldSize(before, field); ++i) {
      const Message& element = reflection->GetRepeatedMessage(before, field, i);
      const std::string key = element.GetReflection()->GetString(element, id);
      if (!new_elements.contains(key)) paths_.push_back(absl::StrCat(path, "[", key, "]"));
    }
    // The elements are the same; their order is not.
    if (paths_.size() == found_before) paths_.push_back(path);
  }

  // False when an element has no id of its own.
  static bool Index(const Message& message, const FieldDescriptor* field,
                    const FieldDescriptor* id,
                    absl::flat_hash_map<std::string, const Message*>& out) {
    const Reflection* reflection = message.GetReflection();
    for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
      const Message& element = reflection->GetRepeatedMessage(message, field, i);
      std::string key = element.GetReflection()->GetString(element, id);
      if (key.empty() || !out.emplace(std::move(key), &element).second) return false;
    }
    return true;
  }

  const size_t limit_;
  std::vector<std::string> paths_;
};

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
  Differ differ(limit);
  differ.Compare(before, after, "");
  if (!differ.full()) return differ.Take();
  std::vector<std::string> top;
  const Descriptor* type = before.GetDescriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    MessageDifferencer differencer;
    if (!differencer.CompareWithFields(before, after, {field}, {field})) {
      top.push_back(field->name());
    }
  }
  return top;
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
