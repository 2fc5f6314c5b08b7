#include "service/domain/validate.h"

#include <cmath>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "service/base/limits.h"
#include "service/domain/field_path.h"
#include "service/domain/fuzzy_time.h"
#include "service/domain/names.h"

namespace communique::domain {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

std::string Join(absl::string_view prefix, absl::string_view name) {
  return prefix.empty() ? std::string(name) : absl::StrCat(prefix, ".", name);
}

// BCP-47, RFC 5646: subtags of letters and digits, the first of letters.
bool IsLanguageTag(absl::string_view tag) {
  bool first = true;
  for (const absl::string_view part : absl::StrSplit(tag, '-')) {
    if (part.empty() || part.size() > 8) return false;
    for (const char c : part) {
      if (!absl::ascii_isalnum(c) || (first && !absl::ascii_isalpha(c))) return false;
    }
    if (first && part.size() < 2) return false;
    first = false;
  }
  return true;
}

// ISO 3166-1 alpha-2 in form; which codes are assigned changes and is not ours.
bool IsRegionCode(absl::string_view code) {
  return code.size() == 2 && absl::ascii_isupper(code[0]) && absl::ascii_isupper(code[1]);
}

// Walks a body once: every enum, time, reference, place and id in it.
class Walker {
 public:
  explicit Walker(base::Violations& violations) : violations_(violations) {}

  void Walk(Message& message, const std::string& path, int depth) {
    if (depth > base::kMaxMessageDepth) {
      violations_.Add(path, "is nested too deep");
      return;
    }
    const Reflection* reflection = message.GetReflection();
    if (!reflection->GetUnknownFields(message).empty()) {
      violations_.Add(path, absl::StrCat(
                                "has a field of number ",
                                reflection->GetUnknownFields(message).field(0).number(),
                                ", which this server does not know"));
    }
    CheckMessage(message, path);
    std::vector<const FieldDescriptor*> fields;
    reflection->ListFields(message, &fields);
    for (const FieldDescriptor* field : fields) WalkField(message, field, path, depth);
  }

 private:
  void WalkField(Message& message, const FieldDescriptor* field, const std::string& path,
                 int depth) {
    const Reflection* reflection = message.GetReflection();
    const int size = field->is_repeated() ? reflection->FieldSize(message, field) : 1;
    for (int i = 0; i < size; ++i) {
      switch (field->cpp_type()) {
        case FieldDescriptor::CPPTYPE_MESSAGE:
          WalkMessage(field->is_repeated()
                          ? *reflection->MutableRepeatedMessage(&message, field, i)
                          : *reflection->MutableMessage(&message, field),
                      field, i, path, depth);
          break;
        case FieldDescriptor::CPPTYPE_ENUM: {
          const int number = field->is_repeated()
                                 ? reflection->GetRepeatedEnumValue(message, field, i)
                                 : reflection->GetEnumValue(message, field);
          if (field->enum_type()->FindValueByNumber(number) == nullptr) {
            violations_.Add(ElementPath(field, i, path),
                            absl::StrCat(number, " is no value of ", field->enum_type()->name()));
          }
          break;
        }
        case FieldDescriptor::CPPTYPE_STRING: {
          std::string scratch;
          const std::string& text =
              field->is_repeated()
                  ? reflection->GetRepeatedStringReference(message, field, i, &scratch)
                  : reflection->GetStringReference(message, field, &scratch);
          CheckString(field, text, [&] { return ElementPath(field, i, path); });
          break;
        }
        case FieldDescriptor::CPPTYPE_DOUBLE: {
          const double value = field->is_repeated()
                                   ? reflection->GetRepeatedDouble(message, field, i)
                                   : reflection->GetDouble(message, field);
          if (!std::isfinite(value)) violations_.Add(ElementPath(field, i, path), "is not finite");
          break;
        }
        default:
          break;
      }
    }
  }

  void WalkMessage(Message& value, const FieldDescriptor* field, int index,
                   const std::string& path, int depth) {
    std::string key;
    if (field->is_repeated()) {
      if (const FieldDescriptor* id = IdFieldOf(*value.GetDescriptor())) {
        key = value.GetReflection()->GetString(value, id);
      }
      key = key.empty() ? absl::StrCat("[", index, "]") : absl::StrCat("[", key, "]");
    }
    Walk(value, absl::StrCat(Join(path, field->name()), key), depth + 1);
  }

  static std::string ElementPath(const FieldDescriptor* field, int index,
                                 const std::string& path) {
    std::string result = Join(path, field->name());
    if (field->is_repeated()) absl::StrAppend(&result, "[", index, "]");
    return result;
  }

  template <typename Path>
  void CheckString(const FieldDescriptor* field, const std::string& text, const Path& path) {
    if (text.empty()) return;
    const std::string& name = field->name();
    if (absl::EndsWith(name, "language_code")) {
      if (!IsLanguageTag(text)) violations_.Add(path(), "is no BCP-47 language tag");
    } else if (name == "region_code" || name == "region_codes") {
      if (!IsRegionCode(text)) violations_.Add(path(), "is no ISO 3166-1 alpha-2 code");
    } else if (absl::StrContains(text, '\0')) {
      violations_.Add(path(), "contains a NUL");
    }
  }

  void CheckMessage(Message& message, const std::string& path) {
    const Descriptor* type = message.GetDescriptor();
    if (const FieldDescriptor* field = IdFieldOf(*type)) {
      CheckId(message.GetReflection()->GetString(message, field), *type, path);
    }
    if (type == v1::FuzzyTime::descriptor()) {
      NormalizeFuzzyTime(static_cast<v1::FuzzyTime&>(message), path, violations_);
    } else if (type == v1::FuzzyDuration::descriptor()) {
      CheckDuration(static_cast<const v1::FuzzyDuration&>(message), path);
    } else if (type == v1::Reference::descriptor()) {
      CheckReference(static_cast<const v1::Reference&>(message), path);
    } else if (type == v1::Place::descriptor()) {
      CheckPlace(static_cast<const v1::Place&>(message), path);
    } else if (type == v1::Evidence::descriptor()) {
      CheckEvidence(static_cast<const v1::Evidence&>(message), path);
    } else if (type == v1::Selector::descriptor()) {
      const auto& selector = static_cast<const v1::Selector&>(message);
      if (selector.start_offset() < 0 || selector.end_offset() < selector.start_offset()) {
        violations_.Add(path, "end_offset lies before start_offset, or one is negative");
      }
    } else if (type == v1::Proposition::descriptor()) {
      if (static_cast<const v1::Proposition&>(message).text().empty()) {
        violations_.Add(Join(path, "text"), "is required: a proposition is kept in words");
      }
    }
  }

  void CheckId(const std::string& id, const Descriptor& type, const std::string& path) {
    // What others refer to, or what is compared between versions, must be named.
    static const auto* const kIdRequired = new absl::flat_hash_set<const Descriptor*>{
        v1::StateTransition::descriptor(), v1::Participation::descriptor(),
        v1::AgendaItem::descriptor(),      v1::Announcement::descriptor(),
        v1::Outcome::descriptor(),         v1::Itinerary::descriptor(),
        v1::Leg::descriptor(),             v1::SubEvent::descriptor(),
        v1::EventRelation::descriptor(),   v1::Claim::descriptor(),
        v1::Question::descriptor(),        v1::Prediction::descriptor(),
        v1::Stance::descriptor(),          v1::Position::descriptor(),
        v1::ActorRelation::descriptor(),   v1::IdentityJudgement::descriptor(),
        v1::SourceRevision::descriptor(),  v1::MediaItem::descriptor(),
        v1::ListingInterval::descriptor(),
    };
    if (id.empty()) {
      if (kIdRequired->contains(&type)) violations_.Add(Join(path, "id"), "is required");
      return;
    }
    if (!IsValidId(id)) {
      violations_.Add(Join(path, "id"),
                      "must be 1 to 128 of a-z, 0-9, '-', '.', '_', first and last a letter or "
                      "digit");
      return;
    }
    const auto [first, inserted] = ids_.emplace(id, path);
    if (!inserted) {
      violations_.Add(Join(path, "id"), absl::StrCat("\"", id, "\" is already the id of ",
                                                     first->second));
    }
  }

  void CheckEvidence(const v1::Evidence& evidence, const std::string& path) {
    if (!evidence.has_source()) violations_.Add(Join(path, "source"), "is required");
    if (evidence.source_revision().empty()) return;
    if (!IsValidId(evidence.source_revision())) {
      violations_.Add(Join(path, "source_revision"), "is no id of a source's revision");
    }
    if (absl::StrContains(evidence.source().target(), '#')) {
      violations_.Add(Join(path, "source.target"),
                      "names an element; with source_revision it names the source");
    }
  }

  void CheckDuration(const v1::FuzzyDuration& duration, const std::string& path) {
    if (duration.text().empty() && duration.iso_duration().empty()) {
      violations_.Add(path, "a duration needs text, iso_duration or both");
    }
    if (!duration.iso_duration().empty() && !IsIsoDuration(duration.iso_duration())) {
      violations_.Add(Join(path, "iso_duration"), "is no ISO 8601 duration");
    }
  }

  void CheckReference(const v1::Reference& reference, const std::string& path) {
    if (reference.target().empty() && reference.text().empty()) {
      violations_.Add(path, "a reference needs a target, text or both");
    }
    if (!reference.target().empty() && !ParseReferenceTarget(reference.target())) {
      violations_.Add(Join(path, "target"),
                      "must be {collection}/{id} or {collection}/{id}#{element}");
    }
  }

  void CheckPlace(const v1::Place& place, const std::string& path) {
    if (place.display_name().empty() && place.path().empty()) {
      violations_.Add(path, "a place needs display_name, path or both");
    }
    CheckPlacePath(place.path(), Join(path, "path"));
    for (const std::string& border : place.borders()) CheckPlacePath(border, Join(path, "borders"));
    if (place.has_coordinates()) {
      const auto& at = place.coordinates();
      if (!(std::abs(at.latitude_degrees()) <= 90) || !(std::abs(at.longitude_degrees()) <= 180) ||
          !(at.precision_meters() >= 0)) {
        violations_.Add(Join(path, "coordinates"),
                        "latitude is -90 to 90, longitude -180 to 180, precision not negative");
      }
    }
  }

  void CheckPlacePath(const std::string& place_path, const std::string& path) {
    if (place_path.empty()) return;
    for (const absl::string_view segment : absl::StrSplit(place_path, '/')) {
      if (segment.empty()) {
        violations_.Add(path, "has an empty segment");
        return;
      }
      for (const char c : segment) {
        if (!absl::ascii_isalnum(c) && c != '-' && c != '_' && c != '.') {
          violations_.Add(path, "segments are made of letters, digits, '-', '_', '.'");
          return;
        }
      }
    }
  }

  base::Violations& violations_;
  absl::flat_hash_map<std::string, std::string> ids_;  // id to the path that has it
};

void ClearServerFields(v1::Record& record) {
  record.clear_revision();
  record.clear_create_revision();
  record.clear_create_time();
  record.clear_update_time();
  record.clear_etag();
  record.clear_retired_ids();
  record.clear_redirected_from();
  record.clear_computed_states();
  record.clear_pin();
}

}  // namespace

void ValidateRecord(v1::Record& record, absl::string_view prefix, base::Violations& violations) {
  ClearServerFields(record);
  if (const std::string problem = DescribeNameProblem(record.name()); !problem.empty()) {
    violations.Add(Join(prefix, "name"), absl::StrCat(base::Quoted(record.name()), " ", problem));
  }
  if (const auto& unknown = v1::Record::GetReflection()->GetUnknownFields(record);
      !unknown.empty()) {
    violations.Add(prefix, absl::StrCat("has a field of number ", unknown.field(0).number(),
                                        ", which this server does not know"));
  }
  Message* body = MutableBodyOf(record);
  if (body == nullptr) {
    violations.Add(prefix, "has no body: set one of summit, sanction, statement, actor, source");
    return;
  }
  const v1::RecordKind kind = KindOfBody(record);
  if (const auto name = ParseRecordName(record.name()); name && name->kind != kind) {
    violations.Add(Join(prefix, "name"),
                   absl::StrCat("is of ", CollectionOf(name->kind), " but the body is of kind ",
                                SingularOf(kind)));
  }
  const std::string path = Join(prefix, SingularOf(kind));
  const int before = violations.count();
  Walker(violations).Walk(*body, path, 0);
  switch (kind) {
    case v1::RECORD_KIND_SUMMIT:
      ValidateSummit(record.summit(), path, violations);
      break;
    case v1::RECORD_KIND_SANCTION:
      ValidateSanction(record.sanction(), path, violations);
      break;
    case v1::RECORD_KIND_STATEMENT:
      ValidateStatement(record.statement(), path, violations);
      break;
    case v1::RECORD_KIND_ACTOR:
      ValidateActor(record.actor(), path, violations);
      break;
    case v1::RECORD_KIND_SOURCE:
      ValidateSource(record.source(), path, violations);
      break;
    default:
      break;
  }
  // Values that are broken in themselves cannot be compared.
  if (violations.count() != before) return;
  const auto& assertions =
      kind == v1::RECORD_KIND_SUMMIT      ? record.summit().assertions()
      : kind == v1::RECORD_KIND_SANCTION  ? record.sanction().assertions()
      : kind == v1::RECORD_KIND_STATEMENT ? record.statement().assertions()
      : kind == v1::RECORD_KIND_ACTOR     ? record.actor().assertions()
                                          : record.source().assertions();
  ValidateAssertions(*body, assertions, path, violations);
}

}  // namespace communique::domain
