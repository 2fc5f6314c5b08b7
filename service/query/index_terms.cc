#include "service/query/index_terms.h"

#include <algorithm>
#include <cstring>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "communique/v1/time.pb.h"
#include "google/protobuf/message.h"
#include "service/domain/names.h"
#include "service/query/actor_names.h"
#include "service/query/name_keys.h"
#include "service/query/order.h"
#include "service/query/searchable_text.h"
#include "service/query/text_analyzer.h"

#define XXH_INLINE_ALL
#include "xxhash.h"

namespace communique::query {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr int64_t kSecondsPerDay = 86'400;

// Messages whose fields are not indexed one by one: times have their column,
// selectors and coordinates are as good as unique.
bool IsOpaque(const Descriptor* type) {
  return type == v1::FuzzyTime::descriptor() || type == v1::FuzzyDuration::descriptor() ||
         type == v1::Selector::descriptor() || type == v1::Coordinates::descriptor() ||
         type == v1::Quantity::descriptor() || type->file()->package() == "google.protobuf";
}

// Fields of prose or of identity: each value would be a term of its own, and
// nobody asks for it whole.
bool IsProse(const FieldDescriptor& field) {
  static const auto* const kNames = new absl::flat_hash_set<std::string>{
      "id",      "text",     "note",      "description",    "reason",           "remarks",
      "caption", "criteria", "contact",   "exemptions",     "subtitle",         "rank_reason",
      "locator", "observed", "inference", "listing_reason", "delisting_reason", "reliability_note",
      "sha256"};
  return kNames->contains(field.name());
}

bool IsIndexedScalar(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return field.type() == FieldDescriptor::TYPE_STRING && !IsProse(field);
    case FieldDescriptor::CPPTYPE_ENUM:
    case FieldDescriptor::CPPTYPE_BOOL:
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_INT64:
      return true;
    default:
      return false;
  }
}

// What is made of a field.
enum class FieldUse { kNone, kWalked, kScalar };
using FieldUses = absl::flat_hash_map<const FieldDescriptor*, FieldUse>;

void AddUses(const Descriptor* type, FieldUses& uses) {
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    const bool message = field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
    const bool walked = message && !IsOpaque(field->message_type());
    const FieldUse use = walked                                ? FieldUse::kWalked
                         : !message && IsIndexedScalar(*field) ? FieldUse::kScalar
                                                               : FieldUse::kNone;
    if (uses.emplace(field, use).second && walked) AddUses(field->message_type(), uses);
  }
}

// Of every field within a record, worked out once: each version asks for all of its.
FieldUse UseOf(const FieldDescriptor* field) {
  static const FieldUses* const kUses = [] {
    auto* uses = new FieldUses;
    AddUses(v1::Record::descriptor(), *uses);
    return uses;
  }();
  return kUses->at(field);
}

// Of the record itself only the bodies are walked.
bool IsBody(const FieldDescriptor& field) {
  return field.containing_type() == v1::Record::descriptor() && field.containing_oneof() != nullptr;
}

int32_t DayOf(int64_t seconds) {
  int64_t day = seconds / kSecondsPerDay;
  if (seconds % kSecondsPerDay < 0) --day;
  return static_cast<int32_t>(day);
}

class Extractor {
 public:
  Extractor(const TermHasher& hasher, VersionTerms& out) : hasher_(hasher), out_(out) {}

  void Walk(const Message& message, uint64_t path, int depth) {
    if (message.GetDescriptor() == v1::Reference::descriptor()) {
      AddMention(static_cast<const v1::Reference&>(message).target());
    } else if (message.GetDescriptor() == v1::Evidence::descriptor()) {
      const auto& evidence = static_cast<const v1::Evidence&>(message);
      if (!evidence.source_revision().empty() && !evidence.source().target().empty()) {
        AddMention(
            domain::MakeReferenceTarget(evidence.source().target(), evidence.source_revision()));
      }
    } else if (message.GetDescriptor() == v1::Place::descriptor()) {
      AddPlace(static_cast<const v1::Place&>(message).path(), path);
    }
    const Reflection* reflection = message.GetReflection();
    std::vector<const FieldDescriptor*> fields;
    reflection->ListFields(message, &fields);
    for (const FieldDescriptor* field : fields) {
      const uint64_t step = hasher_.Step(path, *field);
      if (depth == 1) Add(hasher_.Present(step));
      const FieldUse use = UseOf(field);
      if (use == FieldUse::kWalked) {
        if (!field->is_repeated()) {
          Walk(reflection->GetMessage(message, field), step, depth + 1);
          continue;
        }
        for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
          Walk(reflection->GetRepeatedMessage(message, field, i), step, depth + 1);
        }
      } else if (use == FieldUse::kScalar) {
        AddScalars(message, *field, step);
      }
    }
  }

 private:
  void Add(uint64_t term) { out_.terms.push_back(term); }

  void AddMention(const std::string& target) {
    if (target.empty()) return;
    Add(hasher_.Mentions(target));
    const size_t element = target.find('#');
    if (element != std::string::npos) {
      Add(hasher_.Mentions(absl::string_view(target).substr(0, element)));
    }
  }

  void AddPlace(absl::string_view place_path, uint64_t path) {
    for (size_t end = 0; end < place_path.size();) {
      end = std::min(place_path.find('/', end + 1), place_path.size());
      Add(hasher_.Within(path, place_path.substr(0, end)));
    }
  }

  void AddScalars(const Message& message, const FieldDescriptor& field, uint64_t path) {
    const Reflection* reflection = message.GetReflection();
    const int count = field.is_repeated() ? reflection->FieldSize(message, &field) : 1;
    std::string scratch;
    for (int i = 0; i < count; ++i) {
      const bool repeated = field.is_repeated();
      switch (field.cpp_type()) {
        case FieldDescriptor::CPPTYPE_STRING:
          Add(hasher_.Equals(
              path, repeated ? reflection->GetRepeatedStringReference(message, &field, i, &scratch)
                             : reflection->GetStringReference(message, &field, &scratch)));
          break;
        case FieldDescriptor::CPPTYPE_ENUM:
          Add(hasher_.Equals(path,
                             int64_t{repeated ? reflection->GetRepeatedEnumValue(message, &field, i)
                                              : reflection->GetEnumValue(message, &field)}));
          break;
        case FieldDescriptor::CPPTYPE_BOOL:
          Add(hasher_.Equals(path,
                             int64_t{repeated ? reflection->GetRepeatedBool(message, &field, i)
                                              : reflection->GetBool(message, &field)}));
          break;
        case FieldDescriptor::CPPTYPE_INT32:
          Add(hasher_.Equals(path,
                             int64_t{repeated ? reflection->GetRepeatedInt32(message, &field, i)
                                              : reflection->GetInt32(message, &field)}));
          break;
        default:
          Add(hasher_.Equals(path, repeated ? reflection->GetRepeatedInt64(message, &field, i)
                                            : reflection->GetInt64(message, &field)));
      }
    }
  }

  const TermHasher& hasher_;
  VersionTerms& out_;
};

// Widens the days of `out` by where a time may lie.
void AddDays(const v1::FuzzyTime& time, VersionTerms& out) {
  const int32_t first =
      time.has_earliest_begin_time() ? DayOf(time.earliest_begin_time().seconds()) : -kNoDay;
  const int32_t last =
      time.has_latest_end_time() ? DayOf(time.latest_end_time().seconds()) : kNoDay;
  out.first_day = std::min(out.first_day, first);
  out.last_day = std::max(out.last_day, last);
}

void AddTimes(const v1::Record& record, VersionTerms& out) {
  const v1::RecordKind kind = domain::KindOfBody(record);
  const FieldDescriptor* field = PrimaryTimeField(kind);
  if (field == nullptr) return;
  if (const auto time = PrimaryTimeOf(record)) out.time = *time;
  const Message& body = *domain::BodyOf(record);
  const Reflection* reflection = body.GetReflection();
  if (reflection->HasField(body, field)) {
    AddDays(static_cast<const v1::FuzzyTime&>(reflection->GetMessage(body, field)), out);
  }
  const FieldDescriptor* assertions = body.GetDescriptor()->FindFieldByName("assertions");
  for (int i = 0; i < reflection->FieldSize(body, assertions); ++i) {
    const auto& assertion =
        static_cast<const v1::Assertion&>(reflection->GetRepeatedMessage(body, assertions, i));
    if (assertion.path() == field->name() && assertion.value().has_time_value()) {
      AddDays(assertion.value().time_value(), out);
    }
  }
}

void AddWords(const v1::Record& record, VersionTerms& out) {
  ForEachText(record, [&](const SearchableText& text) {
    ForEachWord(text.text, [&](absl::string_view word) {
      out.words.push_back(
          {static_cast<unsigned char>(text.weight), std::string(word.data(), word.size())});
    });
  });
}

// By what an actor is found in screening.
void AddScreeningKeys(const v1::Actor& actor, const TermHasher& hasher, VersionTerms& out) {
  for (const ScreenedName& name : ScreenedNamesOf(actor)) {
    for (const std::string& key : CandidateKeys(AnalyzeName(name, actor.type()))) {
      out.terms.push_back(hasher.NameKey(key));
    }
  }
  for (const v1::Identifier& identifier : actor.identifiers()) {
    const std::string folded = FoldIdentifier(identifier.value());
    if (!folded.empty()) out.terms.push_back(hasher.IdentifierKey(folded));
  }
}

template <typename T>
void SortUnique(std::vector<T>& values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
}

}  // namespace

FieldPath PathTo(std::initializer_list<const char*> steps) {
  FieldPath path;
  const Descriptor* type = v1::Record::descriptor();
  for (const char* step : steps) {
    path.push_back(type->FindFieldByName(step));
    type = path.back()->message_type();
  }
  return path;
}

uint64_t TermHasher::Hash(char tag, uint64_t path, absl::string_view value) const {
  return XXH3_64bits_withSeed(value.data(), value.size(),
                              path ^ (static_cast<uint64_t>(tag) << 56));
}

uint64_t TermHasher::Step(uint64_t path, const FieldDescriptor& field) const {
  const int32_t number = field.number();
  return XXH3_64bits_withSeed(&number, sizeof number, path ^ key_);
}

uint64_t TermHasher::PathOf(const FieldPath& path) const {
  uint64_t hash = Root();
  for (const FieldDescriptor* field : path) hash = Step(hash, *field);
  return hash;
}

uint64_t TermHasher::Kind(v1::RecordKind kind) const {
  const char byte = static_cast<char>(kind);
  return Hash('k', key_, absl::string_view(&byte, 1));
}

uint64_t TermHasher::Equals(uint64_t path, absl::string_view text) const {
  return Hash('t', path, text);
}

uint64_t TermHasher::Equals(uint64_t path, int64_t number) const {
  char bytes[sizeof number];
  std::memcpy(bytes, &number, sizeof number);
  return Hash('n', path, absl::string_view(bytes, sizeof bytes));
}

uint64_t TermHasher::Present(uint64_t path) const { return Hash('p', path, ""); }

uint64_t TermHasher::Within(uint64_t path, absl::string_view place_path) const {
  return Hash('w', path, place_path);
}

uint64_t TermHasher::Mentions(absl::string_view target) const { return Hash('m', key_, target); }

uint64_t TermHasher::HasAssertions() const { return Hash('a', key_, ""); }

uint64_t TermHasher::NameKey(absl::string_view key) const { return Hash('s', key_, key); }

uint64_t TermHasher::IdentifierKey(absl::string_view key) const { return Hash('i', key_, key); }

bool HasEqualsTerm(const FieldPath& path, const Operand& operand) {
  if (path.size() < 2 || !IsBody(*path[0])) return false;
  for (size_t i = 0; i + 1 < path.size(); ++i) {
    if (IsOpaque(path[i]->message_type())) return false;
  }
  if (!IsIndexedScalar(*path.back())) return false;
  if (const auto* text = std::get_if<std::string>(&operand)) return !text->empty();
  if (const auto* number = std::get_if<int64_t>(&operand)) return *number != 0;
  if (const auto* truth = std::get_if<bool>(&operand)) return *truth;
  return false;
}

bool HasPresentTerm(const FieldPath& path) { return path.size() == 2 && IsBody(*path[0]); }

VersionTerms TermsOf(const v1::Record& record, const TermHasher& hasher) {
  VersionTerms out;
  out.terms.reserve(64);
  out.words.reserve(64);
  out.terms.push_back(hasher.Kind(domain::KindOfBody(record)));
  if (const Message* body = domain::BodyOf(record)) {
    const FieldDescriptor* field = record.GetReflection()->GetOneofFieldDescriptor(
        record, v1::Record::descriptor()->oneof_decl(0));
    Extractor(hasher, out).Walk(*body, hasher.Step(hasher.Root(), *field), 1);
    if (body->GetReflection()->FieldSize(
            *body, body->GetDescriptor()->FindFieldByName("assertions")) > 1) {
      out.terms.push_back(hasher.HasAssertions());
    }
    AddTimes(record, out);
    AddWords(record, out);
    if (record.has_actor()) AddScreeningKeys(record.actor(), hasher, out);
  }
  SortUnique(out.terms);
  SortUnique(out.words);
  return out;
}

}  // namespace communique::query
