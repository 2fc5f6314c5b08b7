#include "service/query/filter_evaluator.h"

#include <algorithm>
#include <limits>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "communique/v1/place.pb.h"
#include "communique/v1/time.pb.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/timestamp.pb.h"
#include "service/domain/names.h"
#include "service/query/filter_functions.h"

namespace communique::query {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// Calls `holds` with each message that has the last field of the path, until it
// answers true. A message on the way that is not set has no value.
template <typename Holds>
bool AnyParent(const Message& message, const FieldPath& path, size_t at, const Holds& holds) {
  const FieldDescriptor* field = path[at];
  if (at + 1 == path.size()) return holds(message, *field);
  const Reflection* reflection = message.GetReflection();
  if (!field->is_repeated()) {
    return reflection->HasField(message, field) &&
           AnyParent(reflection->GetMessage(message, field), path, at + 1, holds);
  }
  for (int i = 0, size = reflection->FieldSize(message, field); i < size; ++i) {
    if (AnyParent(reflection->GetRepeatedMessage(message, field, i), path, at + 1, holds)) {
      return true;
    }
  }
  return false;
}

// Calls `holds` with each message that the path leads to.
template <typename Holds>
bool AnyMessage(const Message& root, const FieldPath& path, const Holds& holds) {
  return AnyParent(root, path, 0, [&](const Message& parent, const FieldDescriptor& field) {
    const Reflection* reflection = parent.GetReflection();
    if (!field.is_repeated()) {
      return reflection->HasField(parent, &field) && holds(reflection->GetMessage(parent, &field));
    }
    for (int i = 0, size = reflection->FieldSize(parent, &field); i < size; ++i) {
      if (holds(reflection->GetRepeatedMessage(parent, &field, i))) return true;
    }
    return false;
  });
}

// The same for messages of one generated type.
template <typename Type, typename Holds>
bool AnyOf(const Message& root, const FieldPath& path, const Holds& holds) {
  return AnyMessage(
      root, path, [&](const Message& message) { return holds(static_cast<const Type&>(message)); });
}

template <typename T>
bool Compare(FilterOp op, const T& value, const T& operand) {
  switch (op) {
    case FilterOp::kEquals:
      return value == operand;
    case FilterOp::kLess:
      return value < operand;
    case FilterOp::kLessEqual:
      return value <= operand;
    case FilterOp::kGreater:
      return value > operand;
    case FilterOp::kGreaterEqual:
      return value >= operand;
    default:
      return false;
  }
}

bool ContainsFolded(absl::string_view text, absl::string_view lower) {
  return std::search(text.begin(), text.end(), lower.begin(), lower.end(),
                     [](char c, char wanted) { return absl::ascii_tolower(c) == wanted; }) !=
             text.end() ||
         lower.empty();
}

bool MatchesPattern(absl::string_view text, absl::string_view part, const Pattern& pattern) {
  if (pattern.open_begin && pattern.open_end) return absl::StrContains(text, part);
  return pattern.open_begin ? absl::EndsWith(text, part) : absl::StartsWith(text, part);
}

bool TextHolds(const FilterNode& leaf, const Operand& operand, absl::string_view text) {
  const absl::string_view wanted = std::get<std::string>(operand);
  switch (leaf.op) {
    case FilterOp::kWildcard:
      return MatchesPattern(text, wanted, leaf.pattern);
    case FilterOp::kContains:
      return ContainsFolded(text, wanted);
    default:
      return Compare(leaf.op, text, wanted);
  }
}

// Of a message and a field that is not repeated, or of one element of one that is.
class Value {
 public:
  Value(const Message& message, const FieldDescriptor& field, int index)
      : message_(message), reflection_(*message.GetReflection()), field_(&field), index_(index) {}

  bool Holds(const FilterNode& leaf, const Operand& operand) const {
    switch (field_->cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING: {
        std::string scratch;
        return TextHolds(
            leaf, operand,
            one() ? reflection_.GetStringReference(message_, field_, &scratch)
                  : reflection_.GetRepeatedStringReference(message_, field_, index_, &scratch));
      }
      case FieldDescriptor::CPPTYPE_BOOL:
        return Compare(leaf.op, Bool(), std::get<bool>(operand));
      case FieldDescriptor::CPPTYPE_DOUBLE:
      case FieldDescriptor::CPPTYPE_FLOAT:
        return Compare(leaf.op, Number(), std::get<double>(operand));
      case FieldDescriptor::CPPTYPE_MESSAGE:
        return Compare(leaf.op, Time(), std::get<TimePoint>(operand));
      default:
        return Compare(leaf.op, Integer(), std::get<int64_t>(operand));
    }
  }

 private:
  bool one() const { return index_ < 0; }

  bool Bool() const {
    return one() ? reflection_.GetBool(message_, field_)
                 : reflection_.GetRepeatedBool(message_, field_, index_);
  }

  double Number() const {
    if (field_->cpp_type() == FieldDescriptor::CPPTYPE_FLOAT) {
      return one() ? reflection_.GetFloat(message_, field_)
                   : reflection_.GetRepeatedFloat(message_, field_, index_);
    }
    return one() ? reflection_.GetDouble(message_, field_)
                 : reflection_.GetRepeatedDouble(message_, field_, index_);
  }

  // Enums by number. No literal lies above the largest int64.
  int64_t Integer() const {
    switch (field_->cpp_type()) {
      case FieldDescriptor::CPPTYPE_INT32:
        return one() ? reflection_.GetInt32(message_, field_)
                     : reflection_.GetRepeatedInt32(message_, field_, index_);
      case FieldDescriptor::CPPTYPE_INT64:
        return one() ? reflection_.GetInt64(message_, field_)
                     : reflection_.GetRepeatedInt64(message_, field_, index_);
      case FieldDescriptor::CPPTYPE_UINT32:
        return one() ? reflection_.GetUInt32(message_, field_)
                     : reflection_.GetRepeatedUInt32(message_, field_, index_);
      case FieldDescriptor::CPPTYPE_UINT64: {
        const uint64_t value = one() ? reflection_.GetUInt64(message_, field_)
                                     : reflection_.GetRepeatedUInt64(message_, field_, index_);
        constexpr uint64_t kMax = std::numeric_limits<int64_t>::max();
        return static_cast<int64_t>(std::min(value, kMax));
      }
      default:
        return one() ? reflection_.GetEnumValue(message_, field_)
                     : reflection_.GetRepeatedEnumValue(message_, field_, index_);
    }
  }

  TimePoint Time() const {
    const Message& message = one() ? reflection_.GetMessage(message_, field_)
                                   : reflection_.GetRepeatedMessage(message_, field_, index_);
    if (field_->message_type() == google::protobuf::Duration::descriptor()) {
      const auto& duration = static_cast<const google::protobuf::Duration&>(message);
      return {duration.seconds(), duration.nanos()};
    }
    const auto& time = static_cast<const google::protobuf::Timestamp&>(message);
    return {time.seconds(), time.nanos()};
  }

  const Message& message_;
  const Reflection& reflection_;
  const FieldDescriptor* field_;
  const int index_;
};

// Whether one of the values that a path leads to compares as the leaf says. What
// tracks its presence and is not set has no value; other scalars have their default.
bool AnyValueHolds(const FilterNode& leaf, const FilterTarget& target, const Message& root) {
  return AnyParent(root, target.path, 0, [&](const Message& parent, const FieldDescriptor& field) {
    const Reflection* reflection = parent.GetReflection();
    if (!field.is_repeated()) {
      return (!field.has_presence() || reflection->HasField(parent, &field)) &&
             Value(parent, field, -1).Holds(leaf, target.operand);
    }
    for (int i = 0, size = reflection->FieldSize(parent, &field); i < size; ++i) {
      if (Value(parent, field, i).Holds(leaf, target.operand)) return true;
    }
    return false;
  });
}

bool IsPresent(const FilterTarget& target, const Message& root) {
  return AnyParent(root, target.path, 0, [](const Message& parent, const FieldDescriptor& field) {
    const Reflection* reflection = parent.GetReflection();
    return field.is_repeated() ? reflection->FieldSize(parent, &field) > 0
                               : reflection->HasField(parent, &field);
  });
}

// Whether the target looks into the body that the record has.
bool IsOfBody(const FilterTarget& target, const v1::Record& record) {
  return target.path[0]->number() == static_cast<int>(record.kind_case());
}

// A filter at one root: a record, or within any() an element of one.
class Evaluator {
 public:
  Evaluator(const Message& root, const v1::Record* record, RecordTerms* terms)
      : root_(root), record_(record), terms_(terms) {}

  bool Holds(const FilterNode& node) const {
    const auto holds = [this](const auto& child) { return Holds(*child); };
    switch (node.type) {
      case FilterNode::Type::kAnd:
        return std::all_of(node.children.begin(), node.children.end(), holds);
      case FilterNode::Type::kOr:
        return std::any_of(node.children.begin(), node.children.end(), holds);
      case FilterNode::Type::kNot:
        return !Holds(*node.children[0]);
      case FilterNode::Type::kLeaf:
        return LeafHolds(node);
    }
    return false;
  }

 private:
  bool LeafHolds(const FilterNode& leaf) const {
    switch (leaf.op) {
      case FilterOp::kKind:
        return domain::KindOfName(record_->name()) == leaf.kind;
      case FilterOp::kMentions:
        return terms_ != nullptr ? terms_->Mentions(leaf.text) : Mentions(*record_, leaf.text);
      case FilterOp::kText:
        return terms_ != nullptr ? terms_->Contains(leaf.words) : ContainsAll(leaf.words, *record_);
      default:
        return std::any_of(leaf.targets.begin(), leaf.targets.end(),
                           [&](const FilterTarget& target) { return TargetHolds(leaf, target); });
    }
  }

  bool TargetHolds(const FilterNode& leaf, const FilterTarget& target) const {
    switch (leaf.op) {
      case FilterOp::kPresent:
        return IsPresent(target, root_);
      case FilterOp::kDefinitely:
        return AnyOf<v1::FuzzyTime>(root_, target.path, [&](const v1::FuzzyTime& time) {
          return LiesDefinitely(time, leaf.range);
        });
      case FilterOp::kPossibly:
        return AnyOf<v1::FuzzyTime>(
                   root_, target.path,
                   [&](const v1::FuzzyTime& time) { return LiesPossibly(time, leaf.range); }) ||
               (!target.assertion_path.empty() && IsOfBody(target, *record_) &&
                IsPossiblyAsserted(*record_, target.assertion_path, leaf.range));
      case FilterOp::kWithin:
        return AnyOf<v1::Place>(root_, target.path, [&](const v1::Place& place) {
          return LiesWithin(place, leaf.text);
        });
      case FilterOp::kAny:
        return AnyMessage(root_, target.path, [&](const Message& element) {
          return Evaluator(element, nullptr, nullptr).Holds(*target.element);
        });
      case FilterOp::kHasConflict:
        return IsOfBody(target, *record_) && HasConflict(*record_, target.assertion_path);
      default:
        return AnyValueHolds(leaf, target, root_);
    }
  }

  const Message& root_;
  const v1::Record* record_;  // null within any()
  RecordTerms* terms_;        // of the record; null: look into it each time
};

// Whether the target is the record's name.
bool IsName(const FilterTarget& target) {
  return target.path.size() == 1 && target.path[0]->number() == v1::Record::kNameFieldNumber &&
         target.path[0]->containing_type() == v1::Record::descriptor();
}

}  // namespace

bool Evaluate(const FilterNode& node, const v1::Record& record) {
  return Evaluator(record, &record, nullptr).Holds(node);
}

bool Evaluate(const FilterNode& node, const v1::Record& record, RecordTerms& terms) {
  return Evaluator(record, &record, &terms).Holds(node);
}

bool NeedsRecord(const FilterNode& node) {
  if (node.type != FilterNode::Type::kLeaf) {
    return std::any_of(node.children.begin(), node.children.end(),
                       [](const auto& child) { return NeedsRecord(*child); });
  }
  if (node.op == FilterOp::kKind) return false;
  return node.targets.empty() || !std::all_of(node.targets.begin(), node.targets.end(), IsName);
}

bool EvaluateName(const FilterNode& node, absl::string_view name) {
  const auto holds = [name](const auto& child) { return EvaluateName(*child, name); };
  switch (node.type) {
    case FilterNode::Type::kAnd:
      return std::all_of(node.children.begin(), node.children.end(), holds);
    case FilterNode::Type::kOr:
      return std::any_of(node.children.begin(), node.children.end(), holds);
    case FilterNode::Type::kNot:
      return !EvaluateName(*node.children[0], name);
    case FilterNode::Type::kLeaf:
      break;
  }
  if (node.op == FilterOp::kKind) return domain::KindOfName(name) == node.kind;
  if (node.op == FilterOp::kPresent) return !name.empty();
  return TextHolds(node, node.targets[0].operand, name);
}

}  // namespace communique::query
