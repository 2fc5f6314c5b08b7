#include "service/query/filter_literal.h"

#include <cmath>
#include <limits>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "communique/v1/place.pb.h"
#include "communique/v1/reference.pb.h"
#include "communique/v1/time.pb.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/timestamp.pb.h"
#include "service/base/error.h"
#include "service/query/filter_path.h"

namespace communique::query {
namespace {

using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;

// The range of google.protobuf.Duration, in seconds either way: 10,000 years.
constexpr int64_t kMaxDurationSeconds = 315'576'000'000;
constexpr absl::CivilSecond kEpoch(1970, 1, 1, 0, 0, 0);

bool IsOrder(Comparator comparator) {
  return comparator == Comparator::kLess || comparator == Comparator::kLessEqual ||
         comparator == Comparator::kGreater || comparator == Comparator::kGreaterEqual;
}

FilterOp OpOf(Comparator comparator) {
  switch (comparator) {
    case Comparator::kLess:
      return FilterOp::kLess;
    case Comparator::kLessEqual:
      return FilterOp::kLessEqual;
    case Comparator::kGreater:
      return FilterOp::kGreater;
    case Comparator::kGreaterEqual:
      return FilterOp::kGreaterEqual;
    default:
      return FilterOp::kEquals;
  }
}

bool AllDigits(absl::string_view text) {
  for (const char c : text) {
    if (!absl::ascii_isdigit(c)) return false;
  }
  return !text.empty();
}

// "10s", "-1.5s": as protobuf writes a Duration in JSON.
std::optional<TimePoint> ParseDuration(absl::string_view text) {
  const bool negative = absl::ConsumePrefix(&text, "-");
  if (!absl::ConsumeSuffix(&text, "s")) return std::nullopt;
  const size_t dot = text.find('.');
  const absl::string_view whole = text.substr(0, dot);
  std::string fraction;
  if (dot != absl::string_view::npos) {
    fraction = std::string(text.substr(dot + 1));
    if (!AllDigits(fraction) || fraction.size() > 9) return std::nullopt;
    fraction.resize(9, '0');
  }
  TimePoint duration;
  if (!AllDigits(whole) || !absl::SimpleAtoi(whole, &duration.seconds) ||
      duration.seconds > kMaxDurationSeconds ||
      (!fraction.empty() && !absl::SimpleAtoi(fraction, &duration.nanos))) {
    return std::nullopt;
  }
  if (negative) duration = {-duration.seconds, -duration.nanos};
  return duration;
}

// The values of ours begin with the enum's name: what stands before
// "UNSPECIFIED" in the first.
absl::string_view PrefixOf(const EnumDescriptor& type) {
  absl::string_view prefix = type.value(0)->name();
  return absl::ConsumeSuffix(&prefix, "UNSPECIFIED") ? prefix : absl::string_view();
}

std::optional<Operand> TypeEnum(const EnumDescriptor& type, const std::string& text,
                                std::string& expected) {
  const absl::string_view prefix = PrefixOf(type);
  std::vector<std::string> names;
  for (int i = 0; i < type.value_count(); ++i) {
    const std::string& name = type.value(i)->name();
    names.emplace_back(absl::StripPrefix(name, prefix));
    if (absl::EqualsIgnoreCase(text, name) || absl::EqualsIgnoreCase(text, names.back())) {
      return static_cast<int64_t>(type.value(i)->number());
    }
  }
  expected =
      absl::StrCat("one of ", ListNames(names), SuggestName(absl::AsciiStrToUpper(text), names));
  return std::nullopt;
}

std::optional<Operand> TypeInteger(const std::string& text, int64_t min, int64_t max,
                                   std::string& expected) {
  int64_t value = 0;
  if (absl::SimpleAtoi(text, &value) && value >= min && value <= max) return value;
  expected = absl::StrCat("an integer from ", min, " to ", max);
  return std::nullopt;
}

std::optional<Operand> TypeNumber(const std::string& text, std::string& expected) {
  double value = 0;
  if (absl::SimpleAtod(text, &value) && std::isfinite(value)) return value;
  expected = "a finite number such as 12 or 0.5";
  return std::nullopt;
}

template <typename T>
std::optional<Operand> TypeIn(const std::string& text, std::string& expected) {
  return TypeInteger(text, std::numeric_limits<T>::min(), std::numeric_limits<T>::max(), expected);
}

std::optional<Operand> TypeTime(const FieldDescriptor& field, const std::string& text,
                                std::string& expected) {
  if (field.message_type() == google::protobuf::Timestamp::descriptor()) {
    if (const auto instant = ParseInstant(text)) return *instant;
    expected = "a date (2023-09-12) or an RFC 3339 timestamp (2023-09-12T10:00:00Z)";
  } else {
    if (const auto duration = ParseDuration(text)) return *duration;
    expected = "a duration such as 10s or 1.5s";
  }
  return std::nullopt;
}

std::optional<Operand> TypeLiteral(const FieldDescriptor& field, const std::string& text,
                                   std::string& expected) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return text;
    case FieldDescriptor::CPPTYPE_BOOL:
      if (text == "true" || text == "false") return text == "true";
      expected = "true or false";
      return std::nullopt;
    case FieldDescriptor::CPPTYPE_ENUM:
      return TypeEnum(*field.enum_type(), text, expected);
    case FieldDescriptor::CPPTYPE_INT32:
      return TypeIn<int32_t>(text, expected);
    case FieldDescriptor::CPPTYPE_UINT32:
      return TypeIn<uint32_t>(text, expected);
    case FieldDescriptor::CPPTYPE_INT64:
      return TypeIn<int64_t>(text, expected);
    case FieldDescriptor::CPPTYPE_UINT64:
      return TypeInteger(text, 0, std::numeric_limits<int64_t>::max(), expected);
    case FieldDescriptor::CPPTYPE_DOUBLE:
    case FieldDescriptor::CPPTYPE_FLOAT:
      return TypeNumber(text, expected);
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return TypeTime(field, text, expected);
  }
  return std::nullopt;
}

bool IsTime(const FieldDescriptor& field) {
  return field.message_type() == google::protobuf::Timestamp::descriptor() ||
         field.message_type() == google::protobuf::Duration::descriptor();
}

// How a message that no literal equals is asked about instead.
std::string HintFor(const FieldDescriptor& field, absl::string_view path) {
  const google::protobuf::Descriptor& type = *field.message_type();
  if (&type == v1::FuzzyTime::descriptor()) {
    return absl::StrCat("use definitely(", path, ", ...), possibly(", path, ", ...) or ", path,
                        ".edtf");
  }
  if (&type == v1::Place::descriptor()) {
    return absl::StrCat("use within(", path, ", ...) or ", path, ".display_name");
  }
  if (&type == v1::Reference::descriptor()) {
    return absl::StrCat("use ", path, ".target, ", path, ".text or mentions(...)");
  }
  std::vector<std::string> fields;
  for (int i = 0; i < type.field_count(); ++i) fields.push_back(type.field(i)->name());
  return absl::StrCat("compare one of its fields: ", ListNames(fields));
}

// Why a field of this type cannot be compared so, whatever the literal; empty
// when it can.
std::string DescribeOperatorProblem(const FilterSyntax& comparison, const FieldDescriptor& field) {
  const absl::string_view path = comparison.path.text;
  const std::string is = absl::StrCat(path, " is ", DescribeType(field));
  if (field.type() == FieldDescriptor::TYPE_BYTES)
    return absl::StrCat(is, ", which no filter reads");
  if (field.message_type() != nullptr && !IsTime(field)) {
    return absl::StrCat(is, " and compares with nothing: ", HintFor(field, path));
  }
  const bool ordered = field.cpp_type() != FieldDescriptor::CPPTYPE_BOOL &&
                       field.cpp_type() != FieldDescriptor::CPPTYPE_ENUM;
  if (IsOrder(comparison.comparator) && !ordered) {
    return absl::StrCat(is, ": =, != or : was expected, not ", SignOf(comparison.comparator));
  }
  return "";
}

// Stars are for texts, in = and != only.
std::string DescribeStarProblem(const FilterSyntax& comparison, const FieldDescriptor& field) {
  if (!comparison.literal.has_star()) return "";
  const absl::string_view path = comparison.path.text;
  if (field.cpp_type() != FieldDescriptor::CPPTYPE_STRING) {
    return absl::StrCat(path, " is ", DescribeType(field), ": a value without * was expected; ",
                        path, ":* asks whether it is set");
  }
  if (comparison.comparator == Comparator::kHas) {
    return absl::StrCat(": means contains already: write ", path, ":", comparison.literal.text,
                        ", or ", path, " = ", comparison.literal.written);
  }
  if (IsOrder(comparison.comparator)) {
    return absl::StrCat("* is for = and !=, not ", SignOf(comparison.comparator));
  }
  return "";
}

}  // namespace

std::optional<TypedComparison> TypeComparison(const FilterSyntax& comparison,
                                              const FieldDescriptor& field,
                                              LiteralProblem& problem) {
  problem.position = comparison.comparator_position;
  problem.text = DescribeOperatorProblem(comparison, field);
  if (!problem.text.empty()) return std::nullopt;
  const FilterLiteral& literal = comparison.literal;
  problem.position = literal.position;
  problem.text = DescribeStarProblem(comparison, field);
  if (!problem.text.empty()) return std::nullopt;
  std::string expected;
  auto operand = TypeLiteral(field, literal.text, expected);
  if (!operand) {
    problem.text = absl::StrCat(comparison.path.text, " is ", DescribeType(field), ": ", expected,
                                " was expected, not ", base::Quoted(literal.text));
    return std::nullopt;
  }
  TypedComparison typed{OpOf(comparison.comparator), *std::move(operand)};
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
    if (comparison.comparator == Comparator::kHas) {
      typed = {FilterOp::kContains, absl::AsciiStrToLower(literal.text)};
    } else if (literal.has_star()) {
      typed.op = FilterOp::kWildcard;
    }
  }
  return typed;
}

std::optional<int64_t> ParseDate(absl::string_view text) {
  int year = 0, month = 0, day = 0;
  if (text.size() != 10 || text[4] != '-' || text[7] != '-' || !AllDigits(text.substr(0, 4)) ||
      !AllDigits(text.substr(5, 2)) || !AllDigits(text.substr(8)) ||
      !absl::SimpleAtoi(text.substr(0, 4), &year) || !absl::SimpleAtoi(text.substr(5, 2), &month) ||
      !absl::SimpleAtoi(text.substr(8), &day)) {
    return std::nullopt;
  }
  const absl::CivilDay date(year, month, day);
  // What no calendar has becomes a day of another month.
  if (year < 1 || date.month() != month) return std::nullopt;
  return absl::CivilSecond(date) - kEpoch;
}

std::optional<TimePoint> ParseInstant(absl::string_view text) {
  if (const auto date = ParseDate(text)) return TimePoint{*date, 0};
  absl::Time time;
  std::string error;
  // Abseil also takes years of other lengths, "infinite-future", and spaces.
  if (!ParseDate(text.substr(0, 10)) || text.size() < 20 || text[10] != 'T' ||
      absl::ascii_isspace(text.back()) ||
      !absl::ParseTime(absl::RFC3339_full, text, &time, &error)) {
    return std::nullopt;
  }
  const absl::Duration since = time - absl::UnixEpoch();
  const absl::Duration seconds = absl::Floor(since, absl::Seconds(1));
  return TimePoint{absl::ToInt64Seconds(seconds),
                   static_cast<int32_t>(absl::ToInt64Nanoseconds(since - seconds))};
}

}  // namespace communique::query
