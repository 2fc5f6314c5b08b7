#include "service/domain/validate.h"

#include <cmath>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/timestamp.pb.h"
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

// Where a walk is: a message and those around it. Becomes text only where something
// is wrong, since most of a record is right.
class Spot {
 public:
  explicit Spot(absl::string_view name) : name_(name) {}
  // `key`: the element's id; empty: `index`, which is negative for a single field.
  Spot(const Spot& outer, absl::string_view name, absl::string_view key, int index)
      : outer_(&outer), name_(name), key_(key), index_(index) {}

  std::string Path() const {
    std::string path = outer_ == nullptr ? std::string(name_) : Join(outer_->Path(), name_);
    if (!key_.empty()) {
      absl::StrAppend(&path, "[", key_, "]");
    } else if (index_ >= 0) {
      absl::StrAppend(&path, "[", index_, "]");
    }
    return path;
  }
  std::string Path(absl::string_view field) const { return Join(Path(), field); }

 private:
  const Spot* outer_ = nullptr;
  absl::string_view name_;
  absl::string_view key_ = {};
  int index_ = -1;
};

// Walks a body once: every enum, time, reference, place and id in it.
class Walker {
 public:
  explicit Walker(base::Violations& violations) : violations_(violations) {}

  void Walk(Message& message, const Spot& at, int depth) {
    if (depth > base::kMaxMessageDepth) {
      violations_.Add(at.Path(), "is nested too deep");
      return;
    }
    const Reflection* reflection = message.GetReflection();
    if (!reflection->GetUnknownFields(message).empty()) {
      violations_.Add(at.Path(),
                      absl::StrCat("has a field of number ",
                                   reflection->GetUnknownFields(message).field(0).number(),
                                   ", which this server does not know"));
    }
    const Descriptor* type = message.GetDescriptor();
    // Two numbers, which any rule about them is of the message around.
    if (type == google::protobuf::Timestamp::descriptor() ||
        type == google::protobuf::Duration::descriptor()) {
      return;
    }
    CheckMessage(message, *type, at);
    std::vector<const FieldDescriptor*> fields;
    reflection->ListFields(message, &fields);
    for (const FieldDescriptor* field : fields) WalkField(message, field, at, depth);
  }

 private:
  void WalkField(Message& message, const FieldDescriptor* field, const Spot& at, int depth) {
    const Reflection* reflection = message.GetReflection();
    const int size = field->is_repeated() ? reflection->FieldSize(message, field) : 1;
    for (int i = 0; i < size; ++i) {
      switch (field->cpp_type()) {
        case FieldDescriptor::CPPTYPE_MESSAGE:
          WalkMessage(field->is_repeated() ? *reflection->MutableRepeatedMessage(&message, field, i)
                                           : *reflection->MutableMessage(&message, field),
                      field, i, at, depth);
          break;
        case FieldDescriptor::CPPTYPE_ENUM: {
          const int number = field->is_repeated()
                                 ? reflection->GetRepeatedEnumValue(message, field, i)
                                 : reflection->GetEnumValue(message, field);
          if (field->enum_type()->FindValueByNumber(number) == nullptr) {
            violations_.Add(ElementOf(at, field, i).Path(),
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
          CheckString(field, text, ElementOf(at, field, i));
          break;
        }
        case FieldDescriptor::CPPTYPE_DOUBLE: {
          const double value = field->is_repeated()
                                   ? reflection->GetRepeatedDouble(message, field, i)
                                   : reflection->GetDouble(message, field);
          if (!std::isfinite(value)) {
            violations_.Add(ElementOf(at, field, i).Path(), "is not finite");
          }
          break;
        }
        default:
          break;
      }
    }
  }

  void WalkMessage(Message& value, const FieldDescriptor* field, int index, const Spot& at,
                   int depth) {
    if (!field->is_repeated()) return Walk(value, Spot(at, field->name(), "", -1), depth + 1);
    std::string scratch;
    absl::string_view key;
    if (const FieldDescriptor* id = IdFieldOf(*value.GetDescriptor())) {
      key = value.GetReflection()->GetStringReference(value, id, &scratch);
    }
    Walk(value, Spot(at, field->name(), key, index), depth + 1);
  }

  static Spot ElementOf(const Spot& at, const FieldDescriptor* field, int index) {
    return Spot(at, field->name(), "", field->is_repeated() ? index : -1);
  }

  void CheckString(const FieldDescriptor* field, const std::string& text, const Spot& at) {
    if (text.empty()) return;
    const std::string& name = field->name();
    if (absl::EndsWith(name, "language_code")) {
      if (!IsLanguageTag(text)) violations_.Add(at.Path(), "is no BCP-47 language tag");
    } else if (name == "region_code" || name == "region_codes") {
      if (!IsRegionCode(text)) violations_.Add(at.Path(), "is no ISO 3166-1 alpha-2 code");
    } else if (absl::StrContains(text, '\0')) {
      violations_.Add(at.Path(), "contains a NUL");
    }
  }

  void CheckMessage(Message& message, const Descriptor& of, const Spot& at) {
    const Descriptor* type = &of;
    if (const FieldDescriptor* field = IdFieldOf(of)) {
      std::string scratch;
      CheckId(message.GetReflection()->GetStringReference(message, field, &scratch), of, at);
    }
    if (type == v1::FuzzyTime::descriptor()) {
      // First without its path; a second time, for the words, where it is wrong.
      auto& time = static_cast<v1::FuzzyTime&>(message);
      base::Violations found;
      NormalizeFuzzyTime(time, "", found);
      if (!found.empty()) NormalizeFuzzyTime(time, at.Path(), violations_);
    } else if (type == v1::FuzzyDuration::descriptor()) {
      CheckDuration(static_cast<const v1::FuzzyDuration&>(message), at);
    } else if (type == v1::Reference::descriptor()) {
      CheckReference(static_cast<const v1::Reference&>(message), at);
    } else if (type == v1::Place::descriptor()) {
      CheckPlace(static_cast<const v1::Place&>(message), at);
    } else if (type == v1::Evidence::descriptor()) {
      CheckEvidence(static_cast<const v1::Evidence&>(message), at);
    } else if (type == v1::Selector::descriptor()) {
      const auto& selector = static_cast<const v1::Selector&>(message);
      if (selector.start_offset() < 0 || selector.end_offset() < selector.start_offset()) {
        violations_.Add(at.Path(), "end_offset lies before start_offset, or one is negative");
      }
    } else if (type == v1::Proposition::descriptor()) {
      if (static_cast<const v1::Proposition&>(message).text().empty()) {
        violations_.Add(at.Path("text"), "is required: a proposition is kept in words");
      }
    }
  }

  void CheckId(const std::string& id, const Descriptor& type, const Spot& at) {
    // What others refer to, or what is compared between versions, must be named.
    static const auto* const kIdRequired = new absl::flat_hash_set<const Descriptor*>{
        v1::StateTransition::descriptor(),
        v1::Participation::descriptor(),
        v1::AgendaItem::descriptor(),
        v1::Announcement::descriptor(),
        v1::Outcome::descriptor(),
        v1::Itinerary::descriptor(),
        v1::Leg::descriptor(),
        v1::SubEvent::descriptor(),
        v1::EventRelation::descriptor(),
        v1::Claim::descriptor(),
        v1::Question::descriptor(),
        v1::Prediction::descriptor(),
        v1::Stance::descriptor(),
        v1::Position::descriptor(),
        v1::ActorRelation::descriptor(),
        v1::IdentityJudgement::descriptor(),
        v1::SourceRevision::descriptor(),
        v1::MediaItem::descriptor(),
        v1::ListingInterval::descriptor(),
    };
    if (id.empty()) {
      if (kIdRequired->contains(&type)) violations_.Add(at.Path("id"), "is required");
      return;
    }
    if (!IsValidId(id)) {
      violations_.Add(at.Path("id"),
                      "must be 1 to 128 of a-z, 0-9, '-', '.', '_', first and last a letter or "
                      "digit");
      return;
    }
    const auto [first, inserted] = ids_.emplace(id, at.Path());
    if (!inserted) {
      violations_.Add(at.Path("id"),
                      absl::StrCat("\"", id, "\" is already the id of ", first->second));
    }
  }

  void CheckEvidence(const v1::Evidence& evidence, const Spot& at) {
    if (!evidence.has_source()) violations_.Add(at.Path("source"), "is required");
    if (evidence.source_revision().empty()) return;
    if (!IsValidId(evidence.source_revision())) {
      violations_.Add(at.Path("source_revision"), "is no id of a source's revision");
    }
    if (absl::StrContains(evidence.source().target(), '#')) {
      violations_.Add(at.Path("source.target"),
                      "names an element; with source_revision it names the source");
    }
  }

  void CheckDuration(const v1::FuzzyDuration& duration, const Spot& at) {
    if (duration.text().empty() && duration.iso_duration().empty()) {
      violations_.Add(at.Path(), "a duration needs text, iso_duration or both");
    }
    if (!duration.iso_duration().empty() && !IsIsoDuration(duration.iso_duration())) {
      violations_.Add(at.Path("iso_duration"), "is no ISO 8601 duration");
    }
  }

  void CheckReference(const v1::Reference& reference, const Spot& at) {
    if (reference.target().empty() && reference.text().empty()) {
      violations_.Add(at.Path(), "a reference needs a target, text or both");
    }
    if (!reference.target().empty() && !ParseReferenceTarget(reference.target())) {
      violations_.Add(at.Path("target"),
                      "must be {collection}/{id} or {collection}/{id}#{element}");
    }
  }

  void CheckPlace(const v1::Place& place, const Spot& at) {
    if (place.display_name().empty() && place.path().empty()) {
      violations_.Add(at.Path(), "a place needs display_name, path or both");
    }
    CheckPlacePath(place.path(), at, "path");
    for (const std::string& border : place.borders()) CheckPlacePath(border, at, "borders");
    if (place.has_coordinates()) {
      const auto& point = place.coordinates();
      if (!(std::abs(point.latitude_degrees()) <= 90) ||
          !(std::abs(point.longitude_degrees()) <= 180) || !(point.precision_meters() >= 0)) {
        violations_.Add(at.Path("coordinates"),
                        "latitude is -90 to 90, longitude -180 to 180, precision not negative");
      }
    }
  }

  void CheckPlacePath(const std::string& place_path, const Spot& at, absl::string_view field) {
    if (place_path.empty()) return;
    for (const absl::string_view segment : absl::StrSplit(place_path, '/')) {
      if (segment.empty()) {
        violations_.Add(at.Path(field), "has an empty segment");
        return;
      }
      for (const char c : segment) {
        if (!absl::ascii_isalnum(c) && c != '-' && c != '_' && c != '.') {
          violations_.Add(at.Path(field), "segments are made of letters, digits, '-', '_', '.'");
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
  Walker(violations).Walk(*body, Spot(path), 0);
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
  const auto& assertions = kind == v1::RECORD_KIND_SUMMIT      ? record.summit().assertions()
                           : kind == v1::RECORD_KIND_SANCTION  ? record.sanction().assertions()
                           : kind == v1::RECORD_KIND_STATEMENT ? record.statement().assertions()
                           : kind == v1::RECORD_KIND_ACTOR     ? record.actor().assertions()
                                                               : record.source().assertions();
  ValidateAssertions(*body, assertions, path, violations);
}

}  // namespace communique::domain
