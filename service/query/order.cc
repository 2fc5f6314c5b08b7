#include "service/query/order.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/timestamp.pb.h"
#include "service/base/error.h"
#include "service/base/limits.h"
#include "service/domain/names.h"

namespace communique::query {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// The field of a record that holds bodies of the kind; null for UNSPECIFIED.
const FieldDescriptor* BodyField(v1::RecordKind kind) {
  return v1::Record::descriptor()->FindFieldByName(std::string(domain::SingularOf(kind)));
}

// --- Parsing -----------------------------------------------------------------------

// Whether values of the type have an order though they are messages.
bool IsOrderedMessage(const Descriptor* type) {
  return type == v1::FuzzyTime::descriptor() ||
         type == google::protobuf::Timestamp::descriptor() ||
         type == google::protobuf::Duration::descriptor();
}

bool IsMessage(const FieldDescriptor* field) {
  return field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
}

bool HasOrder(const FieldDescriptor* field) {
  return !field->is_repeated() && (!IsMessage(field) || IsOrderedMessage(field->message_type()));
}

// What to write instead of a message that has no order.
std::string HintFor(const FieldDescriptor* field, absl::string_view path) {
  const Descriptor* type = field->message_type();
  for (int i = 0; i < type->field_count(); ++i) {
    if (HasOrder(type->field(i))) {
      return absl::StrCat("; name a field of it, such as \"", path, ".", type->field(i)->name(),
                          "\"");
    }
  }
  return "";
}

// Reads one order_by. Positions are in bytes from 0, as in filters.
class OrderParser {
 public:
  OrderParser(absl::string_view text, v1::RecordKind kind)
      : text_(text), body_(BodyField(kind)) {}

  void Parse() {
    if (absl::StripAsciiWhitespace(text_).empty()) return;
    const std::vector<absl::string_view> terms = absl::StrSplit(text_, ',');
    // One more may be the name.
    if (terms.size() > size_t{base::kMaxOrderFields} + 1) return AddTooMany(terms.size());
    for (absl::string_view term : terms) ParseTerm(term);
    if (fields_.size() > size_t{base::kMaxOrderFields}) AddTooMany(fields_.size());
  }

  absl::Status status() const { return violations_.ToStatus(); }
  std::vector<Order::Field> TakeFields() { return std::move(fields_); }
  bool name_descending() const { return name_descending_; }

 private:
  void ParseTerm(absl::string_view term) {
    const std::vector<absl::string_view> words =
        absl::StrSplit(term, absl::ByAnyChar(" \t\r\n\v\f"), absl::SkipEmpty());
    if (words.empty()) return Add(term, "a field was expected");
    const absl::string_view path = words[0];
    bool descending = false;
    if (words.size() > 1) {
      descending = words[1] == "desc";
      if (!descending && words[1] != "asc") {
        Add(words[1], absl::StrCat("\"asc\", \"desc\" or a comma was expected, found ",
                                   base::Quoted(words[1])));
      } else if (words.size() > 2) {
        Add(words[2], absl::StrCat("a comma was expected, found ", base::Quoted(words[2])));
      }
    }
    if (named_) {
      return Add(path, "no two records have one name: \"name\" has to be the last field");
    }
    if (path == "name") {
      named_ = true;
      name_descending_ = descending;
      return;
    }
    FieldPath fields = Resolve(path);
    if (fields.empty()) return;
    for (const Order::Field& other : fields_) {
      if (other.path == fields) return Add(path, absl::StrCat(base::Quoted(path), " comes twice"));
    }
    fields_.push_back({std::move(fields), descending});
  }

  // Empty, with a violation, when the path leads to nothing that has an order.
  FieldPath Resolve(absl::string_view path) {
    FieldPath fields;
    for (absl::string_view name : absl::StrSplit(path, '.')) {
      if (!fields.empty() && !IsMessage(fields.back())) {
        return Refuse(path, fields.back(), "has no fields");
      }
      const FieldDescriptor* field = FindNext(name, fields);
      if (field == nullptr) {
        const Descriptor* type =
            fields.empty() ? v1::Record::descriptor() : fields.back()->message_type();
        Add(name, absl::StrCat(base::Quoted(path), ": ", type->name(), " has no field ",
                               base::Quoted(name)));
        return {};
      }
      if (fields.empty() && !IsStored(field)) {
        return Refuse(path, field, "is in no stored record of this kind");
      }
      if (field->is_repeated()) {
        return Refuse(path, field, "is repeated and has no one value to order by");
      }
      fields.push_back(field);
    }
    const FieldDescriptor* last = fields.back();
    if (HasOrder(last)) return fields;
    return Refuse(path, last,
                  absl::StrCat("is a message, ", last->message_type()->name(),
                               ", which has no order", HintFor(last, path)));
  }

  // What `name` is after `path`. The first is a field of the record, or else one
  // of its body, to which `path` is led. Null when there is none.
  const FieldDescriptor* FindNext(absl::string_view name, FieldPath& path) const {
    const std::string text(name);
    if (path.empty()) {
      const FieldDescriptor* field = v1::Record::descriptor()->FindFieldByName(text);
      if (field != nullptr || body_ == nullptr) return field;
      path.push_back(body_);
    }
    return path.back()->message_type()->FindFieldByName(text);
  }

  // Not what only answers have, nor the bodies of other kinds.
  bool IsStored(const FieldDescriptor* field) const {
    if (field->real_containing_oneof() != nullptr) return field == body_;
    return field->number() < v1::Record::kRedirectedFromFieldNumber;
  }

  FieldPath Refuse(absl::string_view path, const FieldDescriptor* field, absl::string_view why) {
    Add(path, absl::StrCat(base::Quoted(path), ": \"", field->name(), "\" ", why));
    return {};
  }

  void AddTooMany(size_t count) {
    violations_.Add("order_by", absl::StrCat("has ", count, " fields; at most ",
                                             base::kMaxOrderFields, " and the name count"));
  }

  // `at` is a part of the text.
  void Add(absl::string_view at, absl::string_view what) {
    violations_.Add("order_by",
                    absl::StrCat("at character ", at.data() - text_.data(), ": ", what));
  }

  const absl::string_view text_;
  const FieldDescriptor* const body_;
  std::vector<Order::Field> fields_;
  bool named_ = false;
  bool name_descending_ = false;
  base::Violations violations_;
};

// --- Keys --------------------------------------------------------------------------

// Keys compare as bytes, and none is a prefix of another of its order, so that
// those of several fields can stand one after the other. Each begins with one of
// these, never inverted: what is unset comes last either way.
constexpr char kSet = '\x01';
constexpr char kUnset = '\x02';

void AppendUnsigned(uint64_t value, std::string& key) {
  for (int shift = 56; shift >= 0; shift -= 8) key.push_back(static_cast<char>(value >> shift));
}

void AppendSigned(int64_t value, std::string& key) {
  AppendUnsigned(static_cast<uint64_t>(value) ^ (uint64_t{1} << 63), key);
}

// IEEE 754's totalOrder: the bits of what is negative count backwards.
void AppendDouble(double value, std::string& key) {
  const auto bits = std::bit_cast<uint64_t>(value);
  const bool negative = (bits >> 63) != 0;
  AppendUnsigned(negative ? ~bits : bits | (uint64_t{1} << 63), key);
}

// 00 01 ends the text; a 00 in it is 00 ff.
void AppendText(absl::string_view text, std::string& key) {
  for (char c : base::CutText(text, base::kMaxSortKeyTextBytes)) {
    key.push_back(c);
    if (c == '\0') key.push_back('\xff');
  }
  key.append("\0\x01", 2);
}

// The second at which a time begins at the earliest; nullopt without a date.
std::optional<int64_t> FirstSecondOf(const v1::FuzzyTime& time) {
  if (time.edtf().empty()) return std::nullopt;
  return time.has_earliest_begin_time() ? time.earliest_begin_time().seconds()
                                        : std::numeric_limits<int64_t>::min();
}

// Appends what a set field counts; nothing when a message has nothing that does.
void AppendValue(const Message& parent, const FieldDescriptor* field, std::string& key) {
  const Reflection* reflection = parent.GetReflection();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      return key.push_back(reflection->GetBool(parent, field) ? 1 : 0);
    case FieldDescriptor::CPPTYPE_INT32:
      return AppendSigned(reflection->GetInt32(parent, field), key);
    case FieldDescriptor::CPPTYPE_INT64:
      return AppendSigned(reflection->GetInt64(parent, field), key);
    case FieldDescriptor::CPPTYPE_UINT32:
      return AppendUnsigned(reflection->GetUInt32(parent, field), key);
    case FieldDescriptor::CPPTYPE_UINT64:
      return AppendUnsigned(reflection->GetUInt64(parent, field), key);
    case FieldDescriptor::CPPTYPE_ENUM:
      return AppendSigned(reflection->GetEnumValue(parent, field), key);
    case FieldDescriptor::CPPTYPE_FLOAT:
      return AppendDouble(reflection->GetFloat(parent, field), key);
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return AppendDouble(reflection->GetDouble(parent, field), key);
    case FieldDescriptor::CPPTYPE_STRING:
      return AppendText(reflection->GetString(parent, field), key);
    case FieldDescriptor::CPPTYPE_MESSAGE:
      break;
  }
  const Message& value = reflection->GetMessage(parent, field);
  if (value.GetDescriptor() == v1::FuzzyTime::descriptor()) {
    const auto seconds = FirstSecondOf(static_cast<const v1::FuzzyTime&>(value));
    if (seconds) AppendSigned(*seconds, key);
  } else if (value.GetDescriptor() == google::protobuf::Timestamp::descriptor()) {
    const auto& time = static_cast<const google::protobuf::Timestamp&>(value);
    AppendSigned(time.seconds(), key);
    AppendSigned(time.nanos(), key);
  } else {
    const auto& duration = static_cast<const google::protobuf::Duration&>(value);
    AppendSigned(duration.seconds(), key);
    AppendSigned(duration.nanos(), key);
  }
}

// Empty when the field, or a message on the way to it, is not set.
std::string ValueAt(const v1::Record& record, const FieldPath& path) {
  const Message* message = &record;
  for (size_t i = 0; i + 1 < path.size(); ++i) {
    if (!message->GetReflection()->HasField(*message, path[i])) return "";
    message = &message->GetReflection()->GetMessage(*message, path[i]);
  }
  std::string value;
  if (message->GetReflection()->HasField(*message, path.back())) {
    AppendValue(*message, path.back(), value);
  }
  return value;
}

void AppendField(absl::string_view value, bool descending, std::string& key) {
  if (value.empty()) return key.push_back(kUnset);
  key.push_back(kSet);
  for (char c : value) key.push_back(descending ? static_cast<char>(~c) : c);
}

}  // namespace

const FieldDescriptor* PrimaryTimeField(v1::RecordKind kind) {
  switch (kind) {
    case v1::RECORD_KIND_SUMMIT:
      return v1::Summit::descriptor()->FindFieldByNumber(v1::Summit::kTimeFieldNumber);
    case v1::RECORD_KIND_STATEMENT:
      return v1::Statement::descriptor()->FindFieldByNumber(v1::Statement::kTimeFieldNumber);
    case v1::RECORD_KIND_SOURCE:
      return v1::Source::descriptor()->FindFieldByNumber(v1::Source::kPostedTimeFieldNumber);
    default:
      return nullptr;
  }
}

std::optional<int64_t> PrimaryTimeOf(const v1::Record& record) {
  switch (record.kind_case()) {
    case v1::Record::kSummit:
      return FirstSecondOf(record.summit().time());
    case v1::Record::kStatement:
      return FirstSecondOf(record.statement().time());
    case v1::Record::kSource:
      return FirstSecondOf(record.source().posted_time());
    default:
      return std::nullopt;
  }
}

absl::StatusOr<Order> Order::Parse(absl::string_view text, v1::RecordKind kind) {
  OrderParser parser(text, kind);
  parser.Parse();
  if (absl::Status status = parser.status(); !status.ok()) return status;
  Order order;
  order.fields_ = parser.TakeFields();
  order.name_descending_ = parser.name_descending();
  return order;
}

bool Order::by_primary_time(v1::RecordKind kind) const {
  const FieldDescriptor* time = PrimaryTimeField(kind);
  return time != nullptr && fields_.size() == 1 &&
         fields_.front().path == FieldPath{BodyField(kind), time};
}

std::string Order::KeyOf(const v1::Record& record) const {
  std::string key;
  for (const Field& field : fields_) {
    AppendField(ValueAt(record, field.path), field.descending, key);
  }
  return key;
}

std::string TimeKey(std::optional<int64_t> seconds, bool descending) {
  std::string value, key;
  if (seconds) AppendSigned(*seconds, value);
  AppendField(value, descending, key);
  return key;
}

}  // namespace communique::query
