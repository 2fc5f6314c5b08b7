#include "cli/card.h"

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/time/time.h"
#include "cli/terminal.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/timestamp.pb.h"

namespace communique::cli {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// "text (a, b)", where either may be missing.
std::string WithDetails(const std::string& text, const std::vector<std::string>& details) {
  if (details.empty()) return text;
  const std::string joined = absl::StrJoin(details, ", ");
  return text.empty() ? joined : absl::StrCat(text, " (", joined, ")");
}

std::string Quoted(const std::string& text) {
  return text.empty() ? "" : absl::StrCat("\"", Escape(text), "\"");
}

std::string LengthText(const google::protobuf::Duration& d) {
  return absl::FormatDuration(absl::Seconds(d.seconds()) + absl::Nanoseconds(d.nanos()));
}

// Messages that read better in one line; nullopt for the others.
std::optional<std::string> Inline(const Message& message) {
  const auto* type = message.GetDescriptor();
  if (type == v1::FuzzyTime::descriptor()) {
    return FuzzyTimeText(static_cast<const v1::FuzzyTime&>(message));
  }
  if (type == v1::FuzzyDuration::descriptor()) {
    const auto& length = static_cast<const v1::FuzzyDuration&>(message);
    std::vector<std::string> details;
    if (!length.iso_duration().empty()) details.push_back(Escape(length.iso_duration()));
    if (length.bound() != 0)
      details.push_back(EnumWord(*v1::DurationBound_descriptor(), length.bound()));
    return WithDetails(Quoted(length.text()), details);
  }
  if (type == v1::Reference::descriptor()) {
    const auto& reference = static_cast<const v1::Reference&>(message);
    if (reference.target().empty()) return Quoted(reference.text());
    return WithDetails(Escape(reference.target()),
                       reference.text().empty()
                           ? std::vector<std::string>()
                           : std::vector<std::string>{Quoted(reference.text())});
  }
  if (type == v1::Quantity::descriptor()) {
    const auto& quantity = static_cast<const v1::Quantity&>(message);
    return WithDetails(Quoted(quantity.text()),
                       {absl::StrCat(quantity.approximate() ? "about " : "", quantity.value(), " ",
                                     Escape(quantity.unit()))});
  }
  if (type == v1::LocalizedText::descriptor()) {
    const auto& text = static_cast<const v1::LocalizedText&>(message);
    return absl::StrCat(Escape(text.text()), text.language_code().empty() ? "" : " [",
                        Escape(text.language_code()), text.language_code().empty() ? "" : "]");
  }
  if (type == v1::ComputedState::descriptor()) {
    return StateText(static_cast<const v1::ComputedState&>(message));
  }
  if (type == google::protobuf::Timestamp::descriptor()) {
    return TimeOf(static_cast<const google::protobuf::Timestamp&>(message));
  }
  if (type == google::protobuf::Duration::descriptor()) {
    return LengthText(static_cast<const google::protobuf::Duration&>(message));
  }
  return std::nullopt;
}

// One value of a field that is no message; `index` below 0: it is not repeated.
std::string Scalar(const Message& message, const FieldDescriptor& field, int index) {
  const auto& r = *message.GetReflection();
  const bool one = index < 0;
  std::string scratch;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return absl::StrCat(one ? r.GetInt32(message, &field)
                              : r.GetRepeatedInt32(message, &field, index));
    case FieldDescriptor::CPPTYPE_INT64:
      return absl::StrCat(one ? r.GetInt64(message, &field)
                              : r.GetRepeatedInt64(message, &field, index));
    case FieldDescriptor::CPPTYPE_UINT32:
      return absl::StrCat(one ? r.GetUInt32(message, &field)
                              : r.GetRepeatedUInt32(message, &field, index));
    case FieldDescriptor::CPPTYPE_UINT64:
      return absl::StrCat(one ? r.GetUInt64(message, &field)
                              : r.GetRepeatedUInt64(message, &field, index));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return absl::StrCat(one ? r.GetDouble(message, &field)
                              : r.GetRepeatedDouble(message, &field, index));
    case FieldDescriptor::CPPTYPE_FLOAT:
      return absl::StrCat(one ? r.GetFloat(message, &field)
                              : r.GetRepeatedFloat(message, &field, index));
    case FieldDescriptor::CPPTYPE_BOOL:
      return (one ? r.GetBool(message, &field) : r.GetRepeatedBool(message, &field, index)) ? "yes"
                                                                                            : "no";
    case FieldDescriptor::CPPTYPE_ENUM:
      return EnumWord(*field.enum_type(), one ? r.GetEnumValue(message, &field)
                                              : r.GetRepeatedEnumValue(message, &field, index));
    case FieldDescriptor::CPPTYPE_STRING: {
      const std::string& text =
          one ? r.GetStringReference(message, &field, &scratch)
              : r.GetRepeatedStringReference(message, &field, index, &scratch);
      return field.type() == FieldDescriptor::TYPE_BYTES ? absl::BytesToHexString(text)
                                                         : Escape(text);
    }
    case FieldDescriptor::CPPTYPE_MESSAGE:
      break;
  }
  return {};
}

class Printer {
 public:
  explicit Printer(Output& output) : output_(output) {}

  // `first` stands before the first line instead of its indentation ("  - ").
  void Fields(const Message& message, std::string first, const std::string& indent) {
    std::vector<const FieldDescriptor*> fields;
    message.GetReflection()->ListFields(message, &fields);
    if (fields.empty()) output_.Line(first + "-");
    for (const FieldDescriptor* field : fields) {
      Field(message, *field, first, indent);
      first = indent;
    }
  }

  void Field(const Message& message, const FieldDescriptor& field, const std::string& first,
             const std::string& indent) {
    const auto& reflection = *message.GetReflection();
    const std::string label =
        output_.Dim(absl::StrCat(absl::StrReplaceAll(field.name(), {{"_", " "}}), ":"));
    const bool is_message = field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
    if (!field.is_repeated()) {
      if (!is_message)
        return output_.Line(absl::StrCat(first, label, " ", Scalar(message, field, -1)));
      const Message& value = reflection.GetMessage(message, &field);
      if (const auto text = Inline(value)) {
        return output_.Line(absl::StrCat(first, label, " ", *text));
      }
      output_.Line(first + label);
      return Fields(value, indent + "  ", indent + "  ");
    }
    const int size = reflection.FieldSize(message, &field);
    if (size == 1 || !is_message) {  // Short ones share the line of the label.
      std::vector<std::string> values;
      for (int i = 0; i < size; ++i) {
        const auto text = is_message ? Inline(reflection.GetRepeatedMessage(message, &field, i))
                                     : std::optional<std::string>(Scalar(message, field, i));
        if (text.has_value()) values.push_back(*text);
      }
      if (!values.empty()) {
        return output_.Line(absl::StrCat(first, label, " ", absl::StrJoin(values, ", ")));
      }
    }
    output_.Line(first + label);
    for (int i = 0; i < size; ++i) {
      const Message& value = reflection.GetRepeatedMessage(message, &field, i);
      if (const auto text = Inline(value)) {
        output_.Line(absl::StrCat(indent, "  - ", *text));
      } else {
        Fields(value, indent + "  - ", indent + "    ");
      }
    }
  }

 private:
  Output& output_;
};

}  // namespace

std::string FuzzyTimeText(const v1::FuzzyTime& time) {
  std::vector<std::string> details;
  if (!time.edtf().empty()) details.push_back(Escape(time.edtf()));
  if (time.part_of_day() != 0)
    details.push_back(EnumWord(*v1::PartOfDay_descriptor(), time.part_of_day()));
  if (!time.time_zones().empty()) {
    details.push_back(Escape(absl::StrJoin(time.time_zones(), " or ")));
  }
  if (time.has_tolerance()) details.push_back(absl::StrCat("± ", LengthText(time.tolerance())));
  if (time.text().empty()) return absl::StrJoin(details, ", ");
  return WithDetails(Quoted(time.text()), details);
}

void PrintCard(const v1::Record& record, Output& output) {
  const std::string title = Escape(TitleOf(record));
  output.Line(absl::StrCat(output.Bold(Escape(record.name())), title.empty() ? "" : "  ", title));
  Printer printer(output);
  const auto* body = record.GetReflection()->GetOneofFieldDescriptor(
      record, record.GetDescriptor()->oneof_decl(0));
  if (body != nullptr) {
    printer.Fields(record.GetReflection()->GetMessage(record, body), "  ", "  ");
  }
  v1::Record envelope = record;
  envelope.clear_kind();
  envelope.clear_name();
  output.Line("");
  printer.Fields(envelope, "  ", "  ");
}

void PrintFields(const Message& message, Output& output) {
  Printer(output).Fields(message, "", "");
}

}  // namespace communique::cli
