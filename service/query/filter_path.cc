#include "service/query/filter_path.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "service/base/error.h"

namespace communique::query {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

// Names that an error lists before it says how many more there are.
constexpr size_t kMaxListedNames = 20;
// Longer names than any field has are not compared: the work is quadratic.
constexpr size_t kMaxSuggestedBytes = 40;

// What only answers have, and no stored record.
bool IsOfAnswers(const FieldDescriptor& field) {
  switch (field.number()) {
    case v1::Record::kRedirectedFromFieldNumber:
    case v1::Record::kComputedStatesFieldNumber:
    case v1::Record::kPinFieldNumber:
      return field.containing_type() == v1::Record::descriptor();
    default:
      return false;
  }
}

const FieldDescriptor* FindField(const Descriptor& type, absl::string_view name) {
  return type.FindFieldByName(std::string(name));
}

void AddFieldNames(const Descriptor& type, std::vector<std::string>& names) {
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (IsOfAnswers(field) || std::find(names.begin(), names.end(), field.name()) != names.end()) {
      continue;
    }
    names.push_back(field.name());
  }
}

// How many letters have to be added, dropped or changed to make `b` of `a`.
size_t EditDistance(absl::string_view a, absl::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = std::exchange(row[0], i);
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = std::exchange(row[j], std::min({changed, row[j] + 1, row[j - 1] + 1}));
    }
  }
  return row[b.size()];
}

// Follows segments from a message as far as they lead.
struct Walk {
  FieldPath path;
  const Descriptor* stopped_in = nullptr;  // has no field of the next segment; null at the end
};

Walk Follow(const Descriptor& root, const FilterPathText& path) {
  Walk walk;
  const Descriptor* type = &root;
  for (const FilterPathSegment& segment : path.segments) {
    const FieldDescriptor* field = type == nullptr ? nullptr : FindField(*type, segment.name);
    if (field == nullptr) {
      walk.stopped_in = type == nullptr ? &root : type;
      return walk;
    }
    walk.path.push_back(field);
    type = field->message_type();
  }
  return walk;
}

absl::Status UnknownField(const FilterPathSegment& segment, absl::string_view of,
                          const std::vector<std::string>& known) {
  return FilterError(segment.position, absl::StrCat("unknown field ", base::Quoted(segment.name),
                                                    of, SuggestName(segment.name, known),
                                                    "; known are ", ListNames(known)));
}

// Why the segment after the walk's path cannot be followed.
absl::Status CannotFollow(const Walk& walk, const FilterPathText& path) {
  const FilterPathSegment& segment = path.segments[walk.path.size()];
  const FieldDescriptor& last = *walk.path.back();
  if (last.message_type() == nullptr) {
    return FilterError(segment.position,
                       absl::StrCat(last.name(), " is ", DescribeType(last), " and has no fields"));
  }
  std::vector<std::string> known;
  AddFieldNames(*last.message_type(), known);
  return UnknownField(segment, absl::StrCat(" of ", last.message_type()->name()), known);
}

}  // namespace

FilterScope FilterScope::OfRecord(v1::RecordKind kind) {
  FilterScope scope;
  scope.envelope_ = v1::Record::descriptor();
  const google::protobuf::OneofDescriptor& bodies = *scope.envelope_->FindOneofByName("kind");
  // The bodies stand in the order of RecordKind.
  for (int i = 0; i < bodies.field_count(); ++i) {
    if (kind != v1::RECORD_KIND_UNSPECIFIED && kind != i + 1) continue;
    scope.roots_.push_back({{bodies.field(i)}, bodies.field(i)->message_type()});
  }
  return scope;
}

FilterScope FilterScope::OfElement(const Descriptor& type) {
  FilterScope scope;
  scope.roots_.push_back({{}, &type});
  return scope;
}

absl::StatusOr<std::vector<FieldPath>> FilterScope::Resolve(const FilterPathText& path) const {
  const FilterPathSegment& first = path.segments.front();
  if (envelope_ != nullptr) {
    if (const FieldDescriptor* field = FindField(*envelope_, first.name)) {
      if (IsOfAnswers(*field)) {
        return FilterError(first.position, absl::StrCat(first.name,
                                                        " is not stored: only answers "
                                                        "have it"));
      }
      Walk walk = Follow(*envelope_, path);
      if (walk.stopped_in != nullptr) return CannotFollow(walk, path);
      return std::vector<FieldPath>{std::move(walk.path)};
    }
  }
  std::vector<FieldPath> found;
  Walk farthest;
  for (const Root& root : roots_) {
    Walk walk = Follow(*root.type, path);
    if (walk.stopped_in == nullptr) {
      found.push_back(root.prefix);
      found.back().insert(found.back().end(), walk.path.begin(), walk.path.end());
    } else if (walk.path.size() > farthest.path.size()) {
      farthest = std::move(walk);
    }
  }
  if (!found.empty()) return found;
  if (!farthest.path.empty()) return CannotFollow(farthest, path);
  std::vector<std::string> known;
  if (envelope_ != nullptr) known = {"kind", "name"};
  for (const Root& root : roots_) AddFieldNames(*root.type, known);
  if (envelope_ != nullptr) AddFieldNames(*envelope_, known);
  const bool one_type = roots_.size() == 1;
  return UnknownField(first, one_type ? absl::StrCat(" of ", roots_[0].type->name()) : "", known);
}

std::string DescribeType(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return field.type() == FieldDescriptor::TYPE_BYTES ? "bytes" : "a text";
    case FieldDescriptor::CPPTYPE_BOOL:
      return "a truth value";
    case FieldDescriptor::CPPTYPE_ENUM:
      return "an enum";
    case FieldDescriptor::CPPTYPE_DOUBLE:
    case FieldDescriptor::CPPTYPE_FLOAT:
      return "a number";
    case FieldDescriptor::CPPTYPE_MESSAGE: {
      const std::string& name = field.message_type()->name();
      const bool vowel = absl::string_view("AEIOU").find(name[0]) != absl::string_view::npos;
      return absl::StrCat(vowel ? "an " : "a ", name);
    }
    default:
      return "an integer";
  }
}

std::string ListNames(const std::vector<std::string>& names) {
  const size_t listed = std::min(names.size(), kMaxListedNames);
  std::string list = absl::StrJoin(names.begin(), names.begin() + static_cast<long>(listed), ", ");
  if (listed < names.size()) absl::StrAppend(&list, " and ", names.size() - listed, " more");
  return list;
}

std::string SuggestName(absl::string_view name, const std::vector<std::string>& names) {
  if (name.size() > kMaxSuggestedBytes) return "";
  const std::string* nearest = nullptr;
  // Two slips, and in a short name one.
  size_t best = name.size() < 5 ? 2 : 3;
  for (const std::string& candidate : names) {
    const size_t distance = EditDistance(name, candidate);
    if (distance >= best || distance >= candidate.size()) continue;
    best = distance;
    nearest = &candidate;
  }
  return nearest == nullptr ? "" : absl::StrCat(" (did you mean ", *nearest, "?)");
}

}  // namespace communique::query
