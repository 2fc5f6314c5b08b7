#ifndef COMMUNIQUE_TESTS_UNIT_RANDOM_RECORDS_H_
#define COMMUNIQUE_TESTS_UNIT_RANDOM_RECORDS_H_

#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "communique/v1/record.pb.h"
#include "google/protobuf/message.h"
#include "service/domain/fuzzy_time.h"
#include "service/domain/names.h"

// Records and filters at random, drawn from small pools so that they meet: for
// tests that compare two ways to the same answer. Records need not be valid.
namespace communique::testing {

class RandomRecords {
 public:
  explicit RandomRecords(uint32_t seed) : random_(seed) {}

  uint32_t Below(uint32_t bound) { return static_cast<uint32_t>(random_()) % bound; }
  bool OneIn(uint32_t n) { return Below(n) == 0; }
  template <typename T>
  const T& Pick(const std::vector<T>& from) {
    return from[Below(static_cast<uint32_t>(from.size()))];
  }

  v1::RecordKind Kind() { return static_cast<v1::RecordKind>(1 + Below(5)); }

  v1::Record Record(const std::string& name) {
    v1::Record record;
    record.set_name(name);
    const v1::RecordKind kind = domain::KindOfName(name);
    for (int i = 0; i < v1::Record::descriptor()->oneof_decl(0)->field_count(); ++i) {
      const auto* field = v1::Record::descriptor()->oneof_decl(0)->field(i);
      google::protobuf::Message* body = record.GetReflection()->MutableMessage(&record, field);
      if (domain::KindOfBody(record) == kind) {
        Fill(*body, 0);
        break;
      }
    }
    return record;
  }

  // A filter that types for the kind, over the fields and values of the pools.
  std::string Filter(v1::RecordKind kind, int depth = 0) {
    switch (depth < 3 ? Below(8) : 7) {
      case 0:
      case 1:
        return absl::StrCat(Filter(kind, depth + 1), " AND ", Filter(kind, depth + 1));
      case 2:
        return absl::StrCat("(", Filter(kind, depth + 1), ") OR (", Filter(kind, depth + 1), ")");
      case 3:
        return absl::StrCat("NOT (", Filter(kind, depth + 1), ")");
      default:
        return Leaf(kind);
    }
  }

  std::string Quoted(const std::string& text) { return absl::StrCat("\"", text, "\""); }
  std::string Target() { return Pick(kTargets); }

 private:
  using FieldDescriptor = google::protobuf::FieldDescriptor;
  using Descriptor = google::protobuf::Descriptor;
  using Message = google::protobuf::Message;

  static const Descriptor* BodyOf(v1::RecordKind kind) {
    return v1::Record::descriptor()->FindFieldByName(std::string(domain::SingularOf(kind)))
        ->message_type();
  }

  void Fill(Message& message, int depth) {
    if (message.GetDescriptor() == v1::FuzzyTime::descriptor()) {
      return FillTime(static_cast<v1::FuzzyTime&>(message));
    }
    const auto* type = message.GetDescriptor();
    const auto* reflection = message.GetReflection();
    for (int i = 0; i < type->field_count(); ++i) {
      const FieldDescriptor* field = type->field(i);
      // Assertions and the primary times are wanted often, depth seldom.
      const bool often = field->name() == "time" || field->name() == "posted_time" ||
                         field->name() == "assertions" || field->name() == "target";
      if (!OneIn(often ? 2 : depth < 1 ? 3 : 5)) continue;
      const int count = field->is_repeated() ? 1 + static_cast<int>(Below(3)) : 1;
      for (int n = 0; n < count; ++n) {
        if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) {
          SetScalar(message, *field);
        } else if (depth < 4 && field->message_type()->file()->package() != "google.protobuf") {
          Fill(field->is_repeated() ? *reflection->AddMessage(&message, field)
                                    : *reflection->MutableMessage(&message, field),
               depth + 1);
        }
      }
    }
  }

  void FillTime(v1::FuzzyTime& time) {
    if (OneIn(5)) {
      time.set_text("soon");
      return;
    }
    time.set_edtf(Pick(kTimes));
    if (OneIn(2)) time.add_time_zones(OneIn(2) ? "Asia/Seoul" : "Z");
    base::Violations ignored;
    domain::NormalizeFuzzyTime(time, "time", ignored);
  }

  void SetScalar(Message& message, const FieldDescriptor& field) {
    const auto* reflection = message.GetReflection();
    const bool repeated = field.is_repeated();
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING: {
        if (field.type() != FieldDescriptor::TYPE_STRING) return;
        const std::string value = Text(field);
        repeated ? reflection->AddString(&message, &field, value)
                 : reflection->SetString(&message, &field, value);
        return;
      }
      case FieldDescriptor::CPPTYPE_ENUM: {
        const int value = field.enum_type()
                              ->value(static_cast<int>(Below(std::min(
                                  4u, static_cast<uint32_t>(field.enum_type()->value_count())))))
                              ->number();
        repeated ? reflection->AddEnumValue(&message, &field, value)
                 : reflection->SetEnumValue(&message, &field, value);
        return;
      }
      case FieldDescriptor::CPPTYPE_BOOL:
        reflection->SetBool(&message, &field, OneIn(2));
        return;
      case FieldDescriptor::CPPTYPE_INT32:
        reflection->SetInt32(&message, &field, static_cast<int32_t>(Below(3)));
        return;
      case FieldDescriptor::CPPTYPE_INT64:
        reflection->SetInt64(&message, &field, Below(3));
        return;
      case FieldDescriptor::CPPTYPE_DOUBLE:
        reflection->SetDouble(&message, &field, Below(3) / 2.0);
        return;
      default:
        return;
    }
  }

  std::string Text(const FieldDescriptor& field) {
    if (field.name() == "target") return Pick(kTargets);
    if (field.containing_type() == v1::Assertion::descriptor() && field.name() == "path") {
      return Pick(kPaths);
    }
    if (field.name() == "path") return Pick(kPlaces);
    return OneIn(3) ? absl::StrCat(Pick(kWords), " ", Pick(kWords)) : Pick(kWords);
  }

  // A path of a body that leads to what is wanted; empty after too many tries.
  struct Path {
    std::string text;
    const FieldDescriptor* field = nullptr;
  };
  template <typename Wanted>
  Path PathTo(const Descriptor* type, const Wanted& wanted) {
    for (int i = 0; i < 200; ++i) {
      Path path;
      const Descriptor* at = type;
      for (int depth = 0; depth < 4; ++depth) {
        path.field = at->field(static_cast<int>(Below(static_cast<uint32_t>(at->field_count()))));
        absl::StrAppend(&path.text, path.text.empty() ? "" : ".", path.field->name());
        if (wanted(*path.field)) return path;
        if (path.field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) break;
        at = path.field->message_type();
        if (at->file()->package() == "google.protobuf") break;
      }
    }
    return {};
  }

  std::string Leaf(v1::RecordKind kind) {
    const Descriptor* body = BodyOf(kind);
    const auto is_scalar = [](const FieldDescriptor& field) {
      return field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM ||
             field.cpp_type() == FieldDescriptor::CPPTYPE_BOOL ||
             field.cpp_type() == FieldDescriptor::CPPTYPE_INT32 ||
             field.cpp_type() == FieldDescriptor::CPPTYPE_INT64 ||
             field.type() == FieldDescriptor::TYPE_STRING;
    };
    switch (Below(10)) {
      case 0:
        return absl::StrCat("mentions(", Quoted(Pick(kTargets)), ")");
      case 1:
        return absl::StrCat("text(", Quoted(Pick(kWords)), ")");
      case 2: {
        const Path path = PathTo(body, [](const FieldDescriptor& field) {
          return field.message_type() == v1::FuzzyTime::descriptor();
        });
        if (path.text.empty()) break;
        const std::string one = Pick(kDays), other = Pick(kDays);
        const std::string from = OneIn(4) ? "*" : Quoted(std::min(one, other));
        const std::string to = OneIn(4) ? "*" : Quoted(std::max(one, other));
        return absl::StrCat(OneIn(2) ? "definitely(" : "possibly(", OneIn(2) ? PrimaryOr(kind, path.text) : path.text,
                            ", ", from, ", ", to, ")");
      }
      case 3: {
        const Path path = PathTo(body, [](const FieldDescriptor& field) {
          return field.message_type() == v1::Place::descriptor();
        });
        if (path.text.empty()) break;
        return absl::StrCat("within(", path.text, ", ", Quoted(Pick(kPlaces)), ")");
      }
      case 4: {
        const Path list = PathTo(body, [](const FieldDescriptor& field) {
          return field.is_repeated() && field.message_type() != nullptr &&
                 field.message_type()->file()->package() != "google.protobuf" &&
                 field.message_type() != v1::FuzzyTime::descriptor();
        });
        if (list.text.empty()) break;
        std::string inner;
        for (int i = 0; i < 2; ++i) {
          const Path path = PathTo(list.field->message_type(), is_scalar);
          if (path.text.empty()) continue;
          absl::StrAppend(&inner, inner.empty() ? "" : OneIn(2) ? " AND " : " OR ",
                          OneIn(5) ? "NOT " : "", Compare(path));
        }
        if (inner.empty()) break;
        return absl::StrCat("any(", list.text, ", ", inner, ")");
      }
      case 5:
        return absl::StrCat("has_conflict(",
                            body->field(static_cast<int>(Below(4)))->name(), ")");
      case 6: {
        const Path path = PathTo(body, [](const FieldDescriptor& field) { return field.number() < 8; });
        if (path.text.empty()) break;
        return absl::StrCat(path.text, ":*");
      }
      default:
        break;
    }
    const Path path = PathTo(body, is_scalar);
    return path.text.empty() ? std::string("name = \"*\"") : Compare(path);
  }

  std::string PrimaryOr(v1::RecordKind kind, const std::string& other) {
    if (kind == v1::RECORD_KIND_SUMMIT || kind == v1::RECORD_KIND_STATEMENT) return "time";
    return kind == v1::RECORD_KIND_SOURCE ? "posted_time" : other;
  }

  std::string Compare(const Path& path) {
    const char* comparator = OneIn(4) ? " != " : " = ";
    switch (path.field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_ENUM:
        return absl::StrCat(
            path.text, comparator,
            path.field->enum_type()
                ->value(static_cast<int>(Below(std::min(
                    4u, static_cast<uint32_t>(path.field->enum_type()->value_count())))))
                ->name());
      case FieldDescriptor::CPPTYPE_BOOL:
        return absl::StrCat(path.text, comparator, OneIn(2) ? "true" : "false");
      case FieldDescriptor::CPPTYPE_STRING:
        return absl::StrCat(path.text, OneIn(6) ? " > " : comparator,
                            Quoted(OneIn(8) ? "" : Text(*path.field)));
      default:
        return absl::StrCat(path.text, OneIn(3) ? " >= " : comparator, Below(3));
    }
  }

  const std::vector<std::string> kTargets = {
      "actors/a", "actors/b", "actors/a#x", "actors/b#y", "summits/s", "sources/p#r1"};
  const std::vector<std::string> kPlaces = {"RU", "RU/RU-PRI", "RU/RU-PRI/khasan", "KP", "KP/KP-01"};
  const std::vector<std::string> kPaths = {"time", "posted_time", "place", "title", "state"};
  const std::vector<std::string> kWords = {"summit", "talks", "Pyongyang", "평양", "arms", "Été"};
  const std::vector<std::string> kTimes = {
      "2023-09-12", "2023-09", "2023-09-10/2023-09-13", "2019-04-25", "[2023-09-11,2023-09-14]",
      "{2019-04-24,2023-09-13}", "2023-09-12/..", "../2023-09-12", "2023-09-12/", "2023"};
  const std::vector<std::string> kDays = {"0001-01-01", "2019-04-24", "2023-09-09", "2023-09-11", "2023-09-12",
                                          "2023-09-13", "2023-09-13T11:30:00Z", "2023-09-14",
                                          "2023-10-01", "9999-12-31"};
  std::mt19937 random_;
};

}  // namespace communique::testing

#endif  // COMMUNIQUE_TESTS_UNIT_RANDOM_RECORDS_H_
